//! A closed release of a family of metrics for a period.

use crate::{
    Id, Noun, Placement, Scoped, Table, benchmark_policy::BenchmarkProfile, metric_value::MetricFamily,
    network,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "benchmark_release")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub family: MetricFamily,
    /// `2026-Q3`.
    pub period: String,
    pub profile: BenchmarkProfile,
    /// The instant whose participants it counts.
    pub closed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "benchmark_release";
}
impl Scoped for Entity {
    const TABLE: Table = Table::BenchmarkRelease;
    const PLACEMENT: Placement = Placement::Release;
}
