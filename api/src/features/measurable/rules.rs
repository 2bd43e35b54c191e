//! Rules of measurables.

use crate::{
    kernel::{Code, Message, Refusal, Zone},
    message,
};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, Utc};
use entity::{
    check_in::CheckInStatus,
    measurable::{self, MeasurableDirection, MeasurablePeriod},
    measurable_value::MeasurableColour,
    milestone,
};

/// Maximum number of measurables of a priority. It keeps the list short enough to read whole.
pub const PER_PRIORITY: i64 = 10;
/// Number of years back for which a value can be recorded.
const YEARS_BACK: i64 = 5;
/// Maximum number of measurables of a team's own.
pub const PER_TEAM: i64 = 30;
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

/// Requires that a team has room for another measurable of its own.
pub fn require_room_in_team(others: i64) -> Result<(), Refusal> {
    if others < PER_TEAM {
        return Ok(());
    }
    let message = message!(
        MEASURABLES_PER_TEAM,
        "A team has at most {max} measurables of its own. Remove one first.",
        max = PER_TEAM,
    );
    Err(Refusal::new(Code::LimitReached, message).at("input.teamId"))
}

/// The refusal of a measurable that belongs neither to a team nor to a priority.
pub fn nowhere_refusal() -> Refusal {
    let message = message!(TEAM_OR_PRIORITY_MISSING, "Give `priorityId` or `teamId`.");
    Refusal::new(Code::Invalid, message).at("input.priorityId")
}

/// Requires that the amber bound does not lie before the green one, and that the bounds of a figure to hold are distances.
pub fn check_bounds(goal: Goal<'_>) -> Result<(), Refusal> {
    let hold = goal.direction == MeasurableDirection::Hold;
    let negative = |bound: Option<&str>| bound.and_then(millionths).is_some_and(|bound| bound < 0);
    let path = match (goal.bounds(goal.target), hold && negative(goal.green)) {
        (_, true) => "input.greenBound",
        (Some((_, green, Some(amber))), _) if amber < green => "input.amberBound",
        _ => return Ok(()),
    };
    let message = message!(
        BOUNDS_CROSSED,
        "Amber must begin where green ends: for a figure that should rise, `amberBound` is at most the green bound, for one \
         that should fall, at least. For a figure that should stay level, both are distances from the target, and \
         `amberBound` is at least the green bound."
    );
    Err(Refusal::new(Code::Invalid, message).at(path))
}

/// Number of days after the end of a period within which its value is not late.
pub fn grace_days(period: MeasurablePeriod) -> u64 {
    match period {
        MeasurablePeriod::Week => 2,
        MeasurablePeriod::Month => 7,
        MeasurablePeriod::Quarter => 14,
    }
}

