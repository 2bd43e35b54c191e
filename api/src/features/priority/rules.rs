//! The law of priorities.

use crate::kernel::{Code, Places, Refusal};
use entity::{
    Id, member,
    priority::{self, Entity, PriorityStatus},
};
use std::borrow::Borrow;

/// Priorities that may belong to one stage: what keeps the list of them short enough to read whole.
pub const PER_STAGE: i64 = 100;
/// Priorities that a team may rank in one cycle.
pub const PER_CYCLE: usize = 100;

/// What can be done to a priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Update,
    Rank,
    Commit,
    Achieve,
    Miss,
    Drop,
}

/// The status a priority has after a step, where its status allows the step.
pub fn next(status: PriorityStatus, step: Step) -> Result<PriorityStatus, Refusal> {
    use PriorityStatus::*;
    let to = match (status, step) {
        (Proposed | Committed, Step::Update | Step::Rank) => status,
        (Proposed, Step::Commit) => Committed,
        (Committed, Step::Achieve) => Achieved,
        (Committed, Step::Miss) => Missed,
        (Proposed | Committed, Step::Drop) => Dropped,
        _ => return Err(Refusal::new(Code::WrongState, why_not(status)).at("input.id")),
    };
    Ok(to)
}

fn why_not(status: PriorityStatus) -> &'static str {
    use PriorityStatus::*;
    match status {
        Proposed => "The priority is only proposed. Commit to it first.",
        Committed => "The priority is committed already.",
        Achieved => "The priority is achieved.",
        Missed => "The priority was missed.",
        Dropped => "The priority was dropped.",
    }
}

/// The rank of a new priority among those ranked: the last.
pub fn last(ranked: &[priority::Model]) -> Result<i32, Refusal> {
    if ranked.len() >= PER_CYCLE {
        let message = format!("A team ranks at most {PER_CYCLE} priorities in a cycle. Drop some first.");
        return Err(Refusal::new(Code::LimitReached, message).at("input.teamId"));
    }
    Ok(ranked.iter().map(|priority| priority.rank).max().unwrap_or(0) + 1)
}

/// Whether a stage has room for another priority.
pub fn room_in_stage(others: i64) -> Result<(), Refusal> {
    if others < PER_STAGE {
        return Ok(());
    }
    let message = format!("A stage holds at most {PER_STAGE} priorities.");
    Err(Refusal::new(Code::LimitReached, message).at("input.stageId"))
}

/// The ranks that change when a priority moves to a place among those ranked; without a place, when it leaves them.
/// The others keep their order, and the ranks count from 1 without gaps.
pub fn moved<R: Borrow<priority::Model>>(
    ranked: &[R],
    id: Id<Entity>,
    to: Option<i32>,
) -> Result<Vec<(&R, i32)>, Refusal> {
    let rows = ranked.iter().map(|row| (row, row.borrow()));
    let (own, mut order): (Vec<(&R, &priority::Model)>, Vec<_>) = rows.partition(|(_, other)| other.id == id);
    order.sort_by_key(|(_, other)| (other.rank, other.id));
    if let (Some(to), Some(own)) = (to, own.into_iter().next()) {
        let place = usize::try_from(to).ok().filter(|place| (1..=order.len() + 1).contains(place));
        let Some(place) = place else {
            let message = format!("A rank lies between 1 and {} here.", order.len() + 1);
            return Err(Refusal::new(Code::Invalid, message).at("input.rank"));
        };
        order.insert(place - 1, own);
    }
    let placed = order.into_iter().zip(1..);
    Ok(placed
        .filter(|((_, priority), rank)| priority.rank != *rank)
        .map(|((row, _), rank)| (row, rank))
        .collect())
}

/// Whether there is room for one more committed priority, of this owner, beside those committed in the cycle. The
/// refusals name what competes for the place.
pub fn room_to_commit(
    committed: &[priority::Model],
    places: Places,
    owner: &member::Model,
) -> Result<(), Vec<Refusal>> {
    let all: Vec<&priority::Model> = committed.iter().collect();
    let mut refusals = Vec::new();
    if full(&all, places.team) {
        let message = format!(
            "The team may have {} committed priorities in a cycle, and these take the places: {}. Finish or drop one \
             first.",
            places.team,
            titles(&all)
        );
        refusals.push(Refusal::new(Code::LimitReached, message).at("input.id"));
    }
    refusals.extend(room_for_owner(committed, places, owner, "input.id").err());
    if refusals.is_empty() { Ok(()) } else { Err(refusals) }
}

/// Whether an owner has room for one more committed priority.
pub fn room_for_owner(
    committed: &[priority::Model],
    places: Places,
    owner: &member::Model,
    path: &str,
) -> Result<(), Refusal> {
    let own: Vec<&priority::Model> = committed.iter().filter(|other| other.owner_id == owner.id).collect();
    if !full(&own, places.leader) {
        return Ok(());
    }
    let message = format!(
        "{} may own {} committed priorities in a cycle, and these take the places: {}. Finish or drop one first, or \
         find another owner.",
        owner.name,
        places.leader,
        titles(&own)
    );
    Err(Refusal::new(Code::LimitReached, message).at(path))
}

fn full(taken: &[&priority::Model], places: i32) -> bool {
    usize::try_from(places).is_ok_and(|places| taken.len() >= places)
}

fn titles(priorities: &[&priority::Model]) -> String {
    let titles: Vec<String> = priorities.iter().map(|priority| format!("“{}”", priority.title)).collect();
    titles.join(", ")
}
