//! The law of memberships: when one can end.

use crate::features::assignment::rules::holds;
use crate::kernel::{Code, Refusal};
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
