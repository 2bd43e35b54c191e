//! The last morning of a client on which its members were reminded of what is due. Mornings missed since are caught up.

use crate::{Id, Matter, Noun, Placement, Scoped, Table, client, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "reminder")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: Id<client::Entity>,
    pub network_id: Id<network::Entity>,
    pub day: Date,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "reminder";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Reminder;
    const PLACEMENT: Placement = Placement::OfClient(Matter::Content);
}
