//! Refresh tokens. A sign-in is a family of generations; each has one refresh token and any number of access tokens, and
//! one successor. The token of a generation follows from `secret_key`, the sign-in, its salt and the number, so the same
//! successor can be given again when an answer was lost or several tabs refresh at once.
//!
//! The answer to a token depends on its successor. If the successor is unused, or was first used less than [`GRACE`] ago, it
//! is returned again. Otherwise someone has a copy, and the sign-in ends. A generation counts as used when its refresh token
//! or any of its access tokens is first seen.
//!
//! Known limit: a thief who always refreshes first, and waits until the owner has given up, is not detected.

use super::{
    Credential, notice,
    service::SignInService,
    token::{self, Claims, OpaqueKind, OpaqueToken},
};
use crate::{
    kernel::{Code, Error, Fault, Locked, Refusal, RequestInfo, Write},
    message,
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Id, identity, person, refresh_token, sign_in};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// How long a token works after the first use of its successor, for tabs that refresh at the same time.
pub const GRACE: TimeDelta = TimeDelta::seconds(60);
/// The longest life of a sign-in, however often it is refreshed.
pub const FAMILY: TimeDelta = TimeDelta::days(180);
/// First uses written in one transaction.
const USES: usize = 100;

/// The tokens of a sign-in or a refresh.
pub(super) struct Tokens {
    pub access: String,
    pub refresh: String,
}

/// Begins a sign-in: inserts its row and issues its first tokens.
pub(super) async fn begin_sign_in(
    service: &SignInService,
    write: &Write,
    identity: Id<identity::Entity>,
    person: &person::Model,
) -> Result<Tokens, Error> {
    let row = sign_in::Model {
        id: write.id(),
        identity_id: identity,
        network_id: person.network_id,
        person_id: person.id,
        salt: hex::encode(write.bytes::<16>()),
        created_at: write.now(),
        revoked_at: None,
    };
    let family = write.insert::<sign_in::Entity>(row).await?;
    let token = derive_token(service, &family, 0);
    add_refresh_token(service, write, &family, 0, &token).await?;
    issue_tokens(service, write, &family, 0, token)
}

/// Exchanges a refresh token for its successor and a new access token.
pub(super) async fn refresh(service: &SignInService, token: &str) -> Result<Tokens, Error> {
    let hash = OpaqueKind::Refresh.hash(token).ok_or_else(token_expired)?;
    let write = service.kernel.identity(None).await?;
    let presented = refresh_token::Entity::find().filter(refresh_token::Column::TokenHash.eq(&hash));
    let presented = write.one(presented).await?.ok_or_else(token_expired)?;
    // concurrent refreshes of the same sign-in wait here
    let family = write.lock::<sign_in::Entity>(presented.sign_in_id).await?;
    let around = [presented.generation, presented.generation + 1];
    let around = refresh_token::Entity::find()
        .filter(refresh_token::Column::SignInId.eq(family.id))
        .filter(refresh_token::Column::Generation.is_in(around));
    let around = write.lock_all(around).await?;
    let presented = around.iter().find(|row| row.token_hash == hash).ok_or_else(token_expired)?;
    let now = write.now();
    if family.revoked_at.is_some() || presented.expires_at <= now || now >= family.created_at + FAMILY {
        return Err(token_expired().into());
    }
    let next = presented.generation + 1;
    let successor = around.iter().find(|row| row.generation == next);
    if successor.and_then(|row| row.used_at).is_some_and(|at| now > at + GRACE) {
        write.roll_back().await?;
        return Err(end_reused(service, &family).await?.into());
    }
    if presented.used_at.is_none() {
        mark_used(&write, presented, now).await?;
    }
    let token = match successor {
        Some(row) => derive_existing(service, &family, row).ok_or_else(token_expired)?,
        None => {
            let token = derive_token(service, &family, next);
            add_refresh_token(service, &write, &family, next, &token).await?;
            token
        }
    };
    let tokens = issue_tokens(service, &write, &family, next, token)?;
    write.commit().await?;
    Ok(tokens)
}

