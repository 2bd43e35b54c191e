//! Reminders: once a day, from seven in the morning of the client, each member who signs in gets one e-mail with what
//! is due: actions due today, tomorrow or overdue, offers that wait for an answer, and sessions tomorrow. On a day with
//! nothing to mention there is no e-mail. A morning that no job worked is caught up on the next one.
//!
//! Invariant: only who has access to the team is reminded of its work, and no team whose programme is paused.

pub mod rules;
#[cfg(test)]
mod tests;

use crate::kernel::{Email, Error, Fault, Write, Zone};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use entity::{
    Id,
    action::{self, ActionStatus},
    client::{self, ClientStatus},
    member::{self, MemberStatus},
    membership,
    outbox::{self, EmailKind},
    person,
    programme::{self, ProgrammeStatus},
    reminder,
    session::{self, SessionStatus},
    team,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Clients looked at in one step.
const CLIENTS: u64 = 50;

/// What an e-mail mentions, to be looked at again before it leaves.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Mentioned {
    actions: Vec<Uuid>,
    sessions: Vec<Uuid>,
}

/// A client's morning.
struct Morning<'a> {
    client: &'a client::Model,
    zone: Zone,
    /// The last day on which its members were reminded.
    told: NaiveDate,
    day: NaiveDate,
}

/// What may be mentioned of some clients, and to whom.
struct Work {
    /// Members who sign in and have access to their team, unless its work rests.
    members: Vec<member::Model>,
    actions: Vec<action::Model>,
    sessions: Vec<session::Model>,
}

/// One step of the job: the clients that come after one, up to the one to go on after.
pub async fn step(write: &Write, after: Option<Uuid>) -> Result<Option<Uuid>, Error> {
    let clients = client::Entity::find()
        .filter(client::Column::NetworkId.eq(write.network()?))
        .filter(client::Column::Status.eq(ClientStatus::Active))
        .filter(client::Column::Id.gt(after.unwrap_or_default()))
        .order_by_asc(client::Column::Id)
        .limit(CLIENTS);
    let clients = write.all(clients).await?;
    let told = reminder::Entity::find()
        .filter(reminder::Column::ClientId.is_in(clients.iter().map(|client| client.id)));
    let told: BTreeMap<_, _> =
        write.all(told).await?.into_iter().map(|row| (row.client_id.uuid(), row)).collect();
    let mut mornings = vec![];
    for client in &clients {
        let Ok(zone) = Zone::named(&client.time_zone) else { continue };
        let Some(day) = rules::day(zone, write.now()) else { continue };
        let row = told.get(&client.id.uuid());
        if row.is_none_or(|row| row.day < day) {
            mark(write, client, row, day).await?;
            let told = row.map_or(day - TimeDelta::days(1), |row| row.day);
            mornings.push(Morning { client, zone, told, day });
        }
    }
    if !mornings.is_empty() {
        remind(write, &mornings).await?;
    }
    Ok((clients.len() as u64 == CLIENTS).then(|| clients.last().map(|client| client.id.uuid())).flatten())
}

/// Notes that a client's members were reminded on a day.
async fn mark(
    write: &Write,
    client: &client::Model,
    row: Option<&reminder::Model>,
    day: NaiveDate,
) -> Result<(), Error> {
    if let Some(row) = row {
        let mut change = row.clone().into_active_model();
        change.day = Set(day);
        return write.set::<reminder::Entity>(change).await;
    }
    let row = reminder::Model { client_id: client.id, network_id: client.network_id, day };
    write.add_once::<reminder::Entity>(row).await.map(drop)
}

