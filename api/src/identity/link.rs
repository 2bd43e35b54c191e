//! Tokens of links in e-mails. A token is derived from `secret_key` and the row of its link. The row stores only the token's
//! hash; the token is derived again when the e-mail is sent.

use super::token::{OpaqueKind, OpaqueToken};
use crate::kernel::seal::SecretKeys;
use uuid::Uuid;

const PURPOSE: &str = "e-mail link";

/// The token of a row's link.
pub fn token(secrets: &SecretKeys, kind: OpaqueKind, row: Uuid) -> OpaqueToken {
    kind.of_bytes(secrets.derive(PURPOSE, &[kind.prefix().as_bytes(), row.as_bytes()]))
}

/// The token whose hash a row stores, derived from any of the secret keys. `None` if its key is gone.
pub fn matching_token(secrets: &SecretKeys, kind: OpaqueKind, row: Uuid, hash: &str) -> Option<OpaqueToken> {
    let parts: [&[u8]; 2] = [kind.prefix().as_bytes(), row.as_bytes()];
    secrets.derive_by_each(PURPOSE, &parts).map(|bytes| kind.of_bytes(bytes)).find(|token| token.hash == hash)
}
