//! Proving who one is by a password: attempts are counted, right ones are given back, hashes of before are renewed, and
//! where a right password came from is remembered for 90 days, as a fingerprint.

use super::{
    Credential,
    attempts::{Attempt, range},
    hashing::Lane,
    password::{self, Match},
    sign_in::Doorkeeper,
};
use crate::kernel::{Code, Error, Fault, Locked, Refusal, Write};
use chrono::TimeDelta;
use entity::{Id, identity, sign_in_place};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use std::{net::IpAddr, time::Instant};
use uuid::Uuid;

/// How long a right sign-in makes an address range known.
pub const KNOWN_FOR: TimeDelta = TimeDelta::days(90);
/// How old the memory of a range is before it is written anew.
const REMEMBERED_EVERY: TimeDelta = TimeDelta::days(1);

/// An identity whose password was right.
pub(super) struct Proven {
    pub identity: identity::Model,
    /// The hash to keep from now on, where the present one is of before.
    renewed: Option<String>,
    from: IpAddr,
}

/// Who signs in with an address, and whether they did from here before.
pub(super) async fn look_up(
    door: &Doorkeeper,
    write: &Write,
    email: &str,
    from: IpAddr,
) -> Result<(Option<identity::Model>, bool), Error> {
    let found = write.one(identity::Entity::find().filter(identity::Column::Email.eq(email))).await?;
    // asked for whoever it is, so that its time says nothing
    let id = found.as_ref().map_or(Id::new(Uuid::nil()), |identity| identity.id);
    let place = place(door, write, id, from).await?;
    let known = place.is_some_and(|place| place.seen_at > write.now() - KNOWN_FOR);
    Ok((found, known))
}

/// The identity, if the password is its own; nobody's password takes as long. Refused where there were too many attempts.
pub(super) async fn prove(
    door: &Doorkeeper,
    from: Credential,
    (email, found, known): (&str, Option<identity::Model>, bool),
    password: String,
) -> Result<Option<Proven>, Error> {
    let attempt = door.attempts.sign_in(email, from.remote, known, Instant::now()).map_err(too_many)?;
    let lane = if known { Lane::Known } else { Lane::Stranger };
    check(door, (attempt, lane), from, found, password).await
}

/// The same for somebody who is signed in, counted by their sign-in.
pub(super) async fn prove_again(
    door: &Doorkeeper,
    from: Credential,
    found: identity::Model,
    password: String,
) -> Result<Option<Proven>, Error> {
    let sign_in = from.sign_in.unwrap_or_default();
    let attempt = door.attempts.signed_in(sign_in, Instant::now()).map_err(too_many)?;
    check(door, (attempt, Lane::Known), from, Some(found), password).await
}

async fn check(
    door: &Doorkeeper,
    (attempt, lane): (Attempt, Lane),
    from: Credential,
    found: Option<identity::Model>,
    password: String,
) -> Result<Option<Proven>, Error> {
    let mut rng = door.kernel.seams.rng();
    let proven = door.hashing.run(lane, move || {
        let Some(identity) = found else {
            password::verify_decoy(&password);
            return None;
        };
        let renewed = match password::compare(&identity.password_hash, &password) {
            Match::Wrong => return None,
            Match::Right => None,
            Match::Outdated => password::hash(&password, &mut rng).ok(),
        };
        Some(Proven { identity, renewed, from: from.remote })
    });
    let proven = proven.await?;
    if proven.is_some() {
        door.attempts.give_back(attempt);
    }
    Ok(proven)
}

/// The hash of a new password, if somebody of this address and name may use it. Refused at `path`.
pub(super) async fn new_hash(
    door: &Doorkeeper,
    password: String,
    email: &str,
    name: &str,
    path: &str,
) -> Result<String, Error> {
    let (email, name, mut rng) = (email.to_owned(), name.to_owned(), door.kernel.seams.rng());
    // whoever sets a password has proven something before
    let made = door.hashing.run(Lane::Known, move || -> Result<_, password::PasswordRefusal> {
        password::check(&password, &email, &name)?;
        Ok(password::hash(&password, &mut rng))
    });
    let hash = made.await?.map_err(|refusal| Refusal::new(Code::Invalid, refusal.message()).at(path))?;
    hash.map_err(|_| Fault::Internal.into())
}

/// Locks a proven identity in the transaction that acts on the proof, renews its hash and remembers where it came from. None
/// where another password was set since: what a new one ends, nobody begins in the same moment with the old.
pub(super) async fn confirm(
    door: &Doorkeeper,
    write: &Write,
    proven: Proven,
) -> Result<Option<Locked<identity::Model>>, Error> {
    let now = write.lock::<identity::Entity>(proven.identity.id).await?;
    if now.password_hash != proven.identity.password_hash {
        return Ok(None);
    }
    remember(door, write, now.id, proven.from).await?;
    let Some(hash) = proven.renewed else { return Ok(Some(now)) };
    let mut change = now.clone().into_active_model();
    change.password_hash = Set(hash);
    write.update::<identity::Entity>(&now, change).await.map(Some)
}

async fn remember(
    door: &Doorkeeper,
    write: &Write,
    identity: Id<identity::Entity>,
    from: IpAddr,
) -> Result<(), Error> {
    match place(door, write, identity, from).await? {
        Some(place) if place.seen_at > write.now() - REMEMBERED_EVERY => Ok(()),
        Some(place) => {
            let mut change = place.into_active_model();
            change.seen_at = Set(write.now());
            write.set::<sign_in_place::Entity>(change).await
        }
        None => {
            let fingerprint =
                hex::encode(door.kernel.secrets.derive(PURPOSE, &parts(&identity.uuid(), &range(from))));
            let row = sign_in_place::Model { identity_id: identity, fingerprint, seen_at: write.now() };
            write.add_once::<sign_in_place::Entity>(row).await.map(drop)
        }
    }
}

const PURPOSE: &str = "sign-in place";

fn parts<'a>(identity: &'a Uuid, range: &'a [u8]) -> [&'a [u8]; 2] {
    [identity.as_bytes().as_slice(), range]
}

async fn place(
    door: &Doorkeeper,
    write: &Write,
    identity: Id<identity::Entity>,
    from: IpAddr,
) -> Result<Option<sign_in_place::Model>, Error> {
    let (id, range) = (identity.uuid(), range(from));
    let fingerprints: Vec<String> =
        door.kernel.secrets.derive_by_each(PURPOSE, &parts(&id, &range)).map(hex::encode).collect();
    let place = sign_in_place::Entity::find()
        .filter(sign_in_place::Column::IdentityId.eq(identity))
        .filter(sign_in_place::Column::Fingerprint.is_in(fingerprints));
    write.one(place).await
}

fn too_many(spent: super::buckets::Exhausted) -> Error {
    let message = format!("Too many attempts. Try again in {}.", seconds(spent.retry_after));
    Refusal::new(Code::TooManyAttempts, message).at("input").into()
}

/// A number of seconds in words.
pub(super) fn seconds(count: u32) -> String {
    match count {
        1 => "1 second".into(),
        count => format!("{count} seconds"),
    }
}
