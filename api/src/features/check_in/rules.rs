//! The law of check-ins.

use crate::{
    features::action::rules::owned_by,
    kernel::{Code, Refusal, Zone},
};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use entity::{
    Id, action::ActionStatus, check_in_rhythm, check_in_slot, member, network, person,
    priority::PriorityStatus,
};

/// How often a slot's check-in on one thing may be said anew: what keeps its history short enough to read whole.
pub const PER_SLOT: i64 = 20;

/// How far ahead the weeks of a time zone are laid out.
pub const WEEKS_AHEAD: u64 = 53;

/// The days from 1 January 1970, a Thursday, to the Monday from which weeks are counted.
const THURSDAY: i64 = 4;

/// A run of whole weeks that asks for one check-in, by its first week and its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    pub first: i32,
    pub last: i32,
}

impl Slot {
    /// The slot that a week is in, given the rhythms that its team has and had: a week that none of them covers is one.
    pub fn of(week: i32, rhythms: &[&check_in_rhythm::Model]) -> Slot {
        let covers = |rhythm: &&&check_in_rhythm::Model| {
            rhythm.first_week <= week && rhythm.last_week.is_none_or(|last| week <= last)
        };
        let Some(rhythm) = rhythms.iter().find(covers) else { return Slot { first: week, last: week } };
        let first = week - (week - rhythm.first_week) % rhythm.weeks;
        let last = first + rhythm.weeks - 1;
        Slot { first, last: rhythm.last_week.map_or(last, |end| last.min(end)) }
    }

    /// The slot before it.
    pub fn before(self, rhythms: &[&check_in_rhythm::Model]) -> Slot {
        Slot::of(self.first - 1, rhythms)
    }

    /// Its first day, a Monday: what a check-in is filed under.
    pub fn starts_on(self) -> NaiveDate {
        monday(self.first)
    }
}

/// The week that a day is in. Weeks begin on Monday, as ISO 8601 has them, and are counted from that of 5 January 1970.
pub fn week(day: NaiveDate) -> i32 {
    let days = day.signed_duration_since(NaiveDate::default()).num_days() - THURSDAY;
    days.div_euclid(7) as i32
}

/// A week's first day.
pub fn monday(week: i32) -> NaiveDate {
    let days = TimeDelta::days(7 * i64::from(week) + THURSDAY);
    NaiveDate::default().checked_add_signed(days).unwrap_or(NaiveDate::MAX)
}

/// The weeks of a slot in a team that reviews its work every so many days: as many as come nearest.
pub fn weeks_of(interval: i32) -> i32 {
    ((interval + 3) / 7).max(1)
}

/// How a team's check-ins go on as it takes up a review cadence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beginning {
    /// They are weekly.
    Weekly,
    /// The slot under way goes on: the cadence before had as long ones, and ended in this very week.
    Onward,
    /// Their first slot begins with this week.
    From(i32),
}

/// How they go on with slots of so many weeks, given the rhythm that began last in the team, which has ended, and the
/// present week. That one stays as it was.
pub fn begins(weeks: i32, before: Option<&check_in_rhythm::Model>, present: i32) -> Beginning {
    let ended = before.and_then(|before| before.last_week).filter(|last| *last >= present);
    match (before, ended) {
        _ if weeks == 1 => Beginning::Weekly,
        (Some(before), Some(_)) if before.weeks == weeks => Beginning::Onward,
        (_, ended) => Beginning::From(ended.unwrap_or(present) + 1),
    }
}

/// The week with which a rhythm ends that is given up in the present one, and with it the slot under way. None where it
/// was yet to begin.
pub fn ends(rhythm: &check_in_rhythm::Model, present: i32) -> Option<i32> {
    (rhythm.first_week <= present).then_some(present)
}

/// The weeks of a time zone from the one that `first` is in to the one that `last` is in.
pub fn laid_out(
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

/// The weeks that a time zone needs: since its first client came, and for the year ahead.
pub fn needed(
    network: Id<network::Entity>,
    zone: Zone,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Vec<check_in_slot::Model> {
    // a day to either side: the dates are the zone's, and these are Greenwich's
    let first = since.date_naive().pred_opt().unwrap_or_default();
    let last = now.date_naive().checked_add_days(Days::new(7 * WEEKS_AHEAD)).unwrap_or(first);
    laid_out(network, zone, first, last)
}

/// Whether an action is at work.
pub fn on_action(status: ActionStatus) -> Result<(), Refusal> {
    let why = match status {
        ActionStatus::Accepted => return Ok(()),
        ActionStatus::Offered => "The action is not accepted yet. Its owner accepts it first.",
        ActionStatus::Declined => "The action was declined.",
        ActionStatus::Done => "The action is done.",
        ActionStatus::Cancelled => "The action is cancelled.",
    };
    Err(Refusal::new(Code::WrongState, why).at("input.id"))
}

/// Whether a priority is at work.
pub fn on_priority(status: PriorityStatus) -> Result<(), Refusal> {
    let why = match status {
        PriorityStatus::Committed => return Ok(()),
        PriorityStatus::Proposed => "The priority is only proposed. Commit to it first.",
        PriorityStatus::Achieved => "The priority is achieved.",
        PriorityStatus::Missed => "The priority was missed.",
        PriorityStatus::Dropped => "The priority was dropped.",
    };
    Err(Refusal::new(Code::WrongState, why).at("input.id"))
}

/// Whether this person may say how a member's work stands, and whether they are that member: the owner says it, and
/// for an owner without a login, whoever runs the programme.
pub fn by_owner(
    owner: Option<&member::Model>,
    person: Id<person::Entity>,
    runs: bool,
) -> Result<bool, Refusal> {
    let without_login = owner.is_some_and(|owner| owner.person_id.is_none());
    if without_login && runs {
        return Ok(false);
    }
    owned_by(owner, person).map(|()| true)
}

/// Whether the slot's check-in may be said anew.
pub fn room_in_slot(others: i64) -> Result<(), Refusal> {
    if others < PER_SLOT {
        return Ok(());
    }
    let message = format!("A slot holds at most {PER_SLOT} check-ins on one thing. Wait for the next one.");
    Err(Refusal::new(Code::LimitReached, message).at("input.id"))
}
