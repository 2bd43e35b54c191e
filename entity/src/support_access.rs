//! A client's permission for head office to read its content for a limited time.

use crate::{Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, network, person};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "support_access")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub granted_by: Id<person::Entity>,
    pub person_id: Option<Id<person::Entity>>,
    pub email: Option<String>,
    pub reason: String,
    pub starts_at: DateTimeUtc,
    pub ends_at: DateTimeUtc,
    pub revoked_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "support_access";
}
impl Scoped for Entity {
    const TABLE: Table = Table::SupportAccess;
    const PLACEMENT: Placement = Placement::OfClient(Matter::Facts);
    const FOLDED: &'static [&'static str] = &["email"];
    const ERASABLE: Erasable =
        Erasable::Columns(&[("email", Replacement::Nothing), ("reason", Replacement::BLANK)]);
}
