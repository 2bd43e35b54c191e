//! Every team is looked at for signs of drift: some begin and end by nothing but time.

use crate::{
    features::drift::keeping,
    kernel::{Error, Write},
};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// The teams after one.
pub fn find(write: &Write, after: Option<Uuid>, most: u64) -> BoxFuture<'_, Result<Vec<Uuid>, Error>> {
    keeping::load_team_ids(write, after, most).boxed()
}

/// Looks at teams.
pub fn each<'a>(write: &'a Write, teams: &'a [Uuid]) -> BoxFuture<'a, Result<(), Error>> {
    keeping::update_team_signals(write, teams).boxed()
}
