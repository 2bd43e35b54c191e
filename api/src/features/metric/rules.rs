//! The law of metrics: windows, quarters, and what a value is made of.

use super::definition::{Definition, SCALE};
use crate::kernel::end_of_day;
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use entity::metric_value::MetricReason;

/// Days after a quarter's end on which it is frozen, where the network's profile asks for no more.
pub const FREEZE_DAYS: u64 = 30;

/// A calendar quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter {
    year: i32,
    number: u32,
}

impl Quarter {
    /// The quarter that a day is in.
    pub fn of(day: NaiveDate) -> Quarter {
        Quarter { year: day.year(), number: day.month0() / 3 + 1 }
    }
    /// Reads `2026-Q3`.
    pub fn parse(text: &str) -> Option<Quarter> {
        let (year, number) = text.split_once("-Q")?;
        let quarter = Quarter { year: year.parse().ok()?, number: number.parse().ok()? };
        (quarter.label() == text && (1..=4).contains(&quarter.number)).then_some(quarter)
    }
    /// `2026-Q3`.
    pub fn label(self) -> String {
        format!("{:04}-Q{}", self.year, self.number)
    }
    /// Its first day.
    pub fn starts_on(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.number * 3 - 2, 1).unwrap_or_default()
    }
    /// Its last day.
    pub fn ends_on(self) -> NaiveDate {
        self.next().starts_on().pred_opt().unwrap_or_default()
    }
    pub fn next(self) -> Quarter {
        match self.number {
            4 => Quarter { year: self.year + 1, number: 1 },
            number => Quarter { number: number + 1, ..self },
        }
    }
    pub fn before(self) -> Quarter {
        match self.number {
            1 => Quarter { year: self.year - 1, number: 4 },
            number => Quarter { number: number - 1, ..self },
        }
    }
    /// Whether it has been over for so many days: today being the network's.
    pub fn is_due(self, today: NaiveDate, delay_days: u64) -> bool {
        self.ends_on().checked_add_days(Days::new(delay_days)).is_some_and(|last| last < today)
    }
}

/// The instants between which days lie where a client is: from the first of `days` days up to the end of `last`.
pub fn window(last: NaiveDate, days: u64, zone: &str) -> (DateTime<Utc>, DateTime<Utc>) {
    let before = last.checked_sub_days(Days::new(days)).unwrap_or(last);
    (end_of_day(before, zone), end_of_day(last, zone))
}

/// A value, or why there is none.
pub type Figure = Result<i64, MetricReason>;

/// A share or a ratio, in ten-thousandths, halves up, where the denominator is large enough.
pub fn ratio(definition: &Definition, numerator: i64, denominator: i64) -> Figure {
    if denominator < definition.least_shown.max(1) {
        return Err(MetricReason::TooFew);
    }
    Ok((2 * SCALE * numerator + denominator) / (2 * denominator))
}
