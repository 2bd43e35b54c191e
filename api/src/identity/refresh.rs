//! Refresh tokens. A sign-in is a family of generations; each has one refresh token and any number of access tokens, and
//! one successor. The token of a generation follows from `secret_key`, the sign-in, its salt and the number, so the same
//! successor can be given again when an answer was lost or several tabs refresh at once.
//!
//! A token is judged by what became of its successor: unused, or used for less than [`GRACE`], it is given again; used
//! for longer, somebody holds a copy, and the sign-in ends. A generation is used when its refresh token or any of its access
//! tokens is first seen.
//!
//! Known limit: a thief who always refreshes first, and waits until the owner has given up, is not detected.

use super::{
    Credential, notice,
    sign_in::Doorkeeper,
    token::{self, Claims, OpaqueKind, OpaqueToken},
};
use crate::kernel::{Asking, Code, Error, Fault, Locked, Refusal, Write};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{Id, identity, person, refresh_token, sign_in};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use serde_json::json;
use std::collections::BTreeMap;
use uuid::Uuid;

/// How long a token is taken after its successor was first used: tabs that refresh at the same time.
pub const GRACE: TimeDelta = TimeDelta::seconds(60);
/// How long a sign-in lasts, however often it is refreshed.
pub const FAMILY: TimeDelta = TimeDelta::days(180);
/// First uses written in one transaction.
const USES: usize = 100;

/// What a sign-in or a refresh gives.
pub(super) struct Tokens {
    pub access: String,
    pub refresh: String,
}

/// Begins a sign-in: its row, and its first tokens.
pub(super) async fn begin(
    door: &Doorkeeper,
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
    let token = derive(door, &family, 0);
    add(door, write, &family, 0, &token).await?;
    tokens(door, write, &family, 0, token)
}

/// Changes a refresh token for its successor and a new access token.
pub(super) async fn refresh(door: &Doorkeeper, token: &str) -> Result<Tokens, Error> {
    let hash = OpaqueKind::Refresh.hash(token).ok_or_else(gone)?;
    let write = door.kernel.identity(None).await?;
    let presented = refresh_token::Entity::find().filter(refresh_token::Column::TokenHash.eq(&hash));
    let presented = write.one(presented).await?.ok_or_else(gone)?;
    // whoever refreshes the same sign-in waits here
    let family = write.lock::<sign_in::Entity>(presented.sign_in_id).await?;
    let around = [presented.generation, presented.generation + 1];
    let around = refresh_token::Entity::find()
        .filter(refresh_token::Column::SignInId.eq(family.id))
        .filter(refresh_token::Column::Generation.is_in(around));
    let around = write.all(around).await?;
    let presented = around.iter().find(|row| row.token_hash == hash).ok_or_else(gone)?;
    let now = write.now();
    if family.revoked_at.is_some() || presented.expires_at <= now || now >= family.created_at + FAMILY {
        return Err(gone().into());
    }
    let next = presented.generation + 1;
    let successor = around.iter().find(|row| row.generation == next);
    if successor.and_then(|row| row.used_at).is_some_and(|at| now > at + GRACE) {
        write.leave().await?;
        return Err(end_reused(door, &family).await?.into());
    }
    if presented.used_at.is_none() {
        use_now(&write, presented, now).await?;
    }
    let token = match successor {
        Some(row) => again(door, &family, row).ok_or_else(gone)?,
        None => {
            let token = derive(door, &family, next);
            add(door, &write, &family, next, &token).await?;
            token
        }
    };
    let tokens = tokens(door, &write, &family, next, token)?;
    write.commit().await?;
    Ok(tokens)
}

/// Ends the sign-in of the caller.
pub(super) async fn sign_out(door: &Doorkeeper, credential: Credential) -> Result<(), Error> {
    let id = credential.sign_in.ok_or(Fault::Unauthenticated)?;
    let write = door.kernel.identity(None).await?;
    let own = sign_in::Entity::find().filter(sign_in::Column::Id.eq(id));
    if let Some(family) = write.lock_one(own).await? {
        revoke(&write, &family).await?;
    }
    write.commit().await?;
    door.forget([id]);
    Ok(())
}

/// Ends the sign-ins of an identity, but one. Those that ended, for [`Doorkeeper::forget`].
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

