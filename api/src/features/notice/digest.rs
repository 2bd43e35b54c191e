//! The digest: on Monday, facilitators and franchise owners get one e-mail with all their clients, highest risk first. It
//! is rendered when it leaves, from the clients that its recipient has access to then.

use super::{
    mailing::{Wishes, find_network, load_wishes},
    rules,
};
use crate::{
    kernel::{Email, EmailContent, Error, Fault, Write},
    texts,
};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    Id, action,
    action::ActionStatus,
    assignment, client,
    client::ClientStatus,
    client_pulse,
    drift_signal::{self, DriftStatus},
    membership::{self, MembershipRole},
    network::Locale,
    notice::NoticeKind,
    notice_preference::NoticeDelivery,
    notice_setting,
    outbox::EmailKind,
    person,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr},
};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// Clients that a digest lists.
const LISTED: u64 = 100;
/// People of one step.
const BATCH: usize = 50;

/// Someone whose digest is due, and the Monday it is of.
struct DueDigest {
    person: Uuid,
    day: NaiveDate,
    wanted: bool,
}

/// Whether a digest is due.
pub async fn is_any_due(write: &Write) -> Result<bool, Error> {
    if !rules::is_digest_time_anywhere(write.now()) {
        return Ok(false);
    }
    let mut after = None;
    loop {
        let (due, last) = find_due(write, after).await?;
        if !due.is_empty() || last.is_none() {
            return Ok(!due.is_empty());
        }
        after = last;
    }
}

/// Puts the digests of some people in the outbox, in order of ID after `after`. Returns the last of them, or `None` after
/// the last people.
pub async fn post_digests(write: &Write, after: Option<Uuid>) -> Result<Option<Uuid>, Error> {
    let (due, last) = find_due(write, after).await?;
    for digest in due {
        save_day(write, &digest).await?;
        let to = write.find::<person::Entity>(Id::new(digest.person)).await?;
        let to = to.filter(|person| digest.wanted && person.identity_id.is_some());
        if let Some(to) = to {
            write.post(Email::new(EmailKind::Digest, to.id.uuid(), &to, "", ""));
        }
    }
    Ok(last)
}

/// The people of a batch whose digest is due, and the last person of the batch if more follow.
async fn find_due(write: &Write, after: Option<Uuid>) -> Result<(Vec<DueDigest>, Option<Uuid>), Error> {
    let network = find_network(write).await?;
    let staff = membership::Entity::find()
        .select_only()
        .column(membership::Column::PersonId)
        .filter(membership::Column::NetworkId.eq(write.network()?))
        .filter(membership::Column::Role.is_in([MembershipRole::FranchiseOwner, MembershipRole::Facilitator]))
        .filter(membership::Entity::lasting(write.now()))
        .filter(membership::Column::PersonId.gt(after.unwrap_or_default()))
        .order_by_asc(membership::Column::PersonId);
    let staff: BTreeSet<Uuid> =
        write.select_values::<membership::Entity, Uuid>(staff).await?.into_iter().collect();
    let more = staff.len() > BATCH;
    let staff: Vec<Uuid> = staff.into_iter().take(BATCH).collect();
    let wishes = load_wishes(write, &staff).await?;
    let mut due = vec![];
    for person in &staff {
        let wishes = wishes.get(person).cloned().unwrap_or_default();
        let day = rules::digest_day(wishes.zone(&network.time_zone)?, write.now());
        if let Some(day) = day.filter(|day| wishes.digest_on().is_none_or(|last| last < *day)) {
            let wanted = wishes.delivery(NoticeKind::Digest) != NoticeDelivery::Off;
            due.push(DueDigest { person: *person, day, wanted });
        }
    }
    Ok((due, staff.last().copied().filter(|_| more)))
}

/// Records that a digest was considered.
async fn save_day(write: &Write, digest: &DueDigest) -> Result<(), Error> {
    let person = Id::new(digest.person);
    let setting = super::lock_setting(write, person).await?;
    let mut change = setting.clone().into_active_model();
    change.digest_on = Set(Some(digest.day));
    write.set::<notice_setting::Entity>(&setting, change).await
}

/// A client of a digest: its ID, name, time zone and risk.
type ListedClient = (Uuid, String, String, i32);

