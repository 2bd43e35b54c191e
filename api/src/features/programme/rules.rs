//! The law of programmes.

use crate::kernel::{Code, Refusal};
use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use entity::{
    Id,
    client::ClientStatus,
    franchise,
    programme::{self, ProgrammeStatus},
    programme_pause,
    stage_run::{self, StageStatus},
    template, template_stage,
    template_version::{self, TemplateStatus},
};
use std::borrow::Borrow;

/// Programmes that a team may have had: what keeps the list of them short enough to read whole.
pub const PER_TEAM: usize = 100;

/// What can be done to a programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Start,
    Pause,
    Resume,
    Complete,
    Terminate,
}

/// The status a programme has after a step, where its status allows the step.
pub fn next(status: ProgrammeStatus, step: Step) -> Result<ProgrammeStatus, Refusal> {
    use ProgrammeStatus::*;
    let to = match (status, step) {
        (Planned, Step::Start) => Active,
        (Active, Step::Pause) => Paused,
        (Paused, Step::Resume) => Active,
        (Active, Step::Complete) => Completed,
        (Planned | Active | Paused, Step::Terminate) => Terminated,
        _ => return Err(Refusal::new(Code::WrongState, why_not(status)).at("input.id")),
    };
    Ok(to)
}

fn why_not(status: ProgrammeStatus) -> &'static str {
    use ProgrammeStatus::*;
    match status {
        Planned => "The programme has not started.",
        Active => "The programme is running.",
        Paused => "The programme is paused. Resume it first.",
        Completed => "The programme is completed.",
        Terminated => "The programme is terminated.",
    }
}

/// Whether a programme takes its team's one place.
pub fn takes_the_place(status: ProgrammeStatus) -> bool {
    use ProgrammeStatus::*;
    matches!(status, Planned | Active | Paused)
}

/// Whether a team can get another programme, given those it has and had.
pub fn room_in_team(programmes: &[programme::Model]) -> Result<(), Refusal> {
    if let Some(other) = programmes.iter().find(|other| takes_the_place(other.status)) {
        let message =
            format!("The team has a programme: “{}”. Complete or terminate that one first.", other.name);
        return Err(Refusal::new(Code::WrongState, message).at("input.teamId"));
    }
    if programmes.len() < PER_TEAM {
        return Ok(());
    }
    let message = format!("A team has at most {PER_TEAM} programmes.");
    Err(Refusal::new(Code::LimitReached, message).at("input.teamId"))
}

/// Why nothing more happens in a client, or in a team.
pub const CLIENT_ARCHIVED: &str = "The client is archived.";
pub const TEAM_ARCHIVED: &str = "The team is archived.";

/// Whether a team takes new work: neither it nor its client is archived.
pub fn takes_work(client: ClientStatus, archived: Option<DateTime<Utc>>) -> Result<(), Refusal> {
    let message = match (client, archived) {
        (ClientStatus::Active, None) => return Ok(()),
        (ClientStatus::Archived, _) => CLIENT_ARCHIVED,
        (ClientStatus::Active, Some(_)) => TEAM_ARCHIVED,
    };
    Err(Refusal::new(Code::WrongState, message).at("input.teamId"))
}

/// Whether a programme can start on a template version.
pub fn can_run(status: TemplateStatus) -> Result<(), Refusal> {
    let message = match status {
        TemplateStatus::Published => return Ok(()),
        TemplateStatus::Draft => "The version is a draft. Publish it first.",
        TemplateStatus::Retired => "The version is retired. Take a later one.",
    };
    Err(Refusal::new(Code::WrongState, message).at("input.templateVersionId"))
}

/// Whether a client of a franchise can run a version: the network's, or the franchise's own.
pub fn runs_here(
    version: Option<Id<franchise::Entity>>,
    franchise: Id<franchise::Entity>,
    path: &str,
) -> Result<(), Refusal> {
    if version.is_none_or(|own| own == franchise) {
        return Ok(());
    }
    let message = "This is the template of another franchise than the client's.";
    Err(Refusal::new(Code::Invalid, message).at(path))
}

/// Whether a day can be the planned start: within a year back, for what began on paper, and five years ahead.
pub fn sensible_start(on: NaiveDate, today: NaiveDate) -> bool {
    let earliest = today.checked_sub_months(Months::new(12));
    let latest = today.checked_add_months(Months::new(60));
    earliest.is_none_or(|earliest| earliest <= on) && latest.is_none_or(|latest| on <= latest)
}

/// Whether all stages are passed.
pub fn all_passed(stages: &[stage_run::Model]) -> Result<(), Refusal> {
    let left: Vec<String> = stages
        .iter()
        .filter(|stage| stage.status != StageStatus::Passed)
        .map(|stage| format!("“{}”", stage.title))
        .collect();
    if left.is_empty() {
        return Ok(());
    }
    let message = format!("These stages are not passed: {}.", left.join(", "));
    Err(Refusal::new(Code::CriteriaNotMet, message).at("input.id"))
}

/// Seconds that a programme was paused when its pause ends, now.
pub fn paused_for(programme: &programme::Model, now: DateTime<Utc>) -> i64 {
    let since = programme.paused_at.map_or(0, |since| (now - since).num_seconds().max(0));
    programme.paused_seconds + since
}

/// The pause of a programme that begins now.
pub fn pause(
    programme: &programme::Model,
    id: Id<programme_pause::Entity>,
    now: DateTime<Utc>,
) -> programme_pause::Model {
    programme_pause::Model {
        id,
        network_id: programme.network_id,
        client_id: programme.client_id,
        team_id: programme.team_id,
        programme_id: programme.id,
        starts_at: now,
        ends_at: None,
    }
}

