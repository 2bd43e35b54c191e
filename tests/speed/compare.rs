//! Checks that all sides return the same data: for every read, and for the first change of each script.

use crate::{
    Rivals, Trouble, Workload,
    cast::Cast,
    wire::{Mode, Script, Wire},
};
use serde_json::Value;
use std::{
    io::Write,
    time::{Duration, Instant},
};

/// Values that depend on the time may change late, so a difference must last this long to count.
const LATE: Duration = Duration::from_secs(60);

struct Answers {
    data: Vec<Value>,
    bytes: usize,
}

/// Prints the number of equal answers and their sizes. Fails with the first difference.
pub async fn compare(
    workload: &Workload,
    rivals: &Rivals,
    cast: &Cast,
    database: &tokio_postgres::Client,
) -> Result<(), Trouble> {
    let begun = Instant::now();
    let sides = loop {
        let mut sides = vec![];
        for (server, scripts) in workload.sides(rivals).into_iter().flatten() {
            sides.push(answers(server.port, scripts, workload.mode).await?);
            if workload.mode == Mode::Once {
                cast.reset(database).await?;
            }
        }
        match find_difference(&sides) {
            None => break sides,
            Some(_) if begun.elapsed() < LATE => tokio::time::sleep(Duration::from_secs(1)).await,
            Some(difference) => return Err(format!("{}: {difference}", workload.name).into()),
        }
    };
    let count = sides[0].data.len();
    let sizes: Vec<String> = sides.iter().map(|side| (side.bytes / count).to_string()).collect();
    writeln!(
        std::io::stdout(),
        "{}: {count} equal answers, {} bytes on average",
        workload.name,
        sizes.join(" and ")
    )?;
    Ok(())
}

/// The answers to all reads, or to the first change of each script.
async fn answers(port: u16, scripts: &[Script], mode: Mode) -> Result<Answers, Trouble> {
    let most = if mode == Mode::Once { 1 } else { usize::MAX };
    let mut wire = Wire::connect(port).await?;
    let mut answers = Answers { data: vec![], bytes: 0 };
    for request in scripts.iter().flat_map(|script| script.iter().take(most)) {
        let body = wire.ask(request).await?;
        answers.bytes += body.len();
        let answer: Value = serde_json::from_slice(body)?;
        answers.data.push(normalise(&answer["data"]));
    }
    Ok(answers)
}

/// The first difference between Concord's answers and the others'. PostGraphile's answers have another shape, so only
/// their values are compared.
fn find_difference(sides: &[Answers]) -> Option<String> {
    let [ours, by_hand, others @ ..] = sides else { return Some("one side alone".to_owned()) };
    for (ours, theirs) in ours.data.iter().zip(&by_hand.data) {
        if ours != theirs {
            return Some(format!("the answers differ at {}", describe_difference(ours, theirs)));
        }
    }
    for (ours, theirs) in others.iter().flat_map(|other| ours.data.iter().zip(&other.data)) {
        let (ours, theirs) = (flat_values(ours), flat_values(theirs));
        let first = ours.iter().zip(&theirs).find(|(ours, theirs)| ours != theirs);
        if ours != theirs {
            return Some(format!(
                "PostGraphile returns {} values, Concord {}; the first difference is {first:?}",
                theirs.len(),
                ours.len()
            ));
        }
    }
    None
}

/// The path of the first difference between two values, and both values there.
fn describe_difference(ours: &Value, theirs: &Value) -> String {
    let below: Vec<(String, &Value, &Value)> = match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
            a.iter().map(|(name, value)| (name.clone(), value, b.get(name).unwrap_or(&Value::Null))).collect()
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().map(|(at, (a, b))| (at.to_string(), a, b)).collect()
        }
        _ => return format!(": {ours} and {theirs}"),
    };
    let first = below.into_iter().find(|(_, ours, theirs)| ours != theirs);
    first.map_or_else(String::new, |(name, ours, theirs)| {
        format!("/{name}{}", describe_difference(ours, theirs))
    })
}

/// The values of an answer with their field names, sorted.
fn flat_values(answer: &Value) -> Vec<(String, String)> {
    fn collect(name: &str, value: &Value, found: &mut Vec<(String, String)>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| collect(name, value, found)),
            Value::Array(items) => items.iter().for_each(|item| collect(name, item, found)),
            Value::Null => {}
            value => found.push((name.to_owned(), value.to_string())),
        }
    }
    let mut found = vec![];
    collect("", answer, &mut found);
    found.sort();
    found
}

/// The value with IDs as UUIDs, times as numbers and other texts in lower case, as the sides write them differently.
fn normalise(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), normalise(value))).collect()
        }
        Value::Array(items) => items.iter().map(normalise).collect(),
        Value::String(text) => {
            if let Some((_, uuid)) = entity::split_id(text) {
                return uuid.to_string().into();
            }
            match chrono::DateTime::parse_from_rfc3339(text) {
                Ok(at) => at.timestamp_micros().into(),
                Err(_) => text.to_ascii_lowercase().into(),
            }
        }
        other => other.clone(),
    }
}
