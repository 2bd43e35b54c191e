//! Tokens of the links in e-mails. Each follows from `secret_key` and the row that its link is about, so no row holds one:
//! the row keeps the token's hash, and the token is derived again while the e-mail is sent.

use super::token::{OpaqueKind, OpaqueToken};
use crate::kernel::seal::SecretKeys;
use uuid::Uuid;

const PURPOSE: &str = "e-mail link";

/// The token of a row's link.
pub fn token(secrets: &SecretKeys, kind: OpaqueKind, row: Uuid) -> OpaqueToken {
    kind.of_bytes(secrets.derive(PURPOSE, &[kind.prefix().as_bytes(), row.as_bytes()]))
}

/// The token whose hash a row keeps, by whichever of the secret keys it was derived. `None`: by none of them.
pub fn kept(secrets: &SecretKeys, kind: OpaqueKind, row: Uuid, hash: &str) -> Option<OpaqueToken> {
    let parts: [&[u8]; 2] = [kind.prefix().as_bytes(), row.as_bytes()];
    secrets.derive_by_each(PURPOSE, &parts).map(|bytes| kind.of_bytes(bytes)).find(|token| token.hash == hash)
}
