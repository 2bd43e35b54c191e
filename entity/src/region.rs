//! A region of a network, by a published classification.

use crate::{Id, Noun, Placement, Scoped, Table, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "region")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub code: String,
    pub name: String,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "region";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Region;
    const PLACEMENT: Placement = Placement::Directory;
    const FOLDED: &'static [&'static str] = &["code", "name"];
}
