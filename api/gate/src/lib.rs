//! The gate: a raw request becomes a checked, costed document, or is refused.
//!
//! It is the only place that refuses documents. It does no I/O and knows nothing of data or people, save whether
//! the caller is signed in. The order matters, because each step makes the next one safe:
//!
//! 1. `lexical`: nesting and tokens, on bytes. Nothing recursive has run yet.
//! 2. apollo parses.
//! 3. `structure`: how large the document is when its fragments are laid out, each fragment measured once. Cycles
//!    and bombs end here.
//! 4. apollo validates against the schema; `positions` adds what it leaves open, how our own scalars are written
//!    among it.
//! 5. `variables`: bounded, without U+0000, and coerced, defaults applied.
//! 6. `cost`: what the request may cost at most, with these variables.
//!
//! Steps 1 to 4 do not depend on variables and are kept by text (`cache`), so a document seen again costs a
//! look-up, its variables and a memoised cost. Documents refused are not kept.
//!
//! Those who come after may rely on this: the document is valid; no path through it, fragments included, is longer
//! than `Limits::nesting`; laid out it has at most `Limits::fields` fields; every variable has the type declared,
//! and none that must not be null is; every value of a scalar of ours, wherever it stands, is written as its type is; no
//! text holds U+0000.

mod cache;
mod cost;
mod lexical;
mod positions;
mod refusal;
mod selection;
mod structure;
#[cfg(test)]
mod tests;
mod variables;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use apollo_compiler::ast::OperationType;
use apollo_compiler::collections;
use apollo_compiler::executable::{ExecutableDocument, Field, Operation, Selection, SelectionSet};
use apollo_compiler::introspection;
use apollo_compiler::parser::Parser;
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::schema::Implementers;
use apollo_compiler::validation::{DiagnosticList, Valid};
use apollo_compiler::{Name, Node, Schema};

use cache::Cache;
use positions::VariableUses;

pub use cost::{Price, REQUEST_WEIGHT};
pub use refusal::{Code, MOST_REFUSALS, RequestError};
pub use selection::{SelectedField, collect_fields};

/// Mutations that must be the only field of their operation: they set or check credentials, and a request must not
/// carry many guesses.
pub const ALONE: &[&str] = &[
    "signIn",
    "tokenRefresh",
    "invitationAccept",
    "passwordReset",
    "passwordResetSend",
    "addressChangeConfirm",
    "addressChangeUndo",
];

/// Ignored tokens (white space, comments, commas) allowed for each token that counts.
const IGNORED_PER_TOKEN: usize = 4;

/// A character that databases do not take in a text, and the message about it.
const NUL: char = '\0';
const NUL_REFUSED: &str = "a text must not hold the character U+0000";

/// The number of the next document.
static NUMBERS: AtomicU64 = AtomicU64::new(1);

/// The name of a scalar and the check of its syntax. The check takes the string, or `None` for a value that is no
/// string, and returns an error message. The message is sent to the caller, so it must not contain the value.
pub type ScalarSyntax = (&'static str, fn(Option<&str>) -> Result<(), &'static str>);

/// How large a request may be.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Tokens of a document.
    pub tokens: usize,
    /// Brackets inside brackets, selections inside selections through fragments, and levels of a variable's JSON.
    pub nesting: usize,
    /// Fields inside fields.
    pub depth: usize,
    /// Points a request may cost.
    pub cost: u32,
    /// Fields, written or with all fragments laid out.
    pub fields: usize,
    /// Root fields of an operation.
    pub root_fields: usize,
    /// Aliases written.
    pub aliases: usize,
    /// Directives written.
    pub directives: usize,
    /// Fragments defined.
    pub fragments: usize,
    /// Items of any list in arguments or variables.
    pub list: usize,
    /// Whether callers who are not signed in may read the schema.
    pub introspection_for_all: bool,
    /// Documents kept, of 4 KiB of text at most; a longer one counts as several.
    pub documents: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            tokens: 5000,
            nesting: 64,
            depth: 15,
            cost: 5000,
            fields: 2000,
            root_fields: 20,
            aliases: 30,
            directives: 50,
            fragments: 50,
            list: 100,
            introspection_for_all: false,
            documents: 1000,
        }
    }
}

