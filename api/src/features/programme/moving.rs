//! A programme moves to another version of its template. Its stages are found again by their keys, or else by their
//! titles; what was passed stays passed, and nothing that happened is lost.

use super::{
    Programme,
    rules::{self, Placed},
    stages_of,
};
use crate::{
    features::stage,
    kernel::{
        Caller, Check, Error, Fault, Locked, Refusal, Write, access::Permission, expect_version,
        mutation::split, payload::PayloadObject, read::shape::typed,
    },
    mutations, payload, payload_leaves,
};
use async_graphql::{Enum, ID, InputObject};
use entity::{
    Id, client, decision, priority,
    programme::{self, Entity},
    session, stage_check, stage_criterion,
    stage_criterion::CriterionKind,
    stage_event::{self, StageEventKind},
    stage_run::{self, StageStatus},
    template_stage, template_version,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

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
    /// If `true`, returns the effect on the stages and changes nothing.
    #[graphql(default)]
    pub dry_run: bool,
    /// The `version` you last read. Fails with `CONFLICT` if the programme has changed since.
    pub expected_version: Option<i32>,
}

payload! {
    /// Result of `programmeMove`.
    pub struct ProgrammeMovePayload {
        /// Current state of the programme, also if the change was rejected. Null if not found or you have no access.
        pub programme: Option<PayloadObject<Programme>>,
        /// Effect on each stage, or expected effect with `dryRun`, in the new order; removed stages come last. Null if
        /// there are errors.
        pub stages: Option<Vec<StageMove>>,
        /// Reasons the change was rejected. Empty if it was saved or, with `dryRun`, would be.
        pub errors: Vec<Refusal>,
    }
}

payload_leaves!(StageMoveOutcome, StageStatus);

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
        pub status: Option<StageStatus>,
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
        /// Moves a programme to another template version or, with `dryRun`, only returns the effect on its stages.
        /// Passed stages stay passed, the open stage stays open, and added stages are locked. The other version's exit
        /// criteria apply from then on: a confirmation stays valid if that version has a criterion with the same text,
        /// and counted criteria are counted again when the stage is passed.
        programme_move(ProgrammeMoveInput) -> ProgrammeMovePayload = programme_move;
    }
}

async fn programme_move(caller: &Caller, input: ProgrammeMoveInput) -> Result<ProgrammeMovePayload, Fault> {
    let (named, dry_run) = (Id::<Entity>::parse(&input.id), input.dry_run);
    let (stages, errors) = split(go(caller, input).await)?;
    let saved = stages.is_some() && !dry_run;
    let programme = named.map(if saved { PayloadObject::saved } else { PayloadObject::refused });
    Ok(ProgrammeMovePayload { programme, stages, errors })
}

async fn go(caller: &Caller, input: ProgrammeMoveInput) -> Result<Vec<StageMove>, Error> {
    let (write, programme) =
        caller.write::<Entity>(Permission::ProgrammeMove, typed(&input.id), "input.id").await?;
    expect_version(programme.version, input.expected_version)?;
    let client = write.load::<client::Entity>(Some(programme.client_id), "input.id").await?;
    let path = "input.templateVersionId";
    let to = write.load::<template_version::Entity>(typed(&input.template_version_id), path).await?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    rules::movable(programme.status)?;
    rules::can_run(to.status)?;
    rules::runs_here(to.franchise_id, client.franchise_id, path)?;
    let from = write.find::<template_version::Entity>(programme.template_version_id).await?;
    let from = from.ok_or(Fault::Internal)?;
    rules::of_one_line((&from, line(&write, &from).await?), (&to, line(&write, &to).await?))?;
    let way = Way::of(&write, &programme, &to).await?;
    let (placed, removed) = rules::placed(&way.runs, &way.keys, &way.targets, &way.busy);
    let opens = rules::opens(&placed, programme.status);
    let told = way.told(&placed, &removed, opens);
    if input.dry_run {
        write.leave().await?;
        return Ok(told);
    }
    for run in removed {
        write.delete::<stage_run::Entity>(way.locked(run)?.clone()).await?;
    }
    way.apply(&write, &programme, &placed, opens, &reason).await?;
    let mut change = programme.clone().into_active_model();
    change.template_version_id = Set(to.id);
    write.update::<Entity>(&programme, change).await?;
    write.commit().await?;
    Ok(told)
}

