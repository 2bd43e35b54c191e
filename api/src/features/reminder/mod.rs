//! Reminders: once a day, from seven in the morning of the client, each member who signs in gets one letter with what
//! is due: actions due today, tomorrow or overdue, offers that wait for an answer, and sessions tomorrow. On a day with
//! nothing to tell there is no letter. A job looks; what was told is kept, so that nobody is told twice.

pub mod rules;
#[cfg(test)]
mod tests;

use crate::kernel::{Error, Write, Zone};
use chrono::{NaiveDate, TimeDelta};
use entity::{
    Id,
    action::{self, ActionStatus},
    client::{self, ClientStatus},
    member::{self, MemberStatus},
    person, reminder,
    session::{self, SessionStatus},
};
use rules::Line;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Clients looked at in one step.
const CLIENTS: u64 = 50;
/// How long it is remembered who was told: longer than a day lasts anywhere.
const KEPT: TimeDelta = TimeDelta::days(7);

/// One step of the job: the clients that come after one, up to the one to go on after.
pub async fn step(write: &Write, after: Option<Uuid>) -> Result<Option<Uuid>, Error> {
    if after.is_none() {
        let old = reminder::Entity::delete_many()
            .filter(reminder::Column::NetworkId.eq(write.network()?))
            .filter(reminder::Column::SentAt.lt(write.now() - KEPT));
        write.discard_all(old).await?;
    }
    let clients = client::Entity::find()
        .filter(client::Column::NetworkId.eq(write.network()?))
        .filter(client::Column::Status.eq(ClientStatus::Active))
        .filter(client::Column::Id.gt(after.unwrap_or_default()))
        .order_by_asc(client::Column::Id)
        .limit(CLIENTS);
    let clients = write.all(clients).await?;
    let mut mornings: Vec<(&client::Model, Zone, NaiveDate)> = vec![];
    for client in &clients {
        let zone = Zone::named(&client.time_zone)?;
        mornings.extend(rules::day(zone, write.now()).map(|day| (client, zone, day)));
    }
    remind(write, &mornings).await?;
    Ok((clients.len() as u64 == CLIENTS).then(|| clients.last().map(|client| client.id.uuid())).flatten())
}

async fn remind(write: &Write, mornings: &[(&client::Model, Zone, NaiveDate)]) -> Result<(), Error> {
    let ids: Vec<Id<client::Entity>> = mornings.iter().map(|(client, ..)| client.id).collect();
    let members = member::Entity::find()
        .filter(member::Column::ClientId.is_in(ids.iter().copied()))
        .filter(member::Column::Status.eq(MemberStatus::Active))
        .filter(member::Column::PersonId.is_not_null());
    let members = write.all(members).await?;
    // what is due later than everybody's tomorrow is none of today's business
    let soon = Condition::any()
        .add(action::Column::Status.eq(ActionStatus::Offered))
        .add(action::Column::DueAt.lte(write.now() + TimeDelta::days(3)));
    let actions = action::Entity::find()
        .filter(action::Column::ClientId.is_in(ids.iter().copied()))
        .filter(action::Column::Status.is_in(ActionStatus::TO_BE_DONE))
        .filter(soon);
    let actions = write.all(actions).await?;
    let sessions = session::Entity::find()
        .filter(session::Column::ClientId.is_in(ids.iter().copied()))
        .filter(session::Column::Status.eq(SessionStatus::Scheduled))
        .filter(session::Column::StartsAt.gt(write.now()))
        .filter(session::Column::StartsAt.lte(write.now() + TimeDelta::days(3)));
    let sessions = write.all(sessions).await?;
    for (client, zone, day) in mornings {
        let mut letters: BTreeMap<Id<person::Entity>, Vec<Line>> = BTreeMap::new();
        for member in members.iter().filter(|member| member.client_id == client.id) {
            let own = actions.iter().filter(|action| action.owner_id == member.id);
            let own = own.filter_map(|action| rules::of_action(action, *zone, *day));
            let held = sessions.iter().filter(|session| session.team_id == member.team_id);
            let held = held.filter_map(|session| rules::of_session(session, *zone, *day));
            let lines: Vec<Line> = own.chain(held).collect();
            if let Some(person) = member.person_id.filter(|_| !lines.is_empty()) {
                letters.entry(person).or_default().extend(lines);
            }
        }
        for (person, lines) in letters {
            tell(write, client, person, *day, lines).await?;
        }
    }
    Ok(())
}

/// Writes to someone, unless they were written to on this day already.
async fn tell(
    write: &Write,
    client: &client::Model,
    person: Id<person::Entity>,
    day: NaiveDate,
    lines: Vec<Line>,
) -> Result<(), Error> {
    // who cannot sign in has nowhere to go with it
    let person = write.find::<person::Entity>(person).await?.filter(|person| person.identity_id.is_some());
    let Some(person) = person else { return Ok(()) };
    let told = reminder::Model {
        client_id: client.id,
        person_id: person.id,
        day,
        network_id: client.network_id,
        sent_at: write.now(),
    };
    if !write.add_once::<reminder::Entity>(told).await? {
        return Ok(());
    }
    let letter = json!({
        "to": person.email,
        "name": person.name,
        "subject": format!("{}: what is due", client.name),
        "text": rules::letter(&client.name, lines),
    });
    write.post(client.id.uuid(), letter);
    Ok(())
}
