//! Rules of measurables.

use crate::{
    kernel::{Code, Message, Refusal},
    message,
};
use chrono::{Datelike, Days, NaiveDate};
use entity::measurable::MeasurablePeriod;

/// Maximum number of measurables of a priority. It keeps the list short enough to read whole.
pub const PER_PRIORITY: i64 = 10;
/// Number of years back for which a value can be recorded.
const YEARS_BACK: i64 = 5;
/// Maximum number of values of one period.
pub const PER_PERIOD: i64 = 20;

/// The first day of the period of a day.
pub fn period_start(period: MeasurablePeriod, day: NaiveDate) -> NaiveDate {
    let first = match period {
        MeasurablePeriod::Week => {
            day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into()))
        }
        MeasurablePeriod::Month => day.with_day(1),
        MeasurablePeriod::Quarter => NaiveDate::from_ymd_opt(day.year(), day.month0() / 3 * 3 + 1, 1),
    };
    first.unwrap_or(day)
}

/// The first day of the period of a value: the present one, or an earlier one of the last five years.
pub fn check_period(
    period: MeasurablePeriod,
    asked: Option<NaiveDate>,
    today: NaiveDate,
) -> Result<NaiveDate, Refusal> {
    let on = asked.unwrap_or(today);
    let refusal = |message: Message| Err(Refusal::new(Code::Invalid, message).at("input.periodOn"));
    if on > today {
        return refusal(message!(
            PERIOD_NOT_BEGUN,
            "`periodOn` must be {latest} or earlier.",
            latest = today
        ));
    }
    if (today - on).num_days() > YEARS_BACK * 366 {
        return refusal(message!(
            PERIOD_TOO_EARLY,
            "`periodOn` must be within the last {years} years.",
            years = YEARS_BACK
        ));
    }
    Ok(period_start(period, on))
}

/// Requires that a priority has room for another measurable.
pub fn require_room(others: i64) -> Result<(), Refusal> {
    if others < PER_PRIORITY {
        return Ok(());
    }
    let message = message!(
        MEASURABLES_PER_PRIORITY,
        "A priority has at most {max} measurables. Remove one first.",
        max = PER_PRIORITY,
    );
    Err(Refusal::new(Code::LimitReached, message).at("input.priorityId"))
}

/// Requires that a period has room for another value.
pub fn require_room_in_period(others: i64) -> Result<(), Refusal> {
    if others < PER_PERIOD {
        return Ok(());
    }
    let message = message!(
        VALUES_PER_PERIOD,
        "The value of a period can be reported at most {max} times. The latest one stays.",
        max = PER_PERIOD,
    );
    Err(Refusal::new(Code::LimitReached, message).at("input.periodOn"))
}

/// Requires that a measurable was not removed.
pub fn require_not_removed(removed: bool) -> Result<(), Refusal> {
    if !removed {
        return Ok(());
    }
    Err(Refusal::new(
        Code::WrongState,
        message!(MEASURABLE_REMOVED, "The measurable was removed. Create a new one."),
    )
    .at("input.id"))
}