/// The network's template that a version is of, or derives from.
async fn line(
    write: &Write,
    version: &template_version::Model,
) -> Result<Id<entity::template::Entity>, Error> {
    let Some(ancestor) = version.ancestor_id else { return Ok(version.template_id) };
    let ancestor = write.find::<template_version::Entity>(ancestor).await?.ok_or(Fault::Internal)?;
    Ok(ancestor.template_id)
}

/// All that a move needs to know.
struct Way {
    /// Locked, so that no work comes to hang on one that goes.
    runs: Vec<Locked<stage_run::Model>>,
    /// What each run's stage is called in its template version.
    keys: Vec<String>,
    targets: Vec<template_stage::Model>,
    /// Runs that something hangs on.
    busy: Vec<Id<stage_run::Entity>>,
    checks: Vec<Locked<stage_check::Model>>,
    /// The criteria of both versions.
    criteria: Vec<stage_criterion::Model>,
}

impl Way {
    async fn of(
        write: &Write,
        programme: &programme::Model,
        to: &template_version::Model,
    ) -> Result<Way, Error> {
        let runs = write.lock_all(stages_of(programme.id)).await?;
        let ids: Vec<_> = runs.iter().map(|run| run.id).collect();
        let planned = template_stage::Entity::find()
            .filter(template_stage::Column::Id.is_in(runs.iter().map(|run| run.template_stage_id)));
        let planned = write.all(planned).await?;
        let key = |run: &Locked<stage_run::Model>| {
            let stage = planned.iter().find(|stage| stage.id == run.template_stage_id);
            stage.map(|stage| stage.key.clone()).unwrap_or_default()
        };
        let keys = runs.iter().map(key).collect();
        let targets = template_stage::Entity::find()
            .filter(template_stage::Column::TemplateVersionId.eq(to.id))
            .order_by_asc(template_stage::Column::Position);
        let targets = write.all(targets).await?;
        let stages = planned.iter().chain(&targets).map(|stage| stage.id);
        let criteria = stage_criterion::Entity::find()
            .filter(stage_criterion::Column::TemplateStageId.is_in(stages))
            .order_by_asc(stage_criterion::Column::Position);
        let criteria = write.all(criteria).await?;
        let checks = stage_check::Entity::find().filter(stage_check::Column::StageRunId.is_in(ids.clone()));
        let checks = write.lock_all(checks).await?;
        let events = stage_event::Entity::find().filter(stage_event::Column::StageRunId.is_in(ids.clone()));
        let events = write.all(events).await?;
        let work = priority::Entity::find().filter(priority::Column::StageRunId.is_in(ids.clone()));
        let work = write.all(work).await?;
        let decisions = decision::Entity::find().filter(decision::Column::StageRunId.is_in(ids.clone()));
        let decisions = write.all(decisions).await?;
        let sessions = session::Entity::find().filter(session::Column::StageRunId.is_in(ids));
        let sessions = write.all(sessions).await?;
        let busy = checks.iter().map(|check| check.stage_run_id);
        let busy = busy.chain(events.iter().map(|event| event.stage_run_id));
        let busy = busy.chain(work.iter().filter_map(|priority| priority.stage_run_id));
        let busy = busy.chain(decisions.iter().filter_map(|decision| decision.stage_run_id));
        let busy = busy.chain(sessions.iter().filter_map(|session| session.stage_run_id)).collect();
        Ok(Way { runs, keys, targets, busy, checks, criteria })
    }

    /// A run as the move found it.
    fn locked(&self, run: &stage_run::Model) -> Result<&Locked<stage_run::Model>, Fault> {
        self.runs.iter().find(|own| own.id == run.id).ok_or(Fault::Internal)
    }

