//! The figures of dashboards: what writes changed of them is folded in, and those of a month that has ended are put
//! aside.

use crate::{
    features::dashboard::rules,
    kernel::{Error, Write},
};
use futures::{FutureExt, future::BoxFuture};
use uuid::Uuid;

/// Changes folded in one step.
const STEP: i64 = 20_000;

/// Folds what there is to fold in a network.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        match write.fold_tallies(STEP).await? {
            Some(STEP) => return Ok(Some(Uuid::nil())),
            // what is not folded would not be put aside either
            None => return Ok(None),
            Some(_) => {}
        }
        if let Some(on) = rules::month_end(write.now()) {
            write.put_tallies_aside(on).await?;
        }
        Ok(None)
    }
    .boxed()
}
