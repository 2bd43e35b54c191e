//! What happened to a stage, in order: the history behind its status.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, closed, network, person,
    stage_run, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Kinds of entries in the history of a stage.
    pub enum StageEventKind {
        /// The stage was opened.
        Opened,
        /// The stage was passed with all exit criteria met.
        Passed,
        /// The stage was passed although exit criteria were not met, with a reason.
        Overridden,
        /// The passed stage was reopened, with a reason.
        Reopened,
        /// The programme moved to another template version, with a reason. The exit criteria of that version apply.
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
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable = Erasable::Columns(&[("reason", Replacement::Nothing)]);
}
