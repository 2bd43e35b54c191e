//! Rules of years.

use crate::{
    kernel::{Code, Refusal},
    message,
};
use chrono::NaiveDate;
use entity::{
    Id, fold,
    team_year::{self, Entity},
};

/// Minimum length of a year in days: a first year can be short.
const MIN_DAYS: i64 = 180;
/// Maximum length of a year in days.
const MAX_DAYS: i64 = 400;

/// Requires that a year is about as long as one.
pub fn require_length(year: &team_year::Model) -> Result<(), Refusal> {
    let days = (year.ends_on - year.starts_on).num_days() + 1;
    if (MIN_DAYS..=MAX_DAYS).contains(&days) {
        return Ok(());
    }
    let message = message!(
        YEAR_LENGTH,
        "A year lasts {min} to {max} days, and this one {days}. Choose another `endsOn`.",
        min = MIN_DAYS,
        max = MAX_DAYS,
        days,
    );
    Err(Refusal::new(Code::Invalid, message).at("input.endsOn"))
}

/// Requires that a year has another label and other days than the other years of its team.
pub fn require_apart(years: &[team_year::Model], year: &team_year::Model) -> Result<(), Refusal> {
    let others = || years.iter().filter(|other| other.id != year.id);
    if others().any(|other| fold(&other.label) == fold(&year.label)) {
        let message = message!(YEAR_TAKEN, "Another year of the team has this label. Choose another label.");
        return Err(Refusal::new(Code::Taken, message).at("input.label"));
    }
    let mut meeting =
        others().filter(|other| other.starts_on <= year.ends_on && year.starts_on <= other.ends_on);
    let Some(other) = meeting.next() else { return Ok(()) };
    let message = message!(
        YEARS_OVERLAP,
        "The team's year “{year}” lasts from {from} to {to}. Years do not overlap: choose other days.",
        year = other.label,
        from = other.starts_on,
        to = other.ends_on,
    );
    Err(Refusal::new(Code::Taken, message).at("input.startsOn"))
}

/// The year in whose days a cycle starts. None if there is none.
pub fn year_of(years: &[team_year::Model], starts_on: NaiveDate) -> Option<Id<Entity>> {
    years.iter().find(|year| (year.starts_on..=year.ends_on).contains(&starts_on)).map(|year| year.id)
}
