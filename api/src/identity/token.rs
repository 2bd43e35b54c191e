//! Tokens. Access tokens are JWTs under EdDSA and nothing else, short-lived, known by signature alone; refresh
//! and all other tokens are 256 random bits of which only the SHA-256 is stored.
//!
//! A token is never believed about how to check it: the algorithm is pinned, the key is looked up by `kid` in
//! our own set, and a header that offers a key or a place to fetch one is refused.

use std::sync::Arc;

use ahash::AHashMap;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, Header, Validation};
use parking_lot::{Mutex, RwLock};
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::key::{PublicKey, SigningKey};

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who issued it.
    pub iss: String,
    /// For whom.
    pub aud: String,
    /// The person.
    pub sub: Uuid,
    /// The network acted in.
    pub nid: Uuid,
    /// The identity (how the person signed in).
    pub iid: Uuid,
    /// The token family (one sign-in and all its refreshes).
    pub sid: Uuid,
    /// The generation of the family that it was issued with.
    #[serde(rename = "gen", default)]
    pub generation: i32,
    /// Issued at, in seconds since 1970.
    pub iat: i64,
    /// Not valid before.
    pub nbf: i64,
    /// Not valid from then on.
    pub exp: i64,
    /// The token's own id.
    pub jti: Uuid,
}

/// Why a token is not taken: for logs and metrics. The client hears 401 and no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenRefusal {
    /// No JWT of ours by its form.
    Malformed,
    /// Another algorithm than EdDSA.
    Algorithm,
    /// A key we do not have.
    UnknownKey,
    /// The signature is another's.
    Signature,
    /// Another issuer.
    Issuer,
    /// Another audience.
    Audience,
    /// Its time is over.
    Expired,
    /// Its time is to come.
    NotYetValid,
    /// It lives longer than our tokens do.
    Lifetime,
    /// Its family was signed out.
    Forgotten,
}

/// Signing failed: the key is unusable.
#[derive(Debug)]
pub struct SignFailure;

/// The compact JWT of `claims`.
pub fn sign(key: &SigningKey, claims: &Claims) -> Result<String, SignFailure> {
    let mut header = Header::new(Algorithm::EdDSA);
    // RFC 9068: an access token is no other kind of token signed with the same key.
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(key.kid().to_owned());
    jsonwebtoken::encode(&header, claims, key.encoding()).map_err(|_| SignFailure)
}

/// A key that verifies, and until when.
#[derive(Clone)]
pub struct VerifyingKey {
    pub key: PublicKey,
    /// In seconds since 1970; none means that it is not retired.
    pub retires_at: Option<i64>,
}

/// A token that passed, and until when the key that signed it counts.
#[derive(Clone)]
struct Verified {
    claims: Arc<Claims>,
    retires_at: Option<i64>,
}

/// Checks access tokens and remembers those that passed: a signature costs more than a whole query.
pub struct Verifier {
    issuer: String,
    audience: String,
    lifetime: i64,
    capacity: usize,
    keys: RwLock<AHashMap<String, VerifyingKey>>,
    verified: Cache<[u8; 32], Verified>,
    forgotten: RwLock<AHashMap<Uuid, i64>>,
    first_uses: Mutex<Vec<FirstUse>>,
}

/// An access token of a generation was seen for the first time in this process.
pub struct FirstUse {
    /// The token family.
    pub sid: Uuid,
    pub generation: i32,
    /// When, in seconds since 1970.
    pub at: i64,
}

