//! `secret_key`: what seals secrets at rest, and what tokens are derived from.
//!
//! A sealed text can be opened only in the row it was sealed for: table and row id are part of what is authenticated.
//! Two keys may be held, the new one first: both open, the first seals.
//!
//! Invariant: no key leaves this module but as the text of a new one ([`SecretKeys::make`]).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hmac::{Hmac, Mac};
use rand::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

/// One or two secret keys. The first one seals and derives.
pub struct SecretKeys {
    keys: Vec<Key>,
}

struct Key {
    cipher: XChaCha20Poly1305,
    /// Derives tokens and fingerprints; never used to seal.
    deriving: Zeroizing<[u8; 32]>,
}

/// Bytes of a secret key; written as twice as many hexadecimal digits.
const BYTES: usize = 32;
/// What a sealed text starts with.
const SEALED: &str = "sealed1.";
const NONCE_BYTES: usize = 24;

/// A sealed text that none of the keys opens in this row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotOpened;

impl SecretKeys {
    /// The text of a new key: 64 hexadecimal digits.
    pub fn make<R: CryptoRng + ?Sized>(rng: &mut R) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0u8; BYTES]);
        rng.fill_bytes(bytes.as_mut());
        Zeroizing::new(hex::encode(bytes.as_slice()))
    }

    /// Reads one key, or the new one and the old one, separated by a comma or by white space.
    ///
    /// # Errors
    /// Says what is wrong with the text, without repeating any of it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let separated = |character: char| character == ',' || character.is_whitespace();
        let parts: Vec<&str> = text.split(separated).filter(|part| !part.is_empty()).collect();
        if parts.is_empty() || parts.len() > 2 {
            return Err("expected one key, or the new key and the old key separated by a comma".into());
        }
        let keys: Result<Vec<Key>, String> = parts.into_iter().map(Key::parse).collect();
        Ok(SecretKeys { keys: keys? })
    }

    /// Seals a secret for one row of one table, with randomness that is used for nothing else.
    pub fn seal<R: CryptoRng + ?Sized>(&self, table: &str, row: &str, secret: &str, rng: &mut R) -> String {
        let mut nonce = [0u8; NONCE_BYTES];
        rng.fill_bytes(&mut nonce);
        let place = place(table, row);
        let payload = Payload { msg: secret.as_bytes(), aad: place.as_bytes() };
        let sealed = self.keys[0]
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .expect("the cipher takes any text shorter than 256 GiB");
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed);
        format!("{SEALED}{}", URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The secret that was sealed for this row.
    ///
    /// # Errors
    /// None of the keys opens the text, or it was sealed for another row.
    pub fn open(&self, table: &str, row: &str, sealed: &str) -> Result<Zeroizing<String>, NotOpened> {
        self.keys.iter().find_map(|key| key.open(&place(table, row), sealed)).ok_or(NotOpened)
    }

    /// Whether the first key opens the text: if not, it is to be sealed again before the old key goes.
    pub fn is_current(&self, table: &str, row: &str, sealed: &str) -> bool {
        self.keys[0].open(&place(table, row), sealed).is_some()
    }

    /// 32 bytes that follow from the first key, a purpose and the parts of a name.
    pub fn derive(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        self.keys[0].derive(purpose, parts)
    }

    /// The same by every key, the first one's first: to find what an older key derived.
    pub fn derive_by_each<'a>(
        &'a self,
        purpose: &'a str,
        parts: &'a [&'a [u8]],
    ) -> impl Iterator<Item = [u8; 32]> + 'a {
        self.keys.iter().map(move |key| key.derive(purpose, parts))
    }
}

/// Whether a text in the database is sealed, by whatever key.
pub fn is_sealed(text: &str) -> bool {
    text.starts_with(SEALED)
}

/// What a sealed text is bound to.
fn place(table: &str, row: &str) -> String {
    format!("{table}/{row}")
}

impl Key {
    fn parse(text: &str) -> Result<Key, String> {
        let mut secret = Zeroizing::new([0u8; BYTES]);
        hex::decode_to_slice(text, secret.as_mut())
            .map_err(|_| "expected 64 hexadecimal digits, as `concord keys secret` prints them".to_owned())?;
        if secret.iter().all(|byte| *byte == secret[0]) {
            return Err("the key is one digit repeated: make one with `concord keys secret`".into());
        }
        let sealing = Zeroizing::new(mac(secret.as_ref(), "concord sealing", &[]));
        let deriving = Zeroizing::new(mac(secret.as_ref(), "concord deriving", &[]));
        Ok(Key { cipher: XChaCha20Poly1305::new((&*sealing).into()), deriving })
    }

