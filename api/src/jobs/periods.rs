//! Quarters that have been over for long enough are frozen: every client's metrics in them stay as they are now.

use crate::{
    features::metric::{freezing, rules::FREEZE_DAYS},
    kernel::{Error, Write},
};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Some clients of a quarter.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move { Ok(freezing::step(write, FREEZE_DAYS).await?.then(Uuid::nil)) }.boxed()
}
