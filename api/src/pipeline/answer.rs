//! Answers of the pipeline as JSON: data and errors.

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
    /// The number of objects that a query found. None for a mutation, whose price does not depend on it.
    pub found: Option<u32>,
}

impl AnswerBody {
    /// An answer to a mutation without errors.
    pub(super) fn without_errors(body: Vec<u8>) -> Self {
        Self { outcome: Outcome::Executed, code: None, body, found: None }
    }
}

impl App {
    /// The answer to a document that the gate refused.
    pub(super) fn refused_answer(&self, refused: &[gate::RequestError], request_id: &str) -> Answer {
        let errors = refused.iter().map(|refused| {
            let code = refused.code.as_str();
            self.telemetry.errors.get_or_create(&CodeLabel { code }).inc();
            let mut extensions = extensions_with_code(code, request_id);
            let mut params: Vec<Value> = vec![];
            for (name, value) in refused.extensions.iter() {
                let value = serde_json::to_value(value).unwrap_or_default();
                match &value {
                    Value::String(text) => params.push(param(name.as_str(), text)),
                    Value::Number(number) => params.push(param(name.as_str(), &number.to_string())),
                    _ => {}
                }
                extensions[name.as_str()] = value;
            }
            let limit = extensions["limit"].as_str().map(constant_case);
            add_reason(&mut extensions, limit.as_deref(), params);
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
        new_answer(Outcome::Refused, refused.first().map(|refused| refused.code.as_str()), &body)
    }

    /// The answer to a request that ended in a fault.
    pub(super) fn fault_answer(&self, fault: &Fault, request_id: &str) -> Answer {
        self.failed_answer(outcome_of(fault), fault, request_id)
    }

    /// The same, with the given outcome.
    pub(super) fn failed_answer(&self, outcome: Outcome, fault: &Fault, request_id: &str) -> Answer {
        let code = fault.code();
        self.telemetry.errors.get_or_create(&CodeLabel { code }).inc();
        let error = json!({ "message": fault.message(), "extensions": extensions_of(fault, request_id) });
        new_answer(outcome, Some(code), &json!({ "errors": [error] }))
    }

    /// The answer to a request beyond the rate limit.
    pub(super) fn rate_limited_answer(&self, spent: &Exhausted) -> Answer {
        self.telemetry.errors.get_or_create(&CodeLabel { code: RATE_LIMITED }).inc();
        let seconds = spent.retry_after;
        let unit = if seconds == 1 { "second" } else { "seconds" };
        let message = format!("Too many requests. Try again in {seconds} {unit}.");
        let extensions = json!({
            "code": RATE_LIMITED,
            "params": [param("seconds", &seconds.to_string())],
            "retryAfter": seconds,
        });
        let body = json!({ "errors": [{ "message": message, "extensions": extensions }] });
        let outcome = Outcome::RateLimited { retry_after: u64::from(seconds) };
        Answer { rate: Some(spent.level.into()), ..new_answer(outcome, Some(RATE_LIMITED), &body) }
    }
}

const RATE_LIMITED: &str = "RATE_LIMITED";

fn new_answer(outcome: Outcome, code: Option<&'static str>, body: &Value) -> Answer {
    Answer { outcome, body: Bytes::from(body.to_string()), rate: None, operation: None, code, cost: None }
}

/// An error's extensions. Internal errors have the ID of the request, which finds the details in the log.
fn extensions_with_code(code: &str, request_id: &str) -> Value {
    match code {
        "INTERNAL" => json!({ "code": code, "requestId": request_id }),
        _ => json!({ "code": code }),
    }
}

/// The extensions of a fault.
pub(super) fn extensions_of(fault: &Fault, request_id: &str) -> Value {
    let (code, reason) = (fault.code(), fault.reason());
    let mut extensions = extensions_with_code(code, request_id);
    let params = fault.params().iter().map(|value| param(&value.name, &value.value));
    add_reason(&mut extensions, Some(reason).filter(|reason| *reason != code), params.collect());
    extensions
}

/// Adds the name of an error's message, where its code has several, and the values that the message contains.
fn add_reason(extensions: &mut Value, reason: Option<&str>, params: Vec<Value>) {
    if let Some(reason) = reason {
        extensions["reason"] = reason.into();
    }
    if !params.is_empty() {
        extensions["params"] = params.into();
    }
}

/// A value of a message, as in `UserError.params`.
fn param(name: &str, value: &str) -> Value {
    json!({ "name": name, "value": value })
}

/// `maxDepth` as `MAX_DEPTH`.
fn constant_case(name: &str) -> String {
    let mut constant = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            constant.push('_');
        }
        constant.push(letter.to_ascii_uppercase());
    }
    constant
}

/// The HTTP outcome of a fault.
fn outcome_of(fault: &Fault) -> Outcome {
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
pub(super) fn executed_answer(data: &[u8], cost: u32, errors: &[Value]) -> AnswerBody {
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
    AnswerBody::without_errors(body)
}
