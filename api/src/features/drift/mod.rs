//! Drift: signals that a team's work deviates from what was agreed. Rules raise signals; people cannot.
//!
//! A signal is *open* until a person *acknowledges* it. The owner of its action or priority, or whoever shapes the team's
//! work, answers it: *explains* the drift, *replans*, or has the team talk about it in the next session. Who shapes the
//! team's work may also *accept* the drift, with a reason. A signal is *cleared* when its cause is gone. Each signal has its
//! evidence: its object, the value measured when it was raised, the value measured last, and the network's threshold. A job
//! updates the signals of every team each hour; changes of actions, priorities, milestones, measurables, check-ins and
//! reviews update them in the same transaction. While a team's programme is paused, its signals do not change.
//!
//! Invariant: one cause has at most one lasting signal for each object. After an answer, no new signal is raised until the
//! cause was gone, except for a further move of a due date, or if an explained or accepted drift has become worse by half.
//!
//! Head office sees only the number of signals without an answer, by cause.

mod allowed;
pub mod keeping;
pub mod progress;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    action::Action,
    alignment::AlignmentRound,
    client::Client,
    priority::Priority,
    team::{Team, editing::require_editor},
};
use crate::{
    inputs,
    kernel::{
        Caller, Check, Error, Fault, Locked, Write, access::Permission, expect_version, read::shape::typed,
    },
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, drift_policy,
    drift_signal::{self, DriftCause, DriftStatus, DriftUnit, Entity},
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
        /// Value last measured, in `unit`. Kept up to date until the signal has ended.
        currentMeasured = int(CurrentMeasured),
        /// Time from which `measured` was counted, depending on `cause`: the baseline due date, the start of the cycle
        /// or the later commitment, the last review, the first slot without a check-in, the acceptance of the action,
        /// or the time the round was revealed.
        since = instant(Since),
        /// Progress of the priority when the signal was raised, in per cent: what its measurables show, else the
        /// weights of its milestones, else its latest check-in (on track: as much as the elapsed time; at risk: three
        /// quarters of it; off track: half of it). Null unless `cause` is `BEHIND`.
        progressPercent = int(Progress).or_null(),
        /// Share of the priority's time that was over when the signal was raised, in per cent. For measurables, time
        /// counts up to the end of the latest period with a value, or one period ago if that is later. Null unless
        /// `cause` is `BEHIND`.
        elapsedPercent = int(Elapsed).or_null(),
        /// Progress of the priority last measured, in per cent, counted as `progressPercent`. Null unless `cause` is
        /// `BEHIND`.
        currentProgressPercent = int(CurrentProgress).or_null(),
        /// Elapsed share of the priority's time last measured, in per cent, counted as `elapsedPercent`. Null unless
        /// `cause` is `BEHIND`.
        currentElapsedPercent = int(CurrentElapsed).or_null(),
        /// `true` if the team is to talk about the signal in its next session.
        onNextAgenda = flag(OnNextAgenda).filter(),
        /// The owner's explanation, the new plan, or the reason for accepting the drift. Null until the signal was
        /// answered.
        note = text(Note).or_null(),
        /// Time at which the signal was raised.
        createdAt = instant(RaisedAt).filter().order(),
        /// Time at which someone acknowledged the signal. Null if it was not acknowledged.
        acknowledgedAt = instant(AcknowledgedAt).or_null(),
        /// Time at which the drift was last explained, replanned or accepted. Null until then.
        answeredAt = instant(AnsweredAt).or_null(),
        /// Time at which the cause ended. Null while the cause lasts, whether or not the team has answered.
        endedAt = instant(EndedAt).or_null().filter(),
        /// Revision number; increases with every change. Send it as `expectedVersion`.
        version = int(Version),
        /// Mutations that the caller may do with the signal now, by role, ownership and state. Whatever is missing would be
        /// refused. The other arguments of a mutation and other objects can still be a reason to refuse it.
        allowed = allowed::field(),
        /// Action that the signal is about. Null if it is not about an action.
        action = one::<Action, _>(ActionId).or_null(),
        /// Priority that the signal is about, or that the signal's action serves. Null if there is none.
        priority = one::<Priority, _>(PriorityId).or_null(),
        /// Alignment round that the signal is about. Null if it is not about an alignment round.
        alignmentRound = one::<AlignmentRound, _>(AlignmentRoundId).or_null(),
        /// Client that the team belongs to.
        client = one::<Client, _>(ClientId).filter(),
        /// ID of the client that the signal belongs to, for filters.
        clientId = id::<entity::client::Entity, _>(ClientId).filter(),
        /// Team that the signal is about.
        team = one::<Team, _>(TeamId),
        /// ID of the team that the signal belongs to, for filters.
        teamId = id::<entity::team::Entity, _>(TeamId).filter(),
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
        /// Percentage points by which agreement must fall between two alignment rounds to be drift. It is counted in
        /// published bands of 25 points: up to 25 stand for one band, up to 50 for two, and so on.
        agreementDrop = int(AgreementDrop),
        /// Revision number; increases with every change. Send it as `expectedVersion`.
        version = int(Version),
    }
}

