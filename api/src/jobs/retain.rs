//! What has served its time is removed: answers kept for repeated requests and counts of e-mails after a day, refresh
//! tokens, sign-ins,
//! links to set a password by and exports after they expire, keys a day after they retire.

use crate::{
    features::export::rules,
    identity::proof::KNOWN_FOR,
    kernel::{Error, Kernel, Write},
};
use chrono::TimeDelta;
use entity::{
    address_change, data_export, email_count, idempotency, password_reset, refresh_token, sign_in,
    sign_in_place, signing_key,
};
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait};
use std::sync::Arc;
use uuid::Uuid;

/// How long a sign-in that has ended is kept.
const ENDED_KEPT: TimeDelta = TimeDelta::days(30);

/// Removes what is over of the platform's own: refresh tokens that expired or whose sign-in ended, sign-ins without any,
/// links to set a password by, changes of address that cannot be taken back, places of old sign-ins, retired keys.
pub async fn platform(kernel: &Arc<Kernel>) -> Result<(), Error> {
    let write = kernel.identity(None).await?;
    let now = write.now();
    let ended = sign_in::Entity::find()
        .select_only()
        .column(sign_in::Column::Id)
        .filter(sign_in::Column::RevokedAt.lt(now - ENDED_KEPT))
        .into_query();
    let over = Condition::any()
        .add(refresh_token::Column::ExpiresAt.lte(now))
        .add(refresh_token::Column::SignInId.in_subquery(ended));
    write.discard_all(refresh_token::Entity::delete_many().filter(over)).await?;
    let lasting =
        refresh_token::Entity::find().select_only().column(refresh_token::Column::SignInId).into_query();
    let bare = sign_in::Entity::delete_many().filter(sign_in::Column::Id.not_in_subquery(lasting));
    write.discard_all(bare).await?;
    write
        .discard_all(password_reset::Entity::delete_many().filter(password_reset::Column::ExpiresAt.lt(now)))
        .await?;
    let changed = address_change::Column::ExpiresAt.lte(now);
    write.discard_all(address_change::Entity::delete_many().filter(changed)).await?;
    let forgotten = sign_in_place::Column::SeenAt.lt(now - KNOWN_FOR);
    write.discard_all(sign_in_place::Entity::delete_many().filter(forgotten)).await?;
    let counted = email_count::Column::At.lt(now - TimeDelta::days(1));
    write.discard_all(email_count::Entity::delete_many().filter(counted)).await?;
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
        let expired = data_export::Column::ExpiresAt.lt(write.now());
        let begun = data_export::Column::CreatedAt.lt(write.now() - rules::LONGEST);
        let given_up = data_export::Column::MadeAt.is_null().and(begun);
        // its parts go with it
        let taken = data_export::Entity::delete_many()
            .filter(data_export::Column::NetworkId.eq(write.network()?))
            .filter(expired.or(given_up));
        write.discard_all(taken).await?;
        Ok(None)
    }
    .boxed()
}
