//! Client: an organisation whose leadership teams a franchise works with. The franchise is found through the client,
//! so a transfer changes one row and ends the old access at once.
//!
//! A client begins with a lead and a first team, and is archived, with its history, once no programme runs. One that is
//! archived can be erased: its people and its words go, and what it was counted in stays. How it moves to another
//! facilitator or franchise is told in [`super::transfer`].

mod erasing;
pub mod local_time;
pub mod rules;
pub mod taking_on;
#[cfg(test)]
mod tests;

use super::{
    action::Action,
    assignment::{Assignment, rules as staffing},
    benchmark::{BenchmarkStep, ClientBenchmark},
    decision::Decision,
    drift::DriftSignal,
    franchise::Franchise,
    membership::Membership,
    metric::{ClientMetric, MetricValue},
    note::ClientNote,
    obstacle::Obstacle,
    owner_opening::OwnerOpening,
    priority::Priority,
    programme::{Programme, rules::CLIENT_ARCHIVED},
    pulse::ClientProgress,
    region::Region,
    review::{Review, keeping},
    session::Session,
    session_series::keeping as diary,
    stage::Stage,
    support::SupportAccess,
    team::Team,
    timeline::TimelineItem,
    transfer::ClientTransfer,
};
use crate::{
    kernel::{
        Caller, Check, Error, Fault, Write, Zone, access::Permission, expect_version, read::shape::typed,
        refused_id,
    },
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, assignment, assignment::AssignmentPart, client, client::ClientStatus, client::Entity,
    client::SizeBand, franchise, membership, person, programme, region,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde_json::json;
use taking_on::NewClient;

shape! {
    /// A client organisation.
    Client of client {
        /// Its name, unique in the network.
        name = text(Name).filter().order(),
        /// Its industry: a section of the UK SIC 2007, `A` to `U`, or the network's own code.
        industry = text(Industry).filter().order(),
        /// Its size by headcount.
        sizeBand = closed::<entity::client::SizeBand, _>(SizeBand).filter().order(),
        /// Its IANA time zone, in which its due dates are meant.
        timeZone = text(TimeZone).filter().order(),
        /// Where it stands with its franchise.
        status = closed::<ClientStatus, _>(Status).filter().order(),
        /// When it was erased, if it was: its name and all that was said there are gone since.
        erasedAt = instant(ErasedAt).or_null().filter(),
        /// Since when it is a client.
        createdAt = instant(CreatedAt).filter().order(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The franchise that works with it.
        franchise = one::<Franchise, _>(FranchiseId).or_null(),
        /// The id of its franchise, to filter by.
        franchiseId = id::<entity::franchise::Entity, _>(FranchiseId).filter(),
        /// Where it is.
        region = one::<Region, _>(RegionId),
        /// The id of its region, to filter by.
        regionId = id::<entity::region::Entity, _>(RegionId).filter(),
        /// Its progress in counts: facts without content.
        progress = one_by::<ClientProgress, _>(entity::client_pulse::Column::ClientId),
        /// The stage its programme is in.
        currentStage = first::<Stage, _>(entity::stage_run::Column::ClientId).only("{t}.status = 'open' and {t}.id in (select current_stage_id from client_pulse where client_id = {t}.client_id)").by_last(entity::stage_run::Column::ProgrammeId, Ty::Id(entity::Table::Programme)).by(entity::stage_run::Column::Position, Ty::Int),
        /// Its next session. Content: head office sees `progress.nextSessionAt`.
        nextSession = first::<Session, _>(entity::session::Column::ClientId).only("{t}.status = 'scheduled' and {t}.starts_at > {now}").by(entity::session::Column::StartsAt, Ty::Instant),
        /// Its most important priorities that are committed: at most ten, by rank.
        topPriorities = pages::<Priority, _>(entity::priority::Column::ClientId).only("{t}.status = 'committed'").by(entity::priority::Column::Rank, Ty::Int),
        /// Who facilitates it, and who did.
        assignments = list::<Assignment, _>(entity::assignment::Column::ClientId).by(entity::assignment::Column::StartsAt, Ty::Instant).about(3),
        /// Its teams, by name.
        teams = list::<Team, _>(entity::team::Column::ClientId).by(entity::team::Column::Name, Ty::Text).about(2),
        /// Sponsors, leaders and observers.
        memberships = pages::<Membership, _>(entity::membership::Column::ClientId).by(entity::membership::Column::StartsAt, Ty::Instant),
        /// Its programmes, newest first.
        programmes = list::<Programme, _>(entity::programme::Column::ClientId).by_last(entity::programme::Column::CreatedAt, Ty::Instant).about(2),
        /// Its programme that is planned, running or paused.
        programme = first::<Programme, _>(entity::programme::Column::ClientId).only("{t}.status in ('planned', 'active', 'paused')").by_last(entity::programme::Column::CreatedAt, Ty::Instant).among_few(),
        /// Its priorities.
        priorities = pages::<Priority, _>(entity::priority::Column::ClientId).by(entity::priority::Column::Rank, Ty::Int),
        /// The reviews of its teams, those that lie ahead included, by default latest first.
        reviews = pages::<Review, _>(entity::review::Column::ClientId).by_last(entity::review::Column::DueAt, Ty::Instant),
        /// Signs that work drifts from what was agreed, latest first.
        driftSignals = pages::<DriftSignal, _>(entity::drift_signal::Column::ClientId).by_last(entity::drift_signal::Column::RaisedAt, Ty::Instant),
        /// How well its teams execute: twelve metrics, in the order of `metricDefinitions`. For those who work with it, and
        /// never for head office.
        metrics = list::<ClientMetric, _>(entity::metric_value::Column::ClientId).by_view("place", Ty::Int).about(12).costs(10).takes("asOf", Ty::Date, "The last day of the window, in the client's time zone; yesterday where it is left out or lies ahead."),
        /// What its metrics were in the quarters that are frozen, latest first.
        metricValues = pages::<MetricValue, _>(entity::metric_value::Column::ClientId).by_last(entity::metric_value::Column::EndsOn, Ty::Date),
        /// Everything that happened here, latest first.
        timeline = pages_of_view::<TimelineItem>("client_id").by_most("{t}.at", Ty::Instant).by_view("kind", Ty::Text),
        /// Its actions, by default soonest first.
        actions = pages::<Action, _>(entity::action::Column::ClientId).by(entity::action::Column::DueOn, Ty::Date),
        /// Its decisions, by default latest first.
        decisions = pages::<Decision, _>(entity::decision::Column::ClientId).by_last(entity::decision::Column::ProposedAt, Ty::Instant),
        /// Its obstacles, by default latest first.
        obstacles = pages::<Obstacle, _>(entity::obstacle::Column::ClientId).by_last(entity::obstacle::Column::RaisedAt, Ty::Instant),
        /// Its sessions, by default latest first.
        sessions = pages::<Session, _>(entity::session::Column::ClientId).by_last(entity::session::Column::StartsAt, Ty::Instant),
        /// Its facilitators' private notes, newest first. For its facilitators alone.
        notes = pages::<ClientNote, _>(entity::client_note::Column::ClientId).by_last(entity::client_note::Column::CreatedAt, Ty::Instant),
        /// What it lets head office see, and let it see, newest first.
        supportAccesses = pages::<SupportAccess, _>(entity::support_access::Column::ClientId).by_last(entity::support_access::Column::StartsAt, Ty::Instant),
        /// The owners of its franchise whom head office named, with when its content opens to each.
        ownerOpenings = list::<OwnerOpening, _>(entity::owner_opening::Column::ClientId).by(entity::owner_opening::Column::CreatedAt, Ty::Instant).about(1),
        /// The transfer to another franchise that waits for an answer; null if there is none.
        pendingTransfer = first::<ClientTransfer, _>(entity::client_transfer::Column::ClientId).only("{t}.status = 'pending'").by_last(entity::client_transfer::Column::ProposedAt, Ty::Instant),
        /// All transfers to other franchises, latest first.
        transfers = pages::<ClientTransfer, _>(entity::client_transfer::Column::ClientId).by_last(entity::client_transfer::Column::ProposedAt, Ty::Instant),
        /// The legal group it belongs to; clients of one count once in benchmarks. Null where it is its own.
        legalGroup = text(LegalGroup).or_null(),
        /// The last word on whether the client agrees to be counted in benchmarks; null where nothing was ever said.
        benchmarkConsent = first::<BenchmarkStep, _>(entity::benchmark_step::Column::ClientId).only("{t}.kind in ('consent_given', 'consent_withdrawn')").by_last(entity::benchmark_step::Column::At, Ty::Instant),
        /// The last word on whether head office approves the client for benchmarks; null where nothing was ever said.
        benchmarkApproval = first::<BenchmarkStep, _>(entity::benchmark_step::Column::ClientId).only("{t}.kind in ('approval_given', 'approval_withdrawn')").by_last(entity::benchmark_step::Column::At, Ty::Instant),
        /// All that was said about the client's part in benchmarks, latest first.
        benchmarkSteps = pages::<BenchmarkStep, _>(entity::benchmark_step::Column::ClientId).by_last(entity::benchmark_step::Column::At, Ty::Instant),
        /// Where the client stands in a metric: in a period, or else in the latest one with an answer. Null where there is
        /// none: nothing is published, the period has no releases, or the caller does not work with the client. For those
        /// who do; head office sees cohorts.
        benchmark = first_of_view::<ClientBenchmark>("client_id").only("{t}.metric = {arg:metric} and {t}.period = coalesce({arg:period}, {t}.period)").by_view_last("period", Ty::Text).needs("metric", Ty::Closed(register::<entity::metric_value::Metric>), "Which metric.").takes("period", Ty::Text, "Which period, like `2026-Q3`."),
        /// How much it needs attention: 3 for each overdue action, 1 for each due within 7 days, 2 for each drift signal
        /// that waits for an answer, 2 for each review missed in the last 90 days, 5 when no session is scheduled, and 1 for
        /// each full week beyond the network's `sessionGapDays` since the last session (or since it became a client), at
        /// most 20. Archived teams do not count. 0 if the client or all its teams are archived, and while its programme is
        /// paused and no other is active. Each of them is a figure of `progress`.
        risk = derived(Ty::Int, super::pulse::RISK).filter().order(),
    }
}

/// A client to take on.
#[derive(InputObject)]
pub struct ClientCreateInput {
    /// The franchise that works with it.
    pub franchise_id: ID,
    /// Where it is.
    pub region_id: ID,
    /// Its name, unique in the network: 1 to 120 characters.
    pub name: String,
    /// Its industry: a section of the UK SIC 2007, `A` to `U`, or the network's own code of 1 to 20 characters.
    pub industry: String,
    /// Its size by headcount.
    pub size_band: SizeBand,
    /// Its IANA time zone, in which its due dates are meant.
    pub time_zone: String,
    /// The person who leads its programme: a facilitator or owner of the franchise.
    pub lead_id: ID,
    /// The name of its first team: 1 to 120 characters. By default `Leadership team`.
    pub team_name: Option<String>,
}

/// What to change of a client. What is left out stays.
#[derive(InputObject)]
pub struct ClientUpdateInput {
    /// The client.
    pub id: ID,
    /// Its name, unique in the network: 1 to 120 characters.
    pub name: Option<String>,
    /// Its industry: 1 to 20 characters.
    pub industry: Option<String>,
    /// Its size by headcount.
    pub size_band: Option<SizeBand>,
    /// Where it is.
    pub region_id: Option<ID>,
    /// Its IANA time zone. Due dates, reviews and rounds stay on the same days, which then begin and end in this zone, and
    /// the sessions of series take place at the same local time. Sessions that were scheduled or moved by hand keep their
    /// instants. Only who runs the client's programme may change it.
    pub time_zone: Option<String>,
    /// The version this change was decided on.
    pub expected_version: Option<i32>,
}

/// Which client, and nothing more.
#[derive(InputObject)]
pub struct ClientArchiveInput {
    /// The client.
    pub id: ID,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

/// Which client to erase, and why.
#[derive(InputObject)]
pub struct ClientEraseInput {
    /// The client: archived.
    pub id: ID,
    /// Its name, letter by letter: whoever erases it knows which one it is.
    pub name: String,
    /// Why, for the audit: 1 to 1,000 characters. It stays, so it names nobody and nothing of the client's.
    pub reason: String,
    /// The version this was decided on.
    pub expected_version: Option<i32>,
}

mutations! {
    ClientMutation: client -> Client of Entity {
        /// Takes on a client, with its lead and its first team.
        client_create(ClientCreateInput) -> ClientCreatePayload = create;
        /// Changes what is known of a client.
        client_update(ClientUpdateInput) -> ClientUpdatePayload = update, on id;
        /// Archives a client once no programme of it is planned, running or paused. Its teams' review cadences and series of
        /// sessions end with it, and all their sessions ahead are cancelled. Its history stays readable.
        client_archive(ClientArchiveInput) -> ClientArchivePayload = archive, on id;
        /// Erases an archived client. This cannot be undone. What was said there, and what people and teams are called, goes
        /// wherever it stands: titles, texts, reasons, comments, answers' and ratings' words, frozen recaps, private notes,
        /// search, exports, waiting letters and the audit's values, whose chains hold. All access to it ends, support access
        /// included; who was nowhere else in the network is erased as a person, too. Counts, dates, states and figures
        /// stay. Answers that the network keeps for repeated requests are emptied.
        client_erase(ClientEraseInput) -> ClientErasePayload = erase, on id;
    }
}

async fn create(caller: &Caller, input: ClientCreateInput) -> Result<Id<Entity>, Error> {
    let (mut write, franchise) = caller
        .write::<franchise::Entity>(Permission::ClientCreate, typed(&input.franchise_id), "input.franchiseId")
        .await?;
    // to deal with a franchise's client is not to belong to the franchise
    if !write.actor()?.reach(Permission::ClientCreate).has_franchise(franchise.id.uuid()) {
        return Err(refused_id("input.franchiseId").into());
    }
    let region = write.load::<region::Entity>(typed(&input.region_id), "input.regionId").await?;
    let one = NewClient {
        name: &input.name,
        industry: &input.industry,
        size_band: input.size_band,
        time_zone: &input.time_zone,
        region: &region,
        team_name: input.team_name.as_ref(),
        lead: typed(&input.lead_id),
    };
    let planned = taking_on::plan(&write, &franchise, &[one]).await?;
    let rows = planned.into_iter().collect::<Result<Vec<_>, _>>()?;
    let id = rows.first().ok_or(Fault::Internal)?.client.id;
    taking_on::take_on(&mut write, rows).await?;
    write.commit().await?;
    Ok(id)
}

async fn update(caller: &Caller, input: ClientUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, client) =
        caller.write::<Entity>(Permission::ClientUpdate, typed(&input.id), "input.id").await?;
    rules::present(&client, "input.id")?;
    expect_version(client.version, input.expected_version)?;
    let region = match &input.region_id {
        Some(id) => Some(write.load::<region::Entity>(typed(id), "input.regionId").await?),
        None => None,
    };
    let mut check = Check::new();
    let name = check.name_if("input.name", input.name.as_ref(), 1..=120);
    let industry = check.line_if("input.industry", input.industry.as_ref(), 1..=20);
    let zone = input.time_zone.map(|zone| check.zone("input.timeZone", &zone));
    if let Some(name) = &name {
        taken(&write, &mut check, name, Some(client.id)).await?;
    }
    check.done()?;
    let zone = zone.filter(|zone| *zone != client.time_zone);
    if let Some(zone) = &zone {
        rules::zone(&client, zone, write.actor()?.runs(client.id))?;
        local_time::rezone(&write, &client, Zone::named(zone)?).await?;
    }
    let mut change = client.clone().into_active_model();
    name.into_iter().for_each(|name| change.name = Set(name));
    industry.into_iter().for_each(|industry| change.industry = Set(industry));
    input.size_band.into_iter().for_each(|band| change.size_band = Set(band));
    region.into_iter().for_each(|region| change.region_id = Set(region.id));
    zone.into_iter().for_each(|zone| change.time_zone = Set(zone));
    write.update::<Entity>(&client, change).await?;
    write.commit().await?;
    Ok(client.id)
}

async fn archive(caller: &Caller, input: ClientArchiveInput) -> Result<Id<Entity>, Error> {
    let (mut write, client) =
        caller.write::<Entity>(Permission::ClientArchive, typed(&input.id), "input.id").await?;
    expect_version(client.version, input.expected_version)?;
    let running = programme::Entity::find()
        .filter(programme::Column::ClientId.eq(client.id))
        .filter(programme::Column::Status.is_in(rules::RUNNING));
    rules::archivable(&client, write.count(running).await?)?;
    let mut change = client.clone().into_active_model();
    change.status = Set(ClientStatus::Archived);
    write.update::<Entity>(&client, change).await?;
    // sessions are content, which head office does not reach
    write.reach_all().await?;
    diary::end_at(&write, client.id, CLIENT_ARCHIVED).await?;
    keeping::end_at(&write, client.id).await?;
    write.commit().await?;
    Ok(client.id)
}

async fn erase(caller: &Caller, input: ClientEraseInput) -> Result<Id<Entity>, Error> {
    let (mut write, client) =
        caller.write::<Entity>(Permission::ClientErase, typed(&input.id), "input.id").await?;
    rules::present(&client, "input.id")?;
    expect_version(client.version, input.expected_version)?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    rules::erasable(&client, &input.name)?;
    write.reach_all().await?;
    erasing::erase(&write, &client).await?;
    write.mark("client", client.id.uuid(), Some(json!({ "erasureReason": reason })));
    write.commit().await?;
    Ok(client.id)
}

/// The person named as lead, where they can be it.
pub(super) async fn can_lead(
    write: &Write,
    lead: Option<Id<person::Entity>>,
    franchise: &franchise::Model,
    client: Id<Entity>,
) -> Result<Id<person::Entity>, Error> {
    let lead = lead.ok_or_else(|| refused_id("input.leadId"))?;
    let held = membership::Entity::find().filter(membership::Column::PersonId.eq(lead)).lock_shared();
    let held = write.all(held).await?;
    staffing::can_facilitate(&held, franchise.id, client, write.now(), "input.leadId")?;
    Ok(lead)
}

/// The lead's assignment begins.
pub(super) async fn begin(
    write: &Write,
    client: &client::Model,
    lead: Id<person::Entity>,
) -> Result<(), Error> {
    write.insert::<assignment::Entity>(led_by(write, client, lead)).await?;
    Ok(())
}

/// The assignment of a client's lead.
fn led_by(write: &Write, client: &client::Model, lead: Id<person::Entity>) -> assignment::Model {
    assignment::Model {
        id: write.id(),
        network_id: client.network_id,
        client_id: client.id,
        person_id: lead,
        part: AssignmentPart::Lead,
        starts_at: write.now(),
        ends_at: None,
        version: 1,
    }
}

async fn taken(write: &Write, check: &mut Check, name: &str, but: Option<Id<Entity>>) -> Result<(), Error> {
    let taken = write.client_name_taken(name, but).await?;
    check.refuse_taken("input.name", "client of the network", taken, Some("clientUpdate"));
    Ok(())
}
