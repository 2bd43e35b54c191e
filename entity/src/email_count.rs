//! An e-mail that counts for a limit: one with a link, for its address and for whoever caused it; news, for its address
//! alone. Kept for a day.

use crate::{Id, Noun, Placement, Scoped, Table, person};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "email_count")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    /// SHA-256 of the address, in hexadecimal digits.
    pub address_hash: String,
    pub caused_by: Option<Id<person::Entity>>,
    /// Whether it was news for someone with a login.
    pub notice: bool,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "email_count";
}
impl Scoped for Entity {
    const TABLE: Table = Table::EmailCount;
    const PLACEMENT: Placement = Placement::Platform;
}
