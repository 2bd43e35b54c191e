//! Series of sessions are topped up as their sessions go by.

use crate::{
    features::session_series::keeping,
    kernel::{Error, Write},
};
use entity::{Id, session_series};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Series that have a place for another session.
pub fn find(write: &Write, _: Option<Uuid>, most: u64) -> BoxFuture<'_, Result<Vec<Uuid>, Error>> {
    async move {
        let waiting = keeping::waiting(write, most).await?;
        Ok(waiting.iter().map(|series| series.id.uuid()).collect())
    }
    .boxed()
}

/// Tops up series.
pub fn each<'a>(write: &'a Write, ids: &'a [Uuid]) -> BoxFuture<'a, Result<(), Error>> {
    async move {
        for id in ids {
            if let Some(series) = write.find::<session_series::Entity>(Id::new(*id)).await? {
                keeping::top_up(write, &series).await?;
            }
        }
        Ok(())
    }
    .boxed()
}
