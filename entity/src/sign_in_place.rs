//! An address range from which somebody signed in, kept as a fingerprint under the secret key.

use crate::{Id, Noun, Placement, Scoped, Table, identity};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_place")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub identity_id: Id<identity::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    #[serde(skip)]
    pub fingerprint: String,
    /// When somebody last signed in from there, to the day.
    pub seen_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "sign_in_place";
}
impl Scoped for Entity {
    const TABLE: Table = Table::SignInPlace;
    const PLACEMENT: Placement = Placement::Platform;
}
