//! HTTP: routes, content negotiation, limits and headers. Only this module uses axum.
//!
//! The way of a request: method → media types → body within its limit and time → parameters → a [`Call`] that runs
//! in a task of its own (a client that hangs up must not cancel a transaction) → an [`Answer`] → headers. Refusals
//! on the way have GraphQL's form. The [`Service`] executes GraphQL.

mod answer;
mod connections;
mod cors;
mod endpoint;
mod explorer;
mod link_pages;
mod negotiate;
mod remote;
mod request;
mod routes;
mod server;
#[cfg(test)]
mod tests;
mod watch;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::BoxStream;
use tokio::sync::mpsc;

pub use request::GraphqlRequest;
pub use server::{serve, serve_metrics, serve_probes};

use crate::config::{Cidr, Config};
use crate::telemetry::Telemetry;
use explorer::Explorer;

/// One GraphQL request, well-formed as far as HTTP goes.
pub struct Call {
    /// Document, operation, variables and extensions.
    pub request: GraphqlRequest,
    /// The token of `Authorization: Bearer`.
    pub bearer: Option<String>,
    /// The unique ID of the request in logs, audit events and the answer.
    pub request_id: String,
    /// The ID that the caller sent in `X-Request-Id`, if any. It is logged in addition to `request_id`.
    pub caller_request_id: Option<String>,
    /// The client's address, seen through trusted proxies.
    pub remote: IpAddr,
    /// The header `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// SHA-256 of the body, or of the query string; zeros when there is no idempotency key to bind it to.
    pub body_hash: [u8; 32],
    /// Sent by GET: a mutation must be refused with [`Outcome::MethodNotAllowed`].
    pub read_only: bool,
    /// Bytes of the body or of the query string.
    pub size: usize,
}

/// The outcome of a call, as HTTP reports it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Executed, maybe with field errors: 200.
    Executed,
    /// Not executed (syntax, validation, variables, limits): 400, or 200 for `application/json`.
    Refused,
    /// A mutation by GET: 405.
    MethodNotAllowed,
    /// Invalid credentials: 401.
    Unauthenticated,
    /// Beyond the rate limit: 429.
    RateLimited {
        /// Seconds until the request would succeed.
        retry_after: u64,
    },
    /// The idempotency key belongs to another body: 409.
    Conflict,
    /// A dependency is down: 503.
    Unavailable,
    /// Internal error: 500.
    Internal,
}

/// The caller's remaining points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Points of a full bucket.
    pub limit: u32,
    /// Points left.
    pub remaining: u32,
    /// Seconds until the bucket is full.
    pub reset_seconds: u32,
}

/// The answer to a [`Call`].
pub struct Answer {
    /// The outcome.
    pub outcome: Outcome,
    /// A complete GraphQL response in JSON.
    pub body: Bytes,
    /// For the `RateLimit` headers.
    pub rate: Option<Rate>,
    /// `query`, `mutation` or `subscription`; none where no document was read.
    pub operation: Option<&'static str>,
    /// The first error's code.
    pub code: Option<&'static str>,
    /// Points declared for the document.
    pub cost: Option<u32>,
}

impl Outcome {
    /// The name of the outcome in spans and in the access log.
    pub fn name(self) -> &'static str {
        match self {
            Self::Executed => "executed",
            Self::Refused => "refused",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::Unauthenticated => "unauthenticated",
            Self::RateLimited { .. } => "rate_limited",
            Self::Conflict => "conflict",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }
}

/// A kind of path that needs no sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// For people: a download, the schema.
    Page,
    /// For machines, which request it every few seconds.
    Probe,
}

/// A file, sent in parts.
pub struct Download {
    /// The size.
    pub bytes: u64,
    /// The parts. An error closes the connection.
    pub parts: BoxStream<'static, io::Result<Bytes>>,
}

