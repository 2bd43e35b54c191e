//! A request for an e-mail to set a new password by, kept until it is seen to. It is kept for every address, whether
//! somebody signs in by it or not: neither the answer nor its time shows which.

use crate::{Id, Noun, Placement, Scoped, Table};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "password_reset_request")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub email: String,
    pub created_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "password_reset_request";
}
impl Scoped for Entity {
    const TABLE: Table = Table::PasswordResetRequest;
    const PLACEMENT: Placement = Placement::Platform;
}
