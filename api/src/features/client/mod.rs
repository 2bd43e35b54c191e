//! Client: an organisation whose leadership teams a franchise works with. Only the client's row names the franchise, so a
//! transfer changes one row and ends the old access at once.
//!
//! A client begins with a lead and a first team, as a prospect or active. [`life`] has the steps from there: it is paused,
//! becomes alumni, and is archived, with its history, once no programme runs. An archived client can be erased: its people
//! and texts are removed, and figures that counted it stay. [`super::transfer`] moves a client to another facilitator or
//! franchise. Its industry and size are entries of the network's classification ([`super::classification`]).

pub mod creation;
mod erasing;
pub mod life;
pub mod local_time;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    action::Action,
    assignment::{Assignment, rules as assignments},
    benchmark::{BenchmarkStep, ClientBenchmark},
    classification,
    decision::Decision,
    drift::DriftSignal,
    franchise::Franchise,
    membership::Membership,
    metric::{ClientMetric, MetricValue},
    note::ClientNote,
    obstacle::Obstacle,
    owner_opening::OwnerOpening,
    person::Person,
    priority::Priority,
    programme::Programme,
    pulse::{ClientProgress, policy::ClientRisk},
    region::Region,
    review::Review,
    session::Session,
    stage::Stage,
    strategy::SharedStrategySection,
    support::SupportAccess,
    team::Team,
    timeline::TimelineItem,
    transfer::ClientTransfer,
    viewer::portfolio,
};
use crate::{
    kernel::{
        Caller, Check, Error, Fault, Locked, Write, Zone, access::Permission, expect_version,
        read::shape::typed, refused_id,
    },
    mutations,
    scalar::Date,
    shape,
};
use async_graphql::{ID, InputObject, MaybeUndefined};
use chrono::NaiveDate;
use classification::rules as classifications;
use creation::NewClient;
use entity::{
    Id, assignment, assignment::AssignmentPart, client, client::ClientStatus, client::Entity,
    client::SizeBand, franchise, membership, person, region,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect};
use serde_json::json;

