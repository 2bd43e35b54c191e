//! The law of openings.

use crate::kernel::{Code, Refusal};
use chrono::{DateTime, Utc};
use entity::owner_opening;

/// Whether a client has yet to open to an owner.
pub fn closed(opening: &owner_opening::Model, now: DateTime<Utc>) -> Result<(), Refusal> {
    if opening.opens_at > now {
        return Ok(());
    }
    Err(Refusal::new(Code::WrongState, "The client is open to this owner already.").at("input.id"))
}
