//! Rules of targets.

use crate::{
    kernel::{Code, Refusal},
    message,
};
use entity::target;

/// Maximum number of targets of a year. The list stays short enough to be read whole.
pub const MAX_PER_YEAR: i64 = 20;

/// Requires that a target is not removed. A refusal names `path`.
pub fn require_kept(target: &target::Model, path: &str) -> Result<(), Refusal> {
    if target.removed_at.is_none() {
        return Ok(());
    }
    let message = message!(TARGET_REMOVED, "The target was removed. Choose another one, or create it anew.");
    Err(Refusal::new(Code::WrongState, message).at(path))
}

/// Requires that a year has room for one more target.
pub fn require_room(others: i64) -> Result<(), Refusal> {
    if others < MAX_PER_YEAR {
        return Ok(());
    }
    let message = message!(
        TARGETS_PER_YEAR,
        "A year has at most {max} targets. Remove one first (`targetRemove`).",
        max = MAX_PER_YEAR,
    );
    Err(Refusal::new(Code::LimitReached, message).at("input.yearId"))
}
