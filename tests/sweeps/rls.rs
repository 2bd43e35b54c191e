//! The second wall: what PostgreSQL itself withholds from the application's role, whatever the application does.

use crate::kit::{Backend, Persona, World};
use concord::kernel::access::Scope;
use entity::{Matter, Placement, Table};
use migration::rls::{self, APP_ROLE, policy};
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::{Client, Row, error::SqlState, types::ToSql};
use uuid::Uuid;

/// Tables whose rows neither change nor go.
const APPEND_ONLY: &[&str] = &[
    "action_move",
    "alignment_measure",
    "alignment_text",
    "alignment_voice",
    "audit_event",
    "benchmark_cohort",
    "benchmark_counted",
    "benchmark_key",
    "benchmark_release",
    "benchmark_standing",
    "benchmark_step",
    "check_in_slot",
    "decision_attestation",
    "decision_event",
    "decision_position",
    "metric_period",
    "metric_value",
    "obstacle_event",
    "pre_work_answer",
    "recap",
    "reopening",
    "stage_event",
    "strategy_position",
    "import_key",
    "tally_past",
    "voice_balance",
];
/// What an erasure blanks of them, what is sealed again, and what new rules of time zones move: the only rights to
/// single columns.
const BLANKED: &[&str] = &[
    "action_move.reason",
    "audit_event.after",
    "audit_event.before",
    "audit_event.salt",
    "benchmark_counted.path",
    "benchmark_counted.pseudonym",
    "benchmark_key.secret",
    "check_in_slot.ends_at",
    "check_in_slot.starts_at",
    "decision_attestation.audience",
    "decision_event.reason",
    "decision_position.comment",
    "obstacle_event.note",
    "recap.markdown",
    "recap.minutes",
    "recap.redactions",
    "reopening.reason",
    "stage_event.reason",
    "strategy_position.comment",
];
/// Tables from which the application deletes: drafts, confirmations, what has served its time.
const DELETABLE: &[&str] = &[
    "address_change",
    "agenda_template_item",
    "alignment_text",
    "benchmark_cohort",
    "benchmark_counted",
    "benchmark_release",
    "benchmark_standing",
    "check_in_rhythm",
    "client_risk",
    "cycle",
    "decision_option",
    "data_export",
    "data_export_part",
    "email_count",
    "idempotency",
    "import_key",
    "job_fault",
    "metric_value",
    "notice",
    "notice_preference",
    "notice_setting",
    "outbox",
    "password_reset",
    "password_reset_request",
    "pre_work_answer",
    "questionnaire_statement",
    "refresh_token",
    "review",
    "search_entry",
    "search_word",
    "sign_in",
    "sign_in_place",
    "signing_key",
    "stage_check",
    "stage_criterion",
    "stage_run",
    "strategy_item",
    "strategy_section",
    "strategy_shared",
    "tally",
    "tally_delta",
    "template_resource",
    "template_section",
    "template_stage",
    "write_probe",
];
/// The migrator's own list, which the server reads to know whether it fits the database.
const MIGRATIONS: &str = "seaql_migrations";

#[tokio::test]
async fn the_application_is_nobody_in_particular() {
    let world = World::new(Backend::Postgres).await;
    let owner = world.home.superuser().await;
    let role = owner
        .query_one(
            "select rolsuper or rolbypassrls or rolcreatedb or rolcreaterole or rolreplication or rolinherit,
                (select count(*) from pg_auth_members m where m.member = r.oid)
             from pg_roles r where rolname = $1",
            &[&APP_ROLE],
        )
        .await
        .expect("the role is there");
    assert!(!role.get::<_, bool>(0), "the role has powers");
    assert_eq!(role.get::<_, i64>(1), 0, "the role is a member of another");
    let owned = texts(
        &owner,
        "select relname::text from pg_class where relowner = $1::text::regrole
         union all select proname::text from pg_proc where proowner = $1::text::regrole
         union all select nspname::text from pg_namespace where nspowner = $1::text::regrole
         union all select datname::text from pg_database where datdba = $1::text::regrole
         union all select typname::text from pg_type where typowner = $1::text::regrole",
        &[&APP_ROLE],
    )
    .await;
    assert_eq!(owned, Vec::<String>::new(), "the role owns something");
    let defining = texts(
        &owner,
        "select proname::text from pg_proc where prosecdef and pronamespace = 'public'::regnamespace",
        &[],
    )
    .await;
    assert_eq!(
        defining,
        Vec::<String>::new(),
        "functions with their owner's rights walk around row-level security"
    );
    let app = world.home.application().await;
    let powers = "select has_schema_privilege('public', 'CREATE'),
        has_database_privilege(current_database(), 'CREATE'), has_database_privilege(current_database(), 'TEMP')";
    let powers = app.query_one(powers, &[]).await.expect("an answer");
    assert_eq!([powers.get::<_, bool>(0), powers.get(1), powers.get(2)], [false; 3]);
}

