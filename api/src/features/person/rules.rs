//! Rules of people.

use crate::{
    kernel::{Code, Message, Refusal, refused_id},
    message,
};
use entity::person;

/// Requires that the caller may export a person's data: their own, or anyone's as a head-office admin.
pub fn require_exporter(own: bool, admin: bool, seen: bool) -> Result<(), Refusal> {
    match (own || admin, seen) {
        (true, _) => Ok(()),
        (false, true) => {
            let message = message!(
                ONLY_OWN_EXPORT,
                "People take out what there is of themselves; for others, head office does."
            );
            Err(Refusal::new(Code::NotOwner, message).at("input.id"))
        }
        (false, false) => Err(refused_id("input.id")),
    }
}

/// Requires that the caller may rename a person: themselves, or anyone as a head-office admin. Fails with `NOT_FOUND`
/// if the caller cannot see the person.
pub fn require_name_editor(own: bool, admin: bool, seen: bool) -> Result<(), Refusal> {
    match (own || admin, seen) {
        (true, _) => Ok(()),
        (false, true) => {
            let message =
                message!(ONLY_OWN_NAME, "People change their own names; for others, head office does.");
            Err(Refusal::new(Code::NotOwner, message).at("input.id"))
        }
        (false, false) => Err(refused_id("input.id")),
    }
}

/// Requires that a person is not erased.
pub fn require_not_erased(person: &person::Model) -> Result<(), Refusal> {
    match person.erased_at {
        None => Ok(()),
        Some(_) => Err(Refusal::new(
            Code::WrongState,
            message!(PERSON_ERASED, "The person was erased. Their data is gone."),
        )
        .at("input.id")),
    }
}

/// Requires that the caller does not erase themselves: an erased caller could not read the result.
pub fn require_another_person(own: bool) -> Result<(), Refusal> {
    if !own {
        return Ok(());
    }
    let message = message!(OWN_ERASURE, "Nobody erases themselves. Another admin of head office does.");
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// What a person is responsible for and must hand over before they are erased.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Obligations {
    /// Teams that the person is an active member of.
    pub teams: Vec<String>,
    /// Clients that the person leads.
    pub led: Vec<String>,
    /// Whether the person is the only admin of head office.
    pub only_admin: bool,
}

/// Requires that a person has no obligations. The refusals name all of them at once.
pub fn require_no_obligations(obligations: &Obligations) -> Result<(), Vec<Refusal>> {
    let mut refusals = vec![];
    let mut refuse = |message: Message| refusals.push(Refusal::new(Code::WrongState, message).at("input.id"));
    if !obligations.teams.is_empty() {
        let teams = obligations.teams.join(", ");
        refuse(message!(
            ACTIVE_MEMBER,
            "They are an active member of: {teams}. Have them removed there first: `memberRemove`.",
            teams,
        ));
    }
    if !obligations.led.is_empty() {
        let led = obligations.led.join(", ");
        refuse(message!(
            PERSON_LEADS_CLIENTS,
            "They lead: {clients}. Give each another lead first: `clientTransfer`.",
            clients = led,
        ));
    }
    if obligations.only_admin {
        refuse(message!(
            PERSON_IS_ONLY_ADMIN,
            "They are the only admin of head office. Invite another one first: `headOfficeInvite`."
        ));
    }
    if refusals.is_empty() { Ok(()) } else { Err(refusals) }
}
