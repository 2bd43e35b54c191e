//! What happened to a stage, in order: the history behind its status.

use crate::{
    Hang, Id, Left, Matter, Noun, Scoped, Table, Words, client, closed, network, person, stage_run, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// What happened to a stage.
    pub enum StageEventKind {
        /// Work on it began.
        Opened,
        /// Its exit criteria were met.
        Passed,
        /// It was passed although its exit criteria were not met, with a reason.
        Overridden,
        /// It was taken up again after it had been passed, with a reason.
        Reopened,
        /// Its programme moved to another version of the template, with a reason: it asks what that one asks.
        Moved,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "stage_event")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub stage_run_id: Id<stage_run::Entity>,
    pub kind: StageEventKind,
    pub person_id: Id<person::Entity>,
    pub reason: Option<String>,
    pub at: DateTimeUtc,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "stage_event";
}
impl Scoped for Entity {
    const TABLE: Table = Table::StageEvent;
    const HANG: Hang = Hang::OfTeam(Matter::Content);
    const WORDS: Words = Words::In(&[("reason", Left::Nothing)]);
}
