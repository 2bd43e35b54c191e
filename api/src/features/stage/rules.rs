//! The law of stages.

use crate::kernel::{Code, Refusal};
use chrono::{DateTime, Utc};
use entity::{
    Id, person,
    programme::ProgrammeStatus,
    stage_criterion::{self, CriterionKind},
    stage_event::{self, StageEventKind},
    stage_run::{self, StageStatus},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use std::borrow::Borrow;

/// Times that a stage can be reopened: what keeps its history short enough to read whole.
pub const REOPENED: i32 = 50;

/// What can be done to a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Confirm,
    Pass,
    Reopen,
}

/// What is so at a stage, as far as exit criteria ask.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// Criteria that the facilitator confirmed.
    pub confirmed: Vec<Id<stage_criterion::Entity>>,
    /// Sessions of the programme that started since the stage was first opened, and were held.
    pub sessions_held: i64,
    /// Priorities of the stage that are committed or achieved.
    pub priorities_committed: i64,
    /// Actions of those priorities that their owners accepted.
    pub actions_accepted: i64,
    /// Actions of the stage's priorities that are offered or accepted.
    pub actions_open: i64,
    /// Actions of the stage's priorities that are done.
    pub actions_done: i64,
    /// Decisions of the stage that are in force.
    pub decisions_ratified: i64,
    /// Alignment rounds of the team that were revealed since the stage was first opened.
    pub rounds_revealed: i64,
}

/// The status a stage has after a step, where its status and its programme's allow the step.
pub fn next(status: StageStatus, programme: ProgrammeStatus, step: Step) -> Result<StageStatus, Refusal> {
    use StageStatus::*;
    if programme != ProgrammeStatus::Active {
        return Err(Refusal::new(Code::WrongState, not_running(programme)).at("input.id"));
    }
    let to = match (status, step) {
        (Open, Step::Confirm) => Open,
        (Open, Step::Pass) => Passed,
        (Passed, Step::Reopen) => Open,
        _ => return Err(Refusal::new(Code::WrongState, why_not(status)).at("input.id")),
    };
    Ok(to)
}

fn not_running(programme: ProgrammeStatus) -> &'static str {
    match programme {
        ProgrammeStatus::Planned => "The programme has not started.",
        ProgrammeStatus::Active => "The programme is running.",
        ProgrammeStatus::Paused => "The programme is paused. Resume it first.",
        ProgrammeStatus::Completed => "The programme is completed.",
        ProgrammeStatus::Terminated => "The programme is terminated.",
    }
}

fn why_not(status: StageStatus) -> &'static str {
    match status {
        StageStatus::Locked => "The stage is locked: an earlier one comes first.",
        StageStatus::Open => "The stage is open.",
        StageStatus::Passed => "The stage is passed already.",
    }
}

/// Whether a criterion is one that the facilitator confirms at this stage.
pub fn confirmable(criterion: &stage_criterion::Model, stage: &stage_run::Model) -> Result<(), Refusal> {
    let message = if criterion.template_stage_id != stage.template_stage_id {
        "This is a criterion of another stage."
    } else if criterion.kind != CriterionKind::Confirmed {
        "This criterion is counted, not confirmed."
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::Invalid, message).at("input.criterionId"))
}

/// The criteria that are not met, each with what is missing.
pub fn unmet(criteria: &[stage_criterion::Model], facts: &Facts) -> Vec<String> {
    criteria.iter().filter_map(|criterion| missing(criterion, facts)).collect()
}

fn missing(criterion: &stage_criterion::Model, facts: &Facts) -> Option<String> {
    let asked = i64::from(criterion.quantity);
    let short = |have: i64, what: &str| (have < asked).then(|| format!("{have} of {asked} {what}"));
    let lack = match criterion.kind {
        CriterionKind::Confirmed => {
            (!facts.confirmed.contains(&criterion.id)).then(|| "not confirmed".to_owned())
        }
        CriterionKind::SessionsHeld => short(facts.sessions_held, "sessions held"),
        CriterionKind::PrioritiesCommitted => short(facts.priorities_committed, "priorities committed"),
        CriterionKind::ActionsAccepted => short(facts.actions_accepted, "actions accepted"),
        CriterionKind::ActionsDone if facts.actions_open > 0 => {
            let (open, done) = (facts.actions_open, facts.actions_done);
            Some(format!("{open} still open, {done} of {asked} done"))
        }
        CriterionKind::ActionsDone => short(facts.actions_done, "actions done"),
        CriterionKind::DecisionsRatified => short(facts.decisions_ratified, "decisions ratified"),
        CriterionKind::RoundsRevealed => short(facts.rounds_revealed, "rounds revealed"),
    };
    lack.map(|lack| format!("“{}” ({lack})", criterion.text))
}

/// How a stage is passed: by its criteria, or over them with a reason by someone who may.
pub fn passing(
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
            let message = format!(
                "Only an owner of the franchise can pass the stage over its exit criteria. Not met: {list}."
            );
            Err(Refusal::new(Code::NotOwner, message).at("input.overrideReason"))
        }
        None => {
            let message = format!("The stage's exit criteria are not met: {list}.");
            Err(Refusal::new(Code::CriteriaNotMet, message).at("input.id"))
        }
    }
}

/// The stage that opens when another one of the programme has been passed: the first that is not passed.
pub fn following<'a, R: Borrow<stage_run::Model>>(
    stages: &'a [R],
    passed: &stage_run::Model,
) -> Option<&'a R> {
    let rows = stages.iter().map(|row| (row, row.borrow()));
    let left = rows.filter(|(_, stage): &(_, &stage_run::Model)| {
        stage.id != passed.id && stage.status != StageStatus::Passed
    });
    left.min_by_key(|(_, stage)| stage.position).map(|(row, _)| row)
}

/// Whether a stage can be reopened among the others of its programme. Answers the one that is locked for it, so that
/// one stage is open at a time, and that the first which is not passed.
pub fn reopening<'a, R: Borrow<stage_run::Model>>(
    stages: &'a [R],
    reopened: &stage_run::Model,
) -> Result<Option<&'a R>, Refusal> {
    if reopened.times_reopened >= REOPENED {
        let message = format!("A stage can be reopened {REOPENED} times.");
        return Err(Refusal::new(Code::LimitReached, message).at("input.id"));
    }
    let rows = stages.iter().map(|row| (row, row.borrow()));
    let mut open = rows.filter(|(_, stage): &(_, &stage_run::Model)| stage.status == StageStatus::Open);
    match open.next() {
        Some((_, open)) if open.position < reopened.position => {
            let message = format!("The earlier stage “{}” is open and comes first.", open.title);
            Err(Refusal::new(Code::WrongState, message).at("input.id"))
        }
        open => Ok(open.map(|(row, _)| row)),
    }
}

/// The change that opens a stage.
pub fn opened(stage: &stage_run::Model, now: DateTime<Utc>) -> stage_run::ActiveModel {
    let mut change = stage.clone().into_active_model();
    change.status = Set(StageStatus::Open);
    change.opened_at = Set(Some(now));
    change
}

/// An entry in a stage's history.
pub fn event(
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
