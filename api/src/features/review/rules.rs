//! Rules of reviews. Every date follows from the cadence's anchor alone: due = anchor + n × interval, in the client's
//! time zone, even if earlier reviews were held late.

use crate::{
    kernel::{Code, Message, Refusal, Zone},
    message,
};
use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, Utc};
use entity::{
    programme::{self, ProgrammeStatus},
    review::{self, ReviewStatus},
    review_cadence::{self, CadenceUnit},
    session::SessionKind,
};
use std::ops::RangeInclusive;

/// Number of reviews that are kept ahead.
pub const REVIEWS_AHEAD: i32 = 3;
/// Time of day of the cadence that a programme starts.
pub const DEFAULT_TIME: &str = "09:00";

/// Interval, anchor and time of day of a cadence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CadenceRule {
    pub unit: CadenceUnit,
    pub every: i32,
    pub anchor_on: NaiveDate,
    pub time: NaiveTime,
}

/// Times of a review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReviewTimes {
    pub due_on: NaiveDate,
    pub due_at: DateTime<Utc>,
    /// Sessions count as the review from this time on.
    pub opens_at: DateTime<Utc>,
    /// A review held before this time is on time.
    pub grace_ends_at: DateTime<Utc>,
    /// A review held before this time is late; later, the next review's time has begun.
    pub closes_at: DateTime<Utc>,
}

/// Returns the allowed intervals of a unit.
pub fn allowed_intervals(unit: CadenceUnit) -> RangeInclusive<i32> {
    match unit {
        CadenceUnit::Day => 1..=366,
        CadenceUnit::Week => 1..=52,
        CadenceUnit::Month => 1..=12,
    }
}

