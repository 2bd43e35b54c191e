//! Drift signals, raised by the same rules as in production from a client's history. Some are acknowledged, and a few have
//! actions.

use super::{
    making::Making,
    sketch::NetworkShape,
    source::Source,
    story::Outlook,
    vocabulary::drifting::{ACCEPTED, EXPLAINED, REPLANNED},
};
use crate::features::drift::{
    progress::{CycleSpan, PriorityEvidence},
    rules::{self, DriftFinding},
};
use chrono::Duration;
use entity::{
    action, check_in_rhythm,
    client::ClientStatus,
    drift_signal::{self, DriftStatus},
    priority,
    programme::ProgrammeStatus,
    programme_pause, review,
};

/// Raises them for a client of a grown network at work. A programme that is paused has those it had, here none.
pub fn add(making: &mut Making<'_>, programme: ProgrammeStatus, place: usize) {
    let at_work =
        matches!(making.card.outlook, Outlook::Running(_) | Outlook::Completed | Outlook::Terminated(_));
    let is_over = making.batch.clients.last().is_some_and(|row| row.status != ClientStatus::Active);
    let grown = making.directory.sketch.shape == NetworkShape::Grown;
    if !grown || !at_work || is_over || programme == ProgrammeStatus::Paused {
        return;
    }
    // chances of its own: what others draw stays as it is
    let mut source = Source::new(making.directory.sketch.seed, 4_000_000 + place as u64);
    for found in find_drift(making) {
        let row = new_signal(making, &mut source, found);
        making.batch.signals.push(row);
    }
}

fn find_drift(making: &Making<'_>) -> Vec<DriftFinding> {
    let (policy, now) = (rules::default_policy(making.network), making.now);
    let (zone, team) = (making.card.zone, making.team);
    let actions: Vec<&action::Model> =
        making.batch.actions.iter().rev().take_while(|row| row.team_id == team).collect();
    let priorities: Vec<&priority::Model> =
        making.batch.priorities.iter().rev().take_while(|row| row.team_id == team).collect();
    let reviews: Vec<&review::Model> =
        making.batch.reviews.iter().rev().take_while(|row| row.team_id == team).collect();
    let pauses: Vec<&programme_pause::Model> =
        making.batch.pauses.iter().rev().take_while(|row| row.team_id == team).collect();
    let rhythms: Vec<&check_in_rhythm::Model> =
        making.batch.rhythms.iter().rev().take_while(|row| row.team_id == team).collect();
    let mut found: Vec<DriftFinding> =
        actions.iter().flat_map(|action| rules::find_action_drift(action, &pauses, &policy, now)).collect();
    for priority in priorities {
        let Some(evidence) = find_evidence(making, priority) else { continue };
        found.extend(rules::find_priority_drift(priority, &evidence, &pauses, &policy, zone, now));
        found
            .extend(rules::find_missed_check_ins(priority, &evidence, &rhythms, &pauses, &policy, zone, now));
    }
    let cadence = making.batch.cadences.last().filter(|row| row.team_id == team && row.ended_at.is_none());
    found.extend(
        cadence.and_then(|cadence| rules::find_review_gap(team, cadence, &reviews, &pauses, &policy, now)),
    );
    found
}

/// What shows the progress of a priority.
fn find_evidence<'a>(making: &'a Making<'_>, priority: &priority::Model) -> Option<PriorityEvidence<'a>> {
    let (batch, team) = (&making.batch, making.team);
    let cycle = batch.cycles.iter().rev().find(|row| row.id == priority.cycle_id)?;
    let measurables = batch.measurables.iter().rev().take_while(|row| row.team_id == team);
    let latest = |id| {
        let values = batch.values.iter().rev().take_while(|row| row.team_id == team);
        let values = values.filter(|row| row.measurable_id == id);
        values.map(|row| row.period_on).max()
    };
    let milestones = batch.milestones.iter().rev().take_while(|row| row.team_id == team);
    let check_ins = batch.check_ins.iter().rev().take_while(|row| row.team_id == team);
    let check_ins = check_ins.filter(|row| row.priority_id == Some(priority.id));
    let of = measurables.filter(|row| row.priority_id == Some(priority.id)).map(|row| (row, latest(row.id)));
    Some(PriorityEvidence {
        cycle: CycleSpan::of(cycle, making.card.zone),
        measurables: of.collect(),
        milestones: milestones.filter(|row| row.priority_id == priority.id).collect(),
        latest_check_in: check_ins.max_by_key(|row| row.slot_on).map(|row| (row.slot_on, row.status)),
    })
}

fn new_signal(making: &Making<'_>, source: &mut Source, found: DriftFinding) -> drift_signal::Model {
    let hours = source.between(2, 12 * 24);
    let raised_at = (making.now - Duration::hours(hours)).max(found.since).min(making.now);
    let later = raised_at + (making.now - raised_at) / 2;
    let (status, note) = match source.below(100) {
        0..62 => (DriftStatus::Open, None),
        62..84 => (DriftStatus::Acknowledged, None),
        84..89 => (DriftStatus::Explained, Some(*source.pick(EXPLAINED))),
        89..94 => (DriftStatus::Accepted, Some(*source.pick(ACCEPTED))),
        _ => (DriftStatus::Replanned, Some(*source.pick(REPLANNED))),
    };
    drift_signal::Model {
        id: source.id(raised_at),
        network_id: making.network,
        client_id: making.client,
        team_id: making.team,
        cause: found.cause,
        subject_id: found.subject,
        action_id: found.action,
        priority_id: found.priority,
        alignment_round_id: found.round,
        status,
        measured: found.measured,
        threshold: found.threshold,
        unit: found.unit,
        since: found.since,
        progress: found.progress,
        elapsed: found.elapsed,
        current_measured: found.measured,
        current_progress: found.progress,
        current_elapsed: found.elapsed,
        answered_measured: note.map(|_| found.measured),
        on_next_agenda: status == DriftStatus::Acknowledged && source.chance(40),
        note: note.map(str::to_owned),
        raised_at,
        acknowledged_at: (status == DriftStatus::Acknowledged).then_some(later),
        answered_at: note.map(|_| later),
        ended_at: None,
        version: if status == DriftStatus::Open { 1 } else { 2 },
    }
}
