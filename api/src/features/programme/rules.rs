//! The law of programmes.

use crate::kernel::{Code, Refusal};
use chrono::{DateTime, Months, NaiveDate, Utc};
use entity::{
    Id,
    client::ClientStatus,
    franchise,
    programme::{self, ProgrammeStatus},
    stage_run::{self, StageStatus},
    template_version::TemplateStatus,
};

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

/// Whether a team takes new work: neither it nor its client is archived.
pub fn takes_work(client: ClientStatus, archived: Option<DateTime<Utc>>) -> Result<(), Refusal> {
    let message = match (client, archived) {
        (ClientStatus::Active, None) => return Ok(()),
        (ClientStatus::Archived, _) => "The client is archived.",
        (ClientStatus::Active, Some(_)) => "The team is archived.",
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
