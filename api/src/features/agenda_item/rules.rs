//! The law of agenda items.

use crate::kernel::{Code, Refusal};
use chrono::{DateTime, Utc};
use entity::{
    Id,
    agenda_item::{self, AgendaItemStatus, Entity},
    member::{self, MemberStatus},
    session::{self, SessionStatus},
};
use std::{borrow::Borrow, ops::RangeInclusive};

/// Items that one session may have: what keeps the list of them short enough to read whole.
pub const PER_SESSION: usize = 50;
/// How many minutes an item may take.
pub const MINUTES: RangeInclusive<i32> = 1..=480;

/// What can be done to an agenda item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Update,
    Move,
    Complete,
    Drop,
    Carry,
}

/// The status an item has after a step, where its status allows the step.
pub fn next(status: AgendaItemStatus, step: Step) -> Result<AgendaItemStatus, Refusal> {
    use AgendaItemStatus::*;
    let to = match (status, step) {
        (Open, Step::Update) => Open,
        (Open | Done | Dropped, Step::Move) => status,
        (Open, Step::Complete) => Done,
        (Open, Step::Drop) => Dropped,
        (Open, Step::Carry) => Carried,
        _ => return Err(Refusal::new(Code::WrongState, why_not(status)).at("input.id")),
    };
    Ok(to)
}

fn why_not(status: AgendaItemStatus) -> &'static str {
    use AgendaItemStatus::*;
    match status {
        Open => "The item is open.",
        Done => "The item is done.",
        Dropped => "The item was dropped.",
        Carried => "The item was carried to the team's next session.",
    }
}

/// Whether a session's agenda can still change in this way: until it is over, and something is done only while it
/// is under way.
pub fn takes(session: SessionStatus, step: Step, path: &str) -> Result<(), Refusal> {
    use SessionStatus::*;
    let message = match (session, step) {
        (Scheduled, Step::Complete) => "The session has not started. Start it first.",
        (Scheduled | InProgress, _) => return Ok(()),
        (Held, _) => "The session was held, and its record is closed.",
        (Cancelled, _) => "The session is cancelled.",
        (Missed, _) => "The session was missed.",
    };
    Err(Refusal::new(Code::WrongState, message).at(path))
}

/// Whether a session with so many items has room for another.
pub fn room(there: usize, path: &str) -> Result<(), Refusal> {
    if there < PER_SESSION {
        return Ok(());
    }
    let message = format!("An agenda holds at most {PER_SESSION} items.");
    Err(Refusal::new(Code::LimitReached, message).at(path))
}

/// The member who is to own an item: active, and of the session's team.
pub fn owner(
    id: Option<Id<member::Entity>>,
    members: &[member::Model],
    path: &str,
) -> Result<Id<member::Entity>, Refusal> {
    let active = |member: &&member::Model| member.status == MemberStatus::Active && Some(member.id) == id;
    let message = "The owner must be an active member of the team.";
    let found = members.iter().find(active).map(|member| member.id);
    found.ok_or_else(|| Refusal::new(Code::OwnerNotEligible, message).at(path))
}

/// The items whose place changes when one moves to a place, and those places. The others keep their order, and places
/// count from 1 without gaps.
pub fn moved<R: Borrow<agenda_item::Model>>(
    items: &[R],
    id: Id<Entity>,
    to: i32,
) -> Result<Vec<(&R, i32)>, Refusal> {
    let place = usize::try_from(to).ok().filter(|place| (1..=items.len()).contains(place));
    let Some(place) = place else {
        let message = format!("A place lies between 1 and {} here.", items.len());
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

/// The item of a later session that goes on with one that was carried. Its owner stays who is still of the team.
pub fn goes_on(
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
        owner_id: owner(item.owner_id, members, "").ok(),
        carried_to_id: None,
        position,
        status: AgendaItemStatus::Open,
        outcome: None,
        closed_at: None,
        created_at: now,
        version: 1,
        ..item.clone()
    }
}
