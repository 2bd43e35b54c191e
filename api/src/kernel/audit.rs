//! Every change is told: who, when, what, before and after. Events join hash chains, so that one that is altered, left
//! out or slipped in shows. A network has several chains; a change goes to the one its client falls to, so that
//! writers for different clients do not queue for one another.

use super::{
    access::Permission,
    db::statement,
    error::{Error, Fault},
    locked::LockForChange,
    save::Write,
};
use chrono::{DateTime, SecondsFormat, Utc};
use entity::{Hang, Id, Table, audit_event, audit_lane};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, Value,
};
use serde::Serialize;
use serde_json::{Map, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What makes changes: mutations by their names, and what else is done.
pub fn verbs() -> impl Iterator<Item = &'static str> {
    let others = [
        "addressChange",
        "addressChangeConfirm",
        "addressChangeUndo",
        "benchmarks",
        "clientTransfers",
        "drift",
        "invitationAccept",
        "networkFound",
        "passwordChange",
        "passwordReset",
        "passwordResetSend",
        "periods",
        "remind",
        "reviews",
        "reviewsAhead",
        "sessionMiss",
        "sessionRatingsClose",
        "sessionSeriesFill",
        "system",
        "tokenRefresh",
        "zonesRecompute",
    ];
    Permission::MUTATIONS.iter().map(|permission| permission.field()).chain(others)
}

/// The tables whose changes are audited, each by the prefix of its ids. The others follow from them, or are no tenant's.
pub fn nouns() -> impl Iterator<Item = Table> {
    use Table::*;
    let derived = |table: &Table| {
        matches!(
            table,
            AuditEvent
                | AuditLane
                | CheckInSlot
                | ClientDrift
                | ClientDue
                | ClientPlace
                | ClientPulse
                | DataExportPart
                | Idempotency
                | JobFault
                | JobTurn
                | MetricPeriod
                | Outbox
                | ProgrammePulse
                | Reminder
                | SearchEntry
                | SearchWord
                | Tally
                | TallyDelta
                | TallyPast
        )
    };
    Table::ALL.iter().copied().filter(move |table| table.hang() != Hang::Platform && !derived(table))
}

/// Chains of a network.
pub const LANES: i32 = 16;

/// One audited change, before it joins its chain.
pub struct Entry {
    pub noun: &'static str,
    pub subject: Uuid,
    pub client: Option<Uuid>,
    pub franchise: Option<Uuid>,
    pub content: bool,
    /// Whether it is theirs alone who did it: then it is in the client's chain, and nobody reads it by the client.
    pub secret: bool,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Entry {
    /// The chain that it joins.
    pub(super) fn lane(&self) -> i32 {
        self.client.map_or(0, |client| 1 + (client.as_u128() % (LANES as u128 - 1)) as i32)
    }
}

/// The parts of a row that changed, by name.
pub(super) type Parts = Map<String, serde_json::Value>;

impl Write {
    /// Adds a change to its chain.
    pub(super) async fn chain(&self, entry: Entry) -> Result<(), Error> {
        let (event, body) = self.event(entry)?;
        if self.kernel.db.is_postgres() {
            self.link_at_once(event, body).await
        } else {
            self.link_step_by_step(event, &body).await
        }
    }

    /// Adds many changes to their chains in a few statements. A chain's events keep their order.
    pub(super) async fn chain_all(&self, entries: Vec<Entry>) -> Result<(), Error> {
        let events = entries.into_iter().map(|entry| self.event(entry)).collect::<Result<Vec<_>, _>>()?;
        let lanes: BTreeSet<i32> = events.iter().map(|(event, _)| event.lane).collect();
        let heads = audit_lane::Entity::find()
            .filter(audit_lane::Column::NetworkId.eq(self.network()?))
            .filter(audit_lane::Column::Lane.is_in(lanes))
            .order_by_asc(audit_lane::Column::Lane)
            .lock_for_change();
        let heads = heads.all(&self.transaction).await?;
        let mut heads: BTreeMap<i32, audit_lane::Model> =
            heads.into_iter().map(|head| (head.lane, head)).collect();
        let mut linked = vec![];
        for (mut event, body) in events {
            let head = heads.get_mut(&event.lane).ok_or(Fault::Internal)?;
            head.sequence += 1;
            let hash = link(&head.hash, head.sequence, &body);
            event.sequence = head.sequence;
            event.previous = std::mem::replace(&mut head.hash, hash.clone());
            event.hash = hash;
            linked.push(event.into_active_model().reset_all());
        }
        self.pour::<audit_event::Entity>(linked).await?;
        for head in heads.into_values() {
            let (sequence, hash) = (Set(head.sequence), Set(head.hash.clone()));
            let change = audit_lane::ActiveModel { sequence, hash, ..head.into_active_model() };
            self.set::<audit_lane::Entity>(change).await?;
        }
        Ok(())
    }

