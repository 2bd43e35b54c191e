//! Moves a programme to another version of its template. Stages are matched by key, or else by title. Passed stages
//! stay passed, and history stays.

use super::{
    Programme,
    rules::{self, PlacedStage},
    select_stages,
};
use crate::{
    features::{
        stage::{self, record_event},
        strategy::keeping as strategies,
    },
    kernel::{
        Caller, Check, Code, Error, Fault, Locked, Refusal, TransactionPart, Write,
        access::Permission,
        expect_version,
        mutation::{self, split},
        payload::{Leaf, PayloadPart, PayloadValue},
        payload_object::PayloadObject,
        read::shape::typed,
    },
    mutations, payload, payload_leaves,
};
use async_graphql::{Enum, ID, InputObject, Value, registry::Registry};
use entity::{
    Id, client, decision, priority,
    programme::{self, Entity},
    session, session_series, stage_check, stage_criterion,
    stage_criterion::CriterionKind,
    stage_event::{self, StageEventKind},
    stage_run::{self, StageStatus},
    template_stage, template_version,
};
use futures::future::BoxFuture;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Select};
use std::{borrow::Borrow, sync::Arc};

/// Input for `programmeMove`.
#[derive(InputObject)]
pub struct ProgrammeMoveInput {
    /// ID of the programme, which must be planned, running or paused.
    pub id: ID,
    /// ID of the template version to move to, which must be published. It must be a later version of the same template,
    /// a version of the network template that the programme's derives from, or a version of the franchise's template
    /// derived from the same network template.
    pub template_version_id: ID,
    /// Reason: 1 to 1,000 characters.
    pub reason: String,
    /// The `version` you last read. Fails with `CONFLICT` if the programme has changed since.
    pub expected_version: Option<i32>,
}

payload! {
    /// Result of `programmeMove`.
    pub struct ProgrammeMovePayload {
        /// Current state of the programme, also if the change was rejected. Null if not found or you have no access.
        pub programme: Option<PayloadObject<Programme>>,
        /// Effect on each stage, in the new order; removed stages come last. Null if there are errors.
        pub stages: Option<Vec<StageMove>>,
        /// Reasons the change was rejected. Empty if it was saved.
        pub errors: Vec<Refusal>,
    }
}

/// The arguments of `programmeMovePreview`.
#[derive(InputObject)]
struct PreviewArguments {
    id: ID,
    template_version_id: ID,
}

payload! {
    /// What `programmeMove` would do.
    pub struct ProgrammeMovePreview {
        /// Expected effect on each stage, in the new order; removed stages come last. Null if there are errors.
        pub stages: Option<Vec<StageMove>>,
        /// Reasons why the move would be rejected. Empty if it would be saved.
        pub errors: Vec<Refusal>,
    }
}

payload_leaves!(StageMoveOutcome);

payload! {
    /// Effect of a programme move on one stage.
    pub struct StageMove {
        /// What happens to the stage.
        pub outcome: StageMoveOutcome,
        /// Title of the stage after the move.
        pub title: String,
        /// Position of the stage before the move. Null if the stage is new.
        pub position_before: Option<i32>,
        /// Position of the stage after the move. Null if the stage is removed.
        pub position_after: Option<i32>,
        /// Status of the stage after the move. Null if the stage is removed.
        pub status: Option<Leaf<StageStatus>>,
        /// Number of exit-criterion confirmations that stay valid, because the same criterion still applies.
        pub confirmations_kept: i32,
        /// Number of exit-criterion confirmations that no longer count and are kept only as history.
        pub confirmations_lost: i32,
    }
}

/// What happens to a stage when its programme moves to another template version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum StageMoveOutcome {
    /// In both versions: the stage keeps its status, and the other version's exit criteria apply from now on.
    Stays,
    /// Only in the other version: the stage is added, locked, or open if no other stage is open.
    Added,
    /// Not in the other version, but begun or linked to work: the stage is kept, with its exit criteria.
    Kept,
    /// Not in the other version, not begun and not linked to work: the stage is removed.
    Removed,
}

mutations! {
    ProgrammeMoveMutation {
        /// Moves a programme to another template version; `programmeMovePreview` shows the effect on its stages before.
        /// Passed stages stay passed, the open stage stays open, and added stages are locked. The other version's exit
        /// criteria apply from then on: a confirmation stays valid if that version has a criterion with the same text,
        /// and counted criteria are counted again when the stage is passed.
        programme_move(ProgrammeMoveInput) -> ProgrammeMovePayload = programme_move;
    }
}

/// The type of `programmeMovePreview`.
pub fn preview_type(registry: &mut Registry) -> String {
    Option::<ProgrammeMovePreview>::schema_type(registry)
}

