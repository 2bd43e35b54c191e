//! Rules of programmes.

use crate::{
    kernel::{Code, Message, Refusal},
    message,
};
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

/// Maximum number of programmes in a team's history. The list stays short enough to be read whole.
pub const MAX_PER_TEAM: usize = 100;

/// Step that changes a programme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Start,
    Pause,
    Resume,
    Complete,
    Terminate,
}

/// Returns the status after a step, or refuses the step.
pub fn next_status(status: ProgrammeStatus, step: Step) -> Result<ProgrammeStatus, Refusal> {
    use ProgrammeStatus::*;
    let to = match (status, step) {
        (Planned, Step::Start) => Active,
        (Active, Step::Pause) => Paused,
        (Paused, Step::Resume) => Active,
        (Active, Step::Complete) => Completed,
        (Planned | Active | Paused, Step::Terminate) => Terminated,
        _ => return Err(Refusal::new(Code::WrongState, refusal_message(status)).at("input.id")),
    };
    Ok(to)
}

fn refusal_message(status: ProgrammeStatus) -> Message {
    use ProgrammeStatus::*;
    match status {
        Planned => message!(PROGRAMME_NOT_STARTED, "The programme has not started. Start it first."),
        Active => message!(PROGRAMME_RUNNING, "The programme is running."),
        Paused => message!(PROGRAMME_PAUSED, "The programme is paused. Resume it first."),
        Completed => message!(PROGRAMME_COMPLETED, "The programme is completed. Create a new one."),
        Terminated => message!(PROGRAMME_TERMINATED, "The programme is terminated."),
    }
}

/// Statuses of unfinished programmes. A team has at most one unfinished programme.
pub const UNFINISHED: [ProgrammeStatus; 3] =
    [ProgrammeStatus::Planned, ProgrammeStatus::Active, ProgrammeStatus::Paused];

/// Whether a programme is planned, active or paused.
pub fn is_unfinished(status: ProgrammeStatus) -> bool {
    UNFINISHED.contains(&status)
}

/// Requires that a team can have another programme, given its present and past programmes.
pub fn require_room_in_team(programmes: &[programme::Model]) -> Result<(), Refusal> {
    if let Some(other) = programmes.iter().find(|other| is_unfinished(other.status)) {
        let message = message!(
            PROGRAMME_RUNS,
            "The team has a programme: “{programme}”. Complete or terminate that one first.",
            programme = other.name,
        );
        return Err(Refusal::new(Code::WrongState, message).at("input.teamId"));
    }
    if programmes.len() < MAX_PER_TEAM {
        return Ok(());
    }
    let message = message!(
        PROGRAMMES_PER_TEAM,
        "A team has at most {max} programmes in its history. Create a new team.",
        max = MAX_PER_TEAM,
    );
    Err(Refusal::new(Code::LimitReached, message).at("input.teamId"))
}

/// Reasons why a client or a team accepts no more work.
pub const CLIENT_ARCHIVED: &str = "The client is archived.";
pub const TEAM_ARCHIVED: &str = "The team is archived.";

/// Requires that a team is not archived, and that the franchise works with its client.
pub fn require_active_team(client: ClientStatus, archived: Option<DateTime<Utc>>) -> Result<(), Refusal> {
    let message = match (client, archived) {
        (ClientStatus::Active | ClientStatus::Paused, None) => return Ok(()),
        (ClientStatus::Archived, _) => Message::new("CLIENT_ARCHIVED", CLIENT_ARCHIVED.to_owned(), vec![]),
        (ClientStatus::Prospect, _) => {
            message!(CLIENT_IS_PROSPECT, "The client is a prospect. Make it active first (`clientActivate`).")
        }
        (ClientStatus::Alumni, _) => {
            message!(CLIENT_IS_ALUMNI, "The client is alumni. Make it active first (`clientActivate`).")
        }
        (_, Some(_)) => Message::new("TEAM_ARCHIVED", TEAM_ARCHIVED.to_owned(), vec![]),
    };
    Err(Refusal::new(Code::WrongState, message).at("input.teamId"))
}

/// Requires that a template version is published, so that programmes can run on it.
pub fn require_published(status: TemplateStatus) -> Result<(), Refusal> {
    let message = match status {
        TemplateStatus::Published => return Ok(()),
        TemplateStatus::Draft => message!(VERSION_IS_DRAFT, "The version is a draft. Publish it first."),
        TemplateStatus::Retired => message!(VERSION_IS_RETIRED, "The version is retired. Take a later one."),
    };
    Err(Refusal::new(Code::WrongState, message).at("input.templateVersionId"))
}

/// Requires that a version belongs to the network or to the client's franchise.
pub fn require_available_template(
    version: Option<Id<franchise::Entity>>,
    franchise: Id<franchise::Entity>,
    path: &str,
) -> Result<(), Refusal> {
    if version.is_none_or(|own| own == franchise) {
        return Ok(());
    }
    let message = message!(
        TEMPLATE_OF_ANOTHER_FRANCHISE,
        "This template belongs to another franchise than the client. Choose one of the client's franchise or of the network."
    );
    Err(Refusal::new(Code::Invalid, message).at(path))
}

