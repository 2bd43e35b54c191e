//! The two databases and their pools.

use super::{
    address::Address,
    reading::{ReadPool, Reads},
};
use crate::data_folder;
use deadpool::managed::Timeouts;
use sea_orm::{
    DatabaseConnection, SqlxPostgresConnector, SqlxSqliteConnector,
    sqlx::{
        self, SqlitePool,
        postgres::PgPoolOptions,
        sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
    },
};
use std::{path::Path, time::Duration};

/// The two databases.
#[derive(Clone)]
pub enum Db {
    Postgres {
        writes: DatabaseConnection,
        reads: ReadPool,
        session: Session,
    },
    /// With how long the statements of a read may take.
    Sqlite {
        writes: DatabaseConnection,
        reads: SqlitePool,
        patience: Duration,
    },
}

/// How transactions on PostgreSQL run.
#[derive(Clone, Debug)]
pub struct Session {
    /// How long a statement may take.
    pub patience: Duration,
    /// The same in milliseconds.
    pub statement_timeout: String,
    /// How long a statement may wait for a lock, in milliseconds. Shorter than a statement may take, so that a wait
    /// for another transaction ends as a conflict, after which trying again may work, and not as a timeout.
    pub lock_timeout: String,
    /// Whether a pooler may give each transaction another connection.
    pub pooler: bool,
}

/// What a transaction may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read one snapshot. On SQLite it takes no write lock.
    Read,
    /// Read one snapshot for as long as it takes, and on PostgreSQL add rows beside it. On SQLite it takes no write
    /// lock.
    Snapshot,
    Write,
}

/// How many connections, and how long a statement may take.
#[derive(Clone, Copy, Debug)]
pub struct Pools {
    pub reads: u32,
    pub writes: u32,
    pub statement_timeout: Duration,
    /// Whether a pooler in transaction mode stands before PostgreSQL.
    pub pooler: bool,
}

impl Default for Pools {
    fn default() -> Self {
        Pools { reads: 1, writes: 1, statement_timeout: Duration::from_secs(5), pooler: false }
    }
}

impl Db {
    /// Opens PostgreSQL by URL.
    pub async fn postgres(url: &str, pools: Pools) -> Result<Db, String> {
        let address = Address::parse(url)?;
        // a pooler knows only some start-up parameters; this one would let it refuse the connection
        let options = address.writes.clone().extra_float_digits(None);
        let writes = PgPoolOptions::new()
            .max_connections(pools.writes)
            .acquire_timeout(Duration::from_secs(5))
            .test_before_acquire(false)
            .connect_with(quiet(options))
            .await
            .map_err(|error| format!("the database cannot be reached: {error}"))?;
        let patience = Some(Duration::from_secs(5));
        let reads = ReadPool::builder(Reads::new(address))
            .max_size(pools.reads as usize)
            .timeouts(Timeouts { wait: patience, create: patience, recycle: None })
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|error| format!("the read pool cannot be built: {error}"))?;
        let writes = SqlxPostgresConnector::from_sqlx_postgres_pool(writes);
        let patience = pools.statement_timeout;
        let session = Session {
            patience,
            statement_timeout: patience.as_millis().to_string(),
            lock_timeout: (patience * 4 / 5).as_millis().to_string(),
            pooler: pools.pooler,
        };
        Ok(Db::Postgres { writes, reads, session })
    }

    /// Opens or makes the SQLite database in a folder.
    pub async fn sqlite(folder: &Path, pools: Pools) -> Result<Db, String> {
        let options = SqliteConnectOptions::new()
            .filename(data_folder::prepare(folder)?)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .pragma("cache_size", SQLITE_CACHE)
            .busy_timeout(pools.statement_timeout);
        let failed =
            |error: sqlx::Error| format!("the database in {} cannot be opened: {error}", folder.display());
        let writes = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(30))
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(quiet(options.clone()))
            .await
            .map_err(failed)?;
        let reads = SqlitePoolOptions::new()
            .max_connections(pools.reads)
            .min_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(quiet(options.pragma("query_only", "on")))
            .await
            .map_err(failed)?;
        let writes = SqlxSqliteConnector::from_sqlx_sqlite_pool(writes);
        Ok(Db::Sqlite { writes, reads, patience: pools.statement_timeout })
    }

    pub fn is_postgres(&self) -> bool {
        matches!(self, Db::Postgres { .. })
    }

    /// The connection that migrations run on.
    pub fn migrations(&self) -> &DatabaseConnection {
        self.writes()
    }

    /// Connections in use and idle: reads, then writes.
    pub fn pools(&self) -> [(&'static str, u32, u32); 2] {
        match self {
            Db::Postgres { reads, writes, .. } => {
                let (status, pool) = (reads.status(), writes.get_postgres_connection_pool());
                let idle = status.available as u32;
                [
                    ("read", (status.size as u32).saturating_sub(idle), idle),
                    ("write", pool.size().saturating_sub(pool.num_idle() as u32), pool.num_idle() as u32),
                ]
            }
            Db::Sqlite { reads, writes, .. } => {
                let pool = writes.get_sqlite_connection_pool();
                [
                    ("read", reads.size().saturating_sub(reads.num_idle() as u32), reads.num_idle() as u32),
                    ("write", pool.size().saturating_sub(pool.num_idle() as u32), pool.num_idle() as u32),
                ]
            }
        }
    }

    /// Prepared statements that the connections for reads keep.
    pub fn prepared(&self) -> usize {
        match self {
            Db::Postgres { reads, .. } => reads.manager().prepared(),
            Db::Sqlite { .. } => 0,
        }
    }

    /// How many connections there are at most for such transactions.
    pub(crate) fn most(&self, access: Access) -> u32 {
        match (self, access) {
            (Db::Postgres { writes, .. }, _) => {
                writes.get_postgres_connection_pool().options().get_max_connections()
            }
            (Db::Sqlite { writes, .. }, Access::Write) => {
                writes.get_sqlite_connection_pool().options().get_max_connections()
            }
            (Db::Sqlite { reads, .. }, Access::Read | Access::Snapshot) => {
                reads.options().get_max_connections()
            }
        }
    }

    fn writes(&self) -> &DatabaseConnection {
        match self {
            Db::Postgres { writes, .. } | Db::Sqlite { writes, .. } => writes,
        }
    }
}

/// What a connection to SQLite keeps, in KiB with a minus, as SQLite has it: half of the usual. What is not here, the
/// system has, and it does not count as ours.
pub(crate) const SQLITE_CACHE: &str = "-1024";

impl Session {
    /// The names of the settings that hold for a transaction, with their values. Compiling the statement of the metrics
    /// took PostgreSQL ten times as long as running it.
    pub fn settings(&self) -> [(&'static str, &str); 3] {
        [("statement_timeout", &self.statement_timeout), ("lock_timeout", &self.lock_timeout), ("jit", "off")]
    }
}

/// Statements carry clients' content and never go to the log.
fn quiet<O: sqlx::ConnectOptions>(options: O) -> O {
    options.disable_statement_logging()
}