    /// A change as an event that has no place in its chain yet, and what of it is hashed.
    fn event(&self, entry: Entry) -> Result<(audit_event::Model, String), Fault> {
        debug_assert!(verbs().any(|verb| verb == self.verb), "{} is a verb that the schema lacks", self.verb);
        debug_assert!(
            nouns().any(|table| table.prefix() == entry.noun),
            "{} is a noun that the schema lacks",
            entry.noun
        );
        let network = self.network()?;
        let lane = entry.lane();
        let client = entry.client.filter(|_| !entry.secret);
        let id: Id<audit_event::Entity> = self.kernel.seams.id();
        let person = self.actor.as_ref().map(|actor| actor.person.uuid());
        let salt = hex::encode(self.kernel.seams.bytes::<16>());
        let digest = digest(&salt, entry.before.as_deref(), entry.after.as_deref());
        let body = body(&Told {
            id: id.uuid(),
            at: self.now,
            client,
            franchise: entry.franchise,
            content: entry.content,
            person,
            request: &self.asking.request_id,
            caller_request: self.asking.caller_request_id.as_deref(),
            verb: self.verb,
            noun: entry.noun,
            subject: entry.subject,
            values: Values::Digest { digest: &digest },
        });
        let event = audit_event::Model {
            id,
            network_id: network,
            client_id: client.map(Id::new),
            franchise_id: entry.franchise.map(Id::new),
            content: entry.content,
            lane,
            sequence: 0,
            at: self.now,
            person_id: person.map(Id::new),
            request_id: self.asking.request_id.clone(),
            caller_request_id: self.asking.caller_request_id.clone(),
            verb: self.verb.into(),
            noun: entry.noun.into(),
            subject_id: entry.subject,
            before: entry.before,
            after: entry.after,
            salt: Some(salt),
            digest: Some(digest),
            previous: String::new(),
            hash: String::new(),
        };
        Ok((event, body))
    }

    /// PostgreSQL takes the chain's head and adds the event behind it in one round trip.
    async fn link_at_once(&self, event: audit_event::Model, body: String) -> Result<(), Error> {
        let values: Vec<Value> = vec![
            event.network_id.into(),
            event.lane.into(),
            event.id.into(),
            event.client_id.into(),
            event.content.into(),
            event.at.into(),
            event.person_id.into(),
            event.request_id.into(),
            event.verb.into(),
            event.noun.into(),
            event.subject_id.into(),
            event.before.into(),
            event.after.into(),
            body.into(),
            event.salt.into(),
            event.digest.into(),
            event.franchise_id.into(),
            event.caller_request_id.into(),
        ];
        let done = self.transaction.execute_raw(statement(&self.transaction, LINK, values)).await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(Fault::Internal.into()) }
    }

    /// SQLite has no SHA-256 and no round trips.
    async fn link_step_by_step(&self, event: audit_event::Model, body: &str) -> Result<(), Error> {
        let lane: [Value; 2] = [event.network_id.into(), event.lane.into()];
        let head = "select sequence, hash from audit_lane where network_id = ?1 and lane = ?2";
        let head = self.transaction.query_one_raw(statement(&self.transaction, head, lane.clone())).await?;
        let head = head.ok_or(Fault::Internal)?;
        let (sequence, previous): (i64, String) = (head.try_get_by_index(0)?, head.try_get_by_index(1)?);
        let sequence = sequence + 1;
        let hash = link(&previous, sequence, body);
        let event = audit_event::Model { sequence, previous, hash: hash.clone(), ..event };
        let insert = audit_event::Entity::insert(event.into_active_model().reset_all());
        insert.exec_without_returning(&self.transaction).await?;
        let moved = "update audit_lane set sequence = ?3, hash = ?4 where network_id = ?1 and lane = ?2";
        let values = lane.into_iter().chain([sequence.into(), hash.into()]);
        self.transaction.execute_raw(statement(&self.transaction, moved, values)).await?;
        Ok(())
    }
}

