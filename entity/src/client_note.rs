//! A private note of a client's facilitators.

use crate::{Hang, Id, Left, Matter, Noun, Scoped, Table, Words, client, network, person};
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
    const HANG: Hang = Hang::OfClient(Matter::Practice);
    const FOLDED: &'static [&'static str] = &["text"];
    const WORDS: Words = Words::In(&[("text", Left::BLANK)]);
}
