//! Frozen metrics of a plot.

use super::{Plot, add};
use chrono::NaiveDate;
use concord::kernel::Write;
use entity::{
    Id, metric_period,
    metric_value::{self, Metric},
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

const PERIOD: &str = "2020-Q1";

/// A quarter of long ago that is frozen, once in a network, and a value of the plot's client in it, once for each.
pub async fn measured(write: &Write, plot: &Plot) -> [String; 2] {
    let day = |month, day| NaiveDate::from_ymd_opt(2020, month, day).expect("a day");
    let known = metric_period::Entity::find().filter(metric_period::Column::NetworkId.eq(plot.network));
    let period = match write.one(known).await.expect("a look") {
        Some(known) => known.id,
        None => {
            let row = metric_period::Model {
                id: write.id(),
                network_id: plot.network,
                period: PERIOD.into(),
                starts_on: day(1, 1),
                ends_on: day(3, 31),
                frozen_at: write.now(),
            };
            let id = row.id;
            add::<metric_period::Entity>(write, row).await;
            id
        }
    };
    let known = metric_value::Entity::find().filter(metric_value::Column::ClientId.eq(plot.client));
    let value: Id<metric_value::Entity> = match write.one(known).await.expect("a look") {
        Some(known) => known.id,
        None => {
            let id = write.id();
            let row = metric_value::Model {
                id,
                network_id: plot.network,
                client_id: plot.client,
                period: PERIOD.into(),
                ends_on: day(3, 31),
                metric: Metric::OnTimeActions,
                first_id: id,
                definition_version: 1,
                numerator: Some(4),
                denominator: Some(5),
                value: Some(8_000),
                reason: None,
                frozen_at: write.now(),
            };
            add::<metric_value::Entity>(write, row).await;
            id
        }
    };
    [period.to_string(), value.to_string()]
}
