//! Rules of exports.

use crate::{
    kernel::{Code, Refusal},
    message,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::data_export;

/// Number of days for which an export is kept.
pub const KEPT_DAYS: i64 = 7;
/// Number of minutes for which a link works.
pub const LINK_MINUTES: i64 = 5;
/// Maximum number of bytes of an export.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Maximum number of bytes of a part.
pub const MAX_PART_BYTES: usize = 512 * 1024;
/// Maximum number of exports that are kept for a person.
pub const MAX_KEPT: usize = 5;
/// Maximum duration of making an export. A request ends earlier.
pub const MAX_DURATION: TimeDelta = TimeDelta::minutes(2);

/// The time at which an export of now is deleted.
pub fn expires_at(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::days(KEPT_DAYS)
}

/// The end of a link that is created now: with the export at the latest.
pub fn link_ends_at(now: DateTime<Utc>, expires: DateTime<Utc>) -> DateTime<Utc> {
    expires.min(now + TimeDelta::minutes(LINK_MINUTES))
}

/// Requires that an export is complete and has not expired.
pub fn require_available(export: &data_export::Model, now: DateTime<Utc>) -> Result<(), Refusal> {
    let message = match export.made_at {
        Some(_) if now < export.expires_at => return Ok(()),
        Some(_) => message!(EXPORT_EXPIRED, "The export has expired. Make another one."),
        None => message!(EXPORT_NOT_COMPLETE, "The export is not complete."),
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Requires that none of a person's exports is in progress.
pub fn require_none_running(own: &[data_export::Model], now: DateTime<Utc>) -> Result<(), Refusal> {
    if own.iter().all(|export| export.made_at.is_some() || is_abandoned(export, now)) {
        return Ok(());
    }
    let message =
        message!(EXPORT_RUNNING, "Another export of yours is being made. Wait until it is complete.");
    Err(Refusal::new(Code::LimitReached, message).at("input"))
}

/// Whether an export will never be complete, because the process that made it has ended.
fn is_abandoned(export: &data_export::Model, now: DateTime<Utc>) -> bool {
    export.made_at.is_none() && now >= export.created_at + MAX_DURATION
}

/// The exports that are removed when their person makes another one: expired and abandoned ones, and the oldest beyond
/// [`MAX_KEPT`]. `own` must be sorted, latest first.
pub fn exports_to_remove(
    own: &[data_export::Model],
    now: DateTime<Utc>,
) -> impl Iterator<Item = &data_export::Model> {
    let mut kept = 1;
    own.iter().filter(move |export| {
        let over = is_abandoned(export, now) || export.expires_at <= now;
        if !over {
            kept += 1;
        }
        over || kept > MAX_KEPT
    })
}

/// Requires that an export is not too large.
pub fn require_size(bytes: usize, path: &str) -> Result<(), Refusal> {
    if bytes <= MAX_BYTES {
        return Ok(());
    }
    let message = message!(
        EXPORT_TOO_LARGE,
        "This is more than one export holds. Ask the operator for a copy of the database."
    );
    Err(Refusal::new(Code::LimitReached, message).at(path))
}
