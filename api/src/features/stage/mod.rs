//! Stage: a step of a running programme. A stage is locked until the stage before is passed. It is passed when its exit
//! criteria are met and the sections that it needs are ratified, or when someone with that right overrides them with a
//! reason.

mod allowed;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    decision::Decision,
    person::Person,
    priority::Priority,
    programme::{Programme, select_stages},
    reopening::rules::check_reason,
    session::Session,
    strategy::{StrategySection, keeping as strategies},
    template::{TemplateCriterion, TemplateStage},
};
use crate::{
    kernel::{
        Caller, Check, Error, Fault, Locked, Write, access::Permission, expect_version, read::shape::typed,
    },
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id,
    action::{self, ActionStatus},
    alignment_round,
    decision::{self, DecisionStatus},
    network,
    priority::{self, PriorityStatus},
    programme, review,
    session::{self, SessionStatus},
    stage_check, stage_criterion,
    stage_event::{self, StageEventKind},
    stage_run::{self, Entity, StageStatus},
};
use rules::{StageFacts, Step};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

shape! {
    /// A stage of a programme. It can be passed when its exit criteria are met or overridden.
    Stage of stage_run {
        /// Position of the stage in the programme, from 1.
        position = int(Position).filter().order(),
        /// Title of the stage.
        title = text(Title).filter(),
        /// Purpose of the stage.
        purpose = text(Purpose),
        /// Planned duration in days.
        plannedDays = int(PlannedDays),
        /// Status of the stage: locked, open or passed.
        status = closed::<StageStatus, _>(Status).filter().order(),
        /// When the stage was last opened. Null if it was never opened.
        openedAt = instant(OpenedAt).or_null(),
        /// When the stage was passed. Null if the stage is not passed or was reopened.
        passedAt = instant(PassedAt).or_null(),
        /// Reason for passing the stage with unmet criteria. Null if there is none or the caller cannot read content.
        overrideReason = text(OverrideReason).or_null(),
        /// How many times the stage was reopened.
        reopeningCount = int(TimesReopened),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Mutations that the caller may do with the stage now, by role, ownership and state. Whatever is missing would be
        /// refused. The other arguments of a mutation and other objects can still be a reason to refuse it.
        allowed = allowed::field(),
        /// Programme that the stage belongs to.
        programme = one::<Programme, _>(ProgrammeId),
        /// The stage as the template plans it, with its exit criteria. Null for sponsors, leaders and observers.
        templateStage = one::<TemplateStage, _>(TemplateStageId).or_null(),
        /// Sections of the strategy that the team writes in the stage, in order.
        sections = list::<StrategySection, _>(entity::strategy_section::Column::StageRunId).by(entity::strategy_section::Column::Position, Ty::Int).about(3),
        /// Priorities of the stage, sorted by rank.
        priorities = list::<Priority, _>(entity::priority::Column::StageRunId).by(entity::priority::Column::Rank, Ty::Int).about(6),
        /// Decisions that belong to the stage, latest first by default.
        decisions = pages::<Decision, _>(entity::decision::Column::StageRunId).by_last(entity::decision::Column::ProposedAt, Ty::Instant),
        /// Sessions for the stage, latest first by default.
        sessions = pages::<Session, _>(entity::session::Column::StageRunId).by_last(entity::session::Column::StartsAt, Ty::Instant),
        /// Confirmations of exit criteria by facilitators, oldest first.
        confirmations = list::<StageConfirmation, _>(entity::stage_check::Column::StageRunId).by(entity::stage_check::Column::ConfirmedAt, Ty::Instant).about(4),
        /// History of the stage, oldest first.
        history = pages::<StageEvent, _>(entity::stage_event::Column::StageRunId).by(entity::stage_event::Column::At, Ty::Instant),
    }
}

