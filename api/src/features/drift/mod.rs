//! Drift: signals that a team's work deviates from what was agreed. Rules raise signals; people cannot.
//!
//! A signal is *open* until a person *acknowledges* it. The team answers it: it has *replanned*, or it *accepts* the signal
//! with a reason. A signal is *cleared* when its cause is gone. Each signal has its evidence: its object, the measured value
//! and the network's threshold. A job updates the signals of every team each hour; changes of actions, priorities, check-ins
//! and reviews update them in the same transaction. While a team's programme is paused, its signals do not change.
//!
//! Invariant: one cause has at most one lasting signal for each object. After an answer, no new signal is raised until the
//! cause was gone, except for a further move of a due date.
//!
//! Head office sees only the number of signals without an answer, by cause.

pub mod keeping;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{action::Action, alignment::AlignmentRound, client::Client, priority::Priority, team::Team};
use crate::{
    inputs,
    kernel::{Caller, Check, Error, Fault, access::Permission, expect_version, read::shape::typed},
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, drift_policy,
    drift_signal::{DriftCause, DriftStatus, DriftUnit, Entity},
};
use rules::Step;
use sea_orm::{ActiveValue::Set, IntoActiveModel};

shape! {
    /// A signal that a team's work drifts from what was agreed. Signals are raised by rules, never by hand.
    DriftSignal of drift_signal {
        /// Cause of the signal.
        cause = closed::<DriftCause, _>(Cause).filter().order(),
        /// Current status of the signal.
        status = closed::<DriftStatus, _>(Status).filter().order(),
        /// Value measured when the signal was raised, in `unit`.
        measured = int(Measured),
        /// Threshold of the network from which `measured` is drift, in `unit`, as it was when the signal was raised.
        threshold = int(Threshold),
        /// Unit of `measured` and `threshold`.
        unit = closed::<DriftUnit, _>(Unit),
        /// Time from which `measured` was counted, depending on `cause`: the baseline due date, the commitment, the
        /// last review, the first slot without a check-in, the acceptance of the action, or the time the round was
        /// revealed.
        since = instant(Since),
        /// Share of the priority's work that was done, in per cent. Null unless `cause` is `BEHIND`.
        progressPercent = int(Progress).or_null(),
        /// Share of the priority's time that was over, in per cent. Null unless `cause` is `BEHIND`.
        elapsedPercent = int(Elapsed).or_null(),
        /// The team's new plan, or its reason for accepting the drift. Null until the team has answered the signal.
        note = text(Note).or_null(),
        /// Time at which the signal was raised.
        createdAt = instant(RaisedAt).filter().order(),
        /// Time at which someone acknowledged the signal. Null if it was not acknowledged.
        acknowledgedAt = instant(AcknowledgedAt).or_null(),
        /// Time at which the team replanned or accepted the drift. Null until then.
        answeredAt = instant(AnsweredAt).or_null(),
        /// Time at which the cause ended. Null while the cause lasts, whether or not the team has answered.
        endedAt = instant(EndedAt).or_null().filter(),
        /// Revision number; increases with every change. Send it as `expectedVersion`.
        version = int(Version),
        /// Action that the signal is about. Null if it is not about an action.
        action = one::<Action, _>(ActionId).or_null(),
        /// Priority that the signal is about, or that the signal's action serves. Null if there is none.
        priority = one::<Priority, _>(PriorityId).or_null(),
        /// Alignment round that the signal is about. Null if it is not about an alignment round.
        alignmentRound = one::<AlignmentRound, _>(AlignmentRoundId).or_null(),
        /// Client that the team belongs to.
        client = one::<Client, _>(ClientId),
        /// Team that the signal is about.
        team = one::<Team, _>(TeamId),
    }
}

shape! {
    /// Thresholds from which a network reports drift.
    DriftPolicy of drift_policy {
        /// Number of consecutive slots without a check-in from which a committed priority drifts.
        checkInsMissed = int(CheckInsMissed),
        /// Number of full days past its baseline due date that an accepted action may reach. More days are drift.
        daysPastBaseline = int(DaysPastBaseline),
        /// Percentage points between elapsed time and progress from which a committed priority drifts.
        pointsBehind = int(PointsBehind),
        /// Number of moves of its due date from which an open action drifts.
        moves = int(Moves),
        /// Longest time that a team may go without a review, in per cent of its review interval. A longer time is
        /// drift.
        reviewGapPercent = int(ReviewGapPercent),
        /// Percentage points by which agreement must fall between two alignment rounds to be drift.
        agreementDrop = int(AgreementDrop),
        /// Revision number; increases with every change. Send it as `expectedVersion`.
        version = int(Version),
    }
}