/// The active clients that someone facilitates or owns, highest risk first.
async fn load_clients(write: &Write, person: Id<person::Entity>) -> Result<Vec<ListedClient>, Error> {
    let assigned = assignment::Entity::find()
        .filter(assignment::Column::PersonId.eq(person))
        .filter(assignment::Column::StartsAt.lte(write.now()))
        .filter(assignment::Entity::lasting(write.now()));
    let assigned = write.all(assigned).await?.into_iter().map(|part| part.client_id);
    let owned = membership::Entity::find()
        .filter(membership::Column::PersonId.eq(person))
        .filter(membership::Column::Role.eq(MembershipRole::FranchiseOwner))
        .filter(membership::Entity::lasting(write.now()));
    let owned = write.all(owned).await?.into_iter().filter_map(|held| held.franchise_id);
    let theirs = Condition::any()
        .add(client::Column::Id.is_in(assigned))
        .add(client::Column::FranchiseId.is_in(owned));
    // a column that the job `risk` keeps, and the model does not have
    let risk = || Expr::col(Alias::new("risk"));
    let clients = client::Entity::find()
        .filter(client::Column::NetworkId.eq(write.network()?))
        .filter(client::Column::Status.eq(ClientStatus::Active))
        .filter(theirs)
        .select_only()
        .columns([client::Column::Id, client::Column::Name, client::Column::TimeZone])
        .expr(risk())
        .order_by_desc(risk())
        .order_by_asc(client::Column::Name)
        .limit(LISTED);
    write.select_values::<client::Entity, ListedClient>(clients).await
}

/// What a digest shows of the work of its clients.
struct ClientWork {
    overdue: HashMap<Uuid, i64>,
    drift: HashMap<Uuid, i64>,
    last_sessions: HashMap<Uuid, DateTime<Utc>>,
}

async fn load_work(write: &Write, clients: &[ListedClient]) -> Result<ClientWork, Error> {
    let ids: Vec<Uuid> = clients.iter().map(|(id, ..)| *id).collect();
    let overdue = action::Entity::find()
        .select_only()
        .column(action::Column::ClientId)
        .expr(Expr::cust("count(*)"))
        .filter(write.among_ids(action::Column::ClientId, &ids))
        .filter(action::Column::Status.eq(ActionStatus::Accepted))
        .filter(action::Column::DueAt.lte(write.now()))
        .group_by(action::Column::ClientId);
    let overdue = write.select_values::<action::Entity, (Uuid, i64)>(overdue).await?;
    let drift = drift_signal::Entity::find()
        .select_only()
        .column(drift_signal::Column::ClientId)
        .expr(Expr::cust("count(*)"))
        .filter(write.among_ids(drift_signal::Column::ClientId, &ids))
        .filter(drift_signal::Column::Status.is_in([DriftStatus::Open, DriftStatus::Acknowledged]))
        .group_by(drift_signal::Column::ClientId);
    let drift = write.select_values::<drift_signal::Entity, (Uuid, i64)>(drift).await?;
    let pulses = client_pulse::Entity::find().filter(write.among_ids(client_pulse::Column::ClientId, &ids));
    let last_sessions = write
        .all(pulses)
        .await?
        .into_iter()
        .filter_map(|pulse| Some((pulse.client_id.uuid(), pulse.last_session_at?)))
        .collect();
    Ok(ClientWork {
        overdue: overdue.into_iter().collect(),
        drift: drift.into_iter().collect(),
        last_sessions,
    })
}

/// The line about a client.
fn describe_client(
    client: &ListedClient,
    work: &ClientWork,
    wishes: &Wishes,
    locale: Locale,
) -> Result<String, Fault> {
    let (id, name, zone, risk) = client;
    let count = |counts: &HashMap<Uuid, i64>| counts.get(id).copied().unwrap_or(0);
    let zone = wishes.zone(zone)?;
    let session = match work.last_sessions.get(id) {
        Some(last) => {
            let on = texts::date(locale, zone.local(*last).date());
            texts::fill(locale, "digest.session.last", &[("on", &on)])
        }
        None => texts::fill(locale, "digest.session.never", &[]),
    };
    let values: [(&str, &str); 5] = [
        ("client", name.as_str()),
        ("risk", &risk.to_string()),
        ("overdue", &texts::count(locale, "digest.overdue", count(&work.overdue))),
        ("drift", &texts::count(locale, "digest.drift", count(&work.drift))),
        ("session", &session),
    ];
    Ok(texts::fill(locale, "digest.client", &values))
}

/// Renders a digest just before it is sent. `None` if the person has no clients.
pub async fn render(
    write: &Write,
    person: Id<person::Entity>,
    mut content: EmailContent,
    link: impl Fn(&str, &str) -> Option<String>,
) -> Result<Option<EmailContent>, Error> {
    let clients = load_clients(write, person).await?;
    if clients.is_empty() {
        return Ok(None);
    }
    let work = load_work(write, &clients).await?;
    let wishes = load_wishes(write, &[person.uuid()]).await?.remove(&person.uuid()).unwrap_or_default();
    if wishes.delivery(NoticeKind::Digest) == NoticeDelivery::Off {
        return Ok(None);
    }
    let locale = wishes.locale(&find_network(write).await?);
    let mut text = format!("{}\n\n", texts::fill(locale, "digest.line", &[]));
    for client in &clients {
        text.push_str(&format!("- {}\n", describe_client(client, &work, &wishes, locale)?));
        let id: Id<client::Entity> = Id::new(client.0);
        if let Some(link) = link("client", &id.to_string()) {
            text.push_str(&format!("  {link}\n"));
        }
    }
    content.subject = texts::fill(locale, "digest.subject", &[]);
    content.text = text;
    content.locale = Some(locale);
    Ok(Some(content))
}
