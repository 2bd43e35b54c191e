//! Keeps the figures of dashboards: folds the changes that writes have appended, and stores the figures of each month after
//! its end, also after an outage.

use crate::{
    features::dashboard::{fold, rules},
    kernel::{Error, Fault, Write},
};
use chrono::NaiveDate;
use entity::network;
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Changes folded in one statement, and the most such statements in a step.
const PORTION: i64 = 1_000;
const PORTIONS: usize = 5;

/// The ended month whose figures are not stored yet.
async fn month(write: &Write) -> Result<Option<NaiveDate>, Error> {
    let network = write.find::<network::Entity>(write.network()?).await?.ok_or(Fault::Internal)?;
    let last = fold::last_stored_day(write).await?;
    Ok(rules::month_to_store(last, network.created_at.date_naive(), write.now().date_naive()))
}

/// Whether there are changes to fold, or figures of a month to store.
pub fn wanted(write: &Write) -> BoxFuture<'_, Result<bool, Error>> {
    async move { Ok(month(write).await?.is_some() || fold::has_changes(write).await?) }.boxed()
}

/// Folds some changes. Stores the figures of an ended month once all its changes are folded.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        let month = month(write).await?;
        // as of the month's end: what fell due since then waits for the next fold
        let as_of = month.map_or(write.now(), rules::end_of_utc_day);
        let time = write.step_time();
        for _ in 0..PORTIONS {
            match (fold::fold_changes(write, PORTION, as_of).await?, month) {
                (Some(PORTION), _) if time.is_over() => break,
                (Some(PORTION), _) => {}
                // Without the fold, the stored figures would be incomplete.
                (None, _) | (_, None) => return Ok(None),
                (Some(_), Some(month)) => {
                    fold::store_past_figures(write, month, as_of).await?;
                    break;
                }
            }
        }
        Ok(Some(Uuid::nil()))
    }
    .boxed()
}