shape! {
    /// A facilitator's confirmation that an exit criterion is met.
    StageConfirmation of stage_check {
        /// How the criterion is met, in the facilitator's words.
        comment = text(Note),
        /// When the criterion was confirmed.
        createdAt = instant(ConfirmedAt),
        /// ID of the criterion.
        criterionId = id::<entity::stage_criterion::Entity, _>(StageCriterionId),
        /// Person who confirmed the criterion. Null if the caller has no access to the person.
        person = one::<Person, _>(PersonId).or_null(),
        /// Exit criterion that is met. Null for sponsors, leaders and observers.
        criterion = one::<TemplateCriterion, _>(StageCriterionId).or_null(),
        /// Stage whose criterion is met.
        stage = one::<Stage, _>(StageRunId),
    }
}

shape! {
    /// An entry in the history of a stage.
    StageEvent of stage_event {
        /// Kind of change: opened, passed, overridden, reopened or moved.
        kind = closed::<StageEventKind, _>(Kind),
        /// Reason for the change. Null if none was given.
        reason = text(Reason).or_null(),
        /// When the change was made.
        createdAt = instant(At),
        /// Person who made the change. Null if the caller has no access to the person.
        person = one::<Person, _>(PersonId).or_null(),
        /// Stage that changed.
        stage = one::<Stage, _>(StageRunId),
    }
}

