//! How evenly the participants of a team were heard, as it was when a session was closed.

use crate::{Id, Matter, Noun, Placement, Scoped, Table, client, network, session, team};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "voice_balance")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub session_id: Id<session::Entity>,
    /// Null where too few could be heard, or nothing was given.
    pub percent: Option<i32>,
    pub sessions: i32,
    pub participants: i32,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "voice_balance";
}
impl Scoped for Entity {
    const TABLE: Table = Table::VoiceBalance;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Names);
}
