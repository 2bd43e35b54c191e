//! Migrations go up and down, one by one, and leave nothing behind; and what was there before them is there after them,
//! as if it had been written since.

use crate::{
    dashboard::Seeded,
    estate::{Estate, rhythm},
    kit::{Backend, Database, chains, pools},
    scenario,
};
use concord::features::check_in::rules::week;
use entity::{check_in_rhythm, review_cadence, review_cadence::CadenceUnit};
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait, DatabaseConnection, EntityTrait, IntoActiveModel, Statement,
};
use std::collections::BTreeMap;

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
    let owner = database.home.behind().await;
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

scenario! {
    async fn a_cadence_that_runs_gets_its_rhythm(world: World) {
        let estate = Estate::of(&world).await;
        let write = world.app.kernel.system(world.cast.network).await.expect("the system door");
        let mut expected = BTreeMap::new();
        for (unit, every, runs, weeks) in [
            (CadenceUnit::Week, 1, true, None),
            (CadenceUnit::Day, 10, true, None),
            (CadenceUnit::Week, 2, true, Some(2)),
            (CadenceUnit::Month, 1, true, Some(4)),
            (CadenceUnit::Month, 3, true, Some(13)),
            (CadenceUnit::Month, 3, false, None),
        ] {
            let plot = estate.home.fresh_team(&write).await;
            let id = rhythm::cadence(&write, &plot).await;
            let row = write.find::<review_cadence::Entity>(id).await.expect("a look").expect("the cadence");
            let mut change = row.into_active_model();
            (change.unit, change.every) = (Set(unit), Set(every));
            change.ended_at = Set((!runs).then(|| write.now()));
            write.set::<review_cadence::Entity>(change).await.expect("a cadence");
            expected.extend(weeks.map(|weeks| (plot.team, weeks)));
        }
        write.commit_quietly().await.expect("cadences");
        let (behind, owner) = (world.home.behind().await, world.home.owner().await);
        // by the database's own clock
        let present = || {
            #[expect(clippy::disallowed_methods, reason = "a migration knows no other clock")]
            week(chrono::Utc::now().date_naive())
        };
        let earliest = present() + 1;
        again_from(&owner, "m20261127_000501_check_in_rhythm").await;
        let latest = present() + 1;
        let rhythms = check_in_rhythm::Entity::find().all(&behind).await.expect("rhythms");
        assert!(rhythms.iter().all(|row| (earliest..=latest).contains(&row.first_week) && row.last_week.is_none()));
        let filled: BTreeMap<_, _> = rhythms.iter().map(|row| (row.team_id, row.weeks)).collect();
        for (team, weeks) in expected {
            assert_eq!(filled.get(&team), Some(&weeks), "{filled:?}");
        }
        let running = review_cadence::Entity::find().all(&behind).await.expect("cadences");
        let running = running.iter().filter(|row| row.ended_at.is_none());
        let longer = running.filter(|row| (row.unit, row.every) != (CadenceUnit::Week, 1) && (row.unit, row.every) != (CadenceUnit::Day, 10));
        assert_eq!(longer.count(), rhythms.len(), "and no other");
    }
}

/// The first of the migrations that came later, when networks had work to show.
const LATER: &str = "m20261122_000101_decision";

/// What must be true of what later migrations filled: each a count, and the count that it must be.
const FILLED: [(&str, &str); 8] = [
    ("select count(*) from drift_policy", "select count(*) from network"),
    ("select count(*) from benchmark_policy", "select count(*) from network"),
    ("select count(*) from programme_pause", "select count(*) from programme where paused_at is not null"),
    ("select count(*) from client_place", "select count(*) from client"),
    ("select count(*) from programme_pulse", "select count(*) from programme"),
    ("select count(*) from template_stage where key = ''", "select count(*) from network where false"),
    ("select count(*) from action where first_offered_at = offered_at", "select count(*) from action"),
    (
        "select count(*) from priority p join cycle c on c.id = p.cycle_id and c.label = p.cycle",
        "select count(*) from priority",
    ),
];

scenario! {
    async fn what_was_there_before_is_filled_in(world: World) {
        let seeded = Seeded::new(&world).await;
        let owner = world.home.owner().await;
        again_from(&owner, LATER).await;
        let behind = world.home.behind().await;
        for (is, must_be) in FILLED {
            let (is_now, must) = (count(&behind, is).await, count(&behind, must_be).await);
            assert_eq!(is_now, must, "{is}");
        }
        for many in ["network", "action", "priority", "programme", "template_stage"] {
            assert!(count(&behind, &format!("select count(*) from {many}")).await > 0, "there are rows of {many}");
        }
        chains(&behind).await.expect("the chains hold");
        seeded.agree(&world, "after the migrations").await;
    }
}

/// Takes a database back to before a migration, and up again.
async fn again_from(owner: &DatabaseConnection, name: &str) {
    let steps = Migrator::migrations();
    let from = steps.iter().position(|step| step.name() == name).expect("the migration");
    Migrator::down(owner, u32::try_from(steps.len() - from).ok()).await.expect("back to before");
    Migrator::up(owner, None).await.expect("and up again");
}

async fn count(behind: &DatabaseConnection, sql: &str) -> i64 {
    let statement = Statement::from_string(behind.get_database_backend(), sql);
    let row = behind.query_one_raw(statement).await.expect("a count").expect("a row");
    row.try_get_by_index(0).expect("a number")
}

async fn schema(owner: &DatabaseConnection) -> Vec<String> {
    let backend = owner.get_database_backend();
    let sql = if backend == sea_orm::DbBackend::Postgres { POSTGRES } else { SQLITE };
    let rows = owner.query_all_raw(Statement::from_string(backend, sql)).await.expect("the schema");
    rows.iter().map(|row| row.try_get_by_index(0).expect("a line")).collect()
}