#[tokio::test]
async fn the_application_may_do_to_a_table_what_it_needs() {
    let world = World::new(Backend::Postgres).await;
    let owner = world.home.superuser().await;
    let rows = owner
        .query(
            "select c.relname::text, p.privilege_type::text from pg_class c, aclexplode(c.relacl) p
             where c.relnamespace = 'public'::regnamespace and p.grantee in (0, $1::text::regrole)",
            &[&APP_ROLE],
        )
        .await
        .expect("the rights");
    let mut rights: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in &rows {
        rights.entry(row.get(0)).or_default().insert(row.get(1));
    }
    for table in Table::ALL.iter().map(|table| table.name()) {
        let mut expected = BTreeSet::from(["SELECT".to_owned(), "INSERT".to_owned()]);
        if !APPEND_ONLY.contains(&table) {
            expected.insert("UPDATE".to_owned());
        }
        if DELETABLE.contains(&table) {
            expected.insert("DELETE".to_owned());
        }
        assert_eq!(rights.remove(table).unwrap_or_default(), expected, "{table}");
    }
    for (rest, rights) in rights {
        assert_eq!(rights, BTreeSet::from(["SELECT".to_owned()]), "{rest}");
    }
    let columns = texts(
        &owner,
        "select attrelid::regclass::text || '.' || attname
             || case when privilege_type = 'UPDATE' then '' else ' ' || privilege_type end
         from pg_attribute, aclexplode(attacl)
         where attrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
         order by 1",
        &[],
    )
    .await;
    assert_eq!(columns, BLANKED, "rights to single columns are easily overlooked");
}

#[tokio::test]
async fn every_table_is_enclosed_as_its_entity_says() {
    let world = World::new(Backend::Postgres).await;
    let owner = world.home.superuser().await;
    let tables = relations(&owner, "r").await;
    let ours: BTreeSet<String> = Table::ALL.iter().map(|table| table.name().to_owned()).collect();
    assert_eq!(tables, ours, "the tables of the database and those with a line in entity");
    let open = texts(
        &owner,
        "select relname::text from pg_class
         where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and relname <> $1
             and not (relrowsecurity and relforcerowsecurity)",
        &[&MIGRATIONS],
    )
    .await;
    assert_eq!(open, Vec::<String>::new(), "without row-level security, or not for the owner");
    for table in Table::ALL {
        let placement = rls_placement(table.placement());
        let meant = condition(&owner, placement).await;
        let live = owner
            .query(
                "select qual, with_check, permissive, roles::text, cmd from pg_policies
                 where schemaname = 'public' and tablename = $1",
                &[&table.name()],
            )
            .await
            .expect("the policies");
        let (adding, live): (Vec<_>, Vec<_>) = live.iter().partition(|row| row.get::<_, &str>(4) == "INSERT");
        let adds: Vec<&str> = adding.iter().map(|row| row.get(1)).collect();
        match table {
            // whoever changes something adds what others are told
            Table::Outbox | Table::Notice => {
                assert_eq!(adds, [condition(&owner, rls::Placement::Directory).await], "anyone adds")
            }
            _ => assert_eq!(adds, Vec::<&str>::new(), "{}", table.name()),
        }
        assert_eq!(live.len(), 1, "{} has one policy", table.name());
        let live: [&str; 5] = std::array::from_fn(|at| live[0].get(at));
        assert_eq!(
            live,
            [&meant, &meant, "PERMISSIVE", "{public}", "ALL"],
            "{} is {placement:?}",
            table.name()
        );
    }
}

