//! Routes, and the loop that accepts connections.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use axum::routing::{any, get};
use axum::{Extension, Router};
use bytes::Bytes;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tower::ServiceExt;
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::answer::{self, Failure, REQUEST_ID};
use super::explorer::Explorer;
use super::negotiate::Media;
use super::{HttpSettings, Outcome, Service, endpoint, remote};

/// Serves until `shutdown` resolves, then stops accepting and lets running requests finish, those too whose
/// clients are gone, for as long as the settings allow.
pub async fn serve<S: Service>(
    listener: TcpListener,
    service: Arc<S>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let patience = service.settings().shutdown;
    let (unfinished, finished) = mpsc::channel(1);
    accept(listener, routes(Shared { service, unfinished }), finished, patience, shutdown).await
}

/// The same for a process that answers no requests: health and metrics alone.
pub async fn serve_probes<S: Service>(
    listener: TcpListener,
    service: Arc<S>,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let patience = service.settings().shutdown;
    let (unfinished, finished) = mpsc::channel(1);
    let router = closed(probes().with_state(Shared { service, unfinished }));
    accept(listener, router, finished, patience, shutdown).await
}

async fn accept(
    listener: TcpListener,
    router: Router,
    mut finished: mpsc::Receiver<Infallible>,
    patience: Duration,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, address)) => connect(stream, address.ip(), &router, &graceful),
            // Out of descriptors, or the client is gone already: the listener itself is well.
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
    drop((listener, router));
    let rest = async {
        graceful.shutdown().await;
        // Nobody sends: it ends when the last request drops its sender.
        finished.recv().await;
    };
    if tokio::time::timeout(patience, rest).await.is_err() {
        tracing::warn!("stopping with requests unfinished");
    }
    Ok(())
}

/// What every handler holds.
pub struct Shared<S> {
    /// The application.
    pub service: Arc<S>,
    /// Held by whatever must finish before the process ends.
    pub unfinished: mpsc::Sender<Infallible>,
}

impl<S> Clone for Shared<S> {
    fn clone(&self) -> Self {
        Self { service: self.service.clone(), unfinished: self.unfinished.clone() }
    }
}

/// The address at the other end of the connection.
#[derive(Clone, Copy)]
pub struct Peer(pub IpAddr);

/// All routes.
pub fn routes<S: Service>(shared: Shared<S>) -> Router {
    let settings = shared.service.settings();
    let mut pages = Router::new().route("/graphql", any(endpoint::graphql::<S>));
    if let Some(cors) = cors(settings) {
        pages = pages.layer(cors);
    }
    if settings.explorer {
        let explorer = Explorer::new();
        let page = get(move || async move { explorer.respond() });
        pages = pages.route("/", page.clone()).route("/explorer", page);
    }
    // Fast rather than small: answers are short-lived, and it runs on the threads that answer. A client that
    // does not ask for gzip pays a look at its headers.
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(1_024).and(NotForContentType::new("text/event-stream")));
    let pages = pages
        .layer(compression)
        .route("/.well-known/jwks.json", get(jwks::<S>))
        .route("/exports/{network}/{token}", get(export::<S>));
    closed(pages.merge(probes()).with_state(shared))
}

/// What an operator asks a process.
fn probes<S: Service>() -> Router<Shared<S>> {
    Router::new()
        .route("/healthz", get(|| async { text(StatusCode::OK, "ok\n") }))
        .route("/readyz", get(ready::<S>))
        .route("/metrics", get(metrics::<S>))
}

/// What is nowhere, and what panics, is answered too.
fn closed(router: Router) -> Router {
    router
        .fallback(|| async { text(StatusCode::NOT_FOUND, "not found\n") })
        .layer(CatchPanicLayer::custom(|_| Failure::internal().respond(Media::Json, "")))
}

const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
const HEADER_BYTES: usize = 64 * 1024;
const STREAMS: u32 = 100;
const HOUR: Duration = Duration::from_secs(3_600);

fn connect(stream: TcpStream, peer: IpAddr, router: &Router, graceful: &GracefulShutdown) {
    // Answers are small and complete: waiting to fill a segment only delays them.
    let _ = stream.set_nodelay(true);
    let router = router.clone();
    let service = hyper::service::service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        router.clone().oneshot(request.map(axum::body::Body::new))
    });
    let mut builder = Builder::new(TokioExecutor::new());
    // A client that sends its head a byte at a time holds a connection no longer than this.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEADER_TIMEOUT).max_buf_size(HEADER_BYTES);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .keep_alive_interval(HEADER_TIMEOUT);
    let watcher = graceful.watcher();
    tokio::spawn(async move {
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(error, "a connection broke");
        }
    });
}

fn cors(settings: &HttpSettings) -> Option<CorsLayer> {
    if settings.cors_origins.is_empty() {
        return None;
    }
    let origins = if settings.cors_origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        AllowOrigin::list(
            settings.cors_origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()),
        )
    };
    let named = HeaderName::from_static;
    Some(
        CorsLayer::new()
            .allow_origin(origins)
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([
                header::CONTENT_TYPE,
                header::AUTHORIZATION,
                header::ACCEPT,
                named("idempotency-key"),
                REQUEST_ID,
            ])
            .expose_headers([
                named("ratelimit-limit"),
                named("ratelimit-remaining"),
                named("ratelimit-reset"),
                header::RETRY_AFTER,
                REQUEST_ID,
            ])
            .max_age(HOUR),
    )
}

/// A link is a secret that ends soon; what it leads to is kept nowhere on the way.
async fn export<S: Service>(
    State(shared): State<Shared<S>>,
    Path((network, token)): Path<(String, String)>,
    Extension(peer): Extension<Peer>,
    headers: HeaderMap,
) -> Response {
    let proxies = &shared.service.settings().trusted_proxies;
    let remote = remote::client_address(peer.0, &headers, proxies);
    match shared.service.clone().export(&network, &token, remote).await {
        Ok(Some(file)) => {
            let lines = HeaderValue::from_static("application/jsonl; charset=utf-8");
            let mut response = answer::plain(StatusCode::OK, lines, Bytes::new());
            let saved = HeaderValue::from_static("attachment; filename=\"concord-export.jsonl\"");
            response.headers_mut().insert(header::CONTENT_DISPOSITION, saved);
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(file.bytes));
            *response.body_mut() = Body::from_stream(file.parts);
            response
        }
        Ok(None) => text(StatusCode::NOT_FOUND, "not found\n"),
        Err(Outcome::RateLimited { retry_after }) => {
            let mut response = text(StatusCode::TOO_MANY_REQUESTS, "too many requests\n");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
            response
        }
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "internal error\n"),
    }
}

async fn jwks<S: Service>(State(shared): State<Shared<S>>) -> Response {
    let json = HeaderValue::from_static("application/jwk-set+json");
    let mut response = answer::plain(StatusCode::OK, json, shared.service.jwks().await);
    // Public, and short enough for a new key to be known before it signs.
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=60"));
    response
}

async fn ready<S: Service>(State(shared): State<Shared<S>>) -> Response {
    match shared.service.ready().await {
        Ok(()) => text(StatusCode::OK, "ready\n"),
        Err(reason) => {
            tracing::warn!(reason, "not ready");
            text(StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
        }
    }
}

async fn metrics<S: Service>(State(shared): State<Shared<S>>) -> Response {
    let open_metrics = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    answer::plain(StatusCode::OK, open_metrics, shared.service.metrics())
}

fn text(status: StatusCode, text: &'static str) -> Response {
    answer::plain(status, HeaderValue::from_static("text/plain; charset=utf-8"), text)
}
