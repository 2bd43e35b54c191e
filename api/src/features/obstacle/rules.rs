//! Rules of obstacles.

use crate::{
    kernel::{Code, Message, Refusal},
    message,
};
use chrono::{DateTime, Utc};
use entity::{obstacle::ObstacleStatus, obstacle_event::ObstacleEventKind};

/// Step that changes an obstacle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Update,
    Discuss,
    Prioritise,
    Resolve,
    Park,
    Escalate,
    Resume,
}

/// Returns the status after a step, or refuses the step. An obstacle that resumes is prioritised again if it was
/// prioritised before it was parked or escalated.
pub fn next_status(
    status: ObstacleStatus,
    step: Step,
    prioritised_at: Option<DateTime<Utc>>,
) -> Result<ObstacleStatus, Refusal> {
    use ObstacleStatus::*;
    let to = match (status, step) {
        (Raised | Prioritised | Escalated, Step::Update | Step::Discuss) => status,
        (Raised, Step::Prioritise) => Prioritised,
        (Raised | Prioritised | Escalated, Step::Resolve) => Resolved,
        (Raised | Prioritised, Step::Park) => Parked,
        (Raised | Prioritised, Step::Escalate) => Escalated,
        (Parked | Escalated, Step::Resume) => prioritised_at.map_or(Raised, |_| Prioritised),
        _ => return Err(Refusal::new(Code::WrongState, refusal_message(status)).at("input.id")),
    };
    Ok(to)
}

fn refusal_message(status: ObstacleStatus) -> Message {
    use ObstacleStatus::*;
    match status {
        Raised => message!(
            OBSTACLE_ONLY_RAISED,
            "The obstacle is only raised. Park or escalate it before you resume it."
        ),
        Prioritised => message!(OBSTACLE_PRIORITISED, "The obstacle is prioritised already."),
        Resolved => message!(OBSTACLE_RESOLVED, "The obstacle is resolved, and no longer changes."),
        Parked => message!(OBSTACLE_PARKED, "The obstacle is parked. Resume it first."),
        Escalated => message!(OBSTACLE_ESCALATED, "The obstacle is escalated. Resume it first."),
    }
}

/// Returns the kind of history event that a step records. An update is recorded in the audit log only.
pub fn event_kind(step: Step) -> Option<ObstacleEventKind> {
    Some(match step {
        Step::Update => return None,
        Step::Discuss => ObstacleEventKind::Discussed,
        Step::Prioritise => ObstacleEventKind::Prioritised,
        Step::Resolve => ObstacleEventKind::Resolved,
        Step::Park => ObstacleEventKind::Parked,
        Step::Escalate => ObstacleEventKind::Escalated,
        Step::Resume => ObstacleEventKind::Resumed,
    })
}
