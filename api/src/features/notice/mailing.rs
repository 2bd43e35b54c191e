//! E-mails about notices. A job puts what is due in the outbox, one e-mail for each person and client, by the person's
//! preferences. The e-mail has no text until it leaves: then it tells of what is still true, still unread, and still within
//! its recipient's access.

use super::rules::{self, QuietHours};
use crate::{
    kernel::{Email, EmailContent, Error, Fault, Write, Zone},
    texts,
};
use chrono::{DateTime, NaiveDate, Utc};
use entity::{
    Id, action,
    action::ActionStatus,
    alignment_response, alignment_round,
    alignment_round::AlignmentStatus,
    assignment, benchmark_release, client, decision,
    decision::DecisionStatus,
    decision_read_back, decision_restatement, decision_stance,
    drift_signal::{self, DriftStatus},
    encode_id, member, membership, network,
    network::Locale,
    notice::{self, Column, Entity, NoticeKind},
    notice_preference, notice_setting, obstacle,
    outbox::EmailKind,
    person, priority, recap, review,
    review::ReviewStatus,
    session,
    session::SessionStatus,
    support_access, support_visit,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// Notices that the job looks at in one step.
const BATCH: u64 = 200;
/// Notices that an e-mail tells of. The recipient finds further ones in the list.
const IN_AN_EMAIL: usize = 50;

/// Notices of an e-mail.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Mailed {
    notices: Vec<Uuid>,
}

/// How a person wants to be informed.
#[derive(Clone, Default)]
pub struct Wishes {
    setting: Option<notice_setting::Model>,
    preferences: Vec<notice_preference::Model>,
}

impl Wishes {
    /// When the person wants e-mails of a kind.
    pub fn delivery(&self, kind: NoticeKind) -> notice_preference::NoticeDelivery {
        if self.setting.as_ref().is_some_and(|setting| setting.stopped_at.is_some()) {
            return notice_preference::NoticeDelivery::Off;
        }
        let chosen = self.preferences.iter().find(|preference| preference.kind == kind);
        chosen.map_or_else(|| rules::default_delivery(kind), |preference| preference.delivery)
    }
    fn quiet_hours(&self) -> Option<QuietHours> {
        let setting = self.setting.as_ref()?;
        QuietHours::parse(setting.quiet_from.as_deref(), setting.quiet_until.as_deref())
    }
    /// The person's time zone, or else the one given.
    pub fn zone(&self, otherwise: &str) -> Result<Zone, Fault> {
        let own = self.setting.as_ref().and_then(|setting| setting.time_zone.as_deref());
        Zone::named(own.unwrap_or(otherwise))
    }
    /// The person's language, or else the network's.
    pub fn locale(&self, network: &network::Model) -> Locale {
        self.setting.as_ref().and_then(|setting| setting.locale).unwrap_or(network.locale)
    }
    /// The last Monday for which a digest was considered.
    pub fn digest_on(&self) -> Option<NaiveDate> {
        self.setting.as_ref().and_then(|setting| setting.digest_on)
    }
}

/// How these people want to be informed; people who chose nothing are missing.
pub async fn load_wishes(write: &Write, people: &[Uuid]) -> Result<HashMap<Uuid, Wishes>, Error> {
    let mut wishes: HashMap<Uuid, Wishes> = HashMap::new();
    let settings =
        notice_setting::Entity::find().filter(write.among_ids(notice_setting::Column::PersonId, people));
    for setting in write.all(settings).await? {
        let person = setting.person_id.uuid();
        wishes.entry(person).or_default().setting = Some(setting);
    }
    let preferences = notice_preference::Entity::find()
        .filter(write.among_ids(notice_preference::Column::PersonId, people));
    for preference in write.all(preferences).await? {
        let person = preference.person_id.uuid();
        wishes.entry(person).or_default().preferences.push(preference);
    }
    Ok(wishes)
}

