//! Each client's risk follows the facts, the network's policy and the clock within 30 seconds.

use crate::{
    features::pulse::keeping,
    kernel::{Error, Write},
};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Whether the risk of a client is to be computed.
pub fn wanted(write: &Write) -> BoxFuture<'_, Result<bool, Error>> {
    keeping::is_due(write).boxed()
}

/// Computes the risk of some clients.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move { Ok(keeping::step(write).await?.then_some(Uuid::nil())) }.boxed()
}
