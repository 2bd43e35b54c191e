//! The key ring: which keys sign and which verify, in the database, or given by the settings.
//!
//! Every process reads the ring again every [`RELOAD`], with or without jobs, and once more when a token names a key that
//! it does not know. A new key signs only after [`SIGNS_AFTER`], when all processes know it.
//!
//! Invariant: a private key is in the database only as a text that `secret_key` sealed.

use super::{
    key::{PublicKey, SigningKey},
    token::{Claims, TokenRefusal, Verifier, VerifyingKey},
};
use crate::{
    config::Config,
    kernel::{Error, Fault, Kernel, Locked, Write, bounds, seal},
};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{sign_in, signing_key};
use parking_lot::RwLock;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, Select};
use std::{sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// How often a process reads the keys that another one may have made.
pub const RELOAD: Duration = Duration::from_secs(10);
/// How long a new key is known before it signs: two reloads, so that one may fail.
pub const SIGNS_AFTER: TimeDelta = TimeDelta::seconds(20);
/// Shortest time between two readings for keys that nobody knows: made-up names must not become statements.
const UNKNOWN_EVERY: TimeDelta = TimeDelta::seconds(5);
/// How much longer than the last token an old key is kept.
const MARGIN: TimeDelta = TimeDelta::seconds(120);

/// The keys of a process.
pub struct KeyRing {
    kernel: Arc<Kernel>,
    verifier: Verifier,
    signing: RwLock<Vec<Signer>>,
    /// Whether the settings give the keys, so that there is nothing to read.
    fixed: bool,
    unknown_read_at: Mutex<Option<DateTime<Utc>>>,
}

/// A key that may sign, and from when.
struct Signer {
    key: Arc<SigningKey>,
    from: DateTime<Utc>,
    retires_at: Option<DateTime<Utc>>,
}

impl KeyRing {
    /// Reads the ring, and makes its first key where there is none.
    ///
    /// # Errors
    /// The keys cannot be read, or the settings give none that can be used.
    pub async fn open(kernel: &Arc<Kernel>, config: &Config) -> Result<KeyRing, String> {
        let lifetime = config.access_token_seconds;
        let mut ring = KeyRing {
            kernel: kernel.clone(),
            verifier: Verifier::new(&config.issuer, &config.audience, lifetime, bounds::TOKENS),
            signing: RwLock::default(),
            fixed: false,
            unknown_read_at: Mutex::default(),
        };
        if let Some(pem) = &config.signing_key {
            let key = SigningKey::from_pem(pem.expose())
                .map_err(|_| "signing_key: not an Ed25519 key in PKCS#8 PEM".to_owned())?;
            ring.fixed = true;
            ring.fix(key, &config.verifying_keys)?;
            return Ok(ring);
        }
        let failed = |_| "the signing keys cannot be read; the log says why".to_owned();
        seal_plain(kernel).await.map_err(failed)?;
        add_first_key(kernel).await.map_err(failed)?;
        if let Some(kid) = ring.load().await.map_err(failed)?.first() {
            return Err(format!(
                "secret_key does not open the signing key {kid}. Give the key that sealed it, as the second one after a \
                 comma if it is an old one; if it is lost, `concord keys rotate --now` makes a new signing key and ends \
                 all access tokens."
            ));
        }
        Ok(ring)
    }

    /// Takes the keys that the settings give.
    fn fix(&self, key: SigningKey, others: &[String]) -> Result<(), String> {
        let others: Result<Vec<PublicKey>, String> = others
            .iter()
            .map(|x| {
                PublicKey::from_x(x)
                    .map_err(|_| format!("verifying_keys: `{x}` is not the `x` of an Ed25519 key"))
            })
            .collect();
        let forever = |key| VerifyingKey { key, retires_at: None };
        let public = key.public().clone();
        self.verifier.replace_keys(others?.into_iter().chain([public]).map(forever));
        *self.signing.write() =
            vec![Signer { key: Arc::new(key), from: DateTime::UNIX_EPOCH, retires_at: None }];
        Ok(())
    }

    /// Reads the keys again: another process may have rotated them. The names of those that cannot be opened.
    pub async fn load(&self) -> Result<Vec<String>, Error> {
        if self.fixed {
            return Ok(vec![]);
        }
        let look = self.kernel.identity_look(None).await?;
        let rows = look.all(lasting(&look)).await?;
        look.roll_back().await?;
        let (mut signing, mut closed) = (vec![], vec![]);
        for row in rows {
            match open_key(&self.kernel, &row) {
                Some(key) => signing.push(Signer {
                    key: Arc::new(key),
                    from: row.signs_from,
                    retires_at: row.retires_at,
                }),
                None => closed.push(row.kid),
            }
        }
        let verifying = signing.iter().map(|signer| VerifyingKey {
            key: signer.key.public().clone(),
            retires_at: signer.retires_at.map(|at| at.timestamp()),
        });
        self.verifier.replace_keys(verifying);
        *self.signing.write() = signing;
        Ok(closed)
    }

    /// The key that signs now: the latest one that is due, else the one that is due first.
    ///
    /// # Errors
    /// There is none: every key was retired, and none of the new ones can be opened.
    pub fn signer(&self) -> Result<Arc<SigningKey>, Fault> {
        let now = self.kernel.seams.now();
        let signing = self.signing.read();
        let lasting = || signing.iter().filter(|key| key.retires_at.is_none_or(|at| now < at));
        let due = lasting().filter(|key| key.from <= now).max_by_key(|key| key.from);
        let chosen = due.or_else(|| lasting().min_by_key(|key| key.from));
        chosen.map(|signer| signer.key.clone()).ok_or(Fault::Internal)
    }

    /// The claims of an access token that holds now. An unknown key is looked for once in the database.
    pub async fn verify(&self, token: &str) -> Result<Arc<Claims>, TokenRefusal> {
        let verified = self.verifier.verify(token, self.kernel.seams.now().timestamp());
        if !matches!(verified, Err(TokenRefusal::UnknownKey)) || self.fixed {
            return verified;
        }
        self.read_unknown().await;
        self.verifier.verify(token, self.kernel.seams.now().timestamp())
    }

    /// Reads the keys for one that nobody knows, unless that was done just now. Who comes meanwhile waits for the reading.
    async fn read_unknown(&self) {
        let mut read_at = self.unknown_read_at.lock().await;
        let now = self.kernel.seams.now();
        if read_at.is_some_and(|at| (now - at).abs() < UNKNOWN_EVERY) {
            return;
        }
        if self.load().await.is_err() {
            tracing::warn!("the signing keys could not be read for an access token of an unknown key");
        }
        *read_at = Some(now);
    }

    /// The JWKS of the keys that verify now.
    pub fn jwks(&self) -> String {
        self.verifier.jwks(self.kernel.seams.now().timestamp())
    }

    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }
}

