//! A priority of a team in a cycle: one of few, ranked, with one owner.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Searchable, Table, client, closed, cycle,
    decision, member, network, stage_run, target, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Status of a priority.
    pub enum PriorityStatus {
        /// Proposed; does not count towards the team's limit yet.
        Proposed,
        /// Committed; counts towards the team's limit.
        Committed,
        /// The outcome was reached.
        Achieved,
        /// The outcome was not reached in the cycle.
        Missed,
        /// Given up, with a reason.
        Dropped,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "priority")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub stage_run_id: Option<Id<stage_run::Entity>>,
    pub decision_id: Option<Id<decision::Entity>>,
    pub target_id: Option<Id<target::Entity>>,
    pub owner_id: Id<member::Entity>,
    pub cycle_id: Id<cycle::Entity>,
    /// The cycle's label.
    pub cycle: String,
    pub title: String,
    pub outcome: String,
    pub rank: i32,
    pub status: PriorityStatus,
    pub due_on: Date,
    pub due_at: DateTimeUtc,
    pub committed_at: Option<DateTimeUtc>,
    pub closed_at: Option<DateTimeUtc>,
    pub reason: Option<String>,
    pub carried_from_id: Option<Id<Entity>>,
    pub added_after_lock: bool,
    pub dropped_after_lock: bool,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "priority";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Priority;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const FEW: bool = true;
    const FOLDED: &'static [&'static str] = &["title", "cycle"];
    const SEARCHABLE: Option<Searchable> = Some(Searchable { title: Some("title"), texts: &["outcome"] });
    const ERASABLE: Erasable = Erasable::Columns(&[
        ("cycle", Replacement::ERASED),
        ("title", Replacement::ERASED),
        ("outcome", Replacement::BLANK),
        ("reason", Replacement::Nothing),
    ]);
}
