//! Rules of reopening.

use crate::{
    features::programme::rules as programmes,
    kernel::{Check, Code, Refusal},
    message,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    client::ClientStatus,
    member::{self, MemberStatus},
};

/// Number of days within which an end can be taken back.
pub const DAYS: i64 = 14;

/// Checks the reason for reopening something, in `input.reason`: 1 to 1,000 characters.
pub fn check_reason(check: &mut Check, reason: &str) -> String {
    check.text("input.reason", reason, 1..=1000)
}

/// The end that is to be taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ending {
    pub at: DateTime<Utc>,
    /// The day of `at` in the client's time zone.
    pub on: NaiveDate,
}

/// The latest period for which metrics of the client are frozen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrozenPeriod {
    /// Its name, such as `2026-Q1`.
    pub name: String,
    pub ends_on: NaiveDate,
}

/// Requires that an end can be taken back: it is at most 14 days old, and later than every frozen period.
pub fn require_reopenable(
    ending: Ending,
    frozen: Option<&FrozenPeriod>,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let message = match frozen {
        _ if now - ending.at > TimeDelta::days(DAYS) => message!(
            REOPENING_TOO_LATE,
            "This ended more than {days} days ago, and can no longer be reopened. Create a new one.",
            days = DAYS,
        ),
        Some(frozen) if ending.on <= frozen.ends_on => message!(
            PERIOD_FROZEN,
            "This ended in a period whose metrics are frozen (up to {period}), and can no longer be reopened. Create a \
             new one.",
            period = frozen.name,
        ),
        _ => return Ok(()),
    };
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Requires that the client and the team of what is reopened are at work.
pub fn require_at_work(client: ClientStatus, archived: Option<DateTime<Utc>>) -> Result<(), Refusal> {
    programmes::require_active_team(client, archived).map_err(|refusal| refusal.at("input.id"))
}

/// Requires that the owner of reopened work is an active member of the team.
pub fn require_owner_there(owner: Option<&member::Model>, title: &str) -> Result<(), Refusal> {
    if owner.is_some_and(|owner| owner.status == MemberStatus::Active) {
        return Ok(());
    }
    let message = message!(
        OWNER_LEFT,
        "The owner of “{title}” has left the team. Create a new one for somebody else.",
        title,
    );
    Err(Refusal::new(Code::OwnerNotEligible, message).at("input.id"))
}
