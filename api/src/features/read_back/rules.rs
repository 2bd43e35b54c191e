//! Rules of read-backs and attestations.

use crate::{
    kernel::{Code, Message, Refusal},
    message,
};
use chrono::NaiveDate;
use entity::{
    decision::DecisionStatus,
    decision_restatement::{self, ReadBackStatus},
};

/// Maximum number of times that a member can restate one decision.
pub const MAX_RESTATEMENTS: usize = 10;
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

/// Numbers of members of a decision: those who restated it, those whose last restatement matches, and those whose last
/// restatement differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadBackCounts {
    pub read_back: i32,
    pub matching: i32,
    pub differing: i32,
}

impl ReadBackCounts {
    /// Returns the counts after a restatement, given the member's earlier restatements, oldest first. The last one must
    /// have been judged as different.
    pub fn after_restatement(
        self,
        before: &[decision_restatement::Model],
    ) -> Result<ReadBackCounts, Refusal> {
        let refuse = |code, message: Message| Err(Refusal::new(code, message).at("input.id"));
        if before.len() >= MAX_RESTATEMENTS {
            let message = message!(
                RESTATEMENTS_PER_MEMBER,
                "A member can restate a decision at most {max} times. Talk about it.",
                max = MAX_RESTATEMENTS,
            );
            return refuse(Code::LimitReached, message);
        }
        match before.last().map(|last| last.status) {
            None => Ok(ReadBackCounts { read_back: self.read_back + 1, ..self }),
            Some(ReadBackStatus::Differs) => Ok(ReadBackCounts { differing: self.differing - 1, ..self }),
            Some(ReadBackStatus::Waiting) => refuse(
                Code::WrongState,
                message!(RESTATEMENT_WAITS, "Your restatement waits to be read. Wait for the answer."),
            ),
            Some(ReadBackStatus::Matches) => refuse(
                Code::WrongState,
                message!(RESTATEMENT_MATCHES, "Your restatement matches the decision already."),
            ),
        }
    }
    /// Returns the status and the counts after a judgement.
    pub fn after_judgement(
        self,
        status: ReadBackStatus,
        matches: bool,
    ) -> Result<(ReadBackStatus, ReadBackCounts), Refusal> {
        match (status, matches) {
            (ReadBackStatus::Waiting, true) => {
                Ok((ReadBackStatus::Matches, ReadBackCounts { matching: self.matching + 1, ..self }))
            }
            (ReadBackStatus::Waiting, false) => {
                Ok((ReadBackStatus::Differs, ReadBackCounts { differing: self.differing + 1, ..self }))
            }
            _ => Err(Refusal::new(
                Code::WrongState,
                message!(
                    RESTATEMENT_JUDGED,
                    "The restatement is judged already. The author can write a new one."
                ),
            )
            .at("input.id")),
        }
    }
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
