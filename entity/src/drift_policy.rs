//! From when on a network calls it drift. Every network has one row, by the network's own id.

use crate::{Id, Noun, Placement, Scoped, Table, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "drift_policy")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub check_ins_missed: i32,
    pub days_past_baseline: i32,
    pub points_behind: i32,
    pub moves: i32,
    pub review_gap_percent: i32,
    pub agreement_drop: i32,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "drift_policy";
}
impl Scoped for Entity {
    const TABLE: Table = Table::DriftPolicy;
    const PLACEMENT: Placement = Placement::Directory;
}