/// Parses a time of day like `09:30`.
pub fn parse_time(text: &str) -> Option<NaiveTime> {
    if text.len() != 5 {
        return None;
    }
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

impl CadenceRule {
    /// The rule of a stored cadence.
    pub fn of(cadence: &review_cadence::Model) -> CadenceRule {
        CadenceRule {
            unit: cadence.unit,
            every: cadence.every,
            anchor_on: cadence.anchor_on,
            time: parse_time(&cadence.local_time).unwrap_or_default(),
        }
    }

    /// The rule of a template's cadence for a programme that starts on a day. The first review is one interval later.
    pub fn of_template(days: i32, started_on: NaiveDate) -> CadenceRule {
        let (unit, every) =
            if days % 7 == 0 { (CadenceUnit::Week, days / 7) } else { (CadenceUnit::Day, days) };
        let time = parse_time(DEFAULT_TIME).unwrap_or_default();
        let start = CadenceRule { unit, every, anchor_on: started_on, time };
        CadenceRule { anchor_on: start.due_on(1), ..start }
    }

    /// Due date of the review with this number, counted from 0.
    pub fn due_on(&self, number: i32) -> NaiveDate {
        let steps = (i64::from(number) * i64::from(self.every)).unsigned_abs();
        let on = match self.unit {
            CadenceUnit::Day => self.anchor_on.checked_add_days(Days::new(steps)),
            CadenceUnit::Week => self.anchor_on.checked_add_days(Days::new(7 * steps)),
            // counted from the anchor, so that a review on the 31st falls on 30 April and on 31 May
            CadenceUnit::Month => self.anchor_on.checked_add_months(Months::new(steps.min(12_000) as u32)),
        };
        on.unwrap_or(NaiveDate::MAX)
    }

    /// Interval in days. A month counts as 30 days.
    pub fn days(&self) -> i32 {
        match self.unit {
            CadenceUnit::Day => self.every,
            CadenceUnit::Week => 7 * self.every,
            CadenceUnit::Month => 30 * self.every,
        }
    }

    /// Days of grace before and after: 2, 7 from monthly or 14 from quarterly, but less than half an interval.
    pub fn grace(&self) -> u64 {
        let interval = self.days();
        let usual = match interval {
            ..28 => 2,
            28..84 => 7,
            _ => 14,
        };
        usual.min((interval.max(1) as u64 - 1) / 2)
    }

    /// Times of the review with this number.
    pub fn times(&self, number: i32, zone: Zone) -> ReviewTimes {
        let (due_on, grace) = (self.due_on(number), self.grace());
        let before = |on: NaiveDate| on.checked_sub_days(Days::new(grace + 1)).unwrap_or(on);
        let after = due_on.checked_add_days(Days::new(grace)).unwrap_or(due_on);
        ReviewTimes {
            due_on,
            due_at: zone.at(due_on.and_time(self.time)),
            opens_at: zone.end_of_day(before(due_on)),
            grace_ends_at: zone.end_of_day(after),
            closes_at: zone.end_of_day(before(self.due_on(number + 1))),
        }
    }

    /// The time from which fewer than [`REVIEWS_AHEAD`] of the reviews before this number are ahead.
    pub fn top_up_at(&self, number: i32, zone: Zone) -> DateTime<Utc> {
        self.times((number - REVIEWS_AHEAD).max(0), zone).due_at
    }

    /// Whether enough of the reviews before this number are ahead.
    pub fn has_enough(&self, number: i32, now: DateTime<Utc>, zone: Zone) -> bool {
        number >= REVIEWS_AHEAD && self.top_up_at(number, zone) > now
    }

    /// Number of the first review that can still be held on time.
    pub fn first_number(&self, now: DateTime<Utc>, zone: Zone) -> i32 {
        (0..).find(|number| self.times(*number, zone).grace_ends_at > now).unwrap_or_default()
    }
}

/// Requires that a cadence has not ended.
pub fn require_running(cadence: &review_cadence::Model) -> Result<(), Refusal> {
    match cadence.ended_at {
        None => Ok(()),
        Some(_) => Err(Refusal::new(
            Code::WrongState,
            message!(CADENCE_ENDED, "The cadence has ended. Set a new one."),
        )
        .at("input.id")),
    }
}

/// Whether a session of this kind counts as a review.
pub fn counts_as_review(kind: SessionKind) -> bool {
    matches!(kind, SessionKind::Review | SessionKind::FollowUp)
}

/// Returns the status of a review that is held at a time, or refuses that time.
pub fn status_if_held(
    review: &review::Model,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<ReviewStatus, Refusal> {
    let refuse = |code, message: Message, path| Err(Refusal::new(code, message).at(path));
    match review.status {
        ReviewStatus::Met | ReviewStatus::Late => {
            return refuse(
                Code::WrongState,
                message!(REVIEW_HELD_ALREADY, "The review is held already."),
                "input.id",
            );
        }
        ReviewStatus::Due | ReviewStatus::Missed | ReviewStatus::Excused => {}
    }
    let path = "input.heldAt";
    match at {
        at if at > now => {
            refuse(Code::Invalid, message!(HELD_IN_FUTURE, "`heldAt` must be now or earlier."), path)
        }
        at if at < review.opens_at => refuse(
            Code::Invalid,
            message!(
                HELD_TOO_EARLY,
                "`heldAt` is before the review's days of grace begin. Choose a later instant."
            ),
            path,
        ),
        at if at < review.grace_ends_at => Ok(ReviewStatus::Met),
        at if at < review.closes_at => Ok(ReviewStatus::Late),
        _ => refuse(
            Code::Invalid,
            message!(
                HELD_TOO_LATE,
                "`heldAt` is after the next review's days of grace began. Choose an earlier instant."
            ),
            path,
        ),
    }
}

/// Whether a pause excuses a review: the programme was paused when the review was due or in its grace period after
/// that.
pub fn is_excused(review: &review::Model, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
    from < review.grace_ends_at && until > review.due_at
}

/// Returns the status of a review whose time is over, given the team's programme.
pub fn status_if_closed(
    review: &review::Model,
    programme: Option<&programme::Model>,
    now: DateTime<Utc>,
) -> ReviewStatus {
    let paused = programme.filter(|programme| programme.status == ProgrammeStatus::Paused);
    match paused.and_then(|programme| programme.paused_at) {
        Some(since) if is_excused(review, since, now) => ReviewStatus::Excused,
        _ => ReviewStatus::Missed,
    }
}