/// Ends the sign-in of the caller, or all of the caller's identity.
pub(super) async fn sign_out(
    service: &SignInService,
    credential: Credential,
    everywhere: bool,
) -> Result<(), Error> {
    let id = credential.sign_in.ok_or(Fault::Unauthenticated)?;
    let write = service.kernel.identity(None).await?;
    let own = sign_in::Entity::find().filter(sign_in::Column::Id.eq(id));
    let mut ended = vec![id];
    if everywhere {
        if let Some(family) = write.one(own).await? {
            ended.extend(end_all(&write, family.identity_id, None).await?);
        }
    } else if let Some(family) = write.lock_one(own).await? {
        revoke(&write, &family).await?;
    }
    write.commit().await?;
    service.forget(ended);
    Ok(())
}

/// Ends the sign-ins of an identity, except one. Returns the ended ones, for [`SignInService::forget`].
pub(super) async fn end_all(
    write: &Write,
    identity: Id<identity::Entity>,
    but: Option<Uuid>,
) -> Result<Vec<Uuid>, Error> {
    let lasting = sign_in::Entity::find()
        .filter(sign_in::Column::IdentityId.eq(identity))
        .filter(sign_in::Column::RevokedAt.is_null());
    let mut ended = vec![];
    for family in write.lock_all(lasting).await? {
        if Some(family.id.uuid()) != but {
            ended.push(family.id.uuid());
            revoke(write, &family).await?;
        }
    }
    Ok(ended)
}

/// Gives an identity another password and ends its sign-ins, except one. Returns the ended ones, for
/// [`SignInService::forget`].
pub(super) async fn replace_password(
    write: &Write,
    identity: Id<identity::Entity>,
    hash: String,
    but: Option<Uuid>,
) -> Result<Vec<Uuid>, Error> {
    let before = write.lock::<identity::Entity>(identity).await?;
    let mut change = before.clone().into_active_model();
    change.password_hash = Set(hash);
    change.password_changed_at = Set(write.now());
    write.update::<identity::Entity>(&before, change).await?;
    end_all(write, identity, but).await
}

/// Writes which generations were used by their access tokens since the last call, so that earlier refresh tokens expire. Uses
/// lost with the process only extend the grace of earlier tokens.
pub async fn write_uses(service: &SignInService) -> Result<(), Error> {
    let seen = service.ring.verifier().take_first_uses();
    let seen: BTreeMap<(Uuid, i32), i64> =
        seen.into_iter().map(|seen| ((seen.sid, seen.generation), seen.at)).collect();
    let seen: Vec<_> = seen.into_iter().collect();
    for some in seen.chunks(USES) {
        let write = service.kernel.identity(None).await?;
        let families = some.iter().map(|((sid, _), _)| *sid);
        let unused = refresh_token::Entity::find()
            .filter(refresh_token::Column::SignInId.is_in(families))
            .filter(refresh_token::Column::UsedAt.is_null());
        // rows locked by a refresh are marked as used by that refresh
        for row in write.lock_free(unused).await? {
            let key = (row.sign_in_id.uuid(), row.generation);
            if let Some((_, at)) = some.iter().find(|(seen, _)| *seen == key) {
                let at = DateTime::from_timestamp(*at, 0).unwrap_or(write.now());
                mark_used(&write, &row, at).await?;
            }
        }
        write.commit_quietly().await?;
    }
    Ok(())
}

fn token_expired() -> Refusal {
    Refusal::new(
        Code::NotAuthenticated,
        message!(TOKEN_EXPIRED, "This token no longer works. Sign in again."),
    )
    .at("input.refreshToken")
}

