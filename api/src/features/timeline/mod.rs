//! The timeline: everything that happened at a client, latest first, each item with what it is about. A view of the
//! things themselves: nothing is written twice, and nothing can be missing.

use super::{
    action::Action, alignment::AlignmentRound, client::Client, decision::Decision, drift::DriftSignal,
    member::Member, obstacle::Obstacle, priority::Priority, programme::Programme, review::Review,
    session::Session, stage::Stage, team::Team,
};
use crate::kernel::read::{Field, Shape, Shaped, Ty, shape};
use async_graphql::Enum;
use std::sync::OnceLock;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum TimelineKind {
    /// A programme began.
    ProgrammeStarted,
    /// A programme was paused.
    ProgrammePaused,
    /// A programme went on after a pause.
    ProgrammeResumed,
    /// A programme was completed.
    ProgrammeCompleted,
    /// A programme was ended before it was complete; `note` says why.
    ProgrammeTerminated,
    /// Work on a stage began.
    StageOpened,
    /// A stage was passed: its exit criteria were met.
    StagePassed,
    /// A stage was passed although its criteria were not met; `note` says why.
    StageOverridden,
    /// A stage that had been passed was taken up again; `note` says why.
    StageReopened,
    /// A stage's programme moved to another version of its template; `note` says why.
    StageMoved,
    /// The team committed to a priority.
    PriorityCommitted,
    /// A priority's outcome was reached.
    PriorityAchieved,
    /// A priority's outcome was not reached.
    PriorityMissed,
    /// A priority was given up; `note` says why.
    PriorityDropped,
    /// A milestone of a priority was reached.
    MilestoneReached,
    /// An action was offered to its owner.
    ActionOffered,
    /// An action's owner promised it.
    ActionAccepted,
    /// An action's owner said no; `note` says why.
    ActionDeclined,
    /// An action was completed.
    ActionDone,
    /// An action was given up; `note` says why.
    ActionCancelled,
    /// An action's due date moved; `note` says why.
    ActionMoved,
    /// Somebody commented on an action; `note` is the comment.
    ActionCommented,
    /// Somebody said how a priority or an action stands; `note` is what they said.
    CheckedIn,
    /// A decision was put forward.
    DecisionProposed,
    /// A decision came into force.
    DecisionRatified,
    /// A decision was taken up for another debate; `note` says why.
    DecisionReopened,
    /// Another decision took a decision's place.
    DecisionSuperseded,
    /// A decision was taken back; `note` says why.
    DecisionRevoked,
    /// A leader said that a decision was told on; `note` says to whom.
    DecisionAttested,
    /// An obstacle was named.
    ObstacleRaised,
    /// The team spoke about an obstacle.
    ObstacleDiscussed,
    /// An obstacle was chosen to be dealt with.
    ObstaclePrioritised,
    /// An obstacle was got out of the way.
    ObstacleResolved,
    /// An obstacle was put aside; `note` says why.
    ObstacleParked,
    /// An obstacle was given to whoever runs the programme; `note` says why.
    ObstacleEscalated,
    /// An obstacle came back from where it was parked or escalated to; `note` says why.
    ObstacleResumed,
    /// A session was held; `note` is its summary.
    SessionHeld,
    /// A session's time went by, and nobody held it.
    SessionMissed,
    /// A session was called off; `note` says why.
    SessionCancelled,
    /// An alignment round was opened.
    RoundOpened,
    /// An alignment round was revealed.
    RoundRevealed,
    /// A review was held in time.
    ReviewMet,
    /// A review was held after its grace had ended.
    ReviewLate,
    /// A review was held by nobody.
    ReviewMissed,
    /// A drift signal was raised.
    DriftRaised,
    /// A drift signal ended by a new plan; `note` says which.
    DriftReplanned,
    /// A drift signal that was accepted ended; `note` says why it was.
    DriftAccepted,
    /// A drift signal's cause went away.
    DriftCleared,
    /// A member joined the team.
    MemberJoined,
    /// A member left the team.
    MemberLeft,
}

/// Something that happened at a client.
pub struct TimelineItem;

impl Shaped for TimelineItem {
    fn shape() -> &'static Shape {
        static SHAPE: OnceLock<Shape> = OnceLock::new();
        SHAPE.get_or_init(|| {
            let mut fields = vec![
                Field::new(
                    "kind",
                    "What happened.",
                    shape::of_view("kind", Ty::Closed(shape::register::<TimelineKind>)),
                )
                .filter(),
                Field::new("at", "When it happened.", shape::of_view("at", Ty::Instant)).filter(),
                Field::new(
                    "title",
                    "The title or name of what it happened to; empty where that has none.",
                    shape::of_view("title", Ty::Text),
                ),
                Field::new("note", "What was said about it.", shape::of_view("note", Ty::Text)).or_null(),
                Field::new("client", "The client.", shape::one_of_view::<Client>("client_id")),
                Field::new("team", "The team.", shape::one_of_view::<Team>("team_id")),
            ];
            let subjects = [
                (
                    "programme",
                    "The programme, where it is about one.",
                    shape::one_of_view::<Programme>("programme_id"),
                ),
                ("stage", "The stage, where it is about one.", shape::one_of_view::<Stage>("stage_run_id")),
                (
                    "priority",
                    "The priority, where it is about one.",
                    shape::one_of_view::<Priority>("priority_id"),
                ),
                ("action", "The action, where it is about one.", shape::one_of_view::<Action>("action_id")),
                (
                    "decision",
                    "The decision, where it is about one.",
                    shape::one_of_view::<Decision>("decision_id"),
                ),
                (
                    "obstacle",
                    "The obstacle, where it is about one.",
                    shape::one_of_view::<Obstacle>("obstacle_id"),
                ),
                (
                    "session",
                    "The session, where it is about one.",
                    shape::one_of_view::<Session>("session_id"),
                ),
                (
                    "alignmentRound",
                    "The alignment round, where it is about one.",
                    shape::one_of_view::<AlignmentRound>("alignment_round_id"),
                ),
                ("review", "The review, where it is about one.", shape::one_of_view::<Review>("review_id")),
                (
                    "driftSignal",
                    "The drift signal, where it is about one.",
                    shape::one_of_view::<DriftSignal>("drift_signal_id"),
                ),
                ("member", "The member, where it is about one.", shape::one_of_view::<Member>("member_id")),
            ];
            fields.extend(subjects.map(|(name, doc, field)| Field::new(name, doc, field).or_null()));
            Shape::view::<entity::action::Entity>(
                "TimelineItem",
                "Something that happened at a client, and what it happened to.",
                "timeline_item",
                fields,
            )
        })
    }
}
