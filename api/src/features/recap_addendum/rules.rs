//! Rules of addenda to recaps.

use crate::{
    kernel::{Code, Refusal},
    message,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    recap_addendum,
    session::{self, SessionStatus},
};

/// Maximum number of addenda of one session. It keeps the list short enough to read whole.
pub const PER_SESSION: usize = 20;
/// After this time, a confirmed correction no longer counts for the quorum.
pub const CONFIRM_WITHIN: TimeDelta = TimeDelta::hours(48);

/// Requires that a session has a recap.
pub fn require_held(status: SessionStatus) -> Result<(), Refusal> {
    if status == SessionStatus::Held {
        return Ok(());
    }
    let message = message!(NO_RECAP, "The session has no recap. It must be closed first.");
    Err(Refusal::new(Code::WrongState, message).at("input.sessionId"))
}

/// Requires that a session has room for another addendum.
pub fn require_room(there: usize) -> Result<(), Refusal> {
    if there < PER_SESSION {
        return Ok(());
    }
    let message = message!(ADDENDA_PER_SESSION, "A recap has at most {max} addenda.", max = PER_SESSION);
    Err(Refusal::new(Code::LimitReached, message).at("input.sessionId"))
}

/// Requires that an addendum can be confirmed: it corrects attendance, is not confirmed, and its session was closed not
/// longer ago than [`CONFIRM_WITHIN`].
pub fn require_confirmable(
    addendum: &recap_addendum::Model,
    session: &session::Model,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let until = session.closed_at.map(|closed| closed + CONFIRM_WITHIN);
    let message = if addendum.attendance.is_none() {
        message!(NO_CORRECTION, "The addendum corrects no attendance, so there is nothing to confirm.")
    } else if addendum.confirmed_at.is_some() {
        message!(CORRECTION_CONFIRMED, "The correction is confirmed already.")
    } else if until.is_none_or(|until| now > until) {
        message!(
            CORRECTION_TOO_LATE,
            "A correction is confirmed within {hours} hours after the session was closed.",
            hours = CONFIRM_WITHIN.num_hours()
        )
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}
