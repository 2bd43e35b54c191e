//! The law of obstacles.

use crate::kernel::{Code, Refusal};
use chrono::{DateTime, Utc};
use entity::{obstacle::ObstacleStatus, obstacle_event::ObstacleEventKind};

/// What can be done to an obstacle.
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

/// The status an obstacle has after a step, where its status allows the step. One that comes back from where it was
/// parked or escalated to is prioritised where it was before.
pub fn next(
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
        _ => return Err(Refusal::new(Code::WrongState, why_not(status)).at("input.id")),
    };
    Ok(to)
}

fn why_not(status: ObstacleStatus) -> &'static str {
    use ObstacleStatus::*;
    match status {
        Raised => "The obstacle is only raised.",
        Prioritised => "The obstacle is prioritised.",
        Resolved => "The obstacle is resolved.",
        Parked => "The obstacle is parked. Resume it first.",
        Escalated => "The obstacle is escalated. Resume it first.",
    }
}

/// What a step is called in the history; an update is in the audit alone.
pub fn kind(step: Step) -> Option<ObstacleEventKind> {
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
