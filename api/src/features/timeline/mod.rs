//! Timeline: all events at a client, latest first, each with the object concerned. A database view of the objects' own
//! rows, so that nothing is stored twice or can be missing.

use super::{
    action::Action, alignment::AlignmentRound, client::Client, decision::Decision, drift::DriftSignal,
    member::Member, obstacle::Obstacle, priority::Priority, programme::Programme, review::Review,
    session::Session, stage::Stage, strategy::StrategyVersion, team::Team,
};
use crate::kernel::read::{Field, Shape, Shaped, Ty, shape};
use async_graphql::Enum;
use std::sync::OnceLock;

/// Kinds of events on the timeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TimelineKind {
    /// A programme started.
    ProgrammeStarted,
    /// A programme was paused.
    ProgrammePaused,
    /// A programme was resumed after a pause.
    ProgrammeResumed,
    /// A programme was completed.
    ProgrammeCompleted,
    /// A programme ended before it was complete; `note` is the reason.
    ProgrammeTerminated,
    /// Work on a stage began.
    StageOpened,
    /// A stage was passed: its exit criteria were met.
    StagePassed,
    /// A stage was passed although its exit criteria were not met; `note` is the reason.
    StageOverridden,
    /// A passed stage was reopened; `note` is the reason.
    StageReopened,
    /// The programme of a stage moved to another version of its template; `note` is the reason.
    StageMoved,
    /// The team committed to a priority.
    PriorityCommitted,
    /// The outcome of a priority was reached.
    PriorityAchieved,
    /// The outcome of a priority was not reached.
    PriorityMissed,
    /// A priority was dropped; `note` is the reason.
    PriorityDropped,
    /// An achieved priority was reopened; `note` is the reason.
    PriorityReopened,
    /// A closed cycle was reopened; `note` is the reason.
    CycleReopened,
    /// A milestone of a priority was reached.
    MilestoneReached,
    /// An action was offered to its owner.
    ActionOffered,
    /// An action was accepted by its owner.
    ActionAccepted,
    /// An action was declined by its owner; `note` is the reason.
    ActionDeclined,
    /// An action was completed.
    ActionDone,
    /// A completed action was reopened; `note` is the reason.
    ActionReopened,
    /// An action was cancelled; `note` is the reason.
    ActionCancelled,
    /// The due date of an action was moved; `note` is the reason.
    ActionMoved,
    /// An action was commented on; `note` is the comment.
    ActionCommented,
    /// A check-in was made on a priority or an action; `note` is its text.
    CheckedIn,
    /// A decision was proposed.
    DecisionProposed,
    /// A decision was ratified and came into force.
    DecisionRatified,
    /// A decision was reopened for debate; `note` is the reason.
    DecisionReopened,
    /// A decision was replaced by another decision.
    DecisionSuperseded,
    /// A decision was revoked; `note` is the reason.
    DecisionRevoked,
    /// A leader confirmed having communicated a decision; `note` is the audience.
    DecisionAttested,
    /// A version of a section of the strategy was proposed.
    StrategyProposed,
    /// A version of a section of the strategy was ratified and came into force.
    StrategyRatified,
    /// An obstacle was raised.
    ObstacleRaised,
    /// An obstacle was discussed by the team.
    ObstacleDiscussed,
    /// An obstacle was prioritised to be resolved.
    ObstaclePrioritised,
    /// An obstacle was resolved.
    ObstacleResolved,
    /// An obstacle was parked; `note` is the reason.
    ObstacleParked,
    /// An obstacle was escalated to those who run the programme; `note` is the reason.
    ObstacleEscalated,
    /// A parked or escalated obstacle was resumed; `note` is the reason.
    ObstacleResumed,
    /// A session was held; `note` is its summary.
    SessionHeld,
    /// A session was missed: its time passed and it was not held.
    SessionMissed,
    /// A session was cancelled; `note` is the reason.
    SessionCancelled,
    /// An alignment round was opened.
    RoundOpened,
    /// The results of an alignment round were revealed.
    RoundRevealed,
    /// A review was held on time.
    ReviewMet,
    /// A review was held after its grace period.
    ReviewLate,
    /// A review was missed: it was not held.
    ReviewMissed,
    /// A drift signal was raised.
    DriftRaised,
    /// An explained drift signal ended; `note` is the owner's explanation.
    DriftExplained,
    /// A drift signal ended with a new plan; `note` describes the plan.
    DriftReplanned,
    /// An accepted drift signal ended; `note` is the reason for accepting it.
    DriftAccepted,
    /// A drift signal ended because its cause no longer exists.
    DriftCleared,
    /// A member joined the team.
    MemberJoined,
    /// A member left the team.
    MemberLeft,
}

