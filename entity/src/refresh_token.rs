//! A refresh token, kept as a hash: one for each generation of a sign-in.

use crate::{Id, Noun, Placement, Scoped, Table, sign_in};
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
    /// Counts from 0 up within the sign-in.
    pub generation: i32,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    /// When it, or an access token that was given with it, was first used.
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
    const PLACEMENT: Placement = Placement::Platform;
}
