//! Quarters that have been over for as long as the network's profile asks for are frozen: every client's metrics in them
//! stay as they are now.

use crate::{
    features::{benchmark::rules, metric::freezing},
    kernel::{Error, Fault, Write},
};
use entity::benchmark_policy;
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

/// Some clients of a quarter.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        let of = benchmark_policy::Column::NetworkId.eq(write.network()?);
        let policy = write.one(benchmark_policy::Entity::find().filter(of)).await?.ok_or(Fault::Internal)?;
        let delay = rules::delay(rules::profile(policy.profile));
        Ok(freezing::step(write, delay).await?.then(Uuid::nil))
    }
    .boxed()
}
