//! The law of reviews. Every date follows from the cadence's anchor alone: due = anchor + n × interval, in the
//! client's time zone, however late the ones before were held.

use crate::kernel::{Code, Refusal, Zone};
use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, Utc};
use entity::{
    programme::{self, ProgrammeStatus},
    review::{self, ReviewStatus},
    review_cadence::{self, CadenceUnit},
    session::SessionKind,
};
use std::ops::RangeInclusive;

/// Reviews that lie ahead of a team.
pub const AHEAD: i32 = 3;
/// The time of day of a cadence that a programme brings along.
pub const USUAL_TIME: &str = "09:00";

/// How often, from when on, and at what time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    pub unit: CadenceUnit,
    pub every: i32,
    pub anchor_on: NaiveDate,
    pub time: NaiveTime,
}

/// A review's times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    pub due_on: NaiveDate,
    pub due_at: DateTime<Utc>,
    /// From when on a session counts for it.
    pub opens_at: DateTime<Utc>,
    /// Until when it is held in time.
    pub grace_ends_at: DateTime<Utc>,
    /// Until when it is held late: then the next one's time begins.
    pub closes_at: DateTime<Utc>,
}

/// The intervals that a cadence can have.
pub fn intervals(unit: CadenceUnit) -> RangeInclusive<i32> {
    match unit {
        CadenceUnit::Day => 1..=366,
        CadenceUnit::Week => 1..=52,
        CadenceUnit::Month => 1..=12,
    }
}

/// A time of day like `09:30`.
pub fn time_of_day(text: &str) -> Option<NaiveTime> {
    if text.len() != 5 {
        return None;
    }
    NaiveTime::parse_from_str(text, "%H:%M").ok()
}

impl Rhythm {
    /// A team's cadence as it is kept.
    pub fn of(cadence: &review_cadence::Model) -> Rhythm {
        Rhythm {
            unit: cadence.unit,
            every: cadence.every,
            anchor_on: cadence.anchor_on,
            time: time_of_day(&cadence.local_time).unwrap_or_default(),
        }
    }

    /// What a template's cadence means for a programme that starts on a day: the first review an interval later.
    pub fn of_template(days: i32, started_on: NaiveDate) -> Rhythm {
        let (unit, every) =
            if days % 7 == 0 { (CadenceUnit::Week, days / 7) } else { (CadenceUnit::Day, days) };
        let time = time_of_day(USUAL_TIME).unwrap_or_default();
        let start = Rhythm { unit, every, anchor_on: started_on, time };
        Rhythm { anchor_on: start.due_on(1), ..start }
    }

    /// The day of the review of this number, from 0.
    pub fn due_on(&self, number: i32) -> NaiveDate {
        let steps = (i64::from(number) * i64::from(self.every)).unsigned_abs();
        let on = match self.unit {
            CadenceUnit::Day => self.anchor_on.checked_add_days(Days::new(steps)),
            CadenceUnit::Week => self.anchor_on.checked_add_days(Days::new(7 * steps)),
            // from the anchor and not from the one before: a 31st is the last day in April and the 31st in May
            CadenceUnit::Month => self.anchor_on.checked_add_months(Months::new(steps.min(12_000) as u32)),
        };
        on.unwrap_or(NaiveDate::MAX)
    }

    /// The interval in days, a month taken as 30.
    pub fn days(&self) -> i32 {
        match self.unit {
            CadenceUnit::Day => self.every,
            CadenceUnit::Week => 7 * self.every,
            CadenceUnit::Month => 30 * self.every,
        }
    }

    /// Days of grace, before and after: 2, monthly 7, quarterly 14; and never so many that two reviews' meet.
    pub fn grace(&self) -> u64 {
        let interval = self.days();
        let usual = match interval {
            ..28 => 2,
            28..84 => 7,
            _ => 14,
        };
        usual.min((interval.max(1) as u64 - 1) / 2)
    }

    /// The times of the review of this number.
    pub fn times(&self, number: i32, zone: Zone) -> Times {
        let (due_on, grace) = (self.due_on(number), self.grace());
        let before = |on: NaiveDate| on.checked_sub_days(Days::new(grace + 1)).unwrap_or(on);
        let after = due_on.checked_add_days(Days::new(grace)).unwrap_or(due_on);
        Times {
            due_on,
            due_at: zone.at(due_on.and_time(self.time)),
            opens_at: zone.end_of_day(before(due_on)),
            grace_ends_at: zone.end_of_day(after),
            closes_at: zone.end_of_day(before(self.due_on(number + 1))),
        }
    }

    /// When fewer than [`AHEAD`] of the reviews below this number lie ahead.
    pub fn short_at(&self, number: i32, zone: Zone) -> DateTime<Utc> {
        self.times((number - AHEAD).max(0), zone).due_at
    }

    /// Whether enough of the reviews below this number lie ahead.
    pub fn enough(&self, number: i32, now: DateTime<Utc>, zone: Zone) -> bool {
        number >= AHEAD && self.short_at(number, zone) > now
    }

    /// The number of the first review that can still be held in time.
    pub fn first_number(&self, now: DateTime<Utc>, zone: Zone) -> i32 {
        (0..).find(|number| self.times(*number, zone).grace_ends_at > now).unwrap_or_default()
    }
}

/// Whether a cadence still runs.
pub fn running(cadence: &review_cadence::Model) -> Result<(), Refusal> {
    match cadence.ended_at {
        None => Ok(()),
        Some(_) => Err(Refusal::new(Code::WrongState, "The cadence has ended.").at("input.id")),
    }
}

/// Whether a session can be a review.
pub fn counts(kind: SessionKind) -> bool {
    matches!(kind, SessionKind::Review | SessionKind::FollowUp)
}

/// What a review becomes by being held at an instant.
pub fn held(review: &review::Model, at: DateTime<Utc>, now: DateTime<Utc>) -> Result<ReviewStatus, Refusal> {
    let refuse = |code, message: &str, path| Err(Refusal::new(code, message).at(path));
    match review.status {
        ReviewStatus::Met | ReviewStatus::Late => {
            return refuse(Code::WrongState, "The review is held already.", "input.id");
        }
        ReviewStatus::Due | ReviewStatus::Missed | ReviewStatus::Excused => {}
    }
    let path = "input.heldAt";
    match at {
        at if at > now => refuse(Code::Invalid, "A review is held first and told afterwards.", path),
        at if at < review.opens_at => {
            refuse(Code::Invalid, "This is before the review's days of grace begin.", path)
        }
        at if at < review.grace_ends_at => Ok(ReviewStatus::Met),
        at if at < review.closes_at => Ok(ReviewStatus::Late),
        _ => refuse(Code::Invalid, "By then the next review's days of grace had begun.", path),
    }
}

/// Whether a pause excuses a review: it was due, or in its days of grace, while the programme was paused.
pub fn excused(review: &review::Model, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
    from < review.grace_ends_at && until > review.due_at
}

/// What the clock makes of a review that nobody held, given the programme that the team has.
pub fn closed(
    review: &review::Model,
    programme: Option<&programme::Model>,
    now: DateTime<Utc>,
) -> ReviewStatus {
    let paused = programme.filter(|programme| programme.status == ProgrammeStatus::Paused);
    match paused.and_then(|programme| programme.paused_at) {
        Some(since) if excused(review, since, now) => ReviewStatus::Excused,
        _ => ReviewStatus::Missed,
    }
}