/// What a rotation left.
pub struct Rotated {
    /// The new key's name.
    pub kid: String,
    /// From when it signs.
    pub signs_from: DateTime<Utc>,
}

/// Makes a new signing key. The ones before verify until the last token that they signed expires, `lifetime` after the
/// new key took over; or, `at_once`, no longer.
///
/// # Errors
/// The key cannot be made or kept.
pub async fn rotate(kernel: &Arc<Kernel>, lifetime: TimeDelta, at_once: bool) -> Result<Rotated, String> {
    let failed = |_| "the signing key cannot be kept; the log says why".to_owned();
    let now = kernel.seams.now();
    let (signs_from, ends) = match at_once {
        true => (now, now),
        false => (now + SIGNS_AFTER, now + SIGNS_AFTER + lifetime + MARGIN),
    };
    seal_plain(kernel).await.map_err(failed)?;
    let write = kernel.identity(None).await.map_err(failed)?;
    for old in write.lock_all(lasting(&write)).await.map_err(failed)? {
        if old.retires_at.is_none_or(|at| ends < at) {
            let mut change = old.clone().into_active_model();
            change.retires_at = Set(Some(ends));
            write.update::<signing_key::Entity>(&old, change).await.map_err(failed)?;
        }
    }
    let kid = add(kernel, &write, signs_from).await.map_err(failed)?;
    write.commit().await.map_err(failed)?;
    Ok(Rotated { kid, signs_from })
}

