//! A leadership team of a client.

use crate::{Erasable, Id, Noun, Placement, Replacement, Scoped, Table, client, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "team")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub name: String,
    pub created_at: DateTimeUtc,
    pub archived_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "team";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Team;
    const PLACEMENT: Placement = Placement::Team;
    const FEW: bool = true;
    const FOLDED: &'static [&'static str] = &["name"];
    const ERASABLE: Erasable = Erasable::Columns(&[("name", Replacement::Name("Erased team"))]);
}