inputs! {
    /// Input for `driftAcknowledge` and `driftDiscuss`.
    [DriftAcknowledgeInput, DriftDiscussInput] {
        /// ID of the signal, which must be open; for `driftDiscuss`, it may also be acknowledged or explained.
        pub id: ID,
        /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
        pub expected_version: Option<i32>,
    }
}

inputs! {
    /// Input for `driftExplain`, `driftReplan` and `driftAccept`.
    [DriftExplainInput, DriftReplanInput, DriftAcceptInput] {
        /// ID of the signal, which must be open or acknowledged; for `driftReplan` and `driftAccept`, it may also be
        /// explained.
        pub id: ID,
        /// The explanation, the new plan, or the reason for accepting the drift: 1 to 1,000 characters.
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
    /// Percentage points by which agreement must fall between two alignment rounds to be drift: 1 to 100. It is counted in
    /// published bands of 25 points: up to 25 stand for one band, up to 50 for two, and so on.
    pub agreement_drop: Option<i32>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    DriftMutation: drift_signal -> DriftSignal of Entity {
        /// Acknowledges an open signal: someone is looking into it.
        drift_acknowledge(DriftAcknowledgeInput) -> DriftAcknowledgePayload = acknowledge, on id;
        /// Answers a signal with an explanation. It comes again when it has become worse by half. Leaders can explain
        /// only signals about actions and priorities they own.
        drift_explain(DriftExplainInput) -> DriftExplainPayload = explain, on id;
        /// Answers a signal with a new plan. Leaders can replan only actions and priorities they own.
        drift_replan(DriftReplanInput) -> DriftReplanPayload = replan, on id;
        /// Hands a signal to the team's next session, and acknowledges it if it is open. Leaders can do this only for
        /// signals about actions and priorities they own.
        drift_discuss(DriftDiscussInput) -> DriftDiscussPayload = discuss, on id;
        /// Answers a signal by accepting the drift, with a reason. It comes again when it has become worse by half.
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

async fn explain(caller: &Caller, input: DriftExplainInput) -> Result<Id<Entity>, Error> {
    let DriftExplainInput { id, note, expected_version } = input;
    answer(caller, (Permission::DriftExplain, Step::Explain), &id, &note, expected_version).await
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
    let (write, signal) = write_owned(caller, permission, id, expected).await?;
    let mut check = Check::new();
    let note = check.text("input.note", note, 1..=1000);
    check.done()?;
    let mut change = signal.clone().into_active_model();
    change.status = Set(rules::next_status(signal.status, step)?);
    change.note = Set(Some(note));
    change.answered_at = Set(Some(write.now()));
    change.answered_measured = Set(Some(signal.current_measured));
    // what is planned anew or accepted needs no further talk
    change.on_next_agenda = Set(signal.on_next_agenda && step == Step::Explain);
    write.update::<Entity>(&signal, change).await?;
    write.commit().await?;
    Ok(signal.id)
}

async fn discuss(caller: &Caller, input: DriftDiscussInput) -> Result<Id<Entity>, Error> {
    let (write, signal) =
        write_owned(caller, Permission::DriftDiscuss, &input.id, input.expected_version).await?;
    let mut change = signal.clone().into_active_model();
    change.status = Set(rules::next_status(signal.status, Step::Discuss)?);
    change.acknowledged_at = Set(signal.acknowledged_at.or(Some(write.now())));
    change.on_next_agenda = Set(true);
    write.update::<Entity>(&signal, change).await?;
    write.commit().await?;
    Ok(signal.id)
}

/// Begins a change of a signal by the owner of what it is about, or by whoever shapes the team's work.
async fn write_owned(
    caller: &Caller,
    permission: Permission,
    id: &ID,
    expected: Option<i32>,
) -> Result<(Write, Locked<drift_signal::Model>), Error> {
    let (write, signal) = caller.write::<Entity>(permission, typed(id), "input.id").await?;
    expect_version(signal.version, expected)?;
    let owner = keeping::load_owner(&write, &signal).await?;
    require_editor(&write, signal.client_id, owner, "input.id").await?;
    Ok((write, signal))
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
