//! The ratings of a session are closed a week after it, and what may be told of them is told.

use crate::{
    features::session_rating::keeping,
    kernel::{Error, Write},
};
use entity::{Id, session};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Sessions whose time to be rated is over.
pub fn find(write: &Write, _: Option<Uuid>, most: u64) -> BoxFuture<'_, Result<Vec<Uuid>, Error>> {
    async move {
        let over = keeping::find_closable(write, most).await?;
        Ok(over.iter().map(|session| session.id.uuid()).collect())
    }
    .boxed()
}

/// Closes the ratings of sessions.
pub fn each<'a>(write: &'a Write, ids: &'a [Uuid]) -> BoxFuture<'a, Result<(), Error>> {
    async move {
        for id in ids {
            if let Some(session) = write.find::<session::Entity>(Id::new(*id)).await? {
                keeping::close_ratings(write, &session).await?;
            }
        }
        Ok(())
    }
    .boxed()
}
