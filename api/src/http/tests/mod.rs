//! The endpoint over a real socket, with a service that stands in for the application.

mod answers;
mod connections;
mod routes;

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
    async fn check_head(&self, bearer: Option<&str>, _: &str) -> Result<bool, Answer> {
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

    async fn unsubscribe(&self, token: &str, _: IpAddr, _: bool) -> Result<bool, Outcome> {
        Ok(token == "valid")
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
    let mut settings = HttpSettings::try_from(&Config::defaults().unwrap()).unwrap();
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
