//! Idempotency keys: the same request under the caller's own key has one effect and one answer. The key is claimed in
//! the transaction that has the effect, so both last or neither; the answer is kept afterwards.

use super::door::Write;
use crate::{
    caller::Caller,
    db::statement,
    error::{Error, Fault},
};
use entity::idempotency;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use std::sync::atomic::Ordering;

/// Longest key, in characters.
pub const LONGEST_KEY: usize = 255;

/// An earlier request with the same idempotency key.
pub enum EarlierRequest {
    /// There is none.
    Nothing,
    /// It had another body.
    OtherBody,
    /// Its change is saved, and its answer is not stored yet.
    WithoutAnswer,
    Answer(String),
}

impl Caller {
    /// Looks for an earlier request with this key.
    pub async fn earlier_request(&self, key: &str, body: &str) -> Result<EarlierRequest, Error> {
        let actor = self.actor();
        let look = Write::look(&self.kernel, actor.scope().clone(), Some(actor.network)).await?;
        let row = idempotency::Entity::find()
            .filter(idempotency::Column::PersonId.eq(actor.person))
            .filter(idempotency::Column::Key.eq(key));
        let row = look.one(row).await?;
        look.roll_back().await?;
        Ok(match row {
            None => EarlierRequest::Nothing,
            Some(row) if row.body_hash != body => EarlierRequest::OtherBody,
            Some(row) => row.answer.map_or(EarlierRequest::WithoutAnswer, EarlierRequest::Answer),
        })
    }

    /// Keeps the answer for whoever repeats the request with this key, unless [`Caller::leave_key_free`] was called. If that
    /// fails, the answer is still given: the change is saved, and who repeats the request learns that its answer is lost.
    pub async fn keep_answer(&self, key: &str, body: &str, answer: &str) {
        if self.key_stays_free.load(Ordering::Relaxed) {
            return;
        }
        if self.try_keep(key, body, answer).await.is_err() {
            tracing::warn!("the answer to a request with an Idempotency-Key was not kept");
        }
    }

    async fn try_keep(&self, key: &str, body: &str, answer: &str) -> Result<(), Error> {
        let actor = self.actor();
        let write = Write::begin(&self.kernel, actor.scope().clone(), Some(actor.network)).await?;
        // a refused request claims no key: another one may have used it meanwhile, with a body of its own
        let sql = "insert into idempotency (network_id, person_id, key, body_hash, answer, created_at)
             values ({network}, {person}, {key}, {body}, {answer}, {now})
             on conflict (network_id, person_id, key) do update set answer = excluded.answer
             where idempotency.body_hash = excluded.body_hash";
        let values = [
            ("network", actor.network.into()),
            ("person", actor.person.into()),
            ("key", key.to_owned().into()),
            ("body", body.to_owned().into()),
            ("answer", answer.to_owned().into()),
            ("now", write.now.into()),
        ];
        write.transaction.execute_raw(statement(&write.transaction, sql, &values)).await?;
        write.commit_quietly().await
    }
}

impl Write {
    /// Claims the caller's idempotency key within the transaction that has the effect, so that both or neither last.
    /// A second claim waits here for the first, and then fails.
    pub(crate) async fn claim(&self) -> Result<(), Error> {
        let (Some((key, body)), Some(actor)) = (&self.asking.idempotency, &self.actor) else { return Ok(()) };
        let sql = "insert into idempotency (network_id, person_id, key, body_hash, created_at)
             values ({network}, {person}, {key}, {body}, {now})
             on conflict (network_id, person_id, key) do nothing";
        let values = [
            ("network", actor.network.into()),
            ("person", actor.person.into()),
            ("key", key.clone().into()),
            ("body", body.clone().into()),
            ("now", self.now.into()),
        ];
        let done = self.transaction.execute_raw(statement(&self.transaction, sql, &values)).await?;
        if done.rows_affected() == 0 { Err(Fault::Conflict.into()) } else { Ok(()) }
    }
}
