//! Reviews that nobody held are closed by the clock, and each team keeps some ahead.

use crate::{
    features::review::keeping,
    kernel::{Error, Write},
};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Reviews whose time is over.
pub fn over(write: &Write, _: Option<Uuid>, most: u64) -> BoxFuture<'_, Result<Vec<Uuid>, Error>> {
    keeping::over(write, most).boxed()
}

/// Closes reviews.
pub fn close<'a>(write: &'a Write, ids: &'a [Uuid]) -> BoxFuture<'a, Result<(), Error>> {
    keeping::close(write, ids).boxed()
}

/// Cadences with too few reviews ahead.
pub fn short(write: &Write, _: Option<Uuid>, most: u64) -> BoxFuture<'_, Result<Vec<Uuid>, Error>> {
    keeping::short(write, most).boxed()
}

/// Gives cadences more reviews.
pub fn lengthen<'a>(write: &'a Write, ids: &'a [Uuid]) -> BoxFuture<'a, Result<(), Error>> {
    keeping::lengthen(write, ids).boxed()
}