/// A request as it came. Without `Debug`, so that no log holds a password.
#[derive(Clone, Default)]
pub struct Request {
    /// The document's text.
    pub query: String,
    /// Which of its operations to run.
    pub operation_name: Option<String>,
    /// Values as sent.
    pub variables: JsonMap,
    /// Other values of the request; the gate does not read them.
    pub extensions: JsonMap,
}

/// The kind of operation that a document runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationKind {
    /// Reads.
    Query,
    /// Writes, then reads what was written.
    Mutation,
    /// Listens.
    Subscription,
}

impl OperationKind {
    /// Its name in GraphQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Mutation => "mutation",
            Self::Subscription => "subscription",
        }
    }
}

/// A valid document with the operation to run.
#[derive(Debug)]
pub struct Document {
    /// No other document of this process has this number.
    pub number: u64,
    /// The document, typed against the schema.
    pub ast: Valid<ExecutableDocument>,
    /// The operation the request named.
    pub operation: Node<Operation>,
    /// Its kind.
    pub kind: OperationKind,
    /// The operation selects `__schema` or `__type`.
    pub introspects: bool,
    /// The operation selects a root field other than introspection and `__typename`.
    pub plain: bool,
    named: bool,
    uses: VariableUses,
}

/// A request that may run.
#[derive(Clone, Debug)]
pub struct Admitted {
    /// What to run.
    pub document: Arc<Document>,
    /// Coerced variables, with defaults. A nullable variable neither given nor defaulted is absent.
    pub variables: JsonMap,
    /// The most it can cost.
    pub cost: u32,
    /// How the cost depends on the number of objects found.
    pub price: Price,
}

/// The gate for one schema.
pub struct Gate {
    schema: Valid<Schema>,
    implementers: collections::HashMap<Name, Implementers>,
    scalars: &'static [ScalarSyntax],
    limits: Limits,
    cache: Cache,
}

impl Gate {
    /// A gate for the schema that async-graphql printed, with the syntax of its scalars. A scalar without a check takes
    /// any value.
    ///
    /// # Errors
    /// The SDL is no valid schema; the text says where.
    pub fn new(sdl: &str, scalars: &'static [ScalarSyntax], limits: Limits) -> Result<Self, String> {
        let schema = Schema::parse_and_validate(sdl, "schema.graphql")
            .map_err(|invalid| invalid.errors.to_string())?;
        let implementers = schema.implementers_map();
        let cache = Cache::new(limits.documents);
        Ok(Self { schema, implementers, scalars, limits, cache })
    }

    /// The schema that documents are checked against.
    #[must_use]
    pub fn schema(&self) -> &Valid<Schema> {
        &self.schema
    }

    /// Who implements which interface.
    #[must_use]
    pub fn implementers(&self) -> &collections::HashMap<Name, Implementers> {
        &self.implementers
    }

    /// Whether the document is in the cache, so that admitting it again costs a look-up.
    #[must_use]
    pub fn is_cached(&self, query: &str, operation: Option<&str>) -> bool {
        self.cache.get(query, operation).is_some()
    }

    /// Checks a request and computes its cost.
    ///
    /// # Errors
    /// Request errors, between 1 and 20: nothing was run and the answer has no `data`.
    pub fn admit(&self, request: &Request, signed_in: bool) -> Result<Admitted, Vec<RequestError>> {
        let name = request.operation_name.as_deref();
        if request.query.contains(NUL) || name.is_some_and(|name| name.contains(NUL)) {
            return Err(vec![RequestError::new(Code::BadUserInput, NUL_REFUSED)]);
        }
        let document = self.document(&request.query, name).map_err(limit_errors)?;
        if document.introspects && !signed_in && !self.limits.introspection_for_all {
            let message = "reading the schema needs a signed-in caller";
            return Err(vec![RequestError::new(Code::IntrospectionDisabled, message)]);
        }
        variables::check_bounds(&request.variables, &self.limits).map_err(|refused| vec![refused])?;
        variables::refuse_nul(&request.variables).map_err(|refused| vec![refused])?;
        let types = variables::Types { schema: &self.schema, scalars: self.scalars };
        let variables = variables::coerce(types, &document.ast, &document.operation, &request.variables)?;
        document.check_null(&variables).map_err(limit_errors)?;
        let price = self.price(&document, &variables);
        let cost = price.total();
        if cost > self.limits.cost {
            let message = format!(
                "the request may cost {cost} points: at most {} are allowed; ask for fewer with `first`",
                self.limits.cost
            );
            let refused = RequestError::new(Code::CostExceeded, &message);
            return Err(vec![refused.with("cost", cost).with("maximum", self.limits.cost)]);
        }
        Ok(Admitted { document, variables, cost, price })
    }

