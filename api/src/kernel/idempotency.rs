//! Idempotency keys: the same request under the caller's own key has one effect and one answer. The key is claimed in
//! the transaction that has the effect, so both last or neither; the answer is kept afterwards.

use super::{
    caller::Caller,
    db::statement,
    error::{Error, Fault},
    save::{Write, mark},
};
use entity::idempotency;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Value};
use std::sync::atomic::Ordering;

/// Longest key, in characters.
pub const LONGEST_KEY: usize = 255;

/// What is known of an idempotency key.
pub enum Kept {
    /// It was not used.
    Nothing,
    /// It was used for another body.
    Otherwise,
    /// Its effect is there, and its answer not yet.
    Effect,
    Answer(String),
}

impl Caller {
    /// What became of an earlier request with this key.
    pub async fn kept(&self, key: &str, body: &str) -> Result<Kept, Error> {
        let actor = self.actor();
        let look = Write::look(&self.kernel, actor.scope().clone(), Some(actor.network)).await?;
        let row = idempotency::Entity::find()
            .filter(idempotency::Column::PersonId.eq(actor.person))
            .filter(idempotency::Column::Key.eq(key));
        let row = look.one(row).await?;
        look.leave().await?;
        Ok(match row {
            None => Kept::Nothing,
            Some(row) if row.body_hash != body => Kept::Otherwise,
            Some(row) => row.answer.map_or(Kept::Effect, Kept::Answer),
        })
    }

    /// Keeps the answer for whoever repeats the request with this key, unless [`Caller::leave_key_free`] was called. If that
    /// fails, the answer is still given: the change is saved, and who repeats the request learns that its answer is lost.
    pub async fn keep(&self, key: &str, body: &str, answer: &str) {
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
        let marks: Vec<String> = (1..=6).map(|at| mark(&write.transaction, at)).collect();
        // a refused request claims no key: another one may have used it meanwhile, with a body of its own
        let sql = format!(
            "insert into idempotency (network_id, person_id, key, body_hash, answer, created_at) values ({})
             on conflict (network_id, person_id, key) do update set answer = excluded.answer
             where idempotency.body_hash = excluded.body_hash",
            marks.join(", ")
        );
        let values: Vec<Value> = vec![
            actor.network.into(),
            actor.person.into(),
            key.to_owned().into(),
            body.to_owned().into(),
            answer.to_owned().into(),
            write.now.into(),
        ];
        write.transaction.execute_raw(statement(&write.transaction, &sql, values)).await?;
        write.commit_quietly().await
    }
}

impl Write {
    /// Claims the caller's idempotency key within the transaction that has the effect, so that both or neither last.
    /// A second claim waits here for the first, and then fails.
    pub(super) async fn claim(&self) -> Result<(), Error> {
        let (Some((key, body)), Some(actor)) = (&self.asking.idempotency, &self.actor) else { return Ok(()) };
        let marks: Vec<String> = (1..=5).map(|at| mark(&self.transaction, at)).collect();
        let sql = format!(
            "insert into idempotency (network_id, person_id, key, body_hash, created_at) values ({})
             on conflict (network_id, person_id, key) do nothing",
            marks.join(", ")
        );
        let values: Vec<Value> = vec![
            actor.network.into(),
            actor.person.into(),
            key.clone().into(),
            body.clone().into(),
            self.now.into(),
        ];
        let done = self.transaction.execute_raw(statement(&self.transaction, &sql, values)).await?;
        if done.rows_affected() == 0 { Err(Fault::Conflict.into()) } else { Ok(()) }
    }
}
