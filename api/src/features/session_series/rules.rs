//! The law of series of sessions. Dates come from the recurrence rules of RFC 5545 (iCalendar), by the clocks of the
//! client's time zone: a session at nine stays at nine when clocks change. A time that clocks skip moves on by as
//! much as they do; one that comes twice is the first.

use crate::kernel::{Code, Refusal, end_of_day, today};
use chrono::{DateTime, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use entity::session_series::{self, SeriesStatus};
use rrule::{Frequency, NWeekday, RRule, RRuleSet, Unvalidated};

/// Sessions of a series that are in the diary ahead, at most.
pub const AHEAD: usize = 26;
/// How far ahead they are, at most.
pub const HORIZON: Months = Months::new(12);
/// Dates on which a series may leave out its session.
pub const EXCEPTIONS: usize = 100;
/// Characters that a rule may have.
pub const RULE: usize = 200;

/// When a series takes place.
#[derive(Clone, Debug, PartialEq)]
pub struct Timing {
    pub rule: String,
    pub starts_on: NaiveDate,
    pub time: NaiveTime,
    pub zone: String,
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
    pub fn of(series: &session_series::Model) -> Timing {
        Timing {
            rule: series.rule.clone(),
            starts_on: series.starts_on,
            time: time(&series.local_time).unwrap_or_default(),
            zone: series.time_zone.clone(),
            except_on: serde_json::from_str(&series.except_on).unwrap_or_default(),
        }
    }

    /// The dates of the rule but the exceptions, in order; none where the rule is no rule.
    pub fn occurrences(&self) -> impl Iterator<Item = Occurrence> {
        let set = self.set().ok().map(RRuleSet::limit);
        let dates = set.as_ref().map(IntoIterator::into_iter).into_iter().flatten();
        dates
            .map(|at| Occurrence { on: at.date_naive(), at: at.with_timezone(&Utc) })
            .filter(|one| !self.except_on.contains(&one.on))
    }

    fn set(&self) -> Result<RRuleSet, String> {
        let zone = rrule::Tz::Tz(self.zone.parse().unwrap_or(Tz::UTC));
        let start = self.starts_on.and_time(self.time);
        // a first time that clocks skip is taken an hour later, as the others are
        let start = start.and_local_timezone(zone).earliest();
        let later =
            (self.starts_on.and_time(self.time) + TimeDelta::hours(1)).and_local_timezone(zone).earliest();
        let start = start.or(later).ok_or("its first time does not exist")?;
        let rule: RRule<Unvalidated> = until_in_utc(&self.rule, &self.zone)
            .parse()
            .map_err(|error: rrule::RRuleError| error.to_string())?;
        rule.build(start).map_err(|error| error.to_string())
    }
}

/// An end that is a date means that whole day, where the series takes place.
fn until_in_utc(rule: &str, zone: &str) -> String {
    let part = |part: &str| {
        let until = part.strip_prefix("UNTIL=").and_then(|day| NaiveDate::parse_from_str(day, "%Y%m%d").ok());
        match until {
            Some(day) => {
                let last = end_of_day(day, zone) - TimeDelta::seconds(1);
                last.format("UNTIL=%Y%m%dT%H%M%SZ").to_string()
            }
            None => part.to_owned(),
        }
    };
    rule.split(';').map(part).collect::<Vec<_>>().join(";")
}

/// Reads `09:30`, and nothing else.
pub fn time(text: &str) -> Option<NaiveTime> {
    let digits =
        text.len() == 5 && text.bytes().enumerate().all(|(at, byte)| at == 2 || byte.is_ascii_digit());
    digits.then(|| NaiveTime::parse_from_str(text, "%H:%M").ok()).flatten()
}

/// A rule as it is kept: in upper case, without the name of the property before it.
pub fn spelt(rule: &str) -> String {
    let rule = rule.trim().to_ascii_uppercase();
    rule.strip_prefix("RRULE:").unwrap_or(&rule).trim_end_matches(';').to_owned()
}

/// Whether a timing can be kept: by days, weeks, months or years, one time a day, and with a session to come.
pub fn timely(timing: &Timing, now: DateTime<Utc>) -> Result<(), Refusal> {
    let refuse = |message: String| Err(Refusal::new(Code::Invalid, message).at("input.rule"));
    let rule = &timing.rule;
    let known = |letter: char| letter.is_ascii_alphanumeric() || "=;,+-".contains(letter);
    if rule.is_empty() || rule.len() > RULE || !rule.chars().all(known) {
        return refuse(format!("A rule has 1 to {RULE} characters, like FREQ=WEEKLY;INTERVAL=2;BYDAY=TU."));
    }
    let keys = || rule.split(';').filter_map(|part| part.split_once('='));
    if keys().any(|(key, _)| matches!(key, "BYHOUR" | "BYMINUTE" | "BYSECOND" | "BYEASTER")) {
        return refuse("The time of day is `localTime`, and there is one a day.".into());
    }
    let set = match timing.set() {
        Ok(set) => set,
        Err(error) => return refuse(format!("This is no recurrence rule of RFC 5545: {error}")),
    };
    let rules = || set.get_rrule().iter();
    let long = |rule: &RRule| matches!(rule.get_freq(), Frequency::Monthly | Frequency::Yearly);
    if rules().any(|rule| !long(rule) && !matches!(rule.get_freq(), Frequency::Daily | Frequency::Weekly)) {
        return refuse("A series comes by days, weeks, months or years.".into());
    }
    let numbered = |rule: &RRule| rule.get_by_weekday().iter().any(|day| matches!(day, NWeekday::Nth(..)));
    if rules().any(|rule| numbered(rule) && !long(rule)) {
        return refuse("Numbered weekdays, like 2MO, go with months and years.".into());
    }
    if plan(timing, None, &[], now).make.is_empty() {
        return refuse("This rule names no date in the twelve months to come.".into());
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
    let through = today(&timing.zone, now).checked_add_months(HORIZON);
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
