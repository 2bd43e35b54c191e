//! The parameters of a GraphQL request, from a body or a query string.

use axum::extract::Query;
use axum::http::Uri;
use serde::Deserialize;
use serde_json::{Map, Value};

/// The parameters of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct GraphqlRequest {
    /// The document.
    pub query: String,
    /// The name of the operation to run.
    pub operation_name: Option<String>,
    /// Values of its variables.
    pub variables: Map<String, Value>,
    /// Extensions of the protocol.
    pub extensions: Map<String, Value>,
}

/// An error in the parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Malformed {
    /// A message for the client.
    Because(&'static str),
    /// A hash in place of the document.
    PersistedQuery,
}

impl From<&'static str> for Malformed {
    fn from(why: &'static str) -> Self {
        Self::Because(why)
    }
}

impl GraphqlRequest {
    /// From a JSON body.
    pub fn from_body(body: &[u8]) -> Result<Self, Malformed> {
        // A sequence would pass for the struct's fields in their order, so the brace is looked for first.
        match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
            Some(b'{') => {}
            Some(b'[') => return Err("Batches are not supported: send one request at a time.".into()),
            None => return Err("The body is empty: send a JSON object with the parameter query.".into()),
            Some(_) => return Err("The body must be a JSON object.".into()),
        }
        serde_json::from_slice::<Parameters>(body).map_err(|_| "The body is not valid JSON.")?.check()
    }

    /// From the query string of a GET.
    pub fn from_uri(uri: &Uri) -> Result<Self, Malformed> {
        let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|_| "The query string cannot be read.")?;
        let mut parameters = Parameters::default();
        for (name, text) in pairs {
            let (slot, json) = match name.as_str() {
                "query" => (&mut parameters.query, false),
                "operationName" => (&mut parameters.operation_name, false),
                "variables" => (&mut parameters.variables, true),
                "extensions" => (&mut parameters.extensions, true),
                _ => continue,
            };
            if slot.is_some() {
                return Err("A parameter is given twice.".into());
            }
            *slot = match (json, text.is_empty()) {
                // `variables=` is how forms say nothing.
                (true, true) => None,
                (true, false) => Some(serde_json::from_str(&text).map_err(|_| NOT_JSON)?),
                (false, _) => Some(Value::String(text)),
            };
        }
        parameters.check()
    }
}

const NOT_JSON: &str = "The parameters variables and extensions must be JSON objects.";

/// As sent: of any type, so that each wrong one gets its own words.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Parameters {
    query: Option<Value>,
    operation_name: Option<Value>,
    variables: Option<Value>,
    extensions: Option<Value>,
}

impl Parameters {
    fn check(self) -> Result<GraphqlRequest, Malformed> {
        let object = |value: Option<Value>, refusal: &'static str| match value {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(map)) => Ok(map),
            Some(_) => Err(Malformed::Because(refusal)),
        };
        let extensions = object(self.extensions, "The parameter extensions must be an object.")?;
        let query = match self.query {
            Some(Value::String(query)) => query,
            None | Some(Value::Null) if extensions.contains_key("persistedQuery") => {
                return Err(Malformed::PersistedQuery);
            }
            None | Some(Value::Null) => return Err("The parameter query is missing.".into()),
            Some(_) => return Err("The parameter query must be a string.".into()),
        };
        let operation_name = match self.operation_name {
            // Some clients send "" for "the only one".
            None | Some(Value::Null) => None,
            Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
            Some(_) => return Err("The parameter operationName must be a string.".into()),
        };
        let variables = object(self.variables, "The parameter variables must be an object.")?;
        Ok(GraphqlRequest { query, operation_name, variables, extensions })
    }
}
