//! The law of priorities.

use crate::kernel::{Code, Places, Refusal};
use chrono::{Datelike, Days, NaiveDate};
use entity::{
    Id, member,
    priority::{self, Entity, PriorityStatus},
};
use std::fmt;

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

/// A quarter, like `2026-Q1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cycle {
    year: i32,
    quarter: u32,
}

impl Cycle {
    /// The quarter that a day is in.
    pub fn of(day: NaiveDate) -> Cycle {
        Cycle { year: day.year(), quarter: day.month0() / 3 + 1 }
    }
    /// Reads `2026-Q1`, and nothing else.
    pub fn parse(text: &str) -> Option<Cycle> {
        let (year, quarter) = text.split_once("-Q")?;
        let digits = year.len() == 4 && year.bytes().all(|digit| digit.is_ascii_digit());
        let quarter = ["1", "2", "3", "4"].into_iter().zip(1..).find(|(name, _)| *name == quarter)?.1;
        digits.then(|| year.parse().ok().map(|year| Cycle { year, quarter })).flatten()
    }
    /// Its last day.
    pub fn last_day(self) -> Option<NaiveDate> {
        let (year, month) =
            if self.quarter == 4 { (self.year + 1, 1) } else { (self.year, 3 * self.quarter + 1) };
        NaiveDate::from_ymd_opt(year, month, 1)?.checked_sub_days(Days::new(1))
    }
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-Q{}", self.year, self.quarter)
    }
}

/// The cycle that is asked for, or else the one that today is in. It is not over, and ends within five years.
pub fn cycle(asked: Option<&str>, today: NaiveDate) -> Result<Cycle, Refusal> {
    let now = Cycle::of(today);
    let Some(asked) = asked else { return Ok(now) };
    let refusal = |message| Err(Refusal::new(Code::Invalid, message).at("input.cycle"));
    match Cycle::parse(asked) {
        None => refusal("A cycle is a quarter, like 2026-Q1."),
        Some(cycle) if cycle < now => refusal("This quarter is over."),
        Some(cycle) if cycle.year > now.year + 5 => refusal("A cycle lies within five years."),
        Some(cycle) => Ok(cycle),
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
pub fn moved(
    ranked: &[priority::Model],
    id: Id<Entity>,
    to: Option<i32>,
) -> Result<Vec<(&priority::Model, i32)>, Refusal> {
    let mut order: Vec<&priority::Model> = ranked.iter().filter(|other| other.id != id).collect();
    order.sort_by_key(|other| (other.rank, other.id));
    if let (Some(to), Some(own)) = (to, ranked.iter().find(|own| own.id == id)) {
        let place = usize::try_from(to).ok().filter(|place| (1..=order.len() + 1).contains(place));
        let Some(place) = place else {
            let message = format!("A rank lies between 1 and {} here.", order.len() + 1);
            return Err(Refusal::new(Code::Invalid, message).at("input.rank"));
        };
        order.insert(place - 1, own);
    }
    Ok(order.into_iter().zip(1..).filter(|(priority, rank)| priority.rank != *rank).collect())
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
