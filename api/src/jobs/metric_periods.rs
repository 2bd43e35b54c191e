//! Quarters that have been over for as long as the network's profile asks for are frozen: every client's metrics in them
//! stay as they are now.

use crate::{
    features::{
        benchmark::{self, rules},
        metric::freezing,
    },
    kernel::{Error, Write},
};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Some clients of a quarter.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        // first, as whoever closes releases or erases a client has it
        let policy = benchmark::lock_policy(write).await?;
        let delay = rules::delay_days(rules::profile(policy.profile));
        Ok(freezing::freeze_step(write, delay).await?.then(Uuid::nil))
    }
    .boxed()
}
