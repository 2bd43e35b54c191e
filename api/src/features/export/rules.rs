//! The law of exports.

use crate::kernel::{Code, Refusal};
use chrono::{DateTime, TimeDelta, Utc};
use entity::data_export;

/// Days for which an export is kept.
pub const KEPT_DAYS: i64 = 7;
/// Minutes for which a link to it is good.
pub const LINK_MINUTES: i64 = 5;
/// Bytes of an export.
pub const BYTES: usize = 64 * 1024 * 1024;
/// Bytes of a part of it.
pub const PART: usize = 512 * 1024;
/// Exports that a person keeps.
pub const KEPT: usize = 5;
/// Longest that one is being made; a request ends before.
pub const LONGEST: TimeDelta = TimeDelta::minutes(2);

/// When an export made now goes.
pub fn expires(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::days(KEPT_DAYS)
}

/// When a link made now ends: with the export at the latest.
pub fn link_ends(now: DateTime<Utc>, expires: DateTime<Utc>) -> DateTime<Utc> {
    expires.min(now + TimeDelta::minutes(LINK_MINUTES))
}

/// Whether an export can be fetched: it is complete, and not expired.
pub fn kept(export: &data_export::Model, now: DateTime<Utc>) -> Result<(), Refusal> {
    let message = match export.made_at {
        Some(_) if now < export.expires_at => return Ok(()),
        Some(_) => "The export has expired. Make another one.",
        None => "The export is not complete.",
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Whether a person may begin an export: not while another one of theirs is being made.
pub fn none_running(own: &[data_export::Model], now: DateTime<Utc>) -> Result<(), Refusal> {
    if own.iter().all(|export| export.made_at.is_some() || is_given_up(export, now)) {
        return Ok(());
    }
    let message = "Another export of yours is being made. Wait until it is complete.";
    Err(Refusal::new(Code::LimitReached, message).at("input"))
}

/// Whether an export will never be complete: the process that made it is gone.
fn is_given_up(export: &data_export::Model, now: DateTime<Utc>) -> bool {
    export.made_at.is_none() && now >= export.created_at + LONGEST
}

/// The exports of a person that go when they make another one, by their own, latest first: those that are over, and the
/// oldest beyond [`KEPT`].
pub fn superfluous(
    own: &[data_export::Model],
    now: DateTime<Utc>,
) -> impl Iterator<Item = &data_export::Model> {
    let mut kept = 1;
    own.iter().filter(move |export| {
        let over = is_given_up(export, now) || export.expires_at <= now;
        if !over {
            kept += 1;
        }
        over || kept > KEPT
    })
}

/// Whether so many bytes are an export's.
pub fn fits(bytes: usize, path: &str) -> Result<(), Refusal> {
    if bytes <= BYTES {
        return Ok(());
    }
    let message = "This is more than one export holds. Ask the operator for a copy of the database.";
    Err(Refusal::new(Code::LimitReached, message).at(path))
}