    /// Answers `__schema`, `__type` and the root's `__typename`; other root fields are left out.
    ///
    /// # Errors
    /// An argument has no usable value.
    pub fn introspect(&self, admitted: &Admitted) -> Result<JsonMap, RequestError> {
        let Document { ast, operation, .. } = &*admitted.document;
        let variables = Valid::assume_valid_ref(&admitted.variables);
        let response =
            introspection::partial_execute(&self.schema, &self.implementers, ast, operation, variables);
        let response = response.map_err(|_| internal_error())?;
        match (response.errors.first(), response.data) {
            (None, Some(data)) => Ok(data),
            (Some(error), _) => Err(RequestError::new(Code::BadUserInput, &error.message)),
            (None, None) => Err(internal_error()),
        }
    }

    /// The value of an argument as its type wants it, with variables in their places; absent if it is not given.
    ///
    /// # Errors
    /// The value does not fit its type, which validation lets through only by a defect of ours.
    pub fn argument(
        &self,
        admitted: &Admitted,
        field: &Field,
        name: &str,
    ) -> Result<Option<JsonValue>, RequestError> {
        let types = variables::Types { schema: &self.schema, scalars: self.scalars };
        variables::argument(types, field, name, &admitted.variables)
    }

    fn document(&self, query: &str, operation: Option<&str>) -> Result<Arc<Document>, Vec<RequestError>> {
        if let Some(known) = self.cache.get(query, operation) {
            return Ok(known);
        }
        let document = self.read(query, operation)?;
        Ok(self.cache.insert(document))
    }

    /// The cost of the document with these variables.
    fn price(&self, document: &Document, variables: &JsonMap) -> Price {
        let key = document.price_key(variables);
        if let Some(known) = self.cache.price(&key) {
            return known;
        }
        let price = cost::price(&document.ast, &self.schema, &document.operation, variables);
        self.cache.keep_price(key, price);
        price
    }

    /// Steps 1 to 4, for a document not seen before.
    fn read(&self, query: &str, name: Option<&str>) -> Result<Document, Vec<RequestError>> {
        let limits = &self.limits;
        lexical::scan(query, limits.nesting, limits.tokens).map_err(|excess| match excess {
            lexical::BrokenLimit::Nesting => vec![structure::over_limit("nesting", limits.nesting)],
            lexical::BrokenLimit::Tokens => vec![structure::over_limit("tokens", limits.tokens)],
        })?;
        let most_tokens = limits.tokens.saturating_mul(1 + IGNORED_PER_TOKEN);
        let parsed = Parser::new().token_limit(most_tokens).parse_ast(query, "request");
        let syntax = parsed.map_err(|failed| self.parse_errors(&failed.errors))?;
        structure::check(&syntax, limits)?;
        // In two steps: a field that does not exist is left out of the typed document, and validating what is
        // left would complain of its parent.
        let invalid =
            |errors: &DiagnosticList| refusal::from_diagnostics(Code::GraphqlValidationFailed, errors);
        let typed = syntax.to_executable(&self.schema).map_err(|failed| invalid(&failed.errors))?;
        let ast = typed.validate(&self.schema).map_err(|failed| invalid(&failed.errors))?;
        let operation = ast.operations.get(name).map_err(|missing| {
            vec![RequestError::new(Code::OperationNotFound, &missing.message().to_string())]
        })?;
        let operation = operation.clone();
        let mut uses = VariableUses::default();
        for other in ast.operations.iter() {
            let found = positions::check(&ast, &self.schema, self.scalars, other)?;
            if other.ptr_eq(&operation) {
                uses = found;
            }
        }
        Document::new(ast, operation, name.is_some(), uses).map_err(|refused| vec![refused])
    }

