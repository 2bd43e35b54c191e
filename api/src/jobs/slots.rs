//! The weeks in which clients check in are laid out a year ahead, for each time zone that a network's clients live in.

use super::networks;
use crate::{
    features::check_in::rules::needed,
    kernel::{Error, Kernel},
};
use chrono::{DateTime, Utc};
use entity::{check_in_slot, client};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use std::sync::Arc;

/// Adds the weeks that are missing.
pub async fn once(kernel: &Arc<Kernel>) -> Result<(), Error> {
    for network in networks(kernel).await? {
        let write = kernel.system(network.id).await?;
        let zones = client::Entity::find()
            .select_only()
            .column(client::Column::TimeZone)
            .column_as(client::Column::CreatedAt.min(), "since")
            .group_by(client::Column::TimeZone);
        let zones: Vec<(String, DateTime<Utc>)> = write.chosen(zones).await?;
        for (zone, since) in zones {
            let needed = needed(network.id, &zone, since, write.now());
            let (Some(first), Some(last)) = (needed.first(), needed.last()) else { continue };
            let there = check_in_slot::Entity::find()
                .filter(check_in_slot::Column::TimeZone.eq(&zone))
                .filter(check_in_slot::Column::StartsOn.between(first.starts_on, last.starts_on));
            if usize::try_from(write.count(there).await?).ok() != Some(needed.len()) {
                let rows = needed.into_iter().map(IntoActiveModel::into_active_model).collect();
                write.pour_missing::<check_in_slot::Entity>(rows).await?;
            }
        }
        write.commit_quietly().await?;
    }
    Ok(())
}
