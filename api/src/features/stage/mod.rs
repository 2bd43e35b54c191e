//! Stage: a stage of a running programme, between two gates. It is locked until the stage before is passed, and
//! passed when its exit criteria are met or someone who may overrides them with a reason.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    decision::Decision,
    person::Person,
    priority::Priority,
    programme::{Programme, stages_of},
    template::TemplateStage,
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
    programme,
    session::{self, SessionStatus},
    stage_check, stage_criterion,
    stage_event::{self, StageEventKind},
    stage_run::{self, Entity, StageStatus},
};
use rules::{Facts, Step};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

shape! {
    /// A stage of a programme.
    Stage of stage_run {
        /// Its place, from 1.
        position = int(Position).filter().order(),
        /// Its title.
        title = text(Title).filter(),
        /// What it is for.
        purpose = text(Purpose),
        /// How many days it is planned to take.
        plannedDays = int(PlannedDays),
        /// Where it stands.
        status = closed::<StageStatus, _>(Status).filter().order(),
        /// When it was opened, the last time.
        openedAt = instant(OpenedAt).or_null(),
        /// When it was passed; null again when it was reopened.
        passedAt = instant(PassedAt).or_null(),
        /// Why it was passed although its criteria were not met.
        overrideReason = text(OverrideReason).or_null(),
        /// How often it was reopened.
        timesReopened = int(TimesReopened),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The programme.
        programme = one::<Programme, _>(ProgrammeId),
        /// The stage as the template plans it, with its exit criteria. For those who run programmes, and head office.
        template = one::<TemplateStage, _>(TemplateStageId).or_null(),
        /// The priorities worked on in it, by rank.
        priorities = list::<Priority, _>(entity::priority::Column::StageRunId).by(entity::priority::Column::Rank, Ty::Int).about(6),
        /// The decisions that belong to it, latest first.
        decisions = pages::<Decision, _>(entity::decision::Column::StageRunId).by_last(entity::decision::Column::ProposedAt, Ty::Instant),
        /// The criteria that the facilitator confirmed.
        confirmations = list::<StageConfirmation, _>(entity::stage_check::Column::StageRunId).by(entity::stage_check::Column::ConfirmedAt, Ty::Instant).about(4),
        /// What happened to it, oldest first.
        history = list::<StageEvent, _>(entity::stage_event::Column::StageRunId).by(entity::stage_event::Column::At, Ty::Instant).about(3),
    }
}

shape! {
    /// A facilitator's word that an exit criterion is met.
    StageConfirmation of stage_check {
        /// How it is met.
        note = text(Note),
        /// When it was confirmed.
        confirmedAt = instant(ConfirmedAt),
        /// The id of the criterion.
        criterionId = id::<entity::stage_criterion::Entity, _>(StageCriterionId),
        /// Who confirmed it.
        person = one::<Person, _>(PersonId).or_null(),
    }
}

shape! {
    /// Something that happened to a stage.
    StageEvent of stage_event {
        /// What.
        kind = closed::<StageEventKind, _>(Kind),
        /// Why, where a reason was given.
        reason = text(Reason).or_null(),
        /// When.
        at = instant(At),
        /// Who did it.
        person = one::<Person, _>(PersonId).or_null(),
    }
}

/// An exit criterion to confirm.
#[derive(InputObject)]
pub struct StageConfirmInput {
    /// The stage: open, of a running programme.
    pub id: ID,
    /// The criterion: one of the stage's, of the kind `CONFIRMED`.
    pub criterion_id: ID,
    /// How it is met: 1 to 2,000 characters. Replaces what was said before.
    pub note: String,
    /// The stage's version this was decided on.
    pub expected_version: Option<i32>,
}

