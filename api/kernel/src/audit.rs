//! Audit events: who changed what, when, from which value to which. Events form hash chains, so that an event that is
//! altered, left out or inserted later is found. A network has several chains; a change goes to the chain of its client,
//! so that writers for different clients do not queue for one another.

use crate::{access::Permission, error::Fault};
use chrono::{DateTime, SecondsFormat, Utc};
use entity::{Id, Placement, Table, audit_event, network};
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::{Map, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

/// What makes changes: mutations by their names, and what else is done.
pub fn verbs() -> impl Iterator<Item = &'static str> {
    let others = [
        "addressChange",
        "addressChangeConfirm",
        "addressChangeUndo",
        "alignmentPulsesOpen",
        "alignmentRoundsClose",
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
                | ClientRisk
                | DataExportPart
                | Idempotency
                | JobFault
                | JobTurn
                | MetricPeriod
                | Notice
                | NoticePreference
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
    Table::ALL
        .iter()
        .copied()
        .filter(move |table| table.placement() != Placement::Platform && !derived(table))
}

/// Chains of a network.
pub const LANES: i32 = 16;

/// What the chains of a network come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heads {
    /// Events in all chains.
    pub events: i64,
    /// SHA-256 over the heads of all chains, in hex: whoever keeps it elsewhere notices when history is rewritten.
    pub digest: String,
    /// Chains that were found broken, with the first event that does not hold.
    pub broken: BTreeMap<i32, i64>,
}

/// What the daily verification found in this process, by network.
pub type Verified = Mutex<BTreeMap<Id<network::Entity>, Heads>>;

/// One audited change, before it joins its chain.
pub struct Entry {
    pub noun: &'static str,
    pub subject: Uuid,
    pub client: Option<Uuid>,
    pub franchise: Option<Uuid>,
    pub content: bool,
    /// Whether it is theirs alone who did it: then it is in the client's chain, and nobody reads it by the client.
    pub secret: bool,
    /// Whether it names nobody, although a person did it.
    pub nameless: bool,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Entry {
    /// The chain that it joins.
    pub(crate) fn lane(&self) -> i32 {
        self.client.map_or(0, |client| 1 + (client.as_u128() % (LANES as u128 - 1)) as i32)
    }
}

/// The parts of a row that changed, by name.
pub(crate) type Parts = Map<String, serde_json::Value>;

/// The parts of an audit event that its hash covers, in this order.
#[derive(Serialize)]
pub(crate) struct HashedEvent<'a> {
    pub(crate) id: Uuid,
    #[serde(serialize_with = "instant")]
    pub(crate) at: DateTime<Utc>,
    pub(crate) client: Option<Uuid>,
    /// Left out where there is none, as in events from before franchises were named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) franchise: Option<Uuid>,
    pub(crate) content: bool,
    pub(crate) person: Option<Uuid>,
    pub(crate) request: &'a str,
    /// Left out where there is none, as in events from before it was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) caller_request: Option<&'a str>,
    pub(crate) verb: &'a str,
    pub(crate) noun: &'a str,
    pub(crate) subject: Uuid,
    #[serde(flatten)]
    pub(crate) values: Values<'a>,
}

/// What changed, as the hash covers it: events from before there were digests, by the values themselves.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum Values<'a> {
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
            (Some(kept), Some(salt)) => {
                (digest(salt, before, after) == kept).then_some(Values::Digest { digest: kept })
            }
            (Some(kept), None) => {
                (before.is_none() && after.is_none()).then_some(Values::Digest { digest: kept })
            }
        }
    }
}

pub(crate) fn digest(salt: &str, before: Option<&str>, after: Option<&str>) -> String {
    hex::encode(Sha256::digest(json!([salt, before, after]).to_string().as_bytes()))
}

fn instant<S: serde::Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

pub(crate) fn body(event: &HashedEvent<'_>) -> String {
    serde_json::to_string(event).unwrap_or_default()
}

pub(crate) fn link(previous: &str, sequence: i64, body: &str) -> String {
    hex::encode(Sha256::digest(format!("{previous}:{sequence}:{body}").as_bytes()))
}

/// Checks the events of a lane, in order, against their hashes, also where values were erased. Returns the sequence of the
/// first event that does not match.
pub fn verify_chain(events: &[audit_event::Model]) -> Result<(), i64> {
    verify_after(String::new(), 0, events)
}

/// The same for the events that follow one, whose hash and sequence are given.
pub(crate) fn verify_after(
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
    let body = body(&HashedEvent {
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
pub(crate) fn changes<M: Serialize>(
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
pub(crate) fn audit_text(parts: Option<Parts>) -> Option<String> {
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
