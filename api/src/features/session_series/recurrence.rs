//! Recurrence rules as calendars write them (RFC 5545): a bare rule, or the lines `RRULE`, `DTSTART` and `EXDATE` of an
//! event. What cannot be kept is refused with a sentence that says what to change.
//!
//! Rules are expanded on a calendar without time zones, so that no date is lost or doubled where clocks change. Each date
//! is then placed in its zone by itself.

use super::rules::{Occurrence, Timing};
use crate::kernel::{Code, Refusal, Zone};
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use rrule::{RRule, RRuleSet, Unvalidated};

/// Characters of a rule and the lines around it.
pub const TEXT: usize = 5_000;
/// Characters of the rule alone.
pub const RULE: usize = 200;

const PARTS: [&str; 11] = [
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "WKST",
    "BYDAY",
    "BYMONTH",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYSETPOS",
];
const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/// A rule as it is kept, and the dates that its text leaves out.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    pub rule: String,
    pub except_on: Vec<NaiveDate>,
}

/// A date, or a date and a time, as calendars write them.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Moment {
    Date(NaiveDate),
    Local(NaiveDateTime),
    Utc(DateTime<Utc>),
}

/// Reads the text of a rule for a series that starts on a date, at a time by the clocks of a zone.
pub fn read(text: &str, zone: Zone, starts_on: NaiveDate, time: NaiveTime) -> Result<Written, Refusal> {
    if text.chars().count() > TEXT {
        return Err(refuse(format!("A rule with its lines has at most {TEXT} characters.")));
    }
    let (mut rule, mut except_on) = (None, vec![]);
    for line in lines(text) {
        let (head, value) = line.split_once(':').unwrap_or(("RRULE", &line));
        let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
        match name.trim().to_ascii_uppercase().as_str() {
            "RRULE" if rule.is_some() => {
                return Err(refuse("A series has one RRULE. Make a series of each."));
            }
            "RRULE" => rule = Some(kept(value, time)?),
            "DTSTART" => starts_alike(parameters, value, zone, starts_on, time)?,
            "EXDATE" => {
                for one in value.split(',') {
                    let one = Moment::read(one);
                    let message = "EXDATE lists dates like 20270308 or 20270308T090000.";
                    except_on.push(one.ok_or_else(|| refuse(message))?.local(zone).date());
                }
            }
            "RDATE" => {
                return Err(refuse("A series has no RDATE. Schedule these sessions by themselves."));
            }
            other => {
                let other: String = other.chars().take(20).collect();
                let message = format!(
                    "A rule is written like FREQ=WEEKLY;BYDAY=TU, or has the lines RRULE, DTSTART and EXDATE. Leave \
                     out {other}."
                );
                return Err(refuse(message));
            }
        }
    }
    let rule =
        rule.ok_or_else(|| refuse("There is no rule. Write one like FREQ=WEEKLY;INTERVAL=2;BYDAY=TU."))?;
    Ok(Written { rule, except_on })
}

