//! That a person was reminded of what is due at a client, on a day of that client's. Kept so that nobody is told twice.

use crate::{client, network, person, Hang, Id, Matter, Noun, Scoped, Table};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "reminder")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: Id<client::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub person_id: Id<person::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub day: Date,
    pub network_id: Id<network::Entity>,
    pub sent_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "reminder";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Reminder;
    const HANG: Hang = Hang::OfClient(Matter::Content);
}
