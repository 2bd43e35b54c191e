//! Rules of memberships: when a membership can end.

use crate::{
    features::assignment::rules::is_in_force,
    kernel::{
        Code, Message, Refusal,
        access::{Actor, Role, Roles},
    },
    message,
};
use chrono::{DateTime, Utc};
use entity::membership;

/// The facts that prevent a membership from ending.
#[derive(Clone, Copy, Debug, Default)]
pub struct MembershipDependents {
    /// Number of clients that the person could not lead without this membership.
    pub led: i64,
    /// Whether the person is the only head-office admin.
    pub only_admin: bool,
}

/// Requires that all clients of a franchise are open to the caller, an owner, so that they see everything that depends on a
/// membership. `waiting` is the number of clients that are not open.
pub fn require_all_clients_open(waiting: i64) -> Result<(), Refusal> {
    if waiting == 0 {
        return Ok(());
    }
    let message = message!(
        CLIENTS_NOT_OPEN,
        "Some clients of the franchise are not open to you yet. End memberships of others once all of them are."
    );
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Requires that the caller manages the membership from above, or that it is another person's. Sponsors cannot end their own.
pub fn require_other_manager(held: &membership::Model, actor: &Actor) -> Result<(), Refusal> {
    let above = actor.reach_as(Roles::of(&[Role::HeadOfficeAdmin, Role::FranchiseOwner]));
    let manages = match (held.client_id, held.franchise_id) {
        (Some(client), _) => above.has_client(client.uuid()),
        (None, Some(franchise)) => above.has_franchise(franchise.uuid()),
        (None, None) => above.wide,
    };
    if manages || held.person_id != actor.person {
        return Ok(());
    }
    let message =
        message!(OWN_MEMBERSHIP, "An owner of the franchise or another sponsor ends your membership.");
    Err(Refusal::new(Code::WrongState, message).at("input.id").with("endedBy", "FRANCHISE_OWNER, SPONSOR"))
}

/// Requires that a membership can end now.
pub fn require_endable(
    held: &membership::Model,
    dependents: MembershipDependents,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let message: Message = match dependents {
        _ if held.ends_at.is_some() && !is_in_force(held, now) => {
            message!(MEMBERSHIP_ENDED_ALREADY, "The membership has ended already.")
        }
        MembershipDependents { only_admin: true, .. } => {
            message!(LAST_ADMIN, "This is the last head-office admin. Invite another first.")
        }
        MembershipDependents { led: 0, .. } => return Ok(()),
        MembershipDependents { led: 1, .. } => message!(
            MEMBERSHIP_LEADS_CLIENTS,
            "This person leads {clients} client. Hand it over to another lead first.",
            clients = 1,
        ),
        MembershipDependents { led, .. } => message!(
            MEMBERSHIP_LEADS_CLIENTS,
            "This person leads {clients} clients. Hand them over to another lead first.",
            clients = led,
        ),
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}
