//! Rules of support access.

use crate::{
    kernel::{Code, Refusal},
    message,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Id, person, support_access, support_visit};
use std::borrow::Borrow;

/// Maximum number of days of an access.
pub const MAX_DAYS: i64 = 30;

/// Requires that the end of an access is in the future and within the maximum.
pub fn require_valid_end(ends_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, Vec<Refusal>> {
    if ends_at > now && ends_at <= now + TimeDelta::days(MAX_DAYS) {
        return Ok(ends_at);
    }
    let message =
        message!(ACCESS_LENGTH, "`endsAt` must be in the future, within {days} days.", days = MAX_DAYS);
    Err(vec![Refusal::new(Code::Invalid, message).at("input.endsAt")])
}

/// Refuses an address that no head-office person has.
pub fn unknown_address() -> Refusal {
    Refusal::new(
        Code::NotFound,
        message!(NOBODY_AT_HEAD_OFFICE, "No member of head office has this address. Check the address."),
    )
    .at("input.email")
}

/// Requires that an access can still be used.
pub fn require_active(access: &support_access::Model, now: DateTime<Utc>) -> Result<(), Refusal> {
    let message = if access.revoked_at.is_some() {
        message!(ACCESS_REVOKED, "The access was revoked. Ask for new access.")
    } else if access.ends_at <= now {
        message!(ACCESS_ENDED, "The access has ended. Ask for new access.")
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Requires that an access was given to a person: by address, or as one of the admins.
pub fn require_recipient(
    access: &support_access::Model,
    person: Id<person::Entity>,
    admin: bool,
) -> Result<(), Refusal> {
    let theirs = access.person_id.map_or(admin, |named| named == person);
    if theirs {
        return Ok(());
    }
    Err(Refusal::new(
        Code::NotOwner,
        message!(ACCESS_OF_ANOTHER, "The access was given to someone else. Ask for access of your own."),
    )
    .at("input.id"))
}

/// Requires that a person has no open visit.
pub fn require_no_visit(visit: Option<&support_visit::Model>) -> Result<(), Refusal> {
    if visit.is_none() {
        return Ok(());
    }
    Err(Refusal::new(Code::WrongState, message!(ENTERED_ALREADY, "You have entered already.")).at("input.id"))
}

/// Requires that a person has an open visit, and returns it.
pub fn require_visit<R: Borrow<support_visit::Model>>(visit: Option<R>) -> Result<R, Refusal> {
    visit.ok_or_else(|| {
        Refusal::new(
            Code::WrongState,
            message!(NOT_ENTERED, "You have not entered. Enter first (`supportAccessEnter`)."),
        )
        .at("input.id")
    })
}

/// Returns the end of a visit that begins now: never later than the access.
pub fn visit_end(access: &support_access::Model, now: DateTime<Utc>, minutes: i32) -> DateTime<Utc> {
    access.ends_at.min(now + TimeDelta::minutes(i64::from(minutes)))
}
