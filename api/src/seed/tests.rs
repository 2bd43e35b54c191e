use super::{Plan, Summary, demo, seed};
use crate::kernel::{
    Kernel, Zone,
    db::{Db, Pools},
    seal::SecretKeys,
    seams::Seams,
};
use chrono::{DateTime, Utc};
use migration::{Migrator, MigratorTrait, figures};
use sea_orm::{ActiveEnum, ConnectionTrait, DatabaseConnection, Iterable};
use sha2::{Digest, Sha256};
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

/// A migrated SQLite database in a folder of its own, which goes when this does.
struct Home {
    kernel: Arc<Kernel>,
    db: Db,
    folder: PathBuf,
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

static HOMES: AtomicU32 = AtomicU32::new(0);
const POOLS: Pools = Pools { reads: 1, writes: 3, statement_timeout: Duration::from_secs(60), pooler: false };
const SMALL: Plan = Plan { networks: 2, facilitators: 4, clients_per_facilitator: 3, months: 9, seed: 7 };

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

async fn home(now: &str) -> Home {
    let number = HOMES.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("concord-seed-{}-{number}", std::process::id()));
    let db = Db::sqlite(&folder, POOLS).await.expect("a database");
    Migrator::up(db.migrations(), None).await.expect("migrated");
    let kernel = Kernel::new(db.clone(), Seams::fixed(instant(now), 1), secrets(), crate::schema::program());
    Home { kernel, db, folder }
}

fn secrets() -> SecretKeys {
    SecretKeys::parse(&"5ec2e7".repeat(11)[..64]).expect("a secret key")
}

impl Home {
    fn db(&self) -> &DatabaseConnection {
        self.db.migrations()
    }
    async fn seed(&self) -> Summary {
        seed(&self.kernel, &SMALL, &str::to_uppercase, &|_, _| ()).await.expect("seeded")
    }
    async fn demo(&self) -> Summary {
        demo(&self.kernel, &str::to_uppercase).await.expect("a demo")
    }
    async fn count(&self, sql: &str) -> i64 {
        count(self.db(), sql).await
    }
}

async fn count(db: &DatabaseConnection, sql: &str) -> i64 {
    let sql = format!("select count(*) from ({sql}) as counted");
    let row = db.query_one_raw(sea_orm::Statement::from_string(db.get_database_backend(), sql)).await;
    row.expect("the query runs").expect("a row").try_get_by_index(0).expect("a count")
}

/// Every row of every table, hashed.
async fn dump(db: &DatabaseConnection) -> String {
    let mut hasher = Sha256::new();
    for table in entity::Table::ALL {
        let columns = format!("select name from pragma_table_info('{}') order by cid", table.name());
        let statement = sea_orm::Statement::from_string(db.get_database_backend(), columns);
        let rows = db.query_all_raw(statement).await.expect("columns");
        let columns: Vec<String> =
            rows.iter().map(|row| row.try_get_by_index::<String>(0).expect("a name")).collect();
        let quoted: Vec<String> = columns.iter().map(|name| format!("quote({name})")).collect();
        let sql = format!("select {} as line from {} order by 1", quoted.join(" || ',' || "), table.name());
        let statement = sea_orm::Statement::from_string(db.get_database_backend(), sql);
        for row in db.query_all_raw(statement).await.expect("rows") {
            hasher.update(row.try_get_by_index::<String>(0).expect("a line").as_bytes());
        }
    }
    hex::encode(hasher.finalize())
}

#[tokio::test]
async fn the_same_seed_makes_the_same_rows() {
    let (one, other) = (home("2026-07-03T10:00:00Z").await, home("2026-07-03T10:00:00Z").await);
    let (first, second) = (one.seed().await, other.seed().await);
    assert_eq!(first, second);
    assert_eq!(dump(one.db()).await, dump(other.db()).await);
    let later = home("2026-07-04T10:00:00Z").await;
    later.seed().await;
    assert_ne!(dump(one.db()).await, dump(later.db()).await);
}

