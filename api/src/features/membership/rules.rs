//! The law of memberships: when one can end.

use crate::features::assignment::rules::holds;
use crate::kernel::{
    Code, Refusal,
    access::{Actor, Role, Roles},
};
use chrono::{DateTime, Utc};
use entity::membership;

/// What depends on a membership.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ties {
    /// Clients that the person leads and could not without this membership.
    pub led: i64,
    /// Whether nobody else is a head-office admin.
    pub only_admin: bool,
}

/// Whether the caller sees all that depends on a membership at a franchise: an owner does, once each client is open to
/// them.
pub fn overseen(waiting: i64) -> Result<(), Refusal> {
    if waiting == 0 {
        return Ok(());
    }
    let message = "Some clients of the franchise are not open to you yet. End memberships of others once all of them are.";
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Whether someone may end this membership who holds no office above the client: a sponsor ends others' alone.
pub fn others(held: &membership::Model, actor: &Actor) -> Result<(), Refusal> {
    let above = actor.reach_as(Roles::of(&[Role::HeadOfficeAdmin, Role::FranchiseOwner]));
    let manages = match (held.client_id, held.franchise_id) {
        (Some(client), _) => above.has_client(client.uuid()),
        (None, Some(franchise)) => above.has_franchise(franchise.uuid()),
        (None, None) => above.wide,
    };
    if manages || held.person_id != actor.person {
        return Ok(());
    }
    let message = "An owner of the franchise or another sponsor ends your membership.";
    Err(Refusal::new(Code::WrongState, message).at("input.id").with("endedBy", "FRANCHISE_OWNER, SPONSOR"))
}

/// Whether a membership can end now.
pub fn endable(held: &membership::Model, ties: Ties, now: DateTime<Utc>) -> Result<(), Refusal> {
    let message = match ties {
        _ if held.ends_at.is_some() && !holds(held, now) => "The membership has ended already.".to_owned(),
        Ties { only_admin: true, .. } => {
            "This is the last head-office admin. Invite another first.".to_owned()
        }
        Ties { led: 0, .. } => return Ok(()),
        Ties { led: 1, .. } => "This person leads 1 client. Hand it over to another lead first.".to_owned(),
        Ties { led, .. } => format!("This person leads {led} clients. Hand them over to another lead first."),
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}
