//! E-mails to a person about their own sign-in: what has happened to it, and what to do if it was somebody else.

use crate::kernel::Write;
use chrono::{DateTime, Utc};
use entity::person;
use serde_json::json;

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
pub(super) fn confirm_address(
    write: &Write,
    person: &person::Model,
    email: &str,
    link: &str,
    until: DateTime<Utc>,
) {
    let text = format!(
        "somebody, perhaps you, wants to sign in to Concord with this address from now on.\n\n{link}\n\nThe link works once, \
         until {}. If it was not you, do nothing: nothing changes.",
        instant(until)
    );
    send(write, person, email, "Confirm your new address", &text);
}

/// The address was changed: to the old one, which can take it back.
pub(super) fn address_changed(
    write: &Write,
    person: &person::Model,
    (old, new): (&str, &str),
    link: &str,
    until: DateTime<Utc>,
) {
    let text = format!(
        "from now on you sign in to Concord with {new}, and e-mails go there.\n\nIf it was not you, take it back, until {}:\n\n\
         {link}\n\nThen every sign-in ends, and you get a link to set a new password.",
        instant(until)
    );
    send(write, person, old, "Your address was changed", &text);
}

fn instant(at: DateTime<Utc>) -> String {
    at.format("%-d %B %Y, %H:%M UTC").to_string()
}

fn send(write: &Write, person: &person::Model, to: &str, subject: &str, text: &str) {
    let text = format!("Hello {},\n\n{text}\n", person.name);
    write.post(person.id.uuid(), json!({ "to": to, "name": person.name, "subject": subject, "text": text }));
}