/// Computes `programmeMovePreview`: null if the programme or the version does not exist or the caller has no access.
pub fn compute_preview(
    caller: Arc<Caller>,
    arguments: Value,
) -> BoxFuture<'static, Result<PayloadPart, Fault>> {
    Box::pin(async move {
        let arguments = mutation::input(arguments)?;
        let (stages, errors) = match preview(&caller, arguments).await {
            Err(Error::Fault(Fault::Forbidden)) => return Ok(PayloadPart::Null),
            read => split(read)?,
        };
        if errors.iter().any(|error| error.code == Code::NotFound) {
            return Ok(PayloadPart::Null);
        }
        // the paths of a query do not begin with `input`
        let errors = errors.into_iter().map(|mut error| {
            error.path.retain(|step| step != "input");
            error
        });
        Ok(ProgrammeMovePreview { stages, errors: errors.collect() }.into_part())
    })
}

async fn preview(caller: &Caller, arguments: PreviewArguments) -> Result<Vec<StageMove>, Error> {
    let PreviewArguments { id, template_version_id } = arguments;
    let (look, programme) = caller
        .write_part::<Entity>(TransactionPart::Look, Permission::ProgrammeMove, typed(&id), "input.id")
        .await?;
    let to = load_target(&look, &template_version_id).await?;
    require_move_allowed(&look, &programme, &to).await?;
    let plan = VersionMove::read(&look, &programme, &to).await?;
    look.roll_back().await?;
    let (placed, removed) = rules::place_stages(&plan.runs, &plan.keys, &plan.targets, &plan.linked);
    Ok(plan.describe(&placed, &removed, rules::stage_to_open(&placed, programme.status)))
}

async fn programme_move(caller: &Caller, input: ProgrammeMoveInput) -> Result<ProgrammeMovePayload, Fault> {
    let named = Id::<Entity>::parse(&input.id);
    let (stages, errors) = split(move_to_version(caller, input).await)?;
    let programme = named.map(if stages.is_some() { PayloadObject::saved } else { PayloadObject::refused });
    Ok(ProgrammeMovePayload { programme, stages, errors })
}

async fn move_to_version(caller: &Caller, input: ProgrammeMoveInput) -> Result<Vec<StageMove>, Error> {
    let (write, programme) =
        caller.write::<Entity>(Permission::ProgrammeMove, typed(&input.id), "input.id").await?;
    expect_version(programme.version, input.expected_version)?;
    let to = load_target(&write, &input.template_version_id).await?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    require_move_allowed(&write, &programme, &to).await?;
    let plan = VersionMove::lock(&write, &programme, &to).await?;
    let (placed, removed) = rules::place_stages(&plan.runs, &plan.keys, &plan.targets, &plan.linked);
    let opens = rules::stage_to_open(&placed, programme.status);
    let stages = plan.describe(&placed, &removed, opens);
    let gone: Vec<_> = removed.iter().map(|run| run.id).collect();
    strategies::leave_stages(&write, &gone).await?;
    for run in removed {
        write.delete::<stage_run::Entity>(plan.locked_run(run)?.clone()).await?;
    }
    plan.apply(&write, &programme, &placed, opens, &reason).await?;
    let mut change = programme.clone().into_active_model();
    change.template_version_id = Set(to.id);
    let programme = write.update::<Entity>(&programme, change).await?;
    strategies::take_sections(&write, &programme).await?;
    write.commit().await?;
    Ok(stages)
}

/// Loads the version to move to.
async fn load_target(write: &Write, id: &ID) -> Result<template_version::Model, Error> {
    write.load::<template_version::Entity>(typed(id), "input.templateVersionId").await
}

/// Requires that a programme can move to a version.
async fn require_move_allowed(
    write: &Write,
    programme: &programme::Model,
    to: &template_version::Model,
) -> Result<(), Error> {
    let client = write.load::<client::Entity>(Some(programme.client_id), "input.id").await?;
    rules::require_movable(programme.status)?;
    rules::require_published(to.status)?;
    rules::require_available_template(to.franchise_id, client.franchise_id, "input.templateVersionId")?;
    let from = write.find::<template_version::Entity>(programme.template_version_id).await?;
    let from = from.ok_or(Fault::Internal)?;
    Ok(rules::require_related_versions(
        (&from, root_template(write, &from).await?),
        (to, root_template(write, to).await?),
    )?)
}

/// Returns the template that a version belongs to or is derived from: the network's one, if there is an ancestor.
async fn root_template(
    write: &Write,
    version: &template_version::Model,
) -> Result<Id<entity::template::Entity>, Error> {
    let Some(ancestor) = version.ancestor_id else { return Ok(version.template_id) };
    let ancestor = write.find::<template_version::Entity>(ancestor).await?.ok_or(Fault::Internal)?;
    Ok(ancestor.template_id)
}

