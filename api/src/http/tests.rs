//! The endpoint over a real socket, with a service that stands in for the application.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::*;

/// Bearer, both request ids, address and body hash of a call.
type Seen = (Option<String>, String, Option<String>, IpAddr, [u8; 32]);

/// Knows the documents of the audits, and some that misbehave.
struct Fake {
    settings: HttpSettings,
    telemetry: Telemetry,
    made: AtomicU32,
    finished: AtomicBool,
    seen: Mutex<Option<Seen>>,
}

impl Service for Fake {
    async fn greet(&self, bearer: Option<&str>, _: &str) -> Result<bool, Answer> {
        Ok(bearer.is_some())
    }

    async fn answer(self: Arc<Self>, call: Call) -> Answer {
        let ids = (call.request_id.clone(), call.caller_request_id.clone());
        *self.seen.lock() = Some((call.bearer.clone(), ids.0, ids.1, call.remote, call.body_hash));
        let answer = |outcome, body: Value| Answer {
            outcome,
            body: body.to_string().into(),
            rate: None,
            operation: None,
            code: None,
            cost: None,
        };
        let refused = |outcome| answer(outcome, json!({ "errors": [{ "message": "no" }] }));
        let query = call.request.query.as_str();
        match query {
            "panic" => panic!("the secret of the panic"),
            "sleep" => {
                tokio::time::sleep(Duration::from_millis(300)).await;
                self.finished.store(true, Ordering::SeqCst);
                refused(Outcome::Executed)
            }
            "hang" => std::future::pending().await,
            "unauthenticated" => refused(Outcome::Unauthenticated),
            "conflict" => refused(Outcome::Conflict),
            "unavailable" => refused(Outcome::Unavailable),
            "internal" => refused(Outcome::Internal),
            "limited" => Answer {
                rate: Some(Rate { limit: 2_000, remaining: 7, reset_seconds: 40 }),
                ..refused(Outcome::RateLimited { retry_after: 9 })
            },
            "large" => answer(Outcome::Executed, json!({ "data": { "text": "x".repeat(5_000) } })),
            _ if query.starts_with("mutation") && call.read_only => refused(Outcome::MethodNotAllowed),
            "{" | "{ 8f31403dfe404bccbb0e835f2629c6a7 }" => refused(Outcome::Refused),
            _ if call.request.variables.get("id") == Some(&Value::Null) => refused(Outcome::Refused),
            _ => answer(Outcome::Executed, json!({ "data": { "__typename": "Query" } })),
        }
    }

    async fn jwks(&self) -> String {
        r#"{"keys":[]}"#.into()
    }

    async fn export(self: Arc<Self>, _: &str, _: &str, _: IpAddr) -> Result<Option<Download>, Outcome> {
        Ok(None)
    }

    async fn ready(&self) -> Result<(), String> {
        Err("the database at db.internal is down".into())
    }

    fn visit(&self, _: IpAddr, visit: Visit) -> Result<(), u32> {
        match visit {
            Visit::Page => Err(7),
            Visit::Probe => Ok(()),
        }
    }

    fn schema(&self) -> Bytes {
        "type Query { x: Int }".into()
    }

    fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    fn request_id(&self) -> String {
        format!("made-{}", self.made.fetch_add(1, Ordering::SeqCst))
    }

    fn settings(&self) -> &HttpSettings {
        &self.settings
    }
}

