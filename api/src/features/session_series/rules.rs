//! The law of series of sessions. Dates come from the recurrence rules of RFC 5545 (iCalendar), by the clocks of the
//! client's time zone: a session at nine stays at nine when clocks change. A time that clocks skip on a date moves on by
//! as much as they do, on that date alone; one that comes twice is the first.

use super::recurrence::refuse;
use crate::kernel::{Code, Fault, Refusal, Zone};
use chrono::{DateTime, Months, NaiveDate, NaiveTime, Utc};
use entity::session_series::{self, SeriesStatus};

/// Sessions of a series that are in the diary ahead, at most.
pub const AHEAD: usize = 26;
/// How far ahead they are, at most.
pub const HORIZON: Months = Months::new(12);
/// Dates on which a series may leave out its session.
pub const EXCEPTIONS: usize = 100;

/// When a series takes place.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    pub rule: String,
    pub starts_on: NaiveDate,
    pub time: NaiveTime,
    pub zone: Zone,
    pub except_on: Vec<NaiveDate>,
}

/// One date of a series, and when its session starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    pub on: NaiveDate,
    pub at: DateTime<Utc>,
}

/// What to put in the diary, up to which date it is then complete, and when there is a place for the next one.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub make: Vec<Occurrence>,
    pub made_until: Option<NaiveDate>,
    pub refill_at: Option<DateTime<Utc>>,
}

impl Timing {
    /// The timing of a series as it is kept.
    pub fn of(series: &session_series::Model) -> Result<Timing, Fault> {
        Ok(Timing {
            rule: series.rule.clone(),
            starts_on: series.starts_on,
            time: time(&series.local_time).unwrap_or_default(),
            zone: Zone::named(&series.time_zone)?,
            except_on: serde_json::from_str(&series.except_on).unwrap_or_default(),
        })
    }
}

/// Reads `09:30`, and nothing else.
pub fn time(text: &str) -> Option<NaiveTime> {
    let digits =
        text.len() == 5 && text.bytes().enumerate().all(|(at, byte)| at == 2 || byte.is_ascii_digit());
    digits.then(|| NaiveTime::parse_from_str(text, "%H:%M").ok()).flatten()
}

/// Whether a timing can be kept: with a session to come.
pub fn timely(timing: &Timing, now: DateTime<Utc>) -> Result<(), Refusal> {
    if let Err(error) = timing.set() {
        return Err(refuse(format!("This rule cannot be kept: {error}")));
    }
    if plan(timing, None, &[], now).make.is_empty() {
        return Err(refuse("This rule names no date in the twelve months to come."));
    }
    Ok(())
}

/// What to put in the diary, of what comes after `made_until`, beside the sessions that are ahead already.
pub fn plan(
    timing: &Timing,
    made_until: Option<NaiveDate>,
    ahead: &[DateTime<Utc>],
    now: DateTime<Utc>,
) -> Plan {
    let through = timing.zone.today(now).checked_add_months(HORIZON);
    let open = |one: &Occurrence| one.at > now && made_until.is_none_or(|until| one.on > until);
    let mut coming = timing.occurrences().filter(open).peekable();
    let mut make = Vec::new();
    while ahead.len() + make.len() < AHEAD {
        match coming.next_if(|one| through.is_some_and(|through| one.on <= through)) {
            Some(one) => make.push(one),
            None => break,
        }
    }
    let starts = || ahead.iter().copied().chain(make.iter().map(|one| one.at));
    let full = starts().count() >= AHEAD;
    let refill_at = coming.next().map(|next| {
        let in_sight = next.at.checked_sub_months(HORIZON).unwrap_or(next.at);
        let place = if full { starts().min() } else { None };
        place.map_or(in_sight, |place| place.max(in_sight))
    });
    let made_until = make.last().map(|one| one.on).or(made_until);
    Plan { make, made_until, refill_at }
}

/// Whether a series goes on.
pub fn active(series: &session_series::Model) -> Result<(), Refusal> {
    match series.status {
        SeriesStatus::Active => Ok(()),
        SeriesStatus::Ended => Err(Refusal::new(Code::WrongState, "The series has ended.").at("input.id")),
    }
}
