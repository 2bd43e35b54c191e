//! Pulses of alignment rounds open when they are due.

use crate::{
    features::alignment::pulsing,
    kernel::{Error, Write},
};
use entity::{Id, alignment_round};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Rounds whose next pulse is due.
pub fn find(write: &Write, _: Option<Uuid>, most: u64) -> BoxFuture<'_, Result<Vec<Uuid>, Error>> {
    async move {
        let due = pulsing::find_due(write, most).await?;
        Ok(due.iter().map(|round| round.id.uuid()).collect())
    }
    .boxed()
}

/// Opens pulses.
pub fn each<'a>(write: &'a Write, ids: &'a [Uuid]) -> BoxFuture<'a, Result<(), Error>> {
    async move {
        for id in ids {
            if let Some(round) = write.find::<alignment_round::Entity>(Id::new(*id)).await? {
                pulsing::open_pulse(write, &round).await?;
            }
        }
        Ok(())
    }
    .boxed()
}
