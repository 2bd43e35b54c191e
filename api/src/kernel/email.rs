//! E-mails that a change causes. [`Write::post`] keeps one with the transaction, and the commit puts it in the outbox.
//! `outbound` checks it again and sends it.

use super::{
    error::{Error, Fault},
    save::Write,
    seal::SecretKeys,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Id, client, outbox, outbox::EmailKind, person};
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use serde::{Deserialize, Serialize};
use std::sync::atomic::Ordering;
use uuid::Uuid;

/// How long an e-mail without a link is news, and how long sending is tried.
pub const EMAIL_TRIED: TimeDelta = TimeDelta::days(3);

/// An e-mail to one person.
#[derive(Clone, Debug)]
pub struct Email {
    pub kind: EmailKind,
    /// The row that it is about: what its kind checks before it leaves.
    pub about: Uuid,
    /// The recipient, if they are a person of the network.
    pub person: Option<Id<person::Entity>>,
    /// The client that it tells of. It leaves only while the recipient has access to this client.
    pub client: Option<Id<client::Entity>>,
    /// When it is no longer sent: by default three days after it was written.
    pub ends_at: Option<DateTime<Utc>>,
    pub letter: Letter,
}

/// What an e-mail says, and to which address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Letter {
    pub to: String,
    pub name: String,
    pub subject: String,
    /// Ends before the link, if the e-mail's kind has one.
    pub text: String,
    /// What follows the link.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub after: String,
    /// The link's token, while the e-mail is sent. It is never stored.
    #[serde(skip)]
    pub token: Option<String>,
    /// What the e-mail's kind needs to check it again.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub facts: serde_json::Value,
}

impl Email {
    /// An e-mail to someone of the network.
    pub fn new(
        kind: EmailKind,
        about: Uuid,
        to: &person::Model,
        subject: impl Into<String>,
        text: impl Into<String>,
    ) -> Email {
        Email {
            kind,
            about,
            person: Some(to.id),
            client: None,
            ends_at: None,
            letter: Letter {
                to: to.email.clone(),
                name: to.name.clone(),
                subject: subject.into(),
                text: text.into(),
                ..Letter::default()
            },
        }
    }

    /// The same about a client: it leaves only while the recipient has access to it.
    pub fn at(mut self, client: Id<client::Entity>) -> Email {
        self.client = Some(client);
        self
    }
}

impl Write {
    /// Puts an e-mail in the outbox with this transaction's commit.
    pub fn post(&self, email: Email) {
        self.posted.store(true, Ordering::Relaxed);
        self.mail.lock().push(email);
    }

    /// What the tokens of links are derived from, and secrets are sealed with.
    pub fn secrets(&self) -> &SecretKeys {
        &self.kernel.secrets
    }

    /// Writes to the outbox what was posted.
    pub(super) async fn hand_over(&self) -> Result<(), Error> {
        let posted = std::mem::take(&mut *self.mail.lock());
        for email in posted {
            let row = outbox::Model {
                id: self.kernel.seams.id(),
                network_id: self.network()?,
                kind: email.kind,
                subject_id: email.about,
                person_id: email.person,
                client_id: email.client,
                payload: serde_json::to_value(&email.letter).map_err(|_| Fault::Internal)?,
                created_at: self.now,
                ends_at: email.ends_at.unwrap_or(self.now + EMAIL_TRIED),
                attempts: 0,
                first_tried_at: None,
                available_at: self.now,
            };
            let insert = outbox::Entity::insert(row.into_active_model().reset_all());
            insert.exec_without_returning(&self.transaction).await?;
        }
        Ok(())
    }
}
