//! A change of the address that somebody signs in with: asked for, confirmed by the new address, and for a while to be taken
//! back by the old one. Its tokens are kept as hashes.

use crate::{Id, Noun, Placement, Scoped, Table, identity, network, person};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "address_change")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub identity_id: Id<identity::Entity>,
    /// From which network the e-mails are sent, and whose audit has it.
    pub network_id: Id<network::Entity>,
    pub person_id: Id<person::Entity>,
    pub old_email: String,
    pub new_email: String,
    #[serde(skip)]
    pub confirm_hash: String,
    /// Set when the change is confirmed.
    #[serde(skip)]
    pub undo_hash: Option<String>,
    pub created_at: DateTimeUtc,
    /// Until when it can be confirmed; once it is, until when it can be taken back.
    pub expires_at: DateTimeUtc,
    pub confirmed_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "address_change";
}
impl Scoped for Entity {
    const TABLE: Table = Table::AddressChange;
    const PLACEMENT: Placement = Placement::Platform;
}
