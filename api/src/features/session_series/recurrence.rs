//! Recurrence rules in the format of calendars (RFC 5545): a bare rule, or the lines `RRULE`, `DTSTART` and `EXDATE` of
//! an event. An unsupported rule is refused with a message that says what to change.
//!
//! Rules are expanded without time zones, so that no date is lost or doubled when clocks change. Each date is then
//! placed in its time zone.

use super::rules::{Occurrence, SeriesTiming, refuse};
use crate::{
    kernel::{Refusal, Zone},
    message,
};
use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};
use rrule::{RRule, RRuleSet, Unvalidated};

/// Maximum number of characters of a rule with its lines.
pub const MAX_TEXT: usize = 5_000;
/// Maximum number of characters of a rule alone.
pub const MAX_RULE: usize = 200;

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

/// A normalised rule, with the dates that its text leaves out.
#[derive(Clone, Debug, PartialEq)]
pub struct ParsedRule {
    pub rule: String,
    pub except_on: Vec<NaiveDate>,
}

/// A date, or a date with a time, in the format of calendars.
#[derive(Clone, Copy, Debug, PartialEq)]
enum CalendarTime {
    Date(NaiveDate),
    Local(NaiveDateTime),
    Utc(DateTime<Utc>),
}

/// Parses the text of a rule for a series that starts on a date, at a local time.
pub fn parse_rule(
    text: &str,
    zone: Zone,
    starts_on: NaiveDate,
    time: NaiveTime,
) -> Result<ParsedRule, Refusal> {
    if text.chars().count() > MAX_TEXT {
        return Err(refuse(message!(
            RULE_TOO_LONG,
            "A rule with its lines has at most {max} characters. Shorten it.",
            max = MAX_TEXT,
        )));
    }
    let (mut rule, mut except_on) = (None, vec![]);
    for line in unfold_lines(text) {
        let (head, value) = line.split_once(':').unwrap_or(("RRULE", &line));
        let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
        match name.trim().to_ascii_uppercase().as_str() {
            "RRULE" if rule.is_some() => {
                return Err(refuse(message!(
                    SEVERAL_RULES,
                    "A series has one RRULE. Make a series of each."
                )));
            }
            "RRULE" => rule = Some(normalise_rule(value, time)?),
            "DTSTART" => require_same_start(parameters, value, zone, starts_on, time)?,
            "EXDATE" => {
                for one in value.split(',') {
                    let one = CalendarTime::parse(one);
                    let wrong = || {
                        refuse(message!(
                            NOT_AN_EXDATE,
                            "EXDATE lists dates like {example} or {example_with_time}.",
                            example = "20270308",
                            example_with_time = "20270308T090000",
                        ))
                    };
                    except_on.push(one.ok_or_else(wrong)?.local(zone).date());
                }
            }
            "RDATE" => {
                return Err(refuse(message!(
                    EXTRA_DATES,
                    "A series has no RDATE. Schedule these sessions by themselves."
                )));
            }
            other => {
                let other: String = other.chars().take(20).collect();
                let message = message!(
                    UNKNOWN_LINE,
                    "A rule is written like FREQ=WEEKLY;BYDAY=TU, or has the lines RRULE, DTSTART and EXDATE. Leave \
                     out {line}.",
                    line = other,
                );
                return Err(refuse(message));
            }
        }
    }
    let missing = || {
        let example = "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU";
        refuse(message!(NO_RULE, "There is no rule. Write one like {example}.", example))
    };
    let rule = rule.ok_or_else(missing)?;
    Ok(ParsedRule { rule, except_on })
}

