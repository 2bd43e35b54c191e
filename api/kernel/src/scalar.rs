//! The scalars of the schema. Instants are RFC 3339 in UTC; dates are calendar dates in the client's time zone.

use async_graphql::{InputType, InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{NaiveDate, SecondsFormat, Utc};
use gate::ScalarSyntax;

/// How those of our scalars are written that are not JSON of any kind. The gate holds every value of a request against
/// it, so that reads, which bind values as they came, refuse what mutations refuse.
pub const WRITINGS: &[ScalarSyntax] = &[
    ("Date", |value| Date::read(value).map(drop)),
    ("DateTime", |value| DateTime::read(value).map(drop)),
    ("Decimal", |value| Decimal::read(value).map(drop)),
];

/// A point in time in RFC 3339 format and UTC, such as `2026-03-01T09:30:00Z`. Input with another offset is converted to
/// UTC. Fractions of a millisecond are cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DateTime(pub chrono::DateTime<Utc>);

/// A calendar date, such as `2026-03-01`, in the time zone of the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub NaiveDate);

/// An exact decimal number as a string, such as `"-12.5"`, with at most 15 digits before the point and 6 after it. It is
/// returned in its shortest form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal(pub String);

impl Decimal {
    /// Reads a string, or says how it is written.
    fn read(value: Option<&str>) -> Result<Decimal, &'static str> {
        Decimal::of(value.ok_or(STRING)?).ok_or("A decimal is written like \"-12.5\".")
    }

    /// Reads plain digits with at most one point, and nothing else.
    fn of(text: &str) -> Option<Decimal> {
        let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |text: &str, most: usize| {
            (1..=most).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit())
        };
        if !plain(whole, 15) || !plain(part, 6) {
            return None;
        }
        let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
        let whole = if whole.is_empty() { "0" } else { whole };
        let point = if part.is_empty() { "" } else { "." };
        let sign = if whole == "0" && part.is_empty() { "" } else { sign };
        Some(Decimal(format!("{sign}{whole}{point}{part}")))
    }
}

/// An exact decimal number as a string, such as `"-12.5"`, with at most 15 digits before the point and 6 after it. It is
/// returned in its shortest form.
#[Scalar(name = "Decimal")]
impl ScalarType for Decimal {
    fn parse(value: Value) -> InputValueResult<Self> {
        Decimal::read(string(&value)).map_err(unread)
    }
    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

impl DateTime {
    /// Reads a string, or says how it is written.
    pub fn read(value: Option<&str>) -> Result<DateTime, &'static str> {
        let text = value.ok_or(STRING)?;
        let at = chrono::DateTime::parse_from_rfc3339(text).ok();
        if at.is_none() && text.get(..10).is_some_and(is_no_day) {
            return Err(NO_DAY);
        }
        // as our own clock: no database of ours keeps less, so a value read equals the value written
        let at = at.and_then(|at| chrono::DateTime::from_timestamp_millis(at.timestamp_millis()));
        at.map(DateTime).ok_or("An instant is written like 2026-03-01T09:30:00Z.")
    }
}

impl Date {
    /// Reads a string, or says how it is written.
    pub fn read(value: Option<&str>) -> Result<Date, &'static str> {
        let text = value.ok_or(STRING)?;
        // chrono also takes spaces, single digits and years of any length
        let plain = text.len() == 10 && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit());
        if is_no_day(text) {
            return Err(NO_DAY);
        }
        let date = text.parse().ok().filter(|_| plain);
        date.map(Date).ok_or("A date is written like 2026-03-01.")
    }
}

/// A day that is written as it should be, and that no month has.
const NO_DAY: &str = "There is no such day in the calendar.";

fn is_no_day(text: &str) -> bool {
    let bytes = text.as_bytes();
    let written = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    written && text.parse::<NaiveDate>().is_err()
}

/// Any JSON value.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub serde_json::Value);

/// A point in time in RFC 3339 format and UTC, such as `2026-03-01T09:30:00Z`. Input with another offset is converted to
/// UTC. Fractions of a millisecond are cut off.
#[Scalar(name = "DateTime", specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        DateTime::read(string(&value)).map_err(unread)
    }
    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// A calendar date, such as `2026-03-01`, in the time zone of the client.
#[Scalar(name = "Date", specified_by_url = "https://scalars.graphql.org/andimarek/local-date.html")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        Date::read(string(&value)).map_err(unread)
    }
    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// Any JSON value.
#[Scalar(name = "JSON", specified_by_url = "https://www.rfc-editor.org/rfc/rfc8259")]
impl ScalarType for Json {
    fn parse(value: Value) -> InputValueResult<Self> {
        Ok(Json(value.into_json()?))
    }
    fn to_value(&self) -> Value {
        Value::from_json(self.0.clone()).unwrap_or_default()
    }
}

/// What is wrong with a value of ours that is no string.
const STRING: &str = "It is written as a string.";

fn string(value: &Value) -> Option<&str> {
    if let Value::String(text) = value { Some(text) } else { None }
}

/// A value that is not written as its type is: the caller's fault, where an error without a code would be ours.
fn unread<T: InputType>(how: &str) -> InputValueError<T> {
    InputValueError::custom(how).with_extension("code", "BAD_USER_INPUT")
}