async fn remind(write: &Write, mornings: &[Morning<'_>]) -> Result<(), Error> {
    let work = Work::of(write, mornings.iter().map(|morning| morning.client.id).collect()).await?;
    for morning in mornings {
        let mut mentioned: BTreeMap<Id<person::Entity>, Mentioned> = BTreeMap::new();
        let Morning { client, zone, told, day } = *morning;
        for member in work.members.iter().filter(|member| member.client_id == client.id) {
            let Some(person) = member.person_id else { continue };
            let own = work.actions.iter().filter(|action| action.owner_id == member.id);
            let own = own.filter(|action| rules::mentions(action, zone, told, day));
            let own: Vec<Uuid> = own.map(|action| action.id.uuid()).collect();
            let held = work.sessions.iter().filter(|session| session.team_id == member.team_id);
            let held = held.filter(|session| rules::announces(session, zone, told, write.now()));
            let held: Vec<Uuid> = held.map(|session| session.id.uuid()).collect();
            if !own.is_empty() || !held.is_empty() {
                let mentioned = mentioned.entry(person).or_default();
                mentioned.actions.extend(own);
                mentioned.sessions.extend(held);
            }
        }
        for (person, mentioned) in mentioned {
            send(write, &work, morning, person, mentioned).await?;
        }
    }
    Ok(())
}

/// Writes to someone. What of yesterday still waits to leave goes with it.
async fn send(
    write: &Write,
    work: &Work,
    morning: &Morning<'_>,
    person: Id<person::Entity>,
    mut mentioned: Mentioned,
) -> Result<(), Error> {
    let client = morning.client;
    // who cannot sign in has nowhere to go with it
    let to = write.find::<person::Entity>(person).await?.filter(|person| person.identity_id.is_some());
    let Some(to) = to else { return Ok(()) };
    let waiting = outbox::Entity::find()
        .filter(outbox::Column::Kind.eq(EmailKind::Reminder))
        .filter(outbox::Column::PersonId.eq(person))
        .filter(outbox::Column::ClientId.eq(client.id));
    for row in write.lock_all(waiting).await? {
        if let Ok(before) = serde_json::from_value::<Mentioned>(row.payload["facts"].clone()) {
            mentioned.actions.extend(before.actions);
            mentioned.sessions.extend(before.sessions);
        }
        write.discard(row.into_inner()).await?;
    }
    mentioned.actions.sort_unstable();
    mentioned.actions.dedup();
    mentioned.sessions.sort_unstable();
    mentioned.sessions.dedup();
    let facts = serde_json::to_value(&mentioned).map_err(|_| Fault::Internal)?;
    let Some(text) = work.text(client, morning.zone, person, &mentioned, write.now()) else { return Ok(()) };
    let subject = format!("{}: what is due", client.name);
    let mut email = Email::new(EmailKind::Reminder, client.id.uuid(), &to, subject, text).at(client.id);
    email.letter.facts = facts;
    write.post(email);
    Ok(())
}

/// What an e-mail to someone about a client says now of what it mentions. `None`: there is nothing left to say.
pub async fn anew(
    write: &Write,
    client: Id<client::Entity>,
    person: Id<person::Entity>,
    facts: &serde_json::Value,
) -> Result<Option<String>, Error> {
    let Ok(mentioned) = serde_json::from_value::<Mentioned>(facts.clone()) else { return Ok(None) };
    let Some(client) = write.find::<client::Entity>(client).await? else { return Ok(None) };
    let Ok(zone) = Zone::named(&client.time_zone) else { return Ok(None) };
    let work = Work::of(write, vec![client.id]).await?;
    Ok(work.text(&client, zone, person, &mentioned, write.now()))
}

impl Work {
    async fn of(write: &Write, clients: Vec<Id<client::Entity>>) -> Result<Work, Error> {
        let held = membership::Entity::find()
            .filter(membership::Column::ClientId.is_in(clients.iter().copied()))
            .filter(membership::Entity::lasting(write.now()));
        let held = write.all(held).await?;
        let paused = programme::Entity::find()
            .filter(programme::Column::ClientId.is_in(clients.iter().copied()))
            .filter(programme::Column::Status.eq(ProgrammeStatus::Paused));
        let archived = team::Entity::find()
            .filter(team::Column::ClientId.is_in(clients.iter().copied()))
            .filter(team::Column::ArchivedAt.is_not_null());
        let rests: Vec<Id<team::Entity>> = write
            .all(paused)
            .await?
            .into_iter()
            .map(|programme| programme.team_id)
            .chain(write.all(archived).await?.into_iter().map(|team| team.id))
            .collect();
        let members = member::Entity::find()
            .filter(member::Column::ClientId.is_in(clients.iter().copied()))
            .filter(member::Column::Status.eq(MemberStatus::Active))
            .filter(member::Column::PersonId.is_not_null());
        let mut members = write.all(members).await?;
        members.retain(|member| {
            !rests.contains(&member.team_id)
                && held.iter().any(|held| {
                    Some(held.person_id) == member.person_id
                        && held.client_id == Some(member.client_id)
                        && held.team_id.is_none_or(|team| team == member.team_id)
                })
        });
        // what is due later than everybody's tomorrow is none of today's business
        let soon = Condition::any()
            .add(action::Column::Status.eq(ActionStatus::Offered))
            .add(action::Column::DueAt.lte(write.now() + TimeDelta::days(3)));
        let actions = action::Entity::find()
            .filter(action::Column::OwnerId.is_in(members.iter().map(|member| member.id)))
            .filter(action::Column::Status.is_in(ActionStatus::TO_BE_DONE))
            .filter(soon);
        let actions = write.all(actions).await?;
        let sessions = session::Entity::find()
            .filter(session::Column::ClientId.is_in(clients.iter().copied()))
            .filter(session::Column::Status.eq(SessionStatus::Scheduled))
            .filter(session::Column::StartsAt.gt(write.now()))
            .filter(session::Column::StartsAt.lte(write.now() + TimeDelta::days(3)));
        let sessions = write.all(sessions).await?;
        Ok(Work { members, actions, sessions })
    }
    /// What is true now of what an e-mail mentions.
    fn text(
        &self,
        client: &client::Model,
        zone: Zone,
        person: Id<person::Entity>,
        mentioned: &Mentioned,
        now: DateTime<Utc>,
    ) -> Option<String> {
        let today = zone.today(now);
        let mut lines = vec![];
        let own = |member: &&member::Model| member.person_id == Some(person) && member.client_id == client.id;
        for member in self.members.iter().filter(own) {
            let own = self.actions.iter().filter(|action| action.owner_id == member.id);
            let own = own.filter(|action| mentioned.actions.contains(&action.id.uuid()));
            lines.extend(own.filter_map(|action| rules::of_action(action, zone, today)));
            let held = self.sessions.iter().filter(|session| session.team_id == member.team_id);
            let held = held.filter(|session| mentioned.sessions.contains(&session.id.uuid()));
            lines.extend(held.filter_map(|session| rules::of_session(session, zone, now)));
        }
        (!lines.is_empty()).then(|| rules::text(&client.name, lines))
    }
}
