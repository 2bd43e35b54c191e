//! The key ring: which key signs and which still verify, kept in the database unless the setting gives one.

use super::key::SigningKey;
use crate::{
    config::Config,
    kernel::{Error, Kernel},
};
use chrono::TimeDelta;
use entity::signing_key;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
};
use std::{sync::Arc, time::Duration};

/// How often a process looks for keys that another one made.
pub const EVERY: Duration = Duration::from_secs(60);

/// The keys that verify now, the one that signs first.
pub async fn keys(kernel: &Arc<Kernel>) -> Result<Vec<SigningKey>, Error> {
    let write = kernel.identity(None).await?;
    let lasting = Condition::any()
        .add(signing_key::Column::RetiresAt.is_null())
        .add(signing_key::Column::RetiresAt.gt(write.now()));
    let keys = signing_key::Entity::find().filter(lasting).order_by_desc(signing_key::Column::CreatedAt);
    let keys = write.all(keys).await?;
    write.leave().await?;
    Ok(keys.iter().filter_map(|key| SigningKey::from_pem(&key.private_pem).ok()).collect())
}

/// The key that signs: the setting's, else the database's newest, else a new one.
pub async fn signer(kernel: &Arc<Kernel>, config: &Config) -> Result<SigningKey, String> {
    if let Some(pem) = &config.signing_key {
        return SigningKey::from_pem(pem.expose())
            .map_err(|_| "signing_key: not an Ed25519 key in PKCS#8 PEM".to_owned());
    }
    let kept = keys(kernel).await.map_err(|_| "the signing keys cannot be read".to_owned())?;
    if let Some(newest) = kept.into_iter().next() {
        return Ok(newest);
    }
    rotate(kernel, TimeDelta::zero()).await
}

/// Makes a new signing key. Those before verify for as long as their tokens last, `overlap`, and then retire.
pub async fn rotate(kernel: &Arc<Kernel>, overlap: TimeDelta) -> Result<SigningKey, String> {
    let failed = |_| "the signing key cannot be kept".to_owned();
    let key = SigningKey::generate(&mut kernel.seams.rng())
        .map_err(|_| "no signing key could be made".to_owned())?;
    let pem = key.to_pem().map_err(|_| "no signing key could be made".to_owned())?;
    let write = kernel.identity(None).await.map_err(failed)?;
    let before = signing_key::Entity::find().filter(signing_key::Column::RetiresAt.is_null());
    for old in write.all(before).await.map_err(failed)? {
        let mut change = old.clone().into_active_model();
        change.retires_at = Set(Some(write.now() + overlap));
        write.update::<signing_key::Entity>(&old, change).await.map_err(failed)?;
    }
    let row = signing_key::Model {
        kid: key.kid().to_owned(),
        private_pem: pem.to_string(),
        created_at: write.now(),
        retires_at: None,
    };
    write.insert::<signing_key::Entity>(row).await.map_err(failed)?;
    write.commit().await.map_err(failed)?;
    Ok(key)
}
