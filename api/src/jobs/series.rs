//! Series of sessions are topped up as their sessions go by.

use crate::{
    features::session_series::keeping,
    kernel::{Error, Write},
};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Series topped up in one step.
const STEP: u64 = 10;

/// Tops up the series of a network.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        let waiting = keeping::waiting(write, STEP).await?;
        for series in &waiting {
            keeping::top_up(write, series).await?;
        }
        let more = waiting.len() as u64 == STEP;
        Ok(waiting.last().filter(|_| more).map(|series| series.id.uuid()))
    }
    .boxed()
}
