//! An e-mail to one person, as the outbox keeps it.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{Id, client, network::Locale, outbox::EmailKind, person};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// How long an e-mail without a link is worth sending, and how long sending is retried.
pub const EMAIL_TRIED: TimeDelta = TimeDelta::days(3);

/// An e-mail to one person.
#[derive(Clone, Debug)]
pub struct Email {
    pub kind: EmailKind,
    /// The row that it is about: what its kind checks before it leaves.
    pub about: Uuid,
    /// The recipient, if they are a person of the network.
    pub person: Option<Id<person::Entity>>,
    /// The client that it is about. It is sent only while the recipient has access to this client.
    pub client: Option<Id<client::Entity>>,
    /// When it is no longer sent: by default three days after it was written.
    pub ends_at: Option<DateTime<Utc>>,
    pub content: EmailContent,
}

/// The content of an e-mail, and its address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EmailContent {
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
    /// The URL by which the recipient ends e-mails of this kind, while the e-mail is sent. It is never stored.
    #[serde(skip)]
    pub unsubscribe: Option<String>,
    /// Its language, while the e-mail is sent. None: it was written in English.
    #[serde(skip)]
    pub locale: Option<Locale>,
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
            content: EmailContent {
                to: to.email.clone(),
                name: to.name.clone(),
                subject: subject.into(),
                text: text.into(),
                ..EmailContent::default()
            },
        }
    }

    /// The same about a client: it leaves only while the recipient has access to it.
    pub fn at(mut self, client: Id<client::Entity>) -> Email {
        self.client = Some(client);
        self
    }
}
