//! Answers: statuses, headers, and errors in GraphQL's form.

use std::borrow::Cow;

use axum::body::Body;
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use bytes::Bytes;
use serde_json::json;

use super::negotiate::Media;
use super::{Answer, Outcome, Rate};
use crate::telemetry::RequestEnd;

/// The header that names a request.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const RATE_REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RATE_RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
/// The methods of the endpoint.
pub const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, OPTIONS");

/// A request refused or failed before or around the service.
pub struct Failure {
    /// The HTTP status.
    pub status: StatusCode,
    /// From the API's closed list.
    pub code: &'static str,
    /// For the client.
    pub message: Cow<'static, str>,
    /// The numbers in the message, by name.
    params: Vec<(&'static str, usize)>,
}

impl Failure {
    /// An error in the request.
    pub fn input(status: StatusCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code: "BAD_USER_INPUT", message: message.into(), params: vec![] }
    }

    /// An internal error. The client gets only the ID of the request, which finds the details in the log.
    pub fn internal() -> Self {
        let message = "Internal error".into();
        Self { status: StatusCode::INTERNAL_SERVER_ERROR, code: "INTERNAL", message, params: vec![] }
    }

    /// A time limit was exceeded.
    pub fn timeout(status: StatusCode, message: &'static str) -> Self {
        Self { status, code: "TIMEOUT", message: message.into(), params: vec![] }
    }

    /// Credentials that cannot be read.
    pub fn unauthenticated(message: &'static str) -> Self {
        let status = StatusCode::UNAUTHORIZED;
        Self { status, code: "UNAUTHENTICATED", message: message.into(), params: vec![] }
    }

    /// A body beyond the limit, and the limit of signed-in callers where that is more.
    pub fn too_large(limit: usize, signed_in: Option<usize>) -> Self {
        let (message, params) = match signed_in {
            Some(more) if more > limit => (
                format!(
                    "The body is larger than {limit} bytes, the limit without a valid access token. \
                     Send one in the header Authorization to send up to {more} bytes."
                ),
                vec![("max", limit), ("maxSignedIn", more)],
            ),
            _ => (
                format!("The body is larger than {limit} bytes. Send the work in several smaller requests."),
                vec![("max", limit)],
            ),
        };
        Self { params, ..Self::input(StatusCode::PAYLOAD_TOO_LARGE, message) }
    }

    /// An automatic persisted query, in the words by which the libraries of clients know to send the whole document, now
    /// and later. They expect it with status 200.
    pub fn persisted_query() -> Self {
        let code = "PERSISTED_QUERY_NOT_SUPPORTED";
        Self { status: StatusCode::OK, code, message: "PersistedQueryNotSupported".into(), params: vec![] }
    }

    /// The response. Internal errors have the request's ID in the body.
    pub fn respond(&self, media: Media, request_id: &str) -> Response {
        let mut extensions = json!({ "code": self.code });
        if self.status.is_server_error() {
            extensions["requestId"] = request_id.into();
        }
        if !self.params.is_empty() {
            let params = self.params.iter();
            let params = params.map(|(name, value)| json!({ "name": name, "value": value.to_string() }));
            extensions["params"] = params.collect();
        }
        let body = json!({ "errors": [{ "message": self.message, "extensions": extensions }] }).to_string();
        let mut response = plain(self.status, media.content_type(), body);
        let headers = response.headers_mut();
        match self.status {
            StatusCode::METHOD_NOT_ALLOWED => {
                headers.insert(header::ALLOW, METHODS);
            }
            StatusCode::UNAUTHORIZED => challenge(headers),
            _ => {}
        }
        let outcome = if self.status.is_server_error() { "failed" } else { "refused" };
        response.extensions_mut().insert(RequestEnd {
            outcome,
            code: Some(self.code),
            ..RequestEnd::default()
        });
        response
    }
}

/// The response to an answered call.
pub fn respond(answer: Answer, media: Media) -> Response {
    let mut response = plain(status(answer.outcome, media), media.content_type(), answer.body);
    let headers = response.headers_mut();
    match answer.outcome {
        Outcome::RateLimited { retry_after } => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after.max(1)));
        }
        Outcome::Unavailable => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        Outcome::Unauthenticated => challenge(headers),
        Outcome::MethodNotAllowed => {
            headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        _ => {}
    }
    if let Some(Rate { limit, remaining, reset_seconds }) = answer.rate {
        headers.insert(RATE_LIMIT, HeaderValue::from(limit));
        headers.insert(RATE_REMAINING, HeaderValue::from(remaining));
        headers.insert(RATE_RESET, HeaderValue::from(reset_seconds));
    }
    response.extensions_mut().insert(RequestEnd {
        operation: answer.operation,
        outcome: answer.outcome.name(),
        code: answer.code,
        cost: answer.cost,
    });
    response
}

/// A response with the headers of all responses.
pub fn plain(status: StatusCode, content_type: HeaderValue, body: impl Into<Bytes>) -> Response {
    let mut response = Response::new(Body::from(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// A response in plain text.
pub fn text(status: StatusCode, text: &'static str) -> Response {
    plain(status, HeaderValue::from_static("text/plain; charset=utf-8"), text)
}

/// Asks to try again after some seconds.
pub fn too_many_requests(retry_after: u64) -> Response {
    let mut response = text(StatusCode::TOO_MANY_REQUESTS, "too many requests\n");
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(retry_after.max(1)));
    response
}

fn status(outcome: Outcome, media: Media) -> StatusCode {
    match outcome {
        Outcome::Executed => StatusCode::OK,
        Outcome::Refused if media == Media::Json => StatusCode::OK,
        Outcome::Refused => StatusCode::BAD_REQUEST,
        Outcome::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Outcome::Unauthenticated => StatusCode::UNAUTHORIZED,
        Outcome::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
        Outcome::Conflict => StatusCode::CONFLICT,
        Outcome::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Outcome::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

fn challenge(headers: &mut HeaderMap) {
    headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
}
