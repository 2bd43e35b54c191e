//! A franchise: a facilitator's practice or territory. Franchises of one legal group count as one.

use crate::{Id, Noun, Placement, Scoped, Table, closed, network, region};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Whether a franchise takes part in the network.
    pub enum FranchiseStatus {
        /// The franchise runs programmes.
        Active,
        /// The franchise has ended. Its history stays readable.
        Closed,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "franchise")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub region_id: Id<region::Entity>,
    pub name: String,
    pub legal_group: String,
    pub status: FranchiseStatus,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "franchise";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Franchise;
    const PLACEMENT: Placement = Placement::Franchise;
    const FOLDED: &'static [&'static str] = &["name", "legal_group"];
}
