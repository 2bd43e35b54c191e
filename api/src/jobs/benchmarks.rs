//! The releases of benchmarks are closed when their time has come: the period after the last one that was, or to begin
//! with the latest one that can be.

use crate::{
    features::{
        benchmark::{self, rules},
        metric::freezing,
    },
    kernel::{Error, Fault, Write, today},
};
use entity::network;
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Closes the next period of a network that is due.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        // first, as whoever closes by hand or erases a client has it
        let policy = benchmark::policy(write).await?;
        let network = write.find::<network::Entity>(write.network()?).await?.ok_or(Fault::Internal)?;
        let today = today(&network.time_zone, write.now())?;
        let last = benchmark::last(write).await?;
        let due = rules::due(last, rules::profile(policy.profile), today);
        match due {
            // a first one needs somebody to count; one after it may publish nothing
            Some(quarter) if last.is_some() || benchmark::anyone(write, quarter).await? => {
                // whom it lacks is frozen some at a time, however many there are, and this comes back for the rest
                if freezing::freeze_for_a_while(write, quarter).await? {
                    return Ok(Some(Uuid::nil()));
                }
                benchmark::close(write, quarter).await?;
                // and perhaps the one after it
                Ok(Some(network.id.uuid()))
            }
            _ => Ok(None),
        }
    }
    .boxed()
}
