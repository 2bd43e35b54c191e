//! The law of exports.

use crate::kernel::{Code, Refusal};
use chrono::{DateTime, TimeDelta, Utc};

/// Days for which an export is kept.
pub const KEPT_DAYS: i64 = 7;
/// Minutes for which a link to it is good.
pub const LINK_MINUTES: i64 = 5;
/// Bytes of an export.
pub const BYTES: usize = 64 * 1024 * 1024;
/// Bytes of a part of it.
const PART: usize = 512 * 1024;

/// When an export made now goes.
pub fn expires(now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::days(KEPT_DAYS)
}

/// When a link made now ends: with the export at the latest.
pub fn link_ends(now: DateTime<Utc>, expires: DateTime<Utc>) -> DateTime<Utc> {
    expires.min(now + TimeDelta::minutes(LINK_MINUTES))
}

/// Whether an export still is.
pub fn kept(now: DateTime<Utc>, expires: DateTime<Utc>) -> Result<(), Refusal> {
    if now < expires {
        return Ok(());
    }
    Err(Refusal::new(Code::WrongState, "The export has expired. Make another one.").at("input.id"))
}

/// Whether head office may take a client out: not while it is there on a visit, whose end takes back what it shows.
pub fn stays(visiting: bool) -> Result<(), Refusal> {
    if !visiting {
        return Ok(());
    }
    let message = "What a visit shows is not taken out. Leave the client first, to export the facts.";
    Err(Refusal::new(Code::WrongState, message).at("input.clientId"))
}

/// Whether so many bytes are an export's.
pub fn fits(bytes: usize, path: &str) -> Result<(), Refusal> {
    if bytes <= BYTES {
        return Ok(());
    }
    let message = "This is more than one export holds. Ask the operator for a copy of the database.";
    Err(Refusal::new(Code::LimitReached, message).at(path))
}

/// Lines as parts of a bounded size, each of whole lines.
pub fn parts(lines: Vec<String>) -> Vec<String> {
    let mut parts = vec![];
    let mut part = String::new();
    for line in lines {
        if !part.is_empty() && part.len() + line.len() > PART {
            parts.push(std::mem::take(&mut part));
        }
        part.push_str(&line);
        part.push('\n');
    }
    parts.push(part);
    parts
}
