//! A link to set a new password by, its token kept as a hash. It works once, and only for a while.

use crate::{Id, Noun, Placement, Scoped, Table, identity, network, person};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "password_reset")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    #[serde(skip)]
    pub token_hash: String,
    pub identity_id: Id<identity::Entity>,
    /// By whose post the letter went, and whose audit tells of it.
    pub network_id: Id<network::Entity>,
    pub person_id: Id<person::Entity>,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub used_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Model {
    /// Whether it still sets a password.
    pub fn works(&self, now: DateTimeUtc) -> bool {
        self.used_at.is_none() && self.expires_at > now
    }
}

impl Noun for Entity {
    const PREFIX: &'static str = "password_reset";
}
impl Scoped for Entity {
    const TABLE: Table = Table::PasswordReset;
    const PLACEMENT: Placement = Placement::Platform;
}
