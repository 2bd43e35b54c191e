//! Drift: a sign that a team's work drifts from what was agreed, raised by rules and never by hand.
//!
//! A signal is *open* until somebody *acknowledges* it, and then answered: the team has *replanned* because of it, or
//! *accepts* it and says why; or it is *cleared*, because its cause went away by itself. Each comes with its evidence:
//! what it is about, what was measured, and the network's threshold. Of one cause about one thing, one signal lasts at
//! a time, and however it was answered, no other is raised until the cause was gone once (a further move of a
//! due date is a new one). A job looks at every team each hour; an action, a priority, a check-in or a review that is
//! changed is looked at in the same transaction. While its programme is paused a team's signals stay as they are.
//!
//! Head office sees how many wait for an answer, by cause, and not what they are about.

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
    /// A sign that a team's work drifts from what was agreed.
    DriftSignal of drift_signal {
        /// What gave rise to it.
        cause = closed::<DriftCause, _>(Cause).filter().order(),
        /// Where it stands.
        status = closed::<DriftStatus, _>(Status).filter().order(),
        /// Evidence: what was measured when it was raised.
        measured = int(Measured),
        /// Evidence: from how much on the network calls it drift.
        threshold = int(Threshold),
        /// What both count.
        unit = closed::<DriftUnit, _>(Unit),
        /// Evidence: from when it was measured: the baseline due date, the commitment, the last review, the first blank
        /// slot, the acceptance, or the revelation.
        since = instant(Since),
        /// Evidence, of what is behind: how much of its work was done, in per cent.
        progressPercent = int(Progress).or_null(),
        /// Evidence, of what is behind: how much of its time was over, in per cent.
        elapsedPercent = int(Elapsed).or_null(),
        /// What the team said when it planned anew or accepted it.
        note = text(Note).or_null(),
        /// When it was raised.
        raisedAt = instant(RaisedAt).filter().order(),
        /// When somebody acknowledged it.
        acknowledgedAt = instant(AcknowledgedAt).or_null(),
        /// When the team answered it.
        answeredAt = instant(AnsweredAt).or_null(),
        /// When its cause was gone; null while it lasts, answered or not.
        endedAt = instant(EndedAt).or_null().filter(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The action it is about.
        action = one::<Action, _>(ActionId).or_null(),
        /// The priority it is about, or that the action serves.
        priority = one::<Priority, _>(PriorityId).or_null(),
        /// The alignment round it is about.
        alignmentRound = one::<AlignmentRound, _>(AlignmentRoundId).or_null(),
        /// The client.
        client = one::<Client, _>(ClientId),
        /// The team.
        team = one::<Team, _>(TeamId),
    }
}

shape! {
    /// From when on a network calls it drift.
    DriftPolicy of drift_policy {
        /// Check-in slots in a row that a committed priority goes without a check-in.
        checkInsMissed = int(CheckInsMissed),
        /// Full days that an accepted action is past its baseline due date, more than which is drift.
        daysPastBaseline = int(DaysPastBaseline),
        /// Percentage points by which a priority's progress is behind the time elapsed.
        pointsBehind = int(PointsBehind),
        /// Moves of an open action's due date.
        moves = int(Moves),
        /// The longest that a team may go without a review, in per cent of its cadence's interval.
        reviewGapPercent = int(ReviewGapPercent),
        /// Percentage points by which agreement falls from one alignment round to the next.
        agreementDrop = int(AgreementDrop),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
    }
}

/// Which signal, and nothing more.
#[derive(InputObject)]
pub struct DriftAcknowledgeInput {
    /// The signal: open.
    pub id: ID,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

inputs! {
    /// Which signal, and what the team says to it.
    [DriftReplanInput, DriftAcceptInput] {
        /// The signal: open or acknowledged.
        pub id: ID,
        /// What is planned instead, or why it is accepted: 1 to 1,000 characters.
        pub note: String,
        /// The version this was decided on.
        pub expected_version: Option<i32>,
    }
}

/// What to change of the thresholds. What is left out stays.
#[derive(InputObject)]
pub struct DriftPolicyUpdateInput {
    /// Check-in slots in a row without a check-in: 1 to 12.
    pub check_ins_missed: Option<i32>,
    /// Full days past the baseline due date, more than which is drift: 0 to 90.
    pub days_past_baseline: Option<i32>,
    /// Percentage points behind the time elapsed: 1 to 100.
    pub points_behind: Option<i32>,
    /// Moves of a due date: 1 to 20.
    pub moves: Option<i32>,
    /// The longest without a review, in per cent of the cadence's interval: 100 to 1,000.
    pub review_gap_percent: Option<i32>,
    /// Percentage points by which agreement falls: 1 to 100.
    pub agreement_drop: Option<i32>,
    /// The version this change was decided on.
    pub expected_version: Option<i32>,
}

mutations! {
    DriftMutation: drift_signal -> DriftSignal of Entity {
        /// Says that somebody looks after an open signal.
        drift_acknowledge(DriftAcknowledgeInput) -> DriftAcknowledgePayload = acknowledge, on id;
        /// Says that the team has planned anew because of a signal, and how.
        drift_replan(DriftReplanInput) -> DriftReplanPayload = replan, on id;
        /// Says that the team lives with a signal, and why.
        drift_accept(DriftAcceptInput) -> DriftAcceptPayload = accept, on id;
    }
}

mutations! {
    DriftPolicyMutation: drift_policy -> DriftPolicy of drift_policy::Entity {
        /// Changes from when on the network that the caller acts in calls it drift. Signals follow within the hour.
        drift_policy_update(DriftPolicyUpdateInput) -> DriftPolicyUpdatePayload = update_policy;
    }
}

async fn acknowledge(caller: &Caller, input: DriftAcknowledgeInput) -> Result<Id<Entity>, Error> {
    let (write, signal) =
        caller.write::<Entity>(Permission::DriftAcknowledge, typed(&input.id), "input.id").await?;
    expect_version(signal.version, input.expected_version)?;
    let mut change = signal.clone().into_active_model();
    change.status = Set(rules::next(signal.status, Step::Acknowledge)?);
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
    change.status = Set(rules::next(signal.status, step)?);
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
    // the network's row is locked, and with it its policy
    let (write, _) = caller.write_network(Permission::DriftPolicyUpdate).await?;
    let policy = write.lock_one(keeping::policies(&write)?).await?.ok_or(Fault::Internal)?;
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
