//! A person in one network. One identity may be a person in several networks.

use crate::{Id, Noun, Placement, Scoped, Table, identity, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

/// The name of everybody who was erased.
pub const FORMER: &str = "Former user";

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "person")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub identity_id: Option<Id<identity::Entity>>,
    pub name: String,
    pub email: String,
    pub created_at: DateTimeUtc,
    pub erased_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "person";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Person;
    const PLACEMENT: Placement = Placement::Person;
    const FOLDED: &'static [&'static str] = &["name", "email"];
}
