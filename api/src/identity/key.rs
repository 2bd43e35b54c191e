//! Ed25519 keys that sign access tokens, named by their thumbprint (RFC 7638, RFC 8037) and published as JWKS.

use super::ed25519;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use jsonwebtoken::{DecodingKey, EncodingKey};
use rand::CryptoRng;
use serde_json::json;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A text that is no usable Ed25519 key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadKey;

/// A private key and its name.
#[derive(Clone)]
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    encoding: EncodingKey,
    public: PublicKey,
}

/// What others may know of a [`SigningKey`]: enough to verify.
#[derive(Clone)]
pub struct PublicKey {
    kid: String,
    bytes: [u8; 32],
    decoding: DecodingKey,
}

impl SigningKey {
    /// A new key from the given randomness.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Result<Self, BadKey> {
        let mut seed = Zeroizing::new([0u8; 32]);
        rng.fill_bytes(seed.as_mut());
        Self::new(ed25519_dalek::SigningKey::from_bytes(&seed))
    }

    /// From PKCS#8 PEM, as `openssl genpkey -algorithm ed25519` writes it.
    pub fn from_pem(pem: &str) -> Result<Self, BadKey> {
        Self::new(ed25519_dalek::SigningKey::from_pkcs8_pem(pem.trim()).map_err(|_| BadKey)?)
    }

    /// As PKCS#8 PEM, for storage; wiped from memory when dropped.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, BadKey> {
        self.key.to_pkcs8_pem(LineEnding::LF).map_err(|_| BadKey)
    }

    /// Its name in token headers.
    pub fn kid(&self) -> &str {
        self.public.kid()
    }

    /// The half to publish.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    pub(super) fn encoding(&self) -> &EncodingKey {
        &self.encoding
    }

    fn new(key: ed25519_dalek::SigningKey) -> Result<Self, BadKey> {
        let der = key.to_pkcs8_der().map_err(|_| BadKey)?;
        let encoding = EncodingKey::from_ed_der(der.as_bytes());
        let public = PublicKey::from_bytes(key.verifying_key().to_bytes())?;
        Ok(Self { key, encoding, public })
    }
}

impl PublicKey {
    /// From the 32 bytes of the point.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, BadKey> {
        let point = ed25519_dalek::VerifyingKey::from_bytes(&bytes).map_err(|_| BadKey)?;
        // A point of small order verifies signatures that nobody made.
        if point.is_weak() {
            return Err(BadKey);
        }
        ed25519::install();
        let x = URL_SAFE_NO_PAD.encode(bytes);
        // RFC 7638: the required members alone, in this order, without spaces.
        let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
        let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(canonical.as_bytes()));
        Ok(Self { kid, bytes, decoding: DecodingKey::from_ed_der(&bytes) })
    }

    /// From the `x` of a JWK.
    pub fn from_x(x: &str) -> Result<Self, BadKey> {
        let bytes = URL_SAFE_NO_PAD.decode(x).map_err(|_| BadKey)?;
        Self::from_bytes(bytes.try_into().map_err(|_| BadKey)?)
    }

    /// The thumbprint: the key's name in token headers.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The `x` of its JWK.
    pub fn x(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes)
    }

    pub(super) fn decoding(&self) -> &DecodingKey {
        &self.decoding
    }
}

/// The JSON of `/.well-known/jwks.json`.
pub fn jwks<'a>(keys: impl IntoIterator<Item = &'a PublicKey>) -> String {
    let keys: Vec<_> = keys
        .into_iter()
        .map(|key| json!({ "kty": "OKP", "crv": "Ed25519", "x": key.x(), "kid": key.kid, "use": "sig", "alg": "EdDSA" }))
        .collect();
    json!({ "keys": keys }).to_string()
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKey").field("kid", &self.kid()).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PublicKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    /// RFC 8410, section 10.3.
    const RFC_8410: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";

    #[test]
    fn the_thumbprint_is_that_of_rfc_8037() {
        let key = PublicKey::from_x("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo").unwrap();
        assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }

    #[test]
    fn pem_goes_there_and_back() {
        let key = SigningKey::generate(&mut ChaCha20Rng::seed_from_u64(1)).unwrap();
        let again = SigningKey::from_pem(&key.to_pem().unwrap()).unwrap();
        assert_eq!(key.kid(), again.kid());
        assert_eq!(
            SigningKey::from_pem(RFC_8410).unwrap().public().x(),
            "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE"
        );
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "secret"] {
            assert!(SigningKey::from_pem(text).is_err(), "{text}");
        }
        assert!(PublicKey::from_x("short").is_err());
        let mut identity = [0u8; 32];
        identity[0] = 1;
        assert!(PublicKey::from_bytes(identity).is_err(), "the neutral point");
    }

    #[test]
    fn jwks_holds_the_public_half_alone() {
        let key = SigningKey::from_pem(RFC_8410).unwrap();
        let set: serde_json::Value = serde_json::from_str(&jwks([key.public()])).unwrap();
        let wanted = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "x": "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE",
            "kid": key.kid(), "use": "sig", "alg": "EdDSA" }] });
        assert_eq!(set, wanted);
        assert!(!format!("{key:?}").contains("1O5y2"), "no private part in Debug");
    }
}
