//! The releases of benchmarks are closed when their time has come: the period after the last one that was, or to begin
//! with the latest one that can be.

use crate::{
    features::{
        benchmark::{self, rules},
        metric::rules::Quarter,
    },
    kernel::{Error, Fault, Stepwise, today},
};
use entity::network;
use futures::{FutureExt, future::BoxFuture};

/// Closes the periods of a network that are due. `false`: somebody else is closing one.
pub fn close(steps: &Stepwise) -> BoxFuture<'_, Result<bool, Error>> {
    async move {
        while let Some(quarter) = due(steps).await? {
            if benchmark::close(steps, quarter, None).await?.is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }
    .boxed()
}

async fn due(steps: &Stepwise) -> Result<Option<Quarter>, Error> {
    let look = steps.look().await?;
    let policy = benchmark::current_policy(&look).await?;
    let network = look.find::<network::Entity>(steps.network()).await?.ok_or(Fault::Internal)?;
    let last = benchmark::last(&policy);
    let today = today(&network.time_zone, look.now())?;
    let due = rules::due(last, rules::profile(policy.profile), today);
    // a first one needs somebody to count; one after it may publish nothing
    let due = match due {
        Some(quarter) if last.is_some() || benchmark::anyone(&look, quarter).await? => Some(quarter),
        _ => None,
    };
    look.leave().await?;
    Ok(due)
}