    fn open(&self, place: &str, sealed: &str) -> Option<Zeroizing<String>> {
        let bytes = URL_SAFE_NO_PAD.decode(sealed.strip_prefix(SEALED)?).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        let opened = self.cipher.decrypt(&XNonce::from(*nonce), payload).ok()?;
        String::from_utf8(opened).ok().map(Zeroizing::new)
    }

    fn derive(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        mac(self.deriving.as_ref(), purpose, parts)
    }
}

/// HMAC-SHA256 over a purpose and parts, each with its length, so that no two lists of parts are alike.
fn mac(key: &[u8], purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    for part in std::iter::once(purpose.as_bytes()).chain(parts.iter().copied()) {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

impl std::fmt::Debug for SecretKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecretKeys").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use rand_chacha::ChaCha20Rng;

    fn made(seed: u64) -> String {
        SecretKeys::make(&mut ChaCha20Rng::seed_from_u64(seed)).to_string()
    }

    #[test]
    fn a_secret_opens_in_its_own_row_and_by_its_own_key_only() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let keys = SecretKeys::parse(&made(2)).unwrap();
        let sealed = keys.seal("signing_key", "one", "the secret", &mut rng);
        assert!(is_sealed(&sealed) && !sealed.contains("secret"), "{sealed}");
        assert_ne!(sealed, keys.seal("signing_key", "one", "the secret", &mut rng), "a nonce of its own");
        assert_eq!(*keys.open("signing_key", "one", &sealed).unwrap(), "the secret");
        for (table, row) in [("signing_key", "two"), ("benchmark_key", "one"), ("signing_key/one", "")] {
            assert!(keys.open(table, row, &sealed).is_err(), "{table} {row}");
        }
        let other = SecretKeys::parse(&made(3)).unwrap();
        assert!(other.open("signing_key", "one", &sealed).is_err());
        for text in ["", "the secret", SEALED, "sealed1.AAAA", &sealed[..sealed.len() - 2]] {
            assert!(keys.open("signing_key", "one", text).is_err(), "{text}");
        }
    }

    #[test]
    fn two_keys_open_and_the_first_seals() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let old = SecretKeys::parse(&made(2)).unwrap();
        let both = SecretKeys::parse(&format!("{},\n{}", made(3), made(2))).unwrap();
        let new = SecretKeys::parse(&made(3)).unwrap();
        let before = old.seal("t", "r", "secret", &mut rng);
        assert!(both.open("t", "r", &before).is_ok() && !both.is_current("t", "r", &before));
        let after = both.seal("t", "r", "secret", &mut rng);
        assert!(new.is_current("t", "r", &after) && old.open("t", "r", &after).is_err());
        let derived: Vec<_> = both.derive_by_each("p", &[b"x"]).collect();
        assert_eq!(derived, [new.derive("p", &[b"x"]), old.derive("p", &[b"x"])]);
    }

    #[test]
    fn what_is_derived_depends_on_every_part() {
        let keys = SecretKeys::parse(&made(2)).unwrap();
        let one = keys.derive("p", &[b"ab", b"c"]);
        assert_eq!(one, keys.derive("p", &[b"ab", b"c"]));
        for other in
            [keys.derive("q", &[b"ab", b"c"]), keys.derive("p", &[b"a", b"bc"]), keys.derive("p", &[b"abc"])]
        {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn what_is_no_key_is_refused_without_being_repeated() {
        let three = [made(1), made(2), made(3)].join(",");
        let repeated = "a".repeat(64);
        for text in ["", " , ", "hunter2", &made(1)[1..], three.as_str(), repeated.as_str()] {
            let error = SecretKeys::parse(text).unwrap_err();
            assert!(!error.contains("hunter2") && !error.contains(&made(1)[1..9]), "{error}");
        }
        assert!(!format!("{:?}", SecretKeys::parse(&made(1)).unwrap()).contains(&made(1)[..8]));
    }
}
