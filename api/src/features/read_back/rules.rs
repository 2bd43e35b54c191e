//! Rules of read-backs and attestations.

use crate::{
    kernel::{Code, Refusal},
    message,
};
use chrono::NaiveDate;
use entity::decision::DecisionStatus;

/// Maximum number of audiences that a member can attest for one decision.
pub const MAX_ATTESTATIONS: i64 = 20;

/// Requires that a decision is ratified and in force.
pub fn require_ratified(status: DecisionStatus) -> Result<(), Refusal> {
    let message = match status {
        DecisionStatus::Ratified => return Ok(()),
        DecisionStatus::Proposed => {
            message!(DECISION_PROPOSED, "The decision is only proposed. Ratify it first.")
        }
        DecisionStatus::Superseded => {
            message!(DECISION_IS_SUPERSEDED, "Another decision took this one's place. Use that one.")
        }
        DecisionStatus::Revoked => {
            message!(DECISION_IS_REVOKED, "The decision was taken back. Propose a new one.")
        }
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Whether a decision ratified on one day can have been communicated on another day, as of today.
pub fn is_communication_day(on: NaiveDate, ratified: NaiveDate, today: NaiveDate) -> bool {
    (ratified..=today).contains(&on)
}

/// Requires that a member can attest one more audience.
pub fn require_room(attested: i64) -> Result<(), Refusal> {
    if attested < MAX_ATTESTATIONS {
        return Ok(());
    }
    let message = message!(
        ATTESTATIONS_PER_MEMBER,
        "A member can attest at most {max} audiences for a decision.",
        max = MAX_ATTESTATIONS,
    );
    Err(Refusal::new(Code::LimitReached, message).at("input.id"))
}