#[tokio::test]
async fn even_networks_have_exactly_what_was_asked_for() {
    let home = home("2027-01-01T00:00:30Z").await;
    let summary = home.seed().await;
    let clients = u64::from(SMALL.networks * SMALL.facilitators * SMALL.clients_per_facilitator);
    assert_eq!((summary.clients, summary.facilitators, summary.sign_ins.len()), (clients, 8, 14));
    for (table, each) in [("member", 8), ("stage_run", 6), ("priority", 5), ("action", 60), ("session", 12)] {
        let wrong = format!(
            "select c.id from client c where (select count(*) from {table} x where x.client_id = c.id) <> {each}"
        );
        assert_eq!(home.count(&wrong).await, 0, "{table}");
    }
    let led = "select person_id from assignment where part = 'lead' and ends_at is null group by person_id having count(*) <> 3";
    assert_eq!(home.count(led).await, 0, "everyone leads as many");
    assert_eq!(home.count("select * from audit_lane where sequence = 0 and hash = ''").await, 32);
    sound(home.db()).await;
}

#[tokio::test]
async fn the_demo_shows_every_side_of_the_work() {
    // the worst days for cycles: the last of a quarter and the first, and clocks about to change
    for now in ["2026-03-28T23:30:00Z", "2026-10-01T08:00:00Z"] {
        let home = home(now).await;
        let summary = home.demo().await;
        assert!(
            summary.franchises >= 44 && summary.facilitators >= 64 && summary.clients >= 620,
            "{summary:?}"
        );
        sound(home.db()).await;
        let published = home.count("select * from session where rating_halves is not null").await;
        let rated = home.count("select * from session_rating").await;
        assert!(published >= 5 && rated >= 5 * published, "{published} sessions of {rated} ratings on {now}");
        require_every_status(&home, now).await;
        require_enough_rows(&home, now).await;
        cast(&home).await;
    }
}

/// Every status of the work is there.
async fn require_every_status(home: &Home, now: &str) {
    for (table, statuses) in [
        ("client", &["prospect", "active", "alumni", "archived"][..]),
        ("programme", &["planned", "active", "paused", "completed", "terminated"]),
        ("session", &["scheduled", "held", "missed", "cancelled"]),
        ("action", &["offered", "accepted", "declined", "done", "cancelled"]),
        ("priority", &["proposed", "committed", "achieved", "missed", "dropped"]),
        ("attendance", &["present", "absent", "excused"]),
        ("template_version", &["published", "draft"]),
        ("alignment_round", &["open", "revealed"]),
    ] {
        for status in statuses {
            let found = home.count(&format!("select * from {table} where status = '{status}'")).await;
            assert!(found >= 1, "{table} {status} on {now}");
        }
    }
}

/// There is enough of everything that makes the network look alive.
async fn require_enough_rows(home: &Home, now: &str) {
    for (least, sql) in [
        (4, "select distinct period from metric_value"),
        (
            12,
            "select distinct metric from (select metric, count(*) from metric_value where value is not null group by metric having count(*) >= 50) valued",
        ),
        (12, "select distinct region_id from client"),
        (26, "select * from classification"),
        (
            10,
            "select * from client where status = 'active' and contract_ends_on < date((select max(offered_at) from action), '+60 days')",
        ),
        (19, "select distinct industry from client"),
        (5, "select distinct size_band from client"),
        (5, "select distinct time_zone from client"),
        (6, "select distinct position from stage_run where status = 'open'"),
        (2, "select legal_group from franchise group by legal_group having count(*) > 1"),
        (
            20,
            "select * from client c where not exists (select 1 from session s where s.client_id = c.id and s.status = 'scheduled')",
        ),
        (50, "select * from action where status = 'done' and closed_at > baseline_at"),
        (200, "select * from alignment_statement where mean_before is not null"),
        (5, "select * from alignment_round where disclosure = 'withheld'"),
        (1, "select * from alignment_round where revote_of_id is not null"),
        (100, "select * from client_note"),
        (20, "select * from to_do where done_at is null"),
        (40, "select * from measurable where priority_id is null"),
        (
            3,
            "select distinct colour from measurable_value v join measurable m on m.id = v.measurable_id where m.priority_id is null",
        ),
        (5, "select * from measurable_value where late"),
        (10, "select * from seat where member_id is null and parent_id is not null"),
        (100, "select * from target where figure is not null"),
        (10, "select * from reopening"),
        (10, "select * from priority where carried_from_id is not null and target_id is not null"),
        (50, "select * from notice where kind = 'action_offered'"),
        (10, "select * from notice where kind = 'drift_raised' and read_at is null"),
        (2, "select * from support_access"),
        (2, "select * from parked_topic where status = 'parked'"),
        (1, "select * from pre_work_input"),
        (2, "select * from dot_vote_option"),
        (1, "select * from recap_addendum"),
        (
            50,
            "select a.* from action a join programme p on p.client_id = a.client_id where a.status = 'accepted' and p.status = 'active' and a.due_at < (select max(offered_at) from action)",
        ),
    ] {
        let found = home.count(sql).await;
        assert!(found >= least, "{sql}: {found} on {now}");
    }
}

