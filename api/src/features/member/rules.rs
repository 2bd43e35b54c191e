//! The law of members: who can take over from one who leaves.

use crate::{
    features::priority::rules::room_for_owner,
    kernel::{Code, Places, Refusal},
};
use entity::{
    member::{self, MemberStatus},
    membership,
    priority::{self, PriorityStatus},
};
use std::borrow::Borrow;

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

/// Why a sponsor of the client cannot be removed from the team: their access to the whole client would stay.
pub fn still_sponsor(held: &membership::Model) -> Refusal {
    let message = "The member is a sponsor of the client. An owner of the franchise or another sponsor ends that \
                   membership first (membershipEnd).";
    Refusal::new(Code::WrongState, message)
        .at("input.id")
        .with("membershipId", held.id.to_string())
        .with("endedBy", "FRANCHISE_OWNER, SPONSOR")
}

/// Whether a successor with these committed priorities has room for those that are handed over: in each cycle no more
/// than one may own.
pub fn room_for(
    handed: &[impl Borrow<priority::Model>],
    own: &[priority::Model],
    places: Places,
    successor: &member::Model,
) -> Result<(), Refusal> {
    let mut taken = own.to_vec();
    let handed = handed.iter().map(|row| -> &priority::Model { row.borrow() });
    for priority in handed.filter(|priority| priority.status == PriorityStatus::Committed) {
        let there = taken.iter().filter(|other| other.cycle_id == priority.cycle_id);
        let there: Vec<priority::Model> = there.cloned().collect();
        room_for_owner(&there, places, successor, "input.successorId")?;
        taken.push(priority::Model { owner_id: successor.id, ..priority.clone() });
    }
    Ok(())
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
