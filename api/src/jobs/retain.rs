//! What has served its time is removed: answers kept for repeated requests after a day, refresh tokens after they
//! expire, keys a day after they retire.

use crate::kernel::{Error, Kernel};
use chrono::TimeDelta;
use entity::{idempotency, refresh_token, signing_key};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::sync::Arc;

/// Removes what is over.
pub async fn once(kernel: &Arc<Kernel>) -> Result<(), Error> {
    let write = kernel.identity(None).await?;
    let now = write.now();
    write
        .discard_all(refresh_token::Entity::delete_many().filter(refresh_token::Column::ExpiresAt.lt(now)))
        .await?;
    let retired = signing_key::Column::RetiresAt.lt(now - TimeDelta::days(1));
    write.discard_all(signing_key::Entity::delete_many().filter(retired)).await?;
    write.commit_quietly().await?;
    for network in super::networks(kernel).await? {
        let write = kernel.system(network.id).await?;
        let old = idempotency::Entity::delete_many()
            .filter(idempotency::Column::NetworkId.eq(network.id))
            .filter(idempotency::Column::CreatedAt.lt(now - TimeDelta::days(1)));
        write.discard_all(old).await?;
        write.commit_quietly().await?;
    }
    Ok(())
}
