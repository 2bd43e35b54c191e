//! A transaction on a connection of its own, on either database.
//!
//! Invariant: a connection returns to its pool only after the database has confirmed the end of the transaction that
//! was begun on it. Otherwise it is closed, and the pool opens another: an answer never came, a request was given up
//! half-way, or the database ended the transaction by itself.
//!
//! Invariant: after an error nothing but a rollback is sent. SQLite ends a transaction by itself when the disk is
//! full, on an I/O error, out of memory or interrupted, and would commit each later statement on its own.
//!
//! SeaORM's own transactions keep neither, and cannot begin and make PostgreSQL's settings in one round trip.

use super::connect::{Access, Db};
use crate::{
    access::Scope,
    error::{Error, Fault},
};
use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement,
    sqlx::{
        self, AssertSqlSafe, Executor, IntoArguments, Postgres, Sqlite,
        database::HasStatementCache,
        pool::PoolConnection,
        query::Query,
        sqlite::{SqliteArguments, SqliteRow},
    },
};
use sea_query_sqlx::SqlxValues;
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{sync::Mutex, time::timeout};

/// Statements that transactions of this process have sent, besides those that begin and end them.
static SENT: AtomicU64 = AtomicU64::new(0);

/// How many statements writing transactions of this process have sent: what a test of their number counts.
pub fn statements_written() -> u64 {
    SENT.load(Ordering::Relaxed)
}

/// A transaction on either database. Dropped without [`Transaction::commit`], it rolls back.
pub struct Transaction {
    backend: DbBackend,
    /// Tells it from every other transaction of this process.
    number: u64,
    /// Whether its statements are prepared under names, and kept.
    named: bool,
    lease: Mutex<Lease>,
}

impl Db {
    /// Begins a transaction within `scope`.
    pub(crate) async fn begin(&self, access: Access, scope: &Scope) -> Result<Transaction, Error> {
        Transaction::begin(self, access, scope).await
    }
}

