//! By which release of the time zone database a network's stored instants were computed.

use crate::{Id, Noun, Placement, Scoped, Table, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "zone_data")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub network_id: Id<network::Entity>,
    /// The release, like `2026b`.
    pub version: String,
    /// When the last instant was computed by it.
    pub computed_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "zone_data";
}
impl Scoped for Entity {
    const TABLE: Table = Table::ZoneData;
    const PLACEMENT: Placement = Placement::Directory;
}
