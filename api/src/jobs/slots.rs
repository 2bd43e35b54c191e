//! The weeks in which clients check in are laid out a year ahead, for each time zone that a network's clients live in.

use crate::{
    features::check_in::keeping,
    kernel::{Error, Write, Zone},
};
use chrono::{DateTime, Utc};
use entity::client;
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
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
            keeping::lay_out(write, Zone::named(&zone)?, since).await?;
        }
        Ok(None)
    }
    .boxed()
}
