//! What is in the outbox leaves. A letter is taken (and put off, in case this process dies) in one transaction, sent,
//! and removed in another: it is sent at least once, and after a crash perhaps twice. Announcements have no reader
//! yet but the log.

use crate::{
    config::Config,
    features::transfer::keeping,
    kernel::{Error, Kernel, Write},
};
use chrono::TimeDelta;
use entity::{Id, network, outbox};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::LockBehavior, sea_query::LockType,
};
use std::sync::Arc;
use uuid::Uuid;

/// Sends letters by SMTP, or where none is set, writes to the log that it would.
pub struct Mailer {
    transport: Option<AsyncSmtpTransport<Tokio1Executor>>,
    from: Mailbox,
    /// Whether letters may be shown in the log: in the demo, where links must be found somewhere.
    show: bool,
}

impl Mailer {
    pub fn new(config: &Config) -> Result<Mailer, String> {
        let from = config.mail_from.clone().unwrap_or_else(|| "Concord <concord@localhost>".into());
        let from = from.parse().map_err(|error| format!("mail_from: {error}"))?;
        let transport = match &config.smtp_url {
            Some(url) => Some(
                AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose())
                    .map_err(|error| format!("smtp_url: {error}"))?
                    .build(),
            ),
            None => None,
        };
        Ok(Mailer { transport, from, show: config.explorer })
    }

    async fn send(&self, letter: &serde_json::Value) -> Result<(), String> {
        let field = |name: &str| letter[name].as_str().unwrap_or_default().to_owned();
        let Some(transport) = &self.transport else {
            if self.show {
                tracing::info!(
                    to = field("to"),
                    subject = field("subject"),
                    text = field("text"),
                    "a letter, not sent: no SMTP server is set"
                );
            } else {
                tracing::warn!("a letter was not sent: no SMTP server is set");
            }
            return Ok(());
        };
        let to = Mailbox::new(Some(field("name")), field("to").parse().map_err(|error| format!("{error}"))?);
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(field("subject"))
            .header(ContentType::TEXT_PLAIN)
            .body(field("text"))
            .map_err(|error| error.to_string())?;
        transport.send(message).await.map(drop).map_err(|error| error.to_string())
    }
}

/// Rows taken at a time.
const BATCH: u64 = 100;

/// Empties the outboxes of all networks.
pub async fn once(kernel: &Arc<Kernel>, mailer: &Mailer) -> Result<(), Error> {
    for network in super::networks(kernel).await? {
        while deliver(kernel, mailer, network.id).await? == BATCH as usize {}
    }
    Ok(())
}

async fn deliver(
    kernel: &Arc<Kernel>,
    mailer: &Mailer,
    network: Id<network::Entity>,
) -> Result<usize, Error> {
    let write = kernel.system(network).await?;
    let waiting = outbox::Entity::find()
        .filter(outbox::Column::DeliveredAt.is_null())
        .filter(outbox::Column::AvailableAt.lte(write.now()))
        .order_by_asc(outbox::Column::AvailableAt)
        .limit(BATCH)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    let rows = write.all(waiting).await?;
    let count = rows.len();
    let (letters, announcements): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.kind == "mail");
    for letter in &letters {
        put_off(&write, letter).await?;
    }
    for row in &announcements {
        tracing::debug!(kind = row.kind, subject = %row.subject_id, "announced");
    }
    if !announcements.is_empty() {
        let ids: Vec<Uuid> = announcements.iter().map(|row| row.id.uuid()).collect();
        write.discard_each::<outbox::Entity>(&ids).await?;
    }
    write.commit_quietly().await?;
    for letter in letters {
        match mailer.send(&letter.payload).await {
            Ok(()) => {
                let write = kernel.system(network).await?;
                keeping::handed_over(&write, &letter).await?;
                write.discard(letter).await?;
                write.commit_quietly().await?;
            }
            Err(error) => tracing::warn!(error, "a letter could not be sent and will be tried again"),
        }
    }
    Ok(count)
}

/// Puts a letter off, longer with every attempt: 1, 2, 4 … minutes, at most 17 hours.
async fn put_off(write: &Write, row: &outbox::Model) -> Result<(), Error> {
    let mut change = row.clone().into_active_model();
    change.attempts = Set(row.attempts + 1);
    change.available_at = Set(write.now() + TimeDelta::minutes(1 << row.attempts.clamp(0, 10)));
    write.set::<outbox::Entity>(change).await
}