impl Verifier {
    /// For tokens of one issuer and audience that live at most `lifetime_seconds`; remembers at most
    /// `capacity` of them. Without keys it refuses all: see [`Verifier::replace_keys`].
    pub fn new(issuer: &str, audience: &str, lifetime_seconds: u32, capacity: usize) -> Self {
        Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            lifetime: i64::from(lifetime_seconds),
            capacity,
            keys: RwLock::default(),
            verified: Cache::new(capacity),
            forgotten: RwLock::default(),
            first_uses: Mutex::default(),
        }
    }

    /// The keys that count from now on. What removed keys signed is refused at once.
    pub fn replace_keys(&self, keys: impl IntoIterator<Item = VerifyingKey>) {
        let keys: AHashMap<String, VerifyingKey> =
            keys.into_iter().map(|key| (key.key.kid().to_owned(), key)).collect();
        let mut held = self.keys.write();
        // usually nothing has changed, and then what is verified stays so
        let same = held.len() == keys.len()
            && keys
                .iter()
                .all(|(kid, key)| held.get(kid).is_some_and(|old| old.retires_at == key.retires_at));
        *held = keys;
        if !same {
            self.verified.clear();
        }
    }

    /// The JWKS of the keys that count at `now` (seconds since 1970), in the order of their names.
    pub fn jwks(&self, now: i64) -> String {
        let keys = self.keys.read();
        let mut sorted: Vec<_> =
            keys.values().filter(|key| counts(key.retires_at, now)).map(|key| &key.key).collect();
        sorted.sort_unstable_by(|a, b| a.kid().cmp(b.kid()));
        super::key::jwks(sorted)
    }

    /// The claims of a token that holds at `now` (seconds since 1970).
    pub fn verify(&self, token: &str, now: i64) -> Result<Arc<Claims>, TokenRefusal> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenRefusal::Malformed);
        }
        let hash: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        if let Some(known) = self.verified.get(&hash) {
            if !counts(known.retires_at, now) {
                return Err(TokenRefusal::UnknownKey);
            }
            self.check_claims(&known.claims, now)?;
            return Ok(known.claims);
        }
        // The keys stay locked until the claims are remembered, so that a removed key leaves nothing behind.
        let keys = self.keys.read();
        let (claims, retires_at) = read(token, &keys, now)?;
        let claims = Arc::new(claims);
        self.check_claims(&claims, now)?;
        self.verified.insert(hash, Verified { claims: claims.clone(), retires_at });
        let mut first_uses = self.first_uses.lock();
        // nothing comes before the first generation, and what is beyond the bound only prolongs a grace
        if claims.generation > 0 && first_uses.len() < self.capacity {
            first_uses.push(FirstUse { sid: claims.sid, generation: claims.generation, at: now });
        }
        drop(first_uses);
        Ok(claims)
    }

    /// The generations that were seen since the last call.
    pub fn take_first_uses(&self) -> Vec<FirstUse> {
        std::mem::take(&mut *self.first_uses.lock())
    }

    /// Refuses a family's access tokens in this process from now on (sign-out, password change). Other
    /// processes refuse them when they expire.
    pub fn forget(&self, sid: Uuid, now: i64) {
        let mut forgotten = self.forgotten.write();
        if forgotten.len() >= self.capacity {
            forgotten.retain(|_, until| *until > now);
        }
        forgotten.insert(sid, now + self.lifetime + LEEWAY_SECONDS);
    }

    fn check_claims(&self, claims: &Claims, now: i64) -> Result<(), TokenRefusal> {
        if claims.iss != self.issuer {
            return Err(TokenRefusal::Issuer);
        }
        if claims.aud != self.audience {
            return Err(TokenRefusal::Audience);
        }
        if now >= claims.exp.saturating_add(LEEWAY_SECONDS) {
            return Err(TokenRefusal::Expired);
        }
        if claims.nbf > now.saturating_add(LEEWAY_SECONDS) || claims.iat > now.saturating_add(LEEWAY_SECONDS)
        {
            return Err(TokenRefusal::NotYetValid);
        }
        if claims.exp.saturating_sub(claims.iat) > self.lifetime {
            return Err(TokenRefusal::Lifetime);
        }
        if self.forgotten.read().contains_key(&claims.sid) {
            return Err(TokenRefusal::Forgotten);
        }
        Ok(())
    }
}

/// What an opaque token is for; told by its prefix, so that one is never taken for the other and secret
/// scanners know them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpaqueKind {
    /// Renews a sign-in: `crt_…`.
    Refresh,
    /// Accepts an invitation: `cit_…`.
    Invitation,
    /// Sets a new password: `cpt_…`.
    PasswordReset,
    /// Confirms another address to sign in with: `cac_…`.
    AddressConfirm,
    /// Takes that back: `cau_…`.
    AddressUndo,
    /// Fetches an export: `cex_…`.
    Export,
    /// Ends e-mails about notices: `cun_…`.
    Unsubscribe,
}

