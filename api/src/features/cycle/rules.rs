//! Rules of cycles.

use crate::{
    features::priority::limits::PriorityLimits,
    kernel::{Code, Message, Refusal},
    message,
};
use chrono::{Days, NaiveDate};
use entity::{
    cycle::{self, CycleStatus},
    fold, member,
    priority::{self, PriorityStatus},
    priority_conflict,
};
use std::{borrow::Borrow, fmt};

/// Minimum length of a cycle in days.
const MIN_DAYS: i64 = 7;

/// Maximum length of a cycle in days.
pub const MAX_DAYS: i64 = 366;

/// Maximum number of open actions of one person, over all teams.
pub const MAX_OPEN_ACTIONS: i64 = 15;

/// A change of a cycle's status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Update,
    Remove,
    Open,
    Commit,
    Close,
    Reopen,
}

/// The status of a cycle after a step. Refuses a step that the present status does not allow.
pub fn next_status(status: CycleStatus, step: Step) -> Result<CycleStatus, Refusal> {
    use CycleStatus::*;
    let to = match (status, step) {
        (Planned | Open, Step::Update | Step::Remove) => status,
        (Planned, Step::Open) => Open,
        (Planned | Open, Step::Commit) => Locked,
        (Locked, Step::Close) => Closed,
        (Closed, Step::Reopen) => Locked,
        _ => return Err(Refusal::new(Code::WrongState, refusal_message(status, step)).at("input.id")),
    };
    Ok(to)
}

fn refusal_message(status: CycleStatus, step: Step) -> Message {
    match (status, step) {
        (_, Step::Reopen) => {
            message!(CYCLE_NOT_CLOSED, "The cycle is not closed, so there is nothing to reopen.")
        }
        (CycleStatus::Closed, _) => message!(CYCLE_CLOSED, "The cycle is closed. Choose a later one."),
        (CycleStatus::Locked, _) => {
            message!(CYCLE_COMMITTED_ALREADY, "The team has committed to the cycle already.")
        }
        (_, Step::Close) => message!(
            CYCLE_NOT_COMMITTED,
            "The team has not committed to the cycle yet. Commit first (`cycleCommit`)."
        ),
        _ => message!(CYCLE_OPEN_ALREADY, "The cycle is open already."),
    }
}

/// A calendar quarter, whose name as the label of a cycle requires its days, such as `2026-Q1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CycleQuarter {
    year: i32,
    quarter: u32,
}

impl CycleQuarter {
    /// Parses exactly the form `2026-Q1`.
    pub fn parse(text: &str) -> Option<CycleQuarter> {
        let (year, quarter) = text.split_once("-Q")?;
        let digits = year.len() == 4 && year.bytes().all(|digit| digit.is_ascii_digit());
        let quarter = ["1", "2", "3", "4"].into_iter().zip(1..).find(|(name, _)| *name == quarter)?.1;
        digits.then(|| year.parse().ok().map(|year| CycleQuarter { year, quarter })).flatten()
    }
    /// The first day of the quarter.
    pub fn starts_on(self) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(self.year, 3 * self.quarter - 2, 1)
    }
    /// The last day of the quarter.
    pub fn ends_on(self) -> Option<NaiveDate> {
        let (year, month) =
            if self.quarter == 4 { (self.year + 1, 1) } else { (self.year, 3 * self.quarter + 1) };
        NaiveDate::from_ymd_opt(year, month, 1)?.checked_sub_days(Days::new(1))
    }
    /// The label and the days of the quarter's cycle.
    pub fn span(self) -> Option<Span> {
        Some(Span { label: self.to_string(), starts_on: self.starts_on()?, ends_on: self.ends_on()? })
    }
}

impl fmt::Display for CycleQuarter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-Q{}", self.year, self.quarter)
    }
}

/// The label and the days of a cycle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub label: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
}

impl Span {
    /// The status of a new cycle with these days.
    pub fn status(&self, today: NaiveDate) -> CycleStatus {
        if self.starts_on > today { CycleStatus::Planned } else { CycleStatus::Open }
    }
}

