//! Days, working hours and cycles in a client's time zone.

use super::source::Source;
use crate::kernel::Zone;
use chrono::{DateTime, Datelike, Days, Duration, NaiveDate, NaiveTime, Utc};

/// An instant.
pub type At = DateTime<Utc>;

/// The day of an instant.
pub fn day(at: At, zone: Zone) -> NaiveDate {
    zone.today(at)
}

/// The instant at which a day ends: the start of the next.
pub fn day_end(day: NaiveDate, zone: Zone) -> At {
    zone.end_of_day(day)
}

/// A local time as an instant.
pub fn on(day: NaiveDate, time: NaiveTime, zone: Zone) -> At {
    zone.at(day.and_time(time))
}

/// The day itself, or the last before it that is neither on a weekend nor a holiday everywhere.
pub fn working(day: NaiveDate) -> NaiveDate {
    let free = match (day.month(), day.day()) {
        (12, 25 | 26) | (1, 1) => 1,
        _ => day.weekday().number_from_monday().saturating_sub(5),
    };
    if free == 0 { day } else { working(day - Days::new(u64::from(free))) }
}

/// Some moment of office life between two instants.
pub fn moment(source: &mut Source, zone: Zone, from: At, to: At) -> At {
    let to = to.max(from);
    let some = from + Duration::milliseconds(source.between(0, (to - from).num_milliseconds()));
    let time = NaiveTime::MIN + Duration::milliseconds(source.between(8 * 3_600_000, 18 * 3_600_000));
    on(working(day(some, zone)), time, zone).clamp(from, to)
}

/// A quarter, in which a team works on its priorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cycle {
    year: i32,
    quarter: u32,
}

impl Cycle {
    pub fn of(day: NaiveDate) -> Self {
        Cycle { year: day.year(), quarter: day.month0() / 3 }
    }
    pub fn next(self) -> Self {
        if self.quarter == 3 {
            Cycle { year: self.year + 1, quarter: 0 }
        } else {
            Cycle { quarter: self.quarter + 1, ..self }
        }
    }
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.year, self.quarter * 3 + 1, 1).unwrap_or_default()
    }
    pub fn last_day(self) -> NaiveDate {
        self.next().first_day() - Days::new(1)
    }
    /// As priorities name it: `2026-Q3`.
    pub fn name(self) -> String {
        format!("{}-Q{}", self.year, self.quarter + 1)
    }
}
