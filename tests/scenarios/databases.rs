//! How the program speaks to PostgreSQL: how many statements it keeps prepared there, with what TLS it connects, and that
//! a pooler in transaction mode may stand in between.

use crate::kit::{Backend, Home, PASSWORD, Persona::*, Pooler, TlsServer, World, pools, secrets};
use concord::{
    app::App,
    jobs,
    kernel::{
        Error, Fault, Kernel,
        db::{Address, Db, Pools, STATEMENTS},
    },
    schema,
};
use futures::future::join_all;
use sea_orm::sqlx::{self, Connection, PgConnection};
use serde_json::json;
use std::time::Duration;

/// Documents that differ in their filter, each of which is another statement.
fn documents(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|number| {
        let tests: Vec<String> = (0..11)
            .map(|bit| match number >> bit & 1 {
                0 => "{ risk: { gte: 0 } }".to_owned(),
                _ => "{ name: { startsWith: \"C\" } }".to_owned(),
            })
            .collect();
        format!(
            "{{ viewer {{ portfolio(first: 3, filter: {{ and: [{}] }}) {{ nodes {{ id }} }} }} }}",
            tests.join(" ")
        )
    })
}

#[tokio::test]
async fn a_connection_keeps_a_bounded_number_of_prepared_statements() {
    let few = Pools { reads: 2, ..pools() };
    let world = World::with(Backend::Postgres, few, |_| {}).await;
    for document in documents(30) {
        world.read(Facilitator, &document, json!({})).await;
    }
    let once = world.app.kernel.prepared();
    assert!(once <= 2 * 4, "{once} statements are kept of documents that came once");
    for document in documents(30) {
        for _ in 0..2 {
            world.read(Facilitator, &document, json!({})).await;
        }
    }
    let kept = world.app.kernel.prepared();
    // their text is bounded, too, and these are long
    assert!(kept > once && kept <= 2 * STATEMENTS, "{kept} statements are kept of documents that come again");
}

/// Memory of the backends that read, in bytes.
async fn memory(world: &World) -> u64 {
    let superuser = world.home.superuser().await;
    let sql =
        "select pid from pg_stat_activity where datname = current_database() and usename = 'concord_app'";
    let backends = superuser.query(sql, &[]).await.expect("backends");
    let resident = |pid: i32| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a backend's status");
        let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:")).expect("RssAnon");
        line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
    };
    backends.iter().map(|row| resident(row.get(0))).sum()
}

#[tokio::test]
#[ignore = "reads the memory of the server's processes: by hand, on the server's machine"]
async fn differing_documents_do_not_fill_the_servers_memory() {
    for times in [1, 2, 3] {
        let few = Pools { reads: 2, writes: 1, ..pools() };
        let world = World::with(Backend::Postgres, few, |_| {}).await;
        for document in documents(20) {
            world.read(Facilitator, &document, json!({})).await;
        }
        let before = memory(&world).await;
        for document in documents(1_500) {
            let again = (0..2 * times).map(|_| world.read(Facilitator, &document, json!({})));
            join_all(again).await;
        }
        let grown = memory(&world).await.saturating_sub(before) / 1_000_000;
        eprintln!(
            "1,500 documents, each {} times: {grown} MB more, {} statements",
            2 * times,
            world.app.kernel.prepared()
        );
        assert!(grown < 25, "two connections grew by {grown} MB");
    }
}

