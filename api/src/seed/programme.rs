//! A client's programme: its stages with their history, and the criteria that were confirmed.

use super::{
    calendar::{At, day},
    making::Making,
    source::Source,
    story::{Outlook, days},
    vocabulary::reasons::{CONFIRMED, OVERRIDDEN, PAUSED, REOPENED, TERMINATED},
};
use crate::features::{stage::rules::OVERDUE_DAYS, template::stratpro::STRATPRO};
use chrono::{Datelike, Duration};
use entity::{
    Id,
    action::ActionStatus,
    programme::{self, ProgrammeStatus},
    programme_pause,
    session::SessionStatus,
    stage_check,
    stage_criterion::CriterionKind,
    stage_event::{self, StageEventKind},
    stage_run::{self, StageStatus},
};

type Run = Id<stage_run::Entity>;

/// The programme as it stands; `None` where the client has none yet.
pub fn draw(making: &mut Making<'_>) -> Option<programme::Model> {
    let (card, now) = (making.card, making.now);
    let line = card.line.as_ref();
    let status = match card.outlook {
        Outlook::Fresh => return None,
        Outlook::Planned => ProgrammeStatus::Planned,
        Outlook::Running(_) => ProgrammeStatus::Active,
        Outlook::Paused(_) => ProgrammeStatus::Paused,
        Outlook::Completed => ProgrammeStatus::Completed,
        Outlook::Terminated(_) => ProgrammeStatus::Terminated,
    };
    let over = matches!(status, ProgrammeStatus::Completed | ProgrammeStatus::Terminated);
    let paused = status == ProgrammeStatus::Paused;
    let started_at = line.map(|line| line.started);
    let ahead = now + Duration::days(making.source.between(6, 40));
    let start_on = day(started_at.unwrap_or(ahead), card.zone);
    let before = started_at.unwrap_or(now) - Duration::hours(1);
    let created_at = making.moment(card.created_at + Duration::hours(1), before);
    let had_pause =
        line.is_some_and(|line| (line.end - line.started).num_days() > 120) && making.source.chance(7);
    let reason = match status {
        ProgrammeStatus::Paused => Some(*making.source.pick(PAUSED)),
        ProgrammeStatus::Terminated => Some(*making.source.pick(TERMINATED)),
        _ => None,
    };
    Some(programme::Model {
        id: making.source.id(created_at),
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        template_version_id: making.directory.version,
        name: format!("{} {}", STRATPRO.name, start_on.year()),
        status,
        planned_start_on: start_on,
        started_at,
        paused_at: line.filter(|_| paused).map(|line| line.end),
        paused_seconds: if had_pause { 86_400 * making.source.between(10, 30) } else { 0 },
        ended_at: line.filter(|_| over).map(|line| line.end),
        reason: reason.map(str::to_owned),
        created_at,
        version: match status {
            ProgrammeStatus::Planned => 1,
            ProgrammeStatus::Active => 2,
            _ => 3,
        },
    })
}

/// When it was paused: since its team stopped work, or for as long as it is known to have been, amid its work.
pub fn add_pauses(making: &mut Making<'_>, programme: &programme::Model, place: usize) {
    let Some(line) = making.card.line.as_ref() else { return };
    // chances of its own: what others draw stays as it is
    let mut source = Source::new(making.directory.sketch.seed, 7_000_000 + place as u64);
    let length = Duration::seconds(programme.paused_seconds);
    let amid = line.started + (line.end - length - line.started) / 100 * source.between(30, 70) as i32;
    let over = (!length.is_zero()).then_some((amid, Some(amid + length)));
    let lasting = programme.paused_at.map(|since| (since, None));
    for (starts_at, ends_at) in over.into_iter().chain(lasting) {
        making.batch.pauses.push(programme_pause::Model {
            id: source.id(starts_at),
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            programme_id: programme.id,
            starts_at,
            ends_at,
        });
    }
}

/// The ids of its stages.
pub fn draw_runs(making: &mut Making<'_>, programme: &programme::Model) -> Vec<Run> {
    STRATPRO.stages.iter().map(|_| making.source.id(programme.created_at)).collect()
}

/// Writes it with its stages and their history.
pub fn add(making: &mut Making<'_>, programme: programme::Model, runs: &[Run]) {
    for (at, stage) in STRATPRO.stages.iter().enumerate() {
        let window = making.card.line.as_ref().and_then(|line| line.stages.get(at)).copied();
        let (opened_at, passed_at) = window.map_or((None, None), |(opened, passed)| (Some(opened), passed));
        let status = match (opened_at, passed_at) {
            (None, _) => StageStatus::Locked,
            (_, None) => StageStatus::Open,
            _ => StageStatus::Passed,
        };
        let met = passed_at.is_none() || met(making, runs, at);
        let override_reason = (!met).then(|| (*making.source.pick(OVERRIDDEN)).to_owned());
        let mut times_reopened = 0;
        if let Some(opened) = opened_at {
            times_reopened = history(making, runs[at], opened, passed_at, override_reason.clone());
            checks(making, runs[at], at, opened, passed_at);
        }
        making.batch.stages.push(stage_run::Model {
            id: runs[at],
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            programme_id: programme.id,
            template_stage_id: making.directory.stages[at].id,
            position: at as i32 + 1,
            title: stage.title.into(),
            purpose: stage.purpose.into(),
            planned_days: stage.planned_days,
            status,
            opened_at,
            passed_at,
            override_reason,
            times_reopened,
            version: 1 + i32::from(opened_at.is_some()) + i32::from(passed_at.is_some()) + 2 * times_reopened,
        });
    }
    making.batch.programmes.push(programme);
}

