//! Adds sessions to series as earlier ones pass.

use crate::{
    features::session_series::keeping,
    kernel::{Error, Write},
};
use entity::{Id, session_series};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Series that need another session.
pub fn find(write: &Write, _: Option<Uuid>, most: u64) -> BoxFuture<'_, Result<Vec<Uuid>, Error>> {
    async move {
        let waiting = keeping::find_due(write, most).await?;
        Ok(waiting.iter().map(|series| series.id.uuid()).collect())
    }
    .boxed()
}

/// Adds sessions to series.
pub fn each<'a>(write: &'a Write, ids: &'a [Uuid]) -> BoxFuture<'a, Result<(), Error>> {
    async move {
        for id in ids {
            if let Some(series) = write.find::<session_series::Entity>(Id::new(*id)).await? {
                keeping::top_up_series(write, &series).await?;
            }
        }
        Ok(())
    }
    .boxed()
}
