//! What has served its time is removed: answers kept for repeated requests after a day, refresh tokens,
//! links to set a password by and exports after they expire, keys a day after they retire.

use crate::kernel::{Error, Kernel, Write};
use chrono::TimeDelta;
use entity::{data_export, idempotency, password_reset, refresh_token, signing_key};
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use std::sync::Arc;
use uuid::Uuid;

/// Removes what is over of the platform's own.
pub async fn platform(kernel: &Arc<Kernel>) -> Result<(), Error> {
    let write = kernel.identity(None).await?;
    let now = write.now();
    write
        .discard_all(refresh_token::Entity::delete_many().filter(refresh_token::Column::ExpiresAt.lt(now)))
        .await?;
    write
        .discard_all(password_reset::Entity::delete_many().filter(password_reset::Column::ExpiresAt.lt(now)))
        .await?;
    let retired = signing_key::Column::RetiresAt.lt(now - TimeDelta::days(1));
    write.discard_all(signing_key::Entity::delete_many().filter(retired)).await?;
    write.commit_quietly().await
}

/// Removes what is over in a network.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        let old = idempotency::Entity::delete_many()
            .filter(idempotency::Column::NetworkId.eq(write.network()?))
            .filter(idempotency::Column::CreatedAt.lt(write.now() - TimeDelta::days(1)));
        write.discard_all(old).await?;
        // its parts go with it
        let taken = data_export::Entity::delete_many()
            .filter(data_export::Column::NetworkId.eq(write.network()?))
            .filter(data_export::Column::ExpiresAt.lt(write.now()));
        write.discard_all(taken).await?;
        Ok(None)
    }
    .boxed()
}
