//! Sends the e-mails of the outbox. One transaction postpones an e-mail, in case this process dies; the e-mail is sent; a
//! second transaction deletes it. So it is sent at least once, and after a crash perhaps twice.
//!
//! An e-mail is checked again before it is sent ([`super::validity`]). Sending is retried for three days at most.
//! Invariant: the log contains neither addresses nor texts of e-mails, except in the demo.

use super::{links, validity};
use crate::{
    app::App,
    config::Config,
    features::{notice::unsubscribing::Unsubscribing, transfer::keeping as transfers},
    kernel::{EMAIL_TRIED, EmailContent, Error, Fault, Kernel, Locked, Write},
    telemetry::EmailOutcome,
    texts,
};
use chrono::TimeDelta;
use entity::{Id, invitation, network, network::Locale, outbox, outbox::EmailKind, person};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{
        Mailbox,
        header::{ContentType, Header, HeaderName, HeaderValue},
    },
    transport::smtp,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Sends e-mails, or keeps them waiting if no mail server is set.
pub struct Mailer {
    transport: Transport,
    from: Mailbox,
}

enum Transport {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// Shows e-mails in the log: in the demo, whose users need the links.
    Log,
    /// Keeps e-mails waiting until a server is set.
    None,
}

/// The outcome of sending one e-mail.
enum SendOutcome {
    Sent,
    /// A later attempt may succeed.
    Failed,
    /// The server does not answer, so no other e-mail is tried now.
    Unreachable,
    /// The server refuses the e-mail permanently.
    Refused,
}

/// The longest wait for an answer of the mail server.
const SERVER_TIMEOUT: Duration = Duration::from_secs(20);
/// Rows in a batch.
const BATCH: u64 = 100;
/// The longest wait between two attempts, in minutes.
const LONGEST_WAIT: i64 = 60;

impl Mailer {
    /// The mailer of the settings. In the `demo`, without a server, e-mails are shown in the log.
    pub fn new(config: &Config, demo: bool) -> Result<Mailer, String> {
        let from = config.mail_from.clone().unwrap_or_else(|| "Concord <concord@localhost>".into());
        let from = from.parse().map_err(|error| format!("mail_from: {error}"))?;
        let transport = match &config.smtp_url {
            Some(url) => Transport::Smtp(
                AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose())
                    .map_err(|error| format!("smtp_url: {error}"))?
                    .timeout(Some(SERVER_TIMEOUT))
                    .build(),
            ),
            None if demo => Transport::Log,
            None => Transport::None,
        };
        if matches!(transport, Transport::None) {
            tracing::warn!("smtp_url is not set: e-mails wait in the outbox until it is");
        }
        Ok(Mailer { transport, from })
    }

    async fn send(&self, content: &EmailContent) -> SendOutcome {
        let transport = match &self.transport {
            Transport::Smtp(transport) => transport,
            Transport::Log => {
                tracing::info!(
                    to = content.to,
                    subject = content.subject,
                    text = content.text,
                    "an e-mail, shown because no SMTP server is set"
                );
                return SendOutcome::Sent;
            }
            Transport::None => return SendOutcome::Failed,
        };
        // addresses from before they were checked may not be ASCII, and servers need not support those
        let Some(address) = content.to.parse().ok().filter(|_| content.to.is_ascii()) else {
            return SendOutcome::Refused;
        };
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(Some(content.name.clone()), address))
            .subject(content.subject.clone())
            .header(ContentType::TEXT_PLAIN);
        if let Some(url) = &content.unsubscribe {
            message = message.header(Unsubscribe(format!("<{url}>"))).header(UnsubscribePost);
        }
        let message = message.body(content.text.clone());
        let Ok(message) = message else { return SendOutcome::Refused };
        match transport.send(message).await {
            Ok(_) => SendOutcome::Sent,
            Err(error) if is_final(&error) => SendOutcome::Refused,
            Err(error) if error.status().is_none() => SendOutcome::Unreachable,
            Err(_) => SendOutcome::Failed,
        }
    }
}

/// Where e-mail programs unsubscribe.
#[derive(Clone)]
struct Unsubscribe(String);

impl Header for Unsubscribe {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe")
    }
    fn parse(text: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Unsubscribe(text.to_owned()))
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), self.0.clone())
    }
}

/// Says that a POST there unsubscribes with one click (RFC 8058).
#[derive(Clone)]
struct UnsubscribePost;

impl Header for UnsubscribePost {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("List-Unsubscribe-Post")
    }
    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(UnsubscribePost)
    }
    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "List-Unsubscribe=One-Click".to_owned())
    }
}