struct Server {
    address: SocketAddr,
    service: Arc<Fake>,
    stop: Option<oneshot::Sender<()>>,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

struct Reply {
    status: u16,
    head: String,
    body: String,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

async fn start(change: impl FnOnce(&mut HttpSettings)) -> Server {
    let mut settings = HttpSettings::from(&Config::defaults().unwrap());
    settings.request_timeout = Duration::from_secs(2);
    change(&mut settings);
    let service = Arc::new(Fake {
        settings,
        telemetry: Telemetry::new(),
        made: AtomicU32::new(0),
        finished: AtomicBool::new(false),
        seen: Mutex::default(),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let task = tokio::spawn(serve(listener, service.clone(), async {
        let _ = stopped.await;
    }));
    Server { address, service, stop: Some(stop), task }
}

/// Sends bytes and reads until the other end closes. A broken connection is an empty answer.
async fn exchange(address: SocketAddr, raw: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // whoever is turned away may learn of it here or when reading
    let _ = stream.write_all(raw).await;
    let mut raw = Vec::new();
    let _ = stream.read_to_end(&mut raw).await;
    let raw = String::from_utf8_lossy(&raw).into_owned();
    let (head, body) = raw.split_once("\r\n\r\n").unwrap_or((raw.as_str(), ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Reply { status, head: head.to_owned(), body: body.to_owned() }
}

impl Server {
    async fn send(&self, raw: &str) -> Reply {
        exchange(self.address, raw.as_bytes()).await
    }

    async fn request(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut raw = format!("{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n");
        for (name, value) in headers {
            raw.push_str(&format!("{name}: {value}\r\n"));
        }
        raw.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        self.send(&raw).await
    }

    async fn get(&self, target: &str, headers: &[(&str, &str)]) -> Reply {
        self.request("GET", target, headers, "").await
    }

    async fn post(&self, accept: &str, body: &Value) -> Reply {
        let headers = [("Content-Type", JSON), ("Accept", accept)];
        self.request("POST", "/graphql", &headers, &body.to_string()).await
    }

    async fn query(&self, query: &str) -> Reply {
        self.post(GRAPHQL, &json!({ "query": query })).await
    }
}

const GRAPHQL: &str = "application/graphql-response+json";
const JSON: &str = "application/json";

/// What graphql-http 1.23's `serverAudits` sends by POST, and the status for each media type.
#[tokio::test]
async fn the_audits_of_graphql_http_pass() {
    let server = start(|_| {}).await;
    let ok = "{ __typename }";
    let mut cases: Vec<(Value, u16, u16)> = vec![
        (json!({ "query": ok }), 200, 200),
        (json!({ "query": "{ __type(name: \"Run🏃Swim🏊\") { name } }" }), 200, 200),
        (json!({ "notquery": ok }), 400, 400),
        (json!({ "operationName": "Query", "query": "query Query { __typename }" }), 200, 200),
        (
            json!({ "query": "query Type($name: String!) { x }", "variables": { "name": "sometype" } }),
            200,
            200,
        ),
        (json!({ "query": ok, "extensions": { "some": "value" } }), 200, 200),
        (json!({ "query": "{" }), 400, 200),
        (json!({ "query": "{ 8f31403dfe404bccbb0e835f2629c6a7 }" }), 400, 200),
        (
            json!({ "query": "query CoerceFailure($id: ID!){ __typename }", "variables": { "id": null } }),
            400,
            200,
        ),
        (json!([{ "query": ok }]), 400, 400),
        (json!([ok, null, null, null]), 400, 400),
        (json!("text"), 400, 400),
    ];
    for name in ["variables", "operationName", "extensions"] {
        cases.push((json!({ "query": ok, name: null }), 200, 200));
    }
    for wrong in [json!({ "obj": "ect" }), json!(0), json!(false), json!(["array"])] {
        cases.push((json!({ "query": wrong }), 400, 400));
        cases.push((json!({ "query": ok, "operationName": wrong }), 400, 400));
    }
    for wrong in [json!("string"), json!(0), json!(false), json!(["array"])] {
        cases.push((json!({ "query": ok, "variables": wrong }), 400, 400));
        cases.push((json!({ "query": ok, "extensions": wrong }), 400, 400));
    }
    for (body, graphql, json) in cases {
        for (accept, answers, wanted) in
            [(GRAPHQL, GRAPHQL, graphql), (JSON, JSON, json), ("*/*", JSON, json)]
        {
            let reply = server.post(accept, &body).await;
            assert_eq!(reply.status, wanted, "{accept} {body}");
            assert_eq!(reply.header("content-type").unwrap(), format!("{answers}; charset=utf-8"), "{body}");
            let answer: Value = serde_json::from_str(&reply.body).unwrap();
            assert_eq!(answer.get("data").is_some(), answer.get("errors").is_none(), "{answer}");
        }
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_object_are_refused() {
    let server = start(|_| {}).await;
    let body = r#"{"query":"{ __typename }"}"#;
    for (content_type, body, wanted) in [
        (JSON, r#"{ "not a JSON"#, 400),
        (JSON, "", 400),
        (JSON, r#"{"query":"a","query":"b"}"#, 400),
        (JSON, "{\"query\":\"\\ud800\"}", 400),
        ("application/json; charset=utf-8", body, 200),
        ("text/plain", body, 415),
        ("application/x-www-form-urlencoded", "query={__typename}", 415),
        ("multipart/form-data; boundary=x", body, 415),
    ] {
        let reply = server.request("POST", "/graphql", &[("Content-Type", content_type)], body).await;
        assert_eq!(reply.status, wanted, "{content_type} {body}");
    }
    assert_eq!(server.request("POST", "/graphql", &[], body).await.status, 415);
    let headers = [("Content-Type", JSON), ("Accept", "text/html")];
    assert_eq!(server.request("POST", "/graphql", &headers, body).await.status, 406);
}

/// As the links of Apollo and urql send them, and by what answer they know to send the document.
#[tokio::test]
async fn a_persisted_query_is_answered_as_clients_expect() {
    let server = start(|_| {}).await;
    let hash = json!({ "persistedQuery": { "version": 1, "sha256Hash": "ecf4edb46db40b5132295c0291d62fb65d6759a9" } });
    let error = json!({ "message": "PersistedQueryNotSupported",
        "extensions": { "code": "PERSISTED_QUERY_NOT_SUPPORTED" } });
    for body in [
        json!({ "operationName": "A", "variables": {}, "extensions": hash }),
        json!({ "query": null, "extensions": hash }),
    ] {
        for accept in [GRAPHQL, JSON] {
            let reply = server.post(accept, &body).await;
            assert_eq!(reply.status, 200, "{}", reply.body);
            assert_eq!(serde_json::from_str::<Value>(&reply.body).unwrap(), json!({ "errors": [error] }));
        }
    }
    let target = "/graphql?extensions=%7B%22persistedQuery%22%3A%7B%22version%22%3A1%7D%7D";
    assert!(server.get(target, &[]).await.body.contains("PERSISTED_QUERY_NOT_SUPPORTED"));
    // with the document it is a request like others
    let reply = server.post(JSON, &json!({ "query": "{ __typename }", "extensions": hash })).await;
    assert!(reply.body.contains("\"data\""), "{}", reply.body);
}

#[tokio::test]
async fn get_is_for_queries() {
    let server = start(|_| {}).await;
    for (target, wanted) in [
        ("/graphql?query=%7B%20__typename%20%7D", 200),
        ("/graphql?query=query+Type&variables=%7B%22name%22%3A%22sometype%22%7D", 200),
        ("/graphql?query=q&variables=&operationName=", 200),
        ("/graphql?query=mutation%20%7B%20__typename%20%7D", 405),
        ("/graphql?query=q&variables=%5B%5D", 400),
        ("/graphql?query=q&variables=nothing", 400),
        ("/graphql?query=q&query=p", 400),
        ("/graphql", 400),
    ] {
        let reply = server.get(target, &[("Accept", GRAPHQL)]).await;
        assert_eq!(reply.status, wanted, "{target} {}", reply.body);
        assert_eq!(reply.header("allow"), (wanted == 405).then_some("POST"), "{target}");
    }
    for method in ["PUT", "DELETE", "PATCH", "HEAD"] {
        let reply = server.request(method, "/graphql?query=q", &[], "").await;
        assert_eq!((reply.status, reply.header("allow")), (405, Some("GET, POST, OPTIONS")), "{method}");
    }
    assert_eq!(server.request("OPTIONS", "/graphql", &[], "").await.status, 204);
}

#[tokio::test]
async fn outcomes_become_statuses_and_headers() {
    let server = start(|_| {}).await;
    for (query, wanted) in [
        ("unauthenticated", 401),
        ("limited", 429),
        ("conflict", 409),
        ("unavailable", 503),
        ("internal", 500),
    ] {
        for accept in [GRAPHQL, JSON] {
            assert_eq!(
                server.post(accept, &json!({ "query": query })).await.status,
                wanted,
                "{query} {accept}"
            );
        }
    }
    assert_eq!(server.query("unauthenticated").await.header("www-authenticate"), Some("Bearer"));
    let reply = server.query("limited").await;
    for (name, value) in [
        ("retry-after", "9"),
        ("ratelimit-limit", "2000"),
        ("ratelimit-remaining", "7"),
        ("ratelimit-reset", "40"),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(reply.header(name), Some(value), "{name}");
    }
}

#[tokio::test]
async fn a_panic_is_told_without_its_text() {
    let server = start(|_| {}).await;
    let reply = server.query("panic").await;
    assert_eq!(reply.status, 500);
    let id = reply.header("x-request-id").unwrap();
    let extensions = json!({ "code": "INTERNAL", "requestId": id });
    let wanted = json!({ "errors": [{ "message": "Internal error", "extensions": extensions }] });
    assert_eq!(serde_json::from_str::<Value>(&reply.body).unwrap(), wanted);
    assert_eq!(server.query("{ __typename }").await.status, 200, "the server lives");
}

#[tokio::test]
async fn time_is_bounded() {
    let server = start(|settings| settings.request_timeout = Duration::from_millis(100)).await;
    let reply = server.query("hang").await;
    assert_eq!(reply.status, 504);
    assert!(reply.body.contains("\"TIMEOUT\""), "{}", reply.body);
    let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n";
    assert_eq!(server.send(&format!("{head}Content-Length: 99\r\n\r\n{{")).await.status, 408);
}

#[tokio::test]
async fn requests_are_named_and_their_sender_known() {
    let server = start(|settings| {
        settings.trusted_proxies = vec![Cidr::try_from("127.0.0.1".to_owned()).unwrap()];
    })
    .await;
    let target = "/graphql?query=q";
    let long = "x".repeat(65);
    let made = ["made-0", "made-1", "made-2"];
    let kept = [("abc-DEF_1", Some("abc-DEF_1")), ("a b", None), (long.as_str(), None)];
    for ((given, kept), wanted) in kept.into_iter().zip(made) {
        let headers =
            [("X-Request-Id", given), ("X-Forwarded-For", "198.51.100.7"), ("Authorization", "bearer abc")];
        let reply = server.get(target, &headers).await;
        assert_eq!(reply.header("x-request-id"), Some(wanted));
        let seen = server.service.seen.lock().take().unwrap();
        let (own, callers) = (wanted.to_owned(), kept.map(str::to_owned));
        assert_eq!(seen, (Some("abc".into()), own, callers, "198.51.100.7".parse().unwrap(), [0; 32]));
    }
    for wrong in ["Basic abc", "Bearer", "Bearer  "] {
        let reply = server.get(target, &[("Authorization", wrong)]).await;
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, Some("Bearer")), "{wrong}");
    }
    server.get(target, &[("Idempotency-Key", "k")]).await;
    assert_ne!(server.service.seen.lock().take().unwrap().4, [0; 32]);
    let long = "k".repeat(256);
    assert_eq!(server.get(target, &[("Idempotency-Key", &long)]).await.status, 400);
}

#[tokio::test]
async fn a_large_body_is_refused_unread() {
    let server = start(|_| {}).await;
    let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n";
    let megabyte = vec![b' '; 1 << 20];
    for announced in [true, false] {
        let (mut from, mut to) = TcpStream::connect(server.address).await.unwrap().into_split();
        let length = if announced { "Content-Length: 62914560" } else { "Transfer-Encoding: chunked" };
        to.write_all(format!("{head}{length}\r\n\r\n").as_bytes()).await.unwrap();
        let megabyte = megabyte.clone();
        let writer = tokio::spawn(async move {
            let (frame, end): (&[u8], &[u8]) = if announced { (b"", b"") } else { (b"100000\r\n", b"\r\n") };
            for part in std::iter::repeat_n([frame, &megabyte, end], 60).flatten() {
                if to.write_all(part).await.is_err() {
                    return;
                }
            }
            // Held open until the answer has been read.
            tokio::time::sleep(Duration::from_millis(500)).await;
        });
        let mut raw = vec![0; 1_024];
        let count = from.read(&mut raw).await.unwrap();
        assert!(raw[..count].starts_with(b"HTTP/1.1 413"), "{}", String::from_utf8_lossy(&raw[..count]));
        writer.await.unwrap();
    }
    for (size, anonymous, signed_in) in [(60_000, 200, 200), (200_000, 413, 200), (1_100_000, 413, 413)] {
        let body = json!({ "query": "q", "extensions": { "x": "y".repeat(size) } }).to_string();
        for (token, wanted) in [(None, anonymous), (Some("Bearer abc"), signed_in)] {
            let mut headers = vec![("Content-Type", JSON)];
            headers.extend(token.map(|token| ("Authorization", token)));
            let reply = server.request("POST", "/graphql", &headers, &body).await;
            assert_eq!(reply.status, wanted, "{size} {token:?}");
            if wanted == 413 {
                let limit = if token.is_some() { "1048576 bytes" } else { "65536 bytes" };
                assert!(reply.body.contains(limit), "{}", reply.body);
                assert_eq!(reply.body.contains("header Authorization"), token.is_none(), "{}", reply.body);
            }
        }
    }
}

#[tokio::test]
async fn a_client_that_hangs_up_cancels_nothing_and_stopping_waits() {
    let mut server = start(|_| {}).await;
    let body = r#"{"query":"sleep"}"#;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    let head = "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    stream.write_all(format!("{head}Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(stream);
    tokio::time::sleep(Duration::from_millis(50)).await;
    server.stop.take().unwrap().send(()).unwrap();
    server.task.await.unwrap().unwrap();
    assert!(server.service.finished.load(Ordering::SeqCst));
    assert!(TcpStream::connect(server.address).await.is_err());
}

#[tokio::test]
async fn stopping_is_bounded() {
    let mut server = start(|settings| settings.shutdown = Duration::from_millis(100)).await;
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /graphql?query=hang HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.stop.take().unwrap().send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(1), server.task).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn other_routes_answer() {
    let server = start(|_| {}).await;
    for (target, status, content_type, body) in [
        ("/healthz", 200, "text/plain; charset=utf-8", "ok\n"),
        ("/readyz", 503, "text/plain; charset=utf-8", "not ready\n"),
        ("/.well-known/jwks.json", 200, "application/jwk-set+json", r#"{"keys":[]}"#),
        ("/explorer", 404, "text/plain; charset=utf-8", "not found\n"),
        ("/", 404, "text/plain; charset=utf-8", "not found\n"),
    ] {
        let reply = server.get(target, &[]).await;
        assert_eq!((reply.status, reply.header("content-type")), (status, Some(content_type)), "{target}");
        assert_eq!(reply.body, body);
    }
    let reply = server.get("/schema.graphql", &[]).await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("7")));
    server.query("{ __typename }").await;
    server.get("/graphql", &[]).await;
    assert_eq!(server.get("/metrics", &[]).await.status, 404);
    let metrics = server.service.metrics();
    for line in [
        "concord_http_requests_total{status=\"200\"} 1",
        "concord_errors_total{code=\"BAD_USER_INPUT\"} 1",
        "concord_http_requests_running 0",
    ] {
        assert!(metrics.contains(line), "{line}\nnot in\n{metrics}");
    }
}

#[tokio::test]
async fn metrics_have_a_listener_of_their_own() {
    let server = start(|_| {}).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve_metrics(listener, server.service.clone(), std::future::pending()));
    for (target, status) in [("/metrics", 200), ("/graphql", 404), ("/readyz", 404)] {
        let raw = format!("GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let reply = exchange(address, raw.as_bytes()).await;
        assert_eq!(reply.status, status, "{target}");
        assert_eq!(reply.body.contains("# EOF"), status == 200, "{target}");
    }
}

/// What a connection says first and then nothing, and what it gets: nothing, and an end.
#[tokio::test]
async fn silent_connections_are_closed() {
    let server = start(|settings| settings.first_bytes = Duration::from_millis(100)).await;
    for begin in [&b""[..], b"P", b"PRI * HTTP/2.0\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(begin).await.unwrap();
        let mut raw = vec![];
        let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut raw)).await;
        assert!(ended.is_ok(), "{begin:?} is held");
    }
    assert_eq!(server.query("{ __typename }").await.status, 200);
}

#[tokio::test]
async fn idle_connections_are_closed() {
    let server = start(|settings| settings.idle = Duration::from_millis(100)).await;
    // HTTP/2 with its settings, and no request; HTTP/1 after one
    let settings = b"\x00\x00\x00\x04\x00\x00\x00\x00\x00";
    let preface = [&b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..], settings].concat();
    for begin in [preface.as_slice(), b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"] {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(begin).await.unwrap();
        let mut raw = vec![];
        let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut raw)).await;
        assert!(ended.is_ok() && !raw.is_empty(), "{begin:?} is held");
    }
    // one with a request running stays
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(b"GET /graphql?query=sleep HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut raw = vec![];
    let ended = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut raw)).await;
    assert!(ended.is_ok() && raw.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&raw));
}

