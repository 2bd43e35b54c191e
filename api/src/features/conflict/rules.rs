//! Rules of conflicts between priorities.

use crate::{
    kernel::{Code, Refusal},
    message,
};
use entity::priority::{self, PriorityStatus};

/// Maximum number of conflicts of a priority. It keeps the list short enough to read whole.
pub const PER_PRIORITY: i64 = 20;

/// Requires that two priorities can be in conflict: they differ, are open, and belong to one team and one cycle.
pub fn require_conflicting_pair(one: &priority::Model, other: &priority::Model) -> Result<(), Refusal> {
    let open =
        |row: &priority::Model| matches!(row.status, PriorityStatus::Proposed | PriorityStatus::Committed);
    if !open(one) {
        return Err(Refusal::new(
            Code::WrongState,
            message!(PRIORITY_CLOSED, "The priority is closed. Choose an open one."),
        )
        .at("input.id"));
    }
    let why = if one.id == other.id {
        message!(SAME_PRIORITY, "A priority cannot be in conflict with itself. Choose another priority.")
    } else if one.team_id != other.team_id || one.cycle_id != other.cycle_id {
        message!(
            OTHER_PRIORITY_ELSEWHERE,
            "The other priority belongs to another team or cycle. Choose one of the same team and cycle."
        )
    } else if !open(other) {
        message!(OTHER_PRIORITY_CLOSED, "The other priority is closed. Choose an open one.")
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::Invalid, why).at("input.otherId"))
}

/// Requires that a priority has room for another conflict.
pub fn require_room(others: i64, path: &str) -> Result<(), Refusal> {
    if others < PER_PRIORITY {
        return Ok(());
    }
    let message = message!(
        CONFLICTS_PER_PRIORITY,
        "A priority has at most {max} conflicts. Resolve one first.",
        max = PER_PRIORITY,
    );
    Err(Refusal::new(Code::LimitReached, message).at(path))
}
