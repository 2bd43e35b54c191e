//! Reminders: once a day, from seven in the morning of the client, each member with a login gets one e-mail with what
//! is due: actions due today, tomorrow or overdue, offers that wait for an answer, and sessions tomorrow. No e-mail is
//! sent if nothing is due. A missed morning is made up for on the next one.
//!
//! Invariant: a member is reminded only of the work of teams that they have access to, and never of a team whose
//! programme is paused.

pub mod rules;
#[cfg(test)]
mod tests;

use super::notice::{
    mailing::{Wishes, find_network, load_wishes},
    notifying::{notify_all, notify_facilitators, notify_member},
};
use crate::{
    kernel::{Email, EmailContent, Error, Fault, Locked, Notice, Write, Zone},
    texts,
};
use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};
use entity::{
    Id,
    action::{self, ActionStatus},
    client::{self, ClientStatus},
    decision::{self, DecisionStatus},
    member::{self, MemberStatus},
    membership,
    network::Locale,
    notice::NoticeKind,
    notice_preference::NoticeDelivery,
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
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// Number of clients of one batch.
const BATCH: u64 = 50;

/// Actions and sessions that an e-mail mentions. They are read again before the e-mail is sent.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct ReminderFacts {
    actions: Vec<Uuid>,
    sessions: Vec<Uuid>,
}

/// A client whose members are to be reminded today.
struct ClientMorning<'a> {
    client: &'a client::Model,
    zone: Zone,
    /// Last day on which the client's members were reminded.
    last_day: NaiveDate,
    day: NaiveDate,
}

/// Work that reminders of some clients can mention, with the members who can be reminded.
struct DueWork {
    /// Members with a login and access to their team, unless the team is archived or its programme is paused.
    members: Vec<member::Model>,
    actions: Vec<action::Model>,
    sessions: Vec<session::Model>,
}

/// For each time zone, the earliest last reminder of its clients, and the number of clients that were never reminded.
const LAST_REMINDERS: &str = "
    select c.time_zone, min(r.day), sum(case when r.day is null then 1 else 0 end)
    from client c left join reminder r on r.client_id = c.id
    where c.network_id = {network} and c.status = {ClientStatus::Active} group by c.time_zone";

/// Whether reminders of a client are due.
pub async fn are_reminders_due(write: &Write) -> Result<bool, Error> {
    let zones: Vec<(String, Option<NaiveDate>, i64)> =
        write.query_as_system(LAST_REMINDERS, &[("network", write.network()?.into())]).await?;
    Ok(zones.into_iter().any(|(zone, last_day, never)| {
        let day = Zone::named(&zone).ok().and_then(|zone| rules::reminder_day(zone, write.now()));
        day.is_some_and(|day| never > 0 || last_day.is_some_and(|last_day| last_day < day))
    }))
}

/// Reminds the members of a batch of clients, in order of ID after `after`. Returns the last client of the batch, or
/// `None` after the last batch.
pub async fn remind_clients(write: &Write, after: Option<Uuid>) -> Result<Option<Uuid>, Error> {
    let clients = client::Entity::find()
        .filter(client::Column::NetworkId.eq(write.network()?))
        .filter(client::Column::Status.eq(ClientStatus::Active))
        .filter(client::Column::Id.gt(after.unwrap_or_default()))
        .order_by_asc(client::Column::Id)
        .limit(BATCH);
    let clients = write.all(clients).await?;
    let reminded = reminder::Entity::find()
        .filter(reminder::Column::ClientId.is_in(clients.iter().map(|client| client.id)));
    let reminded: BTreeMap<_, _> =
        write.lock_all(reminded).await?.into_iter().map(|row| (row.client_id.uuid(), row)).collect();
    let mut mornings = vec![];
    for client in &clients {
        let Ok(zone) = Zone::named(&client.time_zone) else { continue };
        let Some(day) = rules::reminder_day(zone, write.now()) else { continue };
        let row = reminded.get(&client.id.uuid());
        if row.is_none_or(|row| row.day < day) {
            save_reminder_day(write, client, row, day).await?;
            let last_day = row.map_or(day - TimeDelta::days(1), |row| row.day);
            mornings.push(ClientMorning { client, zone, last_day, day });
        }
    }
    if !mornings.is_empty() {
        remind(write, &mornings).await?;
    }
    Ok((clients.len() as u64 == BATCH).then(|| clients.last().map(|client| client.id.uuid())).flatten())
}

