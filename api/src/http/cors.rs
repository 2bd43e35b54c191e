//! CORS: the origins whose pages may call, and the headers that they may send.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::HttpSettings;
use super::answer::REQUEST_ID;

const HOUR: Duration = Duration::from_secs(3_600);

/// Request headers that the tools of clients add by themselves: Apollo's, Sentry's, OpenTelemetry's and older ones.
const TOOLS: &[&str] = &[
    "apollo-require-preflight",
    "apollographql-client-name",
    "apollographql-client-version",
    "x-apollo-operation-id",
    "x-apollo-operation-name",
    "graphql-require-preflight",
    "sentry-trace",
    "baggage",
    "traceparent",
    "tracestate",
    "x-requested-with",
];

/// The layer that answers browsers, if pages of other origins may call at all.
pub fn layer(settings: &HttpSettings) -> Option<CorsLayer> {
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
            .allow_headers(allowed(settings))
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

/// Ours, those of clients' tools, and those that the settings add.
fn allowed(settings: &HttpSettings) -> Vec<HeaderName> {
    let ours = [
        header::CONTENT_TYPE,
        header::AUTHORIZATION,
        header::ACCEPT,
        HeaderName::from_static("idempotency-key"),
        REQUEST_ID,
    ];
    let tools = TOOLS.iter().map(|name| HeaderName::from_static(name));
    // the settings hold no other names than headers can have
    let more = settings.cors_headers.iter().filter_map(|name| name.parse().ok());
    let mut all: Vec<HeaderName> = ours.into_iter().chain(tools).collect();
    for name in more {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}