/// Those who sign in find what a demo opens on.
async fn cast(home: &Home) {
    let of =
        |role: &str| format!("(select p.id from person p where p.email = '{role}@demo.concord.example')");
    let leader = format!("(select m.id from member m where m.person_id = {})", of("leader"));
    let mine = format!(
        "select a.client_id from assignment a join programme p on p.client_id = a.client_id where a.part = 'lead' and a.ends_at is null and p.status = 'active' and a.person_id = {}",
        of("facilitator")
    );
    for (least, sql) in [
        (12, mine.clone()),
        (
            4,
            format!(
                "select distinct position from stage_run where status = 'open' and client_id in ({mine})"
            ),
        ),
        (
            3,
            format!(
                "select * from action where client_id in ({mine}) and status = 'accepted' and due_at < (select max(offered_at) from action)"
            ),
        ),
        (3, format!("select * from action where status = 'offered' and owner_id = {leader}")),
        (1, format!("select * from action where status = 'accepted' and owner_id = {leader}")),
        (5, format!("select * from action where status = 'done' and owner_id = {leader}")),
        (2, format!("select * from priority where status = 'committed' and owner_id = {leader}")),
        (1, format!("select * from member where person_id = {}", of("sponsor"))),
        (
            30,
            format!(
                "select v.* from measurable_value v join measurable f on f.id = v.measurable_id join member m on m.team_id = v.team_id where m.id = {leader} and f.priority_id is null"
            ),
        ),
        (4, format!("select s.* from seat s join member m on m.team_id = s.team_id where m.id = {leader}")),
        (
            1,
            format!(
                "select s.* from stage_run s join member m on m.client_id = s.client_id where m.id = {leader} and s.status = 'open' and s.position = 5"
            ),
        ),
        (
            7,
            "select * from membership m join person p on p.id = m.person_id where p.identity_id is not null"
                .into(),
        ),
    ] {
        let found = home.count(&sql).await;
        assert!(found >= least, "{sql}: {found}");
    }
}