/// Lines as they were before they were folded: one that begins with a blank goes on with the line before it.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = vec![];
    for line in text.replace("\r\n", "\n").split(['\n', '\r']) {
        match (lines.last_mut(), line.strip_prefix([' ', '\t'])) {
            (Some(last), Some(rest)) => last.push_str(rest),
            _ => lines.push(line.trim().to_owned()),
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// Whether the line `DTSTART` says what the series says.
fn starts_alike(
    parameters: &str,
    value: &str,
    zone: Zone,
    starts_on: NaiveDate,
    time: NaiveTime,
) -> Result<(), Refusal> {
    let named = parameters.split(';').find_map(|part| part.trim().strip_prefix("TZID="));
    if let Some(other) =
        named.and_then(|name| Zone::find(name.trim_matches('"'))).filter(|other| !other.is(zone))
    {
        let message = format!(
            "DTSTART is in the time zone {}, and the client is in {}. Leave the line DTSTART out.",
            other.name(),
            zone.name()
        );
        return Err(refuse(message));
    }
    let message = "DTSTART is written like 20270301 or 20270301T090000.";
    let start = Moment::read(value).ok_or_else(|| refuse(message))?;
    let (local, expected) = (start.local(zone), starts_on.and_time(time));
    let alike = match start {
        Moment::Date(date) => date == starts_on,
        _ => local == expected,
    };
    if alike {
        return Ok(());
    }
    let message = format!(
        "DTSTART is {}, and the series starts {}. Make `startsOn` and `localTime` the same, or leave the line DTSTART \
         out.",
        local.format("%Y-%m-%d %H:%M"),
        expected.format("%Y-%m-%d %H:%M")
    );
    Err(refuse(message))
}

/// A rule as it is kept: in upper case, without blanks and without a time of day that says what the series says.
fn kept(rule: &str, time: NaiveTime) -> Result<String, Refusal> {
    let rule: String = rule.to_ascii_uppercase().split_whitespace().collect();
    let parts = parts(&rule, time)?;
    go_together(&parts)?;
    let rule: Vec<String> = parts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let rule = rule.join(";");
    if rule.len() > RULE {
        return Err(refuse(format!("A rule has at most {RULE} characters.")));
    }
    Ok(rule)
}

/// The parts of a rule with their values, without a time of day that says what the series says.
fn parts(rule: &str, time: NaiveTime) -> Result<Vec<(&str, &str)>, Refusal> {
    let mut parts: Vec<(&str, &str)> = vec![];
    for part in rule.split(';').filter(|part| !part.is_empty()) {
        let Some((name, value)) = part.split_once('=') else {
            let part: String = part.chars().take(20).collect();
            return Err(refuse(format!(
                "A part of a rule is written like INTERVAL=2. Change or leave out {part:?}."
            )));
        };
        let of_the_day = match name {
            "BYHOUR" => Some(time.hour()),
            "BYMINUTE" => Some(time.minute()),
            "BYSECOND" => Some(0),
            _ => None,
        };
        match of_the_day {
            Some(same) if value.parse() == Ok(same) => {}
            Some(_) => {
                return Err(refuse(format!(
                    "The time of day is `localTime`, and there is one session a day. Leave out {name}."
                )));
            }
            None if !PARTS.contains(&name) => {
                let name: String = name.chars().take(20).collect();
                return Err(refuse(format!(
                    "A rule has no part {name:?}. Its parts are {}.",
                    PARTS.join(", ")
                )));
            }
            None if parts.iter().any(|(other, _)| *other == name) => {
                return Err(refuse(format!("{name} is there twice. Leave one out.")));
            }
            None => parts.push((name, value)),
        }
    }
    Ok(parts)
}

/// Whether the parts of a rule have values that they can have, and go together.
fn go_together(parts: &[(&str, &str)]) -> Result<(), Refusal> {
    let part = |name: &str| parts.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
    let long = match part("FREQ") {
        Some("DAILY" | "WEEKLY") => false,
        Some("MONTHLY" | "YEARLY") => true,
        _ => {
            let message =
                "A series comes by days, weeks, months or years: FREQ is DAILY, WEEKLY, MONTHLY or YEARLY.";
            return Err(refuse(message));
        }
    };
    for (name, value) in parts {
        fits(name, value, part("FREQ") == Some("MONTHLY"))?;
    }
    if part("COUNT").is_some() && part("UNTIL").is_some() {
        return Err(refuse("A rule ends by COUNT or by UNTIL. Leave one out."));
    }
    if part("BYDAY").is_some_and(|days| days.contains(|letter: char| letter.is_ascii_digit())) && !long {
        return Err(refuse("Numbered weekdays, like 2MO, go with months and years. Leave the number out."));
    }
    if part("BYMONTHDAY").is_some() && part("FREQ") == Some("WEEKLY") {
        return Err(refuse("BYMONTHDAY does not go with FREQ=WEEKLY. Leave it out."));
    }
    for name in ["BYWEEKNO", "BYYEARDAY"] {
        if part(name).is_some() && part("FREQ") != Some("YEARLY") {
            return Err(refuse(format!("{name} goes with FREQ=YEARLY alone. Leave it out.")));
        }
    }
    let chooses = |name: &&str| name.starts_with("BY") && *name != "BYSETPOS";
    if part("BYSETPOS").is_some() && !parts.iter().any(|(name, _)| chooses(name)) {
        return Err(refuse(
            "BYSETPOS chooses among dates, so the rule needs BYDAY or another list beside it.",
        ));
    }
    Ok(())
}

/// Whether a part's value is one that it can have.
fn fits(name: &str, value: &str, monthly: bool) -> Result<(), Refusal> {
    let number = |text: &str, signed: bool| {
        let digits = text.strip_prefix(['+', '-']).filter(|_| signed).unwrap_or(text);
        let plain =
            !digits.is_empty() && digits.len() < 6 && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse::<u32>().ok()).flatten()
    };
    let list = |most: u32, signed: bool| {
        value.split(',').all(|one| number(one, signed).is_some_and(|number| (1..=most).contains(&number)))
    };
    let weekdays = |most: u32| {
        value.split(',').all(|one| {
            let at = one.len().saturating_sub(2);
            let (place, day) = one.split_at_checked(at).unwrap_or(("", ""));
            let placed = place.is_empty() || number(place, true).is_some_and(|n| (1..=most).contains(&n));
            placed && WEEKDAYS.contains(&day)
        })
    };
    let (fits, written) = match name {
        "INTERVAL" => {
            (number(value, false).is_some_and(|n| (1..=1_000).contains(&n)), "a number from 1 to 1000")
        }
        "COUNT" => {
            (number(value, false).is_some_and(|n| (1..=9_999).contains(&n)), "a number from 1 to 9999")
        }
        "UNTIL" => (Moment::read(value).is_some(), "like 20270331, 20270331T090000 or 20270331T090000Z"),
        "WKST" => (WEEKDAYS.contains(&value), "one of MO, TU, WE, TH, FR, SA, SU"),
        "BYDAY" => (
            weekdays(if monthly { 5 } else { 53 }),
            "a list of weekdays like MO,WE, in months also 2MO or -1FR",
        ),
        "BYMONTH" => (list(12, false), "a list of months from 1 to 12"),
        "BYMONTHDAY" => {
            (list(31, true), "a list of days from 1 to 31, or from -31 to -1 counted from the end")
        }
        "BYYEARDAY" | "BYSETPOS" => (list(366, true), "a list of numbers from 1 to 366 or from -366 to -1"),
        "BYWEEKNO" => (list(53, true), "a list of weeks from 1 to 53 or from -53 to -1"),
        _ => (true, ""),
    };
    if fits {
        return Ok(());
    }
    let value: String = value.chars().take(40).collect();
    Err(refuse(format!("{name} is {written}, and not {value:?}.")))
}

impl Moment {
    fn read(text: &str) -> Option<Moment> {
        let text = text.trim();
        let whole = |text: &str| NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok();
        match (text.len(), text.strip_suffix(['Z', 'z'])) {
            (8, None) => NaiveDate::parse_from_str(text, "%Y%m%d").ok().map(Moment::Date),
            (15, None) => whole(&text.to_ascii_uppercase()).map(Moment::Local),
            (16, Some(rest)) => whole(&rest.to_ascii_uppercase()).map(|at| Moment::Utc(at.and_utc())),
            _ => None,
        }
    }

    fn local(self, zone: Zone) -> NaiveDateTime {
        match self {
            Moment::Date(date) => date.and_time(NaiveTime::MIN),
            Moment::Local(local) => local,
            Moment::Utc(at) => zone.local(at),
        }
    }
}

impl Timing {
    /// The dates of the rule in order, without the exceptions; none where the rule is no rule.
    pub fn occurrences(&self) -> impl Iterator<Item = Occurrence> {
        let set = self.set().ok().map(RRuleSet::limit);
        let dates = set.as_ref().map(IntoIterator::into_iter).into_iter().flatten();
        let until = match self.until() {
            Some(Moment::Utc(until)) => Some(until),
            _ => None,
        };
        dates
            .map(|floating| floating.naive_utc())
            .map(|local| Occurrence { on: local.date(), at: self.zone.at(local) })
            .filter(move |one| until.is_none_or(|until| one.at <= until))
            .filter(|one| !self.except_on.contains(&one.on))
    }

    /// The rule on a calendar without time zones.
    pub(super) fn set(&self) -> Result<RRuleSet, String> {
        let floating = |local: NaiveDateTime| local.and_utc().with_timezone(&rrule::Tz::UTC);
        let until = self.until().and_then(|until| match until {
            Moment::Date(date) => date.and_hms_opt(23, 59, 59),
            Moment::Local(local) => Some(local),
            // the instant decides, which clocks that change may put on either side of this local time
            Moment::Utc(at) => self.zone.local(at).checked_add_days(Days::new(1)),
        });
        let parts = self.rule.split(';').filter(|part| !part.starts_with("UNTIL=")).map(str::to_owned);
        let until = until.map(|until| until.format("UNTIL=%Y%m%dT%H%M%SZ").to_string());
        let rule = parts.chain(until).collect::<Vec<_>>().join(";");
        let rule: RRule<Unvalidated> = rule.parse().map_err(|error: rrule::RRuleError| error.to_string())?;
        rule.build(floating(self.starts_on.and_time(self.time))).map_err(|error| error.to_string())
    }

    /// When the rule ends.
    fn until(&self) -> Option<Moment> {
        self.rule.split(';').find_map(|part| part.strip_prefix("UNTIL=")).and_then(Moment::read)
    }
}

/// A refusal of the rule.
pub fn refuse(message: impl Into<String>) -> Refusal {
    Refusal::new(Code::Invalid, message).at("input.rule")
}
