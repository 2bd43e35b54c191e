//! Work that reads much of the database. SQLite gets a larger cache for it, because with the cache of a request it would
//! read the same pages again and again. PostgreSQL has a cache of its own.

use super::connect::SQLITE_CACHE;
use crate::{
    error::{Error, Fault},
    write::Write,
};
use sea_orm::{ConnectionTrait, Statement};

/// What SQLite keeps for such work: as [`SQLITE_CACHE`].
const SQLITE_ROOM: &str = "-65536";

/// Taken by whoever does heavy work, on PostgreSQL, until the transaction ends. SQLite has one writer anyway.
const ALONE: &str = "select pg_try_advisory_xact_lock(1668247395, 1)";

impl Write {
    /// Claims large work for this transaction, over all processes, until it ends. `false` if another transaction has
    /// claimed it.
    pub async fn claim_large_work(&self) -> Result<bool, Error> {
        if !self.kernel.db.is_postgres() {
            return Ok(true);
        }
        let claim = Statement::from_string(self.transaction.get_database_backend(), ALONE);
        let row = self.transaction.query_one_raw(claim).await?.ok_or(Fault::Internal)?;
        Ok(row.try_get_by_index(0)?)
    }

    /// Runs work with the large cache.
    pub async fn with_large_cache<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        if self.kernel.db.is_postgres() {
            return work.await;
        }
        self.keep(SQLITE_ROOM).await?;
        let done = work.await;
        // also where it failed, whose error comes first: the connection lives on, or is given up with its cache
        let left = self.keep(SQLITE_CACHE).await;
        if left.is_err() {
            self.transaction.give_up().await;
        }
        let done = done?;
        left.map(|()| done)
    }

    async fn keep(&self, cache: &str) -> Result<(), Error> {
        let pragma = format!("pragma cache_size = {cache}; pragma shrink_memory");
        self.transaction.execute_unprepared(&pragma).await.map_err(Fault::from)?;
        Ok(())
    }
}
