//! Puts e-mails about notices in the outbox.

use crate::{
    features::notice::mailing,
    kernel::{Error, Write},
};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Whether the e-mail about a notice may be due.
pub fn wanted(write: &Write) -> BoxFuture<'_, Result<bool, Error>> {
    mailing::is_any_due(write).boxed()
}

/// Some notices, the longest due first.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move { Ok(mailing::post_emails(write).await?.then(Uuid::nil)) }.boxed()
}