/// A stage to pass.
#[derive(InputObject)]
pub struct StagePassInput {
    /// The stage: open, of a running programme.
    pub id: ID,
    /// Why it is passed although exit criteria are not met: 1 to 1,000 characters. Owners of the franchise can do
    /// so, and facilitators where the network lets them. Not needed, and not kept, where all criteria are met.
    pub override_reason: Option<String>,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

/// A stage to reopen, and why.
#[derive(InputObject)]
pub struct StageReopenInput {
    /// The stage: passed, of a running programme.
    pub id: ID,
    /// Why: 1 to 1,000 characters.
    pub reason: String,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

mutations! {
    StageMutation: stage -> Stage of Entity {
        /// Confirms in one's own words that an exit criterion is met. Confirming it again replaces the words.
        stage_confirm(StageConfirmInput) -> StageConfirmPayload = confirm, on id;
        /// Passes the open stage and opens the next that is not passed. Every exit criterion must be met, or
        /// overridden with a reason; the refusal lists those that are not.
        stage_pass(StagePassInput) -> StagePassPayload = pass, on id;
        /// Reopens a passed stage, with a reason. A later stage that was open is locked again.
        stage_reopen(StageReopenInput) -> StageReopenPayload = reopen, on id;
    }
}

/// The stage acted on, with its programme. The programme is locked first: what happens to one stage opens or locks
/// another.
async fn at(
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
        at(caller, Permission::StageConfirm, &input.id, input.expected_version).await?;
    let criterion = typed(&input.criterion_id);
    let criterion = write.load::<stage_criterion::Entity>(criterion, "input.criterionId").await?;
    let mut check = Check::new();
    let note = check.text("input.note", &input.note, 1..=2000);
    check.done()?;
    rules::next(stage.status, programme.status, Step::Confirm)?;
    rules::confirmable(&criterion, &stage)?;
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
        at(caller, Permission::StagePass, &input.id, input.expected_version).await?;
    let mut check = Check::new();
    let reason = check.text_if("input.overrideReason", input.override_reason.as_ref(), 1..=1000);
    check.done()?;
    let status = rules::next(stage.status, programme.status, Step::Pass)?;
    let criteria = stage_criterion::Entity::find()
        .filter(stage_criterion::Column::TemplateStageId.eq(stage.template_stage_id))
        .order_by_asc(stage_criterion::Column::Position);
    let unmet = rules::unmet(&write.all(criteria).await?, &facts(&write, &stage).await?);
    let kind = rules::passing(&unmet, reason.as_deref(), may_override(&write, &stage).await?)?;
    let reason = reason.filter(|_| kind == StageEventKind::Overridden);
    let mut change = stage.clone().into_active_model();
    change.status = Set(status);
    change.passed_at = Set(Some(write.now()));
    change.override_reason = Set(reason.clone());
    write.update::<Entity>(&stage, change).await?;
    happened(&write, &stage, kind, reason).await?;
    if let Some(next) = rules::following(&write.lock_all(stages_of(programme.id)).await?, &stage) {
        write.update::<Entity>(next, rules::opened(next, write.now())).await?;
        happened(&write, next, StageEventKind::Opened, None).await?;
    }
    write.commit().await?;
    Ok(stage.id)
}

async fn reopen(caller: &Caller, input: StageReopenInput) -> Result<Id<Entity>, Error> {
    let (write, programme, stage) =
        at(caller, Permission::StageReopen, &input.id, input.expected_version).await?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    rules::next(stage.status, programme.status, Step::Reopen)?;
    let stages = write.lock_all(stages_of(programme.id)).await?;
    if let Some(later) = rules::reopening(&stages, &stage)? {
        let mut change = later.clone().into_active_model();
        change.status = Set(StageStatus::Locked);
        write.update::<Entity>(later, change).await?;
    }
    let mut change = rules::opened(&stage, write.now());
    change.passed_at = Set(None);
    change.override_reason = Set(None);
    change.times_reopened = Set(stage.times_reopened + 1);
    write.update::<Entity>(&stage, change).await?;
    happened(&write, &stage, StageEventKind::Reopened, Some(reason)).await?;
    write.commit().await?;
    Ok(stage.id)
}

async fn happened(
    write: &Write,
    stage: &stage_run::Model,
    kind: StageEventKind,
    reason: Option<String>,
) -> Result<(), Error> {
    let event = rules::event(stage, write.id(), kind, write.person()?, write.now());
    write.insert::<stage_event::Entity>(stage_event::Model { reason, ..event }).await?;
    Ok(())
}

/// Owners of the franchise can always pass a stage over its criteria; facilitators where the network lets them.
async fn may_override(write: &Write, stage: &stage_run::Model) -> Result<bool, Error> {
    let network = write.find::<network::Entity>(stage.network_id).await?.ok_or(Fault::Internal)?;
    Ok(network.facilitators_override || write.actor()?.oversees(stage.client_id))
}

async fn facts(write: &Write, stage: &stage_run::Model) -> Result<Facts, Error> {
    let confirmed = stage_check::Entity::find().filter(stage_check::Column::StageRunId.eq(stage.id));
    let confirmed = write.all(confirmed).await?.into_iter().map(|check| check.stage_criterion_id).collect();
    let first = stage_event::Entity::find()
        .filter(stage_event::Column::StageRunId.eq(stage.id))
        .filter(stage_event::Column::Kind.eq(StageEventKind::Opened))
        .order_by_asc(stage_event::Column::At);
    let first = write.one(first).await?.map(|event| event.at).or(stage.opened_at);
    let held = session::Entity::find()
        .filter(session::Column::ProgrammeId.eq(stage.programme_id))
        .filter(session::Column::Status.eq(SessionStatus::Held))
        .filter(session::Column::StartsAt.gte(first));
    let ratified = decision::Entity::find()
        .filter(decision::Column::StageRunId.eq(stage.id))
        .filter(decision::Column::Status.eq(DecisionStatus::Ratified));
    let revealed = alignment_round::Entity::find()
        .filter(alignment_round::Column::TeamId.eq(stage.team_id))
        .filter(alignment_round::Column::RevealedAt.gte(first));
    let priorities = priority::Entity::find().filter(priority::Column::StageRunId.eq(stage.id));
    let priorities = write.all(priorities).await?;
    let committed = |priority: &&priority::Model| {
        matches!(priority.status, PriorityStatus::Committed | PriorityStatus::Achieved)
    };
    let ids = priorities.iter().map(|priority| priority.id);
    let actions = write.all(action::Entity::find().filter(action::Column::PriorityId.is_in(ids))).await?;
    let of = |statuses: &[ActionStatus]| {
        actions.iter().filter(|action| statuses.contains(&action.status)).count() as i64
    };
    Ok(Facts {
        confirmed,
        sessions_held: write.count(held).await?,
        priorities_committed: priorities.iter().filter(committed).count() as i64,
        actions_accepted: actions.iter().filter(|action| action.accepted_at.is_some()).count() as i64,
        actions_open: of(&ActionStatus::TO_BE_DONE),
        actions_done: of(&[ActionStatus::Done]),
        decisions_ratified: write.count(ratified).await?,
        rounds_revealed: write.count(revealed).await?,
    })
}
