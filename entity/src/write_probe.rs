//! Rows that the readiness probe writes and removes in one transaction, to see whether the database saves. The table is
//! empty to everyone else.

use crate::{Id, Noun, Placement, Scoped, Table};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "write_probe")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    /// Random bytes.
    pub filling: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "write_probe";
}
impl Scoped for Entity {
    const TABLE: Table = Table::WriteProbe;
    const PLACEMENT: Placement = Placement::Platform;
}