/// Whether what happened meets the criteria of a stage. What is confirmed in words always was.
fn met(making: &Making<'_>, runs: &[Run], at: usize) -> bool {
    let Some((opened, Some(passed))) =
        making.card.line.as_ref().and_then(|line| line.stages.get(at)).copied()
    else {
        return false;
    };
    let batch = &making.batch;
    let here = |client| client == making.client;
    making.directory.stages[at].criteria.iter().all(|(_, kind, quantity)| {
        let have = match kind {
            CriterionKind::Confirmed => *quantity as usize,
            CriterionKind::SessionsHeld => {
                let within = |start: At| (opened..=passed).contains(&start);
                let mine = batch.sessions.iter().rev().take_while(|row| here(row.client_id));
                mine.filter(|row| row.status == SessionStatus::Held && within(row.starts_at)).count()
            }
            CriterionKind::PrioritiesCommitted => {
                let mine = batch.priorities.iter().rev().take_while(|row| here(row.client_id));
                let by_then = |at: Option<At>| at.is_some_and(|at| at <= passed);
                mine.filter(|row| row.stage_run_id == Some(runs[at]) && by_then(row.committed_at)).count()
            }
            CriterionKind::DecisionsRatified => {
                let mine = batch.decisions.iter().rev().take_while(|row| here(row.client_id));
                let by_then = |at: Option<At>| at.is_some_and(|at| at <= passed);
                mine.filter(|row| row.stage_run_id == Some(runs[at]) && by_then(row.ratified_at)).count()
            }
            CriterionKind::RoundsRevealed => {
                let mine = batch.rounds.iter().rev().take_while(|row| here(row.client_id));
                let by_then = |at: Option<At>| at.is_some_and(|at| (opened..=passed).contains(&at));
                mine.filter(|row| row.revote_of_id.is_none() && by_then(row.revealed_at)).count()
            }
            CriterionKind::ActionsAccepted => {
                let mine = batch.actions.iter().rev().take_while(|row| here(row.client_id));
                mine.filter(|row| row.accepted_at.is_some_and(|at| at <= passed)).count()
            }
            CriterionKind::ActionsDone => {
                let mine: Vec<_> = batch.actions.iter().rev().take_while(|row| here(row.client_id)).collect();
                let closed = |row: &entity::action::Model| row.closed_at.is_some_and(|at| at <= passed);
                let last = passed - Duration::days(OVERDUE_DAYS);
                let done = mine.iter().filter(|row| closed(row) && row.status == ActionStatus::Done).count();
                if mine.iter().any(|row| !closed(row) && row.due_at < last) { 0 } else { done }
            }
        };
        have >= *quantity as usize
    })
}

/// What happened to a stage. Answers how often it was opened again.
fn history(making: &mut Making<'_>, run: Run, opened: At, passed: Option<At>, reason: Option<String>) -> i32 {
    event(making, run, StageEventKind::Opened, None, opened);
    let Some(passed) = passed else { return 0 };
    let again = passed - opened > Duration::days(12) && making.source.chance(5);
    if again {
        let first = passed - days(6.0 + 4.0 * making.source.part());
        event(making, run, StageEventKind::Passed, None, first);
        let why = (*making.source.pick(REOPENED)).to_owned();
        event(making, run, StageEventKind::Reopened, Some(why), first + Duration::hours(47));
    }
    let kind = if reason.is_some() { StageEventKind::Overridden } else { StageEventKind::Passed };
    event(making, run, kind, reason, passed);
    i32::from(again)
}

fn event(making: &mut Making<'_>, run: Run, kind: StageEventKind, reason: Option<String>, at: At) {
    making.batch.events.push(stage_event::Model {
        id: making.source.id(at),
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        stage_run_id: run,
        kind,
        person_id: making.card.lead,
        reason,
        at,
    });
}

/// Confirmations: all of a stage that was passed, perhaps one of a stage that is open.
fn checks(making: &mut Making<'_>, run: Run, at: usize, opened: At, passed: Option<At>) {
    let directory = making.directory;
    let end = making.card.line.as_ref().map_or(opened, |line| line.until(at));
    for (criterion, kind, _) in &directory.stages[at].criteria {
        if *kind != CriterionKind::Confirmed || passed.is_none() && !making.source.chance(25) {
            continue;
        }
        let confirmed_at = making.moment((end - Duration::days(4)).max(opened), end);
        making.batch.checks.push(stage_check::Model {
            id: making.source.id(confirmed_at),
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            stage_run_id: run,
            stage_criterion_id: *criterion,
            person_id: making.card.lead,
            note: (*making.source.pick(CONFIRMED)).into(),
            confirmed_at,
        });
    }
}