/// The data of a move. A move locks the stages, so that no work is linked to a stage while it is removed, and the
/// confirmations. A preview only reads them.
struct VersionMove<R, C> {
    runs: Vec<R>,
    /// Key of each run's stage in its template version.
    keys: Vec<String>,
    targets: Vec<template_stage::Model>,
    /// Runs that other objects are linked to.
    linked: Vec<Id<stage_run::Entity>>,
    checks: Vec<C>,
    /// Criteria of both versions.
    criteria: Vec<stage_criterion::Model>,
}

impl VersionMove<stage_run::Model, stage_check::Model> {
    async fn read(
        look: &Write,
        programme: &programme::Model,
        to: &template_version::Model,
    ) -> Result<Self, Error> {
        let runs = look.all(select_stages(programme.id)).await?;
        let checks = look.all(select_confirmations(&runs)).await?;
        VersionMove::of(look, runs, checks, to).await
    }
}

impl<R: Borrow<stage_run::Model>, C: Borrow<stage_check::Model>> VersionMove<R, C> {
    async fn of(
        write: &Write,
        runs: Vec<R>,
        checks: Vec<C>,
        to: &template_version::Model,
    ) -> Result<Self, Error> {
        let rows: Vec<&stage_run::Model> = runs.iter().map(|run| run.borrow()).collect();
        let ids: Vec<_> = rows.iter().map(|run| run.id).collect();
        let planned = template_stage::Entity::find()
            .filter(template_stage::Column::Id.is_in(rows.iter().map(|run| run.template_stage_id)));
        let planned = write.all(planned).await?;
        let key = |run: &&stage_run::Model| {
            let stage = planned.iter().find(|stage| stage.id == run.template_stage_id);
            stage.map(|stage| stage.key.clone()).unwrap_or_default()
        };
        let keys = rows.iter().map(key).collect();
        let targets = template_stage::Entity::find()
            .filter(template_stage::Column::TemplateVersionId.eq(to.id))
            .order_by_asc(template_stage::Column::Position);
        let targets = write.all(targets).await?;
        let stages = planned.iter().chain(&targets).map(|stage| stage.id);
        let criteria = stage_criterion::Entity::find()
            .filter(stage_criterion::Column::TemplateStageId.is_in(stages))
            .order_by_asc(stage_criterion::Column::Position);
        let criteria = write.all(criteria).await?;
        let events = stage_event::Entity::find().filter(stage_event::Column::StageRunId.is_in(ids.clone()));
        let events = write.all(events).await?;
        let work = priority::Entity::find().filter(priority::Column::StageRunId.is_in(ids.clone()));
        let work = write.all(work).await?;
        let decisions = decision::Entity::find().filter(decision::Column::StageRunId.is_in(ids.clone()));
        let decisions = write.all(decisions).await?;
        let sessions = session::Entity::find().filter(session::Column::StageRunId.is_in(ids.clone()));
        let sessions = write.all(sessions).await?;
        let series = session_series::Entity::find().filter(session_series::Column::StageRunId.is_in(ids));
        let series = write.all(series).await?;
        let linked = checks.iter().map(|check| model::<stage_check::Model>(check).stage_run_id);
        let linked = linked.chain(events.iter().map(|event| event.stage_run_id));
        let linked = linked.chain(work.iter().filter_map(|priority| priority.stage_run_id));
        let linked = linked.chain(decisions.iter().filter_map(|decision| decision.stage_run_id));
        let linked = linked.chain(sessions.iter().filter_map(|session| session.stage_run_id));
        let linked = linked.chain(series.iter().filter_map(|series| series.stage_run_id)).collect();
        Ok(VersionMove { runs, keys, targets, linked, checks, criteria })
    }

    /// Returns the confirmations of a run, each with the equal criterion of the new stage, if there is one.
    fn confirmations<'w>(
        &'w self,
        one: &'w PlacedStage<'w>,
    ) -> impl Iterator<Item = (&'w C, Option<&'w stage_criterion::Model>)> {
        let of_run = |check: &&C| {
            let check: &stage_check::Model = model(*check);
            one.run.is_some_and(|run| run.id == check.stage_run_id)
        };
        self.checks.iter().filter(of_run).map(|check| {
            let criterion = model::<stage_check::Model>(check).stage_criterion_id;
            let before = self.criteria.iter().find(|other| other.id == criterion);
            let same = self.criteria.iter().find(|criterion| {
                one.to.is_some_and(|to| to.id == criterion.template_stage_id)
                    && criterion.kind == CriterionKind::Confirmed
                    && before.is_some_and(|before| before.text == criterion.text)
            });
            (check, same)
        })
    }

    fn describe(
        &self,
        placed: &[PlacedStage<'_>],
        removed: &[&stage_run::Model],
        opens: Option<usize>,
    ) -> Vec<StageMove> {
        let stay = placed.iter().enumerate().map(|(at, one)| {
            let status = one.run.map_or(StageStatus::Locked, |run| run.status);
            let count = |kept: bool| {
                let confirmations =
                    self.confirmations(one).filter(|(_, same)| (same.is_some() || one.to.is_none()) == kept);
                confirmations.count() as i32
            };
            StageMove {
                outcome: match (one.run, one.to) {
                    (Some(_), Some(_)) => StageMoveOutcome::Stays,
                    (None, _) => StageMoveOutcome::Added,
                    (Some(_), None) => StageMoveOutcome::Kept,
                },
                title: one.title().to_owned(),
                position_before: one.run.map(|run| run.position),
                position_after: Some(one.position),
                status: Some(Leaf(if opens == Some(at) { StageStatus::Open } else { status })),
                confirmations_kept: count(true),
                confirmations_lost: count(false),
            }
        });
        let removed = removed.iter().map(|run| StageMove {
            outcome: StageMoveOutcome::Removed,
            title: run.title.clone(),
            position_before: Some(run.position),
            position_after: None,
            status: None,
            confirmations_kept: 0,
            confirmations_lost: 0,
        });
        stay.chain(removed).collect()
    }
}

