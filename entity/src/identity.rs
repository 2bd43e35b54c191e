//! Who can sign in: an e-mail address and a password. Beyond any network.

use crate::{Id, Noun, Placement, Scoped, Table};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "identity")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub email: String,
    #[serde(skip)]
    pub password_hash: String,
    pub password_changed_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "identity";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Identity;
    const PLACEMENT: Placement = Placement::Platform;
}
