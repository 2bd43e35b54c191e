//! Rules of drift: which findings a team's work has now, and how they change the existing signals.

use crate::{
    features::{
        check_in::rules::{Slot, week},
        programme::rules::paused_between,
        review::rules::CadenceRule,
    },
    kernel::{Code, Message, Refusal, Zone},
    message,
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    Id,
    action::{self, ActionStatus},
    alignment_measure, alignment_round, check_in_rhythm, drift_policy,
    drift_signal::{self, DriftCause, DriftStatus, DriftUnit},
    milestone, network,
    priority::{self, PriorityStatus},
    programme_pause,
    review::{self, ReviewStatus},
    review_cadence, team,
};
use uuid::Uuid;

/// A cause of drift and its evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct DriftFinding {
    pub cause: DriftCause,
    pub subject: Uuid,
    pub action: Option<Id<action::Entity>>,
    pub priority: Option<Id<priority::Entity>>,
    pub round: Option<Id<alignment_round::Entity>>,
    pub measured: i32,
    pub threshold: i32,
    pub unit: DriftUnit,
    /// Start of the measured time.
    pub since: DateTime<Utc>,
    /// Share of the work that is done, in per cent. `None` if the cause does not depend on progress.
    pub progress: Option<i32>,
    /// Share of the time that has elapsed, in per cent. `None` if the cause does not depend on progress.
    pub elapsed: Option<i32>,
}

/// A change of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalChange {
    /// Raise a signal.
    Raise,
    /// End the signal, because its cause is gone.
    End,
    /// End the signal and raise a new one, because the cause became worse after the answer.
    Renew,
    /// No change.
    Keep,
}

/// A person's answer to a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Acknowledge,
    Replan,
    Accept,
}

/// The thresholds of a new network.
pub fn default_policy(network: Id<network::Entity>) -> drift_policy::Model {
    drift_policy::Model {
        id: Id::new(network.uuid()),
        network_id: network,
        check_ins_missed: 2,
        days_past_baseline: 7,
        points_behind: 20,
        moves: 2,
        review_gap_percent: 150,
        agreement_drop: 15,
        version: 1,
    }
}

/// The status of a signal after a step. Refuses a step that the present status does not allow.
pub fn next_status(status: DriftStatus, step: Step) -> Result<DriftStatus, Refusal> {
    use DriftStatus::*;
    let to = match (status, step) {
        (Open, Step::Acknowledge) => Acknowledged,
        (Open | Acknowledged, Step::Replan) => Replanned,
        (Open | Acknowledged, Step::Accept) => Accepted,
        _ => return Err(Refusal::new(Code::WrongState, refusal_message(status)).at("input.id")),
    };
    Ok(to)
}

fn refusal_message(status: DriftStatus) -> Message {
    use DriftStatus::*;
    match status {
        Open => message!(SIGNAL_OPEN, "The signal is open."),
        Acknowledged => message!(SIGNAL_ACKNOWLEDGED_ALREADY, "The signal is acknowledged already."),
        Replanned => message!(SIGNAL_REPLANNED, "The team has planned anew because of the signal."),
        Accepted => message!(SIGNAL_ACCEPTED, "The team has accepted the signal."),
        Cleared => message!(SIGNAL_CLEARED, "The cause of the signal is gone."),
    }
}

/// The change of a lasting signal, given the present finding.
pub fn signal_change(lasting: Option<&drift_signal::Model>, found: Option<&DriftFinding>) -> SignalChange {
    match (lasting, found) {
        (None, None) => SignalChange::Keep,
        (None, Some(_)) => SignalChange::Raise,
        (Some(_), None) => SignalChange::End,
        // More days do not renew a signal, but a further move is a new decision of a person, even if earlier moves were
        // accepted.
        (Some(signal), Some(found))
            if found.cause == DriftCause::Redated && found.measured > signal.measured =>
        {
            SignalChange::Renew
        }
        (Some(_), Some(_)) => SignalChange::Keep,
    }
}

/// The status of a signal whose cause is gone. An answered signal keeps its status.
pub fn ended_status(status: DriftStatus) -> DriftStatus {
    match status {
        DriftStatus::Open | DriftStatus::Acknowledged => DriftStatus::Cleared,
        answered => answered,
    }
}

