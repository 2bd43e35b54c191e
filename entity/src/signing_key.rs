//! A key that signs access tokens. Its private half is sealed.

use crate::{Noun, Placement, Scoped, Table};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "signing_key")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub kid: String,
    #[serde(skip)]
    pub private_pem: String,
    pub created_at: DateTimeUtc,
    /// From when it signs. It verifies from its creation on.
    pub signs_from: DateTimeUtc,
    pub retires_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "signing_key";
}
impl Scoped for Entity {
    const TABLE: Table = Table::SigningKey;
    const PLACEMENT: Placement = Placement::Platform;
}
