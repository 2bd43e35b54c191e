//! HTTP: the only axum. Routes, content negotiation, limits, headers and a clean end of every request.
//!
//! A request's way: method → media types → body within its limit and time → parameters → a [`Call`] that runs
//! in a task of its own (a client that hangs up must not cancel a transaction) → an [`Answer`] → headers. What
//! is refused on the way is refused here in GraphQL's form; what GraphQL means is the [`Service`]'s business.

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

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::BoxStream;

pub use request::GraphqlRequest;
pub use server::{serve, serve_metrics, serve_probes};

use crate::config::{Cidr, Config};
use crate::telemetry::Telemetry;

/// One GraphQL request, well-formed as far as HTTP goes.
pub struct Call {
    /// Document, operation, variables and extensions.
    pub request: GraphqlRequest,
    /// The token of `Authorization: Bearer`.
    pub bearer: Option<String>,
    /// Ours, unique: names the request in logs, audit events and the answer.
    pub request_id: String,
    /// The id that the caller sent in `X-Request-Id`, if any: kept beside ours, never in its place.
    pub caller_request_id: Option<String>,
    /// The client's address, seen through trusted proxies.
    pub remote: IpAddr,
    /// The header `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// SHA-256 of the body, or of the query string; zeros when there is no idempotency key to bind it to.
    pub body_hash: [u8; 32],
    /// By GET: a mutation must be refused with [`Outcome::MethodNotAllowed`].
    pub read_only: bool,
    /// Bytes of the body or of the query string.
    pub size: usize,
}

/// How a call ended, as HTTP tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Executed, maybe with field errors: 200.
    Executed,
    /// Not executed (syntax, validation, variables, limits): 400, or 200 for `application/json`.
    Refused,
    /// A mutation by GET: 405.
    MethodNotAllowed,
    /// Credentials that do not hold: 401.
    Unauthenticated,
    /// Too much in too short a time: 429.
    RateLimited {
        /// Seconds until it would pass.
        retry_after: u64,
    },
    /// The idempotency key belongs to another body: 409.
    Conflict,
    /// A part we need is down: 503.
    Unavailable,
    /// Our fault: 500.
    Internal,
}

/// What is left of the caller's points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// Points of a full bucket.
    pub limit: u32,
    /// Points left.
    pub remaining: u32,
    /// Seconds until it is full.
    pub reset_seconds: u32,
}

/// The answer to a [`Call`].
pub struct Answer {
    /// How it ended.
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
    /// Its name in spans and in the access log.
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

/// What is visited without signing in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// Something that people look at: a download, the schema.
    Page,
    /// Something that machines ask every few seconds.
    Probe,
}

/// A file that is sent part by part.
pub struct Download {
    /// Its size.
    pub bytes: u64,
    /// Its parts. An error breaks the connection off.
    pub parts: BoxStream<'static, io::Result<Bytes>>,
}

/// What the application does for HTTP.
pub trait Service: Send + Sync + 'static {
    /// Looks at a request's head before its body is read. Returns whether it is signed in.
    ///
    /// # Errors
    /// The answer to a request with a token that does not hold, or of a person who must wait.
    fn greet(
        &self,
        bearer: Option<&str>,
        request_id: &str,
    ) -> impl Future<Output = Result<bool, Answer>> + Send;
    /// Answers a GraphQL request.
    fn answer(self: Arc<Self>, call: Call) -> impl Future<Output = Answer> + Send;
    /// The public keys of access tokens, as JWKS JSON.
    fn jwks(&self) -> impl Future<Output = String> + Send;
    /// Whether requests can be served; the reason why not goes to the log alone.
    fn ready(&self) -> impl Future<Output = Result<(), String>> + Send;
    /// The exported file that a link leads to: a network, and the link's token. `remote` asks for it.
    fn export(
        self: Arc<Self>,
        network: &str,
        token: &str,
        remote: IpAddr,
    ) -> impl Future<Output = Result<Option<Download>, Outcome>> + Send;
    /// Where requests are counted.
    fn telemetry(&self) -> &Telemetry;
    /// The text of `/metrics`; the place to refresh gauges first.
    fn metrics(&self) -> String {
        self.telemetry().encode()
    }
    /// A fresh id for a request (a UUIDv7, from the Ids seam).
    fn request_id(&self) -> String;
    /// Counts a visit to a path that is open to all.
    ///
    /// # Errors
    /// The address must wait for so many seconds.
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
    /// Longest a body may take to arrive, and then an answer to be found.
    pub request_timeout: Duration,
    /// Longest to wait for running requests when stopping.
    pub shutdown: Duration,
    /// Serve GraphiQL.
    pub explorer: bool,
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
    /// Within this time a connection's first bytes must come.
    pub first_bytes: Duration,
    /// A connection without a request for so long is closed.
    pub idle: Duration,
}

impl From<&Config> for HttpSettings {
    fn from(config: &Config) -> Self {
        Self {
            body_limit: config.body_limit,
            body_limit_anonymous: config.body_limit_anonymous.min(config.body_limit),
            request_timeout: config.request_timeout,
            shutdown: config.shutdown,
            explorer: config.explorer,
            cors_origins: config.cors_origins.iter().map(|origin| origin.as_str().to_owned()).collect(),
            cors_headers: config.cors_headers.iter().map(|name| name.as_str().to_owned()).collect(),
            trusted_proxies: config.trusted_proxies.clone(),
            connections: config.connections,
            connections_per_address: config.connections_per_address,
            first_bytes: Duration::from_secs(10),
            idle: Duration::from_secs(60),
        }
    }
}
