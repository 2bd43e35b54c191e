//! What all requests share, and what a request says about itself.

use crate::{
    audit::{Heads, Verified},
    bounds::{self, Actors},
    db::{Db, Dialect},
    read::{Plans, Shape},
    seal::SecretKeys,
    seams::Seams,
};
use entity::{Id, network};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};
use tokio::sync::Notify;

/// What the kernel must know of the program above it.
pub struct Program {
    /// The shape of the schema's query root.
    pub root: &'static Shape,
    /// Whether a database that has run these migrations has the schema of the program; if not, why.
    pub check_migrations: fn(&[String]) -> Result<(), String>,
}

/// What all requests share.
pub struct Kernel {
    pub(crate) db: Db,
    pub seams: Seams,
    /// What secrets in the database are sealed with.
    pub secrets: SecretKeys,
    pub plans: Plans,
    /// Notified after each commit that put an e-mail in the outbox, so that it is sent at once.
    pub bell: Notify,
    /// Transactions that writes and looks have begun.
    pub(crate) begun: AtomicU64,
    /// Those of them that may write.
    pub(crate) writing: AtomicU64,
    /// Statements that reads have sent.
    pub(crate) sent: AtomicU64,
    /// What the daily verification of audit chains found.
    pub(crate) verified: Verified,
    pub(crate) check_migrations: fn(&[String]) -> Result<(), String>,
    settings: OnceLock<Settings>,
    pub(crate) actors: Actors,
    pub(crate) readiness: Readiness,
}

/// The last probe's answer.
#[derive(Default)]
pub struct Readiness(pub(crate) tokio::sync::Mutex<Option<(Instant, Result<(), &'static str>)>>);

/// What the nouns need to know of the installation.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the API is reached from outside: what links to downloads begin with.
    pub public_url: String,
    /// Where the pages are that links in e-mails lead to.
    pub app_url: String,
    /// Days for which an invitation can be answered.
    pub invitation_days: i64,
}

impl Default for Settings {
    fn default() -> Self {
        let url = "http://127.0.0.1:8080";
        Settings { public_url: url.into(), app_url: url.into(), invitation_days: 14 }
    }
}

/// What a request says about itself besides its document.
#[derive(Clone, Debug, Default)]
pub struct RequestInfo {
    /// The ID that the server gave the request. Unique.
    pub request_id: String,
    /// The ID that the caller sent, if any.
    pub caller_request_id: Option<String>,
    /// The caller's own key for this request, and the hash of its body.
    pub idempotency: Option<(String, String)>,
}

impl Kernel {
    pub fn new(db: Db, seams: Seams, secrets: SecretKeys, program: Program) -> Arc<Self> {
        Arc::new(Kernel {
            db,
            seams,
            secrets,
            plans: Plans::new(program.root),
            bell: Notify::new(),
            verified: Verified::default(),
            check_migrations: program.check_migrations,
            settings: OnceLock::new(),
            begun: AtomicU64::new(0),
            writing: AtomicU64::new(0),
            sent: AtomicU64::new(0),
            actors: bounds::actors(),
            readiness: Readiness::default(),
        })
    }

    /// Sets the installation's settings. Later calls change nothing.
    pub fn configure(&self, settings: Settings) {
        self.settings.get_or_init(|| settings);
    }
    pub fn settings(&self) -> &Settings {
        self.settings.get_or_init(Settings::default)
    }

    /// How many statements planned reads have sent: what a test of their number counts.
    pub fn statements(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// How many transactions writes and looks have begun: what a test of their number counts.
    pub fn transactions(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// How many of them were not mere looks: on SQLite those hold its only writer.
    pub fn writing_transactions(&self) -> u64 {
        self.writing.load(Ordering::Relaxed)
    }

    /// How many statements the connections for reads keep prepared on PostgreSQL, all together.
    pub fn prepared(&self) -> usize {
        self.db.prepared()
    }

    /// The dialect of the database's SQL.
    pub fn dialect(&self) -> Dialect {
        if self.db.is_postgres() { Dialect::Postgres } else { Dialect::Sqlite }
    }

    /// The database's pools: name, connections in use, idle connections.
    pub fn pools(&self) -> [(&'static str, u32, u32); 2] {
        self.db.pools()
    }

    /// What the daily verification of audit chains found in this process, by network.
    pub fn verified_chains(&self) -> BTreeMap<Id<network::Entity>, Heads> {
        self.verified.lock().clone()
    }
}