/// Whether the server refuses the e-mail permanently: its recipient, its sender or its content, and not this client (530 to
/// 538), a command (502 to 504) or connections as such (521, 554).
fn is_final(error: &smtp::Error) -> bool {
    let about_the_email = |code: u16| matches!(code, 501 | 510..=519 | 550..=553 | 555 | 556);
    error.is_permanent() && error.status().is_some_and(|code| about_the_email(u16::from(code)))
}

/// Sends the e-mails of all networks, until the mail server no longer answers.
pub async fn deliver(app: &App, mailer: &Mailer) -> Result<(), Error> {
    'networks: for network in networks_with_work(&app.kernel, mailer).await? {
        loop {
            let (rows, reachable) = send_batch(app, mailer, network).await?;
            if !reachable {
                break 'networks;
            }
            if rows < BATCH as usize {
                break;
            }
        }
    }
    record_waiting(app).await
}

/// The networks with due e-mails, found in one transaction.
async fn networks_with_work(
    kernel: &Arc<Kernel>,
    mailer: &Mailer,
) -> Result<Vec<Id<network::Entity>>, Error> {
    let look = kernel.identity_look(None).await?;
    let due = due_column(mailer).lte(look.now());
    let networks = outbox::Entity::find().select_only().column(outbox::Column::NetworkId).filter(due);
    let networks = look.select_values::<outbox::Entity, Uuid>(networks.distinct()).await?;
    look.roll_back().await?;
    Ok(networks.into_iter().map(Id::new).collect())
}

/// The column by which rows are due. Without a server, rows only end.
fn due_column(mailer: &Mailer) -> outbox::Column {
    match mailer.transport {
        Transport::None => outbox::Column::EndsAt,
        _ => outbox::Column::AvailableAt,
    }
}

/// Records the number of waiting e-mails in the metrics.
async fn record_waiting(app: &App) -> Result<(), Error> {
    let look = app.kernel.identity_look(None).await?;
    let waiting = look.count(outbox::Entity::find()).await?;
    let failed = look.count(outbox::Entity::find().filter(outbox::Column::Attempts.gt(0))).await?;
    look.roll_back().await?;
    app.record_waiting_emails(waiting, failed);
    Ok(())
}

/// E-mails that are sent as one.
struct Parcel {
    /// The recipient of notices. `None`: not a notice, or the recipient has no sign-in.
    person: Option<Id<person::Entity>>,
    parts: Vec<(outbox::Model, EmailContent)>,
}

impl Parcel {
    /// The content to send: a single e-mail with its link, or all notices in one text.
    fn merged_content(&self, network: &str, app_url: &str) -> EmailContent {
        if let [(row, content)] = self.parts.as_slice() {
            return links::with_link(row.kind, app_url, content.clone());
        }
        let first = self.parts.first().map(|(_, content)| content.clone()).unwrap_or_default();
        let locale = self.parts.iter().find_map(|(_, content)| content.locale).unwrap_or(Locale::English);
        let count = self.parts.len().to_string();
        let subject = texts::fill(locale, "merged.subject", &[("count", &count), ("network", network)]);
        let parts = self
            .parts
            .iter()
            .map(|(_, content)| format!("{}\n\n{}", content.subject, content.text.trim_end()));
        let text = parts.collect::<Vec<_>>().join("\n\n----------\n\n") + "\n";
        EmailContent { subject, text, ..first }
    }

    /// The URL by which the recipient ends e-mails like this, if any part of it is such an e-mail.
    fn unsubscribe_url(&self, app: &App, network: Id<network::Entity>) -> Option<String> {
        let person = self.person.filter(|_| self.parts.iter().any(|(row, _)| row.kind.is_optional()))?;
        let token = Unsubscribing { network, person }.token(&app.kernel.secrets);
        Some(format!("{}/unsubscribe/{token}", app.kernel.settings().public_url))
    }
}

