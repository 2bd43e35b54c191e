//! The law of people.

use crate::kernel::{Code, Refusal, refused_id};
use entity::person;

/// Whether the caller may take out what there is of a person: of themselves, or of anybody as a head-office admin.
pub fn exportable(own: bool, admin: bool, seen: bool) -> Result<(), Refusal> {
    match (own || admin, seen) {
        (true, _) => Ok(()),
        (false, true) => {
            let message = "People take out what there is of themselves; for others, head office does.";
            Err(Refusal::new(Code::NotOwner, message).at("input.id"))
        }
        (false, false) => Err(refused_id("input.id")),
    }
}

/// Whether the caller may name a person: themselves, or anybody as a head-office admin. Whom the caller cannot see
/// is as if they were not there.
pub fn nameable(own: bool, admin: bool, seen: bool) -> Result<(), Refusal> {
    match (own || admin, seen) {
        (true, _) => Ok(()),
        (false, true) => {
            let message = "People change their own names; for others, head office does.";
            Err(Refusal::new(Code::NotOwner, message).at("input.id"))
        }
        (false, false) => Err(refused_id("input.id")),
    }
}

/// Whether a person was not erased.
pub fn present(person: &person::Model) -> Result<(), Refusal> {
    match person.erased_at {
        None => Ok(()),
        Some(_) => Err(Refusal::new(Code::WrongState, "The person was erased.").at("input.id")),
    }
}

/// Whether somebody else is to be erased: nobody could answer who erased themselves.
pub fn another(own: bool) -> Result<(), Refusal> {
    if !own {
        return Ok(());
    }
    let message = "Nobody erases themselves. Another admin of head office does.";
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// What a person holds that somebody must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ties {
    /// Teams they are an active member of.
    pub teams: Vec<String>,
    /// Clients they lead.
    pub led: Vec<String>,
    /// Whether they are head office's only admin.
    pub only_admin: bool,
}

/// Whether nothing is left without its owner when a person goes. All that is in the way is named at once.
pub fn untied(ties: &Ties) -> Result<(), Vec<Refusal>> {
    let mut refusals = vec![];
    let mut refuse = |message: String| refusals.push(Refusal::new(Code::WrongState, message).at("input.id"));
    if !ties.teams.is_empty() {
        let teams = ties.teams.join(", ");
        refuse(format!(
            "They are an active member of: {teams}. Have them removed there first: `memberRemove`."
        ));
    }
    if !ties.led.is_empty() {
        let led = ties.led.join(", ");
        refuse(format!("They lead: {led}. Give each another lead first: `clientTransfer`."));
    }
    if ties.only_admin {
        refuse(
            "They are the only admin of head office. Invite another one first: `headOfficeInvite`.".into(),
        );
    }
    if refusals.is_empty() { Ok(()) } else { Err(refusals) }
}