/// Unfolds lines: a line that begins with a blank continues the line before it.
fn unfold_lines(text: &str) -> Vec<String> {
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

/// Requires that the line `DTSTART` equals the start of the series.
fn require_same_start(
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
        let message = message!(
            OTHER_TIME_ZONE,
            "DTSTART is in the time zone {zone}, and the client is in {expected}. Leave the line DTSTART out.",
            zone = other.name(),
            expected = zone.name(),
        );
        return Err(refuse(message));
    }
    let wrong = || {
        refuse(message!(
            NOT_A_DTSTART,
            "DTSTART is written like {example} or {example_with_time}.",
            example = "20270301",
            example_with_time = "20270301T090000",
        ))
    };
    let start = CalendarTime::parse(value).ok_or_else(wrong)?;
    let (local, expected) = (start.local(zone), starts_on.and_time(time));
    let alike = match start {
        CalendarTime::Date(date) => date == starts_on,
        _ => local == expected,
    };
    if alike {
        return Ok(());
    }
    let message = message!(
        OTHER_START,
        "DTSTART is {start}, and the series starts {expected}. Make `startsOn` and `localTime` the same, or leave the \
         line DTSTART out.",
        start = local.format("%Y-%m-%d %H:%M"),
        expected = expected.format("%Y-%m-%d %H:%M"),
    );
    Err(refuse(message))
}

/// Normalises a rule: upper case, without blanks, and without a time of day that equals the series'.
fn normalise_rule(rule: &str, time: NaiveTime) -> Result<String, Refusal> {
    let rule: String = rule.to_ascii_uppercase().split_whitespace().collect();
    let parts = split_parts(&rule, time)?;
    check_parts(&parts)?;
    let rule: Vec<String> = parts.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let rule = rule.join(";");
    if rule.len() > MAX_RULE {
        return Err(refuse(message!(
            RULE_TOO_LONG,
            "A rule has at most {max} characters. Shorten it.",
            max = MAX_RULE
        )));
    }
    Ok(rule)
}

