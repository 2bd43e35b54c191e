//! E-mails that a change causes. [`Write::post`] keeps one with the transaction, and the commit puts it in the outbox.
//! `outbound` checks it again and sends it.

use super::door::Write;
use crate::{
    email::{EMAIL_TRIED, Email},
    error::{Error, Fault},
    kernel::Settings,
    seal::SecretKeys,
};
use entity::outbox;
use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel};
use std::sync::atomic::Ordering;

impl Write {
    /// Puts an e-mail in the outbox with this transaction's commit.
    pub fn post(&self, email: Email) {
        self.posted.store(true, Ordering::Relaxed);
        self.mail.lock().push(email);
    }

    /// What the tokens of links are derived from, and secrets are sealed with.
    pub fn secrets(&self) -> &SecretKeys {
        &self.kernel.secrets
    }

    /// The settings that links need.
    pub fn settings(&self) -> &Settings {
        self.kernel.settings()
    }

    /// Writes to the outbox what was posted.
    pub(crate) async fn store_emails(&self) -> Result<(), Error> {
        let posted = std::mem::take(&mut *self.mail.lock());
        for email in posted {
            let row = outbox::Model {
                id: self.kernel.seams.id(),
                network_id: self.network()?,
                kind: email.kind,
                subject_id: email.about,
                person_id: email.person,
                client_id: email.client,
                payload: serde_json::to_value(&email.content).map_err(|_| Fault::Internal)?,
                created_at: self.now,
                ends_at: email.ends_at.unwrap_or(self.now + EMAIL_TRIED),
                attempts: 0,
                first_tried_at: None,
                available_at: self.now,
            };
            let insert = outbox::Entity::insert(row.into_active_model().reset_all());
            insert.exec_without_returning(&self.transaction).await?;
        }
        Ok(())
    }
}