/// How much of the time between two instants a team's programmes were paused. One that is paused still is so to the end;
/// a team has one programme at a time, so that pauses do not overlap.
pub fn paused_within(
    pauses: &[&programme_pause::Model],
    from: DateTime<Utc>,
    to: DateTime<Utc>,
) -> TimeDelta {
    let within = pauses.iter().map(|pause| {
        let ends_at = pause.ends_at.unwrap_or(to);
        (ends_at.min(to) - pause.starts_at.max(from)).max(TimeDelta::zero())
    });
    within.sum()
}

/// A stage of a programme as its template version plans it. It is a copy, because a client's people read it and may not
/// read templates.
pub fn laid_out(
    programme: &programme::Model,
    stage: &template_stage::Model,
    id: Id<stage_run::Entity>,
    position: i32,
) -> stage_run::Model {
    stage_run::Model {
        id,
        network_id: programme.network_id,
        client_id: programme.client_id,
        team_id: programme.team_id,
        programme_id: programme.id,
        template_stage_id: stage.id,
        position,
        title: stage.title.clone(),
        purpose: stage.purpose.clone(),
        planned_days: stage.planned_days,
        status: StageStatus::Locked,
        opened_at: None,
        passed_at: None,
        override_reason: None,
        times_reopened: 0,
        version: 1,
    }
}

/// Whether a programme can move to another version of its template: until it is over.
pub fn movable(status: ProgrammeStatus) -> Result<(), Refusal> {
    if takes_the_place(status) {
        return Ok(());
    }
    Err(Refusal::new(Code::WrongState, why_not(status)).at("input.id"))
}

/// Whether a programme can move from one version to another, each given with the network's template that it is of or
/// derives from: within one template to a later version, between a template and those derived from it to any.
pub fn of_one_line(
    from: (&template_version::Model, Id<template::Entity>),
    to: (&template_version::Model, Id<template::Entity>),
) -> Result<(), Refusal> {
    let message = if from.0.id == to.0.id {
        "The programme runs this version already."
    } else if from.1 != to.1 {
        "This is a version of another template than the programme's."
    } else if from.0.template_id == to.0.template_id && to.0.number < from.0.number {
        "The programme runs a later version already."
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::WrongState, message).at("input.templateVersionId"))
}

/// A stage of a programme that has moved: what it was, what the other version plans for it, and its place.
#[derive(Clone, Debug)]
pub struct Placed<'a> {
    pub run: Option<&'a stage_run::Model>,
    pub to: Option<&'a template_stage::Model>,
    pub position: i32,
}

impl Placed<'_> {
    /// Its title: what was passed keeps the one it was passed by.
    pub fn title(&self) -> &str {
        match (self.run, self.to) {
            (Some(run), None) => &run.title,
            (Some(run), Some(_)) if run.status == StageStatus::Passed => &run.title,
            (_, Some(to)) => &to.title,
            (None, None) => "",
        }
    }
}

/// The stages of a programme once it runs these, in order, and those of its stages that go. A stage is found again by
/// its key, or else by its title. One that is not stays, after the one it followed, where it was begun or something
/// hangs on it.
pub fn placed<'a>(
    runs: &'a [impl Borrow<stage_run::Model>],
    keys: &[String],
    targets: &'a [template_stage::Model],
    busy: &[Id<stage_run::Entity>],
) -> (Vec<Placed<'a>>, Vec<&'a stage_run::Model>) {
    let runs: Vec<&stage_run::Model> = runs.iter().map(|run| run.borrow()).collect();
    let mut found: Vec<Option<&stage_run::Model>> = targets
        .iter()
        .map(|target| runs.iter().zip(keys).find(|(_, key)| **key == target.key).map(|(run, _)| *run))
        .collect();
    for (at, target) in targets.iter().enumerate() {
        let free = |run: &&stage_run::Model| !found.iter().flatten().any(|other| other.id == run.id);
        let titled = |run: &&stage_run::Model| run.title.to_lowercase() == target.title.to_lowercase();
        if found[at].is_none() {
            found[at] = runs.iter().copied().filter(free).find(titled);
        }
    }
    let mut line: Vec<Placed<'a>> = targets
        .iter()
        .zip(found)
        .map(|(target, run)| Placed { run, to: Some(target), position: 0 })
        .collect();
    let mut removed = Vec::new();
    let mut after = 0;
    for run in runs {
        if let Some(at) = line.iter().position(|one| one.run.is_some_and(|other| other.id == run.id)) {
            after = at + 1;
        } else if run.status != StageStatus::Locked || busy.contains(&run.id) {
            line.insert(after, Placed { run: Some(run), to: None, position: 0 });
            after += 1;
        } else {
            removed.push(run);
        }
    }
    for (one, position) in line.iter_mut().zip(1..) {
        one.position = position;
    }
    (line, removed)
}

/// Which of a begun programme's stages opens when it has moved: none where one is open, else the first that is not
/// passed.
pub fn opens(placed: &[Placed<'_>], programme: ProgrammeStatus) -> Option<usize> {
    let status = |one: &Placed<'_>| one.run.map_or(StageStatus::Locked, |run| run.status);
    let open = placed.iter().any(|one| status(one) == StageStatus::Open);
    if open || programme == ProgrammeStatus::Planned {
        return None;
    }
    placed.iter().position(|one| status(one) != StageStatus::Passed)
}
