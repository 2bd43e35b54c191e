//! The law of transfers.

use crate::{
    features::client::rules::{RUNNING, open_franchise},
    kernel::{Code, Fault, Refusal, refused_id},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    client,
    client_transfer::{self, TransferStatus},
    franchise, person, programme,
};

/// How long a transfer waits once those who must be told are told.
pub const WAITS: TimeDelta = TimeDelta::days(7);

/// Whether a client can go from its franchise to this one. Between franchises head office moves clients, and another
/// franchise does not exist for anyone else. Within one its owners do: head office names nobody who reads content.
pub fn destination(
    client: &client::Model,
    to: &franchise::Model,
    wide: bool,
    owns: bool,
) -> Result<(), Refusal> {
    if to.id == client.franchise_id {
        let message = "An owner of the franchise names who leads its clients.";
        return if owns { Ok(()) } else { Err(Refusal::new(Code::NotOwner, message).at("input.leadId")) };
    }
    if !wide {
        return Err(refused_id("input.franchiseId"));
    }
    open_franchise(to)
}

/// Whether no transfer of the client is pending.
pub fn none_pending(pending: i64) -> Result<(), Refusal> {
    if pending == 0 {
        return Ok(());
    }
    let message = "A transfer of the client is pending. It must be withdrawn first.";
    Err(Refusal::new(Code::WrongState, message).at("input.clientId"))
}

/// Whether a transfer still waits.
pub fn pending(transfer: &client_transfer::Model) -> Result<(), Refusal> {
    use TransferStatus::*;
    let message = match transfer.status {
        Pending => return Ok(()),
        Done => "The transfer took effect already.",
        Refused => "The transfer was refused.",
        Withdrawn => "The transfer was withdrawn.",
        Failed => "The transfer could not take effect.",
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Whether the client is still where the transfer takes it from.
pub fn still_there(transfer: &client_transfer::Model, client: &client::Model) -> Result<(), Refusal> {
    if transfer.from_id == client.franchise_id {
        return Ok(());
    }
    let message = "The client has left the franchise that the transfer takes it from.";
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Who must be told before the days of a transfer begin, and of how many of them it must be known: of one sponsor; or
/// without a sponsor, of every leader with a login. With nobody to tell, it waits for ever.
pub fn to_tell(
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

/// What an e-mail that was handed over changes: how many are still to be, and when the transfer takes effect.
pub fn told(transfer: &client_transfer::Model, now: DateTime<Utc>) -> (i32, Option<DateTime<Utc>>) {
    let untold = (transfer.untold - 1).max(0);
    let begins = (untold == 0).then_some(now + WAITS);
    (untold, transfer.takes_effect_at.or(begins))
}

/// Whether a client's programme can go with it to another franchise: unless it runs on a template that is the
/// franchise's own, which no other franchise may read.
pub fn portable(programme: &programme::Model, own: bool) -> Result<(), Refusal> {
    if !own || !RUNNING.contains(&programme.status) {
        return Ok(());
    }
    let message = format!(
        "The programme “{}” runs on a template of the franchise it would leave. Move it to one of the network's first.",
        programme.name
    );
    Err(Refusal::new(Code::WrongState, message).at("input.franchiseId"))
}

/// Whether a client's people stay apart from the franchise it goes to.
pub fn apart(both: i64) -> Result<(), Refusal> {
    if both == 0 {
        return Ok(());
    }
    let message = "Somebody of the client belongs to this franchise. Nobody facilitates their own team.";
    Err(Refusal::new(Code::OwnerNotEligible, message).at("input.franchiseId"))
}
