//! The law of measurables.

use crate::kernel::{Code, Refusal};
use chrono::{Datelike, Days, NaiveDate};
use entity::measurable::MeasurablePeriod;

/// Measurables that a priority may have: what keeps the list of them short enough to read whole.
pub const PER_PRIORITY: i64 = 10;
/// How often the value of one period may be corrected.
pub const PER_PERIOD: i64 = 20;

/// The first day of the period that a day is in.
pub fn period_of(period: MeasurablePeriod, day: NaiveDate) -> NaiveDate {
    let first = match period {
        MeasurablePeriod::Week => {
            day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into()))
        }
        MeasurablePeriod::Month => day.with_day(1),
        MeasurablePeriod::Quarter => NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1),
    };
    first.unwrap_or(day)
}

/// The period that a value is for: the one of today, or an earlier one of the last five years.
pub fn period(
    period: MeasurablePeriod,
    asked: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<NaiveDate, Refusal> {
    let on = asked.unwrap_or(today);
    let refusal = |message| Err(Refusal::new(Code::Invalid, message).at("input.periodOn"));
    if on > today {
        return refusal("A value is for a period that has begun.");
    }
    if (today - on).num_days() > 5 * 366 {
        return refusal("A value lies within the last five years.");
    }
    Ok(period_of(period, on))
}

/// Whether a priority has room for another measurable.
pub fn room(others: i64) -> Result<(), Refusal> {
    if others < PER_PRIORITY {
        return Ok(());
    }
    let message = format!("A priority has at most {PER_PRIORITY} measurables.");
    Err(Refusal::new(Code::LimitReached, message).at("input.priorityId"))
}

/// Whether the value of a period may be corrected once more.
pub fn room_in_period(others: i64) -> Result<(), Refusal> {
    if others < PER_PERIOD {
        return Ok(());
    }
    let message = format!("A period's value is said at most {PER_PERIOD} times.");
    Err(Refusal::new(Code::LimitReached, message).at("input.periodOn"))
}

/// Whether a measurable is still taken.
pub fn taken(removed: bool) -> Result<(), Refusal> {
    if !removed {
        return Ok(());
    }
    Err(Refusal::new(Code::WrongState, "The measurable was removed.").at("input.id"))
}