/// Sends some of a network's e-mails. Returns the number of rows, and whether the mail server answered.
async fn send_batch(
    app: &App,
    mailer: &Mailer,
    network: Id<network::Entity>,
) -> Result<(usize, bool), Error> {
    let write = app.kernel.system(network).await?;
    let waiting = outbox::Entity::find()
        .filter(due_column(mailer).lte(write.now()))
        .order_by_asc(outbox::Column::AvailableAt)
        .order_by_asc(outbox::Column::Id)
        .limit(BATCH);
    let rows = write.lock_free(waiting).await?;
    let count = rows.len();
    let mut parcels = vec![];
    for row in rows {
        if has_ended(&row, &write) {
            give_up(&write, row.into_inner()).await?;
            app.record_email(EmailOutcome::GivenUp);
            continue;
        }
        match validity::refresh(&write, &row).await? {
            Some(content) => add_to_parcel(&write, &mut parcels, row, content).await?,
            None => {
                write.discard(row.into_inner()).await?;
                app.record_email(EmailOutcome::Dropped);
            }
        }
    }
    let name = write.find::<network::Entity>(network).await?.ok_or(Fault::Internal)?.name;
    write.commit().await?;
    for parcel in parcels {
        let mut content = parcel.merged_content(&name, &app.kernel.settings().app_url);
        content.unsubscribe = parcel.unsubscribe_url(app, network);
        let outcome = mailer.send(&content).await;
        let write = app.kernel.system(network).await?;
        if matches!(outcome, SendOutcome::Sent) && parcel.person.is_some() {
            write.count_notice(&content.to).await?;
        }
        for (row, _) in parcel.parts {
            app.record_email(apply_outcome(&write, row, &outcome).await?);
        }
        write.commit().await?;
        if matches!(outcome, SendOutcome::Unreachable) {
            return Ok((count, false));
        }
    }
    Ok((count, true))
}

/// Adds a valid e-mail to a parcel. A notice joins the parcel of its recipient, or waits if another notice was sent to them
/// recently.
async fn add_to_parcel(
    write: &Write,
    parcels: &mut Vec<Parcel>,
    row: Locked<outbox::Model>,
    content: EmailContent,
) -> Result<(), Error> {
    let person = match row.person_id.filter(|_| row.kind.is_notice()) {
        Some(id) => write.find::<person::Entity>(id).await?.filter(|person| person.identity_id.is_some()),
        None => None,
    };
    let person = person.map(|person| person.id);
    if let Some(open) = parcels.iter_mut().find(|parcel| person.is_some() && parcel.person == person) {
        postpone(write, &row).await?;
        open.parts.push((row.into_inner(), content));
        return Ok(());
    }
    if person.is_some()
        && let Some(until) = write.notice_waits(&content.to).await?
    {
        let mut change = row.clone().into_active_model();
        change.available_at = Set(until);
        return write.set::<outbox::Entity>(&row, change).await;
    }
    postpone(write, &row).await?;
    parcels.push(Parcel { person, parts: vec![(row.into_inner(), content)] });
    Ok(())
}

/// Updates or deletes a row by the outcome of its e-mail.
async fn apply_outcome(
    write: &Write,
    row: outbox::Model,
    outcome: &SendOutcome,
) -> Result<EmailOutcome, Error> {
    match outcome {
        SendOutcome::Sent => {
            transfers::record_notification(write, &row).await?;
            write.discard(row).await?;
            Ok(EmailOutcome::Sent)
        }
        SendOutcome::Failed | SendOutcome::Unreachable => {
            tracing::warn!(email = %row.id, kind = ?row.kind, attempts = row.attempts + 1, "an e-mail could not be sent and will be tried again");
            Ok(EmailOutcome::Failed)
        }
        SendOutcome::Refused => {
            tracing::warn!(email = %row.id, kind = ?row.kind, "the mail server refuses an e-mail permanently");
            give_up(write, row).await?;
            Ok(EmailOutcome::Refused)
        }
    }
}

fn has_ended(row: &outbox::Model, write: &Write) -> bool {
    row.ends_at <= write.now() || row.first_tried_at.is_some_and(|first| first + EMAIL_TRIED <= write.now())
}

/// Ends the attempts, and marks a failed invitation as not delivered.
async fn give_up(write: &Write, row: outbox::Model) -> Result<(), Error> {
    let invited = invitation::Entity::find().filter(invitation::Column::Id.eq(row.subject_id));
    if row.kind == EmailKind::Invitation
        && let Some(sent) = write.lock_one(invited).await?
    {
        let mut change = sent.clone().into_active_model();
        change.delivery_failed_at = Set(Some(write.now()));
        write.update::<invitation::Entity>(&sent, change).await?;
    }
    write.discard(row).await
}

/// Postpones an e-mail, longer with every attempt: 1, 2, 4 … minutes, at most an hour.
async fn postpone(write: &Write, row: &Locked<outbox::Model>) -> Result<(), Error> {
    let minutes = (1 << row.attempts.clamp(0, 6)).min(LONGEST_WAIT);
    let mut change = row.clone().into_active_model();
    change.attempts = Set(row.attempts + 1);
    change.first_tried_at = Set(row.first_tried_at.or(Some(write.now())));
    change.available_at = Set(write.now() + TimeDelta::minutes(minutes));
    write.set::<outbox::Entity>(row, change).await
}
