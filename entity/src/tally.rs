//! A figure of the network or of a franchise, up to what is still in `tally_delta`. `due` counts from `at` on, and so does all of
//! a facilitator's load.

use crate::{Id, Noun, Placement, Scoped, Table, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "tally")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    pub network_id: Id<network::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub scope_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub measure: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub at: DateTimeUtc,
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub place: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    pub items: i64,
    pub open: i64,
    pub done: i64,
    pub due: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "tally";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Tally;
    const PLACEMENT: Placement = Placement::Scope;
}
