//! E-mails to a person about their own sign-in: what has happened to it, and what to do if it was somebody else.

use crate::kernel::{Email, Write};
use chrono::{DateTime, Utc};
use entity::{address_change, outbox::EmailKind, person};

/// A refresh token was used again after its successor.
pub(super) fn token_reused(write: &Write, person: &person::Model) {
    let text = "one of your sign-ins was used from two places at once, so somebody may hold a copy of it. That sign-in has \
                ended.\n\nSign in again. If you did not notice anything unusual yourself, change your password.";
    send(write, person, &person.email, "One of your sign-ins has ended", text);
}

/// The password was changed.
pub(super) fn password_changed(write: &Write, person: &person::Model, email: &str) {
    let text = "the password of your sign-in was changed, and your other sign-ins have ended.\n\nIf it was not you, ask for \
                a link to set a new password at once, and tell whoever runs Concord for you.";
    send(write, person, email, "Your password was changed", text);
}

/// Another address is to be confirmed, by an e-mail to it.
pub(super) fn confirm_address(write: &Write, person: &person::Model, change: &address_change::Model) {
    let text = "somebody, perhaps you, wants to sign in to Concord with this address from now on.";
    let after = format!(
        "The link works once, until {}. If it was not you, do nothing: nothing changes.",
        instant(change.expires_at)
    );
    let mut email =
        link_email(EmailKind::AddressConfirm, change, person, "Confirm your new address", text, after);
    email.content.to = change.new_email.clone();
    write.post(email);
}

/// The address was changed: to the old one, which can take it back.
pub(super) fn address_changed(write: &Write, person: &person::Model, change: &address_change::Model) {
    let text = format!(
        "from now on you sign in to Concord with {}, and e-mails go there.\n\nIf it was not you, take it back, until {}:",
        change.new_email,
        instant(change.expires_at)
    );
    let after = "Then every sign-in ends, and you get a link to set a new password.".to_owned();
    let mut email =
        link_email(EmailKind::AddressUndo, change, person, "Your address was changed", &text, after);
    email.content.to = change.old_email.clone();
    write.post(email);
}

/// An e-mail with the link of a change of address.
fn link_email(
    kind: EmailKind,
    change: &address_change::Model,
    person: &person::Model,
    subject: &str,
    text: &str,
    after: String,
) -> Email {
    let text = format!("Hello {},\n\n{text}", person.name);
    let mut email = Email::new(kind, change.id.uuid(), person, subject, text);
    email.ends_at = Some(change.expires_at);
    email.content.after = format!("{after}\n");
    email
}

fn instant(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

fn send(write: &Write, person: &person::Model, to: &str, subject: &str, text: &str) {
    let text = format!("Hello {},\n\n{text}\n", person.name);
    let mut email = Email::new(EmailKind::Security, person.id.uuid(), person, subject, text);
    email.content.to = to.to_owned();
    write.post(email);
}
