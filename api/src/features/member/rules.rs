//! The law of members: who can take over from one who leaves.

use crate::kernel::{Code, Refusal};
use entity::member::{self, MemberStatus};

/// What a member owns that is open.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Open {
    pub actions: usize,
    pub priorities: usize,
    /// Proposed or in force.
    pub decisions: usize,
}

/// Whether a member belongs to the team.
pub fn active(member: &member::Model) -> Result<(), Refusal> {
    match member.status {
        MemberStatus::Active => Ok(()),
        MemberStatus::Removed => {
            Err(Refusal::new(Code::WrongState, "The member has left the team.").at("input.id"))
        }
    }
}

/// Whether a member who owns this can leave, with or without somebody to take it over.
pub fn removable(
    member: &member::Model,
    open: Open,
    successor: Option<&member::Model>,
) -> Result<(), Refusal> {
    active(member)?;
    match successor {
        Some(successor) => can_succeed(member, successor),
        None if open == Open::default() => Ok(()),
        None => {
            let message = format!(
                "The member owns {}, {} and {} that are open. Name a successor.",
                counted(open.actions, "action", "actions"),
                counted(open.priorities, "priority", "priorities"),
                counted(open.decisions, "decision", "decisions"),
            );
            Err(Refusal::new(Code::WrongState, message).at("input.successorId"))
        }
    }
}

fn can_succeed(member: &member::Model, successor: &member::Model) -> Result<(), Refusal> {
    let active = successor.status == MemberStatus::Active;
    if active && successor.team_id == member.team_id && successor.id != member.id {
        return Ok(());
    }
    let message = "The successor must be another active member of the team.";
    Err(Refusal::new(Code::OwnerNotEligible, message).at("input.successorId"))
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