/// The invariants: each query answers what breaks one.
const BROKEN: &[(&str, &str)] = &[
    (
        "industries and sizes are the network's",
        "select c.id from client c where not exists (select 1 from classification k where k.network_id = c.network_id and k.kind = 'industry' and k.key = c.industry) or not exists (select 1 from classification k where k.network_id = c.network_id and k.kind = 'size_band' and k.key = upper(c.size_band))",
    ),
    (
        "prospects have no programme, and the programmes of alumni have ended",
        "select c.id from client c join programme p on p.client_id = c.id where c.status = 'prospect' or c.status in ('alumni', 'archived') and p.status in ('planned', 'active', 'paused')",
    ),
    (
        "one lead",
        "select c.id from client c where (select count(*) from assignment a where a.client_id = c.id and a.part = 'lead' and a.ends_at is null) <> 1",
    ),
    (
        "facilitators belong to the client's franchise",
        "select a.id from assignment a join client c on c.id = a.client_id where not exists (select 1 from membership m where m.person_id = a.person_id and m.franchise_id = c.franchise_id and m.role = 'facilitator')",
    ),
    (
        "active members own actions",
        "select a.id from action a join member m on m.id = a.owner_id where m.status <> 'active' or m.team_id <> a.team_id",
    ),
    (
        "active members own priorities",
        "select a.id from priority a join member m on m.id = a.owner_id where m.status <> 'active' or m.team_id <> a.team_id",
    ),
    (
        "active members hold seats",
        "select s.id from seat s join member m on m.id = s.member_id where m.status <> 'active' or m.team_id <> s.team_id",
    ),
    (
        "baseline fixed at acceptance",
        "select id from action where (accepted_at is null) <> (baseline_on is null) or (baseline_on is null) <> (baseline_at is null) or (status in ('accepted', 'done') and accepted_at is null)",
    ),
    (
        "no baseline after the due date",
        "select id from action where baseline_at > due_at or (moves = 0 and baseline_at <> due_at)",
    ),
    (
        "moves are counted",
        "select a.id from action a where a.moves <> (select count(*) from action_move m where m.action_id = a.id)",
    ),
    (
        "the last move is the due date",
        "select a.id from action a where a.moves > 0 and a.due_on <> (select max(to_on) from action_move m where m.action_id = a.id)",
    ),
    (
        "closed is dated",
        "select id from action where (status in ('done', 'declined', 'cancelled')) <> (closed_at is not null)",
    ),
    (
        "no is reasoned",
        "select id from action where (status in ('declined', 'cancelled')) <> (reason is not null)",
    ),
    (
        "actions in order",
        "select id from action where accepted_at < offered_at or closed_at < offered_at or closed_at < accepted_at",
    ),
    (
        "reopened before done",
        "select x.id from reopening x join action a on a.id = x.action_id where x.ended_at <= a.accepted_at or x.at <= x.ended_at or a.closed_at <= x.at",
    ),
    (
        "cycles in their years",
        "select c.id from cycle c join team_year y on y.id = c.year_id where c.starts_on < y.starts_on or c.starts_on > y.ends_on",
    ),
    ("ranks are unique", "select team_id from priority group by team_id, cycle, rank having count(*) > 1"),
    (
        "ranks begin at one",
        "select team_id from priority group by team_id, cycle having min(rank) <> 1 or max(rank) <> count(*)",
    ),
    (
        "five a team",
        "select team_id from priority where status = 'committed' group by team_id, cycle having count(*) > 5",
    ),
    (
        "two a leader",
        "select owner_id from priority where status = 'committed' group by owner_id, cycle having count(*) > 2",
    ),
    (
        "promised is dated",
        "select id from priority where (status in ('committed', 'achieved', 'missed') and committed_at is null) or (status = 'proposed' and committed_at is not null)",
    ),
    (
        "closed priorities are dated",
        "select id from priority where (status in ('achieved', 'missed', 'dropped')) <> (closed_at is not null) or closed_at < committed_at",
    ),
    (
        "one open stage",
        "select p.id from programme p where p.status in ('active', 'paused') and (select count(*) from stage_run s where s.programme_id = p.id and s.status = 'open') <> 1",
    ),
    (
        "stages in order",
        "select s.id from stage_run s join stage_run e on e.programme_id = s.programme_id and e.position < s.position where s.status <> 'locked' and e.status <> 'passed'",
    ),
    (
        "completed means all passed",
        "select p.id from programme p join stage_run s on s.programme_id = p.id where p.status = 'completed' and s.status <> 'passed'",
    ),
    (
        "planned means locked",
        "select p.id from programme p join stage_run s on s.programme_id = p.id where p.status = 'planned' and s.status <> 'locked'",
    ),
    (
        "what rests or is over stands below what is overdue",
        "select c.id from client c where exists (select 1 from programme p where p.client_id = c.id) and not exists (select 1 from programme p where p.client_id = c.id and p.status in ('active', 'planned')) and c.risk >= coalesce((select min(o.risk) from client o join client_risk r on r.client_id = o.id where r.component = 'overdue_actions'), 0)",
    ),
    ("pauses are dated", "select id from programme where (status = 'paused') <> (paused_at is not null)"),
    (
        "pauses are kept",
        "select p.id from programme p where (p.paused_at is not null) <> exists (select 1 from programme_pause q where q.programme_id = p.id and q.ends_at is null and q.starts_at = p.paused_at) or (p.paused_seconds > 0) <> exists (select 1 from programme_pause q where q.programme_id = p.id and q.ends_at is not null)",
    ),
    (
        "pauses lie within their programmes",
        "select q.id from programme_pause q join programme p on p.id = q.programme_id where q.starts_at < p.started_at or q.ends_at > p.ended_at",
    ),
    (
        "ends are dated",
        "select id from programme where (status in ('completed', 'terminated')) <> (ended_at is not null)",
    ),
    (
        "passed stages have events",
        "select s.id from stage_run s where s.status = 'passed' and not exists (select 1 from stage_event e where e.stage_run_id = s.id and e.at = s.passed_at and e.kind = case when s.override_reason is null then 'passed' else 'overridden' end)",
    ),
    (
        "opened stages have events",
        "select s.id from stage_run s where s.status <> 'locked' and not exists (select 1 from stage_event e where e.stage_run_id = s.id and e.kind = 'opened' and e.at = s.opened_at)",
    ),
    (
        "passed stages are confirmed",
        "select s.id from stage_run s join stage_criterion c on c.template_stage_id = s.template_stage_id where s.status = 'passed' and c.kind = 'confirmed' and not exists (select 1 from stage_check k where k.stage_run_id = s.id and k.stage_criterion_id = c.id)",
    ),
    (
        "open programmes leave nothing",
        "select a.id from action a join programme p on p.client_id = a.client_id where p.status in ('completed', 'terminated') and a.status in ('offered', 'accepted')",
    ),
    (
        "held sessions have minutes",
        "select id from session where (status = 'held') <> (summary is not null) or (status = 'scheduled') <> (closed_at is null) or (status = 'cancelled') <> (reason is not null)",
    ),
    (
        "held sessions have attendance",
        "select s.id from session s where s.status = 'held' and not exists (select 1 from attendance a where a.session_id = s.id)",
    ),
    (
        "few respondents tell nothing",
        "select s.id from alignment_statement s join alignment_round r on r.id = s.round_id where (r.disclosure = 'anonymous') <> (s.mean is not null) or (r.disclosure = 'anonymous' and r.answered < 5)",
    ),
    (
        "rounds are in order",
        "select id from alignment_round where sealed_at < opened_at or revealed_at < sealed_at or (status = 'revealed') <> (revealed_at is not null) or answered > members",
    ),
    (
        "ratings are of those who were there",
        "select r.id from session_rating r where not exists (select 1 from attendance a join member m on m.id = a.member_id where a.session_id = r.session_id and a.status = 'present' and m.person_id = r.person_id)",
    ),
    (
        "ratings are told of five and more, once closed",
        "select s.id from session s where (s.rating_halves is not null) <> (s.rating_closed_at is not null and (select count(*) from session_rating r where r.session_id = s.id) >= 5)",
    ),
    ("clients are named once", "select name from client group by network_id, name having count(*) > 1"),
    ("members are named once", "select name from member group by team_id, name having count(*) > 1"),
];

