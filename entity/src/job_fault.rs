//! A row that made its job fail, and is left out until it is tried again.

use crate::{Id, Noun, Placement, Scoped, Table, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "job_fault")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub network_id: Id<network::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub job: String,
    /// The row's id, of whichever table the job works on.
    #[sea_orm(primary_key, auto_increment = false)]
    pub row_id: Uuid,
    /// How often it has failed.
    pub failures: i32,
    /// When it is tried again.
    pub retry_at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "job_fault";
}
impl Scoped for Entity {
    const TABLE: Table = Table::JobFault;
    const PLACEMENT: Placement = Placement::Sealed;
}
