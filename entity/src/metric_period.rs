//! A quarter whose metrics are frozen.

use crate::{Id, Noun, Placement, Scoped, Table, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "metric_period")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    /// `2026-Q3`.
    pub period: String,
    pub starts_on: Date,
    pub ends_on: Date,
    pub frozen_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "metric_period";
}
impl Scoped for Entity {
    const TABLE: Table = Table::MetricPeriod;
    const PLACEMENT: Placement = Placement::Directory;
}
