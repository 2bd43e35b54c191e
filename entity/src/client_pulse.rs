//! A client's progress in counts, kept by triggers with every write: facts that head office may see, without content.

use crate::{Id, Matter, Noun, Placement, Scoped, Table, client, network, stage_run};
use sea_orm::entity::prelude::*;
use serde::Serialize;

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "client_pulse")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub client_id: Id<client::Entity>,
    pub network_id: Id<network::Entity>,
    pub current_stage_id: Option<Id<stage_run::Entity>>,
    pub stages_total: i32,
    pub stages_passed: i32,
    pub actions_offered: i32,
    pub actions_open: i32,
    pub actions_done: i32,
    pub actions_declined: i32,
    pub actions_cancelled: i32,
    pub priorities_committed: i32,
    pub priorities_achieved: i32,
    pub sessions_held: i32,
    pub last_session_at: Option<DateTimeUtc>,
    /// The revision of the policy with which the client's risk was computed. 0: a fact has changed since.
    pub risk_policy: i32,
    /// When the client's risk next changes if no fact changes. Null: never.
    pub risk_due_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "pulse";
}
impl Scoped for Entity {
    const TABLE: Table = Table::ClientPulse;
    const PLACEMENT: Placement = Placement::OfClient(Matter::Facts);
    const KEY: &'static str = "client_id";
}
