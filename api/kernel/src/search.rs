//! What of a row can be found by its words. An entity says which of its columns are searched; `write` keeps the index of
//! them.

use crate::words::words;
use entity::Scoped;
use sea_orm::{ModelTrait, Value};
use serde::Serialize;
use std::{collections::BTreeMap, str::FromStr};

/// Different words of a row that count.
const KEPT: usize = 4_000;
/// Letters of the title of a row that has none: its text begins with them.
const TITLE: usize = 120;
/// Letters of the text below the title that a hit shows.
const SNIPPET: usize = 240;

/// What is kept of a row for searches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct IndexedRow {
    pub(crate) id: String,
    network: String,
    pub(crate) client: String,
    team: Option<String>,
    content: bool,
    kind: &'static str,
    title: String,
    snippet: String,
    /// Each word, and 1 where the title has it.
    pub(crate) words: BTreeMap<String, i32>,
}

/// What of a row can be found.
pub(crate) fn indexed_row<E: Scoped>(row: &E::Model) -> Option<IndexedRow>
where
    E::Model: ModelTrait<Entity = E>,
{
    let searchable = E::SEARCHABLE?;
    let value = |name: &str| E::Column::from_str(name).ok().map(|column| row.get(column));
    let text = |name: &str| match value(name) {
        Some(Value::String(Some(text))) => text,
        _ => String::new(),
    };
    let uuid = |name: &str| match value(name) {
        Some(Value::Uuid(Some(id))) => Some(id.simple().to_string()),
        _ => None,
    };
    let texts: Vec<String> =
        searchable.texts.iter().map(|name| text(name)).filter(|text| !text.is_empty()).collect();
    let rest = texts.join(" · ");
    let mut kept = BTreeMap::new();
    let title = match searchable.title {
        Some(title) => {
            let title = text(title);
            kept.extend(words(&title).map(|word| (word, 1)));
            title
        }
        None => {
            let first = rest.trim_start_matches(['#', ' ']).lines().next().unwrap_or_default();
            first.chars().take(TITLE).collect()
        }
    };
    if title.is_empty() && rest.is_empty() {
        return None;
    }
    for word in words(&rest) {
        if kept.len() >= KEPT {
            break;
        }
        kept.entry(word).or_insert(0);
    }
    Some(IndexedRow {
        id: uuid("id")?,
        network: uuid("network_id")?,
        client: E::PLACEMENT.client_column().and_then(uuid)?,
        team: E::PLACEMENT.team_column().and_then(uuid),
        content: E::PLACEMENT.is_content(),
        kind: E::TABLE.name(),
        title,
        snippet: rest.chars().take(SNIPPET).collect(),
        words: kept,
    })
}

/// A row's finding before and after this transaction.
#[derive(Default)]
pub(crate) struct Changed {
    pub(crate) before: Option<IndexedRow>,
    pub(crate) after: Option<IndexedRow>,
}
