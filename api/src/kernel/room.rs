//! Room for work that touches much of the database: SQLite, with what it keeps for a request, would read the same pages
//! again and again. PostgreSQL has its own.

use super::{
    db::SQLITE_CACHE,
    error::{Error, Fault},
    save::Write,
};
use sea_orm::{ConnectionTrait, Statement};

/// What SQLite keeps for such work: as [`SQLITE_CACHE`].
const SQLITE_ROOM: &str = "-65536";

/// Taken by whoever does heavy work, on PostgreSQL, until the transaction ends. SQLite has one writer anyway.
const ALONE: &str = "select pg_try_advisory_xact_lock(1668247395, 1)";

impl Write {
    /// Claims to be the only one that does heavy work, over all processes, until this transaction ends. `false`: somebody
    /// else does some.
    pub async fn alone(&self) -> Result<bool, Error> {
        if !self.kernel.db.is_postgres() {
            return Ok(true);
        }
        let claim = Statement::from_string(self.transaction.get_database_backend(), ALONE);
        let row = self.transaction.query_one_raw(claim).await?.ok_or(Fault::Internal)?;
        Ok(row.try_get_by_index(0)?)
    }

    /// Does work with room for it.
    pub async fn with_room<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
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
