//! Rules of assignments: who can facilitate a client, and that a client always has exactly one lead.

use crate::{
    kernel::{Code, Refusal, refused_id},
    message,
};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    Id,
    assignment::{self, AssignmentPart},
    client, franchise,
    membership::{self, MembershipRole},
    person,
};
use std::borrow::Borrow;

/// Whether a membership is in force at an instant.
pub fn is_in_force(held: &membership::Model, now: DateTime<Utc>) -> bool {
    held.starts_at <= now && held.ends_at.is_none_or(|ends| ends > now)
}

/// Whether people with this role can facilitate.
pub fn is_facilitating(role: MembershipRole) -> bool {
    matches!(role, MembershipRole::Facilitator | MembershipRole::FranchiseOwner)
}

/// Requires that a person can facilitate a client of a franchise. `held` are the person's memberships that the caller
/// can read. A person without any is refused like an unknown ID.
pub fn require_facilitator(
    held: &[membership::Model],
    franchise: Id<franchise::Entity>,
    client: Id<client::Entity>,
    now: DateTime<Utc>,
    path: &str,
) -> Result<(), Refusal> {
    if held.is_empty() {
        return Err(refused_id(path));
    }
    let holding = || held.iter().filter(|held| is_in_force(held, now));
    if !holding().any(|held| held.franchise_id == Some(franchise) && is_facilitating(held.role)) {
        let message = message!(
            NOT_A_FACILITATOR,
            "Only facilitators and owners of the franchise can facilitate its clients. Choose one of them."
        );
        return Err(Refusal::new(Code::OwnerNotEligible, message).at(path));
    }
    if holding().any(|held| held.client_id == Some(client)) {
        let message = message!(
            PERSON_OF_CLIENT,
            "This person belongs to the client. Nobody facilitates their own team."
        );
        return Err(Refusal::new(Code::OwnerNotEligible, message).at(path));
    }
    Ok(())
}

/// Requires that only co-facilitators and observers have a part on certain days, and that the last day is not before the
/// first.
pub fn require_days(
    part: AssignmentPart,
    starts_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
) -> Result<(), Refusal> {
    let dated = if starts_on.is_some() { "input.startsOn" } else { "input.endsOn" };
    if part == AssignmentPart::Lead && (starts_on.is_some() || ends_on.is_some()) {
        let message = message!(
            LEAD_HAS_NO_DAYS,
            "A lead leads until another one is named. Assign a co-facilitator for these days."
        );
        return Err(Refusal::new(Code::Invalid, message).at(dated));
    }
    match (starts_on, ends_on) {
        (Some(starts_on), Some(ends_on)) if ends_on < starts_on => {
            let message = message!(
                ENDS_BEFORE_START,
                "`endsOn` must not be before the first day ({starts_on}).",
                starts_on,
            );
            Err(Refusal::new(Code::Invalid, message).at("input.endsOn"))
        }
        _ => Ok(()),
    }
}

/// A period: from an instant to another one, or without an end.
pub type Period = (DateTime<Utc>, Option<DateTime<Utc>>);

/// When an assignment ends that is ended now: one that has not begun never has any time.
pub fn end_of(assignment: &assignment::Model, now: DateTime<Utc>) -> DateTime<Utc> {
    now.max(assignment.starts_at)
}

/// Whether an assignment and a period share some time.
fn overlaps(open: &assignment::Model, (starts_at, ends_at): Period) -> bool {
    if open.ends_at.is_some_and(|ends| ends <= open.starts_at) {
        return false;
    }
    ends_at.is_none_or(|ends| open.starts_at < ends) && open.ends_at.is_none_or(|ends| starts_at < ends)
}

/// The assignments of a client that end when a person gets a part for a period: the person's other part at that time, and
/// the present lead's if the person becomes lead.
pub fn assignments_to_end<R: Borrow<assignment::Model>>(
    open: &[R],
    person: Id<person::Entity>,
    part: AssignmentPart,
    period: Period,
) -> Result<Vec<&R>, Refusal> {
    let rows = || {
        let rows = open.iter().map(|row| -> (&R, &assignment::Model) { (row, row.borrow()) });
        rows.filter(|(_, open)| overlaps(open, period))
    };
    if let Some((_, own)) = rows().find(|(_, open)| open.person_id == person) {
        if own.part == part {
            let message = message!(
                PART_HELD_ALREADY,
                "This person has this part already. Choose another person or part."
            );
            return Err(Refusal::new(Code::Taken, message).at("input.personId"));
        }
        if own.part == AssignmentPart::Lead {
            let message = message!(PERSON_IS_LEAD, "This person leads the client. Name a new lead first.");
            return Err(Refusal::new(Code::WrongState, message).at("input.part"));
        }
    }
    let new_lead = part == AssignmentPart::Lead;
    let ends =
        |open: &assignment::Model| open.person_id == person || new_lead && open.part == AssignmentPart::Lead;
    Ok(rows().filter(|(_, open)| ends(open)).map(|(row, _)| row).collect())
}

/// Requires that an assignment can end without a successor.
pub fn require_endable(assignment: &assignment::Model, now: DateTime<Utc>) -> Result<(), Refusal> {
    let message = if assignment.ends_at.is_some_and(|ends| ends <= now) {
        message!(ASSIGNMENT_ENDED_ALREADY, "The assignment has ended already.")
    } else if assignment.part == AssignmentPart::Lead {
        message!(
            CLIENT_NEEDS_LEAD,
            "A client always has a lead. Name a new lead first, which ends this assignment."
        )
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}
