//! Sends members in the morning what is due.

use crate::{
    features::reminder,
    kernel::{Error, Write},
};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Whether a client's morning has come without reminders.
pub fn wanted(write: &Write) -> BoxFuture<'_, Result<bool, Error>> {
    reminder::are_reminders_due(write).boxed()
}

/// Some clients, after those of the step before.
pub fn step(write: &Write, after: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    reminder::remind_clients(write, after).boxed()
}