#[tokio::test]
async fn views_see_with_their_readers_eyes() {
    let world = World::new(Backend::Postgres).await;
    let owner = world.home.superuser().await;
    assert_eq!(
        relations(&owner, "m").await,
        BTreeSet::new(),
        "a materialised view knows no row-level security"
    );
    let views = owner
        .query(
            "select relname::text, coalesce('security_invoker=true' = any (reloptions), false)
             from pg_class where relnamespace = 'public'::regnamespace and relkind = 'v'",
            &[],
        )
        .await
        .expect("the views");
    assert!(!views.is_empty(), "there are views");
    for view in &views {
        assert!(view.get::<_, bool>(1), "{} is not security_invoker", view.get::<_, &str>(0));
    }
}

#[tokio::test]
async fn without_a_tenant_there_are_no_rows_and_no_errors() {
    let world = filled().await;
    let owner = world.home.superuser().await;
    let mut app = world.home.application().await;
    let everything = everything(&owner).await;
    for relation in &everything {
        assert_eq!(count(&app, relation).await, 0, "{relation} before any setting");
    }
    let (network, person, _) = world.cast.person(Persona::Admin);
    let scope = Scope { person: person.uuid().to_string(), ..Scope::system(network.uuid()) };
    let transaction = app.transaction().await.expect("a transaction");
    transaction.query_one(&scope.sql(), &[]).await.expect("the settings");
    let seen = transaction.query_one("select count(*) from person", &[]).await.expect("people");
    assert!(seen.get::<_, i64>(0) > 0, "the settings hold in their transaction");
    transaction.commit().await.expect("a commit");
    // a local setting is '' after the commit, and not null as before it was ever made
    for relation in &everything {
        assert_eq!(count(&app, relation).await, 0, "{relation} after a commit");
    }
}

#[tokio::test]
async fn no_setting_reaches_into_another_network() {
    let world = filled().await;
    let owner = world.home.superuser().await;
    let mut app = world.home.application().await;
    let transaction = app.transaction().await.expect("a transaction");
    let scope = greedy(&owner, &world).await;
    transaction.query_one(&scope.sql(), &[]).await.expect("the settings");
    for relation in everything(&owner).await {
        let tenant = tenant_column(&relation);
        let rows = match tenant {
            Some(column) => {
                let sql = format!("select count(*), count(*) filter (where {column} = $1) from {relation}");
                transaction.query_one(&sql, &[&world.cast.abroad.uuid()]).await
            }
            None => transaction.query_one(&format!("select 0::bigint, count(*) from {relation}"), &[]).await,
        };
        let rows = rows.expect("an answer");
        assert_eq!(rows.get::<_, i64>(1), 0, "{relation} shows the other network's rows");
        assert!(tenant.is_none() || rows.get::<_, i64>(0) > 0, "{relation} shows its own network's rows");
    }
}

#[tokio::test]
async fn no_row_moves_into_another_network() {
    let world = filled().await;
    let owner = world.home.superuser().await;
    let mut app = world.home.application().await;
    let scope = greedy(&owner, &world).await;
    let (home, abroad) = (world.cast.network.uuid(), world.cast.abroad.uuid());
    for table in Table::ALL.iter().map(|table| table.name()) {
        let Some(column) = tenant_column(table) else { continue };
        let copy = format!(
            "select to_jsonb(t) || jsonb_build_object('{column}', $2::text) from {table} t where {column} = $1 limit 1"
        );
        let row = owner.query_one(&copy, &[&home, &abroad.to_string()]).await.expect("a row to copy");
        let row: serde_json::Value = row.get(0);
        // all columns but those that the database fills itself
        let given = "select string_agg(quote_ident(attname), ', ') from pg_attribute
            where attrelid = $1::text::regclass and attnum > 0 and not attisdropped and attgenerated = ''";
        let given = texts(&owner, given, &[&table]).await.join("");
        let insert = format!(
            "insert into {table} ({given}) select {given} from jsonb_populate_record(null::{table}, $1)"
        );
        let change = format!("update {table} set {column} = $1");
        let steps: [(&str, &(dyn ToSql + Sync)); 2] = [(&insert, &row), (&change, &abroad)];
        for (sql, value) in steps {
            let transaction = app.transaction().await.expect("a transaction");
            transaction.query_one(&scope.sql(), &[]).await.expect("the settings");
            let refused = transaction.execute(sql, &[value]).await.expect_err(sql);
            assert_eq!(refused.code(), Some(&SqlState::INSUFFICIENT_PRIVILEGE), "{sql}: {refused:?}");
        }
        if !APPEND_ONLY.contains(&table) {
            let transaction = app.transaction().await.expect("a transaction");
            transaction.query_one(&scope.sql(), &[]).await.expect("the settings");
            let sql = format!("update {table} set {column} = {column} where {column} = $1");
            assert_eq!(transaction.execute(&sql, &[&abroad]).await.expect(&sql), 0, "{table}");
        }
    }
}

