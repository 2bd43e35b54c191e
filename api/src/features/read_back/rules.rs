//! The law of read-backs and attestations.

use crate::kernel::{Code, Refusal};
use chrono::NaiveDate;
use entity::{
    decision::DecisionStatus,
    decision_restatement::{self, ReadBackStatus},
};

/// Times that a member can restate one decision.
pub const RESTATEMENTS: usize = 10;
/// Audiences that a member can attest for one decision.
pub const ATTESTATIONS: i64 = 20;

/// Read-backs and attestations are of what is in force.
pub fn in_force(status: DecisionStatus) -> Result<(), Refusal> {
    let message = match status {
        DecisionStatus::Ratified => return Ok(()),
        DecisionStatus::Proposed => "The decision is only proposed. It must be ratified first.",
        DecisionStatus::Superseded => "Another decision took this one's place.",
        DecisionStatus::Revoked => "The decision was taken back.",
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// A decision's counts of members: who have read it back, whose last restatement matches, and whose differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    pub read_back: i32,
    pub matching: i32,
    pub differing: i32,
}

impl Counts {
    /// After a member has restated the decision, whose restatements so far are these, oldest first. One at a time: the
    /// last must have been judged, and have differed.
    pub fn restated(self, before: &[decision_restatement::Model]) -> Result<Counts, Refusal> {
        let refuse = |code, message: &str| Err(Refusal::new(code, message).at("input.id"));
        if before.len() >= RESTATEMENTS {
            return refuse(Code::LimitReached, "A decision can be restated 10 times. Talk about it.");
        }
        match before.last().map(|last| last.status) {
            None => Ok(Counts { read_back: self.read_back + 1, ..self }),
            Some(ReadBackStatus::Differs) => Ok(Counts { differing: self.differing - 1, ..self }),
            Some(ReadBackStatus::Waiting) => refuse(Code::WrongState, "Your restatement waits to be read."),
            Some(ReadBackStatus::Matches) => {
                refuse(Code::WrongState, "Your restatement matches the decision already.")
            }
        }
    }
    /// After a restatement has been judged.
    pub fn judged(self, status: ReadBackStatus, matches: bool) -> Result<(ReadBackStatus, Counts), Refusal> {
        match (status, matches) {
            (ReadBackStatus::Waiting, true) => {
                Ok((ReadBackStatus::Matches, Counts { matching: self.matching + 1, ..self }))
            }
            (ReadBackStatus::Waiting, false) => {
                Ok((ReadBackStatus::Differs, Counts { differing: self.differing + 1, ..self }))
            }
            _ => Err(Refusal::new(Code::WrongState, "The restatement is judged already.").at("input.id")),
        }
    }
}

/// Whether a decision that was ratified on one day can have been told on another, as seen today.
pub fn told_on(on: NaiveDate, ratified: NaiveDate, today: NaiveDate) -> bool {
    (ratified..=today).contains(&on)
}

/// Whether a member can attest once more.
pub fn room(attested: i64) -> Result<(), Refusal> {
    if attested < ATTESTATIONS {
        return Ok(());
    }
    let message = format!("A member can attest {ATTESTATIONS} audiences for a decision.");
    Err(Refusal::new(Code::LimitReached, message).at("input.id"))
}