/// Something that happened at a client.
pub struct TimelineItem;

impl Shaped for TimelineItem {
    #[expect(clippy::too_many_lines, reason = "a list of fields with their descriptions")]
    fn shape() -> &'static Shape {
        static SHAPE: OnceLock<Shape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            let mut fields = vec![
                Field::new(
                    "kind",
                    "Kind of event.",
                    shape::of_view("kind", Ty::Closed(shape::register::<TimelineKind>)),
                )
                .filter(),
                Field::new("at", "When the event happened.", shape::of_view("at", Ty::Instant)).filter(),
                Field::new(
                    "title",
                    "Title or name of the object concerned. Empty if the object has none.",
                    shape::of_view("title", Ty::Text),
                ),
                Field::new(
                    "note",
                    "Text of the event, such as a reason or a comment; see `kind`. Null if there is none.",
                    shape::of_view("note", Ty::Text),
                )
                .or_null(),
                Field::new(
                    "client",
                    "Client at which the event happened.",
                    shape::one_of_view::<Client>("client_id"),
                ),
                Field::new(
                    "team",
                    "Team in which the event happened.",
                    shape::one_of_view::<Team>("team_id"),
                ),
            ];
            let subjects = [
                (
                    "programme",
                    "The programme concerned. Null if the event is not about a programme.",
                    shape::one_of_view::<Programme>("programme_id"),
                ),
                (
                    "stage",
                    "The stage concerned. Null if the event is not about a stage.",
                    shape::one_of_view::<Stage>("stage_run_id"),
                ),
                (
                    "priority",
                    "The priority concerned. Null if the event is not about a priority.",
                    shape::one_of_view::<Priority>("priority_id"),
                ),
                (
                    "action",
                    "The action concerned. Null if the event is not about an action.",
                    shape::one_of_view::<Action>("action_id"),
                ),
                (
                    "decision",
                    "The decision concerned. Null if the event is not about a decision.",
                    shape::one_of_view::<Decision>("decision_id"),
                ),
                (
                    "obstacle",
                    "The obstacle concerned. Null if the event is not about an obstacle.",
                    shape::one_of_view::<Obstacle>("obstacle_id"),
                ),
                (
                    "session",
                    "The session concerned. Null if the event is not about a session.",
                    shape::one_of_view::<Session>("session_id"),
                ),
                (
                    "alignmentRound",
                    "The alignment round concerned. Null if the event is not about an alignment round.",
                    shape::one_of_view::<AlignmentRound>("alignment_round_id"),
                ),
                (
                    "review",
                    "The review concerned. Null if the event is not about a review.",
                    shape::one_of_view::<Review>("review_id"),
                ),
                (
                    "driftSignal",
                    "The drift signal concerned. Null if the event is not about a drift signal.",
                    shape::one_of_view::<DriftSignal>("drift_signal_id"),
                ),
                (
                    "member",
                    "The member concerned. Null if the event is not about a member.",
                    shape::one_of_view::<Member>("member_id"),
                ),
                (
                    "strategyVersion",
                    "The version of a section concerned. Null if the event is not about a strategy.",
                    shape::one_of_view::<StrategyVersion>("strategy_version_id"),
                ),
            ];
            fields.extend(subjects.map(|(name, doc, field)| Field::new(name, doc, field).or_null()));
            Shape::view::<entity::action::Entity>(
                "TimelineItem",
                "An event on the timeline of a client, with the object concerned.",
                "timeline_event",
                fields,
            )
        })
    }
}