/// Takes the chain's head and adds the event behind it, in one round trip.
const LINK: &str = "
with head as (
    select sequence + 1 as sequence, hash as previous from audit_lane
    where network_id = $1 and lane = $2 for no key update
), link as (
    select sequence, previous,
        encode(sha256(convert_to(previous || ':' || sequence || ':' || $14, 'UTF8')), 'hex') as hash
    from head
), event as (
    insert into audit_event (
        id, network_id, client_id, content, lane, sequence, at, person_id, request_id, verb, noun, subject_id,
        before, after, salt, digest, franchise_id, caller_request_id, previous, hash)
    select $3, $1, $4, $5, $2, sequence, $6, $7, $8, $9, $10, $11, $12, $13, $15, $16, $17, $18, previous, hash from link
)
update audit_lane set sequence = link.sequence, hash = link.hash from link
where network_id = $1 and lane = $2";

/// What an audit event tells, in the order in which it is hashed.
#[derive(Serialize)]
struct Told<'a> {
    id: Uuid,
    #[serde(serialize_with = "instant")]
    at: DateTime<Utc>,
    client: Option<Uuid>,
    /// Left out where there is none, as in events from before franchises were named.
    #[serde(skip_serializing_if = "Option::is_none")]
    franchise: Option<Uuid>,
    content: bool,
    person: Option<Uuid>,
    request: &'a str,
    /// Left out where there is none, as in events from before it was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    caller_request: Option<&'a str>,
    verb: &'a str,
    noun: &'a str,
    subject: Uuid,
    #[serde(flatten)]
    values: Values<'a>,
}

/// What changed, as the hash covers it: events from before there were digests, by the values themselves.
#[derive(Serialize)]
#[serde(untagged)]
enum Values<'a> {
    Plain { before: Option<&'a str>, after: Option<&'a str> },
    Digest { digest: &'a str },
}

impl Values<'_> {
    /// What an event's hash must cover; none where its values are not those that were digested. Erased values are null,
    /// and so is their salt.
    fn of(event: &audit_event::Model) -> Option<Values<'_>> {
        let (before, after) = (event.before.as_deref(), event.after.as_deref());
        match (event.digest.as_deref(), event.salt.as_deref()) {
            (None, None) => Some(Values::Plain { before, after }),
            (None, Some(_)) => None,
            (Some(told), Some(salt)) => {
                (digest(salt, before, after) == told).then_some(Values::Digest { digest: told })
            }
            (Some(told), None) => {
                (before.is_none() && after.is_none()).then_some(Values::Digest { digest: told })
            }
        }
    }
}

fn digest(salt: &str, before: Option<&str>, after: Option<&str>) -> String {
    hex::encode(Sha256::digest(json!([salt, before, after]).to_string().as_bytes()))
}

fn instant<S: serde::Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

fn body(told: &Told<'_>) -> String {
    serde_json::to_string(told).unwrap_or_default()
}

fn link(previous: &str, sequence: i64, body: &str) -> String {
    hex::encode(Sha256::digest(format!("{previous}:{sequence}:{body}").as_bytes()))
}

/// Whether a lane's events, in order, are the chain they claim to be, those included whose values were erased. Answers the first sequence that is not.
pub fn verify_chain(events: &[audit_event::Model]) -> Result<(), i64> {
    verify_after(String::new(), 0, events)
}

/// The same for the events that follow one, whose hash and sequence are given.
pub(super) fn verify_after(
    mut previous: String,
    mut sequence: i64,
    events: &[audit_event::Model],
) -> Result<(), i64> {
    for event in events {
        sequence += 1;
        let hash = hash(event, sequence).ok_or(sequence)?;
        if event.sequence != sequence || event.previous != previous || event.hash != hash {
            return Err(sequence);
        }
        previous = hash;
    }
    Ok(())
}

/// What an event's hash must be; none where its values are not those that were digested.
fn hash(event: &audit_event::Model, sequence: i64) -> Option<String> {
    let body = body(&Told {
        id: event.id.uuid(),
        at: event.at,
        client: event.client_id.map(Id::uuid),
        franchise: event.franchise_id.map(Id::uuid),
        content: event.content,
        person: event.person_id.map(Id::uuid),
        request: &event.request_id,
        caller_request: event.caller_request_id.as_deref(),
        verb: &event.verb,
        noun: &event.noun,
        subject: event.subject_id,
        values: Values::of(event)?,
    });
    Some(link(&event.previous, sequence, &body))
}

