//! Rules of drift: which findings a team's work has now, and how they change the existing signals.

use super::progress::{CycleSpan, PriorityEvidence, ProgressShown, working_time};
use crate::{
    features::{
        check_in::rules::{Slot, week},
        review::rules::CadenceRule,
    },
    kernel::{Code, Message, Refusal, Zone},
    message,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Id,
    action::{self, ActionStatus},
    alignment_round,
    alignment_statement::{self, ConsensusBand},
    check_in_rhythm, drift_policy,
    drift_signal::{self, DriftCause, DriftStatus, DriftUnit},
    network,
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
    Explain,
    Replan,
    Accept,
    Discuss,
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
        (Open | Acknowledged, Step::Explain) => Explained,
        (Open | Acknowledged | Explained, Step::Replan) => Replanned,
        (Open | Acknowledged | Explained, Step::Accept) => Accepted,
        (Open | Acknowledged, Step::Discuss) => Acknowledged,
        (Explained, Step::Discuss) => Explained,
        _ => return Err(Refusal::new(Code::WrongState, refusal_message(status)).at("input.id")),
    };
    Ok(to)
}

fn refusal_message(status: DriftStatus) -> Message {
    use DriftStatus::*;
    match status {
        Open => message!(SIGNAL_OPEN, "The signal is open."),
        Acknowledged => message!(SIGNAL_ACKNOWLEDGED_ALREADY, "The signal is acknowledged already."),
        Explained => message!(SIGNAL_EXPLAINED, "The signal is explained already."),
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
        // A further move is a new decision of a person, even if earlier moves were accepted.
        (Some(signal), Some(found))
            if found.cause == DriftCause::Redated && found.measured > signal.measured =>
        {
            SignalChange::Renew
        }
        (Some(signal), Some(found)) if is_worse_by_half(signal, found) => SignalChange::Renew,
        (Some(_), Some(_)) => SignalChange::Keep,
    }
}

/// Whether the cause of an explained or accepted signal is now half as much again as it was at the answer.
fn is_worse_by_half(signal: &drift_signal::Model, found: &DriftFinding) -> bool {
    let lived_with = matches!(signal.status, DriftStatus::Explained | DriftStatus::Accepted);
    lived_with && signal.answered_measured.is_some_and(|answered| 2 * found.measured >= 3 * answered.max(1))
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

/// Finds the drift of a committed priority whose progress is well behind the elapsed time. Nothing drifts before the cycle
/// has begun, or while nothing shows the progress.
pub fn find_priority_drift(
    priority: &priority::Model,
    evidence: &PriorityEvidence<'_>,
    pauses: &[&programme_pause::Model],
    policy: &drift_policy::Model,
    zone: Zone,
    now: DateTime<Utc>,
) -> Option<DriftFinding> {
    let since = started_at(priority, evidence.cycle, now)?;
    let ProgressShown { progress, elapsed } = evidence.shown(since, pauses, zone, now)?;
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

/// When the time of a committed priority began: with its cycle, or with the commitment if that was later. `None` if the
/// priority is not committed or its cycle has not begun.
fn started_at(priority: &priority::Model, cycle: CycleSpan, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let committed = priority.committed_at.filter(|_| priority.status == PriorityStatus::Committed)?;
    (cycle.starts_at <= now).then(|| committed.max(cycle.starts_at))
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

/// Finds missing check-ins of a committed priority: the last full slots and the present one have none. Slots up to the end
/// of a pause, those that began before the cycle and the slot of the commitment do not count.
pub fn find_missed_check_ins(
    priority: &priority::Model,
    evidence: &PriorityEvidence<'_>,
    rhythms: &[&check_in_rhythm::Model],
    pauses: &[&programme_pause::Model],
    policy: &drift_policy::Model,
    zone: Zone,
    now: DateTime<Utc>,
) -> Option<DriftFinding> {
    started_at(priority, evidence.cycle, now)?;
    let present = Slot::of(week(zone.today(now)), rhythms);
    let latest = evidence.latest_check_in.map(|(slot_on, _)| week(slot_on));
    if latest.is_some_and(|latest| latest >= present.first) {
        return None;
    }
    let ends = pauses.iter().filter(|pause| pause.starts_at < now).map(|pause| pause.ends_at.unwrap_or(now));
    let begun = ends.chain(priority.committed_at).max().map(|at| week(zone.today(at)));
    // a slot that begins with the cycle counts
    let over = begun.max(latest).max(evidence.cycle.starts_on.pred_opt().map(week))?;
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

/// Percentage points of agreement that a published band stands for.
pub const BAND_POINTS: i32 = 25;

/// Finds a drop of agreement in a team's latest revealed round, from published bands alone: how many bands its core
/// statements fell, less those they rose, since the round that it is compared with. At least one band is drift.
pub fn find_agreement_drop(
    latest: &alignment_round::Model,
    statements: &[alignment_statement::Model],
    policy: &drift_policy::Model,
) -> Option<DriftFinding> {
    let place = |band: ConsensusBand| match band {
        ConsensusBand::High => 2,
        ConsensusBand::Mixed => 1,
        ConsensusBand::Low => 0,
    };
    let core = statements.iter().filter(|statement| statement.round_id == latest.id && statement.core);
    let fall =
        |statement: &alignment_statement::Model| Some(place(statement.band_before?) - place(statement.band?));
    let bands: i32 = core.filter_map(fall).sum();
    let needed = (policy.agreement_drop + BAND_POINTS - 1) / BAND_POINTS;
    (bands >= needed.max(1)).then_some(DriftFinding {
        cause: DriftCause::AgreementDown,
        subject: latest.id.uuid(),
        action: None,
        priority: None,
        round: Some(latest.id),
        measured: bands * BAND_POINTS,
        threshold: needed.max(1) * BAND_POINTS,
        unit: DriftUnit::Points,
        since: latest.revealed_at.unwrap_or(latest.opened_at),
        progress: None,
        elapsed: None,
    })
}
