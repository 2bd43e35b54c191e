//! A topic that a session set aside for later: its parking lot.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, action, agenda_item, client, closed,
    member, network, obstacle, session, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Status of a parked topic.
    pub enum ParkedTopicStatus {
        /// Waits in the parking lot.
        Parked,
        /// Became an agenda item.
        Scheduled,
        /// Became an obstacle.
        Raised,
        /// Became an action.
        Assigned,
        /// Dropped, with a reason.
        Dropped,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "parked_topic")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub session_id: Id<session::Entity>,
    pub raised_by_id: Option<Id<member::Entity>>,
    pub title: String,
    pub status: ParkedTopicStatus,
    pub agenda_item_id: Option<Id<agenda_item::Entity>>,
    pub obstacle_id: Option<Id<obstacle::Entity>>,
    pub action_id: Option<Id<action::Entity>>,
    pub reason: Option<String>,
    pub closed_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "parked_topic";
}
impl Scoped for Entity {
    const TABLE: Table = Table::ParkedTopic;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable =
        Erasable::Columns(&[("title", Replacement::ERASED), ("reason", Replacement::Nothing)]);
}
