//! The connections that planned reads use, and the statements prepared on each. Invariant: a connection keeps at most
//! [`STATEMENTS`] prepared statements with [`TEXT`] bytes of SQL; the least recently used one is closed on the server
//! when another takes its place.

use super::address::Address;
use ahash::RandomState;
use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use hashlink::LruCache;
use std::{
    ops::Deref,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Error, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

/// The pool of connections that read.
pub type ReadPool = managed::Pool<Reads>;

/// Prepared statements that a connection keeps.
pub const STATEMENTS: usize = 256;
/// Bytes of SQL in the statements that a connection keeps. PostgreSQL needs some 50 bytes of memory for each of them.
const TEXT: usize = 192 * 1024;
/// Bytes of SQL that count for each statement beside its text: a short one needs some 35 kB of memory as well.
const EACH: usize = 700;
/// How long a connection lives. Each connection lives up to a minute longer than the one before it, so that they are
/// not replaced all at once.
const LIFE: Duration = Duration::from_secs(30 * 60);
const LONGER: u64 = 8;

/// Opens connections and decides which of them stay.
pub struct Reads {
    config: tokio_postgres::Config,
    tls: MakeRustlsConnect,
    opened: AtomicU64,
    prepared: Arc<AtomicUsize>,
}

/// A connection that reads.
pub struct Reading {
    client: Client,
    task: JoinHandle<()>,
    statements: LruCache<String, Statement, RandomState>,
    text: usize,
    ends: Instant,
    prepared: Arc<AtomicUsize>,
}

impl Reads {
    pub fn new(address: Address) -> Reads {
        let Address { reads: config, tls, .. } = address;
        Reads { config, tls, opened: AtomicU64::new(0), prepared: Arc::default() }
    }

    /// Statements that all connections together keep prepared.
    pub fn prepared(&self) -> usize {
        self.prepared.load(Ordering::Relaxed)
    }
}

impl managed::Manager for Reads {
    type Type = Reading;
    type Error = Error;

    async fn create(&self) -> Result<Reading, Error> {
        let (client, connection) = self.config.connect(self.tls.clone()).await?;
        let task = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(code = error.code().map(|code| code.code()), "a connection to read on broke");
            }
        });
        let nth = self.opened.fetch_add(1, Ordering::Relaxed);
        Ok(Reading {
            client,
            task,
            statements: LruCache::with_hasher(STATEMENTS, RandomState::new()),
            text: 0,
            ends: Instant::now() + LIFE + Duration::from_secs(60) * (nth % LONGER) as u32,
            prepared: self.prepared.clone(),
        })
    }

    async fn recycle(&self, reading: &mut Reading, _: &Metrics) -> RecycleResult<Error> {
        if reading.client.is_closed() || Instant::now() >= reading.ends {
            return Err(RecycleError::message("the connection is closed or old"));
        }
        Ok(())
    }
}

impl Reading {
    /// The prepared statement of a text.
    pub async fn prepare(&mut self, sql: &str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await?;
        self.text += sql.len() + EACH;
        while self.statements.len() >= STATEMENTS || self.text > TEXT {
            let Some((sql, _)) = self.statements.remove_lru() else { break };
            self.text -= sql.len() + EACH;
            self.prepared.fetch_sub(1, Ordering::Relaxed);
        }
        self.statements.insert(sql.to_owned(), statement.clone());
        self.prepared.fetch_add(1, Ordering::Relaxed);
        Ok(statement)
    }
}

impl Deref for Reading {
    type Target = Client;
    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        self.prepared.fetch_sub(self.statements.len(), Ordering::Relaxed);
        self.task.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use deadpool::managed::Manager;

    #[tokio::test]
    async fn the_server_keeps_no_more_statements_than_the_connection() {
        let url =
            std::env::var("CONCORD_TEST_POSTGRES_URL").expect("CONCORD_TEST_POSTGRES_URL names a server");
        let reads = Reads::new(Address::parse(&url).expect("an address"));
        let mut reading = reads.create().await.expect("a connection");
        let count = async |reading: &Reading| {
            let sql = "select count(*) from pg_prepared_statements";
            let rows = reading.query_typed(sql, &[]).await.expect("a count");
            rows[0].get::<_, i64>(0) as usize
        };
        for number in 0..600 {
            reading.prepare(&format!("select {number}")).await.expect("a statement");
        }
        assert_eq!((count(&reading).await, reads.prepared()), (STATEMENTS, STATEMENTS));
        for number in 0..10 {
            let long = format!("select {number} /* {} */", "x".repeat(TEXT / 4));
            reading.prepare(&long).await.expect("a statement");
        }
        assert_eq!((count(&reading).await, reads.prepared()), (3, 3), "long ones take more room");
        drop(reading);
        assert_eq!(reads.prepared(), 0);
    }
}
