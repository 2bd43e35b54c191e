//! Keeps each client's risk up to date: computes it anew when a fact or the policy has changed, and when the clock alone
//! changes it. Triggers mark the clients with changed facts (`risk_policy` is 0, see `migration::figures`), so a write
//! waits for no computation, many changes of a client are computed once, and many clients in one transaction.
//!
//! Invariant: a client's facts are read under the lock of its row of `client_pulse`, which every change of a fact takes
//! before it commits. So no change is missed. Locked rows are skipped, never waited for: they are due until computed.

use super::risk::{self, Facts, Policy, Risk};
use crate::kernel::{Error, Fault, Kernel, Locked, Write};
use chrono::{DateTime, Utc};
use entity::{
    Id, client, client::ClientStatus, client_drift, client_due, client_due::DueKind, client_pulse, network,
    programme, programme::ProgrammeStatus, review, review::ReviewStatus, team,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, Select};
use serde_json::json;
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};
use uuid::Uuid;

/// Clients that a step computes.
const AT_ONCE: usize = 100;

/// Stores the risks in `{risks}`, a list of `{"id", "risk", "due"}`.
const STORE: [&str; 2] = [
    "update client set risk = v.risk
    from {postgres:jsonb_to_recordset({risks}::jsonb) as v (id uuid, risk integer)}
    {sqlite:(select unhex(value ->> 'id') as id, value ->> 'risk' as risk from json_each({risks})) as v}
    where client.id = v.id and client.risk <> v.risk",
    "update client_pulse set risk_policy = {policy}, risk_due_at = v.due
    from {postgres:jsonb_to_recordset({risks}::jsonb) as v (id uuid, due timestamptz)}
    {sqlite:(select unhex(value ->> 'id') as id, value ->> 'due' as due from json_each({risks})) as v}
    where client_id = v.id",
];

/// Whether the risk of any client of the network is to be computed.
pub async fn is_due(write: &Write) -> Result<bool, Error> {
    let policy = policy(write).await?;
    Ok(write.one(due(policy, write.now())).await?.is_some())
}

/// Computes the risk of some clients of the network. Whether there may be more to compute.
pub async fn step(write: &Write) -> Result<bool, Error> {
    let policy = policy(write).await?;
    let pulses = write.lock_free(due(policy, write.now()).limit(AT_ONCE as u64)).await?;
    let ids: Vec<Uuid> = pulses.iter().map(|pulse| pulse.client_id.uuid()).collect();
    let clients = client::Entity::find().filter(write.among_ids(client::Column::Id, &ids));
    let clients = write.lock_free(clients).await?;
    if !clients.is_empty() {
        let facts = facts(write, &pulses, &clients).await?;
        let risks: Vec<(Id<client::Entity>, Risk)> =
            facts.iter().map(|(client, facts)| (*client, risk::assess(facts, policy, write.now()))).collect();
        store(write, policy, &risks).await?;
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
    Ok(Policy { session_gap_days: network.session_gap_days })
}

/// Clients whose risk was computed with another policy or before a fact changed, or changes by the clock.
fn due(policy: Policy, now: DateTime<Utc>) -> Select<client_pulse::Entity> {
    use client_pulse::Column::{RiskDueAt, RiskPolicy};
    let gap = policy.session_gap_days;
    // two ranges of the index: it serves no `<>`
    let other = Condition::any().add(RiskPolicy.lt(gap)).add(RiskPolicy.gt(gap));
    let later = Condition::all().add(RiskPolicy.eq(gap)).add(RiskDueAt.lte(now));
    client_pulse::Entity::find().filter(other.add(later))
}

/// The facts of clients.
async fn facts(
    write: &Write,
    pulses: &[Locked<client_pulse::Model>],
    clients: &[Locked<client::Model>],
) -> Result<BTreeMap<Id<client::Entity>, Facts>, Error> {
    let held: HashMap<_, _> = pulses.iter().map(|pulse| (pulse.client_id, pulse.last_session_at)).collect();
    let begin = |client: &Locked<client::Model>| {
        let last_session_at = held.get(&client.id).copied().flatten().unwrap_or(client.created_at);
        let is_archived = client.status == ClientStatus::Archived;
        (client.id, Facts { is_archived, last_session_at, ..Facts::default() })
    };
    let mut all: BTreeMap<_, _> = clients.iter().map(begin).collect();
    let ids: Vec<Uuid> = all.keys().map(|client| client.uuid()).collect();

    let teams = team::Entity::find()
        .filter(write.among_ids(team::Column::ClientId, &ids))
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

    let programmes = programme::Entity::find()
        .filter(write.among_ids(programme::Column::ClientId, &ids))
        .filter(programme::Column::Status.is_in([ProgrammeStatus::Active, ProgrammeStatus::Paused]))
        .select_only()
        .column(programme::Column::ClientId)
        .column(programme::Column::TeamId)
        .column(programme::Column::Status);
    let programmes: Vec<(Id<client::Entity>, Id<team::Entity>, ProgrammeStatus)> =
        write.select_values(programmes).await?;
    for (client, team, status) in programmes {
        let Some(facts) = all.get_mut(&client) else { continue };
        if status == ProgrammeStatus::Paused {
            facts.has_paused_programme = true;
            working.remove(&team);
        } else {
            facts.has_active_programme = true;
        }
    }

    let dues = client_due::Entity::find()
        .filter(write.among_ids(client_due::Column::ClientId, &ids))
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
    let drifts = client_drift::Entity::find().filter(write.among_ids(client_drift::Column::ClientId, &ids));
    for drift in write.all(drifts).await? {
        if let Some(facts) = all.get_mut(&drift.client_id) {
            facts.drift_signals += drift.items;
        }
    }

    let missed = missed_reviews(write, &ids).await?;
    for (client, _, due_at) in missed.into_iter().filter(|(_, team, _)| working.contains(team)) {
        if let Some(facts) = all.get_mut(&client) {
            facts.missed_reviews.push(due_at);
        }
    }
    Ok(all)
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
async fn store(write: &Write, policy: Policy, risks: &[(Id<client::Entity>, Risk)]) -> Result<(), Error> {
    let row = |(client, risk): &(Id<client::Entity>, Risk)| {
        let due = risk.due_at.map(|at| at.to_rfc3339());
        json!({ "id": client.uuid().simple().to_string(), "risk": risk.points, "due": due })
    };
    let rows: Vec<serde_json::Value> = risks.iter().map(row).collect();
    let values = [("risks", json!(rows).to_string().into()), ("policy", policy.session_gap_days.into())];
    for statement in STORE {
        write.execute_as_system(statement, &values).await?;
    }
    Ok(())
}
