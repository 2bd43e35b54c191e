//! Rules of members: who can be removed, and who can take over their work.

use crate::{
    features::priority::{limits::PriorityLimits, rules::require_room_for_owner},
    kernel::{Code, Refusal},
    message,
};
use entity::{
    member::{self, MemberStatus},
    membership,
    priority::{self, PriorityStatus},
};
use std::borrow::Borrow;

/// The number of open objects that a member owns.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OpenWork {
    pub actions: usize,
    pub priorities: usize,
    /// Proposed or in force.
    pub decisions: usize,
}

/// Requires that a member is active.
pub fn require_active(member: &member::Model) -> Result<(), Refusal> {
    match member.status {
        MemberStatus::Active => Ok(()),
        MemberStatus::Removed => Err(Refusal::new(
            Code::WrongState,
            message!(MEMBER_LEFT_TEAM, "The member has left the team. Choose an active member."),
        )
        .at("input.id")),
    }
}

/// Requires that a member with this open work can be removed, with or without a successor.
pub fn require_removable(
    member: &member::Model,
    open: OpenWork,
    successor: Option<&member::Model>,
) -> Result<(), Refusal> {
    require_active(member)?;
    match successor {
        Some(successor) => require_successor(member, successor),
        None if open == OpenWork::default() => Ok(()),
        None => {
            let message = message!(
                OWNS_OPEN_WORK,
                "The member owns open work (actions: {actions}, priorities: {priorities}, decisions: {decisions}). Name a \
                 successor.",
                actions = open.actions,
                priorities = open.priorities,
                decisions = open.decisions,
            );
            Err(Refusal::new(Code::WrongState, message).at("input.successorId"))
        }
    }
}

/// The refusal to remove a sponsor from a team, because their access to the whole client would stay.
pub fn still_sponsor_refusal(held: &membership::Model) -> Refusal {
    let message = message!(
        MEMBER_IS_SPONSOR,
        "The member is a sponsor of the client. An owner of the franchise or another sponsor ends that \
                   membership first (membershipEnd)."
    );
    Refusal::new(Code::WrongState, message)
        .at("input.id")
        .with("membershipId", held.id.to_string())
        .with("endedBy", "FRANCHISE_OWNER, SPONSOR")
}

/// Requires that the successor stays within the limit of committed priorities in each cycle. `own` are their present ones.
pub fn require_room_for(
    handed: &[impl Borrow<priority::Model>],
    own: &[priority::Model],
    limits: PriorityLimits,
    successor: &member::Model,
) -> Result<(), Refusal> {
    let mut taken = own.to_vec();
    let handed = handed.iter().map(|row| -> &priority::Model { row.borrow() });
    for priority in handed.filter(|priority| priority.status == PriorityStatus::Committed) {
        let there = taken.iter().filter(|other| other.cycle_id == priority.cycle_id);
        let there: Vec<priority::Model> = there.cloned().collect();
        require_room_for_owner(&there, limits, successor, "input.successorId")?;
        taken.push(priority::Model { owner_id: successor.id, ..priority.clone() });
    }
    Ok(())
}

fn require_successor(member: &member::Model, successor: &member::Model) -> Result<(), Refusal> {
    let active = successor.status == MemberStatus::Active;
    if active && successor.team_id == member.team_id && successor.id != member.id {
        return Ok(());
    }
    let message = message!(
        SUCCESSOR_NOT_A_MEMBER,
        "The successor must be another active member of the team. Choose one."
    );
    Err(Refusal::new(Code::OwnerNotEligible, message).at("input.successorId"))
}
