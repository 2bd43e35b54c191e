//! A milestone: a step towards a priority, with its weight.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, network, priority, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "milestone")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub priority_id: Id<priority::Entity>,
    /// The milestone that it continues, of the priority that its priority continues.
    pub carried_from_id: Option<Id<Entity>>,
    pub title: String,
    pub weight: i32,
    pub due_on: Date,
    pub done_at: Option<DateTimeUtc>,
    pub removed_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "milestone";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Milestone;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const FOLDED: &'static [&'static str] = &["title"];
    const ERASABLE: Erasable = Erasable::Columns(&[("title", Replacement::ERASED)]);
}
