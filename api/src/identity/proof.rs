//! Proof of an identity by its password: attempts are counted, successful ones are given back, outdated hashes are renewed,
//! and the address range of a successful attempt is kept for 90 days, as a fingerprint.

use super::{
    Credential,
    attempts::{Attempt, range},
    hashing::Lane,
    password::{self, Match},
    service::SignInService,
};
use crate::{
    kernel::{Code, Error, Fault, Locked, Refusal, Write},
    message,
};
use chrono::TimeDelta;
use entity::{Id, identity, sign_in_place};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, Select};
use std::{net::IpAddr, time::Instant};
use uuid::Uuid;

/// How long a successful sign-in makes an address range known.
pub const KNOWN_FOR: TimeDelta = TimeDelta::days(90);
/// The age after which the row of a range is written anew.
const REMEMBERED_EVERY: TimeDelta = TimeDelta::days(1);

/// An identity whose password was correct.
pub(super) struct ProvenIdentity {
    pub identity: identity::Model,
    /// The new hash, if the stored one is outdated.
    renewed: Option<String>,
    from: IpAddr,
}

/// The identity with an e-mail address, and whether it has signed in from this address range before.
pub(super) async fn find_identity(
    service: &SignInService,
    write: &Write,
    email: &str,
    from: IpAddr,
) -> Result<(Option<identity::Model>, bool), Error> {
    let found = write.one(identity::Entity::find().filter(identity::Column::Email.eq(email))).await?;
    // also without an identity, so that the time does not show whether there is one
    let id = found.as_ref().map_or(Id::new(Uuid::nil()), |identity| identity.id);
    let place = write.one(place(service, id, from)).await?;
    let known = place.is_some_and(|place| place.seen_at > write.now() - KNOWN_FOR);
    Ok((found, known))
}

/// The identity, if the password is correct. Takes as long if there is no identity. Refuses after too many attempts.
pub(super) async fn prove_identity(
    service: &SignInService,
    from: Credential,
    (email, found, known): (&str, Option<identity::Model>, bool),
    password: String,
) -> Result<Option<ProvenIdentity>, Error> {
    let attempt =
        service.attempts.sign_in(email, from.remote, known, Instant::now()).map_err(too_many_attempts)?;
    let lane = if known { Lane::Known } else { Lane::Stranger };
    compare_password(service, (attempt, lane), from, found, password).await
}

/// The same for a person who is signed in; attempts are counted by sign-in.
pub(super) async fn prove_signed_in(
    service: &SignInService,
    from: Credential,
    found: identity::Model,
    password: String,
) -> Result<Option<ProvenIdentity>, Error> {
    let sign_in = from.sign_in.unwrap_or_default();
    let attempt = service.attempts.signed_in(sign_in, Instant::now()).map_err(too_many_attempts)?;
    compare_password(service, (attempt, Lane::Known), from, Some(found), password).await
}

async fn compare_password(
    service: &SignInService,
    (attempt, lane): (Attempt, Lane),
    from: Credential,
    found: Option<identity::Model>,
    password: String,
) -> Result<Option<ProvenIdentity>, Error> {
    let mut rng = service.kernel.seams.rng();
    let proven = service.hashing.run(lane, move || {
        let Some(identity) = found else {
            password::verify_decoy(&password);
            return None;
        };
        let renewed = match password::compare(&identity.password_hash, &password) {
            Match::Wrong => return None,
            Match::Right => None,
            Match::Outdated => password::hash(&password, &mut rng).ok(),
        };
        Some(ProvenIdentity { identity, renewed, from: from.remote })
    });
    let proven = proven.await?;
    if proven.is_some() {
        service.attempts.give_back(attempt);
    }
    Ok(proven)
}

/// The hash of a new password. Refused at `path` if the password does not suit this address and name.
pub(super) async fn new_hash(
    service: &SignInService,
    password: String,
    email: &str,
    name: &str,
    path: &str,
) -> Result<String, Error> {
    let (email, name, mut rng) = (email.to_owned(), name.to_owned(), service.kernel.seams.rng());
    // a person who sets a password has proven something before
    let made = service.hashing.run(Lane::Known, move || -> Result<_, password::PasswordRefusal> {
        password::check(&password, &email, &name)?;
        Ok(password::hash(&password, &mut rng))
    });
    let hash = made.await?.map_err(|refusal| Refusal::new(Code::Invalid, refusal.message()).at(path))?;
    hash.map_err(|_| Fault::Internal.into())
}

/// Locks a proven identity in the transaction that acts on the proof, renews its hash and keeps its address range. Returns
/// `None` if the password has changed since: an old password must not begin what the new one has just ended.
pub(super) async fn lock_proven(
    service: &SignInService,
    write: &Write,
    proven: ProvenIdentity,
) -> Result<Option<Locked<identity::Model>>, Error> {
    let now = write.lock::<identity::Entity>(proven.identity.id).await?;
    if now.password_hash != proven.identity.password_hash {
        return Ok(None);
    }
    remember_place(service, write, now.id, proven.from).await?;
    let Some(hash) = proven.renewed else { return Ok(Some(now)) };
    let mut change = now.clone().into_active_model();
    change.password_hash = Set(hash);
    write.update::<identity::Entity>(&now, change).await.map(Some)
}

async fn remember_place(
    service: &SignInService,
    write: &Write,
    identity: Id<identity::Entity>,
    from: IpAddr,
) -> Result<(), Error> {
    match write.lock_one(place(service, identity, from)).await? {
        Some(place) if place.seen_at > write.now() - REMEMBERED_EVERY => Ok(()),
        Some(place) => {
            let mut change = place.clone().into_active_model();
            change.seen_at = Set(write.now());
            write.set::<sign_in_place::Entity>(&place, change).await
        }
        None => {
            let fingerprint =
                hex::encode(service.kernel.secrets.derive(PURPOSE, &parts(&identity.uuid(), &range(from))));
            let row = sign_in_place::Model { identity_id: identity, fingerprint, seen_at: write.now() };
            write.add_once::<sign_in_place::Entity>(row).await.map(drop)
        }
    }
}

const PURPOSE: &str = "sign-in place";

fn parts<'a>(identity: &'a Uuid, range: &'a [u8]) -> [&'a [u8]; 2] {
    [identity.as_bytes().as_slice(), range]
}

fn place(
    service: &SignInService,
    identity: Id<identity::Entity>,
    from: IpAddr,
) -> Select<sign_in_place::Entity> {
    let (id, range) = (identity.uuid(), range(from));
    let fingerprints: Vec<String> =
        service.kernel.secrets.derive_by_each(PURPOSE, &parts(&id, &range)).map(hex::encode).collect();
    sign_in_place::Entity::find()
        .filter(sign_in_place::Column::IdentityId.eq(identity))
        .filter(sign_in_place::Column::Fingerprint.is_in(fingerprints))
}

fn too_many_attempts(spent: super::buckets::Exhausted) -> Error {
    let message = message!(
        TOO_MANY_SIGN_INS,
        "Too many attempts. Try again in {seconds} s.",
        seconds = spent.retry_after,
    );
    Refusal::new(Code::TooManyAttempts, message).at("input").into()
}
