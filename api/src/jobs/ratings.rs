//! The ratings of a session are closed a week after it, and what may be told of them is told.

use crate::{
    features::session_rating::keeping,
    kernel::{Error, Write},
};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Sessions dealt with in one step.
const STEP: u64 = 20;

/// Closes the ratings of a network whose time is over.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        let over = keeping::over(write, STEP).await?;
        for session in &over {
            keeping::close(write, session).await?;
        }
        let more = over.len() as u64 == STEP;
        Ok(over.last().filter(|_| more).map(|session| session.id.uuid()))
    }
    .boxed()
}
