//! Adds missing search entries, for rows that are older than the search or were inserted by a seed. The transaction that
//! writes a row adds the entries of all others. Each searchable table has a job of its own.

use crate::kernel::{Error, Write};
use entity::Scoped;
use futures::{FutureExt, future::BoxFuture};
use serde::Serialize;
use uuid::Uuid;

/// Adds some missing entries, of rows after those of the previous step.
pub fn step<E>(write: &Write, after: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>>
where
    E: Scoped,
    E::Model: Serialize + Send + Sync,
{
    async move { write.index_missing_rows(E::TABLE, after.unwrap_or_default()).await }.boxed()
}
