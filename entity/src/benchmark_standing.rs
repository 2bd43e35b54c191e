//! Where a client stood at a release, and the cohort that answers for it: settled when the release closed, counted in it
//! or not, so that whoever looks finds the same.

use crate::{
    Id, Noun, Placement, Scoped, Table, benchmark_cohort, client, closed, metric_value::Metric, network,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Which cohort a client is compared with.
    pub enum BenchmarkStatus {
        /// The client is compared with the cohort of clients that are alike in every dimension.
        Published,
        /// The client's exact cohort is not published; the nearest broader cohort is shown.
        Coarser,
    }
}

closed! {
    /// The quarter of a cohort that a value lies in. A value equal to a quartile lies above the quartile.
    pub enum BenchmarkQuartile {
        /// Below the lower quartile.
        Lowest,
        /// At or above the lower quartile, and below the median.
        Lower,
        /// At or above the median, and below the upper quartile.
        Upper,
        /// At or above the upper quartile.
        Highest,
    }
}

closed! {
    /// How a value compares with those of a cohort.
    pub enum BenchmarkStanding {
        /// In the best quarter of the cohort.
        Better,
        /// In the middle half of the cohort, or the cohort's quartiles are equal.
        AboutTheSame,
        /// In the worst quarter of the cohort.
        Worse,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "benchmark_standing")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub cohort_id: Id<benchmark_cohort::Entity>,
    pub metric: Metric,
    pub period: String,
    pub status: BenchmarkStatus,
    /// The client's own frozen value in the metric's unit, a decimal number.
    pub value: Option<String>,
    pub position: Option<BenchmarkQuartile>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "benchmark_standing";
}
impl Scoped for Entity {
    const TABLE: Table = Table::BenchmarkStanding;
    const PLACEMENT: Placement = Placement::Standing;
}
