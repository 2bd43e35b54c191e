//! Every team is looked at for signs of drift: some begin and end by nothing but time.

use crate::{
    features::drift::keeping,
    kernel::{Error, Write},
};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Some teams, after those of the step before.
pub fn step(write: &Write, after: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    keeping::step(write, after).boxed()
}