/// Whether an action can have drift. Other actions need no further checks.
pub fn can_drift(action: &action::Model, now: DateTime<Utc>) -> bool {
    action.moves > 0 || action.baseline_at.is_some_and(|baseline| baseline <= now)
}

/// Whether an action is still to be done. Closed actions have no drift.
pub fn is_to_be_done(action: &action::Model) -> bool {
    ActionStatus::TO_BE_DONE.contains(&action.status)
}

/// Finds the drift of an action. Pauses of the team's programme do not count as time.
pub fn find_action_drift(
    action: &action::Model,
    pauses: &[&programme_pause::Model],
    policy: &drift_policy::Model,
    now: DateTime<Utc>,
) -> Vec<DriftFinding> {
    let found = |cause, measured, threshold, unit, since| DriftFinding {
        cause,
        subject: action.id.uuid(),
        action: Some(action.id),
        priority: action.priority_id,
        round: None,
        measured,
        threshold,
        unit,
        since,
        progress: None,
        elapsed: None,
    };
    let mut findings = Vec::new();
    if !is_to_be_done(action) {
        return findings;
    }
    let late = action.baseline_at.filter(|baseline| {
        let days = TimeDelta::days(policy.days_past_baseline.into());
        // An action that was moved to a future date has a new plan.
        action.status == ActionStatus::Accepted
            && working_time(*baseline, now, pauses) > days
            && action.due_at <= now
    });
    if let Some(baseline) = late {
        let days = working_time(baseline, now, pauses).num_days() as i32;
        let threshold = policy.days_past_baseline;
        findings.push(found(DriftCause::PastBaseline, days, threshold, DriftUnit::Days, baseline));
    }
    if action.moves >= policy.moves {
        let since = action.accepted_at.unwrap_or(action.offered_at);
        findings.push(found(DriftCause::Redated, action.moves, policy.moves, DriftUnit::Moves, since));
    }
    findings
}

/// Share of a priority's work that is done, in per cent: by the weights of its milestones or, without milestones, by the
/// number of its actions, except declined and cancelled ones. `None` if it has neither.
pub fn progress_percent(milestones: &[&milestone::Model], actions: &[&action::Model]) -> Option<i32> {
    let there = || milestones.iter().filter(|milestone| milestone.removed_at.is_none());
    let whole: i32 = there().map(|milestone| milestone.weight).sum();
    if whole > 0 {
        let reached = there().filter(|milestone| milestone.done_at.is_some());
        return Some(100 * reached.map(|milestone| milestone.weight).sum::<i32>() / whole);
    }
    let counted: Vec<_> = actions
        .iter()
        .filter(|action| !matches!(action.status, ActionStatus::Declined | ActionStatus::Cancelled))
        .collect();
    let done = counted.iter().filter(|action| action.status == ActionStatus::Done).count();
    (!counted.is_empty()).then(|| (100 * done / counted.len()) as i32)
}

/// The time from an instant to now, without pauses.
fn working_time(from: DateTime<Utc>, now: DateTime<Utc>, pauses: &[&programme_pause::Model]) -> TimeDelta {
    now - from - paused_between(pauses, from, now)
}

/// Share of the time between two instants that has elapsed, in per cent. Pauses do not count as elapsed, and do not shorten
/// the whole time.
pub fn elapsed_percent(
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    pauses: &[&programme_pause::Model],
    now: DateTime<Utc>,
) -> i32 {
    let (whole, part) = ((to - from).num_seconds().max(1), working_time(from, now, pauses).num_seconds());
    (100 * part / whole).clamp(0, 100) as i32
}

/// Finds the drift of a priority, given its milestones and the actions that serve it.
pub fn find_priority_drift(
    priority: &priority::Model,
    milestones: &[&milestone::Model],
    actions: &[&action::Model],
    pauses: &[&programme_pause::Model],
    policy: &drift_policy::Model,
    now: DateTime<Utc>,
) -> Option<DriftFinding> {
    let since = priority.committed_at.filter(|_| priority.status == PriorityStatus::Committed)?;
    let (progress, elapsed) =
        (progress_percent(milestones, actions)?, elapsed_percent(since, priority.due_at, pauses, now));
    let behind = elapsed - progress;
    (behind >= policy.points_behind).then_some(DriftFinding {
        cause: DriftCause::Behind,
        subject: priority.id.uuid(),
        action: None,
        priority: Some(priority.id),
        round: None,
        measured: behind,
        threshold: policy.points_behind,
        unit: DriftUnit::Points,
        since,
        progress: Some(progress),
        elapsed: Some(elapsed),
    })
}

