//! The law of cycles.

use crate::kernel::{Code, Places, Refusal};
use chrono::{Datelike, Days, NaiveDate};
use entity::{
    cycle::{self, CycleStatus},
    fold, member,
    priority::{self, PriorityStatus},
    priority_conflict,
};
use std::{borrow::Borrow, fmt};

/// The longest that a cycle lasts, in days.
pub const LONGEST: i64 = 366;

/// Open actions that one person can have in hand.
pub const OPEN_ACTIONS: i64 = 15;

/// What can be done to a cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Open,
    Commit,
    Close,
}

/// The status a cycle has after a step, where its status allows the step.
pub fn next(status: CycleStatus, step: Step) -> Result<CycleStatus, Refusal> {
    use CycleStatus::*;
    let to = match (status, step) {
        (Planned, Step::Open) => Open,
        (Planned | Open, Step::Commit) => Locked,
        (Locked, Step::Close) => Closed,
        _ => return Err(Refusal::new(Code::WrongState, why_not(status, step)).at("input.id")),
    };
    Ok(to)
}

fn why_not(status: CycleStatus, step: Step) -> &'static str {
    match (status, step) {
        (CycleStatus::Closed, _) => "The cycle is closed.",
        (CycleStatus::Locked, _) => "The team has committed to the cycle already.",
        (_, Step::Close) => "The team has not committed to the cycle yet.",
        _ => "The cycle is open already.",
    }
}

/// A quarter, like `2026-Q1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quarter {
    year: i32,
    quarter: u32,
}

impl Quarter {
    /// The quarter that a day is in.
    pub fn of(day: NaiveDate) -> Quarter {
        Quarter { year: day.year(), quarter: day.month0() / 3 + 1 }
    }
    /// Reads `2026-Q1`, and nothing else.
    pub fn parse(text: &str) -> Option<Quarter> {
        let (year, quarter) = text.split_once("-Q")?;
        let digits = year.len() == 4 && year.bytes().all(|digit| digit.is_ascii_digit());
        let quarter = ["1", "2", "3", "4"].into_iter().zip(1..).find(|(name, _)| *name == quarter)?.1;
        digits.then(|| year.parse().ok().map(|year| Quarter { year, quarter })).flatten()
    }
    /// Its first day.
    pub fn first_day(self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.year, 3 * self.quarter - 2, 1)
    }
    /// Its last day.
    pub fn last_day(self) -> Option<NaiveDate> {
        let (year, month) =
            if self.quarter == 4 { (self.year + 1, 1) } else { (self.year, 3 * self.quarter + 1) };
        NaiveDate::from_ymd_opt(year, month, 1)?.checked_sub_days(Days::new(1))
    }
    /// As a cycle.
    pub fn span(self) -> Option<Span> {
        Some(Span { label: self.to_string(), starts_on: self.first_day()?, ends_on: self.last_day()? })
    }
}

impl fmt::Display for Quarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-Q{}", self.year, self.quarter)
    }
}

/// What a cycle is called, and its first and last day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub label: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
}

impl Span {
    /// The status in which it begins its life.
    pub fn status(&self, today: NaiveDate) -> CycleStatus {
        if self.starts_on > today { CycleStatus::Planned } else { CycleStatus::Open }
    }
}

/// A cycle that priorities can be put in: one of the team's, or a quarter that is to become one.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice<'a> {
    There(&'a cycle::Model),
    Made(Span),
}

/// The cycle that is asked for by its label, or else the one that today is in, among the team's. It is not over, and
/// ends within five years.
pub fn choose<'a>(
    cycles: &'a [cycle::Model],
    asked: Option<&str>,
    today: NaiveDate,
) -> Result<Choice<'a>, Refusal> {
    let refusal = |message: &str| Err(Refusal::new(Code::Invalid, message).at("input.cycle"));
    let now = Quarter::of(today);
    let known = |cycle: &&cycle::Model| match asked {
        Some(asked) => fold(&cycle.label) == fold(asked),
        None => (cycle.starts_on..=cycle.ends_on).contains(&today),
    };
    if let Some(cycle) = cycles.iter().find(known) {
        return match cycle.status {
            CycleStatus::Closed => refusal("The cycle is closed. Choose a later one."),
            _ if cycle.ends_on < today => refusal("This cycle is over."),
            _ => Ok(Choice::There(cycle)),
        };
    }
    let quarter = match asked.map(Quarter::parse) {
        None => now,
        Some(Some(quarter)) => quarter,
        Some(None) => return refusal("This is no cycle of the team, and no quarter, like 2026-Q1."),
    };
    if quarter < now {
        return refusal("This quarter is over.");
    }
    if quarter.year > now.year + 5 {
        return refusal("A cycle lies within five years.");
    }
    match quarter.span() {
        Some(span) => apart(cycles, &span, "input.cycle", "input.cycle").map(|()| Choice::Made(span)),
        None => refusal("A cycle is a quarter, like 2026-Q1."),
    }
}

/// Whether a span has a label of its own and touches no other cycle of the team. The paths name the inputs of the label
/// and of the days.
pub fn apart(cycles: &[cycle::Model], span: &Span, label: &str, days: &str) -> Result<(), Refusal> {
    if cycles.iter().any(|cycle| fold(&cycle.label) == fold(&span.label)) {
        let message = "Another cycle of the team has this label.";
        return Err(Refusal::new(Code::Taken, message).at(label));
    }
    let meets = |cycle: &&cycle::Model| cycle.starts_on <= span.ends_on && span.starts_on <= cycle.ends_on;
    match cycles.iter().find(meets) {
        Some(cycle) => {
            let message = format!(
                "The team's cycle “{}” lasts from {} to {}. Cycles do not overlap.",
                cycle.label, cycle.starts_on, cycle.ends_on
            );
            Err(Refusal::new(Code::Taken, message).at(days))
        }
        None => Ok(()),
    }
}

