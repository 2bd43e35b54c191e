//! Pages: sizes, orders and cursors. A cursor holds the order's values of its row, so a page stays right while rows
//! come and go around it. It gives no access: reach is on the statement whatever the cursor says.

use super::shape::{From, Shape, Sort, Ty};
use crate::{error::Fault, message};
use apollo_compiler::response::JsonValue;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

/// Rows on a page when nothing is said.
pub const DEFAULT: u32 = 25;
/// Rows on a page at most.
pub const MOST: u32 = 100;
/// A total is counted up to here.
pub const COUNTED: u32 = 10_000;

/// How many rows, and from which end.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Size {
    pub limit: u32,
    pub backward: bool,
}

impl Size {
    /// From `first` and `last`.
    pub fn of(first: &JsonValue, last: &JsonValue) -> Result<Size, Fault> {
        let (limit, backward) = match (first, last) {
            (JsonValue::Null, JsonValue::Null) => (i64::from(DEFAULT), false),
            (first, JsonValue::Null) => (first.as_i64().unwrap_or(-1), false),
            (JsonValue::Null, last) => (last.as_i64().unwrap_or(-1), true),
            _ => {
                return Err(Fault::BadUserInput(message!(
                    FIRST_AND_LAST,
                    "Give either `first` or `last`, not both."
                )));
            }
        };
        match u32::try_from(limit) {
            Ok(limit) if limit <= MOST => Ok(Size { limit, backward }),
            _ => Err(Fault::BadUserInput(message!(
                PAGE_SIZE,
                "A page has {min} to {max} rows. Change `first` or `last`.",
                min = 0,
                max = MOST,
            ))),
        }
    }
}

/// The order of a list: as asked, else the list's own.
pub fn order(shape: &'static Shape, asked: &JsonValue, own: &[Sort]) -> Result<Vec<Sort>, Fault> {
    let keys = match asked {
        JsonValue::Array(keys) if !keys.is_empty() => keys.as_slice(),
        JsonValue::Object(_) => std::slice::from_ref(asked),
        _ => return Ok(own.to_vec()),
    };
    let unknown = || {
        Fault::BadUserInput(message!(
            NOT_SORTABLE,
            "This list cannot be sorted by this field. Choose another one."
        ))
    };
    keys.iter()
        .map(|key| {
            let name = key.get("field").and_then(|field| field.as_str()).ok_or_else(unknown)?;
            let field = shape
                .fields
                .iter()
                .find(|field| field.order && constant(field.name) == name)
                .ok_or_else(unknown)?;
            let super::shape::FieldKind::Value { from, ty, .. } = field.kind else { return Err(unknown()) };
            let descending = key.get("direction").and_then(|direction| direction.as_str()) == Some("DESC");
            Ok(Sort { from, ty, descending })
        })
        .collect()
}

/// `dueOn` as `DUE_ON`.
pub fn constant(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(letter.to_ascii_uppercase());
    }
    out
}

/// `DUE_ON` as `dueOn`.
pub fn camel(constant: &str) -> String {
    let mut out = String::with_capacity(constant.len());
    for (place, word) in constant.split('_').enumerate() {
        let (head, rest) = word.split_at(word.len().min(usize::from(place > 0)));
        out.push_str(head);
        out.push_str(&rest.to_ascii_lowercase());
    }
    out
}

/// A mark of an order, so that a cursor of another list or order is refused and not misread.
pub fn mark(shape: &Shape, order: &[Sort]) -> String {
    let mut text = shape.name.to_owned();
    for sort in order {
        let (From::Column(from) | From::Inner(from) | From::Sql(from)) = sort.from;
        text.push_str(from);
        text.push(if sort.descending { '-' } else { '+' });
    }
    URL_SAFE_NO_PAD.encode(&Sha256::digest(text.as_bytes())[..6])
}

/// A cursor of a row: the mark, and the order's values and the key as the answer would show them.
pub fn encode(mark: &str, values: &[&[u8]]) -> String {
    let mut json = Vec::with_capacity(64);
    json.extend_from_slice(b"[\"");
    json.extend_from_slice(mark.as_bytes());
    json.push(b'"');
    for value in values {
        json.push(b',');
        json.extend_from_slice(value);
    }
    json.push(b']');
    URL_SAFE_NO_PAD.encode(json)
}

/// The values in a cursor of this list and order.
pub fn decode(cursor: &str, mark: &str, values: usize) -> Result<Vec<serde_json::Value>, Fault> {
    let foreign = || {
        Fault::BadUserInput(message!(
            INVALID_CURSOR,
            "Invalid cursor for this list and sort order. Begin with the first page."
        ))
    };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| foreign())?;
    let parts: Vec<serde_json::Value> = serde_json::from_slice(&bytes).map_err(|_| foreign())?;
    match parts.split_first() {
        // what no row holds, no cursor of ours does
        Some((_, rest))
            if rest.iter().any(|value| value.as_str().is_some_and(|text| text.contains('\0'))) =>
        {
            Err(foreign())
        }
        Some((first, rest)) if first == mark && rest.len() == values => Ok(rest.to_vec()),
        _ => Err(foreign()),
    }
}

/// The type of a row's key in a cursor.
pub const KEY: Ty = Ty::Text;
