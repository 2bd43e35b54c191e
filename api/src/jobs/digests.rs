//! Puts the digests of facilitators and franchise owners in the outbox on Monday.

use crate::{
    features::notice::digest,
    kernel::{Error, Write},
};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Whether a digest is due.
pub fn wanted(write: &Write) -> BoxFuture<'_, Result<bool, Error>> {
    digest::is_any_due(write).boxed()
}

/// Some people, after those of the step before.
pub fn step(write: &Write, after: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    digest::post_digests(write, after).boxed()
}
