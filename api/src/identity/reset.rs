//! A forgotten password: an e-mail with a link, and the next password by it. A request is saved and answered before
//! anybody is looked up, so neither the answer nor its time shows who signs in here; and it is seen to even if the
//! process dies right after its answer.

use super::{
    Requester, link, notice, own_mutations,
    people::people_of,
    proof,
    refresh::replace_password,
    service::SignInService,
    sign_in::{Done, done_payload},
    token::OpaqueKind,
};
use crate::{
    kernel::{Check, Code, Email, Error, Fault, LockForChange, Refusal, RequestInfo, Write},
    message,
};
use async_graphql::InputObject;
use chrono::TimeDelta;
use entity::{
    Id, identity, invitation, network, outbox::EmailKind, password_reset, password_reset_request, person,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use std::{net::IpAddr, sync::Arc, time::Instant};

/// Hours for which a link works.
const HOURS: i64 = 1;
/// Requests that are seen to at a time.
const BATCH: u64 = 100;

/// Input for `passwordResetSend`.
#[derive(InputObject)]
pub struct PasswordResetSendInput {
    /// E-mail address of the sign-in.
    pub email: String,
}

/// Input for `passwordReset`.
#[derive(InputObject)]
pub struct PasswordResetInput {
    /// Token of the link in the e-mail: the part after the `#`.
    #[graphql(secret)]
    pub token: String,
    /// New password: 12 to 128 characters, not easy to guess.
    #[graphql(secret)]
    pub password: String,
}

own_mutations! {
    /// Sends an e-mail with a link to set a new password, if the address has a sign-in and a membership or an open
    /// invitation. The result is the same if it has none. At most three e-mails per hour are sent to an address, and
    /// three more for requests from places where its owner signed in before. Must be the only field of its operation.
    password_reset_send(PasswordResetSendInput) -> PasswordResetSendPayload of Done = password_reset_send;
    /// Sets a new password with the token of an e-mail link, and ends every earlier sign-in. The link works once,
    /// within one hour. Must be the only field of its operation.
    password_reset(PasswordResetInput) -> PasswordResetPayload of Done = password_reset;
}

async fn password_reset_send(
    service: &Arc<SignInService>,
    requester: &Requester,
    input: PasswordResetSendInput,
) -> Result<Done, Fault> {
    let mut check = Check::new();
    let from = requester.credential.remote;
    let email = check.email("input.email", &input.email);
    let asked = check.done().and_then(|()| {
        service.attempts.reset(&email, from, Instant::now()).map_err(|spent| {
            let message = message!(
                TOO_MANY_EMAILS,
                "Too many e-mails. Try again in {seconds} s.",
                seconds = spent.retry_after,
            );
            Refusal::new(Code::TooManyAttempts, message).at("input").into()
        })
    });
    done_payload(match asked {
        Ok(()) => save_request(service, email, from).await,
        Err(refused) => Err(refused),
    })
}

async fn password_reset(
    service: &Arc<SignInService>,
    requester: &Requester,
    input: PasswordResetInput,
) -> Result<Done, Fault> {
    done_payload(set_password(service, requester.credential.remote, input).await)
}

/// Saves a request. Its e-mail is sent at once, or by a job if this process dies.
async fn save_request(service: &Arc<SignInService>, email: String, from: IpAddr) -> Result<(), Error> {
    let write = service.kernel.identity(None).await?;
    let request = password_reset_request::Model { id: write.id(), email, created_at: write.now() };
    write.add_once::<password_reset_request::Entity>(request.clone()).await?;
    write.commit_quietly().await?;
    let service = Arc::clone(service);
    tokio::spawn(async move {
        if send_link(&service, request, Some(from)).await.is_err() {
            tracing::warn!("an e-mail to set a new password could not be written and will be retried");
        }
    });
    Ok(())
}

/// Sends the e-mails of waiting requests of all processes.
pub async fn send_waiting_links(service: &SignInService) -> Result<(), Error> {
    let look = service.kernel.identity_look(None).await?;
    let waiting =
        password_reset_request::Entity::find().order_by_asc(password_reset_request::Column::CreatedAt);
    let waiting = look.all(waiting.limit(BATCH)).await?;
    look.roll_back().await?;
    for request in waiting {
        send_link(service, request, None).await?;
    }
    Ok(())
}

/// The network and the person for an e-mail about a sign-in: any network of the identity, or, if it has no membership, the
/// network of an open invitation.
async fn network_and_person(
    write: &Write,
    identity: &identity::Model,
) -> Result<Option<(network::Model, person::Model)>, Error> {
    if let Some(found) = people_of(write, identity.id).await?.into_iter().next() {
        return Ok(Some(found));
    }
    let waiting = invitation::Entity::find()
        .filter(invitation::Column::Email.eq(&identity.email))
        .filter(invitation::Column::AcceptedAt.is_null())
        .filter(invitation::Column::RevokedAt.is_null())
        .filter(invitation::Column::ExpiresAt.gt(write.now()))
        .order_by_desc(invitation::Column::CreatedAt);
    let Some(waiting) = write.one(waiting).await? else { return Ok(None) };
    let network = write.find::<network::Entity>(waiting.network_id).await?;
    let person = write.find::<person::Entity>(waiting.person_id).await?;
    Ok(network.zip(person))
}

/// Writes the e-mail, where somebody signs in by the address, and removes the request in the same transaction. From where it
/// was asked is not kept: a request that a process left behind is not counted again.
async fn send_link(
    service: &SignInService,
    request: password_reset_request::Model,
    from: Option<IpAddr>,
) -> Result<(), Error> {
    let email = request.email.as_str();
    let look = service.kernel.identity_look(None).await?;
    let (found, known) = match from {
        Some(from) => proof::find_identity(service, &look, email, from).await?,
        None => {
            let by_address = identity::Entity::find().filter(identity::Column::Email.eq(email));
            (look.one(by_address).await?, true)
        }
    };
    let sender = match &found {
        Some(identity) => network_and_person(&look, identity).await?,
        None => None,
    };
    look.roll_back().await?;
    let network = sender.as_ref().map(|(network, _)| network.id);
    let write =
        service.kernel.identity(network).await?.with_verb("passwordResetSend", &RequestInfo::default());
    let free = password_reset_request::Entity::find_by_id(request.id).lock_free_for_change();
    let Some(free) = write.one(free).await? else { return Ok(()) };
    write.discard(free).await?;
    let granted = known || service.attempts.allow_strangers_reset(email, Instant::now());
    let (true, Some(identity), Some((network, person))) = (granted, found, sender) else {
        return write.commit_quietly().await;
    };
    if !known {
        match write.count_link(email, "input").await {
            // whoever asks learns nothing of it
            Err(Error::Refused(_)) => return write.commit_quietly().await,
            counted => counted?,
        }
    }
    let link = insert_link(&write, identity.id, &person).await?;
    post_link(&write, (&network, &person), email, &link);
    write.record_event("person", person.id.uuid(), None);
    write.commit().await
}

/// Makes a link by which an identity's password can be set, and keeps its hash.
pub(super) async fn insert_link(
    write: &Write,
    identity: Id<identity::Entity>,
    person: &person::Model,
) -> Result<password_reset::Model, Error> {
    let id = write.id();
    let row = password_reset::Model {
        id,
        token_hash: link::token(write.secrets(), OpaqueKind::PasswordReset, id.uuid()).hash,
        identity_id: identity,
        network_id: person.network_id,
        person_id: person.id,
        created_at: write.now(),
        expires_at: write.now() + TimeDelta::hours(HOURS),
        used_at: None,
    };
    Ok(write.insert::<password_reset::Entity>(row).await?.into_inner())
}

/// Puts an e-mail with a link into the outbox.
pub(super) fn post_link(
    write: &Write,
    (network, person): (&network::Model, &person::Model),
    email: &str,
    link: &password_reset::Model,
) {
    let text = format!(
        "Hello {},\n\nsomeone, perhaps you, has asked for a new password for this address at {}.",
        person.name, network.name,
    );
    let subject = format!("A new password for {}", network.name);
    let mut email_to_send = Email::new(EmailKind::PasswordReset, link.id.uuid(), person, subject, text);
    email_to_send.ends_at = Some(link.expires_at);
    email_to_send.content.to = email.to_owned();
    email_to_send.content.after = format!(
        "The link works once, until {}. If it was not you, ignore this e-mail: your password stays as it is.\n",
        link.expires_at.format("%-d %B %Y, %H:%M UTC"),
    );
    write.post(email_to_send);
}

async fn set_password(service: &SignInService, from: IpAddr, input: PasswordResetInput) -> Result<(), Error> {
    let gone = || {
        Refusal::new(
            Code::NotAuthenticated,
            message!(LINK_EXPIRED, "This link no longer works. Ask for another e-mail."),
        )
        .at("input.token")
    };
    let token = OpaqueKind::PasswordReset.hash(&input.token).ok_or_else(gone)?;
    let write = service.kernel.identity(None).await?;
    let sent = password_reset::Entity::find().filter(password_reset::Column::TokenHash.eq(&token));
    let reset = write.one(sent).await?.filter(|reset| reset.works(write.now())).ok_or_else(gone)?;
    let identity = write.find::<identity::Entity>(reset.identity_id).await?.ok_or_else(gone)?;
    let person = write.find::<person::Entity>(reset.person_id).await?.ok_or_else(gone)?;
    write.roll_back().await?;
    let (email, path) = (&identity.email, "input.password");
    let hash = proof::new_hash(service, input.password, email, &person.name, path).await?;
    let write = service
        .kernel
        .identity(Some(reset.network_id))
        .await?
        .with_verb("passwordReset", &RequestInfo::default());
    let ended = replace_password(&write, identity.id, hash, None).await?;
    // one link used is all links used
    let sent = password_reset::Entity::find()
        .filter(password_reset::Column::IdentityId.eq(identity.id))
        .filter(password_reset::Column::UsedAt.is_null());
    let sent = write.lock_all(sent).await?;
    if !sent.iter().any(|one| one.token_hash == token && one.works(write.now())) {
        return Err(gone().into());
    }
    for one in sent {
        let mut used = one.clone().into_active_model();
        used.used_at = Set(Some(write.now()));
        write.update::<password_reset::Entity>(&one, used).await?;
    }
    notice::password_changed(&write, &person, email);
    write.record_event("person", reset.person_id.uuid(), None);
    write.commit().await?;
    service.forget(ended);
    service.attempts.forgive(email, from);
    Ok(())
}
