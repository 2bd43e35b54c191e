//! Compares two versions part by part. Parts are matched by name: stages and statements by key, criteria by text,
//! sections by key, agenda items by title, resources by address.

use super::{document, plan::VersionPlan};
use serde_json::{Map, Value};

/// How a part differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    Added,
    Removed,
    Changed,
}

/// A difference: its path, the value before and the value after.
#[derive(Clone, Debug, PartialEq)]
pub struct PartDifference {
    pub kind: DifferenceKind,
    pub path: Vec<String>,
    pub before: Value,
    pub after: Value,
}

/// Lists of a version, by the last step of their path, with the field that names their items.
const NAMED_BY: &[(&str, &str)] = &[
    ("stages", "key"),
    ("criteria", "text"),
    ("agenda", "title"),
    ("sections", "key"),
    ("questionnaire", "key"),
    ("resources", "url"),
];

/// Returns all differences, in the order of the parts.
pub fn compare_plans(before: &VersionPlan, after: &VersionPlan) -> Vec<PartDifference> {
    let mut found = Vec::new();
    compare_values(&mut found, &[], &document::plan_to_json(before), &document::plan_to_json(after));
    found
}

fn compare_values(found: &mut Vec<PartDifference>, path: &[String], before: &Value, after: &Value) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => compare_fields(found, path, before, after),
        (Value::Array(before), Value::Array(after)) => compare_items(found, path, before, after),
        _ if before == after => {}
        _ => push_difference(found, DifferenceKind::Changed, path, before.clone(), after.clone()),
    }
}

fn compare_fields(
    found: &mut Vec<PartDifference>,
    path: &[String],
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) {
    for (name, value) in before {
        if let Some(other) = after.get(name) {
            compare_values(found, &child_path(path, name), value, other);
        }
    }
}

/// Compares lists: removed items, added items, and differences and new positions of common items.
fn compare_items(found: &mut Vec<PartDifference>, path: &[String], before: &[Value], after: &[Value]) {
    let by =
        path.last().and_then(|list| NAMED_BY.iter().find(|(name, _)| name == list)).map_or("", |(_, by)| by);
    let (old, new) = (unique_names(before, by), unique_names(after, by));
    for (name, item) in old.iter().zip(before) {
        if !new.contains(name) {
            push_difference(
                found,
                DifferenceKind::Removed,
                &child_path(path, name),
                item.clone(),
                Value::Null,
            );
        }
    }
    let stayed: Vec<&String> = old.iter().filter(|name| new.contains(name)).collect();
    let mut rank = 0;
    for (place, (name, item)) in new.iter().zip(after).enumerate() {
        let path = child_path(path, name);
        let Some(was) = old.iter().position(|other| other == name) else {
            push_difference(found, DifferenceKind::Added, &path, Value::Null, item.clone());
            continue;
        };
        if stayed.get(rank) != Some(&name) {
            push_difference(
                found,
                DifferenceKind::Changed,
                &child_path(&path, "position"),
                (was + 1).into(),
                (place + 1).into(),
            );
        }
        rank += 1;
        compare_values(found, &path, &before[was], item);
    }
}

/// Returns a unique name of each item. Items with the same name get a number.
fn unique_names(items: &[Value], by: &str) -> Vec<String> {
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

fn child_path(path: &[String], step: &str) -> Vec<String> {
    path.iter().cloned().chain([step.to_owned()]).collect()
}

fn push_difference(
    found: &mut Vec<PartDifference>,
    kind: DifferenceKind,
    path: &[String],
    before: Value,
    after: Value,
) {
    found.push(PartDifference { kind, path: path.to_vec(), before, after });
}
