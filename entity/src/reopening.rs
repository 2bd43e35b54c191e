//! A reopening: the end of an action, a priority or a cycle that was taken back, with its reason. The end stays here, and
//! what was reopened no longer has it.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, action, client, cycle, network,
    person, priority, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "reopening")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    /// One of these three is set: what was reopened.
    pub action_id: Option<Id<action::Entity>>,
    pub priority_id: Option<Id<priority::Entity>>,
    pub cycle_id: Option<Id<cycle::Entity>>,
    /// When it had ended.
    pub ended_at: DateTimeUtc,
    pub person_id: Id<person::Entity>,
    pub reason: String,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "reopening";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Reopening;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable = Erasable::Columns(&[("reason", Replacement::BLANK)]);
}
