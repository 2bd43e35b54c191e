//! Migrations go up and down, one by one, and leave nothing behind. A database from before the first release is refused.

use crate::kit::{Backend, Database, SECRET_KEY, pools, run};
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};

/// The whole schema of SQLite's, as it was written.
const SQLITE: &str = "select type || ' ' || name || ': ' || coalesce(sql, '') as line from sqlite_master
    where name not like 'sqlite_%' and name <> 'seaql_migrations' order by 1";

/// Everything that a migration can make on PostgreSQL, each thing a line.
const POSTGRES: &str = "
select line from (
    select 'column ' || table_name || '.' || column_name || ' ' || data_type || ' ' || is_nullable || ' '
        || ordinal_position || ' ' || coalesce(column_default, '') as line, table_name as of
    from information_schema.columns where table_schema = 'public'
    union all
    select 'constraint ' || conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid), conrelid::regclass::text
    from pg_constraint where connamespace = 'public'::regnamespace
    union all
    select 'index ' || indexdef, tablename from pg_indexes where schemaname = 'public'
    union all
    select 'view ' || viewname || ' ' || definition, viewname from pg_views where schemaname = 'public'
    union all
    select 'policy ' || tablename || ' ' || policyname || ' ' || cmd || ' ' || roles::text || ' ' || coalesce(qual, '') || ' '
        || coalesce(with_check, ''), tablename
    from pg_policies where schemaname = 'public'
    union all
    select 'trigger ' || pg_get_triggerdef(oid), tgrelid::regclass::text from pg_trigger where not tgisinternal
    union all
    select 'function ' || pg_get_functiondef(oid), '' from pg_proc where pronamespace = 'public'::regnamespace
    union all
    select 'relation ' || relname || ' ' || relkind::text || ' ' || relrowsecurity || relforcerowsecurity || ' '
        || coalesce(relacl::text, '') || ' ' || coalesce(reloptions::text, ''), relname
    from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'm', 'S')
    union all
    select 'type ' || typname || ' ' || typtype::text, '' from pg_type
    where typnamespace = 'public'::regnamespace and typtype in ('d', 'e')
) as things where of not like 'seaql_migrations%' order by 1";

#[tokio::test]
async fn up_and_down_on_sqlite() {
    there_and_back(Backend::Sqlite).await;
}

#[tokio::test]
async fn up_and_down_on_postgres() {
    there_and_back(Backend::Postgres).await;
}

async fn there_and_back(backend: Backend) {
    let database = Database::new(backend, pools()).await;
    let owner = database.home.owner().await;
    let names: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    let mut schemas = vec![schema(&owner).await];
    assert!(schemas[0].len() > 50, "there is a schema");
    for name in names.iter().rev() {
        Migrator::down(&owner, Some(1)).await.unwrap_or_else(|error| panic!("{name} goes down: {error}"));
        schemas.push(schema(&owner).await);
    }
    assert_eq!(schemas.pop(), Some(vec![]), "everything is gone");
    for name in &names {
        Migrator::up(&owner, Some(1)).await.unwrap_or_else(|error| panic!("{name} goes up: {error}"));
        let (now, then) = (schema(&owner).await, schemas.pop().expect("the schema on the way down"));
        let odd: Vec<&String> = now
            .iter()
            .filter(|line| !then.contains(line))
            .chain(then.iter().filter(|line| !now.contains(line)))
            .collect();
        assert!(odd.is_empty(), "{name} leaves another schema:\n{odd:#?}");
    }
    assert!(schemas.is_empty());
    Migrator::up(&owner, None).await.expect("going up again does nothing");
    Migrator::down(&owner, None).await.expect("all the way down at once");
    assert_eq!(schema(&owner).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_database_from_before_the_first_release_is_refused_on_sqlite() {
    refused(Backend::Sqlite).await;
}

#[tokio::test]
async fn a_database_from_before_the_first_release_is_refused_on_postgres() {
    refused(Backend::Postgres).await;
}

async fn refused(backend: Backend) {
    let database = Database::new(backend, pools()).await;
    let behind = database.home.behind().await;
    for before in [
        "delete from seaql_migrations",
        "insert into seaql_migrations (version, applied_at) values ('m20261101_000001_identity', 0)",
    ] {
        behind.execute_unprepared(before).await.expect("a database of before");
    }
    let schema_before = schema(&behind).await;
    let (name, place) = database.home.settings();
    let owner_url = database.home.url("");
    let mut settings =
        vec![(name, place.as_str()), ("CONCORD_SECRET_KEY", SECRET_KEY), ("CONCORD_LISTEN", "127.0.0.1:0")];
    if backend == Backend::Postgres {
        settings.push(("CONCORD_DATABASE_OWNER_URL", owner_url.as_str()));
    }
    for command in [&["serve"][..], &["worker"], &["migrate"], &["migrate", "--down"]] {
        let (done, written) = run(command, &settings);
        let says = written.contains("before the first release") && written.contains("an empty database");
        assert!(!done && says, "{command:?}: {written}");
    }
    assert_eq!(schema(&behind).await, schema_before, "nothing is changed");
}

async fn schema(owner: &DatabaseConnection) -> Vec<String> {
    let backend = owner.get_database_backend();
    let sql = if backend == sea_orm::DbBackend::Postgres { POSTGRES } else { SQLITE };
    let rows = owner.query_all_raw(Statement::from_string(backend, sql)).await.expect("the schema");
    rows.iter().map(|row| row.try_get_by_index(0).expect("a line")).collect()
}
