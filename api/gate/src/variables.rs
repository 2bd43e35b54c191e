//! Variables as the operation declares them: bounded, coerced, with defaults applied.
//!
//! Written here rather than taken from apollo for three reasons: apollo's messages quote the value, and a value may
//! be a password; it stops at the first mistake; and it knows no `@oneOf`.

use apollo_compiler::ast::{Type, Value};
use apollo_compiler::executable::{Field, Operation};
use apollo_compiler::parser::SourceSpan;
use apollo_compiler::response::serde_json_bytes::serde_json::Number;
use apollo_compiler::response::{JsonMap, JsonValue};
use apollo_compiler::schema::{ExtendedType, InputObjectType};
use apollo_compiler::{ExecutableDocument, Name, Schema};

use super::refusal::{Code, MOST_REFUSALS, RequestError};
use super::{Limits, NUL, NUL_REFUSED, ScalarSyntax, positions, structure, syntax_error};

/// Refuses variables with lists too long or nested too deeply, before anything walks them.
pub fn check_bounds(variables: &JsonMap, limits: &Limits) -> Result<(), RequestError> {
    variables.values().try_for_each(|value| check_value_bounds(value, limits, 1))
}

fn check_value_bounds(value: &JsonValue, limits: &Limits, level: usize) -> Result<(), RequestError> {
    if level > limits.nesting {
        return Err(structure::over_limit("variables", limits.nesting));
    }
    match value {
        JsonValue::Array(items) if items.len() > limits.list => {
            Err(structure::over_limit("list", limits.list))
        }
        JsonValue::Array(items) => {
            items.iter().try_for_each(|item| check_value_bounds(item, limits, level + 1))
        }
        JsonValue::Object(fields) => {
            fields.values().try_for_each(|value| check_value_bounds(value, limits, level + 1))
        }
        _ => Ok(()),
    }
}

/// Refuses texts with U+0000, which databases do not take. Call `check_bounds` first.
pub fn refuse_nul(variables: &JsonMap) -> Result<(), RequestError> {
    let mut path = Vec::new();
    let found = variables.iter().find_map(|(name, value)| {
        path.push(JsonValue::from(name.as_str()));
        let found = contains_nul(value, &mut path) || name.as_str().contains(NUL);
        if !found {
            path.pop();
        }
        found.then(|| name.as_str().replace(NUL, ""))
    });
    let Some(name) = found else { return Ok(()) };
    let message = format!("variable ${name}: {NUL_REFUSED}");
    Err(RequestError::new(Code::BadUserInput, &message).with("variable", name.as_str()).with("path", path))
}

fn contains_nul(value: &JsonValue, path: &mut Vec<JsonValue>) -> bool {
    let mut step = |step: JsonValue, value: &JsonValue| {
        path.push(step);
        let found = contains_nul(value, path);
        if !found {
            path.pop();
        }
        found
    };
    match value {
        JsonValue::String(text) => text.as_str().contains(NUL),
        JsonValue::Array(items) => items.iter().enumerate().any(|(at, item)| step(JsonValue::from(at), item)),
        JsonValue::Object(fields) => fields
            .iter()
            .any(|(name, value)| step(name.as_str().into(), value) || name.as_str().contains(NUL)),
        _ => false,
    }
}

/// The values an operation runs with: those it declares, as their types want them.
///
/// A variable neither given nor defaulted stays absent, which is not the same as null.
pub fn coerce(
    types: Types<'_>,
    document: &ExecutableDocument,
    operation: &Operation,
    given: &JsonMap,
) -> Result<JsonMap, Vec<RequestError>> {
    let mut coercion = Coercion { types, path: String::new(), steps: Vec::new(), wrong: Vec::new() };
    let mut refusals = Vec::new();
    let mut values = JsonMap::new();
    for variable in &operation.variables {
        let name = variable.name.as_str();
        coercion.path = format!("${name}");
        coercion.steps = vec![JsonValue::from(name)];
        if let Some(value) = given.get(name) {
            values.insert(name, coercion.value(&variable.ty, value));
        } else if let Some(default) = &variable.default_value {
            values.insert(name, coercion.literal(&variable.ty, default));
        } else if variable.ty.is_non_null() {
            coercion.refuse(&format!("a value of type {} is required", variable.ty));
        }
        let span: Option<SourceSpan> = variable.location();
        refusals.extend(coercion.wrong.drain(..).map(|wrong| {
            let Wrong { message, path, allowed } = wrong;
            let refused = RequestError::new(Code::BadUserInput, &message).at(span, &document.sources);
            let refused = refused.with("variable", name).with("path", path);
            if allowed.is_empty() { refused } else { refused.with("allowed", allowed) }
        }));
        if refusals.len() >= MOST_REFUSALS {
            break;
        }
    }
    refusals.truncate(MOST_REFUSALS);
    if refusals.is_empty() { Ok(values) } else { Err(refusals) }
}

