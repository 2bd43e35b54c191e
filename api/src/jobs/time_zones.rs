//! Computes stored instants anew when the time zone database has another version.

use crate::{
    features::client::local_time,
    kernel::{Error, Fault, Kernel, RequestInfo, Write, zones::data},
};
use entity::zone_data::{Column, Entity, Model};
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Select};
use std::sync::Arc;
use uuid::Uuid;

/// The name of the job, and the verb of its changes in the audit log.
pub const NAME: &str = "zonesRecompute";

fn of_network(write: &Write) -> Result<Select<Entity>, Fault> {
    Ok(Entity::find().filter(Column::NetworkId.eq(write.network()?)))
}

/// The release of the rules that a network's instants follow.
async fn saved_version(write: &Write) -> Result<Option<Model>, Error> {
    write.one(of_network(write)?).await
}

/// Whether instants follow this release, or a later one that another process has.
fn is_current(known: Option<&Model>, version: &str) -> bool {
    known.is_some_and(|known| known.version.as_str() >= version)
}

/// Whether a network's instants follow an earlier release of the rules than this process has.
pub fn wanted(write: &Write) -> BoxFuture<'_, Result<bool, Error>> {
    async move {
        let Some(version) = data().version.as_deref() else { return Ok(false) };
        Ok(!is_current(saved_version(write).await?.as_ref(), version))
    }
    .boxed()
}

/// Recomputes some clients of a network, unless its instants follow this version of the rules or a later one.
pub fn step(write: &Write, after: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        let Some(version) = data().version.as_deref() else { return Ok(None) };
        if is_current(saved_version(write).await?.as_ref(), version) {
            return Ok(None);
        }
        let (reached, _) = local_time::update_step(write, after).await?;
        if reached.is_none() {
            save_version(write, version).await?;
        }
        Ok(reached)
    }
    .boxed()
}

/// Computes all stored instants of all networks anew, whatever version they follow. Returns how many rows changed.
pub async fn recompute(kernel: &Arc<Kernel>) -> Result<usize, Error> {
    let mut changed = 0;
    for network in super::networks(kernel).await? {
        let mut after = None;
        loop {
            let write = kernel.system(network.id).await?.with_verb(NAME, &RequestInfo::default());
            let (reached, here) = local_time::update_step(&write, after).await?;
            changed += here;
            if reached.is_none()
                && let Some(version) = &data().version
            {
                save_version(&write, version).await?;
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

async fn save_version(write: &Write, version: &str) -> Result<(), Error> {
    let (network_id, version) = (write.network()?, version.to_owned());
    let row = Model { network_id, version, computed_at: write.now() };
    match write.lock_one(of_network(write)?).await? {
        Some(known) => write.set::<Entity>(&known, row.into_active_model().reset_all()).await,
        None => write.add_once::<Entity>(row).await.map(drop),
    }
}
