//! Identities in the mechanism. They are keyed hashes: without the key, rows do not show who they are about.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// A client's legal group. An erased client has a random tombstone, the same in all its rows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pseudonym(pub [u8; 32]);

/// A facilitator unit: a franchise's legal group.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unit(pub [u8; 32]);

impl Pseudonym {
    /// The pseudonym of an identity under a network's key.
    pub fn of(key: &[u8], identity: &[u8]) -> Self {
        Pseudonym(keyed(key, b"client", identity))
    }
}

impl Unit {
    /// The unit of an identity under a network's key.
    pub fn of(key: &[u8], identity: &[u8]) -> Self {
        Unit(keyed(key, b"unit", identity))
    }
}

/// HMAC-SHA256 of a message and its kind. Keys may have any length.
pub fn keyed(key: &[u8], kind: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    // the kind's length first: otherwise two kinds could give the same message
    mac.update(&[u8::try_from(kind.len()).expect("kinds are short words")]);
    mac.update(kind);
    mac.update(message);
    mac.finalize().into_bytes().into()
}

impl fmt::Debug for Pseudonym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        short(f, &self.0)
    }
}

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        short(f, &self.0)
    }
}

/// Four bytes: enough to distinguish a few in a failing test.
fn short(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))
}