/// Chooses the cycle of a new priority: the one with the label `asked`, or the present one. Requires that there is one, and
/// that it has not ended: no cycle comes into being by itself.
pub fn choose<'a>(
    cycles: &'a [cycle::Model],
    asked: Option<&str>,
    today: NaiveDate,
) -> Result<&'a cycle::Model, Refusal> {
    let known = |cycle: &&cycle::Model| match asked {
        Some(asked) => fold(&cycle.label) == fold(asked),
        None => (cycle.starts_on..=cycle.ends_on).contains(&today),
    };
    let message = match (cycles.iter().find(known), asked) {
        (Some(cycle), _) if cycle.status == CycleStatus::Closed => {
            message!(CYCLE_CLOSED, "The cycle is closed. Choose a later one.")
        }
        (Some(cycle), _) if cycle.ends_on < today => {
            message!(CYCLE_OVER, "This cycle is over. Choose a later one.")
        }
        (Some(cycle), _) => return Ok(cycle),
        (None, Some(_)) => message!(
            NOT_A_CYCLE,
            "`cycleLabel` must be the label of one of the team's cycles. Create the cycle first (`cycleCreate`)."
        ),
        (None, None) => message!(
            NO_PRESENT_CYCLE,
            "The team has no cycle for today. Create it first (`cycleCreate`), or name a later one in `cycleLabel`."
        ),
    };
    Err(Refusal::new(Code::Invalid, message).at("input.cycleLabel"))
}

/// Requires that a new cycle has a distinct label and does not overlap another cycle of the team. `label` and `days` are the
/// paths of refusals.
pub fn require_apart(cycles: &[cycle::Model], span: &Span, label: &str, days: &str) -> Result<(), Refusal> {
    if cycles.iter().any(|cycle| fold(&cycle.label) == fold(&span.label)) {
        let message =
            message!(LABEL_TAKEN, "Another cycle of the team has this label. Choose another label.");
        return Err(Refusal::new(Code::Taken, message).at(label));
    }
    let meets = |cycle: &&cycle::Model| cycle.starts_on <= span.ends_on && span.starts_on <= cycle.ends_on;
    match cycles.iter().find(meets) {
        Some(cycle) => {
            let message = message!(
                CYCLES_OVERLAP,
                "The team's cycle “{cycle}” lasts from {from} to {to}. Cycles do not overlap: choose other days.",
                cycle = cycle.label,
                from = cycle.starts_on,
                to = cycle.ends_on,
            );
            Err(Refusal::new(Code::Taken, message).at(days))
        }
        None => Ok(()),
    }
}

/// Checks the label and the days of a new cycle.
pub fn check_span(label: &str, starts_on: NaiveDate, ends_on: NaiveDate) -> Result<Span, Refusal> {
    let refusal = |message: Message, path: &str| Err(Refusal::new(Code::Invalid, message).at(path));
    let days = (ends_on - starts_on).num_days() + 1;
    if !(MIN_DAYS..=MAX_DAYS).contains(&days) {
        let message = message!(
            CYCLE_LENGTH,
            "A cycle lasts {min} to {max} days, and this one {days}. Choose another `endsOn`.",
            min = MIN_DAYS,
            max = MAX_DAYS,
            days,
        );
        return refusal(message, "input.endsOn");
    }
    let span = Span { label: label.to_owned(), starts_on, ends_on };
    match CycleQuarter::parse(label) {
        Some(quarter) if quarter.span().as_ref() != Some(&span) => refusal(
            message!(
                LABEL_OF_A_QUARTER,
                "This is the name of a quarter with other days. Choose another label."
            ),
            "input.label",
        ),
        _ => Ok(span),
    }
}

/// The next cycle, to which priorities are carried. Requires that there is one, and that it has not ended: no cycle comes into
/// being by itself.
pub fn next_cycle<'a>(
    cycles: &'a [cycle::Model],
    of: &cycle::Model,
    today: NaiveDate,
) -> Result<&'a cycle::Model, Refusal> {
    let after = of.ends_on.checked_add_days(Days::new(1)).unwrap_or(of.ends_on).max(today);
    let later = cycles
        .iter()
        .filter(|cycle| cycle.id != of.id && cycle.status != CycleStatus::Closed && cycle.ends_on >= after);
    later.min_by_key(|cycle| cycle.starts_on).ok_or_else(|| {
        let message = message!(
            NO_NEXT_CYCLE,
            "There is no next cycle to carry priorities to. Create it first (`cycleCreate`)."
        );
        Refusal::new(Code::WrongState, message).at("input.id")
    })
}

