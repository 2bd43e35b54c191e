//! Every change is told: who, when, what, before and after. Events join hash chains, so that one that is altered, left
//! out or slipped in shows. A network has several chains; a change goes to the one its client falls to, so that
//! writers for different clients do not queue for one another.

use super::{
    db::statement,
    error::{Error, Fault},
    save::Write,
};
use chrono::{DateTime, SecondsFormat, Utc};
use entity::{Id, audit_event};
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Value};
use serde::Serialize;
use serde_json::Map;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Chains of a network.
pub const LANES: i32 = 16;

/// One audited change, before it joins its chain.
pub struct Entry {
    pub noun: &'static str,
    pub subject: Uuid,
    pub client: Option<Uuid>,
    pub content: bool,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Write {
    /// Adds a change to its chain, and announces it.
    pub(super) async fn chain(&self, entry: Entry) -> Result<(), Error> {
        let network = self.network()?;
        let lane = entry.client.map_or(0, |client| 1 + (client.as_u128() % (LANES as u128 - 1)) as i32);
        let id: Id<audit_event::Entity> = self.kernel.seams.id();
        let person = self.actor.as_ref().map(|actor| actor.person.uuid());
        let body = body(&Told {
            id: id.uuid(),
            at: self.now,
            client: entry.client,
            content: entry.content,
            person,
            request: &self.asking.request_id,
            verb: self.verb,
            noun: entry.noun,
            subject: entry.subject,
            before: entry.before.as_deref(),
            after: entry.after.as_deref(),
        });
        let event = audit_event::Model {
            id,
            network_id: network,
            client_id: entry.client.map(Id::new),
            content: entry.content,
            lane,
            sequence: 0,
            at: self.now,
            person_id: person.map(Id::new),
            request_id: self.asking.request_id.clone(),
            verb: self.verb.into(),
            noun: entry.noun.into(),
            subject_id: entry.subject,
            before: entry.before,
            after: entry.after,
            previous: String::new(),
            hash: String::new(),
        };
        let payload = serde_json::json!({ "noun": entry.noun, "client": entry.client }).to_string();
        if self.kernel.db.is_postgres() {
            self.link_at_once(event, body, payload).await
        } else {
            self.link_step_by_step(event, &body, &payload).await
        }
    }

    /// PostgreSQL takes the chain's head, adds the event behind it and announces it in one round trip.
    async fn link_at_once(
        &self,
        event: audit_event::Model,
        body: String,
        payload: String,
    ) -> Result<(), Error> {
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
            payload.into(),
        ];
        let done = self.transaction.execute_raw(statement(&self.transaction, LINK, values)).await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(Fault::Internal.into()) }
    }

    /// SQLite has no SHA-256 and no round trips.
    async fn link_step_by_step(
        &self,
        event: audit_event::Model,
        body: &str,
        payload: &str,
    ) -> Result<(), Error> {
        let lane: [Value; 2] = [event.network_id.into(), event.lane.into()];
        let head = "select sequence, hash from audit_lane where network_id = ?1 and lane = ?2";
        let head = self.transaction.query_one_raw(statement(&self.transaction, head, lane.clone())).await?;
        let head = head.ok_or(Fault::Internal)?;
        let (sequence, previous): (i64, String) = (head.try_get_by_index(0)?, head.try_get_by_index(1)?);
        let sequence = sequence + 1;
        let hash = link(&previous, sequence, body);
        let subject = event.subject_id;
        let event = audit_event::Model { sequence, previous, hash: hash.clone(), ..event };
        let insert = audit_event::Entity::insert(event.into_active_model().reset_all());
        insert.exec_without_returning(&self.transaction).await?;
        let moved = "update audit_lane set sequence = ?3, hash = ?4 where network_id = ?1 and lane = ?2";
        let values = lane.into_iter().chain([sequence.into(), hash.into()]);
        self.transaction.execute_raw(statement(&self.transaction, moved, values)).await?;
        self.announce(self.verb, subject, payload).await
    }
}

/// Takes the chain's head, adds the event behind it and announces it, in one round trip.
const LINK: &str = "
with head as (
    select sequence + 1 as sequence, hash as previous from audit_lane
    where network_id = $1 and lane = $2 for update
), link as (
    select sequence, previous,
        encode(sha256(convert_to(previous || ':' || sequence || ':' || $14, 'UTF8')), 'hex') as hash
    from head
), event as (
    insert into audit_event (
        id, network_id, client_id, content, lane, sequence, at, person_id, request_id, verb, noun, subject_id,
        before, after, previous, hash)
    select $3, $1, $4, $5, $2, sequence, $6, $7, $8, $9, $10, $11, $12, $13, previous, hash from link
), announced as (
    insert into outbox (id, network_id, kind, subject_id, payload, created_at, attempts, available_at)
    select $3, $1, $9, $11, $15::jsonb, $6, 0, $6 from link
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
    content: bool,
    person: Option<Uuid>,
    request: &'a str,
    verb: &'a str,
    noun: &'a str,
    subject: Uuid,
    before: Option<&'a str>,
    after: Option<&'a str>,
}

fn instant<S: serde::Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

fn body(told: &Told<'_>) -> String {
    serde_json::to_string(told).unwrap_or_default()
}

fn link(previous: &str, sequence: i64, body: &str) -> String {
    let digest = Sha256::digest(format!("{previous}:{sequence}:{body}").as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a lane's events, in order, are the chain they claim to be. Answers the first sequence that is not.
pub fn verify_chain(events: &[audit_event::Model]) -> Result<(), i64> {
    let (mut previous, mut sequence) = (String::new(), 0);
    for event in events {
        sequence += 1;
        let body = body(&Told {
            id: event.id.uuid(),
            at: event.at,
            client: event.client_id.map(Id::uuid),
            content: event.content,
            person: event.person_id.map(Id::uuid),
            request: &event.request_id,
            verb: &event.verb,
            noun: &event.noun,
            subject: event.subject_id,
            before: event.before.as_deref(),
            after: event.after.as_deref(),
        });
        let hash = link(&previous, sequence, &body);
        if event.sequence != sequence || event.previous != previous || event.hash != hash {
            return Err(sequence);
        }
        previous = hash;
    }
    Ok(())
}

/// The parts of a row that changed, as JSON: before and after.
pub(super) fn changes<M: Serialize>(
    before: Option<&M>,
    after: Option<&M>,
) -> Result<(Option<String>, Option<String>), Fault> {
    let map = |row: Option<&M>| -> Result<Option<Map<String, serde_json::Value>>, Fault> {
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
    let text = |map: Option<Map<_, _>>| map.map(|map| serde_json::Value::Object(map).to_string());
    Ok((text(before), text(after)))
}
