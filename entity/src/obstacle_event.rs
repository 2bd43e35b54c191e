//! What happened to an obstacle, in order: the history behind its status.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, closed, network, obstacle,
    person, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Type of event in an obstacle's history.
    pub enum ObstacleEventKind {
        /// The obstacle was reported.
        Raised,
        /// The team discussed the obstacle.
        Discussed,
        /// The obstacle was selected to be dealt with.
        Prioritised,
        /// The obstacle was resolved.
        Resolved,
        /// The obstacle was set aside, with a reason.
        Parked,
        /// The obstacle was handed to the people who run the programme, with a reason.
        Escalated,
        /// The obstacle was brought back after being parked or escalated, with a reason.
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
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable = Erasable::Columns(&[("note", Replacement::Nothing)]);
}
