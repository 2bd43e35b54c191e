//! Around every request: an ID, a span, one line in the access log, and the answer to a panic.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use futures::FutureExt;
use tracing::Instrument;

use super::answer::{Failure, REQUEST_ID};
use super::negotiate::Media;
use super::{Service, Shared};
use crate::telemetry::{RequestEnd, RequestSpan, StatusLabel};

/// The IDs of a request.
#[derive(Debug, Clone, Default)]
pub struct RequestIds {
    /// The ID given by the server.
    pub own: String,
    /// The ID given by the caller in `X-Request-Id`: 1 to 64 letters, digits, `-` and `_`.
    pub caller: Option<String>,
}

/// Gives a request its ID, runs it in its span, answers a panic, and writes the access log.
pub async fn log_request<S: Service>(
    State(shared): State<Shared<S>>,
    mut request: Request,
    next: Next,
) -> Response {
    let ids = RequestIds { own: shared.service.request_id(), caller: caller_request_id(request.headers()) };
    let route = route(request.uri().path());
    let running = (route == GRAPHQL).then(|| Running::new(shared.service.clone()));
    let watched = RequestSpan::begin(&ids.own, ids.caller.as_deref(), request.method().as_str(), route);
    request.extensions_mut().insert(ids.clone());
    let answered =
        AssertUnwindSafe(next.run(request)).catch_unwind().instrument(watched.span().clone()).await;
    let mut response = answered.unwrap_or_else(|panic| {
        let panic = panic_text(panic);
        watched.span().in_scope(|| tracing::error!(panic, "a request panicked"));
        Failure::internal().respond(Media::Json, &ids.own)
    });
    if let Ok(value) = HeaderValue::from_str(&ids.own) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let status = response.status();
    let plain = RequestEnd {
        outcome: if status.is_success() { "executed" } else { "refused" },
        ..RequestEnd::default()
    };
    let ended = response.extensions().get::<RequestEnd>().copied().unwrap_or(plain);
    let took = watched.end(status.as_u16(), ended);
    if running.is_some() {
        let telemetry = shared.service.telemetry();
        telemetry.requests.get_or_create(&StatusLabel { status: status.as_u16() }).inc();
        telemetry.latency.observe(took.as_secs_f64());
    }
    response
}

/// The text of a panic.
pub fn panic_text(panic: Box<dyn std::any::Any + Send>) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "not a text".to_owned())
}

const GRAPHQL: &str = "/graphql";

/// The route of a path for the log: one of a closed set, so that no secret of a path is logged.
fn route(path: &str) -> &'static str {
    const KNOWN: &[&str] = &[
        GRAPHQL,
        "/healthz",
        "/readyz",
        "/metrics",
        "/.well-known/jwks.json",
        "/schema.graphql",
        "/explorer",
        "/explorer.js",
        "/explorer.css",
        "/",
    ];
    match KNOWN.iter().find(|known| **known == path) {
        Some(known) => known,
        None if path.starts_with("/exports/") => "/exports",
        None if path.starts_with("/unsubscribe/") => "/unsubscribe",
        None if path.starts_with("/assets/") => "/assets",
        None => "other",
    }
}

fn caller_request_id(headers: &HeaderMap) -> Option<String> {
    let sane = |text: &&str| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(sane).map(str::to_owned)
}

/// Counts a request as running until it is answered or its client is gone.
struct Running<S: Service>(Arc<S>);

impl<S: Service> Running<S> {
    fn new(service: Arc<S>) -> Self {
        service.telemetry().running.inc();
        Self(service)
    }
}

impl<S: Service> Drop for Running<S> {
    fn drop(&mut self) {
        self.0.telemetry().running.dec();
    }
}