impl VersionMove<Locked<stage_run::Model>, Locked<stage_check::Model>> {
    async fn lock(
        write: &Write,
        programme: &programme::Model,
        to: &template_version::Model,
    ) -> Result<Self, Error> {
        let runs = write.lock_all(select_stages(programme.id)).await?;
        let checks = write.lock_all(select_confirmations(&runs)).await?;
        VersionMove::of(write, runs, checks, to).await
    }

    /// Returns the locked row of a run.
    fn locked_run(&self, run: &stage_run::Model) -> Result<&Locked<stage_run::Model>, Fault> {
        self.runs.iter().find(|own| own.id == run.id).ok_or(Fault::Internal)
    }

    async fn apply(
        &self,
        write: &Write,
        programme: &programme::Model,
        placed: &[PlacedStage<'_>],
        opens: Option<usize>,
        reason: &str,
    ) -> Result<(), Error> {
        for run in placed.iter().filter_map(|one| one.run) {
            // moved aside first: two stages of a programme never have the same position
            let moved_aside = stage_run::ActiveModel {
                id: Set(run.id),
                position: Set(run.position + 1_000),
                ..Default::default()
            };
            write.set::<stage_run::Entity>(self.locked_run(run)?, moved_aside).await?;
        }
        for (at, one) in placed.iter().enumerate() {
            let run = match one.run {
                Some(run) => self.move_stage(write, self.locked_run(run)?, one, reason).await?,
                None => write.insert::<stage_run::Entity>(new_stage(write, programme, one)?).await?,
            };
            if opens == Some(at) {
                write.update::<stage_run::Entity>(&run, stage::rules::open_stage(&run, write.now())).await?;
                record_event(write, &run, StageEventKind::Opened, None).await?;
            }
        }
        Ok(())
    }

    /// Moves an existing stage to its new position and gives it the criteria of the new version.
    async fn move_stage(
        &self,
        write: &Write,
        run: &Locked<stage_run::Model>,
        one: &PlacedStage<'_>,
        reason: &str,
    ) -> Result<Locked<stage_run::Model>, Error> {
        let mut change = run.clone().into_active_model();
        change.position = Set(one.position);
        if let Some(to) = one.to {
            change.template_stage_id = Set(to.id);
            // a passed stage keeps the title under which it was passed
            if run.status != StageStatus::Passed {
                change.title = Set(to.title.clone());
                change.purpose = Set(to.purpose.clone());
                change.planned_days = Set(to.planned_days);
            }
            for (check, same) in self.confirmations(one) {
                if let Some(same) = same {
                    let mut carried = check.clone().into_active_model();
                    carried.stage_criterion_id = Set(same.id);
                    write.update::<stage_check::Entity>(check, carried).await?;
                }
            }
            record_event(write, run, StageEventKind::Moved, Some(reason.to_owned())).await?;
        }
        write.update::<stage_run::Entity>(run, change).await
    }
}

/// Selects the confirmations of stages.
fn select_confirmations(runs: &[impl Borrow<stage_run::Model>]) -> Select<stage_check::Entity> {
    let ids = runs.iter().map(|run| model::<stage_run::Model>(run).id);
    stage_check::Entity::find().filter(stage_check::Column::StageRunId.is_in(ids))
}

/// Borrows the model of a row, locked or not.
fn model<M>(row: &impl Borrow<M>) -> &M {
    row.borrow()
}

fn new_stage(
    write: &Write,
    programme: &programme::Model,
    one: &PlacedStage<'_>,
) -> Result<stage_run::Model, Fault> {
    let stage = one.to.ok_or(Fault::Internal)?;
    Ok(rules::new_stage_run(programme, stage, write.id(), one.position))
}
