//! The law of assignments: who can facilitate a client, and that it always has exactly one lead.

use crate::kernel::{Code, Refusal, refused_id};
use chrono::{DateTime, Utc};
use entity::{
    Id,
    assignment::{self, AssignmentPart},
    client, franchise,
    membership::{self, MembershipRole},
    person,
};
use std::borrow::Borrow;

/// Whether a membership holds at an instant.
pub fn holds(held: &membership::Model, now: DateTime<Utc>) -> bool {
    held.starts_at <= now && held.ends_at.is_none_or(|ends| ends > now)
}

/// Whether a role is that of somebody who can facilitate.
pub fn practises(role: MembershipRole) -> bool {
    matches!(role, MembershipRole::Facilitator | MembershipRole::FranchiseOwner)
}

/// Whether a person can facilitate a client of a franchise, by what the caller sees of their memberships. Of whom
/// the caller sees nothing, nothing is told.
pub fn can_facilitate(
    held: &[membership::Model],
    franchise: Id<franchise::Entity>,
    client: Id<client::Entity>,
    now: DateTime<Utc>,
    path: &str,
) -> Result<(), Refusal> {
    if held.is_empty() {
        return Err(refused_id(path));
    }
    let holding = || held.iter().filter(|held| holds(held, now));
    if !holding().any(|held| held.franchise_id == Some(franchise) && practises(held.role)) {
        let message = "A client is facilitated by facilitators and owners of its franchise.";
        return Err(Refusal::new(Code::OwnerNotEligible, message).at(path));
    }
    if holding().any(|held| held.client_id == Some(client)) {
        let message = "This person belongs to the client. Nobody facilitates their own team.";
        return Err(Refusal::new(Code::OwnerNotEligible, message).at(path));
    }
    Ok(())
}

/// Which of a client's assignments end when a person gets a part: the person's own other part, and the present lead
/// when there is a new one.
pub fn ending<R: Borrow<assignment::Model>>(
    open: &[R],
    person: Id<person::Entity>,
    part: AssignmentPart,
) -> Result<Vec<&R>, Refusal> {
    let rows = || open.iter().map(|row| -> (&R, &assignment::Model) { (row, row.borrow()) });
    if let Some((_, own)) = rows().find(|(_, open)| open.person_id == person) {
        if own.part == part {
            let message = "This person has this part already.";
            return Err(Refusal::new(Code::Taken, message).at("input.personId"));
        }
        if own.part == AssignmentPart::Lead {
            let message = "This person leads the client. Name a new lead first.";
            return Err(Refusal::new(Code::WrongState, message).at("input.part"));
        }
    }
    let new_lead = part == AssignmentPart::Lead;
    let ends =
        |open: &assignment::Model| open.person_id == person || new_lead && open.part == AssignmentPart::Lead;
    Ok(rows().filter(|(_, open)| ends(open)).map(|(row, _)| row).collect())
}

/// Whether an assignment can end by itself.
pub fn endable(assignment: &assignment::Model, now: DateTime<Utc>) -> Result<(), Refusal> {
    let message = if assignment.ends_at.is_some_and(|ends| ends <= now) {
        "The assignment has ended already."
    } else if assignment.part == AssignmentPart::Lead {
        "A client always has a lead. Name a new lead first, which ends this assignment."
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}
