//! Whether a member took part in a session.

use crate::{Id, Matter, Noun, Placement, Scoped, Table, client, closed, member, network, session, team};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Whether a member took part.
    pub enum AttendanceStatus {
        /// Took part.
        Present,
        /// Did not, and nobody knew beforehand.
        Absent,
        /// Absent with the facilitator's knowledge beforehand.
        Excused,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "attendance")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub session_id: Id<session::Entity>,
    pub member_id: Id<member::Entity>,
    pub status: AttendanceStatus,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "attendance";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Attendance;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
}
