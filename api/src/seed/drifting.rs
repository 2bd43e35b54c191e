//! Drift signals, raised by the same rules as in production from a client's history. Some are acknowledged, and a few have
//! actions.

use super::{
    making::Making,
    sketch::NetworkShape,
    source::Source,
    story::Outlook,
    vocabulary::drifting::{ACCEPTED, REPLANNED},
};
use crate::features::drift::rules::{self, DriftFinding};
use chrono::Duration;
use entity::{
    action, check_in_rhythm,
    client::ClientStatus,
    drift_signal::{self, DriftStatus},
    priority,
    programme::{self, ProgrammeStatus},
    programme_pause, review,
};

/// Raises them for a client of a grown network at work. A programme that is paused has those it had, here none.
pub fn add(making: &mut Making<'_>, programme: &programme::Model, place: usize) {
    let at_work =
        matches!(making.card.outlook, Outlook::Running(_) | Outlook::Completed | Outlook::Terminated(_));
    let archived = making.batch.clients.last().is_some_and(|row| row.status == ClientStatus::Archived);
    let grown = making.directory.sketch.shape == NetworkShape::Grown;
    if !grown || !at_work || archived || programme.status == ProgrammeStatus::Paused {
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
        let serves = |action: &&&action::Model| action.priority_id == Some(priority.id);
        let serving: Vec<&action::Model> = actions.iter().filter(serves).copied().collect();
        found.extend(rules::find_priority_drift(priority, &[], &serving, &pauses, &policy, now));
        let told = making.batch.check_ins.iter().rev().take_while(|row| row.team_id == team);
        let told = told.filter(|row| row.priority_id == Some(priority.id));
        let latest = told.map(|row| row.slot_on).max();
        found.extend(rules::find_missed_check_ins(priority, latest, &rhythms, &pauses, &policy, zone, now));
    }
    let cadence = making.batch.cadences.last().filter(|row| row.team_id == team && row.ended_at.is_none());
    found.extend(
        cadence.and_then(|cadence| rules::find_review_gap(team, cadence, &reviews, &pauses, &policy, now)),
    );
    found
}

fn new_signal(making: &Making<'_>, source: &mut Source, found: DriftFinding) -> drift_signal::Model {
    let hours = source.between(2, 12 * 24);
    let raised_at = (making.now - Duration::hours(hours)).max(found.since).min(making.now);
    let later = raised_at + (making.now - raised_at) / 2;
    let (status, note) = match source.below(100) {
        0..62 => (DriftStatus::Open, None),
        62..86 => (DriftStatus::Acknowledged, None),
        86..94 => (DriftStatus::Accepted, Some(*source.pick(ACCEPTED))),
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
        note: note.map(str::to_owned),
        raised_at,
        acknowledged_at: (status == DriftStatus::Acknowledged).then_some(later),
        answered_at: note.map(|_| later),
        ended_at: None,
        version: if status == DriftStatus::Open { 1 } else { 2 },
    }
}
