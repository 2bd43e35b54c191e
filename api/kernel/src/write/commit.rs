//! The end of a transaction. A commit adds the audit events, the search entries, the notices and the outbox rows of everything that
//! changed, in the same transaction.

use super::door::{Row, Write};
use crate::{
    audit::{Entry, Parts, audit_text, changes},
    confidential,
    error::{Error, Fault},
};
use entity::{Id, Placement, Scoped, client};
use futures::future::BoxFuture;
use sea_orm::{ModelTrait, Value};
use std::{str::FromStr, sync::atomic::Ordering};
use uuid::Uuid;

/// Changes that join their chains one by one; more of them join together.
const FEW: usize = 8;

impl Write {
    /// Adds an audit event that no changed row shows: a password change, a sign-out.
    pub fn record_event(&self, noun: &'static str, subject: Uuid, after: Option<serde_json::Value>) {
        self.record_event_at(noun, subject, [None, None], after);
    }

    /// Adds such an audit event for those who may read about the client or the franchise.
    pub fn record_event_at(
        &self,
        noun: &'static str,
        subject: Uuid,
        [client, franchise]: [Option<Uuid>; 2],
        after: Option<serde_json::Value>,
    ) {
        let after = after.map(|value| value.to_string());
        self.push(Entry { client, franchise, after, ..self.entry(noun, subject) });
    }

    /// Adds such an audit event with words about a client, such as a reason: for people who work with the client, and
    /// not for head office.
    pub fn record_words(
        &self,
        noun: &'static str,
        subject: Uuid,
        client: Id<client::Entity>,
        words: &serde_json::Value,
    ) {
        let (client, after) = (Some(client.uuid()), Some(words.to_string()));
        self.push(Entry { client, content: true, after, ..self.entry(noun, subject) });
    }

    /// From here on, the audit events of this transaction name nobody: what a person's secret input unseals does not tell
    /// whose input was the last.
    pub fn name_nobody(&self) {
        self.nameless.store(true, Ordering::Relaxed);
    }

    /// An audit event about an object, without values.
    fn entry(&self, noun: &'static str, subject: Uuid) -> Entry {
        Entry {
            noun,
            subject,
            client: None,
            franchise: None,
            content: false,
            secret: false,
            nameless: self.nameless.load(Ordering::Relaxed),
            before: None,
            after: None,
        }
    }

    fn push(&self, entry: Entry) {
        self.trail.lock().push(entry);
    }

    /// Audits, puts e-mails in the outbox and commits.
    pub fn commit(self) -> BoxFuture<'static, Result<(), Error>> {
        Box::pin(async move {
            self.finish().await?;
            let rings = self.posted.load(Ordering::Relaxed);
            self.transaction.commit().await?;
            if rings {
                self.kernel.bell.notify_one();
            }
            Ok(())
        })
    }

    /// Audits what was done so far, and puts e-mails in the outbox.
    pub(crate) async fn finish(&self) -> Result<(), Error> {
        let mut entries = std::mem::take(&mut *self.trail.lock());
        // a lane is locked by its first event: whoever writes to several locks them in the same order
        entries.sort_by_key(Entry::lane);
        if entries.len() > FEW {
            self.chain_all(entries).await?;
        } else {
            for entry in entries {
                self.chain(entry).await?;
            }
        }
        self.update_search_index().await?;
        self.store_notices().await?;
        self.store_emails().await
    }

    /// Commits what is not audited and holds no e-mails.
    pub fn commit_quietly(self) -> BoxFuture<'static, Result<(), Error>> {
        Box::pin(self.transaction.commit())
    }

    /// Ends a transaction that changed nothing.
    pub fn roll_back(self) -> BoxFuture<'static, Result<(), Error>> {
        Box::pin(self.transaction.rollback())
    }

    /// Records what changed of a row, for its audit event and its search entry.
    pub(crate) fn audit_row<E>(
        &self,
        before: Option<&E::Model>,
        after: Option<&E::Model>,
    ) -> Result<(), Fault>
    where
        E: Scoped,
        E::Model: Row<E>,
    {
        if E::PLACEMENT == Placement::Platform {
            return Ok(());
        }
        let Some(row) = after.or(before) else { return Ok(()) };
        self.index_row::<E>(before, after);
        let uuid = |name: &str| match E::Column::from_str(name).ok().map(|column| row.get(column)) {
            Some(Value::Uuid(id)) => id,
            _ => None,
        };
        let secret = confidential::is_hidden(E::TABLE);
        let content = E::PLACEMENT.is_content();
        // of a row for its writer alone, the chain records that it was written, and never its values
        let mut parts = if secret { [None, None] } else { changes(before, after)? };
        // confidential texts of rows that head office reads are recorded in an event of their own
        let confidential = confidential::taken_out::<E>(&mut parts);
        // rows about a person are at a client, or at a franchise, or at both
        let client = match E::PLACEMENT {
            Placement::Roster => Some("client_id"),
            placement => placement.client_column().or(secret.then_some("client_id")),
        };
        let franchise = match E::PLACEMENT {
            Placement::Roster => uuid("franchise_id"),
            Placement::Franchise => uuid("id"),
            _ => None,
        };
        let subject = uuid("id").or(uuid("client_id")).unwrap_or_default();
        let entry = |content: bool, [before, after]: [Option<Parts>; 2]| Entry {
            client: client.and_then(uuid),
            franchise: franchise.filter(|_| !content),
            content,
            secret,
            before: audit_text(before),
            after: audit_text(after),
            ..self.entry(E::PREFIX, subject)
        };
        let mut trail = self.trail.lock();
        trail.push(entry(content || secret, parts));
        trail.extend(confidential.map(|parts| entry(true, parts)));
        Ok(())
    }
}
