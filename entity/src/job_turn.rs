//! When a network's next turn of a job is, and how far the present one has come. The row's lock is the turn itself:
//! who holds it works, and whoever dies lets go of it.

use crate::{Id, Noun, Placement, Scoped, Table, network};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "job_turn")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub network_id: Id<network::Entity>,
    #[sea_orm(primary_key, auto_increment = false)]
    pub job: String,
    pub due_at: DateTimeUtc,
    /// Where the present turn goes on, between its steps.
    pub reached: Option<Uuid>,
    /// When the last turn ended.
    pub ended_at: Option<DateTimeUtc>,
    /// Failures since then.
    pub failures: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "job_turn";
}
impl Scoped for Entity {
    const TABLE: Table = Table::JobTurn;
    const PLACEMENT: Placement = Placement::Schedule;
}