/// Seals every signing key that an old secret key sealed with the new one. Refresh tokens follow from the old key, so
/// every sign-in ends. How many secrets were sealed, and how many sign-ins ended.
///
/// # Errors
/// A secret cannot be opened by the keys there are, or the database fails.
pub async fn reseal(kernel: &Arc<Kernel>) -> Result<(usize, u64), String> {
    let failed = |_| "the secrets cannot be sealed again; the log says why".to_owned();
    seal_plain(kernel).await.map_err(failed)?;
    let write = kernel.identity(None).await.map_err(failed)?;
    let mut sealed = 0;
    for row in write.lock_all(lasting(&write)).await.map_err(failed)? {
        if kernel.secrets.is_current(TABLE, &row.kid, &row.private_pem) {
            continue;
        }
        let key = open_key(kernel, &row).ok_or_else(|| {
            format!("secret_key does not open the signing key {}: give the old key, too", row.kid)
        })?;
        reseal_key(kernel, &write, &row, &key).await.map_err(failed)?;
        sealed += 1;
    }
    let families = sign_in::Entity::find().filter(sign_in::Column::RevokedAt.is_null());
    let mut ended = 0;
    for family in write.lock_all(families).await.map_err(failed)? {
        let mut change = family.clone().into_active_model();
        change.revoked_at = Set(Some(write.now()));
        write.update::<sign_in::Entity>(&family, change).await.map_err(failed)?;
        ended += 1;
    }
    write.commit().await.map_err(failed)?;
    Ok((sealed, ended))
}

/// Whether a signing key in the database, retired or not, is sealed: then this is not the first start with a `secret_key`.
pub async fn has_sealed(kernel: &Arc<Kernel>) -> Result<bool, Error> {
    let look = kernel.identity_look(None).await?;
    let keys = look.all(signing_key::Entity::find()).await?;
    look.roll_back().await?;
    Ok(keys.iter().any(|key| seal::is_sealed(&key.private_pem)))
}

/// Seals the keys that a version without `secret_key` left. Where one is sealed already, a plain one is not ours: whoever
/// can write to the database must not give it a key.
async fn seal_plain(kernel: &Arc<Kernel>) -> Result<(), Error> {
    let write = kernel.identity(None).await?;
    let rows = write.lock_all(lasting(&write)).await?;
    if rows.iter().any(|row| seal::is_sealed(&row.private_pem)) {
        return write.roll_back().await;
    }
    for row in rows {
        match SigningKey::from_pem(&row.private_pem) {
            Ok(key) => reseal_key(kernel, &write, &row, &key).await?,
            Err(_) => tracing::warn!(kid = row.kid, "a signing key in the database is not readable"),
        }
    }
    write.commit().await
}

/// Makes a key where there is none. It signs at once: there are no tokens yet.
async fn add_first_key(kernel: &Arc<Kernel>) -> Result<(), Error> {
    let write = kernel.identity(None).await?;
    if write.one(lasting(&write)).await?.is_some() {
        return write.roll_back().await;
    }
    add(kernel, &write, write.now()).await?;
    write.commit().await
}

const TABLE: &str = "signing_key";

/// The keys that are not retired.
fn lasting(write: &Write) -> Select<signing_key::Entity> {
    let lasting = Condition::any()
        .add(signing_key::Column::RetiresAt.is_null())
        .add(signing_key::Column::RetiresAt.gt(write.now()));
    signing_key::Entity::find().filter(lasting)
}

fn open_key(kernel: &Kernel, row: &signing_key::Model) -> Option<SigningKey> {
    let pem = kernel.secrets.open(TABLE, &row.kid, &row.private_pem).ok()?;
    SigningKey::from_pem(&pem).ok().filter(|key| key.kid() == row.kid)
}

/// Makes a key and keeps it, sealed. Its name.
async fn add(kernel: &Kernel, write: &Write, signs_from: DateTime<Utc>) -> Result<String, Error> {
    let mut rng = kernel.seams.rng();
    let key = SigningKey::generate(&mut rng).map_err(|_| Fault::Internal)?;
    let row = signing_key::Model {
        kid: key.kid().to_owned(),
        private_pem: seal_key(kernel, &key)?,
        created_at: write.now(),
        signs_from,
        retires_at: None,
    };
    Ok(write.insert::<signing_key::Entity>(row).await?.into_inner().kid)
}

/// Puts a key back, sealed by the first secret key.
async fn reseal_key(
    kernel: &Kernel,
    write: &Write,
    row: &Locked<signing_key::Model>,
    key: &SigningKey,
) -> Result<(), Error> {
    let mut change = row.clone().into_active_model();
    change.private_pem = Set(seal_key(kernel, key)?);
    write.update::<signing_key::Entity>(row, change).await.map(drop)
}

fn seal_key(kernel: &Kernel, key: &SigningKey) -> Result<String, Fault> {
    let pem = key.to_pem().map_err(|_| Fault::Internal)?;
    Ok(kernel.secrets.seal(TABLE, key.kid(), &pem, &mut kernel.seams.rng()))
}
