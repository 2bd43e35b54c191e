//! Alignment rounds whose last day has ended are sealed, and revealed if their results are not withheld.

use crate::{
    features::alignment::publishing,
    kernel::{Error, Write},
};
use entity::{Id, alignment_round};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Rounds whose last day has ended.
pub fn find(write: &Write, _: Option<Uuid>, most: u64) -> BoxFuture<'_, Result<Vec<Uuid>, Error>> {
    async move {
        let over = publishing::find_over(write, most).await?;
        Ok(over.iter().map(|round| round.id.uuid()).collect())
    }
    .boxed()
}

/// Closes rounds.
pub fn each<'a>(write: &'a Write, ids: &'a [Uuid]) -> BoxFuture<'a, Result<(), Error>> {
    async move {
        for id in ids {
            if let Some(round) = write.find::<alignment_round::Entity>(Id::new(*id)).await? {
                publishing::close_over(write, &round).await?;
            }
        }
        Ok(())
    }
    .boxed()
}
