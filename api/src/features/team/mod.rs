//! Team: a leadership team of a client, with its members and its work. A team can be archived once it has no unfinished
//! programme. An archived team keeps its history and accepts no members.

pub mod allowed;
mod archiving;
pub mod editing;
pub mod link;
pub mod onboarding;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    action::Action,
    agenda_item::AgendaItem,
    alignment::AlignmentRound,
    check_in::CheckIn,
    client::{Client, rules as clients},
    cycle::Cycle,
    decision::Decision,
    drift::DriftSignal,
    invitation::keeping as invitations,
    member::Member,
    obstacle::Obstacle,
    parked_topic::ParkedTopic,
    priority::Priority,
    programme::{
        Programme,
        rules::{TEAM_ARCHIVED, UNFINISHED},
    },
    reopening,
    review::{Review, ReviewCadence, keeping as reviews},
    scorecard::scorecard_field,
    seat::{MemberLoad, Seat},
    session::Session,
    session_series::{SessionSeries, keeping as series},
    strategy::{OnePagePlan, StrategySection},
    timeline::TimelineItem,
    voice_balance::VoiceBalance,
    year::Year,
};
use crate::{
    kernel::{
        Caller, Check, Error, Taken, Write, access::Permission, expect_version, fold::same,
        read::shape::typed,
    },
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{Id, client, programme, team, team::Entity};
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;

shape! {
    /// A leadership team of a client.
    Team of team {
        /// Name of the team, unique in the client.
        name = text(Name).filter().order(),
        /// When the team was archived. Null if it is active.
        archivedAt = instant(ArchivedAt).or_null().filter(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Client that the team belongs to.
        client = one::<Client, _>(ClientId),
        /// Members of the team, including those who left, sorted by name.
        members = list::<Member, _>(entity::member::Column::TeamId).by(entity::member::Column::Name, Ty::Text).about(10),
        /// Programmes of the team, newest first.
        programmes = list::<Programme, _>(entity::programme::Column::TeamId).by_last(entity::programme::Column::CreatedAt, Ty::Instant).about(2),
        /// Years of the team, latest first by default.
        years = pages::<Year, _>(entity::team_year::Column::TeamId).by_last(entity::team_year::Column::StartsOn, Ty::Date),
        /// Cycles of the team, latest first by default.
        cycles = pages::<Cycle, _>(entity::cycle::Column::TeamId).by_last(entity::cycle::Column::StartsOn, Ty::Date),
        /// Cycle that the team works on: of its cycles that are open or locked, the first. Null if there is none.
        currentCycle = first::<Cycle, _>(entity::cycle::Column::TeamId).only("{t}.status in ({CycleStatus::Open}, {CycleStatus::Locked})").by(entity::cycle::Column::StartsOn, Ty::Date),
        /// Priorities of the team, sorted by rank by default.
        priorities = pages::<Priority, _>(entity::priority::Column::TeamId).by(entity::priority::Column::Rank, Ty::Int),
        /// Scorecard of the team: its own measurables first, then those of its committed priorities by rank.
        scorecard = scorecard_field(),
        /// Seats of the team's accountability chart that are not removed, oldest first: at most 60.
        seats = list::<Seat, _>(entity::seat::Column::TeamId).only("{t}.removed_at is null").by(entity::seat::Column::CreatedAt, Ty::Instant).about(10),
        /// Load of each active member: priorities, actions and seats, sorted by name.
        loads = list::<MemberLoad, _>(entity::member::Column::TeamId).only("{t}.status = {MemberStatus::Active}").by(entity::member::Column::Name, Ty::Text).about(10),
        /// Actions of the team, earliest due date first by default.
        actions = pages::<Action, _>(entity::action::Column::TeamId).by(entity::action::Column::DueOn, Ty::Date),
        /// Decisions of the team, latest first by default.
        decisions = pages::<Decision, _>(entity::decision::Column::TeamId).by_last(entity::decision::Column::ProposedAt, Ty::Instant),
        /// Sections of the team's strategy, in order.
        strategy = list::<StrategySection, _>(entity::strategy_section::Column::TeamId).by(entity::strategy_section::Column::Position, Ty::Int).about(12),
        /// What the team is to do and to become, on one page.
        onePagePlan = virtual_::<OnePagePlan>(),
        /// Check-ins on the team's priorities and actions, without replaced ones, latest first by default.
        checkIns = pages::<CheckIn, _>(entity::check_in::Column::TeamId).only("{t}.replaced_at is null").by_last(entity::check_in::Column::At, Ty::Instant),
        /// Obstacles of the team, latest first by default.
        obstacles = pages::<Obstacle, _>(entity::obstacle::Column::TeamId).by_last(entity::obstacle::Column::RaisedAt, Ty::Instant),
        /// Sessions of the team, latest first by default.
        sessions = pages::<Session, _>(entity::session::Column::TeamId).by_last(entity::session::Column::StartsAt, Ty::Instant),
        /// How often the team reviews its work. Null if the team has no review cadence.
        reviewCadence = first::<ReviewCadence, _>(entity::review_cadence::Column::TeamId).only("{t}.ended_at is null").by_last(entity::review_cadence::Column::CreatedAt, Ty::Instant),
        /// Past and future reviews of the team, latest first by default.
        reviews = pages::<Review, _>(entity::review::Column::TeamId).by_last(entity::review::Column::DueAt, Ty::Instant),
        /// Signals that the team's work drifts from what was agreed, latest first by default.
        driftSignals = pages::<DriftSignal, _>(entity::drift_signal::Column::TeamId).by_last(entity::drift_signal::Column::RaisedAt, Ty::Instant),
        /// Everything that happened in the team, latest first.
        timeline = pages_of_view::<TimelineItem>("team_id").by_most("{t}.at", Ty::Instant).by_view("kind", Ty::Text),
        /// Series of sessions of the team, including ended ones, newest first by default.
        sessionSeries = pages::<SessionSeries, _>(entity::session_series::Column::TeamId).by_last(entity::session_series::Column::CreatedAt, Ty::Instant),
        /// Agenda items that past sessions left open and no later session has taken over, oldest first by default. They
        /// come first on the agenda of the next session to be scheduled.
        waitingAgenda = pages::<AgendaItem, _>(entity::agenda_item::Column::TeamId).only("{t}.status = {AgendaItemStatus::Carried} and {t}.carried_to_id is null").by(entity::agenda_item::Column::ClosedAt, Ty::Instant).by(entity::agenda_item::Column::Position, Ty::Int),
        /// How evenly participants were heard, as of the latest held session. Null if the team has held no session, and to
        /// callers other than participants of the team and the client's facilitators.
        voiceBalance = first::<VoiceBalance, _>(entity::voice_balance::Column::TeamId).by_last(entity::voice_balance::Column::CreatedAt, Ty::Instant),
        /// Topics that the team's sessions set aside in their parking lots, latest first by default.
        parkedTopics = pages::<ParkedTopic, _>(entity::parked_topic::Column::TeamId).by_last(entity::parked_topic::Column::CreatedAt, Ty::Instant),
        /// Alignment rounds of the team, newest first by default. Re-votes are in `revotes` of their round.
        alignmentRounds = pages::<AlignmentRound, _>(entity::alignment_round::Column::TeamId).only("{t}.revote_of_id is null").by_last(entity::alignment_round::Column::OpenedAt, Ty::Instant),
    }
}

/// Input for `teamCreate`.
#[derive(InputObject)]
pub struct TeamCreateInput {
    /// ID of the client that the team belongs to.
    pub client_id: ID,
    /// Name of the team, unique in the client: 1 to 120 characters.
    pub name: String,
}

/// Input for `teamUpdate`. Omitted fields stay unchanged.
#[derive(InputObject)]
pub struct TeamUpdateInput {
    /// ID of the team.
    pub id: ID,
    /// Name of the team, unique in the client: 1 to 120 characters.
    pub name: Option<String>,
    /// The `version` you last read. Fails with `CONFLICT` if the team has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `teamUnarchive`.
#[derive(InputObject)]
pub struct TeamUnarchiveInput {
    /// ID of the archived team.
    pub id: ID,
    /// Why the archiving is taken back: 1 to 1,000 characters.
    pub reason: String,
    /// The `version` you last read. Fails with `CONFLICT` if the team has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `teamArchive`.
#[derive(InputObject)]
pub struct TeamArchiveInput {
    /// ID of the team.
    pub id: ID,
    /// The `version` you last read. Fails with `CONFLICT` if the team has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    TeamMutation: team -> Team of Entity {
        /// Adds a team to a client.
        team_create(TeamCreateInput) -> TeamCreatePayload = create;
        /// Changes the name of a team.
        team_update(TeamUpdateInput) -> TeamUpdatePayload = update, on id;
        /// Archives a team that has no planned, running or paused programme. Open actions and future sessions are
        /// cancelled, open priorities dropped, proposed decisions revoked, open obstacles parked, drift signals cleared
        /// and open invitations revoked. The review cadence, the series of sessions and the memberships end. Decisions
        /// in force and the history stay.
        team_archive(TeamArchiveInput) -> TeamArchivePayload = archive, on id;
        /// Takes back the archiving of a team, within 14 days. The team keeps its name. Members whose memberships the
        /// archiving ended, and who still have a login, are invited again by e-mail: accepting gives them their role
        /// back. Work, cadences, series and sessions that archiving ended stay ended.
        team_unarchive(TeamUnarchiveInput) -> TeamUnarchivePayload = unarchive, on id;
    }
}

async fn create(caller: &Caller, input: TeamCreateInput) -> Result<Id<Entity>, Error> {
    let (write, client) = caller
        .write::<client::Entity>(Permission::TeamCreate, typed(&input.client_id), "input.clientId")
        .await?;
    let mut check = Check::new();
    let name = check.name("input.name", &input.name, 1..=120);
    check_name_is_free(&write, &mut check, client.id, &name, None).await?;
    check.done()?;
    clients::require_active_client(&client, "input.clientId")?;
    let id = write.id();
    let row = team::Model {
        id,
        network_id: client.network_id,
        client_id: client.id,
        name,
        created_at: write.now(),
        archived_at: None,
        version: 1,
    };
    write.insert::<Entity>(row).await?;
    write.commit().await?;
    Ok(id)
}

async fn update(caller: &Caller, input: TeamUpdateInput) -> Result<Id<Entity>, Error> {
    let (write, team) = caller.write::<Entity>(Permission::TeamUpdate, typed(&input.id), "input.id").await?;
    expect_version(team.version, input.expected_version)?;
    let mut check = Check::new();
    let name = check.name_if("input.name", input.name.as_ref(), 1..=120);
    if let Some(name) = &name {
        check_name_is_free(&write, &mut check, team.client_id, name, Some(team.id)).await?;
    }
    check.done()?;
    let mut change = team.clone().into_active_model();
    name.into_iter().for_each(|name| change.name = Set(name));
    write.update::<Entity>(&team, change).await?;
    write.commit().await?;
    Ok(team.id)
}

async fn archive(caller: &Caller, input: TeamArchiveInput) -> Result<Id<Entity>, Error> {
    let (write, team) = caller.write::<Entity>(Permission::TeamArchive, typed(&input.id), "input.id").await?;
    expect_version(team.version, input.expected_version)?;
    let unfinished = programme::Entity::find()
        .filter(programme::Column::TeamId.eq(team.id))
        .filter(programme::Column::Status.is_in(UNFINISHED));
    rules::require_archivable(&team, write.count(unfinished).await?)?;
    let mut change = team.clone().into_active_model();
    change.archived_at = Set(Some(write.now()));
    write.update::<Entity>(&team, change).await?;
    series::end_for_team(&write, team.id, TEAM_ARCHIVED).await?;
    reviews::end_for_team(&write, team.id).await?;
    archiving::close_open_work(&write, &team).await?;
    write.commit().await?;
    Ok(team.id)
}

async fn unarchive(caller: &Caller, input: TeamUnarchiveInput) -> Result<Id<Entity>, Error> {
    let (write, team) =
        caller.write::<Entity>(Permission::TeamUnarchive, typed(&input.id), "input.id").await?;
    expect_version(team.version, input.expected_version)?;
    let mut check = Check::new();
    let reason = reopening::rules::check_reason(&mut check, &input.reason);
    check.done()?;
    let archived_at = rules::require_archived(&team)?;
    let client = write.load::<client::Entity>(Some(team.client_id), "input.id").await?;
    clients::require_active_client(&client, "input.id")?;
    reopening::keeping::require_reopenable(&write, &client, archived_at).await?;
    let mut change = team.clone().into_active_model();
    change.archived_at = Set(None);
    write.update::<Entity>(&team, change).await?;
    write.record_words("team", team.id.uuid(), client.id, &json!({ "reopeningReason": reason }));
    let days = caller.settings().invitation_days;
    invitations::invite_again(&write, days, (&client, &team), archived_at).await?;
    write.commit().await?;
    Ok(team.id)
}

async fn check_name_is_free(
    write: &Write,
    check: &mut Check,
    client: Id<client::Entity>,
    name: &str,
    but: Option<Id<Entity>>,
) -> Result<(), Error> {
    let others = Entity::find()
        .filter(team::Column::ClientId.eq(client))
        .filter(same(team::Column::Name, name))
        .filter(Condition::all().add_option(but.map(|team| team::Column::Id.ne(team))));
    let taken = match write.one(others).await?.map(|other| other.archived_at) {
        None => Taken::No,
        Some(None) => Taken::Active,
        Some(Some(_)) => Taken::Archived("archived"),
    };
    check.refuse_taken("input.name", "team of the client", taken, Some("teamUpdate"));
    Ok(())
}
