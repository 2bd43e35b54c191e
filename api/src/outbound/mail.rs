//! Sends the e-mails of the outbox. One is taken and put off in one transaction, in case this process dies, sent, and
//! removed in another: it is sent at least once, and after a crash perhaps twice.
//!
//! Before it leaves it is checked again ([`super::truth`]). Sending is tried for three days at most. Invariant: the log
//! holds neither an address nor a text, except in the demo.

use super::{links, truth};
use crate::{
    app::App,
    config::Config,
    features::transfer::keeping as transfers,
    kernel::{EMAIL_TRIED, Error, Fault, Kernel, Letter, LockForChange, Write},
    telemetry::EmailOutcome,
};
use chrono::TimeDelta;
use entity::{Id, invitation, network, outbox, outbox::EmailKind, person};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    message::{Mailbox, header::ContentType},
    transport::smtp,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Sends e-mails, or keeps them where there is no server to send them by.
pub struct Mailer {
    way: Way,
    from: Mailbox,
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    /// Shows them in the log: in the demo, whose links must be found somewhere.
    Log,
    /// Keeps them waiting until there is a server.
    Nowhere,
}

/// How sending one e-mail ended.
enum Sending {
    Sent,
    /// It may work later.
    Failed,
    /// The server does not answer, so nothing else is tried now.
    Unreachable,
    /// The server will never take it.
    Refused,
}

/// Longest that a mail server may take for an answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Rows taken at a time.
const BATCH: u64 = 100;
/// Longest wait between two attempts, in minutes.
const LONGEST_WAIT: i64 = 60;

impl Mailer {
    /// The mailer of the settings. `demo`: without a server, e-mails are shown in the log.
    pub fn new(config: &Config, demo: bool) -> Result<Mailer, String> {
        let from = config.mail_from.clone().unwrap_or_else(|| "Concord <concord@localhost>".into());
        let from = from.parse().map_err(|error| format!("mail_from: {error}"))?;
        let way = match &config.smtp_url {
            Some(url) => Way::Smtp(
                AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose())
                    .map_err(|error| format!("smtp_url: {error}"))?
                    .timeout(Some(PATIENCE))
                    .build(),
            ),
            None if demo => Way::Log,
            None => Way::Nowhere,
        };
        if matches!(way, Way::Nowhere) {
            tracing::warn!("smtp_url is not set: e-mails wait in the outbox until it is");
        }
        Ok(Mailer { way, from })
    }

    async fn send(&self, letter: &Letter) -> Sending {
        let transport = match &self.way {
            Way::Smtp(transport) => transport,
            Way::Log => {
                tracing::info!(
                    to = letter.to,
                    subject = letter.subject,
                    text = letter.text,
                    "an e-mail, shown because no SMTP server is set"
                );
                return Sending::Sent;
            }
            Way::Nowhere => return Sending::Failed,
        };
        // other addresses were taken before they were checked; no server need understand them
        let Some(address) = letter.to.parse().ok().filter(|_| letter.to.is_ascii()) else {
            return Sending::Refused;
        };
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(Some(letter.name.clone()), address))
            .subject(letter.subject.clone())
            .header(ContentType::TEXT_PLAIN)
            .body(letter.text.clone());
        let Ok(message) = message else { return Sending::Refused };
        match transport.send(message).await {
            Ok(_) => Sending::Sent,
            Err(error) if is_final(&error) => Sending::Refused,
            Err(error) if error.status().is_none() => Sending::Unreachable,
            Err(_) => Sending::Failed,
        }
    }
}

/// Whether the server will never take the e-mail: it refuses its recipient, its sender or its content for good, and not
/// this client (530 to 538), a command (502 to 504) or connections as such (521, 554).
fn is_final(error: &smtp::Error) -> bool {
    let about_the_email = |code: u16| matches!(code, 501 | 510..=519 | 550..=553 | 555 | 556);
    error.is_permanent() && error.status().is_some_and(|code| about_the_email(u16::from(code)))
}

/// Empties the outboxes of all networks, as far as the mail server takes it.
pub async fn deliver(app: &App, mailer: &Mailer) -> Result<(), Error> {
    'networks: for network in networks(&app.kernel, mailer).await? {
        loop {
            let (rows, reachable) = batch(app, mailer, network).await?;
            if !reachable {
                break 'networks;
            }
            if rows < BATCH as usize {
                break;
            }
        }
    }
    count(app).await
}

/// The networks that have something to do, by one look.
async fn networks(kernel: &Arc<Kernel>, mailer: &Mailer) -> Result<Vec<Id<network::Entity>>, Error> {
    let look = kernel.identity_look(None).await?;
    let due = due(mailer).lte(look.now());
    let networks = outbox::Entity::find().select_only().column(outbox::Column::NetworkId).filter(due);
    let networks = look.chosen::<outbox::Entity, Uuid>(networks.distinct()).await?;
    look.leave().await?;
    Ok(networks.into_iter().map(Id::new).collect())
}

/// By which instant rows are due. Without a server they merely end.
fn due(mailer: &Mailer) -> outbox::Column {
    match mailer.way {
        Way::Nowhere => outbox::Column::EndsAt,
        _ => outbox::Column::AvailableAt,
    }
}

/// Counts what waits, for the metrics.
async fn count(app: &App) -> Result<(), Error> {
    let look = app.kernel.identity_look(None).await?;
    let waiting = look.count(outbox::Entity::find()).await?;
    let failed = look.count(outbox::Entity::find().filter(outbox::Column::Attempts.gt(0))).await?;
    look.leave().await?;
    app.emails_wait(waiting, failed);
    Ok(())
}

