//! The law of support access.

use crate::kernel::{Code, Refusal};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Id, person, support_access, support_visit};
use std::borrow::Borrow;

/// Days that access lasts at the longest.
pub const DAYS: i64 = 30;

/// Until when access lasts: into the future, and not too far.
pub fn lasting(ends_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<DateTime<Utc>, Vec<Refusal>> {
    if ends_at > now && ends_at <= now + TimeDelta::days(DAYS) {
        return Ok(ends_at);
    }
    let message = "Access ends in the future, within 30 days.";
    Err(vec![Refusal::new(Code::Invalid, message).at("input.endsAt")])
}

/// The refusal of an address that nobody at head office has.
pub fn unknown() -> Refusal {
    Refusal::new(Code::NotFound, "Nobody at head office has this address.").at("input.email")
}

/// Whether access can still be used.
pub fn active(access: &support_access::Model, now: DateTime<Utc>) -> Result<(), Refusal> {
    let message = if access.revoked_at.is_some() {
        "The access was revoked."
    } else if access.ends_at <= now {
        "The access has ended."
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Whether access was given to someone: by name, or as one of the admins.
pub fn given_to(
    access: &support_access::Model,
    person: Id<person::Entity>,
    admin: bool,
) -> Result<(), Refusal> {
    let theirs = access.person_id.map_or(admin, |named| named == person);
    if theirs {
        return Ok(());
    }
    Err(Refusal::new(Code::NotOwner, "The access was given to somebody else.").at("input.id"))
}

/// Whether someone is not there already.
pub fn away(visit: Option<&support_visit::Model>) -> Result<(), Refusal> {
    if visit.is_none() {
        return Ok(());
    }
    Err(Refusal::new(Code::WrongState, "You have entered already.").at("input.id"))
}

/// The visit that someone is on.
pub fn present<R: Borrow<support_visit::Model>>(visit: Option<R>) -> Result<R, Refusal> {
    visit.ok_or_else(|| Refusal::new(Code::WrongState, "You have not entered.").at("input.id"))
}

/// When a visit that begins now ends: never later than the access.
pub fn until(access: &support_access::Model, now: DateTime<Utc>, minutes: i32) -> DateTime<Utc> {
    access.ends_at.min(now + TimeDelta::minutes(i64::from(minutes)))
}