#[tokio::test]
async fn drafts_of_releases_are_the_systems_alone() {
    let world = filled().await;
    let owner = world.home.superuser().await;
    // the rows of a release are of a period called by their table
    let at_home = "set session_replication_role = replica;
        update benchmark_standing s set client_id = (
            select c.id from client c where c.network_id = s.network_id limit 1);
        set session_replication_role = origin";
    owner.batch_execute(at_home).await.expect("clients");
    let mut app = world.home.application().await;
    let scope = Scope { door: String::new(), ..greedy(&owner, &world).await };
    for (through, published) in [("null", false), ("'a'", false), ("'c'", true)] {
        let publish = format!("update benchmark_policy set published_through = {through}");
        owner.batch_execute(&publish).await.expect("a policy");
        let transaction = app.transaction().await.expect("a transaction");
        transaction.query_one(&scope.sql(), &[]).await.expect("the settings");
        for relation in ["benchmark_release", "benchmark_cohort", "benchmark_standing", "client_benchmark"] {
            let seen = format!("select count(*) > 0 from {relation}");
            let seen: bool = transaction.query_one(&seen, &[]).await.expect("an answer").get(0);
            assert_eq!(seen, published, "{relation}, published through {through}");
        }
    }
}

/// The placement by which a migration encloses a table with this place in the tree.
fn rls_placement(placement: Placement) -> rls::Placement {
    match placement {
        Placement::Platform => rls::Placement::Platform,
        Placement::Network => rls::Placement::Network,
        Placement::Directory | Placement::Franchise => rls::Placement::Directory,
        Placement::Schedule => rls::Placement::Schedule,
        Placement::Sealed => rls::Placement::Sealed,
        Placement::Outbox => rls::Placement::Outbox,
        Placement::Library => rls::Placement::Library,
        Placement::Person => rls::Placement::Person,
        Placement::Scope => rls::Placement::Scope,
        Placement::Roster => rls::Placement::Roster,
        Placement::Own => rls::Placement::Own,
        Placement::Audit => rls::Placement::Audit,
        Placement::Client => rls::Placement::Client,
        Placement::Team | Placement::OfClient(Matter::Facts) | Placement::OfTeam(Matter::Facts) => {
            rls::Placement::Facts
        }
        Placement::OfClient(Matter::Content | Matter::Names)
        | Placement::OfTeam(Matter::Content | Matter::Names) => rls::Placement::Content,
        Placement::Found => rls::Placement::Found,
        Placement::Release => rls::Placement::Release,
        Placement::Standing => rls::Placement::Standing,
        Placement::OfClient(Matter::Practice) | Placement::OfTeam(Matter::Practice) => {
            rls::Placement::Practice
        }
    }
}

/// A placement's condition as PostgreSQL tells it back.
async fn condition(owner: &Client, placement: rls::Placement) -> String {
    let condition = policy(placement);
    let sql = format!(
        "create temporary table scratch (
             id uuid, network_id uuid, person_id uuid, client_id uuid, franchise_id uuid, scope_id uuid,
             content boolean, period text collate \"C\");
         create policy placement on scratch using ({condition})"
    );
    owner.batch_execute(&sql).await.expect("a scratch table");
    let told = owner.query_one("select qual from pg_policies where tablename = 'scratch'", &[]).await;
    owner.batch_execute("drop table scratch").await.expect("no scratch table");
    told.expect("a policy").get(0)
}

/// The widest settings within the first network, and every list filled with what is the second one's.
async fn greedy(owner: &Client, world: &World) -> Scope {
    let ids = async |table: &str| {
        let sql = format!("select coalesce(array_agg(id), '{{}}')::text from {table}");
        owner.query_one(&sql, &[]).await.expect("ids").get::<_, String>(0)
    };
    let (network, person, _) = world.cast.person(Persona::Admin);
    let clients = ids("client").await;
    Scope {
        network: network.uuid().to_string(),
        person: person.uuid().to_string(),
        wide: "on".into(),
        facts: clients.clone(),
        content: clients.clone(),
        practice: clients,
        franchises: ids("franchise").await,
        door: "system".into(),
    }
}

