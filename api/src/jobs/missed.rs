//! Sessions that nobody held, cancelled or moved are missed a day after their time.

use crate::{
    features::session::ending,
    kernel::{Error, Write},
};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Sessions ended in one step.
const STEP: u64 = 100;

/// Ends what is overdue in a network.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        let overdue = ending::overdue(write, STEP).await?;
        for session in &overdue {
            ending::miss(write, session).await?;
        }
        let more = overdue.len() as u64 == STEP;
        Ok(overdue.last().filter(|_| more).map(|session| session.id.uuid()))
    }
    .boxed()
}
