//! Whom a release counted, by pseudonym: what the releases after it are held against. It has no values, names no client,
//! and nobody reads it.

use crate::{Id, Noun, Placement, Scoped, Table, benchmark_release, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "benchmark_counted")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub release_id: Id<benchmark_release::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub pseudonym: String,
    pub network_id: Id<network::Entity>,
    pub unit: String,
    /// Its dimensions as a JSON list. Of an erased client no more than its atom's.
    pub path: String,
    /// How far down its path it was counted.
    pub depth: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "benchmark_counted";
}
impl Scoped for Entity {
    const TABLE: Table = Table::BenchmarkCounted;
    const PLACEMENT: Placement = Placement::Sealed;
}