/// A fresh opaque token: the text for its bearer, the hash for the database.
pub struct OpaqueToken {
    /// Shown once.
    pub text: String,
    /// SHA-256 of the text in hex: what is stored and looked up. No constant-time comparison is needed, for
    /// who can choose a hash's first digits has chosen the token.
    pub hash: String,
}

impl OpaqueKind {
    /// What its tokens start with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Refresh => "crt_",
            Self::Invitation => "cit_",
            Self::PasswordReset => "cpt_",
            Self::AddressConfirm => "cac_",
            Self::AddressUndo => "cau_",
            Self::Export => "cex_",
            Self::Unsubscribe => "cun_",
        }
    }

    /// The token of these bytes, which follow from a secret.
    pub fn of_bytes(self, bytes: [u8; 32]) -> OpaqueToken {
        let text = format!("{}{}", self.prefix(), URL_SAFE_NO_PAD.encode(bytes));
        let hash = hex::encode(Sha256::digest(text.as_bytes()));
        OpaqueToken { text, hash }
    }

    /// The hash to look a presented text up by; none if it is no token of this kind.
    pub fn hash(self, text: &str) -> Option<String> {
        let random = text.strip_prefix(self.prefix())?;
        let sane =
            random.len() == 43 && random.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        sane.then(|| hex::encode(Sha256::digest(text.as_bytes())))
    }
}

const TYPE: &str = "at+jwt";
/// Clocks of our own machines differ a little; more would lengthen every token's life.
const LEEWAY_SECONDS: i64 = 5;
/// Ours have some 600; more is not worth hashing.
const MAX_TOKEN_BYTES: usize = 2_048;

/// Whether a key that retires then counts at `now`.
fn counts(retires_at: Option<i64>, now: i64) -> bool {
    retires_at.is_none_or(|at| now < at)
}

/// The claims of a rightly signed token, and when its key retires.
fn read(
    token: &str,
    keys: &AHashMap<String, VerifyingKey>,
    now: i64,
) -> Result<(Claims, Option<i64>), TokenRefusal> {
    let header = read_header(token)?;
    let key = header.kid.as_deref().and_then(|kid| keys.get(kid)).filter(|key| counts(key.retires_at, now));
    let VerifyingKey { key, retires_at } = key.ok_or(TokenRefusal::UnknownKey)?;
    // Times, issuer and audience are checked by us, on every use and against the given time; the library
    // would ask the system's clock.
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    let decoded = jsonwebtoken::decode::<Claims>(token, key.decoding(), &validation);
    decoded.map(|data| (data.claims, *retires_at)).map_err(|error| match error.kind() {
        jsonwebtoken::errors::ErrorKind::InvalidSignature => TokenRefusal::Signature,
        _ => TokenRefusal::Malformed,
    })
}

fn read_header(token: &str) -> Result<Header, TokenRefusal> {
    // The algorithm before anything else, from the raw JSON: the library cannot even name "none".
    let raw = token.split('.').next().unwrap_or_default();
    let raw = URL_SAFE_NO_PAD.decode(raw).map_err(|_| TokenRefusal::Malformed)?;
    let alg = serde_json::from_slice::<AlgorithmOnly>(&raw).map_err(|_| TokenRefusal::Malformed)?.alg;
    if alg != "EdDSA" {
        return Err(TokenRefusal::Algorithm);
    }
    let header: Header = serde_json::from_slice(&raw).map_err(|_| TokenRefusal::Malformed)?;
    let foreign = header.jku.is_some()
        || header.jwk.is_some()
        || header.x5u.is_some()
        || header.x5c.is_some()
        || header.crit.is_some();
    if foreign || header.typ.as_deref() != Some(TYPE) {
        return Err(TokenRefusal::Malformed);
    }
    Ok(header)
}

#[derive(Deserialize)]
struct AlgorithmOnly {
    alg: String,
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
