//! Links by which people end e-mails about notices without signing in (RFC 8058). A link contains its network and its
//! person, is signed by `secret_key`, and is not kept: it works for as long as the person is there.

use super::lock_setting;
use crate::{
    identity::token::OpaqueKind,
    kernel::{Error, Kernel, seal::SecretKeys},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::{Id, network, notice_setting, person};
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use std::sync::Arc;
use uuid::Uuid;

const PURPOSE: &str = "unsubscribe link";
/// Number of characters of the signature with its prefix.
const SIGNATURE: usize = 47;

/// Whose e-mails a link ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsubscribing {
    pub network: Id<network::Entity>,
    pub person: Id<person::Entity>,
}

impl Unsubscribing {
    /// The token of the link: its signature and the signed bytes.
    pub fn token(&self, secrets: &SecretKeys) -> String {
        let signed = [&self.network.uuid().as_bytes()[..], &self.person.uuid().as_bytes()[..]].concat();
        let signature = OpaqueKind::Unsubscribe.of_bytes(secrets.derive(PURPOSE, &[&signed[..]]));
        format!("{}{}", signature.text, URL_SAFE_NO_PAD.encode(signed))
    }

    /// Parses a token. `None` if none of the secret keys signed it.
    pub fn parse(secrets: &SecretKeys, token: &str) -> Option<Unsubscribing> {
        let (signature, signed) = (token.get(..SIGNATURE)?, token.get(SIGNATURE..)?);
        let hash = OpaqueKind::Unsubscribe.hash(signature)?;
        let signed = URL_SAFE_NO_PAD.decode(signed).ok()?;
        let (network, rest) = signed.split_first_chunk::<16>()?;
        let person: [u8; 16] = rest.try_into().ok()?;
        let parts: [&[u8]; 1] = [&signed];
        // hashes are compared, because an attacker cannot choose their digits
        let is_ours = secrets
            .derive_by_each(PURPOSE, &parts)
            .any(|bytes| OpaqueKind::Unsubscribe.of_bytes(bytes).hash == hash);
        let found = Unsubscribing {
            network: Id::new(Uuid::from_bytes(*network)),
            person: Id::new(Uuid::from_bytes(person)),
        };
        is_ours.then_some(found)
    }

    /// Ends the e-mails. Returns whether the person is there. Doing it again changes nothing.
    pub async fn stop(&self, kernel: &Arc<Kernel>) -> Result<bool, Error> {
        let write = kernel.system(self.network).await?;
        let person = write.find::<person::Entity>(self.person).await?;
        if person.is_none_or(|person| person.erased_at.is_some()) {
            write.roll_back().await?;
            return Ok(false);
        }
        let setting = lock_setting(&write, self.person).await?;
        if setting.stopped_at.is_none() {
            let mut change = setting.clone().into_active_model();
            change.stopped_at = Set(Some(write.now()));
            write.update::<notice_setting::Entity>(&setting, change).await?;
        }
        write.commit().await?;
        Ok(true)
    }
}
