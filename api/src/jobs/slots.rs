//! The weeks in which clients check in are laid out a year ahead, for each time zone that a network's clients live in.

use crate::{
    features::check_in::rules::needed,
    kernel::{Error, Write},
};
use chrono::{DateTime, Utc};
use entity::{check_in_slot, client};
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use uuid::Uuid;

/// Adds the weeks that are missing in a network.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        let zones = client::Entity::find()
            .filter(client::Column::NetworkId.eq(write.network()?))
            .select_only()
            .column(client::Column::TimeZone)
            .column_as(client::Column::CreatedAt.min(), "since")
            .group_by(client::Column::TimeZone);
        let zones: Vec<(String, DateTime<Utc>)> = write.chosen(zones).await?;
        for (zone, since) in zones {
            let needed = needed(write.network()?, &zone, since, write.now());
            let (Some(first), Some(last)) = (needed.first(), needed.last()) else { continue };
            let there = check_in_slot::Entity::find()
                .filter(check_in_slot::Column::TimeZone.eq(&zone))
                .filter(check_in_slot::Column::StartsOn.between(first.starts_on, last.starts_on));
            if usize::try_from(write.count(there).await?).ok() != Some(needed.len()) {
                let rows = needed.into_iter().map(IntoActiveModel::into_active_model).collect();
                write.pour_missing::<check_in_slot::Entity>(rows).await?;
            }
        }
        Ok(None)
    }
    .boxed()
}
