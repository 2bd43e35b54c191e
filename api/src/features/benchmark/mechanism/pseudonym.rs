//! Identities as the mechanism knows them: keyed, so that its rows tell nobody who they are without the key.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;

/// A client's legal group, or the random tombstone of one that was erased: the same in all rows that were its.
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

/// HMAC-SHA256 of a message of a kind. Keys may have any length.
pub fn keyed(key: &[u8], kind: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    // the kind's length first, or two kinds could meet in one message
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

/// Enough to tell a few apart in a failing test.
fn short(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().take(4).try_for_each(|byte| write!(f, "{byte:02x}"))
}
