//! The audit events of a transaction join their chains.

use super::{door::Write, locked::LockForChange};
use crate::{
    audit::{Entry, HashedEvent, Values, body, digest, link, nouns, verbs},
    db::{Dialect, Template, statement},
    error::{Error, Fault},
};
use entity::{Id, audit_event, audit_lane};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait,
    IntoActiveModel, QueryFilter, QueryOrder, Value,
};
use std::collections::{BTreeMap, BTreeSet};

impl Write {
    /// Adds a change to its chain.
    pub(crate) async fn chain(&self, entry: Entry) -> Result<(), Error> {
        let (event, body) = self.event(entry)?;
        if self.kernel.db.is_postgres() {
            self.link_at_once(event, body).await
        } else {
            self.link_step_by_step(event, &body).await
        }
    }

    /// Adds many changes to their chains in a few statements. A chain's events keep their order.
    pub(crate) async fn chain_all(&self, entries: Vec<Entry>) -> Result<(), Error> {
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
        self.insert_unaudited::<audit_event::Entity>(linked).await?;
        for head in heads.into_values() {
            let (sequence, hash) = (Set(head.sequence), Set(head.hash.clone()));
            let change = audit_lane::ActiveModel { sequence, hash, ..head.into_active_model() };
            self.change::<audit_lane::Entity>(change, Condition::all()).await?;
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
        let actor = self.actor.as_ref().filter(|_| !entry.nameless);
        let person = actor.map(|actor| actor.person.uuid());
        let salt = hex::encode(self.kernel.seams.bytes::<16>());
        let digest = digest(&salt, entry.before.as_deref(), entry.after.as_deref());
        let body = body(&HashedEvent {
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
        let values = [
            ("network", event.network_id.into()),
            ("lane", event.lane.into()),
            ("id", event.id.into()),
            ("client", event.client_id.into()),
            ("content", event.content.into()),
            ("at", event.at.into()),
            ("person", event.person_id.into()),
            ("request", event.request_id.into()),
            ("verb", event.verb.into()),
            ("noun", event.noun.into()),
            ("subject", event.subject_id.into()),
            ("before", event.before.into()),
            ("after", event.after.into()),
            ("body", body.into()),
            ("salt", event.salt.into()),
            ("digest", event.digest.into()),
            ("franchise", event.franchise_id.into()),
            ("caller_request", event.caller_request_id.into()),
        ];
        let link = statement(&self.transaction, LINK.of(Dialect::Postgres), &values);
        let done = self.transaction.execute_raw(link).await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(Fault::Internal.into()) }
    }

    /// SQLite has no SHA-256 and no round trips.
    async fn link_step_by_step(&self, event: audit_event::Model, body: &str) -> Result<(), Error> {
        let lane: [(&str, Value); 2] = [("network", event.network_id.into()), ("lane", event.lane.into())];
        let head = "select sequence, hash from audit_lane where network_id = {network} and lane = {lane}";
        let head = self.transaction.query_one_raw(statement(&self.transaction, head, &lane)).await?;
        let head = head.ok_or(Fault::Internal)?;
        let (sequence, previous): (i64, String) = (head.try_get_by_index(0)?, head.try_get_by_index(1)?);
        let sequence = sequence + 1;
        let hash = link(&previous, sequence, body);
        let event = audit_event::Model { sequence, previous, hash: hash.clone(), ..event };
        let insert = audit_event::Entity::insert(event.into_active_model().reset_all());
        insert.exec_without_returning(&self.transaction).await?;
        let moved = "update audit_lane set sequence = {sequence}, hash = {hash}
            where network_id = {network} and lane = {lane}";
        let [network, lane] = lane;
        let values = [network, lane, ("sequence", sequence.into()), ("hash", hash.into())];
        self.transaction.execute_raw(statement(&self.transaction, moved, &values)).await?;
        Ok(())
    }
}

/// Takes the chain's head and adds the event behind it, in one round trip.
static LINK: Template = Template::new(include_str!("audit_link.sql"), |_| None);
