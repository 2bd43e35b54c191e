//! The law of conflicts between priorities.

use crate::kernel::{Code, Refusal};
use entity::priority::{self, PriorityStatus};

/// Conflicts that a priority may have: what keeps the list of them short enough to read whole.
pub const PER_PRIORITY: i64 = 20;

/// Whether two priorities can be in conflict: both open, of one team and one cycle, and not the same.
pub fn pair(one: &priority::Model, other: &priority::Model) -> Result<(), Refusal> {
    let open =
        |row: &priority::Model| matches!(row.status, PriorityStatus::Proposed | PriorityStatus::Committed);
    if !open(one) {
        return Err(Refusal::new(Code::WrongState, "The priority is closed.").at("input.id"));
    }
    let why = if one.id == other.id {
        "A priority is in no conflict with itself."
    } else if one.team_id != other.team_id || one.cycle_id != other.cycle_id {
        "The other priority is of another team or cycle."
    } else if !open(other) {
        "The other priority is closed."
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::Invalid, why).at("input.otherId"))
}

/// Whether a priority has room for another conflict.
pub fn room(others: i64, path: &str) -> Result<(), Refusal> {
    if others < PER_PRIORITY {
        return Ok(());
    }
    let message = format!("A priority has at most {PER_PRIORITY} conflicts.");
    Err(Refusal::new(Code::LimitReached, message).at(path))
}
