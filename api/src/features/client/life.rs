//! The steps of a client's life after its creation: prospect, active, paused, alumni and archived, the renewal of its
//! contract, and taking back its archiving.
//!
//! Pausing a client pauses its active programmes, and resuming it resumes those. A client that is alumni keeps its people,
//! who read all that they could read before; the writing door refuses every change of its work
//! (`Permission::is_for_alumni`).

use super::{Client, rules};
use crate::{
    features::{
        invitation::keeping as invitations,
        programme::{
            pausing,
            rules::{CLIENT_ARCHIVED, UNFINISHED},
        },
        reopening,
        review::keeping as reviews,
        session_series::keeping as series,
    },
    inputs,
    kernel::{
        Caller, Check, Error, Locked, Write, access::Permission, expect_version, read::shape::typed, today,
    },
    mutations,
    scalar::Date,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id,
    client::{self, ClientStatus, Entity},
    franchise, invitation,
    programme::{self, ProgrammeStatus},
};
use rules::Step;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

inputs! {
    /// Input for `clientActivate`, `clientResume`, `clientGraduate` and `clientArchive`.
    [ClientActivateInput, ClientResumeInput, ClientGraduateInput, ClientArchiveInput] {
        /// ID of the client.
        pub id: ID,
        /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
        pub expected_version: Option<i32>,
    }
}

inputs! {
    /// Input for `clientPause` and `clientUnarchive`.
    [ClientPauseInput, ClientUnarchiveInput] {
        /// ID of the client.
        pub id: ID,
        /// Why: 1 to 1,000 characters.
        pub reason: String,
        /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
        pub expected_version: Option<i32>,
    }
}

/// Input for `clientRenew`.
#[derive(InputObject)]
pub struct ClientRenewInput {
    /// ID of the client.
    pub id: ID,
    /// Day on which the contract now ends, in the client's time zone: today or later, and later than before.
    pub ends_on: Date,
    /// What was agreed, for the audit log: 1 to 1,000 characters.
    pub note: String,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    ClientLifeMutation: client -> Client of Entity {
        /// Makes a prospect a client that the franchise works with, or begins to work again with a client that is
        /// alumni.
        client_activate(ClientActivateInput) -> ClientActivatePayload = activate, on id;
        /// Pauses an active client with its active programmes: nothing is due, and nothing counts as risk.
        client_pause(ClientPauseInput) -> ClientPausePayload = pause, on id;
        /// Resumes a paused client, with the programmes that `clientPause` paused.
        client_resume(ClientResumeInput) -> ClientResumePayload = resume, on id;
        /// Makes a client alumni when the work with it is done. Fails with `WRONG_STATE` if a programme of the client is
        /// planned, active or paused. Ends the review cadences and session series of its teams, and cancels all its
        /// future sessions, and revokes open invitations. Its people keep reading, and its work does not change any more.
        client_graduate(ClientGraduateInput) -> ClientGraduatePayload = graduate, on id;
        /// Records that a client's contract is renewed, and moves the day on which it ends.
        client_renew(ClientRenewInput) -> ClientRenewPayload = renew, on id;
        /// Archives a client. Fails with `WRONG_STATE` if a programme of the client is planned, active or paused. Ends
        /// the review cadences and session series of its teams, and cancels all its future sessions. The client's
        /// history stays readable.
        client_archive(ClientArchiveInput) -> ClientArchivePayload = archive, on id;
        /// Takes back the archiving of a client, within 14 days: the client is again what it was before. Archiving ends
        /// no access and keeps the client's name, so everyone works on under it. Cadences, series and sessions that
        /// archiving ended stay ended.
        client_unarchive(ClientUnarchiveInput) -> ClientUnarchivePayload = unarchive, on id;
    }
}

async fn activate(caller: &Caller, input: ClientActivateInput) -> Result<Id<Entity>, Error> {
    let (write, client) = open(caller, Permission::ClientActivate, &input.id, input.expected_version).await?;
    let status = rules::next_status(&client, Step::Activate)?;
    require_franchise(&write, &client).await?;
    move_to(&write, &client, status).await?;
    write.commit().await?;
    Ok(client.id)
}

async fn pause(caller: &Caller, input: ClientPauseInput) -> Result<Id<Entity>, Error> {
    let (write, client) = open(caller, Permission::ClientPause, &input.id, input.expected_version).await?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    let mut change = client.clone().into_active_model();
    change.status = Set(rules::next_status(&client, Step::Pause)?);
    change.paused_at = Set(Some(write.now()));
    write.update::<Entity>(&client, change).await?;
    let active = programme::Entity::find()
        .filter(programme::Column::ClientId.eq(client.id))
        .filter(programme::Column::Status.eq(ProgrammeStatus::Active));
    for programme in write.lock_all(active).await? {
        pausing::pause_programme(&write, &programme, reason.clone()).await?;
    }
    write.record_words("client", client.id.uuid(), client.id, &json!({ "pauseReason": reason }));
    write.commit().await?;
    Ok(client.id)
}

async fn resume(caller: &Caller, input: ClientResumeInput) -> Result<Id<Entity>, Error> {
    let (write, client) = open(caller, Permission::ClientResume, &input.id, input.expected_version).await?;
    let mut change = client.clone().into_active_model();
    change.status = Set(rules::next_status(&client, Step::Resume)?);
    change.paused_at = Set(None);
    write.update::<Entity>(&client, change).await?;
    resume_programmes(&write, &client).await?;
    write.commit().await?;
    Ok(client.id)
}

