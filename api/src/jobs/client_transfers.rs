//! Lets transfers of clients take effect after their days of notice.

use crate::{
    features::transfer::keeping,
    kernel::{Error, Write},
};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Whether the days of a transfer are over.
pub fn wanted(write: &Write) -> BoxFuture<'_, Result<bool, Error>> {
    async move { Ok(write.one(keeping::select_due(write)?).await?.is_some()) }.boxed()
}

/// Completes one transfer. Completed transfers are no longer found.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move { keeping::apply_next_due(write).await }.boxed()
}
