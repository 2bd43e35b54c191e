//! A year of a team: the span for which it sets targets, and to which its cycles belong.

use crate::{Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, network, team};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "team_year")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub label: String,
    pub starts_on: Date,
    pub ends_on: Date,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "team_year";
}
impl Scoped for Entity {
    const TABLE: Table = Table::TeamYear;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const FOLDED: &'static [&'static str] = &["label"];
    const ERASABLE: Erasable = Erasable::Columns(&[("label", Replacement::Name("Erased"))]);
}
