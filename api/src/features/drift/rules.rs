//! The law of drift: what a team's work, looked at now, gives rise to, and what becomes of the signals there are.

use crate::{
    features::{
        check_in::rules::{Slot, week},
        programme::rules::paused_within,
        review::rules::Rhythm,
    },
    kernel::{Code, Refusal, Zone},
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

/// What is found: a cause, and the figures that show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub cause: DriftCause,
    pub subject: Uuid,
    pub action: Option<Id<action::Entity>>,
    pub priority: Option<Id<priority::Entity>>,
    pub round: Option<Id<alignment_round::Entity>>,
    pub measured: i32,
    pub threshold: i32,
    pub unit: DriftUnit,
    /// What it is measured from.
    pub since: DateTime<Utc>,
    /// Of what should be there, in per cent: done, and elapsed.
    pub progress: Option<i32>,
    pub elapsed: Option<i32>,
}

/// What is done with a signal that lasts, or might.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// A signal is raised.
    Raise,
    /// The signal ends: its cause is gone.
    End,
    /// It ends, and another is raised: it was answered, and then became worse.
    Renew,
    /// Nothing changes.
    Leave,
}

/// What a person answers to a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Acknowledge,
    Replan,
    Accept,
}

/// The thresholds that every network begins with.
pub fn usual(network: Id<network::Entity>) -> drift_policy::Model {
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

/// The status a signal has after a step, where its status allows the step.
pub fn next(status: DriftStatus, step: Step) -> Result<DriftStatus, Refusal> {
    use DriftStatus::*;
    let to = match (status, step) {
        (Open, Step::Acknowledge) => Acknowledged,
        (Open | Acknowledged, Step::Replan) => Replanned,
        (Open | Acknowledged, Step::Accept) => Accepted,
        _ => return Err(Refusal::new(Code::WrongState, why_not(status)).at("input.id")),
    };
    Ok(to)
}

fn why_not(status: DriftStatus) -> &'static str {
    use DriftStatus::*;
    match status {
        Open => "The signal is open.",
        Acknowledged => "The signal is acknowledged already.",
        Replanned => "The team has planned anew because of it.",
        Accepted => "The team has accepted it.",
        Cleared => "Its cause is gone.",
    }
}

/// What becomes of a signal that lasts, given what is found now.
pub fn course(lasting: Option<&drift_signal::Model>, found: Option<&Finding>) -> Course {
    match (lasting, found) {
        (None, None) => Course::Leave,
        (None, Some(_)) => Course::Raise,
        (Some(_), None) => Course::End,
        // days pass by themselves; a further move is somebody's doing, also where earlier ones were accepted
        (Some(signal), Some(found))
            if found.cause == DriftCause::Redated && found.measured > signal.measured =>
        {
            Course::Renew
        }
        (Some(_), Some(_)) => Course::Leave,
    }
}

/// The status of a signal whose cause is gone: an answer stays what it is.
pub fn ended(status: DriftStatus) -> DriftStatus {
    match status {
        DriftStatus::Open | DriftStatus::Acknowledged => DriftStatus::Cleared,
        answered => answered,
    }
}

/// Whether an action can give rise to anything: what cannot is not looked at.
pub fn suspicious(action: &action::Model, now: DateTime<Utc>) -> bool {
    action.moves > 0 || action.baseline_at.is_some_and(|baseline| baseline <= now)
}

/// Whether an action is still to be done: what is closed gives rise to nothing.
pub fn to_be_done(action: &action::Model) -> bool {
    ActionStatus::TO_BE_DONE.contains(&action.status)
}

