//! A transaction that writes. On PostgreSQL it begins and makes its settings in one round trip, which SeaORM's own
//! transactions cannot.

use super::{
    access::Scope,
    error::{Error, Fault},
};
use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    sqlx::{self, AssertSqlSafe, Executor, Postgres},
};
use sea_query_sqlx::SqlxValues;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Mutex;

/// Statements that writing transactions of this process have sent.
static SENT: AtomicU64 = AtomicU64::new(0);

/// How many statements writing transactions of this process have sent: what a test of their number counts.
pub fn statements_written() -> u64 {
    SENT.load(Ordering::Relaxed)
}

/// A transaction on either database. Dropped without [`Transaction::commit`], it rolls back.
pub enum Transaction {
    Postgres(Mutex<sqlx::Transaction<'static, Postgres>>),
    Sqlite(DatabaseTransaction),
}

impl Transaction {
    pub(super) async fn begin(writes: &DatabaseConnection, scope: &Scope) -> Result<Transaction, Error> {
        if writes.get_database_backend() == DbBackend::Postgres {
            let begin = AssertSqlSafe(format!("begin; {}", scope.first_sql()));
            let begun = writes.get_postgres_connection_pool().begin_with(begin).await;
            return Ok(Transaction::Postgres(Mutex::new(begun.map_err(failed)?)));
        }
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let begun = writes.begin_with_options(options).await.map_err(Fault::from)?;
        Ok(Transaction::Sqlite(begun))
    }

    /// Makes `scope` the transaction's from now on.
    pub(super) async fn settle(&self, scope: &Scope) -> Result<(), Error> {
        if let Transaction::Postgres(_) = self {
            self.execute_unprepared(&scope.sql()).await.map_err(Fault::from)?;
        }
        Ok(())
    }

    pub(super) async fn commit(self) -> Result<(), DbErr> {
        match self {
            Transaction::Postgres(transaction) => transaction.into_inner().commit().await.map_err(failed),
            Transaction::Sqlite(transaction) => transaction.commit().await,
        }
    }

    pub(super) async fn rollback(self) -> Result<(), DbErr> {
        match self {
            Transaction::Postgres(transaction) => transaction.into_inner().rollback().await.map_err(failed),
            Transaction::Sqlite(transaction) => transaction.rollback().await,
        }
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Transaction::Postgres(_) => DbBackend::Postgres,
            Transaction::Sqlite(_) => DbBackend::Sqlite,
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        SENT.fetch_add(1, Ordering::Relaxed);
        match self {
            Transaction::Postgres(transaction) => {
                let done = (**transaction.lock().await).execute(query(statement)).await;
                done.map(ExecResult::from).map_err(failed)
            }
            Transaction::Sqlite(transaction) => transaction.execute_raw(statement).await,
        }
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        SENT.fetch_add(1, Ordering::Relaxed);
        match self {
            Transaction::Postgres(transaction) => {
                let done = (**transaction.lock().await).execute(AssertSqlSafe(sql)).await;
                done.map(ExecResult::from).map_err(failed)
            }
            Transaction::Sqlite(transaction) => transaction.execute_unprepared(sql).await,
        }
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        SENT.fetch_add(1, Ordering::Relaxed);
        match self {
            Transaction::Postgres(transaction) => {
                let row = (**transaction.lock().await).fetch_optional(query(statement)).await;
                row.map(|row| row.map(QueryResult::from)).map_err(failed)
            }
            Transaction::Sqlite(transaction) => transaction.query_one_raw(statement).await,
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        SENT.fetch_add(1, Ordering::Relaxed);
        match self {
            Transaction::Postgres(transaction) => {
                let rows = (**transaction.lock().await).fetch_all(query(statement)).await;
                rows.map(|rows| rows.into_iter().map(QueryResult::from).collect()).map_err(failed)
            }
            Transaction::Sqlite(transaction) => transaction.query_all_raw(statement).await,
        }
    }
}

fn query(statement: Statement) -> sqlx::query::Query<'static, Postgres, SqlxValues> {
    let values = SqlxValues(statement.values.unwrap_or(sea_orm::Values(vec![])));
    sqlx::query_with(AssertSqlSafe(statement.sql), values)
}

fn failed(error: sqlx::Error) -> DbErr {
    DbErr::Query(RuntimeErr::SqlxError(error.into()))
}
