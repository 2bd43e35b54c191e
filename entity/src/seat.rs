//! A seat of a team: a function in its accountability chart, with what it answers for.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, member, network, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "seat")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    /// The seat above. None at the top.
    pub parent_id: Option<Id<Entity>>,
    /// None if the seat is vacant.
    pub member_id: Option<Id<member::Entity>>,
    pub title: String,
    /// What the seat answers for.
    pub duties: String,
    /// Since when the member has held it.
    pub filled_at: Option<DateTimeUtc>,
    pub removed_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "seat";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Seat;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const FOLDED: &'static [&'static str] = &["title"];
    const ERASABLE: Erasable =
        Erasable::Columns(&[("title", Replacement::ERASED), ("duties", Replacement::BLANK)]);
}