/// The value of a field's argument as its type wants it, with variables in their places.
///
/// A variable without a value is as if the argument, or the field of an object, had not been written.
pub fn argument(
    types: Types<'_>,
    field: &Field,
    name: &str,
    variables: &JsonMap,
) -> Result<Option<JsonValue>, RequestError> {
    let given = field.arguments.iter().find(|argument| argument.name == name);
    let definition = field.definition.argument_by_name(name);
    let (Some(given), Some(definition)) = (given, definition) else { return Ok(None) };
    let Some(value) = substitute_variables(&given.value, variables) else { return Ok(None) };
    let mut coercion = Coercion { types, path: name.to_owned(), steps: vec![], wrong: Vec::new() };
    let value = coercion.value(&definition.ty, &value);
    match coercion.wrong.first() {
        None => Ok(Some(value)),
        Some(wrong) => Err(RequestError::new(Code::BadUserInput, &wrong.message)),
    }
}

/// A value with variables in their places; none for a variable without a value.
fn substitute_variables(value: &Value, variables: &JsonMap) -> Option<JsonValue> {
    Some(match value {
        Value::Variable(name) => return variables.get(name.as_str()).cloned(),
        Value::List(items) => {
            let items =
                items.iter().map(|item| substitute_variables(item, variables).unwrap_or(JsonValue::Null));
            JsonValue::Array(items.collect())
        }
        Value::Object(fields) => {
            let fields = fields.iter().filter_map(|(name, value)| {
                substitute_variables(value, variables).map(|value| (name.as_str().into(), value))
            });
            JsonValue::Object(fields.collect())
        }
        other => json(other),
    })
}

/// The types that values are coerced to.
pub struct Types<'s> {
    pub schema: &'s Schema,
    pub scalars: &'s [ScalarSyntax],
}

struct Coercion<'s> {
    types: Types<'s>,
    /// The position in the variables, for the message and for `path`.
    path: String,
    steps: Vec<JsonValue>,
    wrong: Vec<Wrong>,
}

/// What is wrong with a value.
struct Wrong {
    message: String,
    path: Vec<JsonValue>,
    /// The values that an enum has.
    allowed: Vec<JsonValue>,
}

impl Coercion<'_> {
    fn value(&mut self, ty: &Type, value: &JsonValue) -> JsonValue {
        if value.is_null() {
            if ty.is_non_null() {
                self.refuse(&format!("expected {ty}, got null"));
            }
            return JsonValue::Null;
        }
        match ty {
            Type::List(item) | Type::NonNullList(item) => {
                let Some(items) = value.as_array() else {
                    // The specification reads a single value as a list of one.
                    return JsonValue::Array(vec![self.value(item, value)]);
                };
                let items = items.iter().enumerate();
                let coerced = items.map(|(at, value)| {
                    self.within(&format!("[{at}]"), JsonValue::from(at), |me| me.value(item, value))
                });
                JsonValue::Array(coerced.collect())
            }
            Type::Named(name) | Type::NonNullNamed(name) => self.named(name, value),
        }
    }

    fn named(&mut self, name: &Name, value: &JsonValue) -> JsonValue {
        let coerced = match self.types.schema.types.get(name) {
            Some(ExtendedType::Scalar(definition)) if !definition.is_built_in() => {
                if let Some(wrong) = syntax_error(self.types.scalars, name, value.as_str()) {
                    self.refuse(wrong);
                }
                Some(value.clone())
            }
            Some(ExtendedType::Scalar(_)) => scalar(name, value),
            Some(ExtendedType::Enum(definition)) => {
                let known = value.as_str().is_some_and(|value| definition.values.contains_key(value));
                if !known {
                    let names: Vec<&str> = definition.values.keys().map(|name| name.as_str()).collect();
                    self.refuse_enum(name, value, &names);
                }
                Some(value.clone())
            }
            Some(ExtendedType::InputObject(definition)) => {
                let object: &InputObjectType = definition;
                value.as_object().map(|fields| self.object(object, fields))
            }
            _ => None,
        };
        coerced.unwrap_or_else(|| {
            self.refuse(&format!("expected {name}, got {}", kind_of(value)));
            JsonValue::Null
        })
    }

    fn object(&mut self, object: &InputObjectType, given: &JsonMap) -> JsonValue {
        for name in given.keys().filter(|name| !object.fields.contains_key(name.as_str())) {
            self.refuse(&format!("{} has no field `{}`", object.name, name.as_str()));
        }
        let mut fields = JsonMap::new();
        for (name, definition) in &object.fields {
            let name = name.as_str();
            let value = self.within(&format!(".{name}"), JsonValue::from(name), |me| {
                match (given.get(name), &definition.default_value) {
                    (Some(value), _) => Some(me.value(&definition.ty, value)),
                    (None, Some(default)) => Some(me.literal(&definition.ty, default)),
                    (None, None) if definition.ty.is_non_null() => {
                        me.refuse(&format!("a value of type {} is required", definition.ty));
                        None
                    }
                    (None, None) => None,
                }
            });
            if let Some(value) = value {
                fields.insert(name, value);
            }
        }
        if positions::one_of(object) && (given.len() != 1 || given.values().any(JsonValue::is_null)) {
            self.refuse(&format!("exactly one field of {} must be given, and not as null", object.name));
        }
        JsonValue::Object(fields)
    }

    /// A default of the schema or the document, which validation has checked against its type already.
    fn literal(&mut self, ty: &Type, value: &Value) -> JsonValue {
        let value = json(value);
        self.value(ty, &value)
    }

    fn within<T>(&mut self, text: &str, step: JsonValue, work: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        self.path.push_str(text);
        self.steps.push(step);
        let done = work(self);
        self.steps.pop();
        self.path.truncate(length);
        done
    }

    fn refuse(&mut self, what: &str) {
        self.refuse_with(what, Vec::new());
    }

    /// Names the values there are, and the one that was sent, if it is written as one.
    fn refuse_enum(&mut self, name: &Name, value: &JsonValue, names: &[&str]) {
        let written = |text: &&str| {
            (1..=LONGEST_ENUM_VALUE).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        let got = match value.as_str().filter(written) {
            Some(text) => format!("`{text}`"),
            None => kind_of(value).to_owned(),
        };
        let allowed = names.iter().map(|name| JsonValue::from(*name)).collect();
        self.refuse_with(&format!("expected {name}, got {got}; use one of {}", names.join(", ")), allowed);
    }

    fn refuse_with(&mut self, what: &str, allowed: Vec<JsonValue>) {
        if self.wrong.len() < MOST_REFUSALS {
            let message = format!("variable {}: {what}", self.path);
            self.wrong.push(Wrong { message, path: self.steps.clone(), allowed });
        }
    }
}

