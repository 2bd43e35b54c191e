//! The law of actions.

use crate::kernel::{Code, Refusal};
use entity::{
    Id,
    action::{self, ActionStatus},
    decision::{self, DecisionStatus},
    member::{self, MemberStatus},
    person, team,
};

/// Actions that may serve one priority: what keeps the list of them short enough to read whole.
pub const PER_PRIORITY: i64 = 100;

/// What can be done to an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Update,
    Reassign,
    Accept,
    Decline,
    Complete,
    Cancel,
    Redate,
}

/// The status an action has after a step, where its status allows the step.
pub fn next(status: ActionStatus, step: Step) -> Result<ActionStatus, Refusal> {
    use ActionStatus::*;
    let to = match (status, step) {
        (Offered | Accepted, Step::Update | Step::Redate) => status,
        (Offered | Accepted | Declined, Step::Reassign) => Offered,
        (Offered, Step::Accept) => Accepted,
        (Offered, Step::Decline) => Declined,
        (Accepted, Step::Complete) => Done,
        (Offered | Accepted, Step::Cancel) => Cancelled,
        _ => return Err(Refusal::new(Code::WrongState, why_not(status, step)).at("input.id")),
    };
    Ok(to)
}

fn why_not(status: ActionStatus, step: Step) -> &'static str {
    use ActionStatus::*;
    match (status, step) {
        (Done, _) => "The action is done.",
        (Cancelled, _) => "The action is cancelled.",
        (Declined, _) => "The action was declined. Give it to another owner first.",
        (Offered, Step::Complete) => "The action is not accepted yet. Its owner accepts it first.",
        (Accepted, _) => "The action is accepted already.",
        (Offered, _) => "The action is only offered.",
    }
}

/// Whether a member can own work of a team.
pub fn eligible(owner: &member::Model, team: Id<team::Entity>) -> Result<(), Refusal> {
    if owner.status == MemberStatus::Active && owner.team_id == team {
        return Ok(());
    }
    let message = "The owner must be an active member of the team.";
    Err(Refusal::new(Code::OwnerNotEligible, message).at("input.ownerId"))
}

/// Whether to give an action to this owner is to change anything. One that was declined can be offered again.
pub fn another(owner: &member::Model, action: &action::Model) -> Result<(), Refusal> {
    if owner.id != action.owner_id || action.status == ActionStatus::Declined {
        return Ok(());
    }
    Err(Refusal::new(Code::Invalid, "It is this owner's already.").at("input.ownerId"))
}

/// Whether the owner is this person.
pub fn owned_by(owner: Option<&member::Model>, person: Id<person::Entity>) -> Result<(), Refusal> {
    match owner {
        Some(owner) if owner.person_id == Some(person) => Ok(()),
        _ => Err(Refusal::new(Code::NotOwner, "Only the owner can do this.").at("input.id")),
    }
}

/// Whether what an action refers to is of the same team.
pub fn same_team(of: Id<team::Entity>, team: Id<team::Entity>, path: &str) -> Result<(), Refusal> {
    if of == team {
        return Ok(());
    }
    Err(Refusal::new(Code::Invalid, "This belongs to another team.").at(path))
}

/// Whether a decision can give an action up: what was decided before there was the action cannot have meant it.
pub fn gives_up(decision: &decision::Model, action: &action::Model) -> Result<(), Refusal> {
    let message = match (decision.status, decision.ratified_at) {
        (DecisionStatus::Ratified, Some(at)) if at >= action.first_offered_at => return Ok(()),
        (DecisionStatus::Ratified, _) => {
            "The decision is older than the action. One taken since can give it up."
        }
        _ => "Only a decision that is in force gives an action up. Ratify it first.",
    };
    Err(Refusal::new(Code::WrongState, message).at("input.decisionId"))
}

/// Whether a priority has room for another action.
pub fn room_under_priority(others: i64) -> Result<(), Refusal> {
    if others < PER_PRIORITY {
        return Ok(());
    }
    let message = format!(
        "A priority holds at most {PER_PRIORITY} actions. Close the priority or use fewer, larger actions."
    );
    Err(Refusal::new(Code::LimitReached, message).at("input.priorityId"))
}
