//! Rules of priorities.

use crate::{
    features::priority::limits::PriorityLimits,
    kernel::{Code, Message, Refusal},
    message,
};
use entity::{
    Id,
    cycle::CycleStatus,
    member,
    priority::{self, Entity, PriorityStatus},
};
use std::borrow::Borrow;

/// Maximum number of priorities of a stage. The list stays short enough to be read whole.
pub const MAX_PER_STAGE: i64 = 100;
/// Maximum number of ranked priorities of a team in one cycle.
pub const MAX_PER_CYCLE: usize = 100;

/// Step that changes a priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Update,
    Rank,
    Commit,
    Achieve,
    Miss,
    Drop,
    Reopen,
}

/// Returns the status after a step, or refuses the step.
pub fn next_status(status: PriorityStatus, step: Step) -> Result<PriorityStatus, Refusal> {
    use PriorityStatus::*;
    let to = match (status, step) {
        (Proposed | Committed, Step::Update | Step::Rank) => status,
        (Proposed, Step::Commit) => Committed,
        (Committed, Step::Achieve) => Achieved,
        (Committed, Step::Miss) => Missed,
        (Achieved, Step::Reopen) => Committed,
        (Proposed | Committed, Step::Drop) => Dropped,
        _ => return Err(Refusal::new(Code::WrongState, refusal_message(status, step)).at("input.id")),
    };
    Ok(to)
}

fn refusal_message(status: PriorityStatus, step: Step) -> Message {
    use PriorityStatus::*;
    match status {
        Proposed | Committed if step == Step::Reopen => {
            message!(PRIORITY_NOT_ACHIEVED, "The priority is not achieved, so there is nothing to reopen.")
        }
        Proposed => message!(PRIORITY_PROPOSED, "The priority is only proposed. Commit to it first."),
        Committed => message!(PRIORITY_COMMITTED_ALREADY, "The priority is committed already."),
        Achieved => message!(PRIORITY_ACHIEVED, "The priority is achieved, and no longer changes."),
        Missed => message!(PRIORITY_MISSED, "The priority was missed, and no longer changes."),
        Dropped => message!(PRIORITY_DROPPED, "The priority was dropped, and no longer changes."),
    }
}

/// Requires that the cycle of a priority that is reopened is not closed: the cycle is reopened first.
pub fn require_cycle_not_closed(cycle: CycleStatus) -> Result<(), Refusal> {
    if cycle != CycleStatus::Closed {
        return Ok(());
    }
    let message =
        message!(CYCLE_IS_CLOSED, "The priority's cycle is closed. Reopen it first (`cycleReopen`).");
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Returns the rank of a new priority: the last.
pub fn next_rank(ranked: &[priority::Model]) -> Result<i32, Refusal> {
    if ranked.len() >= MAX_PER_CYCLE {
        let message = message!(
            PRIORITIES_PER_CYCLE,
            "A team ranks at most {max} priorities in a cycle. Drop some first.",
            max = MAX_PER_CYCLE,
        );
        return Err(Refusal::new(Code::LimitReached, message).at("input.teamId"));
    }
    Ok(ranked.iter().map(|priority| priority.rank).max().unwrap_or(0) + 1)
}

/// Requires that a stage has room for one more priority.
pub fn require_room_in_stage(others: i64) -> Result<(), Refusal> {
    if others < MAX_PER_STAGE {
        return Ok(());
    }
    let message = message!(
        PRIORITIES_PER_STAGE,
        "A stage has at most {max} priorities. Choose another stage, or none.",
        max = MAX_PER_STAGE,
    );
    Err(Refusal::new(Code::LimitReached, message).at("input.stageId"))
}

/// Returns the rows whose rank changes, with the new rank, if a priority moves to the rank `to`, or leaves the ranking
/// if `to` is `None`. The other priorities keep their order. Ranks count from 1 without gaps.
pub fn reorder<R: Borrow<priority::Model>>(
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
            let message = message!(
                OUT_OF_RANGE,
                "`{field}` must be a number from {min} to {max}.",
                field = "rank",
                min = 1,
                max = order.len() + 1,
            );
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

/// Requires room for one more committed priority of this owner in the cycle. The refusals name the priorities that are
/// committed already.
pub fn require_room_to_commit(
    committed: &[priority::Model],
    limits: PriorityLimits,
    owner: &member::Model,
) -> Result<(), Vec<Refusal>> {
    let all: Vec<&priority::Model> = committed.iter().collect();
    let mut refusals = Vec::new();
    if is_full(&all, limits.team) {
        let message = message!(
            TEAM_LIMIT,
            "The team may have {max} committed priorities in a cycle, and these take the places: {priorities}. Finish \
             or drop one first.",
            max = limits.team,
            priorities = join_titles(&all),
        );
        refusals.push(Refusal::new(Code::LimitReached, message).at("input.id"));
    }
    refusals.extend(require_room_for_owner(committed, limits, owner, "input.id").err());
    if refusals.is_empty() { Ok(()) } else { Err(refusals) }
}

/// Requires that an owner has room for one more committed priority.
pub fn require_room_for_owner(
    committed: &[priority::Model],
    limits: PriorityLimits,
    owner: &member::Model,
    path: &str,
) -> Result<(), Refusal> {
    let own: Vec<&priority::Model> = committed.iter().filter(|other| other.owner_id == owner.id).collect();
    if !is_full(&own, limits.leader) {
        return Ok(());
    }
    let message = message!(
        OWNER_LIMIT,
        "{owner} may own {max} committed priorities in a cycle, and these take the places: {priorities}. Finish or drop \
         one first, or find another owner.",
        owner = owner.name,
        max = limits.leader,
        priorities = join_titles(&own),
    );
    Err(Refusal::new(Code::LimitReached, message).at(path))
}

fn is_full(committed: &[&priority::Model], limit: i32) -> bool {
    usize::try_from(limit).is_ok_and(|limit| committed.len() >= limit)
}

fn join_titles(priorities: &[&priority::Model]) -> String {
    let titles: Vec<String> = priorities.iter().map(|priority| format!("“{}”", priority.title)).collect();
    titles.join(", ")
}
