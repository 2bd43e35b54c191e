//! What happened to an obstacle, in order: the history behind its status.

use crate::{
    Hang, Id, Left, Matter, Noun, Scoped, Table, Words, client, closed, network, obstacle, person, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// What happened to an obstacle.
    pub enum ObstacleEventKind {
        /// It was named.
        Raised,
        /// The team spoke about it.
        Discussed,
        /// It was chosen to be dealt with.
        Prioritised,
        /// It was got out of the way.
        Resolved,
        /// It was put aside, with a reason.
        Parked,
        /// It was given to whoever runs the programme, with a reason.
        Escalated,
        /// It came back from where it was parked or escalated to, with a reason.
        Resumed,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "obstacle_event")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub obstacle_id: Id<obstacle::Entity>,
    pub kind: ObstacleEventKind,
    pub person_id: Id<person::Entity>,
    pub note: Option<String>,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "obstacle_event";
}
impl Scoped for Entity {
    const TABLE: Table = Table::ObstacleEvent;
    const HANG: Hang = Hang::OfTeam(Matter::Content);
    const WORDS: Words = Words::In(&[("note", Left::Nothing)]);
}