    fn parse_errors(&self, errors: &DiagnosticList) -> Vec<RequestError> {
        let refused = refusal::from_diagnostics(Code::GraphqlParseFailed, errors);
        // Tokens that the scan does not count, in masses.
        if refused.iter().any(|refused| refused.message.contains("token limit reached")) {
            return vec![structure::over_limit("tokens", self.limits.tokens)];
        }
        refused
    }
}

impl Document {
    fn new(
        ast: Valid<ExecutableDocument>,
        operation: Node<Operation>,
        named: bool,
        uses: VariableUses,
    ) -> Result<Self, RequestError> {
        let mut roots = Vec::new();
        root_names(&ast, &operation.selection_set, &mut roots);
        let is_meta = |name: &&str| matches!(*name, "__schema" | "__type");
        let introspects = roots.iter().any(is_meta);
        let plain = roots.iter().any(|name| !is_meta(name) && *name != "__typename");
        if introspects {
            introspection::check_max_depth(&ast, &operation).map_err(|refused| {
                let message = refused.message().to_string();
                RequestError::new(Code::LimitExceeded, &message).at(refused.location(), &ast.sources)
            })?;
        }
        let kind = match operation.operation_type {
            OperationType::Query => OperationKind::Query,
            OperationType::Mutation => OperationKind::Mutation,
            OperationType::Subscription => OperationKind::Subscription,
        };
        if kind == OperationKind::Mutation
            && roots.len() > 1
            && let Some(name) = roots.iter().find(|name| ALONE.contains(name))
        {
            let message = format!("`{name}` must be the only field of its mutation");
            return Err(RequestError::limit("alone", 1, &message).at(operation.location(), &ast.sources));
        }
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        Ok(Self { number, operation, kind, introspects, plain, named, uses, ast })
    }

    /// The text as it came.
    fn text(&self) -> &str {
        self.ast.sources.values().next().map_or("", |file| file.source_text())
    }

    /// The operation name as it was asked for, which is not the operation's own where none was.
    fn operation_name(&self) -> Option<&str> {
        self.operation.name.as_deref().filter(|_| self.named)
    }

    /// A default lets a nullable variable stand where null cannot; a null sent in its place would only be noticed
    /// in the middle of execution.
    fn check_null(&self, variables: &JsonMap) -> Result<(), Vec<RequestError>> {
        let is_null = |name: &&String| variables.get(name.as_str()).is_some_and(JsonValue::is_null);
        let refused = |name: &String| {
            let message = format!("variable ${name}: null stands where a value is required");
            RequestError::new(Code::BadUserInput, &message).with("variable", name.as_str())
        };
        let refusals: Vec<_> = self.uses.never_null.iter().filter(is_null).map(refused).collect();
        if refusals.is_empty() { Ok(()) } else { Err(refusals) }
    }

    /// The document and all of the variables that its price depends on.
    fn price_key(&self, variables: &JsonMap) -> Vec<u8> {
        let mut key = self.number.to_be_bytes().to_vec();
        let influences = self.uses.conditions.iter().chain(&self.uses.sizes);
        key.extend(influences.map(|name| cost::influence(variables, name)));
        for name in &self.uses.priced {
            cost::form(variables, name, &mut key);
        }
        key
    }
}

/// Root fields with fragments laid out, whatever `@skip` and `@include` say.
fn root_names<'d>(document: &'d ExecutableDocument, set: &'d SelectionSet, names: &mut Vec<&'d str>) {
    for selection in &set.selections {
        match selection {
            Selection::Field(field) => names.push(field.name.as_str()),
            Selection::InlineFragment(inline) => root_names(document, &inline.selection_set, names),
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = spread.fragment_def(document) {
                    root_names(document, &fragment.selection_set, names);
                }
            }
        }
    }
}

/// The error in a value of the scalar `name`. `string` is `None` for a value that is no string.
fn syntax_error(scalars: &[ScalarSyntax], name: &str, string: Option<&str>) -> Option<&'static str> {
    let (_, read) = scalars.iter().find(|(known, _)| *known == name)?;
    read(string).err()
}

fn limit_errors(mut refusals: Vec<RequestError>) -> Vec<RequestError> {
    refusals.truncate(MOST_REFUSALS);
    refusals
}

fn internal_error() -> RequestError {
    RequestError::new(Code::Internal, "the request could not be prepared")
}
