//! Rules of transfers.

use crate::{
    features::{client::rules::require_active_franchise, programme::rules::is_unfinished},
    kernel::{Code, Fault, Refusal, refused_id},
    message,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    client,
    client_transfer::{self, TransferStatus},
    franchise, person, programme,
};

/// Time from the last required notification until a transfer takes effect.
pub const WAITING_TIME: TimeDelta = TimeDelta::days(7);

/// Requires that the caller can move a client to a franchise. Head office moves clients between franchises; for others,
/// another franchise is not found. Within a franchise its owners name the lead, because head office must not choose who
/// reads content.
pub fn require_destination(
    client: &client::Model,
    to: &franchise::Model,
    wide: bool,
    owns: bool,
) -> Result<(), Refusal> {
    if to.id == client.franchise_id {
        let message = message!(
            ONLY_FRANCHISE_OWNER_NAMES_LEADS,
            "An owner of the franchise names who leads its clients."
        );
        return if owns { Ok(()) } else { Err(Refusal::new(Code::NotOwner, message).at("input.leadId")) };
    }
    if !wide {
        return Err(refused_id("input.franchiseId"));
    }
    require_active_franchise(to)
}

/// Requires that the client has no pending transfer.
pub fn require_none_pending(pending: i64, path: &str) -> Result<(), Refusal> {
    if pending == 0 {
        return Ok(());
    }
    let message = message!(TRANSFER_PENDING, "A transfer of the client is pending. Withdraw it first.");
    Err(Refusal::new(Code::WrongState, message).at(path))
}

/// Maximum number of clients that move at once.
pub const MAX_AT_ONCE: usize = 100;

/// Requires that so many clients can move at once: 1 to 100.
pub fn require_at_once(count: usize) -> Result<(), Refusal> {
    if (1..=MAX_AT_ONCE).contains(&count) {
        return Ok(());
    }
    let message = message!(
        CLIENTS_AT_ONCE,
        "From {min} to {max} clients move at once, and these are {count}.",
        min = 1,
        max = MAX_AT_ONCE,
        count,
    );
    Err(Refusal::new(Code::LimitReached, message).at("input.clientIds"))
}

/// The refusal of a client that an input names a second time.
pub fn client_twice(path: &str) -> Refusal {
    let message = message!(CLIENT_TWICE, "The list names this client twice. Name it once.");
    Refusal::new(Code::Invalid, message).at(path)
}

/// Requires that a transfer is pending.
pub fn require_pending(transfer: &client_transfer::Model) -> Result<(), Refusal> {
    use TransferStatus::*;
    let message = match transfer.status {
        Pending => return Ok(()),
        Done => message!(TRANSFER_DONE, "The transfer took effect already."),
        Refused => message!(TRANSFER_REFUSED, "The transfer was refused. Propose a new one."),
        Withdrawn => message!(TRANSFER_WITHDRAWN, "The transfer was withdrawn. Propose a new one."),
        Failed => message!(TRANSFER_FAILED, "The transfer could not take effect. Propose a new one."),
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Requires that the client still belongs to the franchise that the transfer moves it from.
pub fn require_unmoved_client(
    transfer: &client_transfer::Model,
    client: &client::Model,
) -> Result<(), Refusal> {
    if transfer.from_id == client.franchise_id {
        return Ok(());
    }
    let message = message!(
        CLIENT_LEFT_FRANCHISE,
        "The client has left the franchise that the transfer takes it from. Withdraw the transfer."
    );
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Returns the people to notify and how many of their e-mails must be accepted before the waiting time begins: one
/// sponsor's, or, without sponsors, every leader's. Without anyone to notify, the transfer waits forever.
pub fn people_to_notify(
    sponsors: Vec<person::Model>,
    leaders: Vec<person::Model>,
) -> Result<(Vec<person::Model>, i32), Fault> {
    let signs_in = |person: &person::Model| person.identity_id.is_some() && person.erased_at.is_none();
    let sponsors: Vec<_> = sponsors.into_iter().filter(signs_in).collect();
    if !sponsors.is_empty() {
        return Ok((sponsors, 1));
    }
    let leaders: Vec<_> = leaders.into_iter().filter(signs_in).collect();
    let untold = i32::try_from(leaders.len().max(1)).map_err(|_| Fault::Internal)?;
    Ok((leaders, untold))
}

/// Returns how many notifications are missing after one more, and when the transfer takes effect.
pub fn after_notification(
    transfer: &client_transfer::Model,
    now: DateTime<Utc>,
) -> (i32, Option<DateTime<Utc>>) {
    let untold = (transfer.untold - 1).max(0);
    let begins = (untold == 0).then_some(now + WAITING_TIME);
    (untold, transfer.takes_effect_at.or(begins))
}

/// Requires that a client's programme can move to another franchise: it must not run on a template of the present
/// franchise.
pub fn require_portable(programme: &programme::Model, own: bool) -> Result<(), Refusal> {
    if !own || !is_unfinished(programme.status) {
        return Ok(());
    }
    let message = message!(
        OWN_TEMPLATE,
        "The programme “{programme}” runs on a template of the franchise it would leave. Move it to one of the network's \
         first.",
        programme = programme.name,
    );
    Err(Refusal::new(Code::WrongState, message).at("input.franchiseId"))
}

/// Requires that none of the client's people belongs to the new franchise.
pub fn require_no_shared_people(both: i64) -> Result<(), Refusal> {
    if both == 0 {
        return Ok(());
    }
    let message = message!(
        MEMBER_OF_FRANCHISE,
        "Somebody of the client belongs to this franchise. Nobody facilitates their own team."
    );
    Err(Refusal::new(Code::OwnerNotEligible, message).at("input.franchiseId"))
}