/// Saves the day on which a client's members were reminded.
async fn save_reminder_day(
    write: &Write,
    client: &client::Model,
    row: Option<&Locked<reminder::Model>>,
    day: NaiveDate,
) -> Result<(), Error> {
    if let Some(row) = row {
        let mut change = row.clone().into_active_model();
        change.day = Set(day);
        return write.set::<reminder::Entity>(row, change).await;
    }
    let row = reminder::Model { client_id: client.id, network_id: client.network_id, day };
    write.add_once::<reminder::Entity>(row).await.map(drop)
}

async fn remind(write: &Write, mornings: &[ClientMorning<'_>]) -> Result<(), Error> {
    notify_of_review_days(write, mornings).await?;
    let work = DueWork::of(write, mornings.iter().map(|morning| morning.client.id).collect()).await?;
    let people: Vec<Uuid> = work.members.iter().filter_map(|member| member.person_id).map(Id::uuid).collect();
    let wishes = load_wishes(write, &people).await?;
    let network = find_network(write).await?;
    for morning in mornings {
        let mut mentioned: BTreeMap<Id<person::Entity>, ReminderFacts> = BTreeMap::new();
        let ClientMorning { client, zone, last_day, day } = *morning;
        for member in work.members.iter().filter(|member| member.client_id == client.id) {
            let Some(person) = member.person_id else { continue };
            let own = work.actions.iter().filter(|action| action.owner_id == member.id);
            let own = own.filter(|action| rules::is_action_mentioned(action, zone, last_day, day));
            let own: Vec<Uuid> = own.map(|action| action.id.uuid()).collect();
            let sessions = work.sessions.iter().filter(|session| session.team_id == member.team_id);
            let sessions =
                sessions.filter(|session| rules::is_session_mentioned(session, zone, last_day, write.now()));
            let sessions: Vec<Uuid> = sessions.map(|session| session.id.uuid()).collect();
            if !own.is_empty() || !sessions.is_empty() {
                let mentioned = mentioned.entry(person).or_default();
                mentioned.actions.extend(own);
                mentioned.sessions.extend(sessions);
            }
        }
        for (person, mentioned) in mentioned {
            let due = Notice::about(NoticeKind::WorkDue, client.id).at(client.id);
            notify_all(write, due.without_email(), [person]);
            let wishes = wishes.get(&person.uuid()).cloned().unwrap_or_default();
            if wants_reminder(&wishes, day) {
                let locale = wishes.locale(&network);
                send_reminder(write, &work, morning, person, mentioned, locale).await?;
            }
        }
    }
    Ok(())
}

/// Whether a person wants a reminder on a morning: by default on each, and with `WEEKLY` on Mondays.
fn wants_reminder(wishes: &Wishes, day: NaiveDate) -> bool {
    match wishes.delivery(NoticeKind::WorkDue) {
        NoticeDelivery::AtOnce | NoticeDelivery::Daily => true,
        NoticeDelivery::Weekly => day.weekday() == Weekday::Mon,
        NoticeDelivery::Off => false,
    }
}

/// Tells facilitators and owners of the ratified decisions whose review day has come since the last morning.
async fn notify_of_review_days(write: &Write, mornings: &[ClientMorning<'_>]) -> Result<(), Error> {
    let of: HashMap<_, _> = mornings.iter().map(|morning| (morning.client.id, morning)).collect();
    let days = mornings
        .iter()
        .map(|morning| morning.last_day)
        .min()
        .zip(mornings.iter().map(|morning| morning.day).max());
    let Some((after, until)) = days else { return Ok(()) };
    let come = decision::Entity::find()
        .filter(decision::Column::ClientId.is_in(of.keys().copied()))
        .filter(decision::Column::Status.eq(DecisionStatus::Ratified))
        .filter(decision::Column::ReviewOn.gt(after))
        .filter(decision::Column::ReviewOn.lte(until));
    for decision in write.all(come).await? {
        let today = |morning: &&&ClientMorning<'_>| {
            decision.review_on.is_some_and(|on| morning.last_day < on && on <= morning.day)
        };
        if of.get(&decision.client_id).filter(today).is_none() {
            continue;
        }
        let notice = Notice::about(NoticeKind::DecisionReviewDue, decision.id);
        let notice = notice.of_team(decision.client_id, decision.team_id);
        notify_facilitators(write, notice).await?;
        if let Some(owner) = decision.owner_id
            && let Some(owner) = write.find::<member::Entity>(owner).await?
        {
            notify_member(write, notice, &owner);
        }
    }
    Ok(())
}

/// Sends one reminder to a person. Unsent reminders of earlier days are merged into it.
async fn send_reminder(
    write: &Write,
    work: &DueWork,
    morning: &ClientMorning<'_>,
    person: Id<person::Entity>,
    mut mentioned: ReminderFacts,
    locale: Locale,
) -> Result<(), Error> {
    let client = morning.client;
    // a person without a login cannot act on a reminder
    let to = write.find::<person::Entity>(person).await?.filter(|person| person.identity_id.is_some());
    let Some(to) = to else { return Ok(()) };
    let waiting = outbox::Entity::find()
        .filter(outbox::Column::Kind.eq(EmailKind::Reminder))
        .filter(outbox::Column::PersonId.eq(person))
        .filter(outbox::Column::ClientId.eq(client.id));
    for row in write.lock_all(waiting).await? {
        if let Ok(before) = serde_json::from_value::<ReminderFacts>(row.payload["facts"].clone()) {
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
    let lines = work.lines(client, morning.zone, person, &mentioned, write.now());
    if lines.is_empty() {
        return Ok(());
    }
    let mut email = Email::new(EmailKind::Reminder, client.id.uuid(), &to, "", "").at(client.id);
    email.content.facts = facts;
    fill_content(&mut email.content, &client.name, lines, locale);
    write.post(email);
    Ok(())
}

/// Renders a reminder, again before it is sent. `None` if nothing is due any more, or the person wants no reminders.
pub async fn render_again(
    write: &Write,
    client: Id<client::Entity>,
    person: Id<person::Entity>,
    mut content: EmailContent,
) -> Result<Option<EmailContent>, Error> {
    let Ok(mentioned) = serde_json::from_value::<ReminderFacts>(content.facts.clone()) else {
        return Ok(None);
    };
    let Some(client) = write.find::<client::Entity>(client).await? else { return Ok(None) };
    let Ok(zone) = Zone::named(&client.time_zone) else { return Ok(None) };
    let wishes = load_wishes(write, &[person.uuid()]).await?.remove(&person.uuid()).unwrap_or_default();
    if wishes.delivery(NoticeKind::WorkDue) == NoticeDelivery::Off {
        return Ok(None);
    }
    let locale = wishes.locale(&find_network(write).await?);
    let work = DueWork::of(write, vec![client.id]).await?;
    let lines = work.lines(&client, zone, person, &mentioned, write.now());
    if lines.is_empty() {
        return Ok(None);
    }
    fill_content(&mut content, &client.name, lines, locale);
    Ok(Some(content))
}

/// Writes subject and text of a reminder.
fn fill_content(content: &mut EmailContent, client: &str, lines: Vec<rules::ReminderLine>, locale: Locale) {
    content.subject = texts::fill(locale, "reminder.subject", &[("client", client)]);
    content.text = rules::render_text(client, lines, locale);
    content.locale = Some(locale);
}

impl DueWork {
    async fn of(write: &Write, clients: Vec<Id<client::Entity>>) -> Result<DueWork, Error> {
        let memberships = membership::Entity::find()
            .filter(membership::Column::ClientId.is_in(clients.iter().copied()))
            .filter(membership::Entity::lasting(write.now()));
        let memberships = write.all(memberships).await?;
        let paused = programme::Entity::find()
            .filter(programme::Column::ClientId.is_in(clients.iter().copied()))
            .filter(programme::Column::Status.eq(ProgrammeStatus::Paused));
        let archived = team::Entity::find()
            .filter(team::Column::ClientId.is_in(clients.iter().copied()))
            .filter(team::Column::ArchivedAt.is_not_null());
        let inactive: Vec<Id<team::Entity>> = write
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
            !inactive.contains(&member.team_id)
                && memberships.iter().any(|held| {
                    Some(held.person_id) == member.person_id
                        && held.client_id == Some(member.client_id)
                        && held.team_id.is_none_or(|team| team == member.team_id)
                })
        });
        // actions that are due later than tomorrow in every time zone are not mentioned today
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
        Ok(DueWork { members, actions, sessions })
    }

    /// The lines of the mentioned work that is still due.
    fn lines(
        &self,
        client: &client::Model,
        zone: Zone,
        person: Id<person::Entity>,
        mentioned: &ReminderFacts,
        now: DateTime<Utc>,
    ) -> Vec<rules::ReminderLine> {
        let today = zone.today(now);
        let mut lines = vec![];
        let own = |member: &&member::Model| member.person_id == Some(person) && member.client_id == client.id;
        for member in self.members.iter().filter(own) {
            let own = self.actions.iter().filter(|action| action.owner_id == member.id);
            let own = own.filter(|action| mentioned.actions.contains(&action.id.uuid()));
            lines.extend(own.filter_map(|action| rules::action_line(action, zone, today)));
            let sessions = self.sessions.iter().filter(|session| session.team_id == member.team_id);
            let sessions = sessions.filter(|session| mentioned.sessions.contains(&session.id.uuid()));
            lines.extend(sessions.filter_map(|session| rules::session_line(session, zone, now)));
        }
        lines
    }
}
