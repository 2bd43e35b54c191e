//! Rules of stages.

use crate::{
    kernel::{Code, Message, Refusal},
    message,
};
use chrono::{DateTime, Duration, Utc};
use entity::{
    Id,
    action::ActionStatus,
    person,
    programme::ProgrammeStatus,
    stage_criterion::{self, CriterionKind},
    stage_event::{self, StageEventKind},
    stage_run::{self, StageStatus},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use std::borrow::Borrow;

/// Maximum number of times that a stage can be reopened. Its history stays short enough to be read whole.
pub const MAX_REOPENINGS: i32 = 50;

/// Days by which an action may be overdue while its stage is passed.
pub const OVERDUE_DAYS: i64 = 14;

/// Step that changes a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Confirm,
    Pass,
    Reopen,
}

/// Facts of a stage that exit criteria refer to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StageFacts {
    /// Criteria that a facilitator confirmed.
    pub confirmed: Vec<Id<stage_criterion::Entity>>,
    /// Sessions of the programme that started since the stage was first opened, and were held. Reviews without a quorum
    /// do not count.
    pub sessions_held: i64,
    /// Priorities of the stage that are committed or achieved.
    pub priorities_committed: i64,
    /// Actions of the programme that their owners accepted.
    pub actions_accepted: i64,
    /// Actions of the programme that are still to be done [`OVERDUE_DAYS`] days after the day on which they were due.
    pub actions_overdue: i64,
    /// Actions of the programme that are done.
    pub actions_done: i64,
    /// Decisions of the stage that are in force.
    pub decisions_ratified: i64,
    /// Alignment rounds of the team that were revealed since the stage was first opened.
    pub rounds_revealed: i64,
    /// Titles of the sections that the stage needs ratified, and of which no version is.
    pub sections_unratified: Vec<String>,
}

/// Returns the status after a step, or refuses the step. The programme must be active.
pub fn next_status(
    status: StageStatus,
    programme: ProgrammeStatus,
    step: Step,
) -> Result<StageStatus, Refusal> {
    use StageStatus::*;
    if programme != ProgrammeStatus::Active {
        return Err(Refusal::new(Code::WrongState, programme_message(programme)).at("input.id"));
    }
    let to = match (status, step) {
        (Open, Step::Confirm) => Open,
        (Open, Step::Pass) => Passed,
        (Passed, Step::Reopen) => Open,
        _ => return Err(Refusal::new(Code::WrongState, refusal_message(status)).at("input.id")),
    };
    Ok(to)
}

fn programme_message(programme: ProgrammeStatus) -> Message {
    match programme {
        ProgrammeStatus::Planned => {
            message!(PROGRAMME_NOT_STARTED, "The programme has not started. Start it first.")
        }
        ProgrammeStatus::Active => message!(PROGRAMME_RUNNING, "The programme is running."),
        ProgrammeStatus::Paused => message!(PROGRAMME_PAUSED, "The programme is paused. Resume it first."),
        ProgrammeStatus::Completed => {
            message!(PROGRAMME_COMPLETED, "The programme is completed. Create a new one.")
        }
        ProgrammeStatus::Terminated => message!(PROGRAMME_TERMINATED, "The programme is terminated."),
    }
}

fn refusal_message(status: StageStatus) -> Message {
    match status {
        StageStatus::Locked => message!(STAGE_LOCKED, "The stage is locked. Pass the earlier stages first."),
        StageStatus::Open => message!(STAGE_OPEN, "The stage is open already."),
        StageStatus::Passed => message!(STAGE_PASSED_ALREADY, "The stage is passed already."),
    }
}

/// Requires that a criterion belongs to the stage and is one that facilitators confirm.
pub fn require_confirmable(
    criterion: &stage_criterion::Model,
    stage: &stage_run::Model,
) -> Result<(), Refusal> {
    let message = if criterion.template_stage_id != stage.template_stage_id {
        message!(
            CRITERION_OF_ANOTHER_STAGE,
            "This is a criterion of another stage. Choose one of this stage."
        )
    } else if criterion.kind != CriterionKind::Confirmed {
        message!(CRITERION_COUNTED, "This criterion is counted, and cannot be confirmed.")
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::Invalid, message).at("input.criterionId"))
}

/// Whether an action holds its stage back: it is to be done, and was due more than [`OVERDUE_DAYS`] days ago.
pub fn is_long_overdue(status: ActionStatus, due_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    ActionStatus::TO_BE_DONE.contains(&status) && due_at < now - Duration::days(OVERDUE_DAYS)
}

/// Lists the criteria and sections that are not met, each with what is missing.
pub fn list_unmet(criteria: &[stage_criterion::Model], facts: &StageFacts) -> Vec<String> {
    let sections = facts.sections_unratified.iter().map(|title| format!("“{title}” (not ratified)"));
    criteria.iter().filter_map(|criterion| describe_unmet(criterion, facts)).chain(sections).collect()
}

