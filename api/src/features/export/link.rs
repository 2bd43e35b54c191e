//! Links to exports. A link contains its export and its end and is signed by `secret_key`, so that creating and following
//! a link writes no row.

use crate::{identity::token::OpaqueKind, kernel::seal::SecretKeys};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use entity::{Id, data_export};
use uuid::Uuid;

const PURPOSE: &str = "export link";
/// Number of characters of the signature with its prefix.
const SIGNATURE: usize = 47;
/// Number of random bytes, which make links to the same export distinct.
const SALT: usize = 6;

/// The export of a link, and the end of the link.
pub struct Link {
    pub export: Id<data_export::Entity>,
    pub until: DateTime<Utc>,
}

impl Link {
    /// The token of a link: its signature and the signed bytes.
    pub fn token(&self, secrets: &SecretKeys, salt: [u8; SALT]) -> String {
        let until = self.until.timestamp_millis().to_be_bytes();
        let signed = [&self.export.uuid().as_bytes()[..], &until[..], &salt[..]].concat();
        let signature = OpaqueKind::Export.of_bytes(secrets.derive(PURPOSE, &[&signed[..]]));
        format!("{}{}", signature.text, URL_SAFE_NO_PAD.encode(signed))
    }

    /// Parses a token. `None` if none of the secret keys signed it.
    pub fn parse(secrets: &SecretKeys, token: &str) -> Option<Link> {
        let (signature, signed) = (token.get(..SIGNATURE)?, token.get(SIGNATURE..)?);
        let hash = OpaqueKind::Export.hash(signature)?;
        let signed = URL_SAFE_NO_PAD.decode(signed).ok()?;
        let (export, rest) = signed.split_first_chunk::<16>()?;
        let (until, salt) = rest.split_first_chunk::<8>()?;
        let parts: [&[u8]; 1] = [&signed];
        // Hashes are compared, because an attacker cannot choose their digits.
        let is_ours = secrets
            .derive_by_each(PURPOSE, &parts)
            .any(|bytes| OpaqueKind::Export.of_bytes(bytes).hash == hash);
        if salt.len() != SALT || !is_ours {
            return None;
        }
        let until = DateTime::from_timestamp_millis(i64::from_be_bytes(*until))?;
        Some(Link { export: Id::new(Uuid::from_bytes(*export)), until })
    }
}
