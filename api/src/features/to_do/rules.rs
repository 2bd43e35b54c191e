//! Rules of to-dos.

use crate::{
    kernel::{Code, Refusal},
    message,
};
use chrono::{DateTime, Utc};

/// What can be done to a to-do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Update,
    Complete,
    Reopen,
}

/// Requires that a to-do is in the state that a step is for: done for reopening, open for all else.
pub fn require_state(done_at: Option<DateTime<Utc>>, step: Step) -> Result<(), Refusal> {
    let message = match (step, done_at.is_some()) {
        (Step::Update | Step::Complete, false) | (Step::Reopen, true) => return Ok(()),
        (Step::Update | Step::Complete, true) => {
            message!(TO_DO_DONE, "The to-do is done. Reopen it first (`toDoReopen`).")
        }
        (Step::Reopen, false) => {
            message!(TO_DO_OPEN, "The to-do is open. Only a to-do that is done is reopened.")
        }
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}
