//! The head of one of a network's audit chains.

use crate::{Id, Noun, Placement, Scoped, Table, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "audit_lane")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub network_id: Id<network::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub lane: i32,
    pub sequence: i64,
    pub hash: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "audit_lane";
}
impl Scoped for Entity {
    const TABLE: Table = Table::AuditLane;
    const PLACEMENT: Placement = Placement::Directory;
}
