//! For how long a team checks in less often than weekly: as often as it reviews its work. A week that no row covers is a
//! slot of its own.

use crate::{Id, Matter, Noun, Placement, Scoped, Table, client, network, team};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "check_in_rhythm")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    /// Weeks of a slot: two or more.
    pub weeks: i32,
    /// The week in which its first slot begins. Weeks are counted from Monday, 5 January 1970.
    pub first_week: i32,
    /// The last week of its last slot; none while it lasts.
    pub last_week: Option<i32>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "check_in_rhythm";
}
impl Scoped for Entity {
    const TABLE: Table = Table::CheckInRhythm;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Facts);
}
