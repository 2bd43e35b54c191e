//! Changes of rows: with their audit and search entries, or without them where a row is no part of the history.
//!
//! Invariant: a change without an audit event says so in its name or its documentation.

use super::{
    door::{Row, Write},
    fold,
    locked::Locked,
};
use crate::{
    error::{Error, Fault},
    stamps,
};
use entity::Scoped;
use futures::future::BoxFuture;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait, ActiveValue, ColumnTrait, Condition, ConnectionTrait, DbErr,
    DeleteMany, EntityTrait, IntoActiveModel, Iterable, ModelTrait, PrimaryKeyToColumn, QueryFilter,
    QueryTrait, UpdateMany, Value,
    sea_query::{Alias, Expr, OnConflict},
};
use std::str::FromStr;
use uuid::Uuid;

impl Write {
    /// Adds a row, audited. Returns the row as given: both databases keep a value as it is.
    pub fn insert<E>(&self, row: E::Model) -> BoxFuture<'_, Result<Locked<E::Model>, Error>>
    where
        E: Scoped,
        E::Model: Row<E>,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            let insert = fold::insertion::<E>(&[row.clone().into_active_model().reset_all()]);
            self.transaction.execute(&insert).await?;
            self.audit_row::<E>(None, Some(&row))?;
            Ok(Locked::new(row))
        })
    }

    /// Audits a row that was added unaudited: a draft that others are to see from now on.
    pub fn audit_added<E>(&self, row: &E::Model) -> Result<(), Error>
    where
        E: Scoped,
        E::Model: Row<E>,
    {
        Ok(self.audit_row::<E>(None, Some(row))?)
    }

    /// Adds many rows, audited, in a few statements.
    pub fn insert_all<E>(&self, rows: Vec<E::Model>) -> BoxFuture<'_, Result<(), Error>>
    where
        E: Scoped,
        E::Model: Row<E>,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            for row in &rows {
                self.audit_row::<E>(None, Some(row))?;
            }
            self.insert_unaudited::<E>(
                rows.into_iter().map(|row| row.into_active_model().reset_all()).collect(),
            )
            .await
        })
    }

    /// Changes a row, audited; counts its version up. A change that changes nothing writes nothing. Fails with
    /// [`Fault::Conflict`] if the row has another version by now: it was locked in an earlier transaction, or changed
    /// since in this one.
    pub fn update<'a, E>(
        &'a self,
        before: &'a Locked<E::Model>,
        change: E::ActiveModel,
    ) -> BoxFuture<'a, Result<Locked<E::Model>, Error>>
    where
        E: Scoped,
        E::Model: Row<E>,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            let mut after = before.clone().into_inner();
            let mut changes = false;
            for column in E::Column::iter() {
                if let ActiveValue::Set(value) = change.get(column) {
                    changes |= value != before.get(column);
                    after.try_set(column, value)?;
                }
            }
            if changes { self.count_up::<E>(before, change, after).await } else { Ok(Locked::new(after)) }
        })
    }

    /// Counts a row's version up, audited: what belongs to it has changed.
    pub fn touch<'a, E>(&'a self, row: &'a Locked<E::Model>) -> BoxFuture<'a, Result<Locked<E::Model>, Error>>
    where
        E: Scoped,
        E::Model: Row<E>,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(self.count_up::<E>(row, row.clone().into_active_model(), row.clone().into_inner()))
    }

    async fn count_up<E>(
        &self,
        before: &E::Model,
        mut change: E::ActiveModel,
        mut after: E::Model,
    ) -> Result<Locked<E::Model>, Error>
    where
        E: Scoped,
        E::Model: Row<E>,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        let mut unchanged = Condition::all();
        if let Ok(version) = E::Column::from_str("version") {
            let Value::Int(Some(now)) = before.get(version) else { return Err(Fault::Internal.into()) };
            change.set(version, (now + 1).into());
            after.try_set(version, (now + 1).into())?;
            unchanged = unchanged.add(version.eq(now));
        }
        match self.change::<E>(change, unchanged).await {
            Err(DbErr::RecordNotUpdated) => return Err(Fault::Conflict.into()),
            done => done?,
        }
        self.audit_row::<E>(Some(before), Some(&after))?;
        Ok(Locked::new(after))
    }

    /// Changes the row that a change names, where it meets a condition. The kernel's callers hold the row's lock, or are
    /// the only ones that know of the row.
    pub(crate) async fn change<E: EntityTrait>(
        &self,
        change: E::ActiveModel,
        only: Condition,
    ) -> Result<(), DbErr>
    where
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        let folds = fold::changed::<E>(&change);
        let stamped = stamps::sets_version::<E>(&change);
        let mut update = E::update(change).validate()?.filter(only);
        for (column, fold) in folds {
            QueryTrait::query(&mut update).value(column, fold);
        }
        if stamped {
            QueryTrait::query(&mut update).value(Alias::new(stamps::UPDATED), self.now());
        }
        update.exec_without_returning(&self.transaction).await?;
        Ok(())
    }

    /// Deletes rows that are no history: drafts, confirmations withdrawn, spent tokens. Audited.
    pub fn delete<E>(&self, row: Locked<E::Model>) -> BoxFuture<'_, Result<(), Error>>
    where
        E: Scoped,
        E::Model: Row<E>,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            self.audit_row::<E>(Some(&row), None)?;
            row.into_inner().delete(&self.transaction).await?;
            Ok(())
        })
    }

    /// Removes a row that is nobody's history, unaudited: what the outbox has delivered.
    pub fn discard<M>(&self, row: M) -> BoxFuture<'_, Result<(), Error>>
    where
        M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel> + 'static,
        <M::Entity as EntityTrait>::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            row.delete(&self.transaction).await?;
            Ok(())
        })
    }

    /// Removes rows that are nobody's history by their ids, unaudited.
    pub fn discard_each<'a, E: Scoped>(&'a self, ids: &'a [Uuid]) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move {
            let id = Expr::col((E::default(), Alias::new("id")));
            E::delete_many().filter(self.among(id, ids)).exec(&self.transaction).await?;
            Ok(())
        })
    }

    /// Removes rows that have served their time, unaudited.
    pub fn discard_all<E: EntityTrait>(&self, rows: DeleteMany<E>) -> BoxFuture<'_, Result<u64, Error>> {
        Box::pin(async move { Ok(rows.exec(&self.transaction).await?.rows_affected) })
    }

    /// Changes a locked row that is nobody's history, unaudited. The change names the same row.
    pub fn set<'a, E: EntityTrait>(
        &'a self,
        row: &'a Locked<E::Model>,
        change: E::ActiveModel,
    ) -> BoxFuture<'a, Result<(), Error>>
    where
        E::Model: Sync,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            if !is_of::<E>(&change, row) {
                return Err(Fault::Internal.into());
            }
            Ok(self.change::<E>(change, Condition::all()).await?)
        })
    }

    /// Changes rows that are nobody's history together, unaudited, to values that do not depend on what they were. How
    /// many there were.
    pub fn set_all<E: EntityTrait>(&self, change: UpdateMany<E>) -> BoxFuture<'_, Result<u64, Error>> {
        Box::pin(async move { Ok(change.exec(&self.transaction).await?.rows_affected) })
    }

    /// Adds a row unless there is one with its keys, unaudited: what must be there once, whoever comes first.
    /// Whether it was added.
    pub fn add_once<E: EntityTrait>(&self, row: E::Model) -> BoxFuture<'_, Result<bool, Error>>
    where
        E::Model: IntoActiveModel<E::ActiveModel>,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            let mut insert = fold::insertion::<E>(&[row.into_active_model().reset_all()]);
            insert.on_conflict(OnConflict::new().do_nothing().to_owned());
            Ok(self.transaction.execute(&insert).await?.rows_affected() > 0)
        })
    }

    /// The same, audited where it was added.
    pub fn insert_once<E>(&self, row: E::Model) -> BoxFuture<'_, Result<bool, Error>>
    where
        E: Scoped,
        E::Model: Row<E>,
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            let added = self.add_once::<E>(row.clone()).await?;
            if added {
                self.audit_row::<E>(None, Some(&row))?;
            }
            Ok(added)
        })
    }

    /// Adds many rows without auditing each, for seeds.
    pub fn insert_unaudited<E: EntityTrait>(
        &self,
        rows: Vec<E::ActiveModel>,
    ) -> BoxFuture<'_, Result<(), Error>>
    where
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        self.insert_chunks::<E>(rows, false)
    }

    /// Adds the rows that are not there yet, without auditing: what follows from other rows, and is made by whoever
    /// comes first.
    pub fn insert_missing_unaudited<E: EntityTrait>(
        &self,
        rows: Vec<E::ActiveModel>,
    ) -> BoxFuture<'_, Result<(), Error>>
    where
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        self.insert_chunks::<E>(rows, true)
    }

    /// Inserts many rows without auditing, in statements of a bounded size. With `missing_only`, rows that are there stay.
    fn insert_chunks<E: EntityTrait>(
        &self,
        rows: Vec<E::ActiveModel>,
        missing_only: bool,
    ) -> BoxFuture<'_, Result<(), Error>>
    where
        E::ActiveModel: ActiveModelBehavior + Send,
    {
        Box::pin(async move {
            let columns = fold::columns::<E>();
            // both databases bound the number of bound values in a statement; SQLite's 32,766 is the lower
            for chunk in Chunks::new(rows, (30_000 / columns).min(1_000)) {
                let mut insertion = fold::insertion::<E>(&chunk);
                if missing_only {
                    insertion.on_conflict(OnConflict::new().do_nothing().to_owned());
                }
                self.transaction.execute(&insertion).await?;
            }
            Ok(())
        })
    }
}

/// Whether a change names this row.
fn is_of<E: EntityTrait>(change: &E::ActiveModel, row: &E::Model) -> bool {
    let mut keys = E::PrimaryKey::iter().map(PrimaryKeyToColumn::into_column);
    keys.all(|key| change.get(key).into_value() == Some(row.get(key)))
}

struct Chunks<T> {
    rest: std::vec::IntoIter<T>,
    size: usize,
}

impl<T> Chunks<T> {
    fn new(rows: Vec<T>, size: usize) -> Self {
        Chunks { rest: rows.into_iter(), size: size.max(1) }
    }
}

impl<T> Iterator for Chunks<T> {
    type Item = Vec<T>;
    fn next(&mut self) -> Option<Vec<T>> {
        let chunk: Vec<T> = self.rest.by_ref().take(self.size).collect();
        (!chunk.is_empty()).then_some(chunk)
    }
}
