//! Closes benchmark releases that are due: the period after the last closed one, or, if there is none, the latest possible
//! one.

use crate::{
    features::{
        benchmark::{self, rules},
        metric::rules::Quarter,
    },
    kernel::{Error, Fault, Stepwise, Write, today},
};
use entity::network;
use futures::{FutureExt, future::BoxFuture};

/// Closes the due periods of a network. Returns `false` if another process closes one.
pub fn close(steps: &Stepwise) -> BoxFuture<'_, Result<bool, Error>> {
    async move {
        loop {
            let look = steps.look().await?;
            let due = due(&look).await?;
            look.roll_back().await?;
            let Some(quarter) = due else { return Ok(true) };
            if benchmark::close_releases(steps, quarter, None).await?.is_none() {
                return Ok(false);
            }
        }
    }
    .boxed()
}

/// Whether a period of a network is due.
pub fn wanted(look: &Write) -> BoxFuture<'_, Result<bool, Error>> {
    async move { Ok(due(look).await?.is_some()) }.boxed()
}

/// The due period of a network.
async fn due(look: &Write) -> Result<Option<Quarter>, Error> {
    let policy = benchmark::load_policy(look).await?;
    let network = look.find::<network::Entity>(look.network()?).await?.ok_or(Fault::Internal)?;
    let last = benchmark::last_published(&policy);
    let today = today(&network.time_zone, look.now())?;
    let due = rules::due_period(last, rules::profile(policy.profile), today);
    // a first one needs somebody to count; one after it may publish nothing
    Ok(match due {
        Some(quarter) if last.is_some() || benchmark::has_established_client(look, quarter).await? => {
            Some(quarter)
        }
        _ => None,
    })
}
