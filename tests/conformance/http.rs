//! The endpoint over real HTTP: what the specification asks for, what hostile clients send, and what operators read.

use crate::{
    kit::{Backend, Persona::*, Process, Reply, World, exchange, exchange_with, get, pools, post},
    scenario,
};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    path::Path,
    time::{Duration, Instant},
};
use tokio::{io::AsyncWriteExt, net::TcpStream};

/// Bytes of the largest request, and by how much it may grow the server.
const LARGE: usize = 60 << 20;
const GROWTH: u64 = 30 << 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_audits_of_graphql_over_http_all_pass() {
    // the audits of variables ask for a type of the schema
    let world = World::with(Backend::Sqlite, pools(), |config| config.introspection = true).await;
    let url = format!("http://{}/graphql", world.listen().await);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    assert!(folder.join("node_modules").exists(), "run npm ci in tests/conformance, as tests/run does");
    let audited = tokio::task::spawn_blocking(move || {
        std::process::Command::new("node").arg(folder.join("audit.mjs")).arg(url).output()
    });
    let audited = audited.await.expect("a task").expect("node runs");
    let told = String::from_utf8_lossy(&audited.stdout);
    let summary: Value = serde_json::from_str(told.lines().last().unwrap_or_default()).unwrap_or_default();
    assert_eq!((&summary["total"], &summary["ok"]), (&json!(61), &json!(61)), "{told}");
    assert!(audited.status.success());
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_in_steady_memory() {
    let world = World::new(Backend::Sqlite).await;
    let server = Process::serve(&world.home).await;
    alive(server.address).await;
    let before = server.memory();
    let head =
        "POST /graphql HTTP/1.1\r\nhost: concord\r\nconnection: close\r\ncontent-type: application/json\r\n";
    let piece = 1 << 16;
    let announced = format!("{head}content-length: {LARGE}\r\n\r\n");
    let reply = exchange_with(server.address, announced.as_bytes(), LARGE / piece, piece).await;
    assert_eq!((reply.status, reply.code().as_str()), (413, "BAD_USER_INPUT"), "{reply:?}");
    // one that does not say how long it is: a single chunk of that size
    let endless = format!("{head}transfer-encoding: chunked\r\n\r\n{LARGE:x}\r\n");
    let reply = exchange_with(server.address, endless.as_bytes(), LARGE / piece, piece).await;
    assert_eq!((reply.status, reply.code().as_str()), (413, "BAD_USER_INPUT"), "{reply:?}");
    alive(server.address).await;
    let grown = server.memory().saturating_sub(before);
    assert!(grown < GROWTH, "the server grew by {grown} bytes");
}

#[tokio::test]
async fn silent_connections_leave_the_service_answering() {
    let world = World::new(Backend::Sqlite).await;
    let server = Process::serve_within(&world.home, 256).await;
    let mut silent = vec![];
    for begin in ["", "P", "PRI * HTTP/2.0\r\n", "POST /graphql HTTP/1.1\r\nhost: "].iter().cycle().take(300)
    {
        let mut stream = TcpStream::connect(server.address).await.expect("a connection");
        stream.write_all(begin.as_bytes()).await.expect("a beginning");
        silent.push(stream);
    }
    for _ in 0..20 {
        let asked = tokio::time::timeout(Duration::from_secs(5), alive(server.address));
        asked.await.expect("an answer, though 300 others say nothing");
    }
    assert_eq!(get(server.address, "/healthz").await.status, 200);
}

#[tokio::test]
async fn hostile_documents_are_refused_and_the_server_goes_on() {
    let world = World::new(Backend::Sqlite).await;
    let address = world.listen().await;
    let bomb: String =
        (0..30).map(|at| format!("fragment f{at} on Query {{ ...f{0} ...f{0} }}\n", at + 1)).collect();
    let sign_in = r#"signIn(input: { email: "a@example.com", password: "b" }) { accessToken }"#;
    let documents = [
        (
            "brackets",
            format!("{{ node(id: {}{}) {{ id }} }}", "[".repeat(1600), "]".repeat(1600)),
            "LIMIT_EXCEEDED",
        ),
        ("braces", format!("{{ a{} }}", "{a".repeat(1600) + &"}".repeat(1600)), "LIMIT_EXCEEDED"),
        ("bomb", format!("{{ ...f0 }}\n{bomb}fragment f30 on Query {{ __typename }}"), "LIMIT_EXCEEDED"),
        ("typenames", format!("{{ {} }}", "__typename ".repeat(500)), "LIMIT_EXCEEDED"),
        (
            "aliases",
            format!("{{ {} }}", (0..31).map(|at| format!("a{at}: __typename ")).collect::<String>()),
            "LIMIT_EXCEEDED",
        ),
        ("guesses", format!("mutation {{ a: {sign_in} b: {sign_in} }}"), "LIMIT_EXCEEDED"),
        (
            "guesses in a fragment",
            format!("mutation {{ a: {sign_in} ...f }} fragment f on Mutation {{ b: {sign_in} }}"),
            "LIMIT_EXCEEDED",
        ),
        (
            "a cycle",
            "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }".to_owned(),
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("no document", "{".to_owned(), "GRAPHQL_PARSE_FAILED"),
        ("a subscription", "subscription { x }".to_owned(), "GRAPHQL_VALIDATION_FAILED"),
    ];
    let token = world.token(Facilitator);
    for (name, document, code) in documents {
        for bearer in [None, Some(token.as_str())] {
            let began = Instant::now();
            let reply = post(address, bearer, &document, json!({})).await;
            assert_eq!((reply.status, reply.code().as_str()), (400, code), "{name}: {}", reply.body);
            assert_eq!(reply.json().get("data"), None, "{name}");
            // unoptimised, on a busy machine: far from the exponential it would be
            assert!(began.elapsed() < Duration::from_secs(2), "{name} took {:?}", began.elapsed());
            alive(address).await;
        }
    }
    let deep: Value = serde_json::from_str(&format!("{}{}", "[".repeat(100), "]".repeat(100))).expect("JSON");
    let query = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
    let reply = post(address, Some(&token), query, json!({ "ids": deep })).await;
    assert_eq!(reply.status, 400, "{}", reply.body);
    alive(address).await;
}

#[tokio::test]
async fn http_is_refused_as_http() {
    let world = World::new(Backend::Sqlite).await;
    let address = world.listen().await;
    let path = "/graphql?query=mutation%7BsignOut%28input%3A%7B%7D%29%7Bdone%7D%7D";
    let by_get = get(address, path).await;
    assert_eq!((by_get.status, by_get.header("allow")), (405, Some("POST")), "{by_get:?}");
    let request = |method: &str, headers: &str, body: &str| {
        format!(
            "{method} /graphql HTTP/1.1\r\nhost: concord\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
            body.len()
        )
    };
    let body = r#"{"query":"{ __typename }"}"#;
    let json = "content-type: application/json\r\n";
    let cases = [
        ("POST", format!("{json}accept: application/json\r\n"), body, 200),
        ("POST", format!("{json}accept: text/html\r\n"), body, 406),
        ("POST", "content-type: text/plain\r\n".to_owned(), body, 415),
        ("POST", "content-type: multipart/form-data; boundary=x\r\n".to_owned(), body, 415),
        ("POST", "content-type: application/x-www-form-urlencoded\r\n".to_owned(), body, 415),
        ("PUT", json.to_owned(), body, 405),
        ("DELETE", json.to_owned(), body, 405),
        ("POST", json.to_owned(), r#"[{"query":"{ __typename }"}]"#, 400),
        ("POST", json.to_owned(), "{", 400),
        ("POST", format!("{json}authorization: Basic YTpi\r\n"), body, 401),
        ("POST", format!("{json}authorization: Bearer nonsense\r\n"), body, 401),
    ];
    for (method, headers, body, status) in cases {
        let reply = exchange(address, request(method, &headers, body).as_bytes()).await;
        assert_eq!(reply.status, status, "{method} {headers} {body}: {reply:?}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"), "{reply:?}");
        assert!(reply.header("x-request-id").is_some(), "{reply:?}");
    }
    alive(address).await;
}

#[tokio::test]
async fn errors_of_the_database_show_nothing_of_it() {
    let world = World::new(Backend::Postgres).await;
    let address = world.listen().await;
    let token = world.token(Facilitator);
    let query = "query($id: ID!) { team(id: $id) { actions { totalCount nodes { title } } } }";
    let team = json!({ "id": world.cast.team.to_string() });
    let create = "mutation($input: ActionCreateInput!) { actionCreate(input: $input) { action { id } } }";
    let input = json!({ "input": { "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(),
        "title": "A secret title", "dueOn": "2026-03-20" } });
    assert_eq!(post(address, Some(&token), query, team.clone()).await.status, 200);
    world.home.superuser().await.batch_execute("drop table action cascade").await.expect("the table is gone");
    let read = post(address, Some(&token), query, team).await;
    assert_eq!((read.status, read.code().as_str()), (500, "INTERNAL"), "{}", read.body);
    let written = post(address, Some(&token), create, input).await;
    assert_eq!(written.code(), "INTERNAL", "{}", written.body);
    for reply in [read, written] {
        let message = &reply.json()["errors"][0]["message"];
        assert_eq!(message, "Internal error");
        for word in ["select", "insert", "relation", "42P01", "concord_", "127.0.0.1", "secret"] {
            assert!(!reply.body.contains(word), "{word} in {}", reply.body);
        }
    }
    alive(address).await;
}

scenario! {
    async fn operators_are_answered(world: World) {
        let address = world.listen().await;
        assert_eq!(get(address, "/healthz").await.status, 200);
        assert_eq!(get(address, "/readyz").await.status, 200);
        let keys = get(address, "/.well-known/jwks.json").await;
        let key = &keys.json()["keys"][0];
        assert_eq!((&key["kty"], &key["crv"], &key["use"]), (&json!("OKP"), &json!("Ed25519"), &json!("sig")), "{keys:?}");
        assert_eq!(key.get("d"), None, "the private part stays here");
        world.read(Facilitator, "{ viewer { person { name } } }", json!({})).await;
        alive(address).await;
        assert_eq!(get(address, "/metrics").await.status, 404, "metrics have a listener of their own");
        let watching = world.listen_for_metrics().await;
        assert_eq!(get(watching, "/graphql").await.status, 404);
        let metrics = get(watching, "/metrics").await;
        assert_eq!(metrics.status, 200);
        for line in ["concord_http_requests_total{status=\"200\"}", "concord_pool_connections", "concord_cache_lookups"] {
            assert!(metrics.body.contains(line), "{line} is missing in {}", metrics.body);
        }
        assert_eq!(get(address, "/elsewhere").await.status, 404);
        let behind = world.home.behind().await;
        behind
            .execute_unprepared("delete from seaql_migrations where version = (select max(version) from seaql_migrations)")
            .await
            .expect("a migration forgotten");
        let unready = get(address, "/readyz").await;
        assert_eq!((unready.status, unready.body.as_str()), (503, "not ready\n"));
        assert_eq!(get(address, "/healthz").await.status, 200);
    }
}

async fn alive(address: SocketAddr) {
    let reply: Reply = post(address, None, "{ __typename }", json!({})).await;
    assert_eq!((reply.status, &reply.json()["data"]), (200, &json!({ "__typename": "Query" })), "{reply:?}");
}