shape! {
    /// An organisation whose leadership teams a franchise works with.
    Client of client {
        /// The client's name, unique in the network.
        name = text(Name).filter().order(),
        /// The client's industry: the key of an entry of the network's `classifications`, such as `C`.
        industry = text(Industry).filter().order(),
        /// The client's size by headcount.
        sizeBand = closed::<entity::client::SizeBand, _>(SizeBand).filter().order(),
        /// The client's IANA time zone, such as `Europe/London`. The client's due dates are days in this zone.
        timeZone = text(TimeZone).filter().order(),
        /// Whether the franchise works with the client: from a prospect to an archived client.
        status = closed::<ClientStatus, _>(Status).filter().order(),
        /// Since when the client is paused. Null if it is not.
        pausedAt = instant(PausedAt).or_null().filter(),
        /// When the client was archived. Null if it is not archived, or was archived before this was recorded.
        archivedAt = instant(ArchivedAt).or_null().filter(),
        /// Day on which the contract with the client starts, in the client's time zone. Null if none is agreed.
        contractStartsOn = date(ContractStartsOn).or_null().filter(),
        /// Day on which the contract with the client ends, in the client's time zone. Null if none is agreed.
        contractEndsOn = date(ContractEndsOn).or_null().filter(),
        /// Day by which the contract is to be renewed, for filters and orders: `contractEndsOn`, or 9999-12-31 if no end
        /// is agreed, so that clients without one come last.
        renewalOn = derived(Ty::Date, "coalesce({t}.contract_ends_on, {postgres:date '9999-12-31'}{sqlite:'9999-12-31'})").filter().order(),
        /// When the client was erased, with its name and all texts. Null if the client was not erased.
        erasedAt = instant(ErasedAt).or_null().filter(),
        /// When the organisation became a client.
        createdAt = instant(CreatedAt).filter().order(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// The franchise that works with the client. Null if the caller has no access to the franchise.
        franchise = one::<Franchise, _>(FranchiseId).or_null(),
        /// ID of the franchise that works with the client, for filters.
        franchiseId = id::<entity::franchise::Entity, _>(FranchiseId).filter(),
        /// The region where the client is.
        region = one::<Region, _>(RegionId),
        /// ID of the region where the client is, for filters.
        regionId = id::<entity::region::Entity, _>(RegionId).filter(),
        /// The client's progress in counts: facts without content.
        progress = one_by::<ClientProgress, _>(entity::client_pulse::Column::ClientId).filter(),
        /// Status of `programme`, the newest programme that is planned, active or paused. Null if there is none; orders
        /// put such clients after all others.
        programmeStatus = derived(Ty::Closed(register::<entity::programme::ProgrammeStatus>), portfolio::PROGRAMME_STATUS).or_null().filter().order(),
        /// Position of `currentStage` in its programme, from 1. 0 if no stage is open.
        stagePosition = derived(Ty::Int, portfolio::STAGE_POSITION).filter().order(),
        /// Start of the next scheduled session, for filters and orders. 9999-12-31T00:00:00Z if none is scheduled, so that
        /// such clients come last.
        nextSessionStartsAt = derived(Ty::Instant, portfolio::NEXT_SESSION).filter().order(),
        /// Planned start of the latest session that was held, for filters and orders. 0001-01-01T00:00:00Z if none was
        /// held, so that such clients come first.
        lastSessionStartsAt = derived(Ty::Instant, portfolio::LAST_SESSION).filter().order(),
        /// Accepted actions whose due day has ended.
        actionsOverdue = derived(Ty::Int, portfolio::ACTIONS_OVERDUE).filter().order(),
        /// Drift signals that are open or acknowledged.
        driftSignalsOpen = derived(Ty::Int, portfolio::DRIFT_SIGNALS_OPEN).filter().order(),
        /// The open stage of the client's active or paused programme. Null if there is none.
        currentStage = first::<Stage, _>(entity::stage_run::Column::ClientId).only("{t}.status = {StageStatus::Open} and {t}.id in (select current_stage_id from client_pulse where client_id = {t}.client_id)").by_last(entity::stage_run::Column::ProgrammeId, Ty::Id(entity::Table::Programme)).by(entity::stage_run::Column::Position, Ty::Int),
        /// The next scheduled session of the client. Null if there is none. Not for head office, which can read
        /// `progress.nextSessionAt`.
        nextSession = first::<Session, _>(entity::session::Column::ClientId).only("{t}.status = {SessionStatus::Scheduled} and {t}.starts_at > {now}").by(entity::session::Column::StartsAt, Ty::Instant),
        /// The client's committed priorities, by default by rank.
        topPriorities = pages::<Priority, _>(entity::priority::Column::ClientId).only("{t}.status = {PriorityStatus::Committed}").by(entity::priority::Column::Rank, Ty::Int),
        /// The client's current and former facilitators, by default earliest first.
        assignments = pages::<Assignment, _>(entity::assignment::Column::ClientId).by(entity::assignment::Column::StartsAt, Ty::Instant),
        /// The client's lead facilitator. Null if the client has none, or you have no access to the person.
        lead = one_found::<Person>(portfolio::LEAD),
        /// ID of the client's lead facilitator.
        leadId = derived(Ty::Id(entity::Table::Person), portfolio::LEAD).or_null().filter_only(),
        /// Name of the client's lead facilitator, for filters and orders. Empty if the client has none.
        leadName = derived(Ty::Text, portfolio::LEAD_NAME).filter().order(),
        /// The client's teams, by name.
        teams = list::<Team, _>(entity::team::Column::ClientId).by(entity::team::Column::Name, Ty::Text).about(2),
        /// Memberships of the client's sponsors, leaders and observers, by default earliest first.
        memberships = pages::<Membership, _>(entity::membership::Column::ClientId).by(entity::membership::Column::StartsAt, Ty::Instant),
        /// The client's programmes, newest first.
        programmes = list::<Programme, _>(entity::programme::Column::ClientId).by_last(entity::programme::Column::CreatedAt, Ty::Instant).about(2),
        /// The newest programme of the client that is planned, active or paused. Null if there is none.
        programme = first::<Programme, _>(entity::programme::Column::ClientId).only("{t}.status in ({ProgrammeStatus::Planned}, {ProgrammeStatus::Active}, {ProgrammeStatus::Paused})").by_last(entity::programme::Column::CreatedAt, Ty::Instant).among_few(),
        /// The client's priorities, by default by rank.
        priorities = pages::<Priority, _>(entity::priority::Column::ClientId).by(entity::priority::Column::Rank, Ty::Int),
        /// Past and future reviews of the client's teams, by default latest first.
        reviews = pages::<Review, _>(entity::review::Column::ClientId).by_last(entity::review::Column::DueAt, Ty::Instant),
        /// Signs that the client's work drifts from what was agreed, by default latest first.
        driftSignals = pages::<DriftSignal, _>(entity::drift_signal::Column::ClientId).by_last(entity::drift_signal::Column::RaisedAt, Ty::Instant),
        /// Twelve metrics of how well the client's teams execute, in the order of `metricDefinitions`. For people who
        /// work with the client, never for head office.
        metrics = list::<ClientMetric, _>(entity::metric_value::Column::ClientId).by_view("place", Ty::Int).about(12).costs(10).takes("asOf", Ty::Date, "Last day of the metrics' window, in the client's time zone. By default and at the latest yesterday."),
        /// Values of the client's metrics in frozen quarters, by default latest first.
        metricValues = pages::<MetricValue, _>(entity::metric_value::Column::ClientId).by_last(entity::metric_value::Column::EndsOn, Ty::Date),
        /// All events at the client, latest first.
        timeline = pages_of_view::<TimelineItem>("client_id").by_most("{t}.at", Ty::Instant).by_view("kind", Ty::Text),
        /// The client's actions, by default soonest due date first.
        actions = pages::<Action, _>(entity::action::Column::ClientId).by(entity::action::Column::DueOn, Ty::Date),
        /// The client's decisions, by default latest first.
        decisions = pages::<Decision, _>(entity::decision::Column::ClientId).by_last(entity::decision::Column::ProposedAt, Ty::Instant),
        /// Sections in force that the client's teams share with each other, latest first.
        sharedStrategy = list::<SharedStrategySection, _>(entity::strategy_shared::Column::ClientId).by_last(entity::strategy_shared::Column::RatifiedAt, Ty::Instant).about(6),
        /// The client's obstacles, by default latest first.
        obstacles = pages::<Obstacle, _>(entity::obstacle::Column::ClientId).by_last(entity::obstacle::Column::RaisedAt, Ty::Instant),
        /// The client's sessions, by default latest first.
        sessions = pages::<Session, _>(entity::session::Column::ClientId).by_last(entity::session::Column::StartsAt, Ty::Instant),
        /// Private notes of the client's facilitators, by default newest first. Only for the client's facilitators.
        notes = pages::<ClientNote, _>(entity::client_note::Column::ClientId).by_last(entity::client_note::Column::CreatedAt, Ty::Instant),
        /// Current and past support access that the client gave to head office, by default newest first.
        supportAccesses = pages::<SupportAccess, _>(entity::support_access::Column::ClientId).by_last(entity::support_access::Column::StartsAt, Ty::Instant),
        /// When the client's content opens to each owner of its franchise whom head office named, earliest first.
        ownerOpenings = list::<OwnerOpening, _>(entity::owner_opening::Column::ClientId).by(entity::owner_opening::Column::CreatedAt, Ty::Instant).about(1),
        /// The pending transfer of the client to another franchise. Null if there is none.
        pendingTransfer = first::<ClientTransfer, _>(entity::client_transfer::Column::ClientId).only("{t}.status = {TransferStatus::Pending}").by_last(entity::client_transfer::Column::ProposedAt, Ty::Instant),
        /// All transfers of the client to other franchises, by default latest first.
        transfers = pages::<ClientTransfer, _>(entity::client_transfer::Column::ClientId).by_last(entity::client_transfer::Column::ProposedAt, Ty::Instant),
        /// The legal group that the client belongs to. Clients of one legal group count once in benchmarks. Null if the
        /// client is a group of its own.
        legalGroup = text(LegalGroup).or_null(),
        /// The latest step that gave or withdrew the client's consent to be counted in benchmarks. Null if there was
        /// none.
        benchmarkConsent = first::<BenchmarkStep, _>(entity::benchmark_step::Column::ClientId).only("{t}.kind in ({BenchmarkStepKind::ConsentGiven}, {BenchmarkStepKind::ConsentWithdrawn})").by_last(entity::benchmark_step::Column::At, Ty::Instant),
        /// The latest step by which head office gave or withdrew its approval of the client for benchmarks. Null if
        /// there was none.
        benchmarkApproval = first::<BenchmarkStep, _>(entity::benchmark_step::Column::ClientId).only("{t}.kind in ({BenchmarkStepKind::ApprovalGiven}, {BenchmarkStepKind::ApprovalWithdrawn})").by_last(entity::benchmark_step::Column::At, Ty::Instant),
        /// All steps that gave or withdrew consent or approval for benchmarks, by default latest first.
        benchmarkSteps = pages::<BenchmarkStep, _>(entity::benchmark_step::Column::ClientId).by_last(entity::benchmark_step::Column::At, Ty::Instant),
        /// How the client compares with others in a metric, in a period or else in the latest period with a result.
        /// Null if nothing is published, the period has no releases, or the caller does not work with the client. Head
        /// office reads cohorts instead.
        benchmark = first_of_view::<ClientBenchmark>("client_id").only("{t}.metric = {arg:metric} and {t}.period = coalesce({arg:period}, {t}.period)").by_view_last("period", Ty::Text).needs("metric", Ty::Closed(register::<entity::metric_value::Metric>), "The metric.").takes("period", Ty::Text, "The period, such as `2026-Q3`. If it is omitted, the latest period with a result."),
        /// How the client compares with others in every metric that is published, in a period or else in the latest
        /// period with a result, in the order of the metrics. Empty if nothing is published.
        benchmarks = list_of_view::<ClientBenchmark>("client_id").only("{t}.period = coalesce({arg:period}, (select max(s.period) from benchmark_standing s join benchmark_policy b on b.network_id = s.network_id and s.period <= b.published_through where s.client_id = {t}.client_id))").by_view("metric", Ty::Closed(register::<entity::metric_value::Metric>)).about(12).takes("period", Ty::Text, "The period, such as `2026-Q3`. If it is omitted, the latest period with a result."),
        /// How much attention the client needs, in points: the sum over `riskComponents`, each of which counts as the
        /// network's `riskPolicy` says. By default, 3 for each overdue action, 1 for each action due within 7 days, 2
        /// for each open or acknowledged drift signal, 2 for each review missed in the last 90 days, 5 if no session is
        /// scheduled, 1 for each full week beyond the network's `sessionGapDays` since the last session (or since the
        /// client was created), at most 20, and 4 if the contract ends within 60 days or has ended. Time during which
        /// the programme was paused does not count as time without a session. Archived teams do not count, and of teams
        /// whose programme is paused only the last session counts. 0 if the franchise does not work with the client, if
        /// all its teams are archived, or if no programme is active and one is paused, or has ended and none is
        /// planned. `progress` has the figures, with paused teams included. Computed in the background: at most 30
        /// seconds behind.
        risk = derived(Ty::Int, "{t}.risk").filter().order(),
        /// What `risk` is made of: the components of which there are any, by default most points first. Computed
        /// together with `risk`.
        riskComponents = list::<ClientRisk, _>(entity::client_risk::Column::ClientId).by_last(entity::client_risk::Column::Points, Ty::Int).by_view("component", Ty::Text).about(3),
    }
}

/// Input for `clientCreate`.
#[derive(InputObject)]
pub struct ClientCreateInput {
    /// ID of the franchise that works with the client.
    pub franchise_id: ID,
    /// ID of the region where the client is.
    pub region_id: ID,
    /// The client's name, unique in the network: 1 to 120 characters.
    pub name: String,
    /// The client's industry: the key or label of an industry of the network's `classifications`, in any case. Fails
    /// with `INVALID` for another one or a retired one.
    pub industry: String,
    /// The client's size by headcount. Fails with `INVALID` if the network has retired the size band.
    pub size_band: SizeBand,
    /// The client's IANA time zone, such as `Europe/London`. The client's due dates are days in this zone.
    pub time_zone: String,
    /// ID of the person who leads the client's programme: a facilitator or owner of the franchise.
    pub lead_id: ID,
    /// The name of the client's first team: 1 to 120 characters. By default `Leadership team`.
    pub team_name: Option<String>,
    /// Whether the organisation is only a prospect. `clientActivate` makes it a client later.
    #[graphql(default)]
    pub prospect: bool,
    /// Day on which the contract starts, in the client's time zone.
    pub contract_starts_on: Option<Date>,
    /// Day on which the contract ends, in the client's time zone: later than its start.
    pub contract_ends_on: Option<Date>,
}

/// Input for `clientUpdate`. Omitted fields keep their values.
#[derive(InputObject)]
pub struct ClientUpdateInput {
    /// ID of the client.
    pub id: ID,
    /// The client's name, unique in the network: 1 to 120 characters.
    pub name: Option<String>,
    /// The client's industry: the key or label of an industry of the network's `classifications`, in any case. Fails
    /// with `INVALID` for another one, or for a retired one that the client does not have.
    pub industry: Option<String>,
    /// The client's size by headcount. Fails with `INVALID` for a retired size band that the client does not have.
    pub size_band: Option<SizeBand>,
    /// ID of the region where the client is.
    pub region_id: Option<ID>,
    /// The client's IANA time zone. Due dates, reviews and rounds stay on the same days, which then begin and end in
    /// the new zone. Sessions of a series stay at the same local time. Sessions that were scheduled or moved by hand
    /// stay at the same instant. Only for people who run the client's programme.
    pub time_zone: Option<String>,
    /// Day on which the contract starts, in the client's time zone; `null` for none.
    pub contract_starts_on: MaybeUndefined<Date>,
    /// Day on which the contract ends, in the client's time zone: later than its start; `null` for none. `clientRenew`
    /// records a renewal.
    pub contract_ends_on: MaybeUndefined<Date>,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `clientErase`.
#[derive(InputObject)]
pub struct ClientEraseInput {
    /// ID of the archived client.
    pub id: ID,
    /// The client's exact name, as a confirmation. Fails with `INVALID` if the name differs.
    pub name: String,
    /// Why the client is erased: 1 to 1,000 characters. The audit log keeps this text, so it must not name people or
    /// anything of the client's.
    pub reason: String,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    ClientMutation: client -> Client of Entity {
        /// Creates a client with its lead and its first team.
        client_create(ClientCreateInput) -> ClientCreatePayload = create;
        /// Changes a client's name, industry, size, region, time zone or contract.
        client_update(ClientUpdateInput) -> ClientUpdatePayload = update, on id;
        /// Erases an archived client. This cannot be undone. Removes all texts and the names of people and teams:
        /// titles, reasons, comments, words of answers and ratings, frozen recaps, private notes, search entries,
        /// exports, waiting e-mails and values in the audit log, whose chains stay valid. Ends all access to the
        /// client, including support access. Erases the people who were nowhere else in the network. Keeps counts,
        /// dates, states and figures. Empties the responses that the network keeps for repeated requests.
        client_erase(ClientEraseInput) -> ClientErasePayload = erase, on id;
    }
}

async fn create(caller: &Caller, input: ClientCreateInput) -> Result<Id<Entity>, Error> {
    let (mut write, franchise) = caller
        .write::<franchise::Entity>(Permission::ClientCreate, typed(&input.franchise_id), "input.franchiseId")
        .await?;
    // Access to a client of a franchise is not enough: the caller must reach the franchise itself.
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
        prospect: input.prospect,
        contract: (input.contract_starts_on.map(|on| on.0), input.contract_ends_on.map(|on| on.0)),
    };
    let planned = creation::plan_clients(&write, &franchise, &[one]).await?;
    let rows = planned.into_iter().collect::<Result<Vec<_>, _>>()?;
    let id = rows.first().ok_or(Fault::Internal)?.client.id;
    creation::insert_clients(&mut write, rows).await?;
    write.commit().await?;
    Ok(id)
}

async fn update(caller: &Caller, input: ClientUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, client) =
        caller.write::<Entity>(Permission::ClientUpdate, typed(&input.id), "input.id").await?;
    rules::require_not_erased(&client, "input.id")?;
    expect_version(client.version, input.expected_version)?;
    let region = match &input.region_id {
        Some(id) => Some(write.load::<region::Entity>(typed(id), "input.regionId").await?),
        None => None,
    };
    let mut check = Check::new();
    let name = check.name_if("input.name", input.name.as_ref(), 1..=120);
    let entries = match (&input.industry, input.size_band) {
        (None, None) => vec![],
        _ => classification::load_entries(&write).await?,
    };
    let industry = input.industry.as_ref().and_then(|named| {
        let before = Some(client.industry.as_str());
        check.keep(classifications::industry_key(&entries, named, before, "input.industry"))
    });
    if let Some(band) = input.size_band {
        let before = Some(client.size_band);
        check.keep(classifications::require_usable_band(&entries, band, before, "input.sizeBand"));
    }
    let contract = (
        changed(&input.contract_starts_on, client.contract_starts_on),
        changed(&input.contract_ends_on, client.contract_ends_on),
    );
    check.keep(rules::require_contract(contract));
    let zone = input.time_zone.map(|zone| check.zone("input.timeZone", &zone));
    if let Some(name) = &name {
        check_name(&write, &mut check, name, Some(client.id)).await?;
    }
    check.done()?;
    let zone = zone.filter(|zone| *zone != client.time_zone);
    if let Some(zone) = &zone {
        rules::require_zone_editor(&client, zone, write.actor()?.runs(client.id))?;
        local_time::move_to_zone(&write, &client, Zone::named(zone)?).await?;
    }
    let mut change = client.clone().into_active_model();
    name.into_iter().for_each(|name| change.name = Set(name));
    industry.into_iter().for_each(|industry| change.industry = Set(industry));
    input.size_band.into_iter().for_each(|band| change.size_band = Set(band));
    region.into_iter().for_each(|region| change.region_id = Set(region.id));
    zone.into_iter().for_each(|zone| change.time_zone = Set(zone));
    (change.contract_starts_on, change.contract_ends_on) = (Set(contract.0), Set(contract.1));
    write.update::<Entity>(&client, change).await?;
    write.commit().await?;
    Ok(client.id)
}