async fn sound(db: &DatabaseConnection) {
    for (what, sql) in BROKEN {
        assert_eq!(count(db, sql).await, 0, "{what}: {sql}");
    }
    for sql in figures::wrong() {
        assert_eq!(count(db, &sql).await, 0, "{sql}");
    }
    days(db).await;
}

/// Nothing has happened in the future, and a due day ends where the client is.
async fn days(db: &DatabaseConnection) {
    let sql = "select c.time_zone, a.due_on, a.due_at from action a join client c on c.id = a.client_id";
    let statement = sea_orm::Statement::from_string(db.get_database_backend(), sql);
    for row in db.query_all_raw(statement).await.expect("rows") {
        let zone: String = row.try_get_by_index(0).expect("a zone");
        let on: chrono::NaiveDate = row.try_get_by_index(1).expect("a day");
        let at: DateTime<Utc> = row.try_get_by_index(2).expect("an instant");
        let zone = Zone::find(&zone).expect("a known zone");
        let local = zone.local(at);
        assert_eq!(local, (on + chrono::Days::new(1)).and_time(chrono::NaiveTime::MIN), "{zone:?} {on}");
    }
}

#[tokio::test]
async fn nothing_happened_in_the_future() {
    let home = home("2026-11-20T15:00:00Z").await;
    home.seed().await;
    past(&home, "2026-11-20T15:00:00+00:00").await;
}

