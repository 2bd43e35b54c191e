//! What operators read: every request and job turn is a span with an id, a request has one line in the access log, and an
//! answer that says INTERNAL carries the id under which the log has the rest.

use crate::{
    kit::{
        Backend, Home, Persona::*, Process, SECRET_KEY, World, eventually, exchange, free_address, get,
        pools, post,
    },
    scenario,
    scenarios::signing_in::Log,
};
use concord::config::Cidr;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};
use std::{net::TcpListener, time::Duration};
use tracing_subscriber::EnvFilter;

const CREATE: &str =
    "mutation($input: ActionCreateInput!) { actionCreate(input: $input) { action { id } errors { code } } }";

fn input(world: &World) -> Value {
    json!({ "input": { "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(),
        "title": "Talk to the confidential buyer", "dueOn": "2026-03-20" } })
}

/// The log's lines from here on, as JSON.
fn heard() -> (Log, tracing::subscriber::DefaultGuard) {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().json().with_env_filter(EnvFilter::new("info")).with_writer(log.clone());
    // a test's runtime has one thread, so this hears all of its tasks
    (log, tracing::subscriber::set_default(subscriber.finish()))
}

fn lines(log: &Log) -> Vec<Value> {
    let text = String::from_utf8(log.0.lock().expect("the log").clone()).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

fn accesses(log: &Log) -> Vec<Value> {
    lines(log).into_iter().filter(|line| line["target"] == "concord::access").collect()
}

scenario! {
    async fn every_request_is_one_line_and_an_internal_error_names_it(world: World) {
        let address = world.listen().await;
        let token = world.token(Leader);
        let (log, _heard) = heard();
        let query = "query($name: String) { viewer { portfolio(first: 3, filter: { name: { eq: $name } }) { totalCount } } }";
        let reply = post(address, Some(&token), query, json!({ "name": "the confidential buyer" })).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(post(address, Some(&token), "{ nonsense }", json!({})).await.status, 400);
        assert_eq!(post(address, None, "{", json!({})).await.status, 400);
        assert_eq!(post(address, Some("x"), "{ __typename }", json!({})).await.status, 401);
        assert_eq!(exchange(address, b"PUT /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.status, 405);
        assert_eq!(get(address, "/exports/network_1/cex_secret").await.status, 404);
        // probes are no news
        assert_eq!(get(address, "/healthz").await.status, 200);
        let told: Vec<(Value, Value, Value, Value)> = accesses(&log)
            .into_iter()
            .map(|line| {
                let (fields, span) = (&line["fields"], &line["span"]);
                (fields["status"].clone(), fields["route"].clone(), span["operation"].clone(), span["code"].clone())
            })
            .collect();
        let line = |status: u16, route: &str, operation: Value, code: Value| (json!(status), json!(route), operation, code);
        assert_eq!(
            told,
            [
                line(200, "/graphql", json!("query"), json!(null)),
                line(400, "/graphql", json!(null), json!("GRAPHQL_VALIDATION_FAILED")),
                line(400, "/graphql", json!(null), json!("GRAPHQL_PARSE_FAILED")),
                line(401, "/graphql", json!(null), json!("UNAUTHENTICATED")),
                line(405, "/graphql", json!(null), json!("BAD_USER_INPUT")),
                line(404, "/exports", json!(null), json!(null)),
            ]
        );
        let first = &accesses(&log)[0]["span"];
        assert_eq!(first["outcome"], "executed");
        assert!(first["duration_ms"].as_f64().is_some_and(|took| took > 0.0), "{first}");
        assert_eq!(first["request_id"].as_str(), reply.header("x-request-id"));
        // what breaks: a table is gone
        let drop = match world.backend {
            Backend::Sqlite => "drop table action",
            Backend::Postgres => "drop table action cascade",
        };
        world.home.behind().await.execute_unprepared(drop).await.expect("the table is gone");
        let read = "query($id: ID!) { team(id: $id) { actions(first: 1) { nodes { id } } } }";
        let team = json!({ "id": world.cast.team.to_string() });
        for (document, variables) in [(CREATE, input(&world)), (read, team)] {
            let failed = post(address, Some(&token), document, variables).await;
            assert_eq!(failed.code(), "INTERNAL", "{failed:?}");
            let id = failed.json()["errors"][0]["extensions"]["requestId"].clone();
            assert_eq!(id.as_str(), failed.header("x-request-id"), "{failed:?}");
            let errors: Vec<Value> = lines(&log).into_iter().filter(|line| line["level"] == "ERROR").collect();
            assert!(errors.iter().any(|line| line["span"]["request_id"] == id), "{id} is not in {errors:#?}");
        }
        let text = lines(&log).iter().map(Value::to_string).collect::<String>();
        for secret in ["portfolio", "the confidential buyer", "cex_secret", "nonsense"] {
            assert!(!text.contains(secret), "{secret} is in the log");
        }
    }
}

scenario! {
    async fn the_callers_request_id_is_kept_beside_ours(world: World) {
        let address = world.listen().await;
        let body = json!({ "query": CREATE, "variables": input(&world) }).to_string();
        let (log, _heard) = heard();
        let mut ours = vec![];
        // the same one twice: the requests stay two
        for _ in 0..2 {
            let head = format!(
                "POST /graphql HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
                 authorization: Bearer {}\r\nx-request-id: mine-1\r\ncontent-length: {}\r\n\r\n{body}",
                world.token(Facilitator),
                body.len()
            );
            let reply = exchange(address, head.as_bytes()).await;
            assert_eq!((reply.status, reply.json()["errors"].clone()), (200, json!(null)), "{reply:?}");
            ours.push(reply.header("x-request-id").expect("an id").to_owned());
        }
        assert!(ours[0] != ours[1] && !ours.contains(&"mine-1".to_owned()), "{ours:?}");
        for (line, own) in accesses(&log).iter().zip(&ours) {
            assert_eq!((&line["span"]["request_id"], &line["span"]["caller_request_id"]), (&json!(own), &json!("mine-1")));
        }
        let events = entity::audit_event::Entity::find().all(&world.home.behind().await).await.expect("events");
        let told: Vec<(&str, Option<&str>)> = events
            .iter()
            .filter(|event| event.noun == "action")
            .map(|event| (event.request_id.as_str(), event.caller_request_id.as_deref()))
            .collect();
        let mut wanted: Vec<(&str, Option<&str>)> = ours.iter().map(|own| (own.as_str(), Some("mine-1"))).collect();
        wanted.sort_unstable();
        let mut told_sorted = told;
        told_sorted.sort_unstable();
        assert_eq!(told_sorted, wanted);
    }
}

scenario! {
    async fn a_jobs_turn_is_a_span(world: World) {
        let log = Log::default();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_env_filter(EnvFilter::new("info"))
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::CLOSE)
            .with_writer(log.clone());
        let _heard = tracing::subscriber::set_default(subscriber.finish());
        assert!(concord::jobs::run_due_turns(&world.app).await.is_ok_and(|made| made > 0));
        let lines = lines(&log);
        let turn = lines.iter().find(|line| line["span"]["name"] == "turn" && line["span"]["operation"] == "remind");
        let span = &turn.unwrap_or_else(|| panic!("no turn in {lines:#?}"))["span"];
        assert_eq!(span["outcome"], "done");
        assert!(span["duration_ms"].as_f64().is_some() && span["request_id"].as_str().is_some_and(|id| id.len() == 36));
        assert!(span["network"].as_str().is_some_and(|id| id.starts_with("network_")));
    }
}

#[tokio::test]
async fn a_proxy_that_is_not_trusted_is_warned_of_once() {
    for (trusted, wanted) in [(None, 1), (Some("127.0.0.0/8"), 0)] {
        let world = World::with(Backend::Sqlite, pools(), |config| {
            config.trusted_proxies = trusted
                .map(|network| Cidr::try_from(network.to_owned()).expect("a network"))
                .into_iter()
                .collect();
        })
        .await;
        let address = world.listen().await;
        let (log, _heard) = heard();
        let request = b"GET /graphql?query=%7B__typename%7D HTTP/1.1\r\nhost: x\r\nconnection: close\r\n";
        for forwarded in ["", "x-forwarded-for: 198.51.100.7\r\n", "x-forwarded-for: 198.51.100.8\r\n"] {
            let raw = [&request[..], forwarded.as_bytes(), b"\r\n"].concat();
            assert_eq!(exchange(address, &raw).await.status, 200);
        }
        let warned = |line: &Value| {
            line["fields"]["message"].as_str().is_some_and(|text| text.contains("trusted_proxies"))
        };
        assert_eq!(lines(&log).iter().filter(|line| warned(line)).count(), wanted, "{trusted:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_warns_of_taken_metrics_and_of_emails_that_wait_and_starts() {
    let world = World::new(Backend::Sqlite).await;
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = listener.local_addr().expect("an address").to_string();
    for (smtp_url, emails_wait) in [("", true), ("smtp://127.0.0.1:1", false)] {
        let settings = [
            ("CONCORD_METRICS_LISTEN", taken.as_str()),
            ("CONCORD_SMTP_URL", smtp_url),
            ("CONCORD_LOG_FILTER", "warn"),
            ("CONCORD_LOG_JSON", "true"),
        ];
        let server = Process::serve_with(&world.home, &settings).await;
        let fields = |log: &str| -> Vec<Value> {
            let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
            lines.filter(|line| line["level"] == "WARN").map(|line| line["fields"].clone()).collect()
        };
        let named = |warning: &Value, setting: &str| {
            warning["message"].as_str().is_some_and(|message| message.contains(setting))
        };
        // the warning about metrics comes last, so the one about e-mails has been read by then
        let (warnings, metrics) = eventually("the warning", Duration::from_secs(30), async || {
            let warnings = fields(&server.log());
            let metrics = warnings.iter().find(|warning| named(warning, "metrics_listen")).cloned();
            metrics.map(|metrics| (warnings, metrics))
        })
        .await;
        assert_eq!(metrics["address"], taken.as_str());
        let emails: Vec<&Value> = warnings.iter().filter(|warning| named(warning, "smtp_url")).collect();
        assert_eq!(emails.len(), usize::from(emails_wait), "{warnings:?}");
        assert!(emails.iter().all(|warning| named(warning, "e-mails wait")), "{emails:?}");
        assert_eq!(get(server.address, "/healthz").await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_demo_serves_no_metrics() {
    let world = World::new(Backend::Sqlite).await;
    let Home::Folder(data) = &world.home else { panic!("SQLite has a folder") };
    let metrics = free_address();
    let address = metrics.to_string();
    let settings = [("CONCORD_METRICS_LISTEN", address.as_str()), ("CONCORD_SECRET_KEY", SECRET_KEY)];
    let server = Process::serve_with(&world.home, &settings).await;
    assert_eq!(get(metrics, "/metrics").await.status, 200, "a server does");
    server.kill();
    // it finds a network here, and makes none
    let demo = Process::demo_with(data, &settings).await;
    assert_eq!(get(demo.address, "/healthz").await.status, 200);
    assert_eq!(get(demo.address, "/metrics").await.status, 404);
    assert_eq!(get(metrics, "/metrics").await.status, 0, "no one listens");
}
