//! A to-do: a private task of a facilitator, about a client or about none.

use crate::{Erasable, Id, Noun, Placement, Replacement, Scoped, Table, client, network, person};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "to_do")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub person_id: Id<person::Entity>,
    pub client_id: Option<Id<client::Entity>>,
    pub title: String,
    pub detail: String,
    pub due_on: Date,
    pub done_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "to_do";
}
impl Scoped for Entity {
    const TABLE: Table = Table::ToDo;
    const PLACEMENT: Placement = Placement::Own;
    const FOLDED: &'static [&'static str] = &["title"];
    const ERASABLE: Erasable =
        Erasable::Columns(&[("title", Replacement::ERASED), ("detail", Replacement::BLANK)]);
}