/// Writes which generations were used by their access tokens since the last time, so that refresh tokens of before go. What
/// is lost with the process only prolongs the grace of their predecessors.
pub async fn write_uses(door: &Doorkeeper) -> Result<(), Error> {
    let seen = door.ring.verifier().take_first_uses();
    let seen: BTreeMap<(Uuid, i32), i64> =
        seen.into_iter().map(|seen| ((seen.sid, seen.generation), seen.at)).collect();
    let seen: Vec<_> = seen.into_iter().collect();
    for some in seen.chunks(USES) {
        let write = door.kernel.identity(None).await?;
        let families = some.iter().map(|((sid, _), _)| *sid);
        let unused = refresh_token::Entity::find()
            .filter(refresh_token::Column::SignInId.is_in(families))
            .filter(refresh_token::Column::UsedAt.is_null());
        for row in write.all(unused).await? {
            let key = (row.sign_in_id.uuid(), row.generation);
            if let Some((_, at)) = some.iter().find(|(seen, _)| *seen == key) {
                let at = DateTime::from_timestamp(*at, 0).unwrap_or(write.now());
                use_now(&write, &row, at).await?;
            }
        }
        write.commit_quietly().await?;
    }
    Ok(())
}

fn gone() -> Refusal {
    Refusal::new(Code::NotAuthenticated, "This token no longer works. Sign in again.")
        .at("input.refreshToken")
}

/// Somebody holds a copy of a refresh token: neither of them goes on, and the person is told.
async fn end_reused(door: &Doorkeeper, family: &sign_in::Model) -> Result<Refusal, Error> {
    let write =
        door.kernel.identity(Some(family.network_id)).await?.doing("tokenRefresh", &Asking::default());
    let family = write.lock::<sign_in::Entity>(family.id).await?;
    if family.revoked_at.is_none() {
        let (id, person) = (family.id.uuid(), family.person_id);
        revoke(&write, &family).await?;
        if let Some(person) = write.find::<person::Entity>(person).await? {
            notice::token_reused(&write, &person);
        }
        write.mark("person", person.uuid(), Some(json!({ "refreshTokenReused": true })));
        write.commit().await?;
        tracing::warn!(sign_in = %id, "a sign-in has ended: a refresh token was used again after its successor");
        door.forget([id]);
    }
    Ok(gone())
}

async fn revoke(write: &Write, family: &Locked<sign_in::Model>) -> Result<(), Error> {
    let mut ended = family.clone().into_active_model();
    ended.revoked_at = Set(Some(write.now()));
    write.update::<sign_in::Entity>(family, ended).await?;
    Ok(())
}

async fn use_now(write: &Write, row: &refresh_token::Model, at: DateTime<Utc>) -> Result<(), Error> {
    let mut used = row.clone().into_active_model();
    used.used_at = Set(Some(at));
    write.set::<refresh_token::Entity>(used).await
}

async fn add(
    door: &Doorkeeper,
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
        expires_at: (write.now() + door.refresh_life()).min(family.created_at + FAMILY),
        used_at: None,
    };
    write.insert::<refresh_token::Entity>(row).await.map(drop)
}

fn tokens(
    door: &Doorkeeper,
    write: &Write,
    family: &sign_in::Model,
    generation: i32,
    refresh: OpaqueToken,
) -> Result<Tokens, Error> {
    Ok(Tokens { access: access(door, family, generation, write.now())?, refresh: refresh.text })
}

/// An access token of a generation.
fn access(
    door: &Doorkeeper,
    family: &sign_in::Model,
    generation: i32,
    now: DateTime<Utc>,
) -> Result<String, Fault> {
    let now = now.timestamp();
    let claims = Claims {
        iss: door.issuer.clone(),
        aud: door.audience.clone(),
        sub: family.person_id.uuid(),
        nid: family.network_id.uuid(),
        iid: family.identity_id.uuid(),
        sid: family.id.uuid(),
        generation,
        iat: now,
        nbf: now,
        exp: now + i64::from(door.access_seconds),
        jti: door.kernel.seams.id::<()>().uuid(),
    };
    let key = door.ring.signer()?;
    token::sign(&key, &claims).map_err(|_| Fault::Internal)
}

const PURPOSE: &str = "refresh token";

fn derive(door: &Doorkeeper, family: &sign_in::Model, generation: i32) -> OpaqueToken {
    let (id, number) = (family.id.uuid(), generation.to_be_bytes());
    let parts = [id.as_bytes().as_slice(), family.salt.as_bytes(), &number];
    OpaqueKind::Refresh.of_bytes(door.kernel.secrets.derive(PURPOSE, &parts))
}

/// The token of a generation that exists, by whichever secret key it follows from; none where that key is gone.
fn again(door: &Doorkeeper, family: &sign_in::Model, row: &refresh_token::Model) -> Option<OpaqueToken> {
    let (id, number) = (family.id.uuid(), row.generation.to_be_bytes());
    let parts = [id.as_bytes().as_slice(), family.salt.as_bytes(), &number];
    let mut each =
        door.kernel.secrets.derive_by_each(PURPOSE, &parts).map(|bytes| OpaqueKind::Refresh.of_bytes(bytes));
    each.find(|token| token.hash == row.token_hash)
}