/// What an action gives rise to. Time in which its team's programme was paused makes nothing late.
pub fn of_action(
    action: &action::Model,
    pauses: &[&programme_pause::Model],
    policy: &drift_policy::Model,
    now: DateTime<Utc>,
) -> Vec<Finding> {
    let found = |cause, measured, threshold, unit, since| Finding {
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
    if !to_be_done(action) {
        return findings;
    }
    let late = action.baseline_at.filter(|baseline| {
        let days = TimeDelta::days(policy.days_past_baseline.into());
        // one that was re-dated to a day that lies ahead was planned anew
        action.status == ActionStatus::Accepted
            && worked(*baseline, now, pauses) > days
            && action.due_at <= now
    });
    if let Some(baseline) = late {
        let days = worked(baseline, now, pauses).num_days() as i32;
        let threshold = policy.days_past_baseline;
        findings.push(found(DriftCause::PastBaseline, days, threshold, DriftUnit::Days, baseline));
    }
    if action.moves >= policy.moves {
        let since = action.accepted_at.unwrap_or(action.offered_at);
        findings.push(found(DriftCause::Redated, action.moves, policy.moves, DriftUnit::Moves, since));
    }
    findings
}

/// How much of a priority's work is done, in per cent: the weight of its milestones that are reached, or, where it has
/// none, its actions, those declined and cancelled left out. `None`: there is nothing to measure by.
pub fn progress(milestones: &[&milestone::Model], actions: &[&action::Model]) -> Option<i32> {
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

/// The time from an instant to now, but for pauses.
fn worked(from: DateTime<Utc>, now: DateTime<Utc>, pauses: &[&programme_pause::Model]) -> TimeDelta {
    now - from - paused_within(pauses, from, now)
}

/// How much of the time between two instants is over, in per cent. Pauses are no part of what is over, and what was
/// planned stays as it was planned.
pub fn elapsed(
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    pauses: &[&programme_pause::Model],
    now: DateTime<Utc>,
) -> i32 {
    let (whole, part) = ((to - from).num_seconds().max(1), worked(from, now, pauses).num_seconds());
    (100 * part / whole).clamp(0, 100) as i32
}

/// What a priority gives rise to, with its milestones and the actions that serve it.
pub fn of_priority(
    priority: &priority::Model,
    milestones: &[&milestone::Model],
    actions: &[&action::Model],
    pauses: &[&programme_pause::Model],
    policy: &drift_policy::Model,
    now: DateTime<Utc>,
) -> Option<Finding> {
    let since = priority.committed_at.filter(|_| priority.status == PriorityStatus::Committed)?;
    let (progress, elapsed) = (progress(milestones, actions)?, elapsed(since, priority.due_at, pauses, now));
    let behind = elapsed - progress;
    (behind >= policy.points_behind).then_some(Finding {
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

/// What a team's rhythm gives rise to: no review for so long, counted from the last one that was held or excused, or
/// from when the cadence was set, but for pauses.
pub fn of_rhythm(
    team: Id<team::Entity>,
    cadence: &review_cadence::Model,
    reviews: &[&review::Model],
    pauses: &[&programme_pause::Model],
    policy: &drift_policy::Model,
    now: DateTime<Utc>,
) -> Option<Finding> {
    let last = reviews.iter().filter_map(|review| match review.status {
        ReviewStatus::Met | ReviewStatus::Late => review.held_at,
        ReviewStatus::Excused => Some(review.due_at.min(now)),
        ReviewStatus::Due | ReviewStatus::Missed => None,
    });
    let since = last.max().map_or(cadence.created_at, |last| last.max(cadence.created_at));
    let longest = Rhythm::of(cadence).days() * policy.review_gap_percent / 100;
    let days = worked(since, now, pauses).num_days() as i32;
    (days > longest).then_some(Finding {
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

/// What a committed priority gives rise to whose last full slots went by without a check-in, nor has this one seen any,
/// given the slot of its latest. Slots up to the end of a pause do not count, nor does the one it was committed in.
pub fn of_check_ins(
    priority: &priority::Model,
    latest: Option<NaiveDate>,
    rhythms: &[&check_in_rhythm::Model],
    pauses: &[&programme_pause::Model],
    policy: &drift_policy::Model,
    zone: Zone,
    now: DateTime<Utc>,
) -> Option<Finding> {
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
    Some(Finding {
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

/// What a team's latest revealed round gives rise to, with its exact figures and those of the round it is compared with.
/// The figures themselves are told to nobody, so the drop is told in whole steps of five points.
pub fn of_rounds(
    latest: &alignment_round::Model,
    measures: &[alignment_measure::Model],
    policy: &drift_policy::Model,
) -> Option<Finding> {
    let agreement = |round| measures.iter().find(|row| Some(row.round_id) == round).map(|row| row.agreement);
    let (before, now) = (agreement(latest.compared_id)?, agreement(Some(latest.id))?);
    let drop = before - now;
    (drop >= 100 * policy.agreement_drop).then_some(Finding {
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
