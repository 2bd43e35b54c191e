//! A move of an action's due date, with its reason.

use crate::{Hang, Id, Left, Matter, Noun, Scoped, Table, Words, action, client, network, person, team};
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
    const HANG: Hang = Hang::OfTeam(Matter::Content);
    const WORDS: Words = Words::In(&[("reason", Left::BLANK)]);
}
