//! Accountability charts: the seats of a team, held by its members, one of them vacant.

use super::{making::Making, sketch::NetworkShape, source::Source, vocabulary::details::SEATS};
use chrono::Duration;
use entity::{Id, seat};

/// Where a client's own stream of seats begins: beside the one that all else is drawn from.
const STREAM: u64 = 6_000_000;

/// Makes the chart of a grown network's client, if its team has one. The cast's team has one.
pub fn add(making: &mut Making<'_>, at: usize) {
    let mut own = Source::new(making.directory.sketch.seed, STREAM + at as u64);
    let grown = making.directory.sketch.shape == NetworkShape::Grown;
    let drawn = making.card.stage_door || own.chance(15);
    if !grown || !drawn || making.members.is_empty() {
        return;
    }
    let begun = making.card.created_at + Duration::days(1);
    if begun >= making.now {
        return;
    }
    let mut top: Option<Id<seat::Entity>> = None;
    for (place, (title, duties)) in SEATS.iter().enumerate() {
        let id = own.id(begun);
        let member_id = making.members.get(place).copied().filter(|_| place + 1 < SEATS.len());
        making.batch.seats.push(seat::Model {
            id,
            network_id: making.network,
            client_id: making.client,
            team_id: making.team,
            parent_id: top,
            member_id,
            title: (*title).into(),
            duties: (*duties).into(),
            filled_at: member_id.map(|_| begun),
            removed_at: None,
            created_at: begun,
            version: 1,
        });
        top = top.or(Some(id));
    }
}