/// The longest text that a message repeats: a longer one is no mistyped enum value.
const LONGEST_ENUM_VALUE: usize = 40;

fn scalar(name: &str, value: &JsonValue) -> Option<JsonValue> {
    match name {
        "Int" => as_whole_number(value).and_then(|number| i32::try_from(number).ok()).map(JsonValue::from),
        "Float" => value.as_f64().filter(|number| number.is_finite()).map(|_| value.clone()),
        "String" => value.is_string().then(|| value.clone()),
        "Boolean" => value.is_boolean().then(|| value.clone()),
        "ID" if value.is_string() => Some(value.clone()),
        "ID" => value.as_i64().map(|number| JsonValue::from(number.to_string())),
        _ => None,
    }
}

/// JSON has one kind of number, so 3.0 is as whole as 3.
fn as_whole_number(value: &JsonValue) -> Option<i64> {
    let from_float = || {
        let number = value.as_f64()?;
        let fits = number.fract() == 0.0 && number.abs() <= f64::from(i32::MAX) + 1.0;
        fits.then(|| format!("{number:.0}").parse().ok())?
    };
    value.as_i64().or_else(from_float)
}

fn json(value: &Value) -> JsonValue {
    match value {
        // A default holds no variables.
        Value::Null | Value::Variable(_) => JsonValue::Null,
        Value::Enum(name) => JsonValue::from(name.as_str()),
        Value::String(text) => JsonValue::from(text.as_str()),
        Value::Boolean(truth) => JsonValue::from(*truth),
        Value::Int(digits) => number(digits.as_str()),
        Value::Float(digits) => number(digits.as_str()),
        Value::List(items) => JsonValue::Array(items.iter().map(|item| json(item)).collect()),
        Value::Object(fields) => JsonValue::Object(
            fields.iter().map(|(name, value)| (name.as_str().into(), json(value))).collect(),
        ),
    }
}

fn number(digits: &str) -> JsonValue {
    digits.parse::<Number>().map_or(JsonValue::Null, JsonValue::Number)
}

/// The kind of a value. Messages do not repeat the value itself: it may be a password.
fn kind_of(value: &JsonValue) -> &'static str {
    match value {
        JsonValue::Null => "null",
        JsonValue::Bool(_) => "a boolean",
        JsonValue::Number(_) => "a number",
        JsonValue::String(_) => "a string",
        JsonValue::Array(_) => "a list",
        JsonValue::Object(_) => "an object",
    }
}
