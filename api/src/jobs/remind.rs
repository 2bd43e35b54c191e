//! Members are told in the morning what is due.

use crate::{
    features::reminder,
    kernel::{Error, Write},
};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Some clients, after those of the step before.
pub fn step(write: &Write, after: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    reminder::step(write, after).boxed()
}