/// The parts of a row that changed: before and after.
pub(super) fn changes<M: Serialize>(
    before: Option<&M>,
    after: Option<&M>,
) -> Result<[Option<Parts>; 2], Fault> {
    let map = |row: Option<&M>| -> Result<Option<Parts>, Fault> {
        let Some(row) = row else { return Ok(None) };
        match serde_json::to_value(row) {
            Ok(serde_json::Value::Object(map)) => Ok(Some(map)),
            _ => Err(Fault::Internal),
        }
    };
    let (mut before, mut after) = (map(before)?, map(after)?);
    if let (Some(before), Some(after)) = (&mut before, &mut after) {
        let same: Vec<String> = before
            .iter()
            .filter(|(name, value)| after.get(*name) == Some(value))
            .map(|(name, _)| name.clone())
            .collect();
        for name in same {
            before.remove(&name);
            after.remove(&name);
        }
    }
    Ok([before, after])
}

/// Parts as they are kept.
pub(super) fn told(parts: Option<Parts>) -> Option<String> {
    parts.map(|parts| serde_json::Value::Object(parts).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A chain of which the second event is from before there were digests.
    fn chain() -> Vec<audit_event::Model> {
        let (mut events, mut previous) = (vec![], String::new());
        for sequence in 1..=4 {
            let (before, after) =
                (Some(r#"{"name":"Ann"}"#.to_owned()), Some(r#"{"name":"Bea"}"#.to_owned()));
            let salt = (sequence != 2).then(|| format!("salt {sequence}"));
            let digest = salt.as_ref().map(|salt| super::digest(salt, before.as_deref(), after.as_deref()));
            let mut event = audit_event::Model {
                id: Id::new(Uuid::from_u128(sequence as u128)),
                network_id: Id::new(Uuid::nil()),
                client_id: None,
                franchise_id: None,
                content: false,
                lane: 0,
                sequence,
                at: DateTime::UNIX_EPOCH,
                person_id: None,
                request_id: "request".into(),
                caller_request_id: None,
                verb: "personUpdate".into(),
                noun: "person".into(),
                subject_id: Uuid::from_u128(7),
                before,
                after,
                salt,
                digest,
                previous,
                hash: String::new(),
            };
            event.hash = hash(&event, event.sequence).expect("what it claims");
            previous = event.hash.clone();
            events.push(event);
        }
        events
    }

    fn erased(mut event: audit_event::Model) -> audit_event::Model {
        (event.before, event.after, event.salt) = (None, None, None);
        event
    }

    #[test]
    fn chains_hold_in_both_formulas_and_after_erasures() {
        let mut events = chain();
        assert_eq!(verify_chain(&events), Ok(()));
        for at in [3, 0] {
            events[at] = erased(events[at].clone());
            assert_eq!(verify_chain(&events), Ok(()), "without the values of {at}");
        }
        events[1] = erased(events[1].clone());
        assert_eq!(verify_chain(&events), Err(2), "without a digest, values stay");
    }

    #[test]
    fn whatever_else_changes_shows() {
        type Forgery = fn(&mut audit_event::Model);
        let forgeries: [(&str, Forgery); 16] = [
            ("before", |event| event.before = Some("{}".into())),
            ("after", |event| event.after = None),
            ("salt", |event| event.salt = Some("another".into())),
            ("digest", |event| event.digest = Some("another".into())),
            ("no digest", |event| event.digest = None),
            ("verb", |event| event.verb = "personErase".into()),
            ("noun", |event| event.noun = "member".into()),
            ("subject", |event| event.subject_id = Uuid::nil()),
            ("person", |event| event.person_id = Some(Id::new(Uuid::nil()))),
            ("client", |event| event.client_id = Some(Id::new(Uuid::nil()))),
            ("franchise", |event| event.franchise_id = Some(Id::new(Uuid::nil()))),
            ("content", |event| event.content = true),
            ("request", |event| event.request_id = "another".into()),
            ("caller's request", |event| event.caller_request_id = Some("another".into())),
            ("time", |event| event.at += chrono::TimeDelta::seconds(1)),
            ("hash", |event| event.hash = "another".into()),
        ];
        for (what, forge) in forgeries {
            let mut events = chain();
            forge(&mut events[2]);
            assert_eq!(verify_chain(&events), Err(3), "{what}");
            // nor can it be hidden behind an erasure
            let mut events = chain();
            events[2] = erased(events[2].clone());
            forge(&mut events[2]);
            let harmless = events[2] == erased(chain().remove(2));
            assert_eq!(verify_chain(&events), if harmless { Ok(()) } else { Err(3) }, "{what}, erased");
        }
    }

    #[test]
    fn a_digest_tells_nothing_without_its_salt() {
        let of = |salt| digest(salt, None, Some("{}"));
        assert_ne!(of("one"), of("another"));
        assert_ne!(digest("s", Some("{}"), None), digest("s", None, Some("{}")));
    }
}
