//! How long each client of a grown network is one: its contract, and whether it is still a prospect, alumni or archived.

use super::{calendar::At, making::Making, sketch::NetworkShape, source::Source, story::Outlook};
use chrono::{Duration, NaiveDate};
use entity::client::ClientStatus;

/// The stream of chances that lives are drawn from, by client.
const STREAM: u64 = 6_000_000;

/// A client's life up to now.
pub struct Life {
    pub status: ClientStatus,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub archived_at: Option<At>,
}

/// Draws a client's life. What others draw stays as it is.
pub fn life(making: &Making<'_>, place: usize, archived: bool) -> Life {
    let mut source = Source::new(making.directory.sketch.seed, STREAM + place as u64);
    let grown = making.directory.sketch.shape == NetworkShape::Grown;
    let ended_at = making.card.line.as_ref().map_or(making.now, |line| line.end);
    let is_over = matches!(making.card.outlook, Outlook::Completed | Outlook::Terminated(_));
    let status = match making.card.outlook {
        _ if archived => ClientStatus::Archived,
        Outlook::Fresh if grown && source.chance(70) => ClientStatus::Prospect,
        Outlook::Completed if grown && source.chance(30) => ClientStatus::Alumni,
        _ => ClientStatus::Active,
    };
    let archived_at = archived.then_some(ended_at);
    if !grown || status == ClientStatus::Prospect {
        return Life { status, starts_on: None, ends_on: None, archived_at };
    }
    let starts_on = making.card.created_at.date_naive();
    let today = making.now.date_naive();
    // contracts are for a year, and for another one each time
    let mut ends_on = starts_on + Duration::days(365);
    while !is_over && ends_on <= today {
        ends_on += Duration::days(365);
    }
    // some are due for renewal soon
    if !is_over && source.chance(12) {
        ends_on = today + Duration::days(source.between(10, 55));
    }
    Life { status, starts_on: Some(starts_on), ends_on: Some(ends_on), archived_at }
}
