//! An action: one thing, one owner, one due date.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Searchable, Table, client, closed, decision,
    member, network, obstacle, priority, session, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Status of an action.
    pub enum ActionStatus {
        /// Offered to the owner, who has not accepted or declined yet.
        Offered,
        /// Accepted by the owner. The baseline due date is fixed.
        Accepted,
        /// Declined by the owner, with a reason.
        Declined,
        /// Completed.
        Done,
        /// Cancelled, with a reason.
        Cancelled,
    }
}

impl ActionStatus {
    /// Those of actions that are still somebody's to do.
    pub const TO_BE_DONE: [ActionStatus; 2] = [ActionStatus::Offered, ActionStatus::Accepted];
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "action")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub priority_id: Option<Id<priority::Entity>>,
    pub session_id: Option<Id<session::Entity>>,
    pub decision_id: Option<Id<decision::Entity>>,
    pub obstacle_id: Option<Id<obstacle::Entity>>,
    pub owner_id: Id<member::Entity>,
    pub title: String,
    pub detail: String,
    pub status: ActionStatus,
    pub due_on: Date,
    pub due_at: DateTimeUtc,
    pub baseline_on: Option<Date>,
    pub baseline_at: Option<DateTimeUtc>,
    pub moves: i32,
    pub offered_at: DateTimeUtc,
    pub accepted_at: Option<DateTimeUtc>,
    pub closed_at: Option<DateTimeUtc>,
    /// When it was offered to whoever was asked first.
    pub first_offered_at: DateTimeUtc,
    /// When somebody accepted it first.
    pub first_accepted_at: Option<DateTimeUtc>,
    /// The ratified decision that gave it up, where one did.
    pub cancelled_by_id: Option<Id<decision::Entity>>,
    pub reason: Option<String>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "action";
}
impl Scoped for Entity {
    const TABLE: Table = Table::Action;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const FOLDED: &'static [&'static str] = &["title"];
    const SEARCHABLE: Option<Searchable> = Some(Searchable { title: Some("title"), texts: &["detail"] });
    const ERASABLE: Erasable = Erasable::Columns(&[
        ("title", Replacement::ERASED),
        ("detail", Replacement::BLANK),
        ("reason", Replacement::Nothing),
    ]);
}
