//! Closes reviews that were not held in time, and keeps some reviews ahead for each team.

use crate::{
    features::review::keeping,
    kernel::{Error, Write},
};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Reviews whose time is over.
pub fn over(write: &Write, _: Option<Uuid>, most: u64) -> BoxFuture<'_, Result<Vec<Uuid>, Error>> {
    keeping::find_closable(write, most).boxed()
}

/// Closes reviews.
pub fn close<'a>(write: &'a Write, ids: &'a [Uuid]) -> BoxFuture<'a, Result<(), Error>> {
    keeping::close_reviews(write, ids).boxed()
}

/// Cadences with too few reviews ahead.
pub fn short(write: &Write, _: Option<Uuid>, most: u64) -> BoxFuture<'_, Result<Vec<Uuid>, Error>> {
    keeping::find_short_cadences(write, most).boxed()
}

/// Gives cadences more reviews.
pub fn lengthen<'a>(write: &'a Write, ids: &'a [Uuid]) -> BoxFuture<'a, Result<(), Error>> {
    keeping::top_up_cadences(write, ids).boxed()
}
