//! `/graphql`: from a request to a [`Call`] and from an [`Answer`] to a response.

use std::time::Duration;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use sha2::{Digest, Sha256};
use tracing::Instrument;

use super::answer::{self, Failure, METHODS};
use super::negotiate::{self, Media};
use super::request::Malformed;
use super::watch::{RequestIds, panic_text};
use super::{Call, GraphqlRequest, HttpSettings, Service, Shared};
use crate::telemetry::CodeLabel;

/// Answers a request.
pub async fn graphql<S: Service>(State(shared): State<Shared<S>>, request: Request) -> Response {
    let ids = request.extensions().get::<RequestIds>().cloned().unwrap_or_default();
    let media = negotiate::accepted(request.headers());
    let answered = answer(&shared, request, media, &ids).await;
    answered.unwrap_or_else(|failure| {
        shared.service.telemetry().errors.get_or_create(&CodeLabel { code: failure.code }).inc();
        failure.respond(media.unwrap_or(Media::Json), &ids.own)
    })
}

async fn answer<S: Service>(
    shared: &Shared<S>,
    request: Request,
    media: Option<Media>,
    ids: &RequestIds,
) -> Result<Response, Failure> {
    let settings = shared.service.settings();
    let (parts, body) = request.into_parts();
    if parts.method == Method::OPTIONS {
        return Ok(options());
    }
    let read_only = parts.method == Method::GET;
    if !read_only && parts.method != Method::POST {
        return Err(Failure::input(StatusCode::METHOD_NOT_ALLOWED, "Use POST, or GET for queries."));
    }
    let media = media.ok_or(Failure::input(
        StatusCode::NOT_ACCEPTABLE,
        "Accept application/graphql-response+json or application/json.",
    ))?;
    let bearer = bearer(&parts.headers)?;
    let idempotency_key = idempotency_key(&parts.headers)?;
    let malformed = |malformed| match malformed {
        Malformed::Because(why) => Failure::input(StatusCode::BAD_REQUEST, why),
        Malformed::PersistedQuery => Failure::persisted_query(),
    };
    let signed_in = match shared.service.check_head(bearer.as_deref(), &ids.own).await {
        Ok(signed_in) => signed_in,
        Err(answer) => {
            drain(body.into_data_stream());
            return Ok(answer::respond(answer, media));
        }
    };
    let hash = |bytes: &[u8]| if idempotency_key.is_some() { Sha256::digest(bytes).into() } else { [0; 32] };
    let (graphql, body_hash, size) = if read_only {
        let query = parts.uri.query().unwrap_or_default().as_bytes();
        (GraphqlRequest::from_uri(&parts.uri).map_err(malformed)?, hash(query), query.len())
    } else {
        if !negotiate::is_json_body(&parts.headers) {
            let message = "Send the body as application/json in UTF-8.";
            return Err(Failure::input(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
        }
        let bytes = read_body(&parts.headers, body, settings, signed_in).await?;
        (GraphqlRequest::from_body(&bytes).map_err(malformed)?, hash(&bytes), bytes.len())
    };
    let remote = shared.remote(&parts.extensions, &parts.headers);
    let RequestIds { own: request_id, caller: caller_request_id } = ids.clone();
    let call = Call {
        request: graphql,
        bearer,
        request_id,
        caller_request_id,
        remote,
        idempotency_key,
        body_hash,
        read_only,
        size,
    };
    run_call(shared, call, media).await
}

/// Runs the call in a task of its own: a client that hangs up drops this future and not the transaction, and a
/// panic ends the task alone.
async fn run_call<S: Service>(shared: &Shared<S>, call: Call, media: Media) -> Result<Response, Failure> {
    let timeout = shared.service.settings().request_timeout;
    let service = shared.service.clone();
    let unfinished = shared.unfinished.clone();
    let task = async move {
        let answer = tokio::time::timeout(timeout, service.answer(call)).await;
        drop(unfinished);
        answer
    };
    let task = tokio::spawn(task.in_current_span());
    match task.await {
        Ok(Ok(answer)) => Ok(answer::respond(answer, media)),
        Ok(Err(_)) => {
            tracing::warn!("a request took too long");
            let message = "The request took too long and was given up. A change that it made may have been saved: \
                           read the object, or repeat the request with its Idempotency-Key.";
            Err(Failure::timeout(StatusCode::GATEWAY_TIMEOUT, message))
        }
        Err(error) => {
            let panic = error.try_into_panic().map(panic_text).unwrap_or_default();
            tracing::error!(panic, "a request panicked");
            Err(Failure::internal())
        }
    }
}

/// The body, if it is within the limit and comes in time.
async fn read_body(
    headers: &HeaderMap,
    body: Body,
    settings: &HttpSettings,
    signed_in: bool,
) -> Result<Bytes, Failure> {
    let (timeout, limit) = match signed_in {
        true => (settings.request_timeout, settings.body_limit),
        false => (settings.request_timeout, settings.body_limit_anonymous),
    };
    let too_large = || Failure::too_large(limit, (!signed_in).then_some(settings.body_limit));
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let mut chunks = body.into_data_stream();
    if announced.is_some_and(|length| length > limit as u64) {
        drain(chunks);
        return Err(too_large());
    }
    let read = async {
        let mut first: Option<Bytes> = None;
        let mut rest = BytesMut::new();
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk
                .map_err(|_| Failure::input(StatusCode::BAD_REQUEST, "The body broke off before its end."))?;
            let held = first.as_ref().map_or(0, Bytes::len).max(rest.len());
            if held + chunk.len() > limit {
                return Err(too_large());
            }
            // Usually there is one chunk, and nothing to copy.
            match first.take() {
                None if rest.is_empty() => first = Some(chunk),
                before => {
                    rest.extend_from_slice(&before.unwrap_or_default());
                    rest.extend_from_slice(&chunk);
                }
            }
        }
        Ok(first.unwrap_or_else(|| rest.freeze()))
    };
    let slow = || Failure::timeout(StatusCode::REQUEST_TIMEOUT, "The body took too long to arrive.");
    let read = tokio::time::timeout(timeout, read).await.map_err(|_| slow())?;
    if read.is_err() {
        drain(chunks);
    }
    read
}

/// Reads and discards the rest of a body for a moment: closing a socket with unread data resets it, and the client
/// would see a broken connection in place of the refusal.
fn drain(mut chunks: axum::body::BodyDataStream) {
    tokio::spawn(tokio::time::timeout(
        DRAIN_TIME,
        async move { while let Some(Ok(_)) = chunks.next().await {} },
    ));
}

const DRAIN_TIME: Duration = Duration::from_secs(2);
/// The longest idempotency key, as the kernel keeps it.
const LONGEST_KEY: usize = 255;

fn options() -> Response {
    let mut response = answer::plain(StatusCode::NO_CONTENT, Media::Json.content_type(), Bytes::new());
    response.headers_mut().remove(header::CONTENT_TYPE);
    response.headers_mut().insert(header::ALLOW, METHODS);
    response
}

/// The access token. Other credentials are refused rather than ignored, because their sender means to be signed in.
fn bearer(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let Some(value) = headers.get(header::AUTHORIZATION) else { return Ok(None) };
    let token = value.to_str().ok().and_then(|text| {
        let (scheme, token) = text.split_once(' ')?;
        let token = token.trim();
        (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
    });
    let message = "The header Authorization must be: Bearer, a space, and an access token.";
    token.map(Some).ok_or_else(|| Failure::unauthenticated(message))
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Failure> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let key = value.to_str().ok().map(str::trim).filter(|key| (1..=LONGEST_KEY).contains(&key.len()));
    let failure = Failure::input(
        StatusCode::BAD_REQUEST,
        "The header Idempotency-Key must be 1 to 255 visible ASCII characters.",
    );
    key.map(|key| Some(key.to_owned())).ok_or(failure)
}
