//! The weeks of a time zone in which a network's clients check in, as instants: reads need no time zones in SQL. A slot is
//! one of them, or a run of them where the team has a rhythm. The database numbers them (`week`).

use crate::{Id, Noun, Placement, Scoped, Table, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "check_in_slot")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub network_id: Id<network::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub time_zone: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub starts_on: Date,
    pub ends_on: Date,
    pub starts_at: DateTimeUtc,
    pub ends_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "check_in_slot";
}
impl Scoped for Entity {
    const TABLE: Table = Table::CheckInSlot;
    const PLACEMENT: Placement = Placement::Directory;
}
