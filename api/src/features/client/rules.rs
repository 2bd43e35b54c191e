//! Rules of clients.

use crate::{
    kernel::{Code, Refusal},
    message,
};
use chrono::NaiveDate;
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

/// Requires that the franchise of a client is active, so that the work with the client can begin again.
pub fn require_own_franchise(franchise: &franchise::Model) -> Result<(), Refusal> {
    if franchise.status == FranchiseStatus::Active {
        return Ok(());
    }
    let message = message!(
        OWN_FRANCHISE_CLOSED,
        "The client's franchise is closed. Transfer the client to another one first (`clientTransfer`)."
    );
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Requires that a client is a prospect, active or paused, so that teams, members and invitations can be added.
pub fn require_active_client(client: &client::Model, path: &str) -> Result<(), Refusal> {
    if ClientStatus::OPEN.contains(&client.status) {
        return Ok(());
    }
    let message = message!(CLIENT_ARCHIVED, "The client is archived. Choose an active client.");
    Err(Refusal::new(Code::WrongState, message).at(path))
}

/// Why sessions of a client that becomes alumni are cancelled.
pub const WORK_DONE: &str = "The work with the client is done.";

/// A step of a client's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Activate,
    Pause,
    Resume,
    Graduate,
    Archive,
    Unarchive,
}

/// The status of a client after a step. Refuses a step that its present status does not allow.
pub fn next_status(client: &client::Model, step: Step) -> Result<ClientStatus, Refusal> {
    use ClientStatus::*;
    let to = match (client.status, step) {
        (Prospect | Alumni, Step::Activate) => Active,
        (Active, Step::Pause) => Paused,
        (Paused, Step::Resume) => Active,
        (Active | Paused, Step::Graduate) => Alumni,
        (Prospect | Active | Paused | Alumni, Step::Archive) => Archived,
        // no programme of an archived client is paused any more
        (Archived, Step::Unarchive) => match client.archived_from {
            Some(before @ (Prospect | Alumni)) => before,
            _ => Active,
        },
        (status, _) => return Err(refused(status)),
    };
    Ok(to)
}

/// Refuses what a client's status does not allow.
fn refused(status: ClientStatus) -> Refusal {
    let message = match status {
        ClientStatus::Prospect => {
            message!(CLIENT_IS_PROSPECT, "The client is a prospect. Make it active first (`clientActivate`).")
        }
        ClientStatus::Active => message!(CLIENT_IS_ACTIVE, "The client is active."),
        ClientStatus::Paused => {
            message!(CLIENT_IS_PAUSED, "The client is paused. Resume it first (`clientResume`).")
        }
        ClientStatus::Alumni => {
            message!(CLIENT_IS_ALUMNI, "The client is alumni. Make it active first (`clientActivate`).")
        }
        ClientStatus::Archived => message!(CLIENT_ARCHIVED_ALREADY, "The client is archived already."),
    };
    Refusal::new(Code::WrongState, message).at("input.id")
}

/// Requires that a franchise works with a client, so that its contract can be renewed.
pub fn require_engaged(client: &client::Model) -> Result<(), Refusal> {
    if ClientStatus::ENGAGED.contains(&client.status) { Ok(()) } else { Err(refused(client.status)) }
}

/// Requires that a client whose work ends has no unfinished programmes.
pub fn require_no_programmes(unfinished: i64) -> Result<(), Refusal> {
    if unfinished == 0 {
        return Ok(());
    }
    let message = message!(
        CLIENT_PROGRAMME_RUNS,
        "A programme of the client still runs. Complete or terminate it first."
    );
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Requires that a contract ends after it starts.
pub fn require_contract((starts_on, ends_on): (Option<NaiveDate>, Option<NaiveDate>)) -> Result<(), Refusal> {
    match (starts_on, ends_on) {
        (Some(starts_on), Some(ends_on)) if ends_on <= starts_on => {
            let message = message!(
                CONTRACT_ENDS_TOO_EARLY,
                "`contractEndsOn` must be later than the day on which the contract starts ({starts_on}).",
                starts_on,
            );
            Err(Refusal::new(Code::Invalid, message).at("input.contractEndsOn"))
        }
        _ => Ok(()),
    }
}

/// Requires that a renewed contract ends later than before, and not in the past.
pub fn require_later_end(
    client: &client::Model,
    ends_on: NaiveDate,
    today: NaiveDate,
) -> Result<(), Refusal> {
    let after = [client.contract_ends_on, client.contract_starts_on].into_iter().flatten().max();
    let earliest = after.and_then(|day| day.succ_opt()).map_or(today, |day| day.max(today));
    if ends_on >= earliest {
        return Ok(());
    }
    let message = message!(
        RENEWED_TOO_EARLY,
        "`endsOn` must be {earliest} or later: a renewal moves the end of the contract ahead.",
        earliest,
    );
    Err(Refusal::new(Code::Invalid, message).at("input.endsOn"))
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
        ClientStatus::Archived if client.name != name => {
            let message = message!(OTHER_CLIENT_NAME, "This is not the client's name. Nothing was erased.");
            Err(Refusal::new(Code::Invalid, message).at("input.name"))
        }
        ClientStatus::Archived => Ok(()),
        _ => Err(Refusal::new(
            Code::WrongState,
            message!(CLIENT_ACTIVE, "The client is not archived. Archive it first."),
        )
        .at("input.id")),
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
