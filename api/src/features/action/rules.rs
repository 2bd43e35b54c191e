//! Rules of actions.

use crate::{
    kernel::{Code, Message, Refusal},
    message,
};
use entity::{
    Id,
    action::{self, ActionStatus},
    decision::{self, DecisionStatus},
    member::{self, MemberStatus},
    person, team,
};

/// Maximum number of actions that serve one priority. It keeps the list short enough to read whole.
pub const PER_PRIORITY: i64 = 100;

/// A change of an action's status or content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Update,
    Reassign,
    Accept,
    Decline,
    Complete,
    Reopen,
    Cancel,
    Redate,
}

/// The status of an action after a step. Refuses a step that the present status does not allow.
pub fn next_status(status: ActionStatus, step: Step) -> Result<ActionStatus, Refusal> {
    use ActionStatus::*;
    let to = match (status, step) {
        (Offered | Accepted, Step::Update | Step::Redate) => status,
        (Offered | Accepted | Declined, Step::Reassign) => Offered,
        (Offered, Step::Accept) => Accepted,
        (Offered, Step::Decline) => Declined,
        (Accepted, Step::Complete) => Done,
        (Done, Step::Reopen) => Accepted,
        (Offered | Accepted, Step::Cancel) => Cancelled,
        _ => return Err(Refusal::new(Code::WrongState, refusal_message(status, step)).at("input.id")),
    };
    Ok(to)
}

fn refusal_message(status: ActionStatus, step: Step) -> Message {
    use ActionStatus::*;
    match (status, step) {
        (Done, _) => message!(ACTION_DONE, "The action is done, and no longer changes."),
        (Offered | Accepted, Step::Reopen) => {
            message!(ACTION_NOT_DONE, "The action is not done, so there is nothing to reopen.")
        }
        (Cancelled, _) => message!(ACTION_CANCELLED, "The action is cancelled, and no longer changes."),
        (Declined, _) => {
            message!(ACTION_DECLINED, "The action was declined. Give it to another owner first.")
        }
        (Offered, Step::Complete) => {
            message!(ACTION_NOT_ACCEPTED_YET, "The action is not accepted yet. Its owner accepts it first.")
        }
        (Accepted, _) => message!(ACTION_ACCEPTED_ALREADY, "The action is accepted already."),
        (Offered, _) => message!(
            ACTION_ONLY_OFFERED,
            "The action is only offered. Its owner accepts or declines it first."
        ),
    }
}

/// Requires that a member can own work of a team.
pub fn require_active_member(owner: &member::Model, team: Id<team::Entity>) -> Result<(), Refusal> {
    if owner.status == MemberStatus::Active && owner.team_id == team {
        return Ok(());
    }
    let message = message!(OWNER_NOT_A_MEMBER, "The owner must be an active member of the team. Choose one.");
    Err(Refusal::new(Code::OwnerNotEligible, message).at("input.ownerId"))
}

/// Requires that the owner is a new one. A declined action can be offered to the same owner again.
pub fn require_new_owner(owner: &member::Model, action: &action::Model) -> Result<(), Refusal> {
    if owner.id != action.owner_id || action.status == ActionStatus::Declined {
        return Ok(());
    }
    Err(Refusal::new(
        Code::Invalid,
        message!(MEMBER_OWNS_ACTION_ALREADY, "This member owns the action already. Choose another owner."),
    )
    .at("input.ownerId"))
}

/// Requires that the owner is this person.
pub fn require_owner(owner: Option<&member::Model>, person: Id<person::Entity>) -> Result<(), Refusal> {
    match owner {
        Some(owner) if owner.person_id == Some(person) => Ok(()),
        _ => {
            Err(Refusal::new(Code::NotOwner, message!(ONLY_OWNER, "Only the owner can do this."))
                .at("input.id"))
        }
    }
}

/// Requires that a linked object belongs to the same team.
pub fn require_same_team(of: Id<team::Entity>, team: Id<team::Entity>, path: &str) -> Result<(), Refusal> {
    if of == team {
        return Ok(());
    }
    Err(Refusal::new(
        Code::Invalid,
        message!(OTHER_TEAM, "This belongs to another team. Choose one of the same team."),
    )
    .at(path))
}

/// Requires that a decision can cancel an action: it is in force, and was ratified after the action was first offered.
pub fn require_cancelling_decision(
    decision: &decision::Model,
    action: &action::Model,
) -> Result<(), Refusal> {
    let message = match (decision.status, decision.ratified_at) {
        (DecisionStatus::Ratified, Some(at)) if at >= action.first_offered_at => return Ok(()),
        (DecisionStatus::Ratified, _) => {
            message!(
                DECISION_TOO_OLD,
                "The decision is older than the action. One taken since can give it up."
            )
        }
        _ => message!(
            DECISION_NOT_IN_FORCE,
            "Only a decision that is in force gives an action up. Ratify it first."
        ),
    };
    Err(Refusal::new(Code::WrongState, message).at("input.decisionId"))
}

/// Requires that a priority has room for another action.
pub fn require_room_under_priority(others: i64) -> Result<(), Refusal> {
    if others < PER_PRIORITY {
        return Ok(());
    }
    let message = message!(
        ACTIONS_PER_PRIORITY,
        "A priority has at most {max} actions. Close the priority or use fewer, larger actions.",
        max = PER_PRIORITY,
    );
    Err(Refusal::new(Code::LimitReached, message).at("input.priorityId"))
}