/// Resumes the programmes that the pause of a client paused: they are paused since the same instant.
async fn resume_programmes(write: &Write, client: &client::Model) -> Result<(), Error> {
    let Some(paused_at) = client.paused_at else { return Ok(()) };
    let paused = programme::Entity::find()
        .filter(programme::Column::ClientId.eq(client.id))
        .filter(programme::Column::Status.eq(ProgrammeStatus::Paused))
        .filter(programme::Column::PausedAt.eq(paused_at));
    for programme in write.lock_all(paused).await? {
        pausing::resume_programme(write, &programme).await?;
    }
    Ok(())
}

async fn graduate(caller: &Caller, input: ClientGraduateInput) -> Result<Id<Entity>, Error> {
    let (write, client) = open(caller, Permission::ClientGraduate, &input.id, input.expected_version).await?;
    let status = rules::next_status(&client, Step::Graduate)?;
    rules::require_no_programmes(count_unfinished(&write, &client).await?)?;
    end_rhythm(&write, &client, rules::WORK_DONE).await?;
    // alumni are read by those who were there
    let invited = Condition::all().add(invitation::Column::ClientId.eq(client.id));
    invitations::revoke_open(&write, invited).await?;
    // last, because it changes who may change what
    move_to(&write, &client, status).await?;
    write.commit().await?;
    Ok(client.id)
}

async fn renew(caller: &Caller, input: ClientRenewInput) -> Result<Id<Entity>, Error> {
    let (write, client) = open(caller, Permission::ClientRenew, &input.id, input.expected_version).await?;
    let mut check = Check::new();
    let note = check.text("input.note", &input.note, 1..=1000);
    let today = today(&client.time_zone, write.now())?;
    check.keep(rules::require_later_end(&client, input.ends_on.0, today));
    check.done()?;
    rules::require_engaged(&client)?;
    let mut change = client.clone().into_active_model();
    change.contract_ends_on = Set(Some(input.ends_on.0));
    write.update::<Entity>(&client, change).await?;
    write.record_words("client", client.id.uuid(), client.id, &json!({ "renewalNote": note }));
    write.commit().await?;
    Ok(client.id)
}

async fn archive(caller: &Caller, input: ClientArchiveInput) -> Result<Id<Entity>, Error> {
    let (mut write, client) =
        open(caller, Permission::ClientArchive, &input.id, input.expected_version).await?;
    let status = rules::next_status(&client, Step::Archive)?;
    rules::require_no_programmes(count_unfinished(&write, &client).await?)?;
    let mut change = client.clone().into_active_model();
    change.status = Set(status);
    change.archived_at = Set(Some(write.now()));
    change.archived_from = Set(Some(client.status));
    change.paused_at = Set(None);
    write.update::<Entity>(&client, change).await?;
    // Sessions are content, which is out of head office's reach.
    write.reach_all().await?;
    end_rhythm(&write, &client, CLIENT_ARCHIVED).await?;
    write.commit().await?;
    Ok(client.id)
}

async fn unarchive(caller: &Caller, input: ClientUnarchiveInput) -> Result<Id<Entity>, Error> {
    let (mut write, client) =
        open(caller, Permission::ClientUnarchive, &input.id, input.expected_version).await?;
    rules::require_not_erased(&client, "input.id")?;
    let mut check = Check::new();
    let reason = reopening::rules::check_reason(&mut check, &input.reason);
    check.done()?;
    let status = rules::next_status(&client, Step::Unarchive)?;
    if ClientStatus::OPEN.contains(&status) {
        require_franchise(&write, &client).await?;
    }
    // Metrics are content, which is out of head office's reach.
    write.reach_all().await?;
    let ended_at = client.archived_at.unwrap_or(client.created_at);
    reopening::keeping::require_reopenable(&write, &client, ended_at).await?;
    let mut change = client.clone().into_active_model();
    change.status = Set(status);
    change.archived_at = Set(None);
    change.archived_from = Set(None);
    write.update::<Entity>(&client, change).await?;
    write.record_words("client", client.id.uuid(), client.id, &json!({ "reopeningReason": reason }));
    write.commit().await?;
    Ok(client.id)
}

/// Opens the client of a step.
async fn open(
    caller: &Caller,
    permission: Permission,
    id: &ID,
    expected: Option<i32>,
) -> Result<(Write, Locked<client::Model>), Error> {
    let (write, client) = caller.write::<Entity>(permission, typed(id), "input.id").await?;
    expect_version(client.version, expected)?;
    Ok((write, client))
}

/// Requires that the franchise of a client that is over, and is to be open again, is active: closing a franchise asks only for its
/// open clients.
async fn require_franchise(write: &Write, client: &client::Model) -> Result<(), Error> {
    let franchise = write.load::<franchise::Entity>(Some(client.franchise_id), "input.id").await?;
    Ok(rules::require_own_franchise(&franchise)?)
}

async fn move_to(write: &Write, client: &Locked<client::Model>, status: ClientStatus) -> Result<(), Error> {
    let mut change = client.clone().into_active_model();
    change.status = Set(status);
    change.paused_at = Set(None);
    write.update::<Entity>(client, change).await?;
    Ok(())
}

/// Ends the session series and review cadences of a client's teams.
async fn end_rhythm(write: &Write, client: &client::Model, reason: &str) -> Result<(), Error> {
    series::end_for_client(write, client.id, reason).await?;
    reviews::end_for_client(write, client.id).await
}

async fn count_unfinished(write: &Write, client: &client::Model) -> Result<i64, Error> {
    let unfinished = programme::Entity::find()
        .filter(programme::Column::ClientId.eq(client.id))
        .filter(programme::Column::Status.is_in(UNFINISHED));
    write.count(unfinished).await
}
