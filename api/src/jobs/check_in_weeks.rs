//! Adds the weeks in which clients check in, a year ahead, for each time zone of a network's clients.

use crate::{
    features::check_in::keeping,
    kernel::{Error, Write, Zone},
};
use chrono::{DateTime, Utc};
use entity::client;
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

/// The time zones of a network's clients, each with the instant at which its first client was added.
async fn zones(write: &Write) -> Result<Vec<(String, DateTime<Utc>)>, Error> {
    let zones = client::Entity::find()
        .filter(client::Column::NetworkId.eq(write.network()?))
        .select_only()
        .column(client::Column::TimeZone)
        .column_as(client::Column::CreatedAt.min(), "since")
        .group_by(client::Column::TimeZone);
    write.select_values(zones).await
}

/// Whether weeks are missing in a network.
pub fn wanted(write: &Write) -> BoxFuture<'_, Result<bool, Error>> {
    async move {
        for (zone, since) in zones(write).await? {
            if !keeping::missing_weeks(write, Zone::named(&zone)?, since).await?.is_empty() {
                return Ok(true);
            }
        }
        Ok(false)
    }
    .boxed()
}

/// Adds the weeks that are missing in a network.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        for (zone, since) in zones(write).await? {
            keeping::insert_missing_weeks(write, Zone::named(&zone)?, since).await?;
        }
        Ok(None)
    }
    .boxed()
}