/// The notices whose e-mail may be due.
fn select_due(write: &Write) -> Result<sea_orm::Select<Entity>, Fault> {
    let of_network = Entity::find().filter(Column::NetworkId.eq(write.network()?));
    Ok(of_network.filter(Column::MailAt.lte(write.now())))
}

/// Whether the e-mail about a notice may be due.
pub async fn is_any_due(write: &Write) -> Result<bool, Error> {
    Ok(write.one(select_due(write)?).await?.is_some())
}

/// Puts e-mails about due notices in the outbox. Returns whether further notices may be due.
pub async fn post_emails(write: &Write) -> Result<bool, Error> {
    let due = select_due(write)?.order_by_asc(Column::MailAt).order_by_asc(Column::Id).limit(BATCH);
    let due: Vec<notice::Model> =
        write.lock_free(due).await?.into_iter().map(|row| row.into_inner()).collect();
    let people: Vec<Uuid> = due.iter().map(|notice| notice.person_id.uuid()).collect();
    let wishes = load_wishes(write, &people).await?;
    let recipients = person::Entity::find()
        .filter(write.among_ids(person::Column::Id, &people))
        .filter(person::Column::IdentityId.is_not_null());
    let recipients: HashMap<_, _> =
        write.all(recipients).await?.into_iter().map(|person| (person.id.uuid(), person)).collect();
    let clients: Vec<Uuid> = due.iter().filter_map(|notice| notice.client_id).map(Id::uuid).collect();
    let clients = client::Entity::find().filter(write.among_ids(client::Column::Id, &clients));
    let zones: HashMap<_, _> =
        write.all(clients).await?.into_iter().map(|client| (client.id, client.time_zone)).collect();
    let network = find_network(write).await?;
    let mut looked_at_next: BTreeMap<Option<DateTime<Utc>>, Vec<Uuid>> = BTreeMap::new();
    let mut emails: BTreeMap<(Uuid, Option<Uuid>), Mailed> = BTreeMap::new();
    for notice in &due {
        let person = notice.person_id.uuid();
        let wishes = wishes.get(&person).cloned().unwrap_or_default();
        let zone = notice.client_id.and_then(|client| zones.get(&client)).unwrap_or(&network.time_zone);
        let leaves = match notice.read_at.is_none() && recipients.contains_key(&person) {
            true => rules::leaves_at(
                notice.created_at,
                wishes.delivery(notice.kind),
                wishes.zone(zone)?,
                wishes.quiet_hours(),
                write.now(),
            ),
            false => None,
        };
        let later = leaves.filter(|leaves| *leaves > write.now());
        if leaves.is_some() && later.is_none() {
            let client = notice.client_id.map(Id::uuid);
            emails.entry((person, client)).or_default().notices.push(notice.id.uuid());
        }
        looked_at_next.entry(later).or_default().push(notice.id.uuid());
    }
    for (at, ids) in looked_at_next {
        let next = Entity::update_many()
            .col_expr(Column::MailAt, Expr::value(at))
            .filter(write.among_ids(Column::Id, &ids));
        write.set_all(next).await?;
    }
    for ((person, client), mailed) in emails {
        let (Some(to), Some(first)) = (recipients.get(&person), mailed.notices.first()) else { continue };
        let mut email = Email::new(EmailKind::Notices, *first, to, "", "");
        email.client = client.map(Id::new);
        email.content.facts = serde_json::to_value(&mailed).map_err(|_| Fault::Internal)?;
        write.post(email);
    }
    Ok(due.len() as u64 == BATCH)
}

/// The network of a transaction.
pub async fn find_network(write: &Write) -> Result<network::Model, Error> {
    Ok(write.find::<network::Entity>(write.network()?).await?.ok_or(Fault::Internal)?)
}

