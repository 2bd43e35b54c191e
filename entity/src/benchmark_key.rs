//! The secret that a network's pseudonyms are made with. It is made when it is first needed and kept sealed, and
//! nobody reads it.

use crate::{Id, Noun, Placement, Scoped, Table, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "benchmark_key")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub network_id: Id<network::Entity>,
    /// 32 bytes in hex, sealed.
    #[serde(skip)]
    pub secret: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "benchmark_key";
}
impl Scoped for Entity {
    const TABLE: Table = Table::BenchmarkKey;
    const PLACEMENT: Placement = Placement::Sealed;
}