/// Whether a cycle may last from one day to another, and be called so.
pub fn span(label: &str, starts_on: NaiveDate, ends_on: NaiveDate) -> Result<Span, Refusal> {
    let refusal = |message: &str, path: &str| Err(Refusal::new(Code::Invalid, message).at(path));
    let days = (ends_on - starts_on).num_days() + 1;
    if !(7..=LONGEST).contains(&days) {
        return refusal("A cycle lasts from a week to a year.", "input.endsOn");
    }
    let span = Span { label: label.to_owned(), starts_on, ends_on };
    match Quarter::parse(label) {
        Some(quarter) if quarter.span().as_ref() != Some(&span) => {
            refusal("This is the name of a quarter with other days.", "input.label")
        }
        _ => Ok(span),
    }
}

/// Where priorities go that a cycle does not finish: the next one, which is not over.
pub fn following<'a>(
    cycles: &'a [cycle::Model],
    of: &cycle::Model,
    today: NaiveDate,
) -> Result<Choice<'a>, Refusal> {
    let after = of.ends_on.checked_add_days(Days::new(1)).unwrap_or(of.ends_on).max(today);
    let later = cycles
        .iter()
        .filter(|cycle| cycle.id != of.id && cycle.status != CycleStatus::Closed && cycle.ends_on >= after);
    if let Some(cycle) = later.min_by_key(|cycle| cycle.starts_on) {
        return Ok(Choice::There(cycle));
    }
    let refusal = || {
        let message = "There is no next cycle to carry priorities to. Make it first.";
        Refusal::new(Code::WrongState, message).at("input.id")
    };
    let span = Quarter::of(after).span().ok_or_else(refusal)?;
    apart(cycles, &span, "input.id", "input.id").map_err(|_| refusal())?;
    Ok(Choice::Made(span))
}

/// How many priorities a team commits to with its cycle: at least one.
pub fn promised(priorities: &[priority::Model]) -> Result<i32, Refusal> {
    let promised = priorities.iter().filter(|priority| priority.committed_at.is_some());
    match promised.filter(|priority| priority.status != PriorityStatus::Dropped).count() {
        0 => {
            let message = "No priority of the cycle is committed. Commit to one first.";
            Err(Refusal::new(Code::WrongState, message).at("input.id"))
        }
        count => Ok(i32::try_from(count).unwrap_or(i32::MAX)),
    }
}

/// Committed priorities that are in declared conflict, each pair once.
pub fn opposed(committed: &[&priority::Model], declared: &[priority_conflict::Model]) -> Vec<Refusal> {
    let named = |id| committed.iter().find(|row| row.id == id).map(|row| row.title.as_str());
    let pairs = declared.iter().filter(|conflict| conflict.priority_id < conflict.other_id);
    pairs
        .filter_map(|conflict| {
            let (one, other) = (named(conflict.priority_id)?, named(conflict.other_id)?);
            let message = format!("“{one}” and “{other}” stand in each other's way: {}", conflict.reason);
            Some(Refusal::new(Code::Collision, message).at("input.id"))
        })
        .collect()
}

/// Whether an owner has more on their hands, over all their teams, than one can do.
pub fn overloaded(owner: &member::Model, owned: i64, open: i64, places: Places) -> Option<Refusal> {
    if owned <= i64::from(places.leader) && open <= OPEN_ACTIONS {
        return None;
    }
    let message = format!(
        "{} owns {owned} committed priorities and {open} open actions over all teams. {} and {OPEN_ACTIONS} are as \
         many as one can do.",
        owner.name, places.leader
    );
    Some(Refusal::new(Code::Collision, message).at("input.id"))
}

/// How a priority ends with its cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Achieved,
    Missed,
    /// Missed, and put forward for the next cycle.
    Carried,
    /// It was never committed.
    Dropped,
}

/// How each open priority of a cycle ends: the committed ones as the team says, which must be said of each; what was
/// only proposed is dropped, unless it is carried.
pub fn verdicts<'a, R: Borrow<priority::Model>>(
    open: &'a [R],
    said: &[(usize, Verdict)],
) -> Result<Vec<(&'a R, Verdict)>, Vec<Refusal>> {
    let mut refusals = Vec::new();
    let mut verdicts = Vec::new();
    for (at, row) in open.iter().enumerate() {
        let priority: &priority::Model = row.borrow();
        let mut own = said.iter().filter(|(of, _)| *of == at).map(|(_, verdict)| *verdict);
        let first = own.next();
        let message = match (priority.status, first) {
            _ if own.next().is_some() => format!("“{}” is decided twice.", priority.title),
            (PriorityStatus::Committed, None) => format!("“{}” is not decided.", priority.title),
            (PriorityStatus::Proposed, Some(Verdict::Achieved | Verdict::Missed)) => {
                format!("“{}” was only proposed: carry it, or leave it out to drop it.", priority.title)
            }
            (_, verdict) => {
                verdicts.push((row, verdict.unwrap_or(Verdict::Dropped)));
                continue;
            }
        };
        refusals.push(Refusal::new(Code::Invalid, message).at("input.decisions"));
    }
    if refusals.is_empty() { Ok(verdicts) } else { Err(refusals) }
}
