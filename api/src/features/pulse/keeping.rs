//! Keeps each client's risk up to date: computes it anew when a fact or the policy has changed, and when the clock alone
//! changes it. Triggers mark the clients with changed facts (`risk_policy` is 0, see `migration::figures`), so a write
//! waits for no computation, many changes of a client are computed once, and many clients in one transaction.
//!
//! Invariant: a client's facts are read under the lock of its row of `client_pulse`, which every change of a fact takes
//! before it commits. So no change is missed. Locked rows are skipped, never waited for: they are due until computed.

use super::{
    policy::select_policy,
    risk::{self, Facts, Part, Policy, Risk, Weights},
};
use crate::{
    features::programme::rules::paused_between,
    kernel::{Error, Fault, Kernel, Locked, Write, Zone},
};
use chrono::{DateTime, Utc};
use entity::{
    Id, client, client::ClientStatus, client_drift, client_due, client_due::DueKind, client_pulse,
    client_risk, network, programme, programme::ProgrammeStatus, programme_pause, review,
    review::ReviewStatus, team,
};
use sea_orm::{ActiveEnum, ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, Select};
use serde_json::json;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};
use uuid::Uuid;

/// Clients that a step computes.
const AT_ONCE: usize = 100;

/// Stores the risks in `{risks}`, a list of `{"id", "risk", "due"}`, and their components in `{parts}`, a list of `{"id",
/// "network", "client", "component", "items", "points"}`.
const STORE: [&str; 4] = [
    "delete from client_risk where client_id in (
        {postgres:select v.id from jsonb_to_recordset({risks}::jsonb) as v (id uuid)}
        {sqlite:select unhex(value ->> 'id') from json_each({risks})})",
    "insert into client_risk (id, network_id, client_id, component, items, points)
    {postgres:select v.id, v.network, v.client, v.component, v.items, v.points from jsonb_to_recordset({parts}::jsonb)
        as v (id uuid, network uuid, client uuid, component text, items integer, points integer)}
    {sqlite:select unhex(value ->> 'id'), unhex(value ->> 'network'), unhex(value ->> 'client'), value ->> 'component',
        value ->> 'items', value ->> 'points' from json_each({parts})}",
    "update client set risk = v.risk
    from {postgres:jsonb_to_recordset({risks}::jsonb) as v (id uuid, risk integer)}
    {sqlite:(select unhex(value ->> 'id') as id, value ->> 'risk' as risk from json_each({risks})) as v}
    where client.id = v.id and client.risk <> v.risk",
    "update client_pulse set risk_policy = {revision}, risk_due_at = v.due
    from {postgres:jsonb_to_recordset({risks}::jsonb) as v (id uuid, due timestamptz)}
    {sqlite:(select unhex(value ->> 'id') as id, value ->> 'due' as due from json_each({risks})) as v}
    where client_id = v.id",
];

/// Whether the risk of any client of the network is to be computed.
pub async fn is_due(write: &Write) -> Result<bool, Error> {
    let policy = policy(write).await?;
    Ok(write.one(due(policy.revision, write.now())).await?.is_some())
}

/// Computes the risk of some clients of the network. Whether there may be more to compute.
pub async fn step(write: &Write) -> Result<bool, Error> {
    let policy = policy(write).await?;
    let pulses = write.lock_free(due(policy.revision, write.now()).limit(AT_ONCE as u64)).await?;
    let ids: Vec<Uuid> = pulses.iter().map(|pulse| pulse.client_id.uuid()).collect();
    let clients = client::Entity::find().filter(write.among_ids(client::Column::Id, &ids));
    let clients = write.lock_free(clients).await?;
    if !clients.is_empty() {
        let facts = facts(write, &pulses, &clients).await?;
        let risks: Vec<(Id<client::Entity>, Risk)> = facts
            .iter()
            .map(|(client, facts)| (*client, risk::assess(facts, &policy, write.now())))
            .collect();
        store(write, policy.revision, &risks).await?;
    }
    Ok(pulses.len() == AT_ONCE)
}

/// Computes the risk of all clients of a network for which it is due.
pub async fn catch_up(kernel: &Arc<Kernel>, network: Id<network::Entity>) -> Result<(), Error> {
    loop {
        let write = kernel.system(network).await?;
        let more = step(&write).await?;
        write.commit_quietly().await?;
        if !more {
            return Ok(());
        }
    }
}

async fn policy(write: &Write) -> Result<Policy, Error> {
    let network = write.find::<network::Entity>(write.network()?).await?.ok_or(Fault::Internal)?;
    let weights = write.one(select_policy(write)?).await?.ok_or(Fault::Internal)?;
    Ok(Policy {
        session_gap_days: network.session_gap_days,
        weights: Weights::from(&weights),
        // both only grow
        revision: network.version + weights.version,
    })
}

