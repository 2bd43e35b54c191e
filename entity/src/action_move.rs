//! A move of an action's due date, with its reason.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, action, client, network, person, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "action_move")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub action_id: Id<action::Entity>,
    pub person_id: Id<person::Entity>,
    pub from_on: Date,
    pub to_on: Date,
    pub reason: String,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "action_move";
}
impl Scoped for Entity {
    const TABLE: Table = Table::ActionMove;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable = Erasable::Columns(&[("reason", Replacement::BLANK)]);
}
