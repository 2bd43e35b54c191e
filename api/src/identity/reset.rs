//! A forgotten password: a letter with a link, and the next password by it. A request is saved and answered before
//! anybody is looked up, so neither the answer nor its time shows who signs in here; and it is seen to even if the
//! process dies right after its answer.

use super::{
    door::{DonePayload, Doorkeeper, acceptable, at, done, hashed, people, replace},
    token::OpaqueKind,
};
use crate::kernel::{Asking, Check, Code, Error, Refusal};
use async_graphql::{Context, InputObject, Object};
use chrono::TimeDelta;
use entity::{identity, password_reset, password_reset_request};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{LockBehavior, LockType},
};
use serde_json::json;
use std::{sync::Arc, time::Instant};

/// Hours for which a link works.
const HOURS: i64 = 1;
/// Requests that are seen to at a time.
const BATCH: u64 = 100;

/// Whose password is forgotten.
#[derive(InputObject)]
pub struct PasswordResetSendInput {
    /// The e-mail address.
    pub email: String,
}

/// The next password, by the link of a letter.
#[derive(InputObject)]
pub struct PasswordResetInput {
    /// The token of the letter's link: what follows the `#`.
    #[graphql(secret)]
    pub token: String,
    /// The next password: 12 to 128 characters.
    #[graphql(secret)]
    pub password: String,
}

#[derive(Default)]
pub struct PasswordResetMutation;

#[Object]
impl PasswordResetMutation {
    /// Sends a letter with a link to set a new password, if somebody signs in with this address; the answer is the same
    /// if nobody does. Three letters an hour go to an address. Stands alone in its document.
    async fn password_reset_send(
        &self,
        context: &Context<'_>,
        input: PasswordResetSendInput,
    ) -> async_graphql::Result<DonePayload> {
        let (door, live) = at(context)?;
        let mut check = Check::new();
        let email = check.email("input.email", &input.email);
        let asked = check.done().and_then(|()| {
            door.throttle.letter(&email, live.credential.remote, Instant::now()).map_err(|spent| {
                let message = format!("Too many letters. Try again in {} seconds.", spent.retry_after);
                Refusal::new(Code::TooManyAttempts, message).at("input").into()
            })
        });
        done(match asked {
            Ok(()) => take(door, email).await,
            Err(refused) => Err(refused),
        })
    }
    /// Sets a new password by the link of a letter, and ends every sign-in of before. The link works once, for an hour.
    /// Stands alone in its document.
    async fn password_reset(
        &self,
        context: &Context<'_>,
        input: PasswordResetInput,
    ) -> async_graphql::Result<DonePayload> {
        let (door, _) = at(context)?;
        done(set(door, input).await)
    }
}

/// Saves a request. It is seen to at once, or by a job if this process dies.
async fn take(door: &Arc<Doorkeeper>, email: String) -> Result<(), Error> {
    let write = door.kernel.identity(None).await?;
    let request = password_reset_request::Model { id: write.id(), email, created_at: write.now() };
    write.add_once::<password_reset_request::Entity>(request.clone()).await?;
    write.commit_quietly().await?;
    let door = Arc::clone(door);
    tokio::spawn(async move {
        if send(&door, request).await.is_err() {
            tracing::warn!("an e-mail to set a new password by could not be written and will be tried again");
        }
    });
    Ok(())
}

/// Sees to the requests that wait, whoever took them.
pub async fn see_to_requests(door: &Doorkeeper) -> Result<(), Error> {
    let look = door.kernel.identity_look(None).await?;
    let waiting =
        password_reset_request::Entity::find().order_by_asc(password_reset_request::Column::CreatedAt);
    let waiting = look.all(waiting.limit(BATCH)).await?;
    look.leave().await?;
    for request in waiting {
        send(door, request).await?;
    }
    Ok(())
}

/// Writes the e-mail, where somebody signs in by the address, and removes the request in the same transaction.
async fn send(door: &Doorkeeper, request: password_reset_request::Model) -> Result<(), Error> {
    let email = request.email.as_str();
    let look = door.kernel.identity_look(None).await?;
    let known = look.one(identity::Entity::find().filter(identity::Column::Email.eq(email))).await?;
    let people = match &known {
        Some(identity) => people(&look, identity.id).await?,
        None => vec![],
    };
    look.leave().await?;
    // the password is for every network, and any of them takes the letter to the post
    let first = people.into_iter().next();
    let network = first.as_ref().map(|(network, _)| network.id);
    let write = door.kernel.identity(network).await?.doing("passwordResetSend", &Asking::default());
    let free = password_reset_request::Entity::find_by_id(request.id)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked);
    let Some(free) = write.one(free).await? else { return Ok(()) };
    write.discard(free).await?;
    let (Some(identity), Some((network, person))) = (known, first) else {
        return write.commit_quietly().await;
    };
    let token = OpaqueKind::PasswordReset.generate(&mut door.kernel.seams.rng());
    let row = password_reset::Model {
        token_hash: token.hash,
        identity_id: identity.id,
        network_id: network.id,
        person_id: person.id,
        created_at: write.now(),
        expires_at: write.now() + TimeDelta::hours(HOURS),
        used_at: None,
    };
    let row = write.insert::<password_reset::Entity>(row).await?;
    let text = format!(
        "Hello {},\n\nsomebody, perhaps you, has asked for a new password for this address at {}.\n\n\
         {}/password#{}\n\nThe link works once, until {}. If it was not you, leave it: your password stays as it is.\n",
        person.name,
        network.name,
        door.kernel.settings().public_url.trim_end_matches('/'),
        token.text,
        row.expires_at.format("%-d %B %Y, %H:%M UTC"),
    );
    let subject = format!("A new password for {}", network.name);
    write.post(
        person.id.uuid(),
        json!({ "to": email, "name": person.name, "subject": subject, "text": text }),
    );
    write.mark("person", person.id.uuid(), None);
    write.commit().await
}

async fn set(door: &Doorkeeper, input: PasswordResetInput) -> Result<(), Error> {
    let gone = || {
        Refusal::new(Code::NotAuthenticated, "This link no longer works. Ask for another letter.")
            .at("input.token")
    };
    let token = OpaqueKind::PasswordReset.hash(&input.token).ok_or_else(gone)?;
    let write = door.kernel.identity(None).await?;
    let sent = password_reset::Entity::find().filter(password_reset::Column::TokenHash.eq(&token));
    let reset = write.one(sent).await?.filter(|reset| reset.works(write.now())).ok_or_else(gone)?;
    let identity = write.find::<identity::Entity>(reset.identity_id).await?.ok_or_else(gone)?;
    write.leave().await?;
    acceptable(&input.password, &identity.email, "input.password")?;
    let hash = hashed(door, input.password).await?;
    let write =
        door.kernel.identity(Some(reset.network_id)).await?.doing("passwordReset", &Asking::default());
    let ended = replace(&write, identity.id, hash, None).await?;
    // one link used is all links used
    let sent = password_reset::Entity::find()
        .filter(password_reset::Column::IdentityId.eq(identity.id))
        .filter(password_reset::Column::UsedAt.is_null())
        .lock_exclusive();
    let sent = write.all(sent).await?;
    if !sent.iter().any(|one| one.token_hash == token && one.works(write.now())) {
        return Err(gone().into());
    }
    for one in sent {
        let mut used = one.clone().into_active_model();
        used.used_at = Set(Some(write.now()));
        write.update::<password_reset::Entity>(&one, used).await?;
    }
    write.mark("person", reset.person_id.uuid(), None);
    write.commit().await?;
    door.forget(ended);
    door.throttle.forgive(&identity.email);
    Ok(())
}