/// The application behind HTTP.
pub trait Service: Send + Sync + 'static {
    /// Checks a request before its body is read. Returns whether it is signed in.
    ///
    /// # Errors
    /// The answer to a request with an invalid token, or of a person beyond the rate limit.
    fn check_head(
        &self,
        bearer: Option<&str>,
        request_id: &str,
    ) -> impl Future<Output = Result<bool, Answer>> + Send;
    /// Answers a GraphQL request.
    fn answer(self: Arc<Self>, call: Call) -> impl Future<Output = Answer> + Send;
    /// The public keys of access tokens, as JWKS JSON.
    fn jwks(&self) -> impl Future<Output = String> + Send;
    /// Whether requests can be served. The error goes only to the log.
    fn ready(&self) -> impl Future<Output = Result<(), String>> + Send;
    /// The exported file behind a link, which has a network and a token. `remote` is the address of the caller.
    fn export(
        self: Arc<Self>,
        network: &str,
        token: &str,
        remote: IpAddr,
    ) -> impl Future<Output = Result<Option<Download>, Outcome>> + Send;
    /// Ends e-mails about notices by the token of a link, or only says whether the link is valid. `remote` is the address
    /// of the caller.
    fn unsubscribe(
        &self,
        token: &str,
        remote: IpAddr,
        confirmed: bool,
    ) -> impl Future<Output = Result<bool, Outcome>> + Send;
    /// The metrics.
    fn telemetry(&self) -> &Telemetry;
    /// The text of `/metrics`. Implementations refresh gauges first.
    fn metrics(&self) -> String {
        self.telemetry().encode()
    }
    /// A fresh id for a request (a UUIDv7, from the Ids seam).
    fn request_id(&self) -> String;
    /// Counts a visit to a public path.
    ///
    /// # Errors
    /// The number of seconds that the address must wait.
    fn visit(&self, remote: IpAddr, visit: Visit) -> Result<(), u32>;
    /// The schema as SDL.
    fn schema(&self) -> Bytes;
    /// The settings of HTTP.
    fn settings(&self) -> &HttpSettings;
}

/// The settings of HTTP.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Largest body in bytes of a request with a valid token; more is 413.
    pub body_limit: usize,
    /// The same for one without.
    pub body_limit_anonymous: usize,
    /// The time limit of a body's arrival, and then of its answer.
    pub request_timeout: Duration,
    /// The time limit of running requests after the signal to stop.
    pub shutdown: Duration,
    /// The explorer; none: it is not served.
    pub explorer: Option<Explorer>,
    /// Origins whose pages may call; `*` for all; none: no CORS.
    pub cors_origins: Vec<String>,
    /// Request headers that such pages may send, beside ours and those of clients' tools.
    pub cors_headers: Vec<String>,
    /// Proxies whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<Cidr>,
    /// Connections at once; fewer where descriptors do not suffice.
    pub connections: usize,
    /// Connections of an address at once; trusted proxies have no such limit.
    pub connections_per_address: usize,
    /// The time limit of a connection's first bytes.
    pub first_bytes: Duration,
    /// A connection without a request for so long is closed.
    pub idle: Duration,
}

impl TryFrom<&Config> for HttpSettings {
    type Error = String;

    /// Fails where the explorer is to be served, and the folder `assets` does not have its files.
    fn try_from(config: &Config) -> Result<Self, String> {
        let explorer = || Explorer::new(config.assets.as_deref(), config.demo.as_ref());
        Ok(Self {
            body_limit: config.body_limit,
            body_limit_anonymous: config.body_limit_anonymous.min(config.body_limit),
            request_timeout: config.request_timeout,
            shutdown: config.shutdown,
            explorer: config.explorer.then(explorer).transpose()?,
            cors_origins: config.cors_origins.iter().map(|origin| origin.as_str().to_owned()).collect(),
            cors_headers: config.cors_headers.iter().map(|name| name.as_str().to_owned()).collect(),
            trusted_proxies: config.trusted_proxies.clone(),
            connections: config.connections,
            connections_per_address: config.connections_per_address,
            first_bytes: Duration::from_secs(10),
            idle: Duration::from_secs(60),
        })
    }
}

/// State that every handler shares.
pub struct Shared<S> {
    /// The application.
    pub service: Arc<S>,
    /// Cloned into whatever must finish before the process ends.
    pub unfinished: mpsc::Sender<Infallible>,
    /// Whether the log has a warning about a proxy that is not trusted.
    pub warned: Arc<AtomicBool>,
}

impl<S> Shared<S> {
    fn new(service: Arc<S>, unfinished: mpsc::Sender<Infallible>) -> Self {
        Self { service, unfinished, warned: Arc::default() }
    }
}

impl<S> Clone for Shared<S> {
    fn clone(&self) -> Self {
        let (unfinished, warned) = (self.unfinished.clone(), self.warned.clone());
        Self { service: self.service.clone(), unfinished, warned }
    }
}

/// The address at the other end of the connection.
#[derive(Clone, Copy)]
pub struct Peer(pub IpAddr);
