//! Arguments. A value in a document may be written out or come from a variable, whole or in parts; a plan keeps
//! where each leaf comes from, so that it serves every request with the same skeleton.

use apollo_compiler::{
    ast::Value,
    executable::Field,
    response::{JsonMap, JsonValue},
};
use std::{borrow::Cow, collections::BTreeSet};

/// An argument's value, with the source of each leaf.
#[derive(Clone, Debug)]
pub enum Arg {
    Object(Vec<(String, Arg)>),
    List(Vec<Arg>, Source),
    /// Null or absent.
    Null,
    Leaf(JsonValue, Source),
}

/// Where a leaf's value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// Written in the document.
    Fixed(JsonValue),
    /// In a variable, at a path.
    Variable(String, Vec<Step>),
    /// A list written in the document, of which some items are variables.
    Items(Vec<Source>),
}

/// A step into a variable's value.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    Name(String),
    Place(usize),
}

impl Source {
    /// The value in this request.
    pub fn value<'v>(&'v self, variables: &'v JsonMap) -> Cow<'v, JsonValue> {
        match self {
            Source::Fixed(value) => Cow::Borrowed(value),
            Source::Items(items) => {
                let items = items.iter().map(|item| item.value(variables).into_owned());
                Cow::Owned(JsonValue::Array(items.collect()))
            }
            Source::Variable(name, steps) => {
                let root = variables.get(name.as_str()).unwrap_or(&JsonValue::Null);
                Cow::Borrowed(steps.iter().fold(root, |value, step| match step {
                    Step::Name(name) => value.get(name.as_str()).unwrap_or(&JsonValue::Null),
                    Step::Place(place) => value.get(*place).unwrap_or(&JsonValue::Null),
                }))
            }
        }
    }
}

impl Arg {
    /// The argument `name` of a field: given, or the schema's default, or null. A variable that the request does not
    /// give counts as if the argument were not written.
    pub fn of(field: &Field, name: &str, variables: &JsonMap) -> Arg {
        let given = field.specified_argument_by_name(name).filter(|value| !is_absent(value, variables));
        let default = || field.definition.argument_by_name(name)?.default_value.as_ref();
        given.or_else(default).map_or(Arg::Null, |value| Arg::from_document(value, variables))
    }
    pub fn is_null(&self) -> bool {
        matches!(self, Arg::Null)
    }
    /// The plain value, where the value itself shapes the plan.
    pub fn json(&self) -> JsonValue {
        match self {
            Arg::Null => JsonValue::Null,
            Arg::Leaf(value, _) => value.clone(),
            Arg::List(items, _) => JsonValue::Array(items.iter().map(Arg::json).collect()),
            Arg::Object(fields) => JsonValue::Object(
                fields.iter().map(|(name, value)| (name.as_str().into(), value.json())).collect(),
            ),
        }
    }
    /// The items of a list; by the specification's coercion, a single value is a list of one.
    pub fn items(&self) -> &[Arg] {
        match self {
            Arg::List(items, _) => items,
            Arg::Null => &[],
            single => std::slice::from_ref(single),
        }
    }
    /// The source of a leaf or of a whole list.
    pub fn source(&self) -> Option<&Source> {
        match self {
            Arg::Leaf(_, source) | Arg::List(_, source) => Some(source),
            _ => None,
        }
    }

    fn from_document(value: &Value, variables: &JsonMap) -> Arg {
        match value {
            Value::Null => Arg::Null,
            Value::Variable(name) => match variables.get(name.as_str()) {
                Some(value) => Arg::from_variable(value, name, vec![]),
                None => Arg::Null,
            },
            Value::Object(fields) => Arg::Object(
                fields
                    .iter()
                    .filter(|(_, value)| !is_absent(value, variables))
                    .map(|(name, value)| (name.to_string(), Arg::from_document(value, variables)))
                    .collect(),
            ),
            Value::List(items) => {
                let items: Vec<Arg> = items.iter().map(|item| Arg::from_document(item, variables)).collect();
                let nothing = Source::Fixed(JsonValue::Null);
                let sources = items.iter().map(|item| item.source().cloned().unwrap_or(nothing.clone()));
                let sources = sources.collect();
                Arg::List(items, Source::Items(sources))
            }
            leaf => {
                let json = leaf_json(leaf);
                Arg::Leaf(json.clone(), Source::Fixed(json))
            }
        }
    }

    fn from_variable(value: &JsonValue, name: &str, steps: Vec<Step>) -> Arg {
        let deeper = |step: Step| steps.iter().cloned().chain([step]).collect::<Vec<_>>();
        match value {
            JsonValue::Null => Arg::Null,
            JsonValue::Object(fields) => Arg::Object(
                fields
                    .iter()
                    .map(|(key, value)| {
                        let key = key.as_str().to_owned();
                        (key.clone(), Arg::from_variable(value, name, deeper(Step::Name(key))))
                    })
                    .collect(),
            ),
            JsonValue::Array(items) => {
                let parts = items.iter().enumerate();
                let parts =
                    parts.map(|(place, item)| Arg::from_variable(item, name, deeper(Step::Place(place))));
                Arg::List(parts.collect(), Source::Variable(name.to_owned(), steps.clone()))
            }
            leaf => Arg::Leaf(leaf.clone(), Source::Variable(name.to_owned(), steps)),
        }
    }
}

/// Whether a value is a variable that the request does not give.
fn is_absent(value: &Value, variables: &JsonMap) -> bool {
    matches!(value, Value::Variable(name) if !variables.contains_key(name.as_str()))
}

/// What of a variable's value decides the form of a filter, a cursor or an id: which keys are there, what is null,
/// how long nested lists of conditions are, and what kind of id it is. Plans are kept under it.
pub fn skeleton(value: &JsonValue, out: &mut String) {
    match value {
        JsonValue::Null => out.push('n'),
        JsonValue::Bool(on) => out.push(if *on { 't' } else { 'f' }),
        JsonValue::Number(_) => out.push('0'),
        JsonValue::String(text) => {
            out.push('s');
            out.push_str(entity::split_id(text.as_str()).map_or("", |(prefix, _)| prefix));
        }
        JsonValue::Array(items) => {
            out.push('[');
            items.iter().for_each(|item| skeleton(item, out));
            out.push(']');
        }
        JsonValue::Object(fields) => {
            out.push('{');
            for (name, value) in fields {
                out.push_str(name.as_str());
                out.push(':');
                skeleton(value, out);
            }
            out.push('}');
        }
    }
}

fn leaf_json(value: &Value) -> JsonValue {
    match value {
        Value::Enum(name) => JsonValue::String(name.as_str().into()),
        Value::String(text) => JsonValue::String(text.as_str().into()),
        Value::Int(number) => number.try_to_i32().map_or(JsonValue::Null, JsonValue::from),
        Value::Float(number) => number.try_to_f64().map_or(JsonValue::Null, JsonValue::from),
        Value::Boolean(on) => JsonValue::Bool(*on),
        _ => JsonValue::Null,
    }
}

/// The items of a list; a single value is a list of one.
pub fn items(value: &JsonValue) -> &[JsonValue] {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice)
}

/// Adds the names of the variables in a value.
pub(super) fn variables_in(value: &Value, out: &mut BTreeSet<String>) {
    match value {
        Value::Variable(name) => {
            out.insert(name.to_string());
        }
        Value::List(items) => items.iter().for_each(|item| variables_in(item, out)),
        Value::Object(fields) => fields.iter().for_each(|(_, value)| variables_in(value, out)),
        _ => {}
    }
}
