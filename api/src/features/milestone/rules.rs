//! Rules of milestones.

use crate::{
    kernel::{Code, Refusal},
    message,
};
use entity::milestone;

/// Maximum number of milestones of a priority. The list stays short enough to be read whole.
pub const MAX_PER_PRIORITY: i64 = 20;

/// Step that changes a milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Update,
    Complete,
    Reopen,
    Remove,
}

/// Requires that a milestone allows a step in its current state.
pub fn require_allowed(milestone: &milestone::Model, step: Step) -> Result<(), Refusal> {
    let why = match (milestone.removed_at, milestone.done_at, step) {
        (Some(_), ..) => message!(MILESTONE_REMOVED, "The milestone was removed. Create a new one."),
        (None, Some(_), Step::Update | Step::Complete) => {
            message!(MILESTONE_DONE, "The milestone is done. Reopen it first.")
        }
        (None, None, Step::Reopen) => {
            message!(MILESTONE_NOT_DONE, "The milestone is not done, so there is nothing to reopen.")
        }
        _ => return Ok(()),
    };
    Err(Refusal::new(Code::WrongState, why).at("input.id"))
}

/// Requires that a priority has room for one more milestone.
pub fn require_room(others: i64) -> Result<(), Refusal> {
    if others < MAX_PER_PRIORITY {
        return Ok(());
    }
    let message = message!(
        MILESTONES_PER_PRIORITY,
        "A priority has at most {max} milestones. Use fewer, larger ones.",
        max = MAX_PER_PRIORITY,
    );
    Err(Refusal::new(Code::LimitReached, message).at("input.priorityId"))
}