async fn erase(caller: &Caller, input: ClientEraseInput) -> Result<Id<Entity>, Error> {
    let (mut write, client) =
        caller.write::<Entity>(Permission::ClientErase, typed(&input.id), "input.id").await?;
    rules::require_not_erased(&client, "input.id")?;
    expect_version(client.version, input.expected_version)?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    rules::require_erasable(&client, &input.name)?;
    write.reach_all().await?;
    erasing::erase(&write, &client).await?;
    write.record_event("client", client.id.uuid(), Some(json!({ "erasureReason": reason })));
    write.commit().await?;
    Ok(client.id)
}

/// Requires that the person named as lead can lead the client.
pub(super) async fn require_lead(
    write: &Write,
    lead: Option<Id<person::Entity>>,
    franchise: &franchise::Model,
    client: Id<Entity>,
) -> Result<Id<person::Entity>, Error> {
    let lead = lead.ok_or_else(|| refused_id("input.leadId"))?;
    let held = membership::Entity::find().filter(membership::Column::PersonId.eq(lead)).lock_shared();
    let held = write.all(held).await?;
    assignments::require_facilitator(&held, franchise.id, client, write.now(), "input.leadId")?;
    Ok(lead)
}

/// Inserts the assignment of a client's lead.
pub(super) async fn insert_lead_assignment(
    write: &Write,
    client: &client::Model,
    lead: Id<person::Entity>,
) -> Result<Locked<assignment::Model>, Error> {
    write.insert::<assignment::Entity>(lead_assignment(write, client, lead)).await
}

/// The row of the assignment of a client's lead.
fn lead_assignment(write: &Write, client: &client::Model, lead: Id<person::Entity>) -> assignment::Model {
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

/// The value of an optional part after an update: as given, taken away by null, or as it was.
fn changed(given: &MaybeUndefined<Date>, before: Option<NaiveDate>) -> Option<NaiveDate> {
    match given {
        MaybeUndefined::Undefined => before,
        MaybeUndefined::Null => None,
        MaybeUndefined::Value(on) => Some(on.0),
    }
}

async fn check_name(
    write: &Write,
    check: &mut Check,
    name: &str,
    but: Option<Id<Entity>>,
) -> Result<(), Error> {
    let taken = write.client_name_taken(name, but).await?;
    check.refuse_taken("input.name", "client of the network", taken, Some("clientUpdate"));
    Ok(())
}
