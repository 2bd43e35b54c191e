//! What someone thinks of a session they took part in: theirs alone.

use crate::{Erasable, Id, Noun, Placement, Replacement, Scoped, Table, client, network, person, session};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "session_rating")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub session_id: Id<session::Entity>,
    pub person_id: Id<person::Entity>,
    pub score: i32,
    pub comment: String,
    pub rated_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "session_rating";
}
impl Scoped for Entity {
    const TABLE: Table = Table::SessionRating;
    const PLACEMENT: Placement = Placement::Own;
    const ERASABLE: Erasable = Erasable::Columns(&[("comment", Replacement::BLANK)]);
}
