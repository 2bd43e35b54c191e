//! A sign that a team's work drifts from what was agreed, with its evidence.

use crate::{
    Erasable, Id, Matter, Noun, Placement, Replacement, Scoped, Table, action, alignment_round, client,
    closed, network, priority, team,
};
use sea_orm::entity::prelude::*;
use serde::Serialize;

closed! {
    /// Cause of a drift signal.
    pub enum DriftCause {
        /// A committed priority had no check-in for several consecutive slots.
        CheckInsMissed,
        /// An accepted action is well past its baseline due date, and is not re-dated to a future day.
        PastBaseline,
        /// The progress of a committed priority is well behind the elapsed time.
        Behind,
        /// The due date of an open action was moved repeatedly.
        Redated,
        /// The team held no review for much longer than its review interval.
        ReviewGap,
        /// Agreement in a revealed alignment round is well below that of the round it is compared with.
        AgreementDown,
    }
}

closed! {
    /// Status of a drift signal.
    pub enum DriftStatus {
        /// Waiting for the team to acknowledge or answer the signal.
        Open,
        /// Someone is looking into it.
        Acknowledged,
        /// The owner explained the drift. The signal comes again when it has become worse by half.
        Explained,
        /// The team made a new plan because of the signal.
        Replanned,
        /// The team accepts the drift, with a reason. The signal comes again when it has become worse by half.
        Accepted,
        /// The cause ended before the team answered the signal.
        Cleared,
    }
}

closed! {
    /// Unit of the values of a drift signal.
    pub enum DriftUnit {
        /// Consecutive check-in slots.
        Slots,
        /// Consecutive weeks. Used by signals raised before check-ins followed the team's review cadence.
        Weeks,
        /// Full days.
        Days,
        /// Percentage points.
        Points,
        /// Moves of the due date.
        Moves,
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "drift_signal")]
#[serde(rename_all = "camelCase")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Id<Entity>,
    pub network_id: Id<network::Entity>,
    pub client_id: Id<client::Entity>,
    pub team_id: Id<team::Entity>,
    pub cause: DriftCause,
    /// What the cause is about. Of one cause about one thing, one signal lasts at a time.
    pub subject_id: Uuid,
    pub action_id: Option<Id<action::Entity>>,
    pub priority_id: Option<Id<priority::Entity>>,
    pub alignment_round_id: Option<Id<alignment_round::Entity>>,
    pub status: DriftStatus,
    pub measured: i32,
    pub threshold: i32,
    pub unit: DriftUnit,
    pub since: DateTimeUtc,
    pub progress: Option<i32>,
    pub elapsed: Option<i32>,
    /// What was last measured. `measured`, `progress` and `elapsed` stay what they were when the signal was raised.
    pub current_measured: i32,
    pub current_progress: Option<i32>,
    pub current_elapsed: Option<i32>,
    /// What was measured when the signal was last answered. It comes again when that has become worse by half.
    pub answered_measured: Option<i32>,
    /// Whether the team is to talk about it in its next session, which takes the mark away.
    pub on_next_agenda: bool,
    pub note: Option<String>,
    pub raised_at: DateTimeUtc,
    pub acknowledged_at: Option<DateTimeUtc>,
    pub answered_at: Option<DateTimeUtc>,
    /// When the cause was gone. Until then no other is raised for it, whatever the answer was.
    pub ended_at: Option<DateTimeUtc>,
    pub version: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Noun for Entity {
    const PREFIX: &'static str = "drift";
}
impl Scoped for Entity {
    const TABLE: Table = Table::DriftSignal;
    const PLACEMENT: Placement = Placement::OfTeam(Matter::Content);
    const ERASABLE: Erasable = Erasable::Columns(&[("note", Replacement::Nothing)]);
}
