//! How many points each component of a client's risk counts. Every network has one row, by the network's own id.

use crate::{Id, Noun, Placement, Scoped, Table, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "risk_policy")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub overdue_action: i32,
    pub action_due_soon: i32,
    pub drift_signal: i32,
    pub missed_review: i32,
    pub no_session: i32,
    pub session_gap_week: i32,
    pub renewal: i32,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "risk_policy";
}
impl Scoped for Entity {
    const TABLE: Table = Table::RiskPolicy;
    const PLACEMENT: Placement = Placement::Directory;
}
