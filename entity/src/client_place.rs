//! Where a client counts: in which franchise and region, as what, and in which stage. Kept by triggers.

use crate::{
    Id, Matter, Noun, Placement, Scoped, Table, client, client::ClientStatus, franchise, network, region,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "client_place")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: Id<client::Entity>,
    pub network_id: Id<network::Entity>,
    pub franchise_id: Id<franchise::Entity>,
    pub region_id: Id<region::Entity>,
    pub status: ClientStatus,
    pub position: i32,
    pub stage: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "client_place";
}
impl Scoped for Entity {
    const TABLE: Table = Table::ClientPlace;
    const PLACEMENT: Placement = Placement::OfClient(Matter::Facts);
}
