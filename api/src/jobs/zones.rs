//! Stored instants are computed anew when the rules of time zones have changed since they were.

use crate::{
    features::client::local_time,
    kernel::{Asking, Error, Kernel, Write, zones::data},
};
use entity::zone_data::{Column, Entity, Model};
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use std::sync::Arc;
use uuid::Uuid;

/// The name of the job, and the verb of its changes in the audit log.
pub const NAME: &str = "zonesRecompute";

/// Some clients of a network, unless its instants follow this release of the rules, or a later one that another process
/// has.
pub fn step(write: &Write, after: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        let Some(version) = data().version.as_deref() else { return Ok(None) };
        let known = write.one(Entity::find().filter(Column::NetworkId.eq(write.network()?))).await?;
        if known.as_ref().is_some_and(|known| known.version.as_str() >= version) {
            return Ok(None);
        }
        let (reached, _) = local_time::step(write, after).await?;
        if reached.is_none() {
            remember(write, version, known).await?;
        }
        Ok(reached)
    }
    .boxed()
}

/// Computes all stored instants of all networks anew, whatever is remembered. Answers how many rows changed.
pub async fn recompute(kernel: &Arc<Kernel>) -> Result<usize, Error> {
    let mut changed = 0;
    for network in super::networks(kernel).await? {
        let mut after = None;
        loop {
            let write = kernel.system(network.id).await?.doing(NAME, &Asking::default());
            let (reached, here) = local_time::step(&write, after).await?;
            changed += here;
            if reached.is_none()
                && let Some(version) = &data().version
            {
                let known = write.one(Entity::find().filter(Column::NetworkId.eq(network.id))).await?;
                remember(&write, version, known).await?;
            }
            write.commit().await?;
            match reached {
                Some(reached) => after = Some(reached),
                None => break,
            }
        }
    }
    Ok(changed)
}

async fn remember(write: &Write, version: &str, known: Option<Model>) -> Result<(), Error> {
    let (network_id, version) = (write.network()?, version.to_owned());
    let row = Model { network_id, version, computed_at: write.now() };
    match known {
        Some(_) => write.set::<Entity>(row.into_active_model().reset_all()).await,
        None => write.add_once::<Entity>(row).await.map(drop),
    }
}
