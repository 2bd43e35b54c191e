//! A row that a change may start from.
//!
//! Invariant: whoever changes or deletes a row has read it under a lock, or has added it, in the same transaction.
//! Another transaction may change a row that was read without a lock, and an update that starts from the old values
//! would undo that change (a lost update). So [`Write::update`](super::Write::update),
//! [`Write::touch`](super::Write::touch), [`Write::set`](super::Write::set) and
//! [`Write::delete`](super::Write::delete) take a [`Locked`] row, and only
//! the kernel makes one: [`Caller::write`](crate::Caller::write) and its siblings,
//! [`Write::lock`](super::Write::lock), [`Write::lock_one`](super::Write::lock_one),
//! [`Write::lock_all`](super::Write::lock_all), and an insert.
//!
//! On SQLite a writing transaction holds the database's only write lock from its beginning, so that a read is a locked
//! read.
//!
//! Locks are taken in one order, so that two changes wait for each other and not each for the other: a team before
//! what belongs to it, rows of one table by their ids or their places, and the network last.

use sea_orm::{
    ActiveModelTrait, IntoActiveModel, QuerySelect,
    sea_query::{LockBehavior, LockType},
};
use std::{borrow::Borrow, ops::Deref};

/// How a change locks rows.
///
/// On PostgreSQL the lock is `FOR NO KEY UPDATE`: it excludes other changes and [`Write::load`](super::Write::load),
/// and not the check of a foreign key, which locks the row above an inserted one (`FOR KEY SHARE`). Ids never change, so
/// that check has nothing to wait for; were it to wait, who inserts below a row and who locks downwards from it would
/// wait for each other.
pub trait LockForChange: QuerySelect {
    /// Waits for rows that other transactions have locked.
    fn lock_for_change(self) -> Self {
        self.lock(LockType::NoKeyUpdate)
    }

    /// Leaves out rows that other transactions have locked.
    fn lock_free_for_change(self) -> Self {
        self.lock_with_behavior(LockType::NoKeyUpdate, LockBehavior::SkipLocked)
    }
}

impl<Q: QuerySelect> LockForChange for Q {}

/// A row that this transaction has locked for a change, or has added. It reads like its model.
#[derive(Clone, Debug, PartialEq)]
pub struct Locked<M>(M);

impl<M> Locked<M> {
    /// For the kernel's loads under a lock, and its inserts.
    pub(crate) fn new(row: M) -> Self {
        Locked(row)
    }

    /// The model, for another row that starts from it.
    pub fn into_inner(self) -> M {
        self.0
    }
}

impl<M> Deref for Locked<M> {
    type Target = M;
    fn deref(&self) -> &M {
        &self.0
    }
}

impl<M> Borrow<M> for Locked<M> {
    fn borrow(&self) -> &M {
        &self.0
    }
}

impl<M: IntoActiveModel<A>, A: ActiveModelTrait> IntoActiveModel<A> for Locked<M> {
    fn into_active_model(self) -> A {
        self.0.into_active_model()
    }
}