/// Whether a day is a sensible planned start: at most a year ago, for programmes that began on paper, and at most five
/// years ahead.
pub fn is_sensible_start(on: NaiveDate, today: NaiveDate) -> bool {
    let earliest = today.checked_sub_months(Months::new(12));
    let latest = today.checked_add_months(Months::new(60));
    earliest.is_none_or(|earliest| earliest <= on) && latest.is_none_or(|latest| on <= latest)
}

/// Requires that all stages are passed.
pub fn require_all_passed(stages: &[stage_run::Model]) -> Result<(), Refusal> {
    let left: Vec<String> = stages
        .iter()
        .filter(|stage| stage.status != StageStatus::Passed)
        .map(|stage| format!("“{}”", stage.title))
        .collect();
    if left.is_empty() {
        return Ok(());
    }
    let message = message!(
        STAGES_LEFT,
        "These stages are not passed: {stages}. Pass them first.",
        stages = left.join(", "),
    );
    Err(Refusal::new(Code::CriteriaNotMet, message).at("input.id"))
}

/// Returns the total seconds of pauses if the current pause ends now.
pub fn paused_seconds(programme: &programme::Model, now: DateTime<Utc>) -> i64 {
    let since = programme.paused_at.map_or(0, |since| (now - since).num_seconds().max(0));
    programme.paused_seconds + since
}

/// Returns the row of a pause that begins now.
pub fn new_pause(
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

/// Returns how long a team's programmes were paused between two instants. An open pause counts until the end. A team
/// has one programme at a time, so pauses do not overlap.
pub fn paused_between(
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

/// Returns the row of a stage as planned by the template version. The row is a copy, because a client's people can read
/// stages but not templates.
pub fn new_stage_run(
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

/// Requires that a programme can move to another version: it must be unfinished.
pub fn require_movable(status: ProgrammeStatus) -> Result<(), Refusal> {
    if is_unfinished(status) {
        return Ok(());
    }
    Err(Refusal::new(Code::WrongState, refusal_message(status)).at("input.id"))
}

/// Requires that a programme can move between two versions, each given with the template that it belongs to or is
/// derived from. Within one template it must be a later version; between a template and the ones derived from it, any
/// version.
pub fn require_related_versions(
    from: (&template_version::Model, Id<template::Entity>),
    to: (&template_version::Model, Id<template::Entity>),
) -> Result<(), Refusal> {
    let message = if from.0.id == to.0.id {
        message!(VERSION_RUNS_ALREADY, "The programme runs this version already. Choose another one.")
    } else if from.1 != to.1 {
        message!(
            VERSION_OF_ANOTHER_TEMPLATE,
            "This version belongs to another template than the programme's. Choose one of the same template."
        )
    } else if from.0.template_id == to.0.template_id && to.0.number < from.0.number {
        message!(
            LATER_VERSION_RUNS,
            "The programme runs a later version already. Choose a later one than that."
        )
    } else {
        return Ok(());
    };
    Err(Refusal::new(Code::WrongState, message).at("input.templateVersionId"))
}

/// A stage of a moved programme: the existing run, the stage that the new version plans, and the new position.
#[derive(Clone, Debug)]
pub struct PlacedStage<'a> {
    pub run: Option<&'a stage_run::Model>,
    pub to: Option<&'a template_stage::Model>,
    pub position: i32,
}

impl PlacedStage<'_> {
    /// Title of the stage. A passed stage keeps the title under which it was passed.
    pub fn title(&self) -> &str {
        match (self.run, self.to) {
            (Some(run), None) => &run.title,
            (Some(run), Some(_)) if run.status == StageStatus::Passed => &run.title,
            (_, Some(to)) => &to.title,
            (None, None) => "",
        }
    }
}

/// Returns the stages of a programme after a move, in order, and the runs to remove. Runs are matched by key, or else
/// by title. An unmatched run stays after the one that it followed if it was begun or is linked to other objects.
pub fn place_stages<'a>(
    runs: &'a [impl Borrow<stage_run::Model>],
    keys: &[String],
    targets: &'a [template_stage::Model],
    linked: &[Id<stage_run::Entity>],
) -> (Vec<PlacedStage<'a>>, Vec<&'a stage_run::Model>) {
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
    let mut line: Vec<PlacedStage<'a>> = targets
        .iter()
        .zip(found)
        .map(|(target, run)| PlacedStage { run, to: Some(target), position: 0 })
        .collect();
    let mut removed = Vec::new();
    let mut after = 0;
    for run in runs {
        if let Some(at) = line.iter().position(|one| one.run.is_some_and(|other| other.id == run.id)) {
            after = at + 1;
        } else if run.status != StageStatus::Locked || linked.contains(&run.id) {
            line.insert(after, PlacedStage { run: Some(run), to: None, position: 0 });
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

/// Returns the index of the stage to open after a move: the first that is not passed, or `None` if a stage is open or
/// the programme has not started.
pub fn stage_to_open(placed: &[PlacedStage<'_>], programme: ProgrammeStatus) -> Option<usize> {
    let status = |one: &PlacedStage<'_>| one.run.map_or(StageStatus::Locked, |run| run.status);
    let open = placed.iter().any(|one| status(one) == StageStatus::Open);
    if open || programme == ProgrammeStatus::Planned {
        return None;
    }
    placed.iter().position(|one| status(one) != StageStatus::Passed)
}
