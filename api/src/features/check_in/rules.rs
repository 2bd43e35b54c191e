//! Rules of check-ins.

use crate::{
    features::action::rules::require_owner,
    kernel::{Code, Refusal, Zone},
    message,
};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use entity::{
    Id, action::ActionStatus, check_in_rhythm, check_in_slot, member, network, person,
    priority::PriorityStatus,
};

/// Maximum number of check-ins on one object in one slot. It keeps the history short enough to read whole.
pub const PER_SLOT: i64 = 20;

/// Number of weeks ahead for which the weeks of a time zone are stored.
pub const WEEKS_AHEAD: u64 = 53;

/// Number of days from Thursday, 1 January 1970, to the Monday from which weeks are counted.
const THURSDAY: i64 = 4;

/// The weeks for which one check-in is due, by the first and the last week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub first: i32,
    pub last: i32,
}

impl Slot {
    /// The slot of a week, given the team's present and past rhythms. A week outside all rhythms is a slot.
    pub fn of(week: i32, rhythms: &[&check_in_rhythm::Model]) -> Slot {
        let covers = |rhythm: &&&check_in_rhythm::Model| {
            rhythm.first_week <= week && rhythm.last_week.is_none_or(|last| week <= last)
        };
        let Some(rhythm) = rhythms.iter().find(covers) else { return Slot { first: week, last: week } };
        let first = week - (week - rhythm.first_week) % rhythm.weeks;
        let last = first + rhythm.weeks - 1;
        Slot { first, last: rhythm.last_week.map_or(last, |end| last.min(end)) }
    }

    /// The previous slot.
    pub fn before(self, rhythms: &[&check_in_rhythm::Model]) -> Slot {
        Slot::of(self.first - 1, rhythms)
    }

    /// The first day of the slot, a Monday. Check-ins store it.
    pub fn starts_on(self) -> NaiveDate {
        monday(self.first)
    }
}

/// The number of the week of a day. Weeks begin on Monday, as in ISO 8601; week 0 begins on 5 January 1970.
pub fn week(day: NaiveDate) -> i32 {
    let days = day.signed_duration_since(NaiveDate::default()).num_days() - THURSDAY;
    days.div_euclid(7) as i32
}

/// The first day of a week.
pub fn monday(week: i32) -> NaiveDate {
    let days = TimeDelta::days(7 * i64::from(week) + THURSDAY);
    NaiveDate::default().checked_add_signed(days).unwrap_or(NaiveDate::MAX)
}

/// Number of weeks of a slot, for a review interval in days: the nearest number.
pub fn weeks_of(interval: i32) -> i32 {
    ((interval + 3) / 7).max(1)
}

/// How a team's check-ins continue when a review cadence begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RhythmStart {
    /// Check-ins are weekly.
    Weekly,
    /// The slot in progress continues: the last rhythm had slots of the same length and ended this week.
    Continued,
    /// The first slot begins with this week.
    FromWeek(i32),
}

/// How check-ins continue with slots of `weeks` weeks. `before` is the team's last rhythm, which has ended and does not
/// change.
pub fn rhythm_start(weeks: i32, before: Option<&check_in_rhythm::Model>, present: i32) -> RhythmStart {
    let ended = before.and_then(|before| before.last_week).filter(|last| *last >= present);
    match (before, ended) {
        _ if weeks == 1 => RhythmStart::Weekly,
        (Some(before), Some(_)) if before.weeks == weeks => RhythmStart::Continued,
        (_, ended) => RhythmStart::FromWeek(ended.unwrap_or(present) + 1),
    }
}

/// The last week of a rhythm that ends in the present week, and with it the slot in progress. `None` if the rhythm has not
/// begun.
pub fn last_week(rhythm: &check_in_rhythm::Model, present: i32) -> Option<i32> {
    (rhythm.first_week <= present).then_some(present)
}