impl Transaction {
    /// Begins a transaction within `scope`. A pooled connection that has died meanwhile, as all do in a restart of the
    /// database, is replaced: nothing was begun on it.
    pub(crate) async fn begin(db: &Db, access: Access, scope: &Scope) -> Result<Transaction, Error> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let (backend, named, begin) = match (db, access) {
            (Db::Postgres { session, .. }, _) => {
                let kind = match access {
                    Access::Read => " read only",
                    Access::Snapshot => " isolation level repeatable read",
                    Access::Write => "",
                };
                let settings = scope.first_sql(session.settings());
                let begin =
                    format!("begin{kind}; select set_config('{NUMBER}', '{number}', true); {settings}");
                (DbBackend::Postgres, !session.pooler, begin)
            }
            (Db::Sqlite { .. }, Access::Write) => (DbBackend::Sqlite, true, "begin immediate".to_owned()),
            (Db::Sqlite { .. }, Access::Read | Access::Snapshot) => {
                (DbBackend::Sqlite, true, "begin".to_owned())
            }
        };
        let began = Instant::now();
        let mut spare = db.most(access);
        loop {
            let mut lease = Lease::take(db, access).await.map_err(failed)?;
            match lease.send(&begin).await {
                Ok(()) => return Ok(Transaction { backend, number, named, lease: Mutex::new(lease) }),
                Err(_) if lease.is_lost() && spare > 0 && began.elapsed() < REPLACING => spare -= 1,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Makes `scope` the transaction's from now on.
    pub(crate) async fn apply_scope(&self, scope: &Scope) -> Result<(), Error> {
        if self.backend == DbBackend::Postgres {
            self.execute_unprepared(&scope.sql()).await?;
        }
        Ok(())
    }

    /// Commits, and proves that it is the transaction begun that ends: PostgreSQL knows its number, and SQLite refuses
    /// to commit where there is none. [`Fault::InDoubt`] where the answer is missing.
    pub(crate) async fn commit(self) -> Result<(), Error> {
        let mut lease = self.lease.into_inner();
        let commit = match self.backend {
            DbBackend::Postgres => format!(
                "select 1 / (current_setting('{NUMBER}', true) is not distinct from '{}')::int; commit",
                self.number
            ),
            _ => "commit".to_owned(),
        };
        if let Some(error) = lease.refusal() {
            return Err(failed(error).into());
        }
        lease.end(&commit).await.map_err(|error| match Fault::is_refused_commit(&error) {
            true => failed(error).into(),
            false => Fault::in_doubt(&error).into(),
        })
    }

    /// Closes the connection with the transaction instead of lending it again.
    pub(crate) async fn give_up(&self) {
        let mut lease = self.lease.lock().await;
        lease.state = State::Lost(lease.refusal().unwrap_or_else(given_up));
    }

    /// Rolls back, and waits for it.
    pub(crate) async fn rollback(self) -> Result<(), Error> {
        let mut lease = self.lease.into_inner();
        if matches!(lease.state, State::Waiting | State::Lost(_)) {
            // closing the connection rolls back
            return Ok(());
        }
        lease.end("rollback").await.map_err(|error| failed(error).into())
    }

    /// The rows of a statement with SQLite's own values.
    pub(crate) async fn sqlite_rows(
        &self,
        query: Query<'_, Sqlite, SqliteArguments>,
    ) -> Result<Vec<SqliteRow>, DbErr> {
        let mut lease = self.lease.lock().await;
        let answer = match lease.enter()? {
            Connection::Sqlite(connection) => query.fetch_all(&mut **connection).await,
            Connection::Postgres(_) => Err(sqlx::Error::InvalidArgument("a statement of SQLite's".into())),
        };
        lease.answered(answer)
    }
}

/// A connection for one transaction.
struct Lease {
    /// None only once it is handed on.
    connection: Option<Connection>,
    state: State,
    /// Longest wait for one answer; none: as long as it takes.
    patience: Option<Duration>,
}

enum Connection {
    Postgres(PoolConnection<Postgres>),
    Sqlite(PoolConnection<Sqlite>),
}

enum State {
    /// Every statement sent was answered.
    Open,
    /// A statement was sent, and its answer is not here. A request given up half-way stays so.
    Waiting,
    /// The database refused a statement and waits for the rollback.
    Failed(Arc<sqlx::Error>),
    /// The connection is of no use any more.
    Lost(Arc<sqlx::Error>),
    /// The database confirmed the end of the transaction.
    Ended,
}

/// Sends on whichever connection a lease holds, and takes down how it was answered.
macro_rules! ask {
    ($lease:expr, $connection:ident => $work:expr) => {{
        let lease = &mut *$lease;
        let patience = lease.patience;
        let answer = match lease.enter()? {
            Connection::Postgres(lent) => {
                let $connection = &mut **lent;
                within(patience, async { $work }).await
            }
            Connection::Sqlite(lent) => {
                let $connection = &mut **lent;
                within(patience, async { $work }).await
            }
        };
        lease.answered(answer)
    }};
}

impl Lease {
    async fn take(db: &Db, access: Access) -> Result<Lease, sqlx::Error> {
        let (connection, patience) = match (db, access) {
            (Db::Postgres { writes, session, .. }, _) => {
                let connection = writes.get_postgres_connection_pool().acquire().await?;
                (Connection::Postgres(connection), Some(session.patience + GRACE))
            }
            (Db::Sqlite { writes, .. }, Access::Write) => {
                (Connection::Sqlite(writes.get_sqlite_connection_pool().acquire().await?), None)
            }
            (Db::Sqlite { reads, .. }, Access::Snapshot) => {
                let mut connection = reads.acquire().await?;
                // the deadline that a read left behind
                connection.lock_handle().await?.remove_progress_handler();
                (Connection::Sqlite(connection), None)
            }
            (Db::Sqlite { reads, patience, .. }, Access::Read) => {
                let mut connection = reads.acquire().await?;
                // also where nobody waits for the answer any more: the connection is needed by others
                let until = Instant::now() + *patience;
                connection.lock_handle().await?.set_progress_handler(STEPS, move || Instant::now() < until);
                (Connection::Sqlite(connection), None)
            }
        };
        Ok(Lease { connection: Some(connection), state: State::Open, patience })
    }

    /// The connection, for one statement whose answer [`Lease::answered`] takes down.
    fn enter(&mut self) -> Result<&mut Connection, DbErr> {
        if let Some(error) = self.refusal() {
            return Err(failed(error));
        }
        self.state = State::Waiting;
        self.connection.as_mut().ok_or_else(|| failed(given_up()))
    }

    /// Why no statement can be sent.
    fn refusal(&self) -> Option<Arc<sqlx::Error>> {
        match &self.state {
            State::Open => None,
            State::Failed(error) | State::Lost(error) => Some(error.clone()),
            State::Waiting | State::Ended => Some(given_up()),
        }
    }

    fn answered<T>(&mut self, answer: Result<T, sqlx::Error>) -> Result<T, DbErr> {
        match answer {
            Ok(answer) => {
                self.state = State::Open;
                Ok(answer)
            }
            Err(error) => {
                let error = Arc::new(error);
                self.state = match Fault::is_refused_statement(&error) {
                    true => State::Failed(error.clone()),
                    false => State::Lost(error.clone()),
                };
                Err(failed(error))
            }
        }
    }

    /// Sends statements that answer nothing.
    async fn send(&mut self, sql: &str) -> Result<(), DbErr> {
        ask!(self, connection => connection.execute(AssertSqlSafe(sql)).await.map(drop))
    }

    /// Ends the transaction, whatever its state.
    async fn end(&mut self, sql: &str) -> Result<(), Arc<sqlx::Error>> {
        self.state = State::Open;
        match self.send(sql).await {
            Ok(()) => {
                self.state = State::Ended;
                Ok(())
            }
            Err(_) => Err(self.refusal().unwrap_or_else(given_up)),
        }
    }

    fn is_lost(&self) -> bool {
        matches!(self.state, State::Lost(_))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        match &self.state {
            // back to the pool
            State::Ended => drop(connection),
            State::Waiting | State::Lost(_) => connection.close(),
            State::Open | State::Failed(_) => {
                let mut rest =
                    Lease { connection: Some(connection), state: State::Waiting, patience: self.patience };
                tokio::spawn(async move {
                    // what is not confirmed is closed
                    rest.end("rollback").await.unwrap_or_default();
                });
            }
        }
    }
}

impl Connection {
    /// Closes the connection, and leaves its place in the pool to another.
    fn close(mut self) {
        match &mut self {
            Connection::Postgres(connection) => connection.close_on_drop(),
            Connection::Sqlite(connection) => connection.close_on_drop(),
        }
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        SENT.fetch_add(1, Ordering::Relaxed);
        ask!(self.lease.lock().await, connection =>
            connection.execute(query(statement, self.named)).await.map(ExecResult::from))
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        SENT.fetch_add(1, Ordering::Relaxed);
        ask!(self.lease.lock().await, connection =>
            connection.execute(AssertSqlSafe(sql)).await.map(ExecResult::from))
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        SENT.fetch_add(1, Ordering::Relaxed);
        ask!(self.lease.lock().await, connection =>
            connection.fetch_optional(query(statement, self.named)).await.map(|row| row.map(QueryResult::from)))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        SENT.fetch_add(1, Ordering::Relaxed);
        ask!(self.lease.lock().await, connection => connection
            .fetch_all(query(statement, self.named))
            .await
            .map(|rows| rows.into_iter().map(QueryResult::from).collect()))
    }
}

fn query<D>(statement: Statement, named: bool) -> Query<'static, D, SqlxValues>
where
    D: sqlx::Database + HasStatementCache,
    SqlxValues: IntoArguments<D>,
{
    let values = SqlxValues(statement.values.unwrap_or(sea_orm::Values(vec![])));
    sqlx::query_with(AssertSqlSafe(statement.sql), values).persistent(named)
}

async fn within<T>(
    patience: Option<Duration>,
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    match patience {
        None => answer.await,
        Some(patience) => {
            let late = |_| Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into()));
            timeout(patience, answer).await.unwrap_or_else(late)
        }
    }
}

fn failed(error: impl Into<Arc<sqlx::Error>>) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}

/// A statement before this one was given up.
fn given_up() -> Arc<sqlx::Error> {
    Arc::new(sqlx::Error::Io(io::ErrorKind::Interrupted.into()))
}

/// The setting that holds a transaction's number, and ends with it.
const NUMBER: &str = "concord.transaction";
/// Longest that dead connections are replaced for one transaction.
const REPLACING: Duration = Duration::from_secs(2);
/// What an answer of PostgreSQL may take beyond the statement's own limit, which the server keeps.
const GRACE: Duration = Duration::from_secs(2);
/// Steps of SQLite's machine between two looks at the clock: some tenths of a millisecond.
const STEPS: i32 = 10_000;
