//! HTTP: the only axum. Routes, content negotiation, limits, headers and a clean end of every request.
//!
//! A request's way: method → media types → body within its limit and time → parameters → a [`Call`] that runs
//! in a task of its own (a client that hangs up must not cancel a transaction) → an [`Answer`] → headers. What
//! is refused on the way is refused here in GraphQL's form; what GraphQL means is the [`Service`]'s business.

mod answer;
mod endpoint;
mod explorer;
mod negotiate;
mod remote;
mod request;
mod server;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::BoxStream;

pub use request::GraphqlRequest;
pub use server::{serve, serve_probes};

use crate::config::{Cidr, Config};
use crate::telemetry::Telemetry;

/// One GraphQL request, well-formed as far as HTTP goes.
pub struct Call {
    /// Document, operation, variables and extensions.
    pub request: GraphqlRequest,
    /// The token of `Authorization: Bearer`.
    pub bearer: Option<String>,
    /// Names the request in logs and in the answer.
    pub request_id: String,
    /// The client's address, seen through trusted proxies.
    pub remote: IpAddr,
    /// The header `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// SHA-256 of the body, or of the query string; zeros when there is no idempotency key to bind it to.
    pub body_hash: [u8; 32],
    /// By GET: a mutation must be refused with [`Outcome::MethodNotAllowed`].
    pub read_only: bool,
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
    /// A fresh id for a request that brings none (a UUIDv7, from the Ids seam).
    fn request_id(&self) -> String;
    /// The settings of HTTP.
    fn settings(&self) -> &HttpSettings;
}

/// The settings of HTTP.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Largest body in bytes; more is 413.
    pub body_limit: usize,
    /// Longest a body may take to arrive, and then an answer to be found.
    pub request_timeout: Duration,
    /// Longest to wait for running requests when stopping.
    pub shutdown: Duration,
    /// Serve GraphiQL.
    pub explorer: bool,
    /// Origins whose pages may call; `*` for all; none: no CORS.
    pub cors_origins: Vec<String>,
    /// Proxies whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<Cidr>,
}

impl From<&Config> for HttpSettings {
    fn from(config: &Config) -> Self {
        Self {
            body_limit: config.body_limit,
            request_timeout: config.request_timeout,
            shutdown: config.shutdown,
            explorer: config.explorer,
            cors_origins: config.cors_origins.clone(),
            trusted_proxies: config.trusted_proxies.clone(),
        }
    }
}
