//! A decision of a team: what was decided, why, and what else was considered.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Searchable, Table, client, closed, member,
    network, obstacle, session, stage_run, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Status of a decision.
    pub enum DecisionStatus {
        /// Proposed. Members take their stances.
        Proposed,
        /// In force. The wording never changes.
        Ratified,
        /// Replaced by another decision.
        Superseded,
        /// Revoked with a reason, either as a proposal or while in force.
        Revoked,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "decision")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub stage_run_id: Option<Id<stage_run::Entity>>,
    pub session_id: Option<Id<session::Entity>>,
    pub obstacle_id: Option<Id<obstacle::Entity>>,
    pub supersedes_id: Option<Id<Entity>>,
    pub owner_id: Option<Id<member::Entity>>,
    pub title: String,
    pub text: String,
    pub rationale: String,
    pub status: DecisionStatus,
    pub review_on: Option<Date>,
    /// Whether the decision is carried out without any action.
    pub needs_no_action: bool,
    pub wording: i32,
    pub stances: i32,
    pub reopenings: i32,
    pub read_back: i32,
    pub matching: i32,
    pub differing: i32,
    pub proposed_at: DateTimeUtc,
    pub ratified_at: Option<DateTimeUtc>,
    pub ended_at: Option<DateTimeUtc>,
    pub reason: Option<String>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "decision";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Decision;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const FOLDED: &'static [&'static str] = &["title"];
    const SEARCHABLE: Option<Searchable> =
        Some(Searchable { title: Some("title"), texts: &["text", "rationale"] });
    const ERASABLE: Erasable = Erasable::Columns(&[
        ("title", Replacement::ERASED),
        ("text", Replacement::BLANK),
        ("rationale", Replacement::BLANK),
        ("reason", Replacement::Nothing),
    ]);
}
