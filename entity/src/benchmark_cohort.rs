//! What a release tells of a cohort in one metric. Nothing here says who or how many exactly.

use crate::{
    Id, Noun, Placement, Scoped, Table, benchmark_release, client::SizeBand, closed, metric_value::Metric,
    network,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// The number of clients that a cohort counts, as a range.
    pub enum BenchmarkBand {
        /// 12 to 19 clients.
        Dozen,
        /// 20 to 49 clients.
        Score,
        /// 50 to 99 clients.
        Fifty,
        /// 100 or more clients.
        Hundred,
    }
}

closed! {
    /// What a figure at an end of its range stands for.
    pub enum BenchmarkBound {
        /// The figure is at most this number.
        AtMost,
        /// The figure is at least this number.
        AtLeast,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "benchmark_cohort")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub release_id: Id<benchmark_release::Entity>,
    pub metric: Metric,
    pub period: String,
    /// Its dimensions as a JSON list: the network's is empty.
    pub path: String,
    pub level: i32,
    pub industry: Option<String>,
    pub size_band: Option<SizeBand>,
    pub region: Option<String>,
    pub stage: Option<String>,
    pub band: BenchmarkBand,
    /// Basis points of the metric's public range.
    pub p10: Option<i32>,
    pub p25: i32,
    pub p50: i32,
    pub p75: i32,
    pub p90: Option<i32>,
    /// The same in the metric's unit, for people.
    pub p10_shown: Option<String>,
    pub p25_shown: String,
    pub p50_shown: String,
    pub p75_shown: String,
    pub p90_shown: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "benchmark_cohort";
}
impl Scoped for Entity {
    const TABLE: Table = Table::BenchmarkCohort;
    const PLACEMENT: Placement = Placement::Release;
}
