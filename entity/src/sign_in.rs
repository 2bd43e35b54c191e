//! One sign-in, and the family of refresh tokens that descend from it.

use crate::{Id, Noun, Placement, Scoped, Table, identity, network, person};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub identity_id: Id<identity::Entity>,
    pub network_id: Id<network::Entity>,
    pub person_id: Id<person::Entity>,
    /// What its refresh tokens are derived with, besides the secret key.
    #[serde(skip)]
    pub salt: String,
    pub created_at: DateTimeUtc,
    pub revoked_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "sign_in";
}
impl Scoped for Entity {
    const TABLE: Table = Table::SignIn;
    const PLACEMENT: Placement = Placement::Platform;
}
