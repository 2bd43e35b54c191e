//! Rules of series of sessions. Dates follow the recurrence rules of RFC 5545 (iCalendar) in the client's time zone: a
//! session at nine stays at nine when clocks change. A local time that clocks skip on a date moves forward by the
//! skipped time, on that date only. Of a local time that occurs twice, the first is used.

use crate::{
    kernel::{Code, Fault, Message, Refusal, Zone},
    message,
};
use chrono::{DateTime, Months, NaiveDate, NaiveTime, Utc};
use entity::session_series::{self, SeriesStatus};
use serde::{Deserialize, Serialize};

/// Maximum number of upcoming sessions of a series.
pub const MAX_AHEAD: usize = 26;
/// Maximum time until an upcoming session.
pub const HORIZON: Months = Months::new(12);
/// Maximum number of exceptions of a series.
pub const MAX_EXCEPTIONS: usize = 100;

/// Maximum number of standing agenda items of a series.
pub const MAX_STANDING: usize = 20;

/// A standing agenda item of a series, as its list has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StandingItem {
    pub title: String,
    pub minutes: i32,
}

/// The standing agenda items of a series. None where its sessions take the template's.
pub fn standing_items(series: &session_series::Model) -> Vec<StandingItem> {
    serde_json::from_str(&series.agenda).unwrap_or_default()
}

/// Rule, start, time zone and exceptions of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesTiming {
    pub rule: String,
    pub starts_on: NaiveDate,
    pub time: NaiveTime,
    pub zone: Zone,
    pub except_on: Vec<NaiveDate>,
}

/// One date of a series, and the start of its session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    pub on: NaiveDate,
    pub at: DateTime<Utc>,
}

/// Sessions to schedule, the last date that is then scheduled, and the time from which the next session can be
/// scheduled.
#[derive(Clone, Debug, PartialEq)]
pub struct SeriesPlan {
    pub make: Vec<Occurrence>,
    pub made_until: Option<NaiveDate>,
    pub refill_at: Option<DateTime<Utc>>,
}

impl SeriesTiming {
    /// The timing of a stored series.
    pub fn of(series: &session_series::Model) -> Result<SeriesTiming, Fault> {
        Ok(SeriesTiming {
            rule: series.rule.clone(),
            starts_on: series.starts_on,
            time: parse_time(&series.local_time).unwrap_or_default(),
            zone: Zone::named(&series.time_zone)?,
            except_on: serde_json::from_str(&series.except_on).unwrap_or_default(),
        })
    }
}

/// Parses a time of day like `09:30`.
pub fn parse_time(text: &str) -> Option<NaiveTime> {
    let digits =
        text.len() == 5 && text.bytes().enumerate().all(|(at, byte)| at == 2 || byte.is_ascii_digit());
    digits.then(|| NaiveTime::parse_from_str(text, "%H:%M").ok()).flatten()
}

/// Requires that a timing is valid and has an upcoming date.
pub fn require_upcoming_date(timing: &SeriesTiming, now: DateTime<Utc>) -> Result<(), Refusal> {
    if let Err(error) = timing.set() {
        return Err(refuse(message!(NOT_A_RULE, "This rule cannot be kept: {error}", error)));
    }
    if plan_sessions(timing, None, &[], now).make.is_empty() {
        return Err(refuse(message!(
            NO_DATES_AHEAD,
            "This rule names no date in the twelve months to come. Change it so that it does."
        )));
    }
    Ok(())
}

/// Plans the sessions to schedule after `made_until`, given the starts of the sessions that are scheduled already.
pub fn plan_sessions(
    timing: &SeriesTiming,
    made_until: Option<NaiveDate>,
    ahead: &[DateTime<Utc>],
    now: DateTime<Utc>,
) -> SeriesPlan {
    let through = timing.zone.today(now).checked_add_months(HORIZON);
    let open = |one: &Occurrence| one.at > now && made_until.is_none_or(|until| one.on > until);
    let mut coming = timing.occurrences().filter(open).peekable();
    let mut make = Vec::new();
    while ahead.len() + make.len() < MAX_AHEAD {
        match coming.next_if(|one| through.is_some_and(|through| one.on <= through)) {
            Some(one) => make.push(one),
            None => break,
        }
    }
    let starts = || ahead.iter().copied().chain(make.iter().map(|one| one.at));
    let full = starts().count() >= MAX_AHEAD;
    let refill_at = coming.next().map(|next| {
        let in_sight = next.at.checked_sub_months(HORIZON).unwrap_or(next.at);
        let place = if full { starts().min() } else { None };
        place.map_or(in_sight, |place| place.max(in_sight))
    });
    let made_until = make.last().map(|one| one.on).or(made_until);
    SeriesPlan { make, made_until, refill_at }
}

/// Requires that a series has not ended.
pub fn require_active(series: &session_series::Model) -> Result<(), Refusal> {
    match series.status {
        SeriesStatus::Active => Ok(()),
        SeriesStatus::Ended => Err(Refusal::new(
            Code::WrongState,
            message!(SERIES_ENDED, "The series has ended. Create a new one."),
        )
        .at("input.id")),
    }
}

/// Makes a refusal at the path of the rule.
pub fn refuse(message: impl Into<Message>) -> Refusal {
    Refusal::new(Code::Invalid, message).at("input.rule")
}
