//! Routes, and answers in plain text.

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::{any, get};
use bytes::Bytes;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};

use super::answer::{text, too_many_requests};
use super::explorer::Explorer;
use super::{Outcome, Service, Shared, Visit, answer, cors, endpoint, link_pages, watch};

/// All routes.
pub fn all<S: Service>(shared: Shared<S>) -> Router {
    let settings = shared.service.settings();
    let mut pages = Router::new().route("/graphql", any(endpoint::graphql::<S>));
    if let Some(cors) = cors::layer(settings) {
        pages = pages.layer(cors);
    }
    if let Some(explorer) = &settings.explorer {
        pages = pages.merge(explorer.pages::<S>());
    }
    // Large, and fetched once by each browser: compressing them would cost more than it saves.
    let assets = settings.explorer.as_ref().map_or_else(Router::new, Explorer::assets::<S>);
    let schema = get(schema::<S>).layer(middleware::from_fn_with_state(shared.clone(), limit_pages::<S>));
    // Fast rather than small: answers are short-lived, and it runs on the threads that answer. A client that
    // does not ask for gzip pays a look at its headers.
    let compression = CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(1_024).and(NotForContentType::new("text/event-stream")));
    let pages = pages
        .route("/schema.graphql", schema)
        .layer(compression)
        .route("/.well-known/jwks.json", get(jwks::<S>))
        .route("/exports/{network}/{token}", get(export::<S>));
    finish_router(pages.merge(link_pages::routes()).merge(assets).merge(health(&shared)), shared)
}

/// The probes for an orchestrator.
pub fn probes<S: Service>(shared: Shared<S>) -> Router {
    finish_router(health(&shared), shared)
}

/// The metrics for monitoring.
pub fn metrics<S: Service>(shared: Shared<S>) -> Router {
    finish_router(Router::new().route("/metrics", get(metrics_text::<S>)), shared)
}

fn health<S: Service>(shared: &Shared<S>) -> Router<Shared<S>> {
    let ready = get(ready::<S>).layer(middleware::from_fn_with_state(shared.clone(), limit_probes::<S>));
    Router::new().route("/healthz", get(|| async { text(StatusCode::OK, "ok\n") })).route("/readyz", ready)
}

/// Limits requests of people without a sign-in, by address.
async fn limit_pages<S: Service>(state: State<Shared<S>>, request: Request, next: Next) -> Response {
    limit_visits(state, request, next, Visit::Page).await
}

/// The same for probes.
async fn limit_probes<S: Service>(state: State<Shared<S>>, request: Request, next: Next) -> Response {
    limit_visits(state, request, next, Visit::Probe).await
}

async fn limit_visits<S: Service>(
    State(shared): State<Shared<S>>,
    request: Request,
    next: Next,
    visit: Visit,
) -> Response {
    let remote = shared.remote(request.extensions(), request.headers());
    match shared.service.visit(remote, visit) {
        Ok(()) => next.run(request).await,
        Err(retry_after) => too_many_requests(retry_after.into()),
    }
}

/// Adds the fallback and the access log to a router.
fn finish_router<S: Service>(router: Router<Shared<S>>, shared: Shared<S>) -> Router {
    router
        .fallback(|| async { text(StatusCode::NOT_FOUND, "not found\n") })
        .layer(middleware::from_fn_with_state(shared.clone(), watch::log_request::<S>))
        .with_state(shared)
}

/// Sends an exported file. Its link is a secret with a short life, and caches must not keep the file.
async fn export<S: Service>(
    State(shared): State<Shared<S>>,
    Path((network, token)): Path<(String, String)>,
    request: Request,
) -> Response {
    let remote = shared.remote(request.extensions(), request.headers());
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
        Err(Outcome::RateLimited { retry_after }) => too_many_requests(retry_after),
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "internal error\n"),
    }
}

/// The schema of introspection, with its directives.
async fn schema<S: Service>(State(shared): State<Shared<S>>) -> Response {
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    let mut response = answer::plain(StatusCode::OK, plain, shared.service.schema());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    response
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

async fn metrics_text<S: Service>(State(shared): State<Shared<S>>) -> Response {
    let open_metrics = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
    answer::plain(StatusCode::OK, open_metrics, shared.service.metrics())
}