/// A world in which both networks have a row in every table of a tenant.
async fn filled() -> World {
    let world = World::new(Backend::Postgres).await;
    let owner = world.home.superuser().await;
    for network in [world.cast.network.uuid(), world.cast.abroad.uuid()] {
        // rows that only policies look at: references between them are beside the point
        let mut ids = 0u128;
        let mut rows = vec!["set session_replication_role = replica".to_owned()];
        for table in Table::ALL.iter().map(|table| table.name()) {
            let Some(column) = tenant_column(table).filter(|column| *column == "network_id") else {
                continue;
            };
            let sql = format!("select exists (select from {table} where {column} = $1)");
            if !owner.query_one(&sql, &[&network]).await.expect("a look").get::<_, bool>(0) {
                rows.push(row(&owner, table, network, &mut ids).await);
            }
        }
        // what the view of check-ins joins: an action at work, and a week of its client's time zone
        rows.push(format!(
            "update action set accepted_at = '2026-03-02', client_id = (
                 select id from client where network_id = '{network}' limit 1) where network_id = '{network}';
             update check_in_slot set time_zone = (select c.time_zone from client c join action a
                 on a.client_id = c.id where a.network_id = '{network}' limit 1) where network_id = '{network}';
             update benchmark_standing set cohort_id = (
                 select id from benchmark_cohort where network_id = '{network}' limit 1) where network_id = '{network}'"
        ));
        rows.push("set session_replication_role = origin".to_owned());
        owner.batch_execute(&rows.join(";\n")).await.expect("rows");
    }
    world
}

/// An insert of some row of a network.
async fn row(owner: &Client, table: &str, network: Uuid, ids: &mut u128) -> String {
    let columns = owner
        .query(
            "select a.attname::text, format_type(a.atttypid, null) from pg_attribute a
             where a.attrelid = $1::text::regclass and a.attnum > 0 and a.attnotnull and not a.attisdropped",
            &[&table],
        )
        .await
        .expect("columns");
    let mut value = |row: &Row| match (row.get::<_, &str>(0), row.get::<_, &str>(1)) {
        ("network_id", _) => format!("'{network}'"),
        (_, "uuid") => {
            *ids += 1;
            format!("'{}'", Uuid::from_u128(network.as_u128() ^ (*ids << 64)))
        }
        // open, so that the view of open work shows it
        ("status", "text") if table == "action" => "'accepted'".to_owned(),
        (name, "text") => format!("'{table} {name} {network}'"),
        (_, "jsonb") => "'{}'".to_owned(),
        (_, "boolean") => "true".to_owned(),
        (_, "date") | (_, "timestamp with time zone") => "'2026-03-02'".to_owned(),
        // within every range that a check allows
        _ => "10".to_owned(),
    };
    let mut values: Vec<String> = columns.iter().map(&mut value).collect();
    let mut names: Vec<&str> = columns.iter().map(|row| row.get(0)).collect();
    if table == "metric_value" {
        // without a value it says why
        names.push("reason");
        values.push("'too_few'".to_owned());
    }
    format!("insert into {table} ({}) values ({})", names.join(", "), values.join(", "))
}

/// The column that names a row's network; none for what is no tenant's.
fn tenant_column(relation: &str) -> Option<&'static str> {
    match Table::ALL.iter().find(|table| table.name() == relation).map(|table| table.placement()) {
        Some(Placement::Platform) => None,
        Some(Placement::Network) => Some("id"),
        // a view shows its tables' rows
        Some(_) | None => Some("network_id"),
    }
}

async fn everything(owner: &Client) -> BTreeSet<String> {
    let (mut tables, views) = (relations(owner, "r").await, relations(owner, "v").await);
    tables.extend(views);
    tables
}

async fn relations(owner: &Client, kind: &str) -> BTreeSet<String> {
    let sql = "select relname::text from pg_class
        where relnamespace = 'public'::regnamespace and relkind::text = $1 and relname <> $2";
    texts(owner, sql, &[&kind, &MIGRATIONS]).await.into_iter().collect()
}

async fn count(client: &Client, relation: &str) -> i64 {
    let sql = format!("select count(*) from {relation}");
    client.query_one(&sql, &[]).await.unwrap_or_else(|error| panic!("{relation}: {error:?}")).get(0)
}

async fn texts(client: &Client, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Vec<String> {
    client.query(sql, values).await.expect(sql).iter().map(|row| row.get(0)).collect()
}