/// Finds a gap between reviews: the time without pauses since the last held or excused review, or since the cadence was set,
/// is too long.
pub fn find_review_gap(
    team: Id<team::Entity>,
    cadence: &review_cadence::Model,
    reviews: &[&review::Model],
    pauses: &[&programme_pause::Model],
    policy: &drift_policy::Model,
    now: DateTime<Utc>,
) -> Option<DriftFinding> {
    let last = reviews.iter().filter_map(|review| match review.status {
        ReviewStatus::Met | ReviewStatus::Late => review.held_at,
        ReviewStatus::Excused => Some(review.due_at.min(now)),
        ReviewStatus::Due | ReviewStatus::Missed => None,
    });
    let since = last.max().map_or(cadence.created_at, |last| last.max(cadence.created_at));
    let longest = CadenceRule::of(cadence).days() * policy.review_gap_percent / 100;
    let days = working_time(since, now, pauses).num_days() as i32;
    (days > longest).then_some(DriftFinding {
        cause: DriftCause::ReviewGap,
        subject: team.uuid(),
        action: None,
        priority: None,
        round: None,
        measured: days,
        threshold: longest,
        unit: DriftUnit::Days,
        since,
        progress: None,
        elapsed: None,
    })
}

/// Finds missing check-ins of a committed priority: the last full slots and the present one have none. `latest` is the slot
/// of the latest check-in. Slots up to the end of a pause and the slot of the commitment do not count.
pub fn find_missed_check_ins(
    priority: &priority::Model,
    latest: Option<NaiveDate>,
    rhythms: &[&check_in_rhythm::Model],
    pauses: &[&programme_pause::Model],
    policy: &drift_policy::Model,
    zone: Zone,
    now: DateTime<Utc>,
) -> Option<DriftFinding> {
    let committed = priority.committed_at.filter(|_| priority.status == PriorityStatus::Committed)?;
    let (present, latest) = (Slot::of(week(zone.today(now)), rhythms), latest.map(week));
    if latest.is_some_and(|latest| latest >= present.first) {
        return None;
    }
    let ends = pauses.iter().filter(|pause| pause.starts_at < now).map(|pause| pause.ends_at.unwrap_or(now));
    let begun = week(zone.today(ends.fold(committed, Ord::max)));
    let over = latest.map_or(begun, |latest| latest.max(begun));
    let slots = std::iter::successors(Some(present.before(rhythms)), |slot| Some(slot.before(rhythms)));
    let blank: Vec<Slot> = slots.take_while(|slot| slot.first > over).take(53).collect();
    let measured = blank.len() as i32;
    let since = blank.last().filter(|_| measured >= policy.check_ins_missed)?.starts_on();
    Some(DriftFinding {
        cause: DriftCause::CheckInsMissed,
        subject: priority.id.uuid(),
        action: None,
        priority: Some(priority.id),
        round: None,
        measured,
        threshold: policy.check_ins_missed,
        unit: DriftUnit::Slots,
        since: zone.end_of_day(since.pred_opt().unwrap_or(since)),
        progress: None,
        elapsed: None,
    })
}

/// Finds a drop of agreement in a team's latest revealed round, from the exact figures of both rounds. The drop is rounded to
/// steps of five points, because exact figures must not be disclosed.
pub fn find_agreement_drop(
    latest: &alignment_round::Model,
    measures: &[alignment_measure::Model],
    policy: &drift_policy::Model,
) -> Option<DriftFinding> {
    let agreement = |round| measures.iter().find(|row| Some(row.round_id) == round).map(|row| row.agreement);
    let (before, now) = (agreement(latest.compared_id)?, agreement(Some(latest.id))?);
    let drop = before - now;
    (drop >= 100 * policy.agreement_drop).then_some(DriftFinding {
        cause: DriftCause::AgreementDown,
        subject: latest.id.uuid(),
        action: None,
        priority: None,
        round: Some(latest.id),
        measured: (drop / 500 * 5).max(policy.agreement_drop),
        threshold: policy.agreement_drop,
        unit: DriftUnit::Points,
        since: latest.revealed_at.unwrap_or(latest.opened_at),
        progress: None,
        elapsed: None,
    })
}