/// Requires that a cycle that is removed has no priorities.
pub fn require_empty(priorities: i64) -> Result<(), Refusal> {
    if priorities == 0 {
        return Ok(());
    }
    let message = message!(
        CYCLE_HAS_PRIORITIES,
        "The cycle has priorities ({count}, dropped ones included) and stays. Rename or move it (`cycleUpdate`).",
        count = priorities,
    );
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Requires that a team has committed to no cycle after one that is reopened.
pub fn require_last_committed(cycles: &[cycle::Model], of: &cycle::Model) -> Result<(), Refusal> {
    let committed = |cycle: &&cycle::Model| {
        cycle.starts_on > of.starts_on && matches!(cycle.status, CycleStatus::Locked | CycleStatus::Closed)
    };
    let Some(later) = cycles.iter().find(committed) else { return Ok(()) };
    let message = message!(
        LATER_CYCLE_COMMITTED,
        "The team has committed to the later cycle “{cycle}”, so that this one stays closed.",
        cycle = later.label,
    );
    Err(Refusal::new(Code::WrongState, message).at("input.id"))
}

/// Whether the closing of its cycle ended a priority, and not an earlier change.
pub fn is_ended_by_closing(priority: &priority::Model, cycle: &cycle::Model) -> bool {
    priority.closed_at.is_some() && priority.closed_at == cycle.closed_at
}

/// The status that a priority had before the closing of its cycle ended it.
pub fn status_before_closing(priority: &priority::Model) -> PriorityStatus {
    if priority.committed_at.is_some() { PriorityStatus::Committed } else { PriorityStatus::Proposed }
}

/// Why the continuing priority of one that is open again is dropped.
pub const CARRIED_FROM_REOPENED: &str = "The cycle from which it was carried over was reopened.";

/// Number of priorities that a team commits to with its cycle. Requires at least one.
pub fn committed_count(priorities: &[priority::Model]) -> Result<i32, Refusal> {
    let promised = priorities.iter().filter(|priority| priority.committed_at.is_some());
    match promised.filter(|priority| priority.status != PriorityStatus::Dropped).count() {
        0 => {
            let message = message!(
                NO_PRIORITY_COMMITTED,
                "No priority of the cycle is committed. Commit to one first."
            );
            Err(Refusal::new(Code::WrongState, message).at("input.id"))
        }
        count => Ok(i32::try_from(count).unwrap_or(i32::MAX)),
    }
}

/// A refusal for each pair of committed priorities in declared conflict.
pub fn conflict_refusals(
    committed: &[&priority::Model],
    declared: &[priority_conflict::Model],
) -> Vec<Refusal> {
    let named = |id| committed.iter().find(|row| row.id == id).map(|row| row.title.as_str());
    let pairs = declared.iter().filter(|conflict| conflict.priority_id < conflict.other_id);
    pairs
        .filter_map(|conflict| {
            let (one, other) = (named(conflict.priority_id)?, named(conflict.other_id)?);
            let message = message!(
                PRIORITIES_CONFLICT,
                "“{priority}” and “{other}” are in conflict ({reason}). Resolve the conflict, or commit with \
                 `acknowledgeCollisions`.",
                priority = one,
                other,
                reason = conflict.reason,
            );
            Some(Refusal::new(Code::Collision, message).at("input.id"))
        })
        .collect()
}

/// A refusal if an owner has too many committed priorities or open actions over all teams.
pub fn overload_refusal(
    owner: &member::Model,
    owned: i64,
    open: i64,
    limits: PriorityLimits,
) -> Option<Refusal> {
    if owned <= i64::from(limits.leader) && open <= MAX_OPEN_ACTIONS {
        return None;
    }
    let message = message!(
        OWNER_OVERLOADED,
        "{owner} owns {priorities} committed priorities and {actions} open actions over all teams. One person can do \
         {max_priorities} and {max_actions}. Find another owner, or commit with `acknowledgeCollisions`.",
        owner = owner.name,
        priorities = owned,
        actions = open,
        max_priorities = limits.leader,
        max_actions = MAX_OPEN_ACTIONS,
    );
    Some(Refusal::new(Code::Collision, message).at("input.id"))
}

/// The way in which a priority ends with its cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Achieved,
    Missed,
    /// Missed, and proposed again in the next cycle.
    Carried,
    /// Never committed.
    Dropped,
}

/// Decides how each open priority of a cycle ends. Requires a verdict for each committed priority. Proposed priorities are
/// dropped unless they are carried.
pub fn decide_priorities<'a, R: Borrow<priority::Model>>(
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
            _ if own.next().is_some() => message!(
                PRIORITY_DECIDED_TWICE,
                "“{priority}” is decided twice. Leave one of the decisions out.",
                priority = priority.title,
            ),
            (PriorityStatus::Committed, None) => message!(
                PRIORITY_NOT_DECIDED,
                "“{priority}” is not decided. Say in `decisions` how it ends.",
                priority = priority.title,
            ),
            (PriorityStatus::Proposed, Some(Verdict::Achieved | Verdict::Missed)) => message!(
                PRIORITY_ONLY_PROPOSED,
                "“{priority}” was only proposed: carry it, or leave it out to drop it.",
                priority = priority.title,
            ),
            (_, verdict) => {
                verdicts.push((row, verdict.unwrap_or(Verdict::Dropped)));
                continue;
            }
        };
        refusals.push(Refusal::new(Code::Invalid, message).at("input.decisions"));
    }
    if refusals.is_empty() { Ok(verdicts) } else { Err(refusals) }
}
