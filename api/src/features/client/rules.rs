//! Rules of clients.

use crate::{
    kernel::{Code, Refusal},
    message,
};
use entity::{
    client::{self, ClientStatus},
    franchise::{self, FranchiseStatus},
};

/// Requires that a franchise is active.
pub fn require_active_franchise(franchise: &franchise::Model) -> Result<(), Refusal> {
    match franchise.status {
        FranchiseStatus::Active => Ok(()),
        FranchiseStatus::Closed => Err(Refusal::new(
            Code::WrongState,
            message!(FRANCHISE_CLOSED, "The franchise is closed. Choose an active franchise."),
        )
        .at("input.franchiseId")),
    }
}

/// Requires that a client is active, so that teams, members and invitations can be added.
pub fn require_active_client(client: &client::Model, path: &str) -> Result<(), Refusal> {
    match client.status {
        ClientStatus::Active => Ok(()),
        ClientStatus::Archived => Err(Refusal::new(
            Code::WrongState,
            message!(CLIENT_ARCHIVED, "The client is archived. Choose an active client."),
        )
        .at(path)),
    }
}

/// Requires that a client can be archived. `unfinished` is the number of its unfinished programmes.
pub fn require_archivable(client: &client::Model, unfinished: i64) -> Result<(), Refusal> {
    let message = match (client.status, unfinished) {
        (ClientStatus::Archived, _) => message!(CLIENT_ARCHIVED_ALREADY, "The client is archived already."),
        (ClientStatus::Active, 0) => return Ok(()),
        (ClientStatus::Active, _) => message!(
            CLIENT_PROGRAMME_RUNS,
            "A programme of the client still runs. Complete or terminate it first."
        ),
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Requires that a client was not erased.
pub fn require_not_erased(client: &client::Model, path: &str) -> Result<(), Refusal> {
    match client.erased_at {
        None => Ok(()),
        Some(_) => {
            Err(Refusal::new(Code::WrongState, message!(CLIENT_ERASED, "The client was erased.")).at(path))
        }
    }
}

/// Requires that a client can be erased: it is archived, and `name` is its name.
pub fn require_erasable(client: &client::Model, name: &str) -> Result<(), Refusal> {
    match client.status {
        ClientStatus::Active => Err(Refusal::new(
            Code::WrongState,
            message!(CLIENT_ACTIVE, "The client is active. Archive it first."),
        )
        .at("input.id")),
        ClientStatus::Archived if client.name != name => {
            let message = message!(OTHER_CLIENT_NAME, "This is not the client's name. Nothing was erased.");
            Err(Refusal::new(Code::Invalid, message).at("input.name"))
        }
        ClientStatus::Archived => Ok(()),
    }
}

/// Requires that the caller may move a client to another time zone. The move changes the due instants of open work, so only
/// people with access to that work can do it.
pub fn require_zone_editor(client: &client::Model, zone: &str, runs: bool) -> Result<(), Refusal> {
    if runs || client.time_zone == zone {
        return Ok(());
    }
    let message = message!(
        TIME_ZONE_MOVES_DATES,
        "The time zone moves the due dates of the team's work. Ask the client's facilitator to change it."
    );
    Err(Refusal::new(Code::Invalid, message).at("input.timeZone"))
}