/// Renders an e-mail about notices just before it is sent. `None` if nothing is left to tell.
pub async fn render(
    write: &Write,
    person: Id<person::Entity>,
    client: Option<Id<client::Entity>>,
    mut content: EmailContent,
    link: impl Fn(&str, &str) -> Option<String>,
) -> Result<Option<EmailContent>, Error> {
    let Ok(mailed) = serde_json::from_value::<Mailed>(content.facts.clone()) else { return Ok(None) };
    let notices = Entity::find()
        .filter(write.among_ids(Column::Id, &mailed.notices))
        .filter(Column::PersonId.eq(person))
        .filter(Column::ReadAt.is_null())
        .order_by_asc(Column::CreatedAt)
        .order_by_asc(Column::Id)
        .limit(IN_AN_EMAIL as u64);
    let notices = write.all(notices).await?;
    let wishes = load_wishes(write, &[person.uuid()]).await?.remove(&person.uuid()).unwrap_or_default();
    let network = find_network(write).await?;
    let locale = wishes.locale(&network);
    let (name, zone, teams) = match client {
        Some(id) => {
            let Some(client) = write.find::<client::Entity>(id).await? else { return Ok(None) };
            let teams = readable_teams(write, person, id).await?;
            (client.name, client.time_zone, teams)
        }
        None => (network.name.clone(), network.time_zone.clone(), None),
    };
    let zone = wishes.zone(&zone)?;
    let mut lines = vec![];
    let mut subjects = vec![];
    for notice in &notices {
        let readable =
            teams.as_ref().is_none_or(|teams| notice.team_id.is_none_or(|team| teams.contains(&team)));
        if !readable || wishes.delivery(notice.kind) == notice_preference::NoticeDelivery::Off {
            continue;
        }
        let Some(facts) = current_facts(write, notice, locale).await? else { continue };
        let (subject, line) = texts::of_kind(notice.kind);
        let at = facts.at.map(|at| texts::date_and_time(locale, at, zone)).unwrap_or_default();
        let on = facts.on.map(|on| texts::date(locale, on)).unwrap_or_default();
        let mut text = format!(
            "- {}\n",
            texts::fill(locale, &line, &[("title", &facts.title), ("at", &at), ("on", &on)])
        );
        let mut id = vec![];
        encode_id(&notice.noun, notice.subject_id, &mut id);
        if let Some(link) = link(&notice.noun, &String::from_utf8_lossy(&id)) {
            text.push_str(&format!("  {link}\n"));
        }
        if !facts.page.is_empty() {
            text.push_str(&format!("\n{}\n", facts.page));
        }
        lines.push(text);
        subjects.push(texts::fill(locale, &subject, &[]));
    }
    content.subject = match subjects.as_slice() {
        [] => return Ok(None),
        [subject] => texts::fill(locale, "notices.subject", &[("client", &name), ("subject", subject)]),
        several => texts::fill(
            locale,
            "notices.subject.many",
            &[("client", &name), ("count", &several.len().to_string())],
        ),
    };
    content.text = format!("{name}\n\n{}", lines.concat());
    content.locale = Some(locale);
    Ok(Some(content))
}

/// The teams of a client whose work a person reads; `None`: all of them. Whether the person has access to the client
/// at all is checked elsewhere.
async fn readable_teams(
    write: &Write,
    person: Id<person::Entity>,
    client: Id<client::Entity>,
) -> Result<Option<BTreeSet<Id<entity::team::Entity>>>, Error> {
    let assigned = assignment::Entity::find()
        .filter(assignment::Column::PersonId.eq(person))
        .filter(assignment::Column::ClientId.eq(client))
        .filter(assignment::Entity::lasting(write.now()));
    let held = membership::Entity::find()
        .filter(membership::Column::PersonId.eq(person))
        .filter(membership::Column::ClientId.eq(client))
        .filter(membership::Entity::lasting(write.now()));
    let held = write.all(held).await?;
    if held.is_empty() || write.count(assigned).await? > 0 || held.iter().any(|held| held.team_id.is_none()) {
        return Ok(None);
    }
    Ok(Some(held.into_iter().filter_map(|held| held.team_id).collect()))
}

