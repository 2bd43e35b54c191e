//! Request errors: a code from a closed list, a message, and a location in the document.

use apollo_compiler::parser::{SourceMap, SourceSpan};
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::validation::DiagnosticList;

/// The most errors in the answer to one request.
pub const MOST_REFUSALS: usize = 20;

/// The longest message: a document may contain a name of any length, and the message repeats it.
const LONGEST_MESSAGE: usize = 300;

/// The kinds of request errors the gate knows, and all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The text is not GraphQL.
    GraphqlParseFailed,
    /// The document does not fit the schema.
    GraphqlValidationFailed,
    /// A variable is missing or has a value its type does not take.
    BadUserInput,
    /// `operationName` names none of the operations, or is missing where there are several.
    OperationNotFound,
    /// The document or its variables are larger than one of the limits.
    LimitExceeded,
    /// The request would cost more than one request may.
    CostExceeded,
    /// The caller may not read the schema.
    IntrospectionDisabled,
    /// A defect of Concord, without details.
    Internal,
}

impl Code {
    /// The code as `extensions.code` shows it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GraphqlParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::GraphqlValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::OperationNotFound => "OPERATION_NOT_FOUND",
            Self::LimitExceeded => "LIMIT_EXCEEDED",
            Self::CostExceeded => "COST_EXCEEDED",
            Self::IntrospectionDisabled => "INTROSPECTION_DISABLED",
            Self::Internal => "INTERNAL",
        }
    }
}

/// A request error: execution was not reached, so the answer has no `data`.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestError {
    /// What kind of error it is, for programs.
    pub code: Code,
    /// The message. Never contains the value of a variable.
    pub message: String,
    /// Lines and columns of the document, both from 1.
    pub locations: Vec<(usize, usize)>,
    /// More for `extensions`, beside the code: which limit, its value, what the document has.
    pub extensions: Box<JsonMap>,
}

impl RequestError {
    /// A refusal without a place in the document.
    #[must_use]
    pub fn new(code: Code, message: &str) -> Self {
        Self { code, message: shortened(message), locations: Vec::new(), extensions: Box::default() }
    }

    pub(super) fn at(mut self, span: Option<SourceSpan>, sources: &SourceMap) -> Self {
        self.locations = span
            .and_then(|span| span.line_column(sources))
            .map(|at| (at.line, at.column))
            .into_iter()
            .collect();
        self
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<JsonValue>) -> Self {
        self.extensions.insert(name, value.into());
        self
    }

    pub(super) fn limit(limit: &str, maximum: usize, message: &str) -> Self {
        Self::new(Code::LimitExceeded, message).with("limit", limit).with("maximum", maximum as u64)
    }

    pub(super) fn invalid(message: &str, span: Option<SourceSpan>, sources: &SourceMap) -> Self {
        Self::new(Code::GraphqlValidationFailed, message).at(span, sources)
    }
}

/// The first refusals of apollo's list.
pub(super) fn from_diagnostics(code: Code, list: &DiagnosticList) -> Vec<RequestError> {
    let told = list.iter().take(MOST_REFUSALS).map(|diagnostic| {
        let error = diagnostic.to_json();
        let mut refused = RequestError::new(code, &error.message);
        refused.locations = error.locations.iter().map(|at| (at.line, at.column)).collect();
        refused
    });
    told.collect()
}

fn shortened(message: &str) -> String {
    match message.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}