/// The weeks of a time zone from the week of `first` to the week of `last`.
pub fn weeks_between(
    network: Id<network::Entity>,
    zone: Zone,
    first: NaiveDate,
    last: NaiveDate,
) -> Vec<check_in_slot::Model> {
    let midnight = |day: NaiveDate| day.pred_opt().map(|before| zone.end_of_day(before));
    let mut weeks = Vec::new();
    let mut next_on = Some(monday(week(first)));
    while let Some(starts_on) = next_on.filter(|monday| *monday <= last) {
        next_on = starts_on.checked_add_days(Days::new(7));
        let (Some(next), Some(starts_at)) = (next_on, midnight(starts_on)) else { break };
        let (Some(ends_on), Some(ends_at)) = (next.pred_opt(), midnight(next)) else { break };
        let time_zone = zone.name().to_owned();
        weeks.push(check_in_slot::Model {
            network_id: network,
            time_zone,
            starts_on,
            ends_on,
            starts_at,
            ends_at,
        });
    }
    weeks
}

/// The weeks that a time zone needs, from its first client to a year ahead.
pub fn needed_weeks(
    network: Id<network::Entity>,
    zone: Zone,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Vec<check_in_slot::Model> {
    // A day earlier, because the date in the zone may be the day before the date in UTC.
    let first = since.date_naive().pred_opt().unwrap_or_default();
    let last = now.date_naive().checked_add_days(Days::new(7 * WEEKS_AHEAD)).unwrap_or(first);
    weeks_between(network, zone, first, last)
}

/// Requires that an action is accepted.
pub fn require_action_at_work(status: ActionStatus) -> Result<(), Refusal> {
    let why = match status {
        ActionStatus::Accepted => return Ok(()),
        ActionStatus::Offered => {
            message!(ACTION_NOT_ACCEPTED_YET, "The action is not accepted yet. Its owner accepts it first.")
        }
        ActionStatus::Declined => {
            message!(ACTION_DECLINED, "The action was declined. Give it to another owner first.")
        }
        ActionStatus::Done => message!(ACTION_DONE, "The action is done, and no longer changes."),
        ActionStatus::Cancelled => {
            message!(ACTION_CANCELLED, "The action is cancelled, and no longer changes.")
        }
    };
    Err(Refusal::new(Code::WrongState, why).at("input.id"))
}

/// Requires that a priority is committed.
pub fn require_priority_at_work(status: PriorityStatus) -> Result<(), Refusal> {
    let why = match status {
        PriorityStatus::Committed => return Ok(()),
        PriorityStatus::Proposed => {
            message!(PRIORITY_PROPOSED, "The priority is only proposed. Commit to it first.")
        }
        PriorityStatus::Achieved => {
            message!(PRIORITY_ACHIEVED, "The priority is achieved, and no longer changes.")
        }
        PriorityStatus::Missed => {
            message!(PRIORITY_MISSED, "The priority was missed, and no longer changes.")
        }
        PriorityStatus::Dropped => {
            message!(PRIORITY_DROPPED, "The priority was dropped, and no longer changes.")
        }
    };
    Err(Refusal::new(Code::WrongState, why).at("input.id"))
}

/// Requires that a person is the owner or, if the owner has no login, runs the programme. Returns whether the person is
/// the owner.
pub fn require_owner_or_proxy(
    owner: Option<&member::Model>,
    person: Id<person::Entity>,
    runs: bool,
) -> Result<bool, Refusal> {
    let without_login = owner.is_some_and(|owner| owner.person_id.is_none());
    if without_login && runs {
        return Ok(false);
    }
    require_owner(owner, person).map(|()| true)
}

/// Requires that a slot has room for another check-in.
pub fn require_room_in_slot(others: i64) -> Result<(), Refusal> {
    if others < PER_SLOT {
        return Ok(());
    }
    let message = message!(
        CHECK_INS_PER_SLOT,
        "A slot has at most {max} check-ins on one action or priority. Wait for the next slot.",
        max = PER_SLOT,
    );
    Err(Refusal::new(Code::LimitReached, message).at("input.id"))
}
