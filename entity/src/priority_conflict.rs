//! A conflict between two priorities, as one of them has it: there is a row on either side.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, network, person, priority,
    team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "priority_conflict")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub priority_id: Id<priority::Entity>,
    pub other_id: Id<priority::Entity>,
    pub reason: String,
    pub person_id: Id<person::Entity>,
    pub declared_at: DateTimeUtc,
    pub withdrawn_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "priority_conflict";
}
impl Scoped for Entity {
    const TABLE: Table = Table::PriorityConflict;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable = Erasable::Columns(&[("reason", Replacement::BLANK)]);
}
