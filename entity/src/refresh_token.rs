//! A refresh token, kept as a hash. It works once; a second use ends the sign-in.

use crate::{sign_in, Hang, Id, Noun, Scoped, Table};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_token")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[serde(skip)]
    pub token_hash: String,
    pub sign_in_id: Id<sign_in::Entity>,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub used_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "refresh_token";
}
impl Scoped for Entity {
    const TABLE: Table = Table::RefreshToken;
    const HANG: Hang = Hang::Platform;
}