/// E-mails that leave as one.
struct Parcel {
    /// Whose news it is; `None`: no news, or for nobody with a login.
    person: Option<Id<person::Entity>>,
    parts: Vec<(outbox::Model, Letter)>,
}

impl Parcel {
    /// What is sent: a single e-mail with its link, or all of the news.
    fn letter(&self, network: &str, app_url: &str) -> Letter {
        if let [(row, letter)] = self.parts.as_slice() {
            return links::with_link(row.kind, app_url, letter.clone());
        }
        let first = self.parts.first().map(|(_, letter)| letter.clone()).unwrap_or_default();
        let subject = format!("{} notices from {network}", self.parts.len());
        let parts =
            self.parts.iter().map(|(_, letter)| format!("{}\n\n{}", letter.subject, letter.text.trim_end()));
        let text = parts.collect::<Vec<_>>().join("\n\n----------\n\n") + "\n";
        Letter { subject, text, ..first }
    }
}

/// Sends some of a network's e-mails. How many rows there were, and whether the mail server answered.
async fn batch(app: &App, mailer: &Mailer, network: Id<network::Entity>) -> Result<(usize, bool), Error> {
    let write = app.kernel.system(network).await?;
    let waiting = outbox::Entity::find()
        .filter(due(mailer).lte(write.now()))
        .order_by_asc(outbox::Column::AvailableAt)
        .order_by_asc(outbox::Column::Id)
        .limit(BATCH)
        .lock_free_for_change();
    let rows = write.all(waiting).await?;
    let count = rows.len();
    let mut parcels = vec![];
    for row in rows {
        if is_over(&row, &write) {
            give_up(&write, row).await?;
            app.email_went(EmailOutcome::GivenUp);
            continue;
        }
        match truth::check(&write, &row).await? {
            Some(letter) => add(&write, &mut parcels, row, letter).await?,
            None => {
                write.discard(row).await?;
                app.email_went(EmailOutcome::Dropped);
            }
        }
    }
    let name = write.find::<network::Entity>(network).await?.ok_or(Fault::Internal)?.name;
    write.commit().await?;
    for parcel in parcels {
        let letter = parcel.letter(&name, &app.kernel.settings().app_url);
        let outcome = mailer.send(&letter).await;
        let write = app.kernel.system(network).await?;
        if matches!(outcome, Sending::Sent) && parcel.person.is_some() {
            write.count_notice(&letter.to).await?;
        }
        for (row, _) in parcel.parts {
            app.email_went(settle(&write, row, &outcome).await?);
        }
        write.commit().await?;
        if matches!(outcome, Sending::Unreachable) {
            return Ok((count, false));
        }
    }
    Ok((count, true))
}

/// Puts an e-mail that is still true into a parcel: news into the one for its recipient, unless other news reached them
/// just now; then it waits.
async fn add(
    write: &Write,
    parcels: &mut Vec<Parcel>,
    row: outbox::Model,
    letter: Letter,
) -> Result<(), Error> {
    let person = match row.person_id.filter(|_| row.kind.is_notice()) {
        Some(id) => write.find::<person::Entity>(id).await?.filter(|person| person.identity_id.is_some()),
        None => None,
    };
    let person = person.map(|person| person.id);
    if let Some(open) = parcels.iter_mut().find(|parcel| person.is_some() && parcel.person == person) {
        put_off(write, &row).await?;
        open.parts.push((row, letter));
        return Ok(());
    }
    if person.is_some()
        && let Some(until) = write.notice_waits(&letter.to).await?
    {
        let mut change = row.into_active_model();
        change.available_at = Set(until);
        return write.set::<outbox::Entity>(change).await;
    }
    put_off(write, &row).await?;
    parcels.push(Parcel { person, parts: vec![(row, letter)] });
    Ok(())
}

/// Does to a row what became of its e-mail.
async fn settle(write: &Write, row: outbox::Model, outcome: &Sending) -> Result<EmailOutcome, Error> {
    match outcome {
        Sending::Sent => {
            transfers::handed_over(write, &row).await?;
            write.discard(row).await?;
            Ok(EmailOutcome::Sent)
        }
        Sending::Failed | Sending::Unreachable => {
            tracing::warn!(email = %row.id, kind = ?row.kind, attempts = row.attempts + 1, "an e-mail could not be sent and will be tried again");
            Ok(EmailOutcome::Failed)
        }
        Sending::Refused => {
            tracing::warn!(email = %row.id, kind = ?row.kind, "the mail server refuses an e-mail for good");
            give_up(write, row).await?;
            Ok(EmailOutcome::Refused)
        }
    }
}

fn is_over(row: &outbox::Model, write: &Write) -> bool {
    row.ends_at <= write.now() || row.first_tried_at.is_some_and(|first| first + EMAIL_TRIED <= write.now())
}

/// Ends the attempts, and shows it to whoever caused the e-mail.
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

/// Puts an e-mail off, longer with every attempt: 1, 2, 4 … minutes, at most an hour.
async fn put_off(write: &Write, row: &outbox::Model) -> Result<(), Error> {
    let minutes = (1 << row.attempts.clamp(0, 6)).min(LONGEST_WAIT);
    let mut change = row.clone().into_active_model();
    change.attempts = Set(row.attempts + 1);
    change.first_tried_at = Set(row.first_tried_at.or(Some(write.now())));
    change.available_at = Set(write.now() + TimeDelta::minutes(minutes));
    write.set::<outbox::Entity>(change).await
}