    /// A run's confirmations, each with the criterion that asks for the same in the stage it goes to.
    fn confirmed<'w>(
        &'w self,
        one: &'w Placed<'w>,
    ) -> impl Iterator<Item = (&'w Locked<stage_check::Model>, Option<&'w stage_criterion::Model>)> {
        let checks =
            self.checks.iter().filter(|check| one.run.is_some_and(|run| run.id == check.stage_run_id));
        checks.map(|check| {
            let before = self.criteria.iter().find(|criterion| criterion.id == check.stage_criterion_id);
            let same = self.criteria.iter().find(|criterion| {
                one.to.is_some_and(|to| to.id == criterion.template_stage_id)
                    && criterion.kind == CriterionKind::Confirmed
                    && before.is_some_and(|before| before.text == criterion.text)
            });
            (check, same)
        })
    }

    fn told(
        &self,
        placed: &[Placed<'_>],
        removed: &[&stage_run::Model],
        opens: Option<usize>,
    ) -> Vec<StageMove> {
        let stay = placed.iter().enumerate().map(|(at, one)| {
            let status = one.run.map_or(StageStatus::Locked, |run| run.status);
            let held = |kept: bool| {
                let of = self.confirmed(one).filter(|(_, same)| (same.is_some() || one.to.is_none()) == kept);
                of.count() as i32
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
                status: Some(if opens == Some(at) { StageStatus::Open } else { status }),
                confirmations_kept: held(true),
                confirmations_lost: held(false),
            }
        });
        let gone = removed.iter().map(|run| StageMove {
            outcome: StageMoveOutcome::Removed,
            title: run.title.clone(),
            position_before: Some(run.position),
            position_after: None,
            status: None,
            confirmations_kept: 0,
            confirmations_lost: 0,
        });
        stay.chain(gone).collect()
    }

    async fn apply(
        &self,
        write: &Write,
        programme: &programme::Model,
        placed: &[Placed<'_>],
        opens: Option<usize>,
        reason: &str,
    ) -> Result<(), Error> {
        for run in placed.iter().filter_map(|one| one.run) {
            // out of the way first: no two stages of a programme ever share a place
            let aside = stage_run::ActiveModel {
                id: Set(run.id),
                position: Set(run.position + 1_000),
                ..Default::default()
            };
            write.set::<stage_run::Entity>(aside).await?;
        }
        for (at, one) in placed.iter().enumerate() {
            let run = match one.run {
                Some(run) => self.goes_on(write, self.locked(run)?, one, reason).await?,
                None => write.insert::<stage_run::Entity>(added(write, programme, one)?).await?,
            };
            if opens == Some(at) {
                write.update::<stage_run::Entity>(&run, stage::rules::opened(&run, write.now())).await?;
                happened(write, &run, StageEventKind::Opened, None).await?;
            }
        }
        Ok(())
    }

    /// A stage that was there before: at its new place, and asking what the other version asks.
    async fn goes_on(
        &self,
        write: &Write,
        run: &Locked<stage_run::Model>,
        one: &Placed<'_>,
        reason: &str,
    ) -> Result<Locked<stage_run::Model>, Error> {
        let mut change = run.clone().into_active_model();
        change.position = Set(one.position);
        if let Some(to) = one.to {
            change.template_stage_id = Set(to.id);
            // what was passed is history, under the name it was passed by
            if run.status != StageStatus::Passed {
                change.title = Set(to.title.clone());
                change.purpose = Set(to.purpose.clone());
                change.planned_days = Set(to.planned_days);
            }
            for (check, same) in self.confirmed(one) {
                if let Some(same) = same {
                    let mut carried = check.clone().into_active_model();
                    carried.stage_criterion_id = Set(same.id);
                    write.update::<stage_check::Entity>(check, carried).await?;
                }
            }
            happened(write, run, StageEventKind::Moved, Some(reason.to_owned())).await?;
        }
        write.update::<stage_run::Entity>(run, change).await
    }
}

fn added(write: &Write, programme: &programme::Model, one: &Placed<'_>) -> Result<stage_run::Model, Fault> {
    let stage = one.to.ok_or(Fault::Internal)?;
    Ok(rules::laid_out(programme, stage, write.id(), one.position))
}

async fn happened(
    write: &Write,
    run: &stage_run::Model,
    kind: StageEventKind,
    reason: Option<String>,
) -> Result<(), Error> {
    let event = stage::rules::event(run, write.id(), kind, write.person()?, write.now());
    write.insert::<stage_event::Entity>(stage_event::Model { reason, ..event }).await?;
    Ok(())
}
