//! A cycle: the span in which a team works on its few priorities, by default a quarter.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, client, closed, network, team,
    team_year,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Status of a cycle.
    pub enum CycleStatus {
        /// Not open yet.
        Planned,
        /// Open: the team is choosing its priorities.
        Open,
        /// The team has committed to its priorities. Later additions and drops are counted.
        Locked,
        /// Closed: every priority has an outcome.
        Closed,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "cycle")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    /// The year in whose days it starts.
    pub year_id: Option<Id<team_year::Entity>>,
    pub label: String,
    pub starts_on: Date,
    pub ends_on: Date,
    pub status: CycleStatus,
    /// Priorities that the team had committed to when it locked the cycle.
    pub committed: i32,
    /// Committed after that.
    pub added: i32,
    /// Dropped after that, having been committed.
    pub dropped: i32,
    pub achieved: i32,
    pub missed: i32,
    pub locked_at: Option<DateTimeUtc>,
    pub closed_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "cycle";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Cycle;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const FOLDED: &'static [&'static str] = &["label"];
    const ERASABLE: Erasable = Erasable::Columns(&[("label", Replacement::Name("Erased"))]);
}
