//! The law of check-ins.

use crate::{
    features::action::rules::owned_by,
    kernel::{Code, Refusal, end_of_day},
};
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use entity::{Id, action::ActionStatus, check_in_slot, member, network, person, priority::PriorityStatus};

/// How often a week's check-in on one thing may be said anew: what keeps its history short enough to read whole.
pub const PER_SLOT: i64 = 20;

/// How far ahead the weeks of a time zone are laid out.
pub const WEEKS_AHEAD: u64 = 53;

/// The slot that a day is in, by its first day: weeks begin on Monday, as ISO 8601 has them.
pub fn slot(day: NaiveDate) -> NaiveDate {
    day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into())).unwrap_or(day)
}

/// The weeks of a time zone from the one that `first` is in to the one that `last` is in.
pub fn slots(
    network: Id<network::Entity>,
    zone: &str,
    first: NaiveDate,
    last: NaiveDate,
) -> Vec<check_in_slot::Model> {
    let begins = |day: NaiveDate| day.pred_opt().map(|before| end_of_day(before, zone));
    let mut weeks = Vec::new();
    let mut monday = Some(slot(first));
    while let Some(starts_on) = monday.filter(|monday| *monday <= last) {
        monday = starts_on.checked_add_days(Days::new(7));
        let (Some(next), Some(starts_at)) = (monday, begins(starts_on)) else { break };
        let (Some(ends_on), Some(ends_at)) = (next.pred_opt(), begins(next)) else { break };
        let time_zone = zone.to_owned();
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
    zone: &str,
    since: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Vec<check_in_slot::Model> {
    // a day to either side: the dates are the zone's, and these are Greenwich's
    let first = since.date_naive().pred_opt().unwrap_or_default();
    let last = now.date_naive().checked_add_days(Days::new(7 * WEEKS_AHEAD)).unwrap_or(first);
    slots(network, zone, first, last)
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

/// Whether the week's check-in may be said anew.
pub fn room_in_slot(others: i64) -> Result<(), Refusal> {
    if others < PER_SLOT {
        return Ok(());
    }
    let message = format!("A week holds at most {PER_SLOT} check-ins on one thing. Use the next week's.");
    Err(Refusal::new(Code::LimitReached, message).at("input.id"))
}