/// Splits a rule into its parts, without a time of day that equals the series'.
fn split_parts(rule: &str, time: NaiveTime) -> Result<Vec<(&str, &str)>, Refusal> {
    let mut parts: Vec<(&str, &str)> = vec![];
    for part in rule.split(';').filter(|part| !part.is_empty()) {
        let Some((name, value)) = part.split_once('=') else {
            let part: String = part.chars().take(20).collect();
            return Err(refuse(message!(
                NOT_A_PART,
                "A part of a rule is written like {example}. Change or leave out {part}.",
                example = "INTERVAL=2",
                part = format!("{part:?}"),
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
                return Err(refuse(message!(
                    OTHER_TIME,
                    "The time of day is `localTime`, and there is one session a day. Leave out {part}.",
                    part = name,
                )));
            }
            None if !PARTS.contains(&name) => {
                let name: String = name.chars().take(20).collect();
                return Err(refuse(message!(
                    UNKNOWN_PART,
                    "A rule has no part {part}. Its parts are {allowed}.",
                    part = format!("{name:?}"),
                    allowed = PARTS.join(", "),
                )));
            }
            None if parts.iter().any(|(other, _)| *other == name) => {
                return Err(refuse(message!(
                    PART_TWICE,
                    "{part} is there twice. Leave one out.",
                    part = name
                )));
            }
            None => parts.push((name, value)),
        }
    }
    Ok(parts)
}

/// Requires that the parts of a rule have valid values and can be combined.
fn check_parts(parts: &[(&str, &str)]) -> Result<(), Refusal> {
    let part = |name: &str| parts.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
    let long = match part("FREQ") {
        Some("DAILY" | "WEEKLY") => false,
        Some("MONTHLY" | "YEARLY") => true,
        _ => {
            let message = message!(
                NO_FREQUENCY,
                "A series comes by days, weeks, months or years: FREQ is DAILY, WEEKLY, MONTHLY or YEARLY."
            );
            return Err(refuse(message));
        }
    };
    for (name, value) in parts {
        check_value(name, value, part("FREQ") == Some("MONTHLY"))?;
    }
    if part("COUNT").is_some() && part("UNTIL").is_some() {
        return Err(refuse(message!(COUNT_AND_UNTIL, "A rule ends by COUNT or by UNTIL. Leave one out.")));
    }
    if part("BYDAY").is_some_and(|days| days.contains(|letter: char| letter.is_ascii_digit())) && !long {
        return Err(refuse(message!(
            NUMBERED_WEEKDAY,
            "Numbered weekdays, like {example}, go with months and years. Leave the number out.",
            example = "2MO",
        )));
    }
    if part("BYMONTHDAY").is_some() && part("FREQ") == Some("WEEKLY") {
        return Err(refuse(message!(
            MONTH_DAY_IN_WEEKS,
            "BYMONTHDAY does not go with FREQ=WEEKLY. Leave it out."
        )));
    }
    for name in ["BYWEEKNO", "BYYEARDAY"] {
        if part(name).is_some() && part("FREQ") != Some("YEARLY") {
            return Err(refuse(message!(
                YEARLY_ONLY,
                "{part} goes with FREQ=YEARLY alone. Leave it out.",
                part = name,
            )));
        }
    }
    let chooses = |name: &&str| name.starts_with("BY") && *name != "BYSETPOS";
    if part("BYSETPOS").is_some() && !parts.iter().any(|(name, _)| chooses(name)) {
        return Err(refuse(message!(
            POSITION_WITHOUT_DATES,
            "BYSETPOS chooses among dates, so the rule needs BYDAY or another list beside it."
        )));
    }
    Ok(())
}

/// Requires that the value of a part is valid.
fn check_value(name: &str, value: &str, monthly: bool) -> Result<(), Refusal> {
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
        "UNTIL" => {
            (CalendarTime::parse(value).is_some(), "like 20270331, 20270331T090000 or 20270331T090000Z")
        }
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
    Err(refuse(message!(
        WRONG_VALUE,
        "{part} is {allowed}, and not {value}.",
        part = name,
        allowed = written,
        value = format!("{value:?}"),
    )))
}

impl CalendarTime {
    fn parse(text: &str) -> Option<CalendarTime> {
        let text = text.trim();
        let whole = |text: &str| NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%S").ok();
        match (text.len(), text.strip_suffix(['Z', 'z'])) {
            (8, None) => NaiveDate::parse_from_str(text, "%Y%m%d").ok().map(CalendarTime::Date),
            (15, None) => whole(&text.to_ascii_uppercase()).map(CalendarTime::Local),
            (16, Some(rest)) => whole(&rest.to_ascii_uppercase()).map(|at| CalendarTime::Utc(at.and_utc())),
            _ => None,
        }
    }

    fn local(self, zone: Zone) -> NaiveDateTime {
        match self {
            CalendarTime::Date(date) => date.and_time(NaiveTime::MIN),
            CalendarTime::Local(local) => local,
            CalendarTime::Utc(at) => zone.local(at),
        }
    }
}

impl SeriesTiming {
    /// Dates of the rule in order, without the exceptions. Empty if the rule is invalid.
    pub fn occurrences(&self) -> impl Iterator<Item = Occurrence> {
        let set = self.set().ok().map(RRuleSet::limit);
        let dates = set.as_ref().map(IntoIterator::into_iter).into_iter().flatten();
        let until = match self.until() {
            Some(CalendarTime::Utc(until)) => Some(until),
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
            CalendarTime::Date(date) => date.and_hms_opt(23, 59, 59),
            CalendarTime::Local(local) => Some(local),
            // one day later, because clock changes can put the instant on either side of this local time; the exact
            // instant is compared afterwards
            CalendarTime::Utc(at) => self.zone.local(at).checked_add_days(Days::new(1)),
        });
        let parts = self.rule.split(';').filter(|part| !part.starts_with("UNTIL=")).map(str::to_owned);
        let until = until.map(|until| until.format("UNTIL=%Y%m%dT%H%M%SZ").to_string());
        let rule = parts.chain(until).collect::<Vec<_>>().join(";");
        let rule: RRule<Unvalidated> = rule.parse().map_err(|error: rrule::RRuleError| error.to_string())?;
        rule.build(floating(self.starts_on.and_time(self.time))).map_err(|error| error.to_string())
    }

    /// End of the rule, if it has one.
    fn until(&self) -> Option<CalendarTime> {
        self.rule.split(';').find_map(|part| part.strip_prefix("UNTIL=")).and_then(CalendarTime::parse)
    }
}
