//! Programme: a team's run of one template version. A programme is planned, then active, possibly paused, and finally
//! completed or terminated. A team has one unfinished programme at a time.

pub mod finding;
mod moving;
pub mod pausing;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    client::Client,
    review::keeping as reviews,
    session::Session,
    session_series::keeping as series,
    stage::{self, Stage},
    strategy::keeping as strategies,
    team::Team,
    template::TemplateVersion,
};
use crate::{
    inputs,
    kernel::{
        Caller, Check, Code, Error, Fault, Locked, Write, access::Permission, expect_version,
        read::shape::typed, today,
    },
    message, mutations,
    scalar::Date,
    shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, client,
    programme::{self, Entity, ProgrammeStatus},
    stage_event::StageEventKind,
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
        /// Sessions of the programme, latest first by default.
        sessions = pages::<Session, _>(entity::session::Column::ProgrammeId).by_last(entity::session::Column::StartsAt, Ty::Instant),
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
        /// Programme that was paused.
        programme = one::<Programme, _>(ProgrammeId),
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
    let programme = plan_programme(&write, &team, &client, &input).await?;
    write.commit().await?;
    Ok(programme.id)
}

/// Checks the input of a planned programme, and inserts it with its stages.
pub(super) async fn plan_programme(
    write: &Write,
    team: &team::Model,
    client: &client::Model,
    input: &ProgrammeCreateInput,
) -> Result<Locked<programme::Model>, Error> {
    let version = typed(&input.template_version_id);
    let version = write.load::<template_version::Entity>(version, "input.templateVersionId").await?;
    let mut check = Check::new();
    let name = check.line_if("input.name", input.name.as_ref(), 1..=200);
    let on = input.planned_start_on.0;
    let wrong = !rules::is_sensible_start(on, today(&client.time_zone, write.now())?);
    let message = message!(
        PLANNED_START_OUT_OF_RANGE,
        "`plannedStartOn` must be at most a year back, and at most five years ahead."
    );
    check.refuse_if(wrong, Code::Invalid, "input.plannedStartOn", message);
    check.done()?;
    rules::require_active_team(client.status, team.archived_at)?;
    rules::require_published(version.status)?;
    rules::require_available_template(version.franchise_id, client.franchise_id, "input.templateVersionId")?;
    let others = write.all(Entity::find().filter(programme::Column::TeamId.eq(team.id))).await?;
    rules::require_room_in_team(&others)?;
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
    insert_stages(write, &programme).await?;
    strategies::take_sections(write, &programme).await?;
    Ok(programme)
}

async fn start(caller: &Caller, input: ProgrammeStartInput) -> Result<Id<Entity>, Error> {
    let (write, programme) =
        caller.write::<Entity>(Permission::ProgrammeStart, typed(&input.id), "input.id").await?;
    expect_version(programme.version, input.expected_version)?;
    start_programme(&write, &programme).await?;
    write.commit().await?;
    Ok(programme.id)
}

/// Starts a planned programme and opens its first stage.
pub(super) async fn start_programme(
    write: &Write,
    programme: &Locked<programme::Model>,
) -> Result<(), Error> {
    let status = rules::next_status(programme.status, Step::Start)?;
    let mut change = programme.clone().into_active_model();
    change.status = Set(status);
    change.started_at = Set(Some(write.now()));
    write.update::<Entity>(programme, change).await?;
    let first = write.lock_one(select_stages(programme.id)).await?.ok_or(Fault::Internal)?;
    write.update::<stage_run::Entity>(&first, stage::rules::open_stage(&first, write.now())).await?;
    stage::record_event(write, &first, StageEventKind::Opened, None).await?;
    reviews::start_with_programme(write, programme).await
}

async fn pause(caller: &Caller, input: ProgrammePauseInput) -> Result<Id<Entity>, Error> {
    let (write, programme) =
        caller.write::<Entity>(Permission::ProgrammePause, typed(&input.id), "input.id").await?;
    expect_version(programme.version, input.expected_version)?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    pausing::pause_programme(&write, &programme, reason).await?;
    write.commit().await?;
    Ok(programme.id)
}

async fn resume(caller: &Caller, input: ProgrammeResumeInput) -> Result<Id<Entity>, Error> {
    let (write, programme) =
        caller.write::<Entity>(Permission::ProgrammeResume, typed(&input.id), "input.id").await?;
    expect_version(programme.version, input.expected_version)?;
    pausing::resume_programme(&write, &programme).await?;
    write.commit().await?;
    Ok(programme.id)
}

async fn complete(caller: &Caller, input: ProgrammeCompleteInput) -> Result<Id<Entity>, Error> {
    let (write, programme) = lock_programme(caller, Permission::ProgrammeComplete, &input.id).await?;
    expect_version(programme.version, input.expected_version)?;
    let status = rules::next_status(programme.status, Step::Complete)?;
    rules::require_all_passed(&write.all(select_stages(programme.id)).await?)?;
    let mut change = programme.clone().into_active_model();
    change.status = Set(status);
    change.ended_at = Set(Some(write.now()));
    let ended = write.update::<Entity>(&programme, change).await?;
    reviews::end_with_programme(&write, &ended).await?;
    series::end_with_programme(&write, &ended).await?;
    write.commit().await?;
    Ok(programme.id)
}

async fn terminate(caller: &Caller, input: ProgrammeTerminateInput) -> Result<Id<Entity>, Error> {
    let (write, programme) = lock_programme(caller, Permission::ProgrammeTerminate, &input.id).await?;
    expect_version(programme.version, input.expected_version)?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    let status = rules::next_status(programme.status, Step::Terminate)?;
    let mut change = programme.clone().into_active_model();
    change.status = Set(status);
    // a pause that is still open counts until now
    change.paused_seconds = Set(rules::paused_seconds(&programme, write.now()));
    change.paused_at = Set(None);
    change.ended_at = Set(Some(write.now()));
    change.reason = Set(Some(reason));
    let ended = write.update::<Entity>(&programme, change).await?;
    pausing::end_pause(&write, &programme).await?;
    reviews::excuse_paused_reviews(&write, &programme).await?;
    reviews::end_with_programme(&write, &ended).await?;
    series::end_with_programme(&write, &ended).await?;
    write.commit().await?;
    Ok(programme.id)
}

/// Locks a programme after its team: sessions of a team are added and cancelled by one change at a time.
async fn lock_programme(
    caller: &Caller,
    permission: Permission,
    id: &ID,
) -> Result<(Write, Locked<programme::Model>), Error> {
    let column = programme::Column::TeamId;
    let (write, _, programme) =
        caller.write_under::<team::Entity, Entity>(permission, column, typed(id), "input.id").await?;
    Ok((write, programme))
}

/// Inserts the stages of a new programme from its template version.
async fn insert_stages(write: &Write, programme: &programme::Model) -> Result<(), Error> {
    let planned = template_stage::Entity::find()
        .filter(template_stage::Column::TemplateVersionId.eq(programme.template_version_id))
        .order_by_asc(template_stage::Column::Position);
    for stage in write.all(planned).await? {
        let row = rules::new_stage_run(programme, &stage, write.id(), stage.position);
        write.insert::<stage_run::Entity>(row).await?;
    }
    Ok(())
}

/// Selects the stages of a programme in order.
pub fn select_stages(programme: Id<Entity>) -> Select<stage_run::Entity> {
    stage_run::Entity::find()
        .filter(stage_run::Column::ProgrammeId.eq(programme))
        .order_by_asc(stage_run::Column::Position)
}
