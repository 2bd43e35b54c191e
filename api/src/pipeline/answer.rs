//! Answers of the pipeline, as JSON: what was found, and what went wrong.

use crate::{
    app::App,
    gate,
    http::{Answer, Outcome},
    identity::buckets::Exhausted,
    kernel::Fault,
    telemetry::CodeLabel,
};
use bytes::Bytes;
use serde_json::{Value, json};

/// A complete answer to a document.
pub(super) struct AnswerBody {
    pub outcome: Outcome,
    /// The first error's code.
    pub code: Option<&'static str>,
    pub body: Vec<u8>,
    /// Objects that a query found; none for a mutation, which pays its price whatever it finds.
    pub found: Option<u32>,
}

impl AnswerBody {
    /// An answer to a mutation without errors.
    pub(super) fn plain(body: Vec<u8>) -> Self {
        Self { outcome: Outcome::Executed, code: None, body, found: None }
    }
}

impl App {
    /// The answer to a document that the gate refused.
    pub(super) fn refused(&self, refused: &[gate::Refused], request_id: &str) -> Answer {
        let errors = refused.iter().map(|refused| {
            let code = refused.code.as_str();
            self.telemetry.errors.get_or_create(&CodeLabel { code }).inc();
            let mut extensions = extensions(code, request_id);
            for (name, value) in refused.extensions.iter() {
                extensions[name.as_str()] = serde_json::to_value(value).unwrap_or_default();
            }
            let locations =
                refused.locations.iter().map(|(line, column)| json!({ "line": line, "column": column }));
            let locations: Vec<Value> = locations.collect();
            let mut error = json!({ "message": refused.message, "extensions": extensions });
            if !locations.is_empty() {
                error["locations"] = json!(locations);
            }
            error
        });
        let body = json!({ "errors": errors.collect::<Vec<Value>>() });
        answer(Outcome::Refused, refused.first().map(|refused| refused.code.as_str()), &body)
    }

    /// The answer to a request that ended in a fault.
    pub(super) fn fault(&self, fault: &Fault, request_id: &str) -> Answer {
        self.failed(outcome(fault), fault, request_id)
    }

    /// The same, with an outcome of its own.
    pub(super) fn failed(&self, outcome: Outcome, fault: &Fault, request_id: &str) -> Answer {
        let code = fault.code();
        self.telemetry.errors.get_or_create(&CodeLabel { code }).inc();
        let error = json!({ "message": fault.message(), "extensions": extensions(code, request_id) });
        answer(outcome, Some(code), &json!({ "errors": [error] }))
    }

    /// The answer to a request that comes too soon.
    pub(super) fn limited(&self, spent: &Exhausted) -> Answer {
        self.telemetry.errors.get_or_create(&CodeLabel { code: RATE_LIMITED }).inc();
        let seconds = spent.retry_after;
        let unit = if seconds == 1 { "second" } else { "seconds" };
        let message = format!("Too many requests. Try again in {seconds} {unit}.");
        let extensions = json!({ "code": RATE_LIMITED, "retryAfter": seconds });
        let body = json!({ "errors": [{ "message": message, "extensions": extensions }] });
        let outcome = Outcome::RateLimited { retry_after: u64::from(seconds) };
        Answer { rate: Some(spent.level.into()), ..answer(outcome, Some(RATE_LIMITED), &body) }
    }
}

const RATE_LIMITED: &str = "RATE_LIMITED";

fn answer(outcome: Outcome, code: Option<&'static str>, body: &Value) -> Answer {
    Answer { outcome, body: Bytes::from(body.to_string()), rate: None, operation: None, code, cost: None }
}

/// An error's extensions. Failures of ours carry the request's id, under which the log has the rest.
pub(super) fn extensions(code: &str, request_id: &str) -> Value {
    match code {
        "INTERNAL" => json!({ "code": code, "requestId": request_id }),
        _ => json!({ "code": code }),
    }
}

/// The HTTP outcome of a fault.
fn outcome(fault: &Fault) -> Outcome {
    match fault {
        Fault::Unauthenticated => Outcome::Unauthenticated,
        Fault::BadUserInput(_) => Outcome::Refused,
        Fault::Conflict | Fault::KeyTaken | Fault::AnswerLost => Outcome::Conflict,
        Fault::Timeout | Fault::Unavailable | Fault::InDoubt => Outcome::Unavailable,
        Fault::Forbidden | Fault::Committed(_) => Outcome::Executed,
        Fault::Internal => Outcome::Internal,
    }
}

/// The body of a document that was executed.
pub(super) fn executed(data: &[u8], cost: u32, errors: &[Value]) -> AnswerBody {
    let mut body = Vec::with_capacity(data.len() + 64);
    body.extend_from_slice(b"{\"data\":");
    body.extend_from_slice(data);
    if !errors.is_empty() {
        body.extend_from_slice(b",\"errors\":");
        body.extend_from_slice(json!(errors).to_string().as_bytes());
    }
    body.extend_from_slice(b",\"extensions\":{\"cost\":");
    body.extend_from_slice(cost.to_string().as_bytes());
    body.extend_from_slice(b"}}");
    AnswerBody::plain(body)
}
