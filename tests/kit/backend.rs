//! A database for one test. PostgreSQL is the server that `CONCORD_TEST_POSTGRES_URL` names, as a superuser; the
//! application connects to a database of its own as a role that owns no tables. Without a server a test fails.

use crate::conformance::tidy::sources;
use concord::kernel::db::{Db, Pools};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, DatabaseConnection};
use std::{
    fs::{self, DirBuilder, File},
    hash::{DefaultHasher, Hash, Hasher},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};
use tokio_postgres::{Client, Config, NoTls};
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// A migrated database, removed when dropped.
pub struct Database {
    pub db: Db,
    pub home: Home,
}

/// Where it is.
pub enum Home {
    Folder(PathBuf),
    /// A server's URL as a superuser, and a database's name there.
    Server(String, String),
}

const ROLES: &str = include_str!("../../deploy/postgres/roles.sql");
/// Serialises the creation of roles and of the template database among test processes.
const LOCK: i64 = 0x00c0_4c0d;

impl Database {
    pub async fn new(backend: Backend, pools: Pools) -> Database {
        match backend {
            Backend::Sqlite => {
                let home = Home::Folder(folder_with(&sqlite_template().await));
                Database { db: home.open_with(pools).await, home }
            }
            Backend::Postgres => Database::at(shared_server(), pools).await,
        }
    }

    /// A database on this PostgreSQL server.
    pub async fn at(server: String, pools: Pools) -> Database {
        let home = Home::Server(server, format!("concord_test_{}", name()));
        from_template(&home).await;
        Database { db: home.open_with(pools).await, home }
    }
}

impl Home {
    /// The settings by which a server of its own opens this database.
    pub fn settings(&self) -> (&'static str, String) {
        match self {
            Home::Folder(folder) => ("CONCORD_DATA", folder.display().to_string()),
            Home::Server(..) => ("CONCORD_DATABASE_URL", self.url("concord_app")),
        }
    }
    /// The application's own connections, as another process would open them.
    pub async fn db(&self) -> Db {
        self.open_with(pools()).await
    }
    async fn open_with(&self, pools: Pools) -> Db {
        match self {
            Home::Folder(folder) => Db::sqlite(folder, pools).await,
            Home::Server(..) => Db::postgres(&self.url("concord_app"), pools).await,
        }
        .expect("the application's connections")
    }
    /// A URL of the database as a role, or as the superuser.
    pub fn url(&self, role: &str) -> String {
        match self {
            Home::Folder(folder) => format!("sqlite://{}/concord.db", folder.display()),
            Home::Server(server, name) => url(server, name, role),
        }
    }
    /// A connection without row-level security, for inspection.
    pub async fn superuser(&self) -> Client {
        let Home::Server(..) = self else { panic!("only PostgreSQL has a superuser") };
        connect(&self.url("")).await
    }
    /// A connection that bypasses the application, on either database.
    pub async fn behind(&self) -> DatabaseConnection {
        self.open("").await
    }
    /// A connection as whoever owns the tables and migrates: on PostgreSQL a role that row-level security binds, too.
    pub async fn owner(&self) -> DatabaseConnection {
        if let Home::Server(..) = self {
            // the tests' databases are made by a superuser
            self.superuser().await.batch_execute(HANDED_OVER).await.expect("the owner's tables");
        }
        self.open("concord_owner").await
    }
    async fn open(&self, role: &str) -> DatabaseConnection {
        let mut options = ConnectOptions::new(self.url(role));
        options.max_connections(1).sqlx_logging(false);
        sea_orm::Database::connect(options).await.expect("a connection behind the scenes")
    }
    /// A connection as the application's role, without the application.
    pub async fn application(&self) -> Client {
        let Home::Server(..) = self else { panic!("only PostgreSQL has roles") };
        connect(&self.url("concord_app")).await
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        // a server's databases go with the throw-away server; a folder would stay
        if let Home::Folder(folder) = self {
            fs::remove_dir_all(folder).unwrap_or_default();
        }
    }
}

const HANDED_OVER: &str = "do $$ declare one text; begin
    for one in select 'table ' || oid::regclass from pg_class
        where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')
        union all select 'function ' || oid::regprocedure from pg_proc where pronamespace = 'public'::regnamespace
    loop execute format('alter %s owner to concord_owner', one); end loop;
end $$";

/// Restores a backup as a database of its own, as deploy/README.md says.
pub async fn restore_into(backend: Backend, backup: &Path) -> Home {
    match backend {
        Backend::Sqlite => Home::Folder(folder_with(backup)),
        Backend::Postgres => {
            let name = format!("concord_test_{}", name());
            let server = connect(&shared_server()).await;
            server.batch_execute(&format!("create database {name}")).await.expect("a database");
            let home = Home::Server(shared_server(), name);
            home.superuser().await.batch_execute(ROLES).await.expect("the roles");
            let restored = tokio::process::Command::new("pg_restore")
                .args(["--exit-on-error", "--dbname", &home.url("")])
                .arg(backup)
                .status();
            assert!(restored.await.expect("pg_restore starts").success());
            home
        }
    }
}

/// A new folder for this user alone, with a copy of an embedded database.
fn folder_with(database: &Path) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("concord-test-{}", name()));
    DirBuilder::new().mode(0o700).create(&folder).expect("a folder");
    fs::copy(database, folder.join("concord.db")).expect("a copy");
    folder
}