/// Ends a sign-in whose refresh token was copied: both copies stop working, and the person gets an e-mail.
async fn end_reused(service: &SignInService, family: &sign_in::Model) -> Result<Refusal, Error> {
    let write = service
        .kernel
        .identity(Some(family.network_id))
        .await?
        .with_verb("tokenRefresh", &RequestInfo::default());
    let family = write.lock::<sign_in::Entity>(family.id).await?;
    if family.revoked_at.is_none() {
        let (id, person) = (family.id.uuid(), family.person_id);
        revoke(&write, &family).await?;
        if let Some(person) = write.find::<person::Entity>(person).await? {
            notice::token_reused(&write, &person);
        }
        write.record_event("person", person.uuid(), Some(json!({ "refreshTokenReused": true })));
        write.commit().await?;
        tracing::warn!(sign_in = %id, "a sign-in has ended: a refresh token was used again after its successor");
        service.forget([id]);
    }
    Ok(token_expired())
}

async fn revoke(write: &Write, family: &Locked<sign_in::Model>) -> Result<(), Error> {
    let mut ended = family.clone().into_active_model();
    ended.revoked_at = Set(Some(write.now()));
    write.update::<sign_in::Entity>(family, ended).await?;
    Ok(())
}

async fn mark_used(
    write: &Write,
    row: &Locked<refresh_token::Model>,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let mut used = row.clone().into_active_model();
    used.used_at = Set(Some(at));
    write.set::<refresh_token::Entity>(row, used).await
}

async fn add_refresh_token(
    service: &SignInService,
    write: &Write,
    family: &sign_in::Model,
    generation: i32,
    token: &OpaqueToken,
) -> Result<(), Error> {
    let row = refresh_token::Model {
        token_hash: token.hash.clone(),
        sign_in_id: family.id,
        generation,
        created_at: write.now(),
        expires_at: (write.now() + service.refresh_life()).min(family.created_at + FAMILY),
        used_at: None,
    };
    write.insert::<refresh_token::Entity>(row).await.map(drop)
}

fn issue_tokens(
    service: &SignInService,
    write: &Write,
    family: &sign_in::Model,
    generation: i32,
    refresh: OpaqueToken,
) -> Result<Tokens, Error> {
    Ok(Tokens { access: sign_access_token(service, family, generation, write.now())?, refresh: refresh.text })
}

/// Signs an access token of a generation.
fn sign_access_token(
    service: &SignInService,
    family: &sign_in::Model,
    generation: i32,
    now: DateTime<Utc>,
) -> Result<String, Fault> {
    let now = now.timestamp();
    let claims = Claims {
        iss: service.issuer.clone(),
        aud: service.audience.clone(),
        sub: family.person_id.uuid(),
        nid: family.network_id.uuid(),
        iid: family.identity_id.uuid(),
        sid: family.id.uuid(),
        generation,
        iat: now,
        nbf: now,
        exp: now + i64::from(service.access_seconds),
        jti: service.kernel.seams.id::<()>().uuid(),
    };
    let key = service.ring.signer()?;
    token::sign(&key, &claims).map_err(|_| Fault::Internal)
}

const PURPOSE: &str = "refresh token";

fn derive_token(service: &SignInService, family: &sign_in::Model, generation: i32) -> OpaqueToken {
    let (id, number) = (family.id.uuid(), generation.to_be_bytes());
    let parts = [id.as_bytes().as_slice(), family.salt.as_bytes(), &number];
    OpaqueKind::Refresh.of_bytes(service.kernel.secrets.derive(PURPOSE, &parts))
}

/// The token of an existing generation, derived from any of the secret keys. `None` if its key is gone.
fn derive_existing(
    service: &SignInService,
    family: &sign_in::Model,
    row: &refresh_token::Model,
) -> Option<OpaqueToken> {
    let (id, number) = (family.id.uuid(), row.generation.to_be_bytes());
    let parts = [id.as_bytes().as_slice(), family.salt.as_bytes(), &number];
    let mut each = service
        .kernel
        .secrets
        .derive_by_each(PURPOSE, &parts)
        .map(|bytes| OpaqueKind::Refresh.of_bytes(bytes));
    each.find(|token| token.hash == row.token_hash)
}
