//! Mutations of several transactions: a look at all that is to be done, and then a portion of it at a time, so that
//! other writers wait for a portion and not for all of it.
//!
//! Invariant: the last portion claims the caller's idempotency key. A request that ended before it leaves the key free,
//! so that the same request goes on where this one ended.

use super::{
    door::{TransactionPart, Write, is},
    locked::LockForChange,
};
use crate::{
    access::Permission,
    caller::{Caller, RETRIES},
    error::{Error, Fault},
};
use entity::{Id, Scoped};
use futures::future::BoxFuture;
use sea_orm::QueryFilter;
use std::sync::atomic::Ordering;

impl Caller {
    /// [`Caller::write`] for one transaction of several. The row acted on is locked, unless this is a look.
    pub fn write_part<'a, E: Scoped>(
        &'a self,
        part: TransactionPart,
        permission: Permission,
        id: Option<Id<E>>,
        path: &'a str,
    ) -> BoxFuture<'a, Result<(Write, E::Model), Error>> {
        Box::pin(async move {
            for _ in 0..RETRIES {
                let (write, id) = self.open_part(part, permission, id, path).await?;
                let select = E::find().filter(is(id));
                let select = if part == TransactionPart::Look { select } else { select.lock_for_change() };
                match write.in_reach(select).await? {
                    Some(row) => return Ok((write, row)),
                    None => {
                        write.require_no_alumni(permission, id, path).await?;
                        self.refused_or_stale(write, path).await?;
                    }
                }
            }
            Err(Fault::Conflict.into())
        })
    }

    /// Keeps no answer for the caller's idempotency key: some of the work is left, and the same request is to go on.
    pub fn leave_key_free(&self) {
        self.key_stays_free.store(true, Ordering::Relaxed);
    }
}