/// What an e-mail says of an object.
#[derive(Default)]
struct Facts {
    title: String,
    at: Option<DateTime<Utc>>,
    on: Option<NaiveDate>,
    /// The object itself, as text.
    page: String,
}

impl Facts {
    fn titled(title: impl Into<String>) -> Facts {
        Facts { title: title.into(), ..Facts::default() }
    }
}

/// The facts about a notice's object now. `None` if the notice is no longer true, or no e-mail is about its kind.
async fn current_facts(
    write: &Write,
    notice: &notice::Model,
    locale: Locale,
) -> Result<Option<Facts>, Error> {
    use NoticeKind::*;
    let id = notice.subject_id;
    if is_answered(write, notice).await? {
        return Ok(None);
    }
    Ok(match notice.kind {
        ActionOffered => find_offered_action(write, notice).await?,
        RoundOpened => {
            let round = write.find::<alignment_round::Entity>(Id::new(id)).await?;
            let open = round.filter(|round| round.status == AlignmentStatus::Open);
            open.map(|round| Facts::titled(round.title))
        }
        StanceAsked => decision_in(write, id, DecisionStatus::Proposed).await?,
        ReadBackAsked | DecisionReviewDue => decision_in(write, id, DecisionStatus::Ratified).await?,
        ReadBackGiven => find_read_back_decision(write, id).await?,
        SessionScheduled | SessionMoved => find_coming_session(write, id, SessionStatus::Scheduled).await?,
        SessionCancelled => find_coming_session(write, id, SessionStatus::Cancelled).await?,
        Recap => find_recap(write, id).await?,
        DriftRaised => find_open_drift(write, id, locale).await?,
        ReviewMissed => {
            let review = write.find::<review::Entity>(Id::new(id)).await?;
            let missed = review.filter(|review| review.status == ReviewStatus::Missed);
            missed.map(|review| Facts { on: Some(review.due_on), ..Facts::default() })
        }
        FacilitatorAssigned => find_assigned_person(write, id).await?,
        ObstacleEscalated => {
            let obstacle = write.find::<obstacle::Entity>(Id::new(id)).await?;
            obstacle.map(|obstacle| Facts::titled(obstacle.title))
        }
        SupportGiven => {
            let access = write.find::<support_access::Entity>(Id::new(id)).await?;
            let open =
                |access: &support_access::Model| access.revoked_at.is_none() && access.ends_at > write.now();
            access.filter(open).map(|access| Facts { at: Some(access.ends_at), ..Facts::default() })
        }
        SupportEntered => write.find::<support_visit::Entity>(Id::new(id)).await?.map(|_| Facts::default()),
        BenchmarkPublished => {
            let release = write.find::<benchmark_release::Entity>(Id::new(id)).await?;
            release.map(|release| Facts::titled(release.period))
        }
        TransferProposed | WorkDue | Digest => None,
    })
}

/// The action that a notice offers, while its recipient is to answer.
async fn find_offered_action(write: &Write, notice: &notice::Model) -> Result<Option<Facts>, Error> {
    let action = write.find::<action::Entity>(Id::new(notice.subject_id)).await?;
    let Some(action) = action.filter(|action| action.status == ActionStatus::Offered) else {
        return Ok(None);
    };
    let owner = write.find::<member::Entity>(action.owner_id).await?;
    let theirs = owner.is_some_and(|owner| owner.person_id == Some(notice.person_id));
    Ok(theirs.then(|| Facts::titled(action.title)))
}

/// The decision of a read-back, while the read-back is to be judged.
async fn find_read_back_decision(write: &Write, id: Uuid) -> Result<Option<Facts>, Error> {
    let given = write.find::<decision_read_back::Entity>(Id::new(id)).await?;
    match given.filter(|given| given.status == decision_restatement::ReadBackStatus::Waiting) {
        Some(given) => decision_in(write, given.decision_id.uuid(), DecisionStatus::Ratified).await,
        None => Ok(None),
    }
}

