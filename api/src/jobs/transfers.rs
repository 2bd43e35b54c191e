//! Transfers of clients take effect when their days are over.

use crate::{
    features::transfer::keeping,
    kernel::{Error, Write},
};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// One transfer; what is done is no longer found.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move { keeping::step(write).await }.boxed()
}
