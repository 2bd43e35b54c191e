//! How strict a network's benchmarks are, and how far they are published. Every network has one row, by the network's
//! own id.

use crate::{Id, Noun, Placement, Scoped, Table, closed, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// How strict a network's benchmarks are. In every profile, each cohort counts at least 12 clients from at least 5
    /// legal groups of franchises.
    pub enum BenchmarkProfile {
        /// No legal group of franchises has more than a third of a cohort. A change between releases comprises at least
        /// 4 clients from at least 3 legal groups. Releases are closed 30 days after their period.
        Standard,
        /// Like `STANDARD`, but a change between releases comprises at least 6 clients from at least 3 legal groups,
        /// none with more than a third of these clients.
        Strict,
        /// For networks whose franchises compete. Like `STANDARD`, but no legal group has more than a quarter of a
        /// cohort, and releases are closed 90 days after their period.
        Antitrust,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "benchmark_policy")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub profile: BenchmarkProfile,
    /// Fewer clients than this are not counted by what their metrics say.
    pub minimum_clients: i32,
    pub version: i32,
    /// The last period whose releases are published. What is stored of a later one is a draft.
    pub published_through: Option<String>,
    /// The closing under way.
    pub closing_id: Option<Uuid>,
    /// When the closing under way counts as abandoned, unless it goes on before.
    pub closing_until: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "benchmark_policy";
}
impl Scoped for Entity {
    const TABLE: Table = Table::BenchmarkPolicy;
    const PLACEMENT: Placement = Placement::Directory;
}
