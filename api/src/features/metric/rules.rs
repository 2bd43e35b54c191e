//! Rules of metrics: the quarters for which values are frozen.

use chrono::{Datelike, Days, NaiveDate};

/// A calendar quarter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter {
    year: i32,
    number: u32,
}

impl Quarter {
    /// The quarter of a day.
    pub fn of(day: NaiveDate) -> Quarter {
        Quarter { year: day.year(), number: day.month0() / 3 + 1 }
    }
    /// Parses the form `2026-Q3`, with a year of four digits.
    pub fn parse(text: &str) -> Option<Quarter> {
        let (year, number) = text.split_once("-Q")?;
        let quarter = Quarter { year: year.parse().ok()?, number: number.parse().ok()? };
        (quarter.label() == text && (1..=4).contains(&quarter.number) && (1..=9998).contains(&quarter.year))
            .then_some(quarter)
    }
    /// The quarter in the form `2026-Q3`.
    pub fn label(self) -> String {
        format!("{:04}-Q{}", self.year, self.number)
    }
    /// The first day of the quarter.
    pub fn starts_on(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.number * 3 - 2, 1).unwrap_or_default()
    }
    /// The last day of the quarter.
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
    /// Whether the quarter ended more than `delay_days` days before `today`, a day in the network's time zone.
    pub fn is_due(self, today: NaiveDate, delay_days: u64) -> bool {
        self.ends_on().checked_add_days(Days::new(delay_days)).is_some_and(|last| last < today)
    }
}
