//! A programme template: a named line of versions.

use crate::{Id, Noun, Placement, Scoped, Table, franchise, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "template")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    /// The franchise whose template it is; none where it is the network's.
    pub franchise_id: Option<Id<franchise::Entity>>,
    pub name: String,
    pub summary: String,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "template";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Template;
    const PLACEMENT: Placement = Placement::Library;
    const FOLDED: &'static [&'static str] = &["name"];
}
