//! The law of milestones.

use crate::kernel::{Code, Refusal};
use entity::milestone;

/// Milestones that a priority may have: what keeps the list of them short enough to read whole.
pub const PER_PRIORITY: i64 = 20;

/// What can be done to a milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Update,
    Complete,
    Reopen,
    Remove,
}

/// Whether a milestone as it stands allows a step.
pub fn allows(milestone: &milestone::Model, step: Step) -> Result<(), Refusal> {
    let why = match (milestone.removed_at, milestone.done_at, step) {
        (Some(_), ..) => "The milestone was removed.",
        (None, Some(_), Step::Update | Step::Complete) => "The milestone is done. Reopen it first.",
        (None, None, Step::Reopen) => "The milestone is not done.",
        _ => return Ok(()),
    };
    Err(Refusal::new(Code::WrongState, why).at("input.id"))
}

/// Whether a priority has room for another milestone.
pub fn room(others: i64) -> Result<(), Refusal> {
    if others < PER_PRIORITY {
        return Ok(());
    }
    let message = format!("A priority has at most {PER_PRIORITY} milestones. Use fewer, larger ones.");
    Err(Refusal::new(Code::LimitReached, message).at("input.priorityId"))
}
