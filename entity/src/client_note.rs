//! A private note of a client's facilitators.

use crate::{Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, network, person};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "client_note")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub person_id: Id<person::Entity>,
    pub text: String,
    pub pinned: bool,
    pub created_at: DateTimeUtc,
    pub archived_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "client_note";
}
impl Scoped for Entity {
    const TABLE: Table = Table::ClientNote;
    const PLACEMENT: Placement = Placement::OfClient(Matter::Practice);
    const FOLDED: &'static [&'static str] = &["text"];
    const ERASABLE: Erasable = Erasable::Columns(&[("text", Replacement::BLANK)]);
}