/// Whether a value that is recorded now comes late for the period that begins on a day.
pub fn is_late(period: MeasurablePeriod, period_on: NaiveDate, zone: Zone, now: DateTime<Utc>) -> bool {
    let next = match period {
        MeasurablePeriod::Week => period_on.checked_add_days(Days::new(7)),
        MeasurablePeriod::Month => period_on.checked_add_months(Months::new(1)),
        MeasurablePeriod::Quarter => period_on.checked_add_months(Months::new(3)),
    };
    // the last day of grace: the period's last day is the one before the next period
    let last = next.and_then(|next| next.checked_add_days(Days::new(grace_days(period) - 1)));
    last.is_some_and(|last| zone.end_of_day(last) <= now)
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

/// Number of decimal places of a number, and so the power of ten by which it is counted as an integer.
const PLACES: usize = 6;

/// A decimal number as an integer of millionths. `None` if the text is not a decimal number: the scalar `Decimal` lets
/// none through.
pub fn millionths(decimal: &str) -> Option<i128> {
    let (sign, digits) = decimal.strip_prefix('-').map_or((1, decimal), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if part.len() > PLACES {
        return None;
    }
    format!("{whole}{part:0<PLACES$}").parse::<i128>().ok().map(|number| sign * number)
}

/// What a measurable's values are compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Goal<'a> {
    pub direction: MeasurableDirection,
    pub baseline: &'a str,
    pub target: &'a str,
    /// The bound up to which a value is green. Without one, it is the target.
    pub green: Option<&'a str>,
    /// The bound up to which a value is amber. Without one, no value is.
    pub amber: Option<&'a str>,
}

impl<'a> Goal<'a> {
    pub fn of(measurable: &'a measurable::Model) -> Goal<'a> {
        Goal {
            direction: measurable.direction,
            baseline: &measurable.baseline,
            target: &measurable.target,
            green: measurable.green_bound.as_deref(),
            amber: measurable.amber_bound.as_deref(),
        }
    }

    /// The number that is compared with the bounds, and the bounds: the larger the number, the worse the value. For a
    /// figure that should stay level, it is the distance from the target.
    fn bounds(&self, value: &str) -> Option<(i128, i128, Option<i128>)> {
        let (value, target) = (millionths(value)?, millionths(self.target)?);
        let green = self.green.and_then(millionths);
        let amber = self.amber.and_then(millionths);
        Some(match self.direction {
            MeasurableDirection::Up => (-value, -green.unwrap_or(target), amber.map(|bound| -bound)),
            MeasurableDirection::Down => (value, green.unwrap_or(target), amber),
            MeasurableDirection::Hold => ((value - target).abs(), green.unwrap_or(0), amber),
        })
    }
}

/// The colour of a value: green up to the green bound, amber up to the amber bound, and red beyond both. Bounds belong to
/// the better colour.
pub fn colour(goal: Goal<'_>, value: &str) -> MeasurableColour {
    match goal.bounds(value) {
        Some((number, green, _)) if number <= green => MeasurableColour::Green,
        Some((number, _, Some(amber))) if number <= amber => MeasurableColour::Amber,
        _ => MeasurableColour::Red,
    }
}

/// Progress of a measurable in per cent: (latest − baseline) / (target − baseline), from 0 to 100, without a fraction. This
/// is how key results are graded (re:Work, "Set goals with OKRs"). 100 once the target is reached, 0 without a value. A
/// figure that should stay level has no way to go: 100 while its latest value is green, 50 while it is amber, and 0 while
/// it is red.
pub fn measurable_percent(goal: Goal<'_>, latest: Option<&str>) -> i32 {
    let Some(latest) = latest else { return 0 };
    let numbers = [goal.baseline, goal.target, latest].map(|text| millionths(text).unwrap_or_default());
    let [baseline, target, value] = numbers;
    let reached = match goal.direction {
        MeasurableDirection::Up => value >= target,
        MeasurableDirection::Down => value <= target,
        MeasurableDirection::Hold => {
            return match colour(goal, latest) {
                MeasurableColour::Green => 100,
                MeasurableColour::Amber => 50,
                MeasurableColour::Red => 0,
            };
        }
    };
    if reached || baseline == target {
        return 100 * i32::from(reached);
    }
    ((value - baseline) * 100 / (target - baseline)).clamp(0, 100) as i32
}

/// Progress of a priority in per cent, from what tells most: the mean of its measurables, each counting the same; else, by
/// the weights of its milestones, the share that is completed; else the latest check-in: the share of the time that has
/// elapsed if the work is on track, three quarters of it if it is at risk, half of it if it is off track. All are rounded
/// down. `None` without any of them.
///
/// `measured` are the percentages of its measurables that were not removed, and `elapsed` is the share of its time in per
/// cent.
pub fn priority_percent(
    measured: &[i32],
    milestones: &[&milestone::Model],
    check_in: Option<CheckInStatus>,
    elapsed: i32,
) -> Option<i32> {
    if !measured.is_empty() {
        return Some(measured.iter().sum::<i32>() / measured.len() as i32);
    }
    let there = || milestones.iter().filter(|milestone| milestone.removed_at.is_none());
    let whole: i32 = there().map(|milestone| milestone.weight).sum();
    if whole > 0 {
        let reached = there().filter(|milestone| milestone.done_at.is_some());
        return Some(100 * reached.map(|milestone| milestone.weight).sum::<i32>() / whole);
    }
    check_in.map(|status| match status {
        CheckInStatus::OnTrack => elapsed,
        CheckInStatus::AtRisk => elapsed * 3 / 4,
        CheckInStatus::OffTrack => elapsed / 2,
    })
}