/// Whether sqlx and tokio-postgres get in, each: encrypted (true) or in clear (false).
async fn connected(url: &str) -> [Option<bool>; 2] {
    const SQL: &str = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
    let address = Address::parse(url).expect("an address");
    let writes = match PgConnection::connect_with(&address.writes).await {
        Ok(mut connection) => {
            Some(sqlx::query_scalar(SQL).fetch_one(&mut connection).await.expect("an answer"))
        }
        Err(_) => None,
    };
    let reads = match address.reads.connect(address.tls).await {
        Ok((client, connection)) => {
            tokio::spawn(connection);
            Some(client.query_one(SQL, &[]).await.expect("an answer").get(0))
        }
        Err(_) => None,
    };
    [writes, reads]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_and_writes_use_the_same_tls() {
    let server = TlsServer::start();
    let (known, other) = (server.certificate("authority"), server.certificate("stranger"));
    for (host, query, expected) in [
        ("localhost", "?sslmode=disable".to_owned(), None),
        ("localhost", String::new(), Some(true)),
        ("localhost", "?sslmode=prefer".to_owned(), Some(true)),
        ("localhost", "?sslmode=require".to_owned(), Some(true)),
        ("localhost", format!("?sslmode=require&sslrootcert={other}"), None),
        ("localhost", "?sslmode=verify-ca".to_owned(), None),
        ("127.0.0.1", format!("?sslmode=verify-ca&sslrootcert={known}"), Some(true)),
        ("127.0.0.1", format!("?sslmode=verify-full&sslrootcert={known}"), None),
        ("localhost", "?sslmode=verify-full".to_owned(), None),
        ("localhost", format!("?sslmode=verify-full&sslrootcert={other}"), None),
        ("localhost", format!("?sslmode=verify-full&sslrootcert={known}"), Some(true)),
    ] {
        assert_eq!(connected(&server.url("postgres", host, &query)).await, [expected; 2], "{host}{query}");
    }
    let db = Db::postgres(&server.url("postgres", "localhost", "?sslmode=require"), pools()).await;
    let Db::Postgres { reads, .. } = db.expect("a database by TLS") else { panic!("this is PostgreSQL") };
    assert!(reads.get().await.is_ok(), "the pool of reads connects, too");
}

#[tokio::test]
async fn other_databases_urls_are_refused_by_name() {
    let refused = Db::postgres("mysql://app:hunter2@db/concord", pools()).await.err().expect("a refusal");
    assert!(refused.contains("`mysql:`") && !refused.contains("hunter2"), "{refused}");
}

/// The application of a world again, with a pooler before its database.
async fn behind_a_pooler(world: &World, pooler: &Pooler, pools: Pools) -> std::sync::Arc<App> {
    let Home::Server(_, database) = &world.home else { panic!("only PostgreSQL is pooled") };
    let db = Db::postgres(&pooler.url(database), Pools { pooler: true, ..pools }).await;
    let kernel = Kernel::new(
        db.expect("a database behind the pooler"),
        world.seams.clone(),
        secrets(),
        schema::program(),
    );
    App::start(kernel, world.app.config.clone()).await.expect("the application starts")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_in_transaction_mode_may_stand_in_between() {
    let mut world = World::new(Backend::Postgres).await;
    // fewer connections than are open at the pooler, so that transactions change between them
    let pooler = Pooler::start(3);
    world.app = behind_a_pooler(&world, &pooler, pools()).await;

    let credentials = json!({ "input": { "email": Leader.email(), "password": PASSWORD } });
    let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken errors { code } } }";
    let signed_in = world.ask_nobody(sign_in, credentials).await;
    assert!(signed_in.json["data"]["signIn"]["accessToken"].is_string(), "{}", signed_in.text);

    let portfolio =
        "{ viewer { portfolio(first: 3, filter: { risk: { gte: 0 } }) { totalCount nodes { id name risk
        topPriorities(first: 3) { nodes { title owner { name } } } } } } }";
    for _ in 0..3 {
        let reads = (0..16).map(|_| world.read(Facilitator, portfolio, json!({})));
        let mut answers = join_all(reads).await;
        answers.dedup();
        assert_eq!(answers.len(), 1, "everyone reads the same");
    }
    let (team, leader) = (world.cast.team.to_string(), world.cast.leader.to_string());
    let writes = (0..12).map(|number| {
        let input = json!({ "teamId": team, "ownerId": leader, "title": format!("Call {number}"), "dueOn": "2026-03-20" });
        world.done(Facilitator, "actionCreate", input, "action { id title }")
    });
    assert_eq!(join_all(writes).await.len(), 12);
    assert!(jobs::run_due_turns(&world.app).await.expect("the jobs") > 0);
    assert_eq!(world.app.kernel.prepared(), 0, "nothing is prepared under a name");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_end_in_time_behind_a_pooler_too() {
    let world = World::new(Backend::Postgres).await;
    let pooler = Pooler::start(2);
    let short = Pools { statement_timeout: Duration::from_secs(1), ..pools() };
    let app = behind_a_pooler(&world, &pooler, short).await;
    let write = app.kernel.system(world.cast.network).await.expect("a transaction");
    let slow = write.query_as_system::<(i32,)>("select 1 from pg_sleep(30)", &[]).await;
    assert!(matches!(slow, Err(Error::Fault(Fault::Timeout))), "{slow:?}");
}
