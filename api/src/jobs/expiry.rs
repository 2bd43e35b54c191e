//! Deletes what has expired: kept answers and counts of e-mails after a day; refresh tokens, sign-ins, password links and
//! exports when they expire; signing keys a day after they retire.

use crate::{
    features::{export::rules, notice::old_notices},
    identity::proof::KNOWN_FOR,
    kernel::{Error, Fault, Kernel, Write},
};
use chrono::TimeDelta;
use entity::{
    address_change, data_export, email_count, idempotency, notice, password_reset, refresh_token, sign_in,
    sign_in_place, signing_key,
};
use futures::{FutureExt, future::BoxFuture};
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QuerySelect, QueryTrait};
use std::sync::Arc;
use uuid::Uuid;

/// How long an ended sign-in is kept.
const ENDED_KEPT: TimeDelta = TimeDelta::days(30);

/// Deletes expired rows of the platform: refresh tokens that expired or whose sign-in ended, sign-ins without tokens,
/// password links, changes of address that cannot be undone, places of old sign-ins, retired keys.
pub async fn delete_expired(kernel: &Arc<Kernel>) -> Result<(), Error> {
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

/// The kept answers that have expired.
fn old_answers(write: &Write) -> Result<Condition, Fault> {
    Ok(Condition::all()
        .add(idempotency::Column::NetworkId.eq(write.network()?))
        .add(idempotency::Column::CreatedAt.lt(write.now() - TimeDelta::days(1))))
}

/// The exports that have expired or were never completed.
fn old_exports(write: &Write) -> Result<Condition, Fault> {
    let expired = data_export::Column::ExpiresAt.lt(write.now());
    let begun = data_export::Column::CreatedAt.lt(write.now() - rules::MAX_DURATION);
    let given_up = data_export::Column::MadeAt.is_null().and(begun);
    Ok(Condition::all().add(data_export::Column::NetworkId.eq(write.network()?)).add(expired.or(given_up)))
}

/// Whether a network has expired rows.
pub fn wanted(write: &Write) -> BoxFuture<'_, Result<bool, Error>> {
    async move {
        let answer = idempotency::Entity::find().filter(old_answers(write)?);
        let export = data_export::Entity::find().filter(old_exports(write)?);
        let notice = notice::Entity::find().filter(old_notices(write)?);
        Ok(write.one(answer).await?.is_some()
            || write.one(export).await?.is_some()
            || write.one(notice).await?.is_some())
    }
    .boxed()
}

/// Deletes the expired rows of a network.
pub fn step(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        write.discard_all(idempotency::Entity::delete_many().filter(old_answers(write)?)).await?;
        // its parts go with it
        write.discard_all(data_export::Entity::delete_many().filter(old_exports(write)?)).await?;
        write.discard_all(notice::Entity::delete_many().filter(old_notices(write)?)).await?;
        Ok(None)
    }
    .boxed()
}