#[tokio::test]
async fn the_longest_silence_makes_room_and_work_stays() {
    for by_address in [true, false] {
        let server = start(|settings| match by_address {
            true => settings.connections_per_address = 3,
            false => settings.connections = 3,
        })
        .await;
        let mut silent = vec![];
        for _ in 0..3 {
            silent.push(TcpStream::connect(server.address).await.unwrap());
        }
        for _ in 0..2 {
            assert_eq!(server.query("{ __typename }").await.status, 200);
        }
        let mut raw = vec![];
        let ended =
            tokio::time::timeout(Duration::from_secs(5), silent.remove(0).read_to_end(&mut raw)).await;
        assert!(ended.is_ok(), "the first one has made room");
        drop(silent);
        // three requests run: there is no room, and they are not disturbed
        let mut running = vec![];
        for _ in 0..3 {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(b"GET /graphql?query=hang HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
            running.push(stream);
            while server.service.telemetry.running.get() < running.len() as i64 {
                tokio::task::yield_now().await;
            }
        }
        let turned_away = exchange(server.address, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
        assert_eq!(turned_away.status, 0);
        assert_eq!(server.service.telemetry.running.get(), 3);
    }
}

#[tokio::test]
async fn trusted_proxies_have_no_limit_of_their_own() {
    let server = start(|settings| {
        settings.connections_per_address = 1;
        settings.trusted_proxies = vec![Cidr::try_from("127.0.0.1".to_owned()).unwrap()];
    })
    .await;
    let mut running = vec![];
    for _ in 0..5 {
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET /graphql?query=hang HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        running.push(stream);
    }
    assert_eq!(server.query("{ __typename }").await.status, 200);
}

#[tokio::test]
async fn the_explorer_is_pinned() {
    let server = start(|settings| settings.explorer = true).await;
    for target in ["/", "/explorer"] {
        let reply = server.get(target, &[]).await;
        assert_eq!(reply.status, 200);
        let policy = reply.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'; script-src 'sha256-"), "{policy}");
        assert_eq!(reply.body.matches("https://").count(), reply.body.matches("integrity=\"sha384-").count());
    }
}

#[tokio::test]
async fn gzip_is_for_who_asks() {
    let server = start(|_| {}).await;
    let plain = server.query("large").await;
    assert_eq!((plain.header("content-encoding"), plain.body.len()), (None, 5_020));
    let headers = [("Content-Type", JSON), ("Accept-Encoding", "gzip, br")];
    let packed = server.request("POST", "/graphql", &headers, r#"{"query":"large"}"#).await;
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let small = server.request("POST", "/graphql", &headers, r#"{"query":"q"}"#).await;
    assert_eq!(small.header("content-encoding"), None);
}

#[tokio::test]
async fn pages_of_listed_origins_may_call() {
    let server = start(|settings| settings.cors_origins = vec!["https://app.example".into()]).await;
    for (origin, wanted) in
        [("https://app.example", Some("https://app.example")), ("https://evil.example", None)]
    {
        let headers = [("Origin", origin), ("Access-Control-Request-Method", "POST")];
        let reply = server.request("OPTIONS", "/graphql", &headers, "").await;
        assert_eq!(reply.header("access-control-allow-origin"), wanted);
    }
    let server = start(|settings| {
        settings.cors_origins = vec!["https://app.example".into()];
        settings.cors_headers = vec!["x-client-version".into()];
    })
    .await;
    for name in [
        "authorization",
        "idempotency-key",
        "apollo-require-preflight",
        "apollographql-client-name",
        "apollographql-client-version",
        "sentry-trace",
        "baggage",
        "traceparent",
        "tracestate",
        "x-requested-with",
        "x-client-version",
    ] {
        let headers = [
            ("Origin", "https://app.example"),
            ("Access-Control-Request-Method", "POST"),
            ("Access-Control-Request-Headers", name),
        ];
        let reply = server.request("OPTIONS", "/graphql", &headers, "").await;
        let allowed = reply.header("access-control-allow-headers").unwrap_or_default();
        assert!(allowed.split(',').any(|one| one == name), "{name} is not in {allowed}");
    }
}