/// Input for `driftAcknowledge`.
#[derive(InputObject)]
pub struct DriftAcknowledgeInput {
    /// ID of the signal, which must be open.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

inputs! {
    /// Input for `driftReplan` and `driftAccept`.
    [DriftReplanInput, DriftAcceptInput] {
        /// ID of the signal, which must be open or acknowledged.
        pub id: ID,
        /// The new plan, or the reason for accepting the drift: 1 to 1,000 characters.
        pub note: String,
        /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
        pub expected_version: Option<i32>,
    }
}

/// Input for `driftPolicyUpdate`. Omitted fields keep their values.
#[derive(InputObject)]
pub struct DriftPolicyUpdateInput {
    /// Number of consecutive slots without a check-in from which a committed priority drifts: 1 to 12.
    pub check_ins_missed: Option<i32>,
    /// Number of full days past its baseline due date that an accepted action may reach: 0 to 90. More days are drift.
    pub days_past_baseline: Option<i32>,
    /// Percentage points between elapsed time and progress from which a committed priority drifts: 1 to 100.
    pub points_behind: Option<i32>,
    /// Number of moves of its due date from which an open action drifts: 1 to 20.
    pub moves: Option<i32>,
    /// Longest time that a team may go without a review, in per cent of its review interval: 100 to 1,000. A longer
    /// time is drift.
    pub review_gap_percent: Option<i32>,
    /// Percentage points by which agreement must fall between two alignment rounds to be drift: 1 to 100.
    pub agreement_drop: Option<i32>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    DriftMutation: drift_signal -> DriftSignal of Entity {
        /// Acknowledges an open signal: someone is looking into it.
        drift_acknowledge(DriftAcknowledgeInput) -> DriftAcknowledgePayload = acknowledge, on id;
        /// Answers a signal with a new plan.
        drift_replan(DriftReplanInput) -> DriftReplanPayload = replan, on id;
        /// Answers a signal by accepting the drift, with a reason.
        drift_accept(DriftAcceptInput) -> DriftAcceptPayload = accept, on id;
    }
}

mutations! {
    DriftPolicyMutation: drift_policy -> DriftPolicy of drift_policy::Entity {
        /// Changes the drift thresholds of the caller's current network. Signals are updated within an hour.
        drift_policy_update(DriftPolicyUpdateInput) -> DriftPolicyUpdatePayload = update_policy;
    }
}

async fn acknowledge(caller: &Caller, input: DriftAcknowledgeInput) -> Result<Id<Entity>, Error> {
    let (write, signal) =
        caller.write::<Entity>(Permission::DriftAcknowledge, typed(&input.id), "input.id").await?;
    expect_version(signal.version, input.expected_version)?;
    let mut change = signal.clone().into_active_model();
    change.status = Set(rules::next_status(signal.status, Step::Acknowledge)?);
    change.acknowledged_at = Set(Some(write.now()));
    write.update::<Entity>(&signal, change).await?;
    write.commit().await?;
    Ok(signal.id)
}

async fn replan(caller: &Caller, input: DriftReplanInput) -> Result<Id<Entity>, Error> {
    let DriftReplanInput { id, note, expected_version } = input;
    answer(caller, (Permission::DriftReplan, Step::Replan), &id, &note, expected_version).await
}

async fn accept(caller: &Caller, input: DriftAcceptInput) -> Result<Id<Entity>, Error> {
    let DriftAcceptInput { id, note, expected_version } = input;
    answer(caller, (Permission::DriftAccept, Step::Accept), &id, &note, expected_version).await
}

async fn answer(
    caller: &Caller,
    (permission, step): (Permission, Step),
    id: &ID,
    note: &str,
    expected: Option<i32>,
) -> Result<Id<Entity>, Error> {
    let (write, signal) = caller.write::<Entity>(permission, typed(id), "input.id").await?;
    expect_version(signal.version, expected)?;
    let mut check = Check::new();
    let note = check.text("input.note", note, 1..=1000);
    check.done()?;
    let mut change = signal.clone().into_active_model();
    change.status = Set(rules::next_status(signal.status, step)?);
    change.note = Set(Some(note));
    change.answered_at = Set(Some(write.now()));
    write.update::<Entity>(&signal, change).await?;
    write.commit().await?;
    Ok(signal.id)
}

async fn update_policy(
    caller: &Caller,
    input: DriftPolicyUpdateInput,
) -> Result<Id<drift_policy::Entity>, Error> {
    // The lock on the network also protects its policy.
    let (write, _) = caller.write_network(Permission::DriftPolicyUpdate).await?;
    let policy = write.lock_one(keeping::select_policy(&write)?).await?.ok_or(Fault::Internal)?;
    expect_version(policy.version, input.expected_version)?;
    let mut check = Check::new();
    let mut change = policy.clone().into_active_model();
    let mut number = |path, given: Option<i32>, range| given.map(|given| check.number(path, given, range));
    let slots = number("input.checkInsMissed", input.check_ins_missed, 1..=12);
    let days = number("input.daysPastBaseline", input.days_past_baseline, 0..=90);
    let points = number("input.pointsBehind", input.points_behind, 1..=100);
    let moves = number("input.moves", input.moves, 1..=20);
    let gap = number("input.reviewGapPercent", input.review_gap_percent, 100..=1000);
    let drop = number("input.agreementDrop", input.agreement_drop, 1..=100);
    check.done()?;
    slots.into_iter().for_each(|slots| change.check_ins_missed = Set(slots));
    days.into_iter().for_each(|days| change.days_past_baseline = Set(days));
    points.into_iter().for_each(|points| change.points_behind = Set(points));
    moves.into_iter().for_each(|moves| change.moves = Set(moves));
    gap.into_iter().for_each(|percent| change.review_gap_percent = Set(percent));
    drop.into_iter().for_each(|points| change.agreement_drop = Set(points));
    write.update::<drift_policy::Entity>(&policy, change).await?;
    write.commit().await?;
    Ok(policy.id)
}
