//! When a client's content opens to an owner of its franchise whom head office named.

use crate::{Erasable, Id, Noun, Placement, Replacement, Scoped, Table, client, franchise, network, person};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "owner_opening")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub franchise_id: Id<franchise::Entity>,
    /// The owner.
    pub person_id: Id<person::Entity>,
    /// Their name when they joined.
    pub name: String,
    /// Their e-mail address when they joined.
    pub email: String,
    /// From when on they own this client, too.
    pub opens_at: DateTimeUtc,
    /// The sponsor who agreed, if one did.
    pub agreed_by: Option<Id<person::Entity>>,
    pub agreed_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "owner_opening";
}
impl Scoped for Entity {
    const TABLE: Table = Table::OwnerOpening;
    const PLACEMENT: Placement = Placement::Roster;
    const ERASABLE: Erasable = Erasable::Columns(&[
        ("name", Replacement::Text(person::FORMER)),
        ("email", Replacement::Text("nobody@erased.invalid")),
    ]);
}