/// Clients whose risk was computed with another policy or before a fact changed, or changes by the clock.
fn due(revision: i32, now: DateTime<Utc>) -> Select<client_pulse::Entity> {
    use client_pulse::Column::{RiskDueAt, RiskPolicy};
    // two ranges of the index: it serves no `<>`
    let other = Condition::any().add(RiskPolicy.lt(revision)).add(RiskPolicy.gt(revision));
    let later = Condition::all().add(RiskPolicy.eq(revision)).add(RiskDueAt.lte(now));
    client_pulse::Entity::find().filter(other.add(later))
}

/// Facts by client.
type ClientFacts = BTreeMap<Id<client::Entity>, Facts>;

/// The facts of clients.
async fn facts(
    write: &Write,
    pulses: &[Locked<client_pulse::Model>],
    clients: &[Locked<client::Model>],
) -> Result<ClientFacts, Error> {
    let mut all = begin_facts(pulses, clients)?;
    let ids: Vec<Uuid> = all.keys().map(|client| client.uuid()).collect();
    let mut working = add_teams(write, &ids, &mut all).await?;
    let active = add_programmes(write, &ids, &mut all, &mut working).await?;
    add_pauses(write, &ids, &mut all, &active).await?;
    add_dues(write, &ids, &mut all).await?;
    add_drift(write, &ids, &mut all).await?;
    let missed = missed_reviews(write, &ids).await?;
    for (client, _, due_at) in missed.into_iter().filter(|(_, team, _)| working.contains(team)) {
        if let Some(facts) = all.get_mut(&client) {
            facts.missed_reviews.push(due_at);
        }
    }
    Ok(all)
}

/// What the clients' own rows and pulses show.
fn begin_facts(
    pulses: &[Locked<client_pulse::Model>],
    clients: &[Locked<client::Model>],
) -> Result<ClientFacts, Fault> {
    let held: HashMap<_, _> = pulses.iter().map(|pulse| (pulse.client_id, pulse.last_session_at)).collect();
    let begin = |client: &Locked<client::Model>| {
        let last_session_at = held.get(&client.id).copied().flatten().unwrap_or(client.created_at);
        let is_at_work = client.status == ClientStatus::Active;
        let zone = Zone::named(&client.time_zone)?;
        let contract_ends_at = client.contract_ends_on.map(|on| zone.end_of_day(on));
        Ok((client.id, Facts { is_at_work, last_session_at, contract_ends_at, ..Facts::default() }))
    };
    clients.iter().map(begin).collect()
}

/// Adds whether clients have teams. Returns the teams, without archived ones.
async fn add_teams(
    write: &Write,
    ids: &[Uuid],
    all: &mut ClientFacts,
) -> Result<HashSet<Id<team::Entity>>, Error> {
    let teams = team::Entity::find()
        .filter(write.among_ids(team::Column::ClientId, ids))
        .filter(team::Column::ArchivedAt.is_null())
        .select_only()
        .column(team::Column::ClientId)
        .column(team::Column::Id);
    let teams: Vec<(Id<client::Entity>, Id<team::Entity>)> = write.select_values(teams).await?;
    let mut working = HashSet::new();
    for (client, team) in teams {
        working.insert(team);
        if let Some(facts) = all.get_mut(&client) {
            facts.has_team = true;
        }
    }
    Ok(working)
}

/// Adds which programmes clients have. Takes paused teams out of `working`; returns the clients and teams of active
/// programmes.
async fn add_programmes(
    write: &Write,
    ids: &[Uuid],
    all: &mut ClientFacts,
    working: &mut HashSet<Id<team::Entity>>,
) -> Result<Vec<(Id<client::Entity>, Id<team::Entity>)>, Error> {
    let programmes = programme::Entity::find()
        .filter(write.among_ids(programme::Column::ClientId, ids))
        .select_only()
        .column(programme::Column::ClientId)
        .column(programme::Column::TeamId)
        .column(programme::Column::Status);
    let programmes: Vec<(Id<client::Entity>, Id<team::Entity>, ProgrammeStatus)> =
        write.select_values(programmes).await?;
    let mut active = vec![];
    for (client, team, status) in programmes {
        let Some(facts) = all.get_mut(&client) else { continue };
        match status {
            ProgrammeStatus::Planned => facts.has_planned_programme = true,
            ProgrammeStatus::Active => {
                facts.has_active_programme = true;
                active.extend(working.contains(&team).then_some((client, team)));
            }
            ProgrammeStatus::Paused => {
                facts.has_paused_programme = true;
                working.remove(&team);
            }
            ProgrammeStatus::Completed | ProgrammeStatus::Terminated => facts.has_ended_programme = true,
        }
    }
    Ok(active)
}

