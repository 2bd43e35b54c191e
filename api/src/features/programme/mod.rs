//! Programme: a team's run of one pinned template version. Planned, then active and perhaps paused for a while, and
//! in the end completed or terminated. A team has one at a time.

mod moving;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    client::Client,
    review::keeping,
    session_series::keeping as diary,
    stage::{self, Stage},
    team::Team,
    template::TemplateVersion,
};
use crate::{
    inputs,
    kernel::{
        Caller, Check, Code, Error, Fault, Locked, Write, access::Permission, expect_version,
        read::shape::typed, today,
    },
    mutations,
    scalar::Date,
    shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, client,
    programme::{self, Entity, ProgrammeStatus},
    programme_pause,
    stage_event::{self, StageEventKind},
    stage_run, team, template, template_stage, template_version,
};
pub use moving::*;
use rules::Step;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Select};

shape! {
    /// A programme that a team runs, based on a template version.
    Programme of programme {
        /// Name of the programme.
        name = text(Name).filter().order(),
        /// Status of the programme.
        status = closed::<ProgrammeStatus, _>(Status).filter().order(),
        /// Planned start date, in the client's time zone.
        plannedStartOn = date(PlannedStartOn).filter().order(),
        /// Time the programme started. Null if not started.
        startedAt = instant(StartedAt).or_null().filter(),
        /// Time the present pause began. Null if not paused.
        pausedAt = instant(PausedAt).or_null(),
        /// Time the programme was completed or terminated. Null until then.
        endedAt = instant(EndedAt).or_null(),
        /// Why the programme was paused or terminated. Null if neither.
        reason = text(Reason).or_null(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Client that the programme is for.
        client = one::<Client, _>(ClientId),
        /// Team that runs the programme.
        team = one::<Team, _>(TeamId),
        /// Template version that the programme runs. Visible only to people who run programmes and to head office; null
        /// for others.
        templateVersion = one::<TemplateVersion, _>(TemplateVersionId).or_null(),
        /// Pauses of the programme, oldest first.
        pauses = list::<ProgrammePause, _>(entity::programme_pause::Column::ProgrammeId).by(entity::programme_pause::Column::StartsAt, Ty::Instant).about(1),
        /// Stages of the programme, in order.
        stages = list::<Stage, _>(entity::stage_run::Column::ProgrammeId).by(entity::stage_run::Column::Position, Ty::Int).about(6),
    }
}

shape! {
    /// A period in which a programme was paused. Paused days do not count: no check-in or review is missed, no work
    /// falls behind, and metrics leave these days out.
    ProgrammePause of programme_pause {
        /// Time the pause began.
        startsAt = instant(StartsAt),
        /// Time the pause ended. Null while it lasts.
        endsAt = instant(EndsAt).or_null(),
    }
}

/// Input for `programmeCreate`.
#[derive(InputObject)]
pub struct ProgrammeCreateInput {
    /// ID of the team, which must not have another programme that is planned, running or paused.
    pub team_id: ID,
    /// ID of the template version to run, which must be published. Only `programmeMove` can change it later.
    pub template_version_id: ID,
    /// Name: 1 to 200 characters. Default: the template's name.
    pub name: Option<String>,
    /// Planned start date, in the client's time zone: at most one year ago and five years ahead.
    pub planned_start_on: Date,
}

inputs! {
    /// Identifies the programme to start, resume or complete.
    [ProgrammeStartInput, ProgrammeResumeInput, ProgrammeCompleteInput] {
        /// ID of the programme.
        pub id: ID,
        /// The `version` you last read. Fails with `CONFLICT` if the programme has changed since.
        pub expected_version: Option<i32>,
    }
}

inputs! {
    /// Identifies the programme to pause or terminate, and gives the reason.
    [ProgrammePauseInput, ProgrammeTerminateInput] {
        /// ID of the programme.
        pub id: ID,
        /// Reason: 1 to 1,000 characters.
        pub reason: String,
        /// The `version` you last read. Fails with `CONFLICT` if the programme has changed since.
        pub expected_version: Option<i32>,
    }
}

mutations! {
    ProgrammeMutation: programme -> Programme of Entity {
        /// Plans a programme for a team, with the stages of a published template version. All stages are locked.
        programme_create(ProgrammeCreateInput) -> ProgrammeCreatePayload = create;
        /// Starts a planned programme and opens its first stage. A team without a review cadence gets the template's.
        programme_start(ProgrammeStartInput) -> ProgrammeStartPayload = start, on id;
        /// Pauses a running programme, with a reason. Paused days do not count.
        programme_pause(ProgrammePauseInput) -> ProgrammePausePayload = pause, on id;
        /// Resumes a paused programme. Reviews that fell into the pause are excused.
        programme_resume(ProgrammeResumeInput) -> ProgrammeResumePayload = resume, on id;
        /// Completes a running programme, whose stages must all be passed. The team's review cadence and the
        /// programme's session series end, and its future sessions are cancelled.
        programme_complete(ProgrammeCompleteInput) -> ProgrammeCompletePayload = complete, on id;
        /// Ends a programme early, with a reason. Its history stays. The team's review cadence and the programme's
        /// session series end, and its future sessions are cancelled.
        programme_terminate(ProgrammeTerminateInput) -> ProgrammeTerminatePayload = terminate, on id;
    }
}

async fn create(caller: &Caller, input: ProgrammeCreateInput) -> Result<Id<Entity>, Error> {
    let (write, team) = caller
        .write::<team::Entity>(Permission::ProgrammeCreate, typed(&input.team_id), "input.teamId")
        .await?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.teamId").await?;
    let version = typed(&input.template_version_id);
    let version = write.load::<template_version::Entity>(version, "input.templateVersionId").await?;
    let mut check = Check::new();
    let name = check.line_if("input.name", input.name.as_ref(), 1..=200);
    let on = input.planned_start_on.0;
    let wrong = !rules::sensible_start(on, today(&client.time_zone, write.now())?);
    let message = "A planned start lies at most a year back and five years ahead.";
    check.refuse_if(wrong, Code::Invalid, "input.plannedStartOn", message);
    check.done()?;
    rules::takes_work(client.status, team.archived_at)?;
    rules::can_run(version.status)?;
    rules::runs_here(version.franchise_id, client.franchise_id, "input.templateVersionId")?;
    let others = write.all(Entity::find().filter(programme::Column::TeamId.eq(team.id))).await?;
    rules::room_in_team(&others)?;
    let template = write.find::<template::Entity>(version.template_id).await?.ok_or(Fault::Internal)?;
    let row = programme::Model {
        id: write.id(),
        network_id: team.network_id,
        client_id: team.client_id,
        team_id: team.id,
        template_version_id: version.id,
        name: name.unwrap_or(template.name),
        status: ProgrammeStatus::Planned,
        planned_start_on: on,
        started_at: None,
        paused_at: None,
        paused_seconds: 0,
        ended_at: None,
        reason: None,
        created_at: write.now(),
        version: 1,
    };
    let programme = write.insert::<Entity>(row).await?;
    lay_out(&write, &programme).await?;
    write.commit().await?;
    Ok(programme.id)
}

async fn start(caller: &Caller, input: ProgrammeStartInput) -> Result<Id<Entity>, Error> {
    let (write, programme) =
        caller.write::<Entity>(Permission::ProgrammeStart, typed(&input.id), "input.id").await?;
    expect_version(programme.version, input.expected_version)?;
    let status = rules::next(programme.status, Step::Start)?;
    let mut change = programme.clone().into_active_model();
    change.status = Set(status);
    change.started_at = Set(Some(write.now()));
    write.update::<Entity>(&programme, change).await?;
    let first = write.lock_one(stages_of(programme.id)).await?.ok_or(Fault::Internal)?;
    write.update::<stage_run::Entity>(&first, stage::rules::opened(&first, write.now())).await?;
    let event = stage::rules::event(&first, write.id(), StageEventKind::Opened, write.person()?, write.now());
    write.insert::<stage_event::Entity>(event).await?;
    keeping::begin_with(&write, &programme).await?;
    write.commit().await?;
    Ok(programme.id)
}

async fn pause(caller: &Caller, input: ProgrammePauseInput) -> Result<Id<Entity>, Error> {
    let (write, programme) =
        caller.write::<Entity>(Permission::ProgrammePause, typed(&input.id), "input.id").await?;
    expect_version(programme.version, input.expected_version)?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    let status = rules::next(programme.status, Step::Pause)?;
    let mut change = programme.clone().into_active_model();
    change.status = Set(status);
    change.paused_at = Set(Some(write.now()));
    change.reason = Set(Some(reason));
    write.update::<Entity>(&programme, change).await?;
    write.insert::<programme_pause::Entity>(rules::pause(&programme, write.id(), write.now())).await?;
    write.commit().await?;
    Ok(programme.id)
}

async fn resume(caller: &Caller, input: ProgrammeResumeInput) -> Result<Id<Entity>, Error> {
    let (write, programme) =
        caller.write::<Entity>(Permission::ProgrammeResume, typed(&input.id), "input.id").await?;
    expect_version(programme.version, input.expected_version)?;
    let status = rules::next(programme.status, Step::Resume)?;
    let mut change = programme.clone().into_active_model();
    change.status = Set(status);
    change.paused_seconds = Set(rules::paused_for(&programme, write.now()));
    change.paused_at = Set(None);
    change.reason = Set(None);
    write.update::<Entity>(&programme, change).await?;
    end_pause(&write, &programme).await?;
    keeping::excuse(&write, &programme).await?;
    write.commit().await?;
    Ok(programme.id)
}

async fn complete(caller: &Caller, input: ProgrammeCompleteInput) -> Result<Id<Entity>, Error> {
    let (write, programme) = under_team(caller, Permission::ProgrammeComplete, &input.id).await?;
    expect_version(programme.version, input.expected_version)?;
    let status = rules::next(programme.status, Step::Complete)?;
    rules::all_passed(&write.all(stages_of(programme.id)).await?)?;
    let mut change = programme.clone().into_active_model();
    change.status = Set(status);
    change.ended_at = Set(Some(write.now()));
    let ended = write.update::<Entity>(&programme, change).await?;
    keeping::end_with(&write, &ended).await?;
    diary::end_with(&write, &ended).await?;
    write.commit().await?;
    Ok(programme.id)
}

async fn terminate(caller: &Caller, input: ProgrammeTerminateInput) -> Result<Id<Entity>, Error> {
    let (write, programme) = under_team(caller, Permission::ProgrammeTerminate, &input.id).await?;
    expect_version(programme.version, input.expected_version)?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    let status = rules::next(programme.status, Step::Terminate)?;
    let mut change = programme.clone().into_active_model();
    change.status = Set(status);
    // a pause that it ends in counts as paused to the end
    change.paused_seconds = Set(rules::paused_for(&programme, write.now()));
    change.paused_at = Set(None);
    change.ended_at = Set(Some(write.now()));
    change.reason = Set(Some(reason));
    let ended = write.update::<Entity>(&programme, change).await?;
    end_pause(&write, &programme).await?;
    keeping::excuse(&write, &programme).await?;
    keeping::end_with(&write, &ended).await?;
    diary::end_with(&write, &ended).await?;
    write.commit().await?;
    Ok(programme.id)
}

/// A programme that is to end, its team locked first: sessions of a team come and go one change at a time.
async fn under_team(
    caller: &Caller,
    permission: Permission,
    id: &ID,
) -> Result<(Write, Locked<programme::Model>), Error> {
    let column = programme::Column::TeamId;
    let (write, _, programme) =
        caller.write_under::<team::Entity, Entity>(permission, column, typed(id), "input.id").await?;
    Ok((write, programme))
}

/// Ends the pause that a programme is in, if it is in one.
async fn end_pause(write: &Write, programme: &programme::Model) -> Result<(), Error> {
    let lasting = programme_pause::Entity::find()
        .filter(programme_pause::Column::ProgrammeId.eq(programme.id))
        .filter(programme_pause::Column::EndsAt.is_null());
    let Some(pause) = write.lock_one(lasting).await? else { return Ok(()) };
    let mut change = pause.clone().into_active_model();
    change.ends_at = Set(Some(write.now().max(pause.starts_at)));
    write.update::<programme_pause::Entity>(&pause, change).await?;
    Ok(())
}

/// Gives a new programme the stages of its template version.
async fn lay_out(write: &Write, programme: &programme::Model) -> Result<(), Error> {
    let planned = template_stage::Entity::find()
        .filter(template_stage::Column::TemplateVersionId.eq(programme.template_version_id))
        .order_by_asc(template_stage::Column::Position);
    for stage in write.all(planned).await? {
        let row = rules::laid_out(programme, &stage, write.id(), stage.position);
        write.insert::<stage_run::Entity>(row).await?;
    }
    Ok(())
}

/// The stages of a programme in their order.
pub fn stages_of(programme: Id<Entity>) -> Select<stage_run::Entity> {
    stage_run::Entity::find()
        .filter(stage_run::Column::ProgrammeId.eq(programme))
        .order_by_asc(stage_run::Column::Position)
}
