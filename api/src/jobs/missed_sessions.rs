//! Marks sessions as missed that were not held, cancelled or moved within a day after their time.

use crate::{
    features::session::ending,
    kernel::{Error, Write},
};
use entity::{Id, session};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Sessions whose time is over.
pub fn find(write: &Write, _: Option<Uuid>, most: u64) -> BoxFuture<'_, Result<Vec<Uuid>, Error>> {
    async move {
        let overdue = ending::find_missed(write, most).await?;
        Ok(overdue.iter().map(|session| session.id.uuid()).collect())
    }
    .boxed()
}

/// Ends sessions.
pub fn each<'a>(write: &'a Write, ids: &'a [Uuid]) -> BoxFuture<'a, Result<(), Error>> {
    async move {
        for id in ids {
            if let Some(session) = write.find::<session::Entity>(Id::new(*id)).await? {
                ending::close_missed(write, &session).await?;
            }
        }
        Ok(())
    }
    .boxed()
}
