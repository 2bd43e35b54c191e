//! A use of support access: someone of head office reads a client's content from one instant to another.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, network, person,
    support_access,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "support_visit")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub access_id: Id<support_access::Entity>,
    pub person_id: Id<person::Entity>,
    /// Their name when they entered.
    pub visitor: String,
    /// Their e-mail address when they entered, which they cannot choose as freely as a name.
    pub email: String,
    pub purpose: String,
    pub starts_at: DateTimeUtc,
    pub ends_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "support_visit";
}
impl Scoped for Entity {
    const TABLE: Table = Table::SupportVisit;
    const PLACEMENT: Placement = Placement::OfClient(Matter::Facts);
    const FOLDED: &'static [&'static str] = &["visitor"];
    const ERASABLE: Erasable = Erasable::Columns(&[
        ("visitor", Replacement::Text("Former visitor")),
        ("email", Replacement::Text("nobody@erased.invalid")),
        ("purpose", Replacement::BLANK),
    ]);
}