fn describe_unmet(criterion: &stage_criterion::Model, facts: &StageFacts) -> Option<String> {
    let required = i64::from(criterion.quantity);
    let short = |have: i64, what: &str| (have < required).then(|| format!("{have} of {required} {what}"));
    let lack = match criterion.kind {
        CriterionKind::Confirmed => {
            (!facts.confirmed.contains(&criterion.id)).then(|| "not confirmed".to_owned())
        }
        CriterionKind::SessionsHeld => short(facts.sessions_held, "sessions held"),
        CriterionKind::PrioritiesCommitted => short(facts.priorities_committed, "priorities committed"),
        CriterionKind::ActionsAccepted => short(facts.actions_accepted, "actions accepted"),
        CriterionKind::ActionsDone if facts.actions_overdue > 0 => {
            let (overdue, done) = (facts.actions_overdue, facts.actions_done);
            Some(format!("{overdue} overdue by more than {OVERDUE_DAYS} days, {done} of {required} done"))
        }
        CriterionKind::ActionsDone => short(facts.actions_done, "actions done"),
        CriterionKind::DecisionsRatified => short(facts.decisions_ratified, "decisions ratified"),
        CriterionKind::RoundsRevealed => short(facts.rounds_revealed, "rounds revealed"),
    };
    lack.map(|lack| format!("“{}” ({lack})", criterion.text))
}

/// Decides how a stage is passed: by its criteria, or over them with a reason by someone with that right.
pub fn decide_passing(
    unmet: &[String],
    reason: Option<&str>,
    may_override: bool,
) -> Result<StageEventKind, Refusal> {
    if unmet.is_empty() {
        return Ok(StageEventKind::Passed);
    }
    let list = unmet.join("; ");
    match reason {
        Some(_) if may_override => Ok(StageEventKind::Overridden),
        Some(_) => {
            let message = message!(
                CRITERIA_NOT_MET,
                "Only an owner of the franchise can pass the stage over its exit criteria. Not met: {criteria}.",
                criteria = list,
            );
            Err(Refusal::new(Code::NotOwner, message).at("input.overrideReason"))
        }
        None => {
            let message = message!(
                CRITERIA_NOT_MET,
                "The stage's exit criteria are not met: {criteria}. Meet them first.",
                criteria = list,
            );
            Err(Refusal::new(Code::CriteriaNotMet, message).at("input.id"))
        }
    }
}

/// Returns the stage to open after another one was passed: the first that is not passed.
pub fn stage_to_open<'a, R: Borrow<stage_run::Model>>(
    stages: &'a [R],
    passed: &stage_run::Model,
) -> Option<&'a R> {
    let rows = stages.iter().map(|row| (row, row.borrow()));
    let left = rows.filter(|(_, stage): &(_, &stage_run::Model)| {
        stage.id != passed.id && stage.status != StageStatus::Passed
    });
    left.min_by_key(|(_, stage)| stage.position).map(|(row, _)| row)
}

/// Requires that a stage can be reopened. Returns the open stage, which is locked instead: one stage is open at a time,
/// the first that is not passed.
pub fn stage_to_lock<'a, R: Borrow<stage_run::Model>>(
    stages: &'a [R],
    reopened: &stage_run::Model,
) -> Result<Option<&'a R>, Refusal> {
    if reopened.times_reopened >= MAX_REOPENINGS {
        let message =
            message!(STAGE_REOPENED, "A stage can be reopened at most {max} times.", max = MAX_REOPENINGS);
        return Err(Refusal::new(Code::LimitReached, message).at("input.id"));
    }
    let rows = stages.iter().map(|row| (row, row.borrow()));
    let mut open = rows.filter(|(_, stage): &(_, &stage_run::Model)| stage.status == StageStatus::Open);
    match open.next() {
        Some((_, open)) if open.position < reopened.position => {
            let message = message!(
                EARLIER_STAGE_OPEN,
                "The earlier stage “{stage}” is open and comes first. Pass it first.",
                stage = open.title,
            );
            Err(Refusal::new(Code::WrongState, message).at("input.id"))
        }
        open => Ok(open.map(|(row, _)| row)),
    }
}

/// Returns the change that opens a stage.
pub fn open_stage(stage: &stage_run::Model, now: DateTime<Utc>) -> stage_run::ActiveModel {
    let mut change = stage.clone().into_active_model();
    change.status = Set(StageStatus::Open);
    change.opened_at = Set(Some(now));
    change
}

/// Returns a new row of a stage's history.
pub fn new_event(
    stage: &stage_run::Model,
    id: Id<stage_event::Entity>,
    kind: StageEventKind,
    person: Id<person::Entity>,
    at: DateTime<Utc>,
) -> stage_event::Model {
    stage_event::Model {
        id,
        network_id: stage.network_id,
        client_id: stage.client_id,
        team_id: stage.team_id,
        stage_run_id: stage.id,
        kind,
        person_id: person,
        reason: None,
        at,
    }
}
