//! What can be found has its entry: rows that were there before searches, and rows poured by seeds, get theirs here.
//! All others have it from the transaction that wrote them. Each searched table has a job of its own.

use crate::kernel::{Error, Write};
use entity::Scoped;
use futures::{FutureExt, future::BoxFuture};
use serde::Serialize;
use uuid::Uuid;

/// Makes some of the entries that lack, of rows after those of the step before.
pub fn step<E>(write: &Write, after: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>>
where
    E: Scoped,
    E::Model: Serialize + Send + Sync,
{
    async move { write.enter_lacking(E::TABLE, after.unwrap_or_default()).await }.boxed()
}
