//! Spans of requests and of jobs' turns, and the access log: one line a request, under the target `concord::access`.
//!
//! Invariant: neither holds a document, a variable, a token or a path's secret part.

use std::time::{Duration, Instant};

use tracing::field::Empty;
use tracing::{Span, debug, error_span, info};

/// How a request ended, for the span and the access log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestEnd {
    /// `query`, `mutation` or `subscription`; none where no document was read.
    pub operation: Option<&'static str>,
    /// How it ended: `executed`, `refused` and so on.
    pub outcome: &'static str,
    /// The first error's code.
    pub code: Option<&'static str>,
    /// Points declared for the document.
    pub cost: Option<u32>,
}

/// A request under way. Dropped before [`RequestSpan::end`], its client has gone away, and the log says so.
pub struct RequestSpan {
    span: Span,
    begun: Instant,
    method: String,
    route: &'static str,
    ended: bool,
}

impl RequestSpan {
    /// Begins the span of a request. Its level is ERROR, so that whatever is logged inside carries the request's id
    /// under every filter.
    pub fn begin(
        request_id: &str,
        caller_request_id: Option<&str>,
        method: &str,
        route: &'static str,
    ) -> Self {
        let span = error_span!(
            "request",
            request_id,
            caller_request_id,
            operation = Empty,
            duration_ms = Empty,
            outcome = Empty,
            code = Empty,
        );
        Self { span, begun: Instant::now(), method: method.to_owned(), route, ended: false }
    }

    /// The span, to run the request in.
    pub fn span(&self) -> &Span {
        &self.span
    }

    /// Ends the request, and says how long it took.
    pub fn end(mut self, status: u16, how: RequestEnd) -> Duration {
        self.ended = true;
        self.log(status, how)
    }

    fn log(&self, status: u16, how: RequestEnd) -> Duration {
        let took = self.begun.elapsed();
        record(&self.span, took, how.outcome);
        if let Some(operation) = how.operation {
            self.span.record("operation", operation);
        }
        if let Some(code) = how.code {
            self.span.record("code", code);
        }
        let (method, route, cost) = (self.method.as_str(), self.route, how.cost);
        self.span.in_scope(|| match route {
            // probes come every few seconds and say nothing
            "/healthz" | "/readyz" | "/metrics" => {
                debug!(target: "concord::access", method, route, status, "request");
            }
            _ => info!(target: "concord::access", method, route, status, cost, "request"),
        });
        took
    }
}

impl Drop for RequestSpan {
    fn drop(&mut self) {
        if !self.ended {
            self.log(0, RequestEnd { outcome: "client_gone", ..RequestEnd::default() });
        }
    }
}

/// Begins the span of a job's turn in a network, under an id like a request's.
pub fn turn_span(request_id: &str, job: &'static str, network: &dyn std::fmt::Display) -> Span {
    error_span!("turn", request_id, operation = job, %network, duration_ms = Empty, outcome = Empty)
}

/// Writes a span's end into it.
pub fn record(span: &Span, took: Duration, outcome: &'static str) {
    span.record("duration_ms", (took.as_secs_f64() * 1e6).round() / 1e3);
    span.record("outcome", outcome);
}