/// The URL of the server that tests share, as a superuser.
pub fn shared_server() -> String {
    std::env::var("CONCORD_TEST_POSTGRES_URL")
        .expect("CONCORD_TEST_POSTGRES_URL names a PostgreSQL server; tests/run starts one")
}

/// The usual pools of a test.
pub fn pools() -> Pools {
    Pools { reads: 4, writes: 4, statement_timeout: Duration::from_secs(20), pooler: false }
}

/// A unique name.
pub fn name() -> String {
    #[expect(clippy::disallowed_methods, reason = "databases of tests that run at once must not meet")]
    let id = Uuid::new_v4();
    id.simple().to_string()
}

/// The URL of a server's database as a role, or as the superuser.
fn url(server: &str, database: &str, role: &str) -> String {
    let (rest, _) = server.rsplit_once('/').expect("a URL with a database");
    let (scheme, address) = rest.split_once("://").expect("a URL with a scheme");
    let host = address.rsplit_once('@').map_or(address, |(_, host)| host);
    match role {
        "" => format!("{rest}/{database}"),
        role => format!("{scheme}://{role}@{host}/{database}"),
    }
}

/// Connects as a URL says.
pub async fn connect(url: &str) -> Client {
    let config: Config = url.parse().expect("a PostgreSQL URL");
    let (client, connection) = config.connect(NoTls).await.expect("PostgreSQL answers");
    tokio::spawn(connection);
    client
}

/// A hash of the migrations' sources, so that two versions of them on one server use different templates.
fn history() -> u64 {
    let mut hasher = DefaultHasher::new();
    sources("migration/src").iter().for_each(|source| source.text.hash(&mut hasher));
    hasher.finish()
}

/// When this program was built, in nanoseconds: another one makes a template of its own.
fn built() -> u128 {
    let program = std::env::current_exe().and_then(fs::metadata).expect("this program's file");
    let at = program.modified().expect("the time of its making");
    at.duration_since(SystemTime::UNIX_EPOCH).expect("a time after 1970").as_nanos()
}

/// A migrated SQLite database that is closed. The first test makes it, and the later ones copy it.
async fn sqlite_template() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let template = target.join(format!("concord_template_{}.db", built()));
    if template.exists() {
        return template;
    }
    fs::create_dir_all(target).expect("cargo's folder for tests");
    let lock = File::create(target.join("concord_template.lock")).expect("a lock file");
    // released when the file closes
    lock.lock().expect("the lock");
    if !template.exists() {
        let files = fs::read_dir(target).expect("the folder").map(|entry| entry.expect("an entry").path());
        // of programs before this one
        files.filter(|file| file.extension().is_some_and(|end| end == "db")).for_each(|file| {
            fs::remove_file(file).unwrap_or_default();
        });
        let making = Home::Folder(std::env::temp_dir().join(format!("concord-test-{}", name())));
        let Home::Folder(folder) = &making else { panic!("SQLite is in a folder") };
        let db = Db::sqlite(folder, pools()).await.expect("an embedded database");
        Migrator::up(db.migrations(), None).await.expect("migrations run");
        let Db::Sqlite { writes, reads, .. } = db else { panic!("this is SQLite") };
        reads.close().await;
        // the last connection moves everything from the log into the database
        writes.close().await.expect("the template is left alone");
        assert!(!folder.join("concord.db-wal").exists(), "the database is one file");
        let unfinished = template.with_extension("making");
        fs::copy(folder.join("concord.db"), &unfinished).expect("a copy");
        fs::rename(&unfinished, &template).expect("a finished template");
    }
    template
}

/// Makes a database from a migrated template, which the first test makes.
async fn from_template(home: &Home) {
    let Home::Server(at, name) = home else { panic!("only PostgreSQL has templates") };
    let server = connect(&url(at, "postgres", "")).await;
    let template = format!("concord_template_{:016x}", history());
    server.execute("select pg_advisory_lock($1)", &[&LOCK]).await.expect("the lock");
    let known =
        server.query_opt("select from pg_database where datname = $1", &[&template]).await.expect("a look");
    if known.is_none() {
        let making = format!("{template}_making");
        server.batch_execute(&format!("drop database if exists {making}")).await.expect("a clean start");
        server.batch_execute(&format!("create database {making}")).await.expect("a template database");
        let inside = connect(&url(at, &making, "")).await;
        inside.batch_execute(ROLES).await.expect("the roles");
        drop(inside);
        let owner = Db::postgres(&url(at, &making, ""), pools()).await.expect("the owner's connection");
        Migrator::up(owner.migrations(), None).await.expect("migrations run");
        let Db::Postgres { writes, reads, .. } = owner else { panic!("this is PostgreSQL") };
        reads.close();
        writes.close().await.expect("the template is left alone");
        server
            .batch_execute(&format!("alter database {making} rename to {template}"))
            .await
            .expect("a finished template");
    }
    server.execute("select pg_advisory_unlock($1)", &[&LOCK]).await.expect("the lock back");
    // copying files costs a third of logging every page
    server
        .batch_execute(&format!("create database {name} template {template} strategy file_copy"))
        .await
        .expect("a database");
    let inside = connect(&url(at, name, "")).await;
    // grants on the database itself do not come with a template
    inside.batch_execute(ROLES).await.expect("the roles");
}
