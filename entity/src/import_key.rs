//! The id that something has where it was imported from, so that the same row twice is one thing.

use crate::{Erasable, Id, Matter, Noun, Placement, Scoped, Table, client, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "import_key")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    /// Where the id is unique: the franchise that clients came into, the team of members and actions.
    #[sea_orm(primary_key, auto_increment = false)]
    pub scope_id: Uuid,
    /// What it names: the prefix of the noun's ids.
    #[sea_orm(primary_key, auto_increment = false)]
    pub noun: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub external_id: String,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub subject_id: Uuid,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "key";
}
impl Scoped for Entity {
    const TABLE: Table = Table::ImportKey;
    const PLACEMENT: Placement = Placement::OfClient(Matter::Content);
    const FOLDED: &'static [&'static str] = &["external_id"];
    const ERASABLE: Erasable = Erasable::Rows;
}
