//! The figures of dashboards: what writes changed of them is folded in, and those of a month that has ended are put
//! aside, also when this was not done on the day after it.

use crate::{
    features::dashboard::rules,
    kernel::{Error, Fault, Write},
};
use chrono::NaiveDate;
use entity::network;
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Changes folded in one step.
const STEP: i64 = 5_000;

/// The month whose figures are to be put aside.
async fn month(write: &Write) -> Result<Option<NaiveDate>, Error> {
    let network = write.find::<network::Entity>(write.network()?).await?.ok_or(Fault::Internal)?;
    let last = write.last_put_aside().await?;
    Ok(rules::month_to_put_aside(last, network.created_at.date_naive(), write.now().date_naive()))
}

/// Whether there is something to fold or to put aside.
pub fn wanted(write: &Write) -> BoxFuture<'_, Result<bool, Error>> {
    async move { Ok(month(write).await?.is_some() || write.tallies_wait().await?) }.boxed()
}

/// Folds some of what there is to fold; once nothing is left of a month that has ended, puts its figures aside.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        let month = month(write).await?;
        // as of the month's end: what fell due since then waits for the next fold
        let as_of = month.map_or(write.now(), rules::end_of);
        match (write.fold_tallies(STEP, as_of).await?, month) {
            (Some(STEP), _) => Ok(Some(Uuid::nil())),
            // what is not folded would not be put aside either
            (None, _) | (_, None) => Ok(None),
            (Some(_), Some(month)) => {
                write.put_tallies_aside(month, as_of).await?;
                Ok(Some(Uuid::nil()))
            }
        }
    }
    .boxed()
}
