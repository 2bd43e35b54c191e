//! The law of clients.

use crate::kernel::{Code, Refusal};
use entity::{
    client::{self, ClientStatus},
    franchise::{self, FranchiseStatus},
    programme::ProgrammeStatus,
};

/// The programmes that keep a client or a team from being archived.
pub const RUNNING: [ProgrammeStatus; 3] =
    [ProgrammeStatus::Planned, ProgrammeStatus::Active, ProgrammeStatus::Paused];

/// Whether a franchise takes clients and invitations.
pub fn open_franchise(franchise: &franchise::Model) -> Result<(), Refusal> {
    match franchise.status {
        FranchiseStatus::Active => Ok(()),
        FranchiseStatus::Closed => {
            Err(Refusal::new(Code::WrongState, "The franchise is closed.").at("input.franchiseId"))
        }
    }
}

/// Whether a client goes on, so that teams, members and invitations can be added.
pub fn open_client(client: &client::Model, path: &str) -> Result<(), Refusal> {
    match client.status {
        ClientStatus::Active => Ok(()),
        ClientStatus::Archived => Err(Refusal::new(Code::WrongState, "The client is archived.").at(path)),
    }
}

/// Whether a client with so many programmes that are planned, running or paused can be archived.
pub fn archivable(client: &client::Model, running: i64) -> Result<(), Refusal> {
    let message = match (client.status, running) {
        (ClientStatus::Archived, _) => "The client is archived already.",
        (ClientStatus::Active, 0) => return Ok(()),
        (ClientStatus::Active, _) => "A programme of the client still runs. Complete or terminate it first.",
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Whether a client was not erased.
pub fn present(client: &client::Model, path: &str) -> Result<(), Refusal> {
    match client.erased_at {
        None => Ok(()),
        Some(_) => Err(Refusal::new(Code::WrongState, "The client was erased.").at(path)),
    }
}

/// Whether a client can be erased by whoever gives this as its name: once it is archived.
pub fn erasable(client: &client::Model, name: &str) -> Result<(), Refusal> {
    match client.status {
        ClientStatus::Active => {
            Err(Refusal::new(Code::WrongState, "The client is active. Archive it first.").at("input.id"))
        }
        ClientStatus::Archived if client.name != name => {
            let message = "This is not the client's name. Nothing was erased.";
            Err(Refusal::new(Code::Invalid, message).at("input.name"))
        }
        ClientStatus::Archived => Ok(()),
    }
}

/// Whether the caller may move a client to another time zone. It moves the instants at which the team's open work
/// falls due, which only those who see that work can do.
pub fn zone(client: &client::Model, zone: &str, runs: bool) -> Result<(), Refusal> {
    if runs || client.time_zone == zone {
        return Ok(());
    }
    let message =
        "The time zone moves the due dates of the team's work. Ask the client's facilitator to change it.";
    Err(Refusal::new(Code::Invalid, message).at("input.timeZone"))
}
