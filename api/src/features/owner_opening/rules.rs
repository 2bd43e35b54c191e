//! Rules of owner openings.

use crate::{
    kernel::{Code, Refusal},
    message,
};
use chrono::{DateTime, Utc};
use entity::owner_opening;

/// Requires that a client is not open to the owner yet.
pub fn require_closed(opening: &owner_opening::Model, now: DateTime<Utc>) -> Result<(), Refusal> {
    if opening.opens_at > now {
        return Ok(());
    }
    Err(Refusal::new(
        Code::WrongState,
        message!(CLIENT_OPEN_ALREADY, "The client is open to this owner already."),
    )
    .at("input.id"))
}
