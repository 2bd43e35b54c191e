//! Rules of agenda items.

use crate::{
    kernel::{Code, Message, Refusal},
    message,
};
use chrono::{DateTime, Utc};
use entity::{
    Id,
    agenda_item::{self, AgendaItemStatus, AgendaSource, Entity},
    member::{self, MemberStatus},
    session::{self, SessionStatus},
};
use sea_orm::ActiveValue::Set;
use std::{borrow::Borrow, ops::RangeInclusive};

/// Maximum number of items of one session. It keeps the list short enough to read whole.
pub const PER_SESSION: usize = 50;
/// Range of an item's planned duration in minutes.
pub const MINUTES: RangeInclusive<i32> = 1..=480;
/// Range of the minutes by which an item is extended at once.
pub const EXTENSION: RangeInclusive<i32> = 1..=120;
/// Maximum number of minutes by which an item is extended altogether.
pub const MAX_EXTENDED: i32 = 480;

/// A change of an agenda item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Update,
    Move,
    Discuss,
    Extend,
    Complete,
    Drop,
    Carry,
}

/// The status of an item after a step. Refuses a step that the present status does not allow.
pub fn next_status(status: AgendaItemStatus, step: Step) -> Result<AgendaItemStatus, Refusal> {
    use AgendaItemStatus::*;
    let to = match (status, step) {
        (Open, Step::Update | Step::Discuss | Step::Extend) => Open,
        (Open | Done | Dropped, Step::Move) => status,
        (Open, Step::Complete) => Done,
        (Open, Step::Drop) => Dropped,
        (Open, Step::Carry) => Carried,
        _ => return Err(Refusal::new(Code::WrongState, refusal_message(status)).at("input.id")),
    };
    Ok(to)
}

fn refusal_message(status: AgendaItemStatus) -> Message {
    use AgendaItemStatus::*;
    match status {
        Open => message!(ITEM_OPEN, "The item is open."),
        Done => message!(ITEM_DONE, "The item is done, and no longer changes."),
        Dropped => message!(ITEM_DROPPED, "The item was dropped, and no longer changes."),
        Carried => {
            message!(ITEM_CARRIED, "The item was carried to the team's next session. Change it there.")
        }
    }
}

/// Requires that a session's agenda allows a step. An agenda can change until its session ends. Items can be discussed
/// and completed only while the session is in progress.
pub fn require_open_agenda(session: SessionStatus, step: Step, path: &str) -> Result<(), Refusal> {
    use SessionStatus::*;
    let message = match (session, step) {
        (Scheduled, Step::Complete | Step::Discuss | Step::Extend) => {
            message!(SESSION_NOT_STARTED, "The session has not started. Start it first.")
        }
        (Scheduled | InProgress, _) => return Ok(()),
        (Held, _) => message!(SESSION_HELD, "The session was held, and its record is closed."),
        (Cancelled, _) => message!(SESSION_CANCELLED, "The session is cancelled. Schedule a new one."),
        (Missed, _) => message!(SESSION_MISSED, "The session was missed. Schedule a new one."),
    };
    Err(Refusal::new(Code::WrongState, message).at(path))
}

/// Requires that a session has room for another item.
pub fn require_room(there: usize, path: &str) -> Result<(), Refusal> {
    if there < PER_SESSION {
        return Ok(());
    }
    Err(Refusal::new(Code::LimitReached, too_many_message()).at(path))
}

/// Message about an agenda with too many items.
pub fn too_many_message() -> Message {
    message!(ITEMS_PER_SESSION, "An agenda has at most {max} items. Drop some first.", max = PER_SESSION)
}

/// The member who is to own an item. Requires an active member of the session's team.
pub fn require_item_owner(
    id: Option<Id<member::Entity>>,
    members: &[member::Model],
    path: &str,
) -> Result<Id<member::Entity>, Refusal> {
    let active = |member: &&member::Model| member.status == MemberStatus::Active && Some(member.id) == id;
    let message = message!(OWNER_NOT_A_MEMBER, "The owner must be an active member of the team. Choose one.");
    let found = members.iter().find(active).map(|member| member.id);
    found.ok_or_else(|| Refusal::new(Code::OwnerNotEligible, message).at(path))
}

/// The items whose position changes if one item moves to a position, with their new positions. The other items keep
/// their order.
pub fn moved_positions<R: Borrow<agenda_item::Model>>(
    items: &[R],
    id: Id<Entity>,
    to: i32,
) -> Result<Vec<(&R, i32)>, Refusal> {
    let place = usize::try_from(to).ok().filter(|place| (1..=items.len()).contains(place));
    let Some(place) = place else {
        let message = message!(
            OUT_OF_RANGE,
            "`{field}` must be a number from {min} to {max}.",
            field = "position",
            min = 1,
            max = items.len(),
        );
        return Err(Refusal::new(Code::Invalid, message).at("input.position"));
    };
    let rows = items.iter().map(|row| (row, row.borrow()));
    let (own, mut order): (Vec<(&R, &agenda_item::Model)>, Vec<_>) =
        rows.partition(|(_, item)| item.id == id);
    order.sort_by_key(|(_, item)| (item.position, item.id));
    if let Some(own) = own.into_iter().next() {
        order.insert((place - 1).min(order.len()), own);
    }
    let placed = order.into_iter().zip(1..);
    Ok(placed
        .filter(|((_, item), position)| item.position != *position)
        .map(|((row, _), to)| (row, to))
        .collect())
}

/// Stops the clock of an item that is being discussed, and adds the time to the time it was discussed before.
pub fn stop_clock(change: &mut agenda_item::ActiveModel, item: &agenda_item::Model, now: DateTime<Utc>) {
    if let Some(since) = item.discussed_since {
        let seconds = i32::try_from((now - since).num_seconds().max(0)).unwrap_or(i32::MAX);
        change.discussed_since = Set(None);
        change.discussed_seconds = Set(item.discussed_seconds.saturating_add(seconds));
    }
}

/// The minutes by which an item is extended altogether after another extension. Refuses too many.
pub fn extended_minutes(item: &agenda_item::Model, by: i32) -> Result<i32, Refusal> {
    let extended = item.extended_minutes.saturating_add(by);
    if extended <= MAX_EXTENDED {
        return Ok(extended);
    }
    let message = message!(
        EXTENDED_TOO_LONG,
        "An item is extended by at most {max} minutes altogether. Add another item.",
        max = MAX_EXTENDED
    );
    Err(Refusal::new(Code::LimitReached, message).at("input.minutes"))
}

/// The item of a later session that continues a carried item. It keeps an owner who is still active, and what it is
/// about.
pub fn carried_item(
    item: &agenda_item::Model,
    id: Id<Entity>,
    session: &session::Model,
    position: i32,
    members: &[member::Model],
    now: DateTime<Utc>,
) -> agenda_item::Model {
    agenda_item::Model {
        id,
        session_id: session.id,
        owner_id: require_item_owner(item.owner_id, members, "").ok(),
        carried_to_id: None,
        position,
        status: AgendaItemStatus::Open,
        outcome: None,
        closed_at: None,
        source: AgendaSource::Carried,
        discussed_since: None,
        discussed_seconds: 0,
        extended_minutes: 0,
        created_at: now,
        version: 1,
        ..item.clone()
    }
}