/// Nothing is later than now, as SQLite writes it.
async fn past(home: &Home, now: &str) {
    for (table, columns) in [
        ("client", &["created_at"][..]),
        ("assignment", &["starts_at", "ends_at"]),
        ("member", &["created_at", "removed_at"]),
        ("programme", &["created_at", "started_at", "paused_at", "ended_at"]),
        ("programme_pause", &["starts_at", "ends_at"]),
        ("stage_run", &["opened_at", "passed_at"]),
        ("stage_event", &["at"]),
        ("stage_check", &["confirmed_at"]),
        ("session", &["created_at", "closed_at", "rating_closed_at"]),
        ("session_rating", &["rated_at"]),
        ("dot_vote", &["created_at"]),
        ("pre_work_input", &["answered_at"]),
        ("priority", &["created_at", "committed_at", "closed_at"]),
        ("action", &["offered_at", "accepted_at", "closed_at"]),
        ("action_move", &["at"]),
        ("reopening", &["ended_at", "at"]),
        ("alignment_round", &["opened_at", "sealed_at", "revealed_at"]),
        ("client_note", &["created_at"]),
        ("to_do", &["created_at", "done_at"]),
        ("measurable_value", &["at"]),
        ("seat", &["created_at", "filled_at"]),
        ("notice", &["created_at", "read_at"]),
        ("support_visit", &["starts_at", "ends_at"]),
    ] {
        for column in columns {
            let late = home.count(&format!("select * from {table} where {column} > '{now}'")).await;
            assert_eq!(late, 0, "{table}.{column}");
        }
    }
    assert_eq!(
        home.count(&format!("select * from session where status = 'scheduled' and starts_at <= '{now}'"))
            .await,
        0
    );
    assert_eq!(
        home.count(&format!("select * from session where status <> 'scheduled' and starts_at > '{now}'"))
            .await,
        0
    );
}

/// Somebody who looks at the demo finds benchmarks of whatever is measured, and nothing of the future.
#[tokio::test]
async fn the_demo_publishes_benchmarks_of_every_family() {
    let home = home("2026-11-20T15:00:00Z").await;
    home.demo().await;
    for family in entity::metric_value::MetricFamily::iter() {
        let family = family.to_value();
        let told = format!(
            "select c.id from benchmark_cohort c join benchmark_release r on r.id = c.release_id where r.family = '{family}'"
        );
        assert!(home.count(&told).await > 0, "{family}");
    }
    // a release is one family's of one quarter
    let notifying = home.count("select distinct release_id from benchmark_cohort where level > 0").await;
    assert!(notifying >= 5, "{notifying} releases tell of more than the whole network");
    let periods = home.count("select distinct period from benchmark_release").await;
    assert!(periods >= 4, "{periods} quarters are closed");
    let levels = home.count("select distinct level from benchmark_cohort").await;
    assert!(levels >= 2, "cohorts are published at {levels} levels");
    past(&home, "2026-11-20T15:00:00+00:00").await;
}

/// The same on PostgreSQL: the server that `tests/run` starts.
#[tokio::test]
async fn pulses_equal_their_rows_on_postgres() {
    let url = std::env::var("CONCORD_TEST_POSTGRES_URL").expect("CONCORD_TEST_POSTGRES_URL names a server");
    let name = format!("seed_{}", std::process::id());
    let whole = Db::postgres(&url, POOLS).await.expect("a server");
    whole.migrations().execute_unprepared(&format!("create database {name}")).await.expect("a database");
    let (base, _) = url.rsplit_once('/').expect("a URL that names a database");
    {
        let db = Db::postgres(&format!("{base}/{name}"), POOLS).await.expect("a database");
        Migrator::up(db.migrations(), None).await.expect("migrated");
        let seams = Seams::fixed(instant("2026-07-03T10:00:00Z"), 1);
        let kernel = Kernel::new(db.clone(), seams, secrets(), crate::schema::program());
        seed(&kernel, &SMALL, &str::to_uppercase, &|_, _| ()).await.expect("seeded");
        demo(&kernel, &str::to_uppercase).await.expect("a demo");
        sound(db.migrations()).await;
    }
    let gone = format!("drop database {name} with (force)");
    whole.migrations().execute_unprepared(&gone).await.expect("dropped");
}