/// Input for `stageConfirm`.
#[derive(InputObject)]
pub struct StageConfirmInput {
    /// ID of the stage. It must be open and belong to a running programme.
    pub id: ID,
    /// ID of an exit criterion of this stage. Its kind must be `CONFIRMED`.
    pub criterion_id: ID,
    /// How the criterion is met: 1 to 2,000 characters. Replaces an earlier confirmation.
    pub comment: String,
    /// The `version` you last read. Fails with `CONFLICT` if the stage has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `stagePass`.
#[derive(InputObject)]
pub struct StagePassInput {
    /// ID of the stage. It must be open and belong to a running programme.
    pub id: ID,
    /// Why the stage is passed although exit criteria are not met: 1 to 1,000 characters. Only for franchise owners
    /// and, if the network allows it, facilitators. Ignored if all criteria are met.
    pub override_reason: Option<String>,
    /// The `version` you last read. Fails with `CONFLICT` if the stage has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `stageReopen`.
#[derive(InputObject)]
pub struct StageReopenInput {
    /// ID of the stage. It must be passed and belong to a running programme.
    pub id: ID,
    /// Reason for reopening the stage: 1 to 1,000 characters.
    pub reason: String,
    /// The `version` you last read. Fails with `CONFLICT` if the stage has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    StageMutation: stage -> Stage of Entity {
        /// Confirms in the caller's words that an exit criterion is met. A later confirmation replaces it.
        stage_confirm(StageConfirmInput) -> StageConfirmPayload = confirm, on id;
        /// Passes the open stage and opens the first stage that is not passed. Fails with `CRITERIA_NOT_MET` and a list
        /// of unmet exit criteria and of needed sections that are not ratified, unless `overrideReason` is given.
        stage_pass(StagePassInput) -> StagePassPayload = pass, on id;
        /// Reopens a passed stage, with a reason. A later stage that is open becomes locked again.
        stage_reopen(StageReopenInput) -> StageReopenPayload = reopen, on id;
    }
}

/// Locks a stage after its programme: a change of one stage can open or lock another.
async fn lock_stage(
    caller: &Caller,
    permission: Permission,
    id: &ID,
    expected: Option<i32>,
) -> Result<(Write, Locked<programme::Model>, Locked<stage_run::Model>), Error> {
    let under = stage_run::Column::ProgrammeId;
    let (write, programme, stage) =
        caller.write_under::<programme::Entity, Entity>(permission, under, typed(id), "input.id").await?;
    expect_version(stage.version, expected)?;
    Ok((write, programme, stage))
}

async fn confirm(caller: &Caller, input: StageConfirmInput) -> Result<Id<Entity>, Error> {
    let (write, programme, stage) =
        lock_stage(caller, Permission::StageConfirm, &input.id, input.expected_version).await?;
    let criterion = typed(&input.criterion_id);
    let criterion = write.load::<stage_criterion::Entity>(criterion, "input.criterionId").await?;
    let mut check = Check::new();
    let note = check.text("input.comment", &input.comment, 1..=2000);
    check.done()?;
    rules::next_status(stage.status, programme.status, Step::Confirm)?;
    rules::require_confirmable(&criterion, &stage)?;
    let before = stage_check::Entity::find()
        .filter(stage_check::Column::StageRunId.eq(stage.id))
        .filter(stage_check::Column::StageCriterionId.eq(criterion.id));
    if let Some(before) = write.lock_one(before).await? {
        write.delete::<stage_check::Entity>(before).await?;
    }
    let row = stage_check::Model {
        id: write.id(),
        network_id: stage.network_id,
        client_id: stage.client_id,
        team_id: stage.team_id,
        stage_run_id: stage.id,
        stage_criterion_id: criterion.id,
        person_id: write.person()?,
        note,
        confirmed_at: write.now(),
    };
    write.insert::<stage_check::Entity>(row).await?;
    write.commit().await?;
    Ok(stage.id)
}

async fn pass(caller: &Caller, input: StagePassInput) -> Result<Id<Entity>, Error> {
    let (write, programme, stage) =
        lock_stage(caller, Permission::StagePass, &input.id, input.expected_version).await?;
    let mut check = Check::new();
    let reason = check.text_if("input.overrideReason", input.override_reason.as_ref(), 1..=1000);
    check.done()?;
    let status = rules::next_status(stage.status, programme.status, Step::Pass)?;
    let criteria = stage_criterion::Entity::find()
        .filter(stage_criterion::Column::TemplateStageId.eq(stage.template_stage_id))
        .order_by_asc(stage_criterion::Column::Position);
    let unmet = rules::list_unmet(&write.all(criteria).await?, &load_facts(&write, &stage).await?);
    let kind = rules::decide_passing(&unmet, reason.as_deref(), can_override(&write, &stage).await?)?;
    let reason = reason.filter(|_| kind == StageEventKind::Overridden);
    let mut change = stage.clone().into_active_model();
    change.status = Set(status);
    change.passed_at = Set(Some(write.now()));
    change.override_reason = Set(reason.clone());
    write.update::<Entity>(&stage, change).await?;
    record_event(&write, &stage, kind, reason).await?;
    if let Some(next) = rules::stage_to_open(&write.lock_all(select_stages(programme.id)).await?, &stage) {
        write.update::<Entity>(next, rules::open_stage(next, write.now())).await?;
        record_event(&write, next, StageEventKind::Opened, None).await?;
    }
    write.commit().await?;
    Ok(stage.id)
}

async fn reopen(caller: &Caller, input: StageReopenInput) -> Result<Id<Entity>, Error> {
    let (write, programme, stage) =
        lock_stage(caller, Permission::StageReopen, &input.id, input.expected_version).await?;
    let mut check = Check::new();
    let reason = check_reason(&mut check, &input.reason);
    check.done()?;
    rules::next_status(stage.status, programme.status, Step::Reopen)?;
    let stages = write.lock_all(select_stages(programme.id)).await?;
    if let Some(later) = rules::stage_to_lock(&stages, &stage)? {
        let mut change = later.clone().into_active_model();
        change.status = Set(StageStatus::Locked);
        write.update::<Entity>(later, change).await?;
    }
    let mut change = rules::open_stage(&stage, write.now());
    change.passed_at = Set(None);
    change.override_reason = Set(None);
    change.times_reopened = Set(stage.times_reopened + 1);
    write.update::<Entity>(&stage, change).await?;
    record_event(&write, &stage, StageEventKind::Reopened, Some(reason)).await?;
    write.commit().await?;
    Ok(stage.id)
}

/// Records an event in a stage's history.
pub(super) async fn record_event(
    write: &Write,
    stage: &stage_run::Model,
    kind: StageEventKind,
    reason: Option<String>,
) -> Result<(), Error> {
    let event = rules::new_event(stage, write.id(), kind, write.person()?, write.now());
    write.insert::<stage_event::Entity>(stage_event::Model { reason, ..event }).await?;
    Ok(())
}

/// Whether the caller can pass a stage whose criteria are not met: franchise owners always, facilitators if the network
/// allows it.
async fn can_override(write: &Write, stage: &stage_run::Model) -> Result<bool, Error> {
    let network = write.find::<network::Entity>(stage.network_id).await?.ok_or(Fault::Internal)?;
    Ok(network.facilitators_override || write.actor()?.oversees(stage.client_id))
}

async fn load_facts(write: &Write, stage: &stage_run::Model) -> Result<StageFacts, Error> {
    let confirmed = stage_check::Entity::find().filter(stage_check::Column::StageRunId.eq(stage.id));
    let confirmed = write.all(confirmed).await?.into_iter().map(|check| check.stage_criterion_id).collect();
    let opened_at = stage_event::Entity::find()
        .filter(stage_event::Column::StageRunId.eq(stage.id))
        .filter(stage_event::Column::Kind.eq(StageEventKind::Opened))
        .order_by_asc(stage_event::Column::At);
    let opened_at = write.one(opened_at).await?.map(|event| event.at).or(stage.opened_at);
    let inquorate = review::Entity::find()
        .filter(review::Column::TeamId.eq(stage.team_id))
        .filter(review::Column::Quorate.eq(false));
    let inquorate = write.all(inquorate).await?.into_iter().filter_map(|review| review.session_id);
    let sessions = session::Entity::find()
        .filter(session::Column::Id.is_not_in(inquorate))
        .filter(session::Column::ProgrammeId.eq(stage.programme_id))
        .filter(session::Column::Status.eq(SessionStatus::Held))
        .filter(session::Column::StartsAt.gte(opened_at));
    let ratified = decision::Entity::find()
        .filter(decision::Column::StageRunId.eq(stage.id))
        .filter(decision::Column::Status.eq(DecisionStatus::Ratified));
    let revealed = alignment_round::Entity::find()
        .filter(alignment_round::Column::TeamId.eq(stage.team_id))
        .filter(alignment_round::Column::RevoteOfId.is_null())
        .filter(alignment_round::Column::RevealedAt.gte(opened_at));
    let priorities = priority::Entity::find().filter(priority::Column::StageRunId.eq(stage.id));
    let priorities = write.all(priorities).await?;
    let committed = |priority: &&priority::Model| {
        matches!(priority.status, PriorityStatus::Committed | PriorityStatus::Achieved)
    };
    let programme = write.find::<programme::Entity>(stage.programme_id).await?.ok_or(Fault::Internal)?;
    let actions = action::Entity::find()
        .filter(action::Column::TeamId.eq(stage.team_id))
        .filter(action::Column::FirstOfferedAt.gte(programme.started_at));
    let actions = write.all(actions).await?;
    let count_with =
        |holds: fn(&action::Model) -> bool| actions.iter().filter(|row| holds(row)).count() as i64;
    let now = write.now();
    let overdue = actions.iter().filter(|row| rules::is_long_overdue(row.status, row.due_at, now));
    Ok(StageFacts {
        confirmed,
        sessions_held: write.count(sessions).await?,
        priorities_committed: priorities.iter().filter(committed).count() as i64,
        actions_accepted: count_with(|action| action.accepted_at.is_some()),
        actions_overdue: overdue.count() as i64,
        actions_done: count_with(|action| action.status == ActionStatus::Done),
        decisions_ratified: write.count(ratified).await?,
        rounds_revealed: write.count(revealed).await?,
        sections_unratified: strategies::list_unratified(write, stage.id).await?,
    })
}