/// Adds how long the active programmes have been paused since the last session.
async fn add_pauses(
    write: &Write,
    ids: &[Uuid],
    all: &mut ClientFacts,
    active: &[(Id<client::Entity>, Id<team::Entity>)],
) -> Result<(), Error> {
    let pauses = programme_pause::Entity::find()
        .filter(write.among_ids(programme_pause::Column::ClientId, ids))
        .filter(programme_pause::Column::EndsAt.is_not_null());
    let pauses = write.all(pauses).await?;
    for (client, facts) in all {
        let paused = active.iter().filter(|(of, _)| of == client).map(|(_, team)| {
            let pauses: Vec<_> = pauses.iter().filter(|pause| pause.team_id == *team).collect();
            paused_between(&pauses, facts.last_session_at, write.now())
        });
        facts.paused_since = paused.min().unwrap_or_default();
    }
    Ok(())
}

/// Adds what is due and when, without what is due for paused teams.
async fn add_dues(write: &Write, ids: &[Uuid], all: &mut ClientFacts) -> Result<(), Error> {
    let dues = client_due::Entity::find()
        .filter(write.among_ids(client_due::Column::ClientId, ids))
        .filter(client_due::Column::Items.gt(0));
    for due in write.all(dues).await? {
        let Some(facts) = all.get_mut(&due.client_id) else { continue };
        match due.kind {
            DueKind::Action => *facts.actions.entry(due.at).or_default() += due.items,
            DueKind::PausedAction => *facts.actions.entry(due.at).or_default() -= due.items,
            DueKind::Session => *facts.sessions.entry(due.at).or_default() += due.items,
            DueKind::PausedSession => *facts.sessions.entry(due.at).or_default() -= due.items,
            DueKind::PausedDrift => facts.drift_signals -= due.items,
        }
    }
    Ok(())
}

/// Adds the drift signals that are open or acknowledged.
async fn add_drift(write: &Write, ids: &[Uuid], all: &mut ClientFacts) -> Result<(), Error> {
    let drifts = client_drift::Entity::find().filter(write.among_ids(client_drift::Column::ClientId, ids));
    for drift in write.all(drifts).await? {
        if let Some(facts) = all.get_mut(&drift.client_id) {
            facts.drift_signals += drift.items;
        }
    }
    Ok(())
}

/// The missed reviews that still count, by client and team, with the instants at which they were due.
async fn missed_reviews(
    write: &Write,
    clients: &[Uuid],
) -> Result<Vec<(Id<client::Entity>, Id<team::Entity>, DateTime<Utc>)>, Error> {
    let missed = review::Entity::find()
        .filter(write.among_ids(review::Column::ClientId, clients))
        .filter(review::Column::Status.eq(ReviewStatus::Missed))
        .filter(review::Column::DueAt.gt(write.now() - risk::REVIEW_COUNTS))
        .select_only()
        .column(review::Column::ClientId)
        .column(review::Column::TeamId)
        .column(review::Column::DueAt);
    write.select_values(missed).await
}

/// Stores risks that were computed with a policy. Unaudited: they follow from what is.
async fn store(write: &Write, revision: i32, risks: &[(Id<client::Entity>, Risk)]) -> Result<(), Error> {
    let hex = |id: Uuid| id.simple().to_string();
    let network = hex(write.network()?.uuid());
    let row = |(client, risk): &(Id<client::Entity>, Risk)| {
        let due = risk.due_at.map(|at| at.to_rfc3339());
        json!({ "id": hex(client.uuid()), "risk": risk.points(), "due": due })
    };
    let rows: Vec<serde_json::Value> = risks.iter().map(row).collect();
    let parts = risks.iter().flat_map(|(client, risk)| risk.parts.iter().map(move |part| (client, part)));
    let part = |(client, part): (&Id<client::Entity>, &Part)| {
        json!({
            "id": hex(write.id::<client_risk::Entity>().uuid()), "network": network, "client": hex(client.uuid()),
            "component": part.component.to_value(), "items": part.count, "points": part.points,
        })
    };
    let parts: Vec<serde_json::Value> = parts.map(part).collect();
    let values = [
        ("risks", json!(rows).to_string().into()),
        ("parts", json!(parts).to_string().into()),
        ("revision", revision.into()),
    ];
    for statement in STORE {
        write.execute_as_system(statement, &values).await?;
    }
    Ok(())
}