/// A session in a status that is still to come.
async fn find_coming_session(write: &Write, id: Uuid, status: SessionStatus) -> Result<Option<Facts>, Error> {
    let session = write.find::<session::Entity>(Id::new(id)).await?;
    let session = session.filter(|session| session.status == status && session.starts_at > write.now());
    Ok(session.map(|session| Facts { at: Some(session.starts_at), ..Facts::titled(session.title) }))
}

async fn find_recap(write: &Write, id: Uuid) -> Result<Option<Facts>, Error> {
    let Some(recap) = write.find::<recap::Entity>(Id::new(id)).await? else { return Ok(None) };
    let session = write.find::<session::Entity>(recap.session_id).await?;
    Ok(session.map(|session| Facts { page: recap.markdown, ..Facts::titled(session.title) }))
}

async fn find_open_drift(write: &Write, id: Uuid, locale: Locale) -> Result<Option<Facts>, Error> {
    let signal = write.find::<drift_signal::Entity>(Id::new(id)).await?;
    match signal.filter(|signal| signal.status == DriftStatus::Open) {
        Some(signal) => Ok(Some(Facts::titled(drifting(write, &signal, locale).await?))),
        None => Ok(None),
    }
}

/// The person of an assignment that lasts.
async fn find_assigned_person(write: &Write, id: Uuid) -> Result<Option<Facts>, Error> {
    let part = write.find::<assignment::Entity>(Id::new(id)).await?;
    let lasting = part.filter(|part| part.ends_at.is_none_or(|ends| ends > write.now()));
    let Some(part) = lasting else { return Ok(None) };
    let person = write.find::<person::Entity>(part.person_id).await?;
    Ok(person.map(|person| Facts::titled(person.name)))
}

/// Whether the person has done already what the notice asks for.
async fn is_answered(write: &Write, notice: &notice::Model) -> Result<bool, Error> {
    let (id, person) = (notice.subject_id, notice.person_id);
    let answers = match notice.kind {
        NoticeKind::RoundOpened => {
            let own = alignment_response::Entity::find()
                .filter(alignment_response::Column::RoundId.eq(id))
                .filter(alignment_response::Column::PersonId.eq(person));
            write.count(own).await?
        }
        NoticeKind::StanceAsked => {
            let own = decision_stance::Entity::find()
                .filter(decision_stance::Column::DecisionId.eq(id))
                .filter(decision_stance::Column::PersonId.eq(person));
            write.count(own).await?
        }
        NoticeKind::ReadBackAsked => {
            let own = decision_restatement::Entity::find()
                .filter(decision_restatement::Column::DecisionId.eq(id))
                .filter(decision_restatement::Column::PersonId.eq(person));
            write.count(own).await?
        }
        _ => 0,
    };
    Ok(answers > 0)
}

async fn decision_in(write: &Write, id: Uuid, status: DecisionStatus) -> Result<Option<Facts>, Error> {
    let decision = write.find::<decision::Entity>(Id::new(id)).await?;
    let decision = decision.filter(|decision| decision.status == status);
    Ok(decision.map(|decision| Facts::titled(decision.title)))
}

/// What a drift signal is about.
async fn drifting(write: &Write, signal: &drift_signal::Model, locale: Locale) -> Result<String, Error> {
    let (key, title) = if let Some(id) = signal.action_id {
        ("drift.action", write.find::<action::Entity>(id).await?.map(|action| action.title))
    } else if let Some(id) = signal.priority_id {
        ("drift.priority", write.find::<priority::Entity>(id).await?.map(|priority| priority.title))
    } else if let Some(id) = signal.alignment_round_id {
        ("drift.agreement", write.find::<alignment_round::Entity>(id).await?.map(|round| round.title))
    } else {
        ("drift.reviews", None)
    };
    Ok(texts::fill(locale, key, &[("title", &title.unwrap_or_default())]))
}
