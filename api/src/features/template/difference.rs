//! What differs between two versions, part by part. Parts are found again by what they are called: stages and statements
//! by their keys, criteria by what they say, agenda items by their titles, resources by their addresses.

use super::{document, plan::VersionPlan};
use serde_json::{Map, Value};

/// How a part differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    Added,
    Removed,
    Changed,
}

/// A difference: where it is, what stood there, and what stands there instead.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    pub how: How,
    pub path: Vec<String>,
    pub before: Value,
    pub after: Value,
}

/// The lists of a version, by the last step of their path, and what their items are called by.
const CALLED: &[(&str, &str)] = &[
    ("stages", "key"),
    ("criteria", "text"),
    ("agenda", "title"),
    ("questionnaire", "key"),
    ("resources", "url"),
];

/// All that differs, in the order of the parts.
pub fn between(before: &VersionPlan, after: &VersionPlan) -> Vec<Difference> {
    let mut found = Vec::new();
    compare(&mut found, &[], &document::value(before), &document::value(after));
    found
}

fn compare(found: &mut Vec<Difference>, path: &[String], before: &Value, after: &Value) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => fields(found, path, before, after),
        (Value::Array(before), Value::Array(after)) => items(found, path, before, after),
        _ if before == after => {}
        _ => note(found, How::Changed, path, before.clone(), after.clone()),
    }
}

fn fields(
    found: &mut Vec<Difference>,
    path: &[String],
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) {
    for (name, value) in before {
        if let Some(other) = after.get(name) {
            compare(found, &below(path, name), value, other);
        }
    }
}

/// Items of a list: those gone, those that came, and of those in both what differs, their order included.
fn items(found: &mut Vec<Difference>, path: &[String], before: &[Value], after: &[Value]) {
    let by =
        path.last().and_then(|list| CALLED.iter().find(|(name, _)| name == list)).map_or("", |(_, by)| by);
    let (old, new) = (called(before, by), called(after, by));
    for (name, item) in old.iter().zip(before) {
        if !new.contains(name) {
            note(found, How::Removed, &below(path, name), item.clone(), Value::Null);
        }
    }
    let stayed: Vec<&String> = old.iter().filter(|name| new.contains(name)).collect();
    let mut rank = 0;
    for (place, (name, item)) in new.iter().zip(after).enumerate() {
        let path = below(path, name);
        let Some(was) = old.iter().position(|other| other == name) else {
            note(found, How::Added, &path, Value::Null, item.clone());
            continue;
        };
        if stayed.get(rank) != Some(&name) {
            note(found, How::Changed, &below(&path, "position"), (was + 1).into(), (place + 1).into());
        }
        rank += 1;
        compare(found, &path, &before[was], item);
    }
}

/// What each item is called; a second one of the same name is told apart by its number.
fn called(items: &[Value], by: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for item in items {
        let name = item.get(by).and_then(Value::as_str).unwrap_or_default();
        let mut unique = name.to_owned();
        let mut number = 2;
        while names.contains(&unique) {
            unique = format!("{name} ({number})");
            number += 1;
        }
        names.push(unique);
    }
    names
}

fn below(path: &[String], step: &str) -> Vec<String> {
    path.iter().cloned().chain([step.to_owned()]).collect()
}

fn note(found: &mut Vec<Difference>, how: How, path: &[String], before: Value, after: Value) {
    found.push(Difference { how, path: path.to_vec(), before, after });
}
