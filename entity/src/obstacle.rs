//! Something in a team's way.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Searchable, Table, client, closed, member,
    network, priority, session, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Status of an obstacle.
    pub enum ObstacleStatus {
        /// Reported; not yet prioritised.
        Raised,
        /// Selected to be dealt with.
        Prioritised,
        /// Solved; no longer hinders the team.
        Resolved,
        /// Set aside deliberately, with a reason.
        Parked,
        /// Handed to the people who run the programme, with a reason.
        Escalated,
    }
}

closed! {
    /// How much an obstacle hinders a team.
    pub enum Severity {
        /// Costs time.
        Low,
        /// Puts a date at risk.
        Medium,
        /// Puts a priority at risk.
        High,
        /// Puts the team's goals at risk.
        Critical,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "obstacle")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub priority_id: Option<Id<priority::Entity>>,
    pub session_id: Option<Id<session::Entity>>,
    pub raised_by_id: Option<Id<member::Entity>>,
    pub title: String,
    pub detail: String,
    pub severity: Severity,
    pub status: ObstacleStatus,
    pub raised_at: DateTimeUtc,
    pub discussed_at: DateTimeUtc,
    pub discussions: i32,
    pub prioritised_at: Option<DateTimeUtc>,
    pub resolved_at: Option<DateTimeUtc>,
    pub reason: Option<String>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "obstacle";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Obstacle;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const FOLDED: &'static [&'static str] = &["title"];
    const SEARCHABLE: Option<Searchable> = Some(Searchable { title: Some("title"), texts: &["detail"] });
    const ERASABLE: Erasable = Erasable::Columns(&[
        ("title", Replacement::ERASED),
        ("detail", Replacement::BLANK),
        ("reason", Replacement::Nothing),
    ]);
}
