//! A client in the making: what every file that adds something to a client works on.

use super::{
    batch::Batch,
    calendar::{At, moment},
    directory::Directory,
    sketch::{Card, NetworkShape},
    source::Source,
    story::{Line, Outlook, days},
};
use chrono::Duration;
use entity::{Id, client, member, network, team};

/// A client in the making.
pub struct Making<'a> {
    pub directory: &'a Directory,
    pub card: &'a Card,
    pub source: Source,
    pub batch: &'a mut Batch,
    pub now: At,
    pub network: Id<network::Entity>,
    pub client: Id<client::Entity>,
    pub team: Id<team::Entity>,
    /// The active members.
    pub members: Vec<Id<member::Entity>>,
    /// The member who signs in as the cast's leader.
    pub leader: Option<Id<member::Entity>>,
}

impl Making<'_> {
    /// A moment in the client's working hours.
    pub fn moment(&mut self, from: At, to: At) -> At {
        moment(&mut self.source, self.card.zone, from, to)
    }
}

/// Whether a team has lost its rhythm: nobody met for long, and nothing is in the diary.
pub fn idle_since(making: &mut Making<'_>, line: &Line) -> Option<At> {
    let running = matches!(making.card.outlook, Outlook::Running(_));
    let grown = making.directory.sketch.shape == NetworkShape::Grown && !making.card.stage_door;
    if !(running && grown && making.source.chance(13)) {
        return None;
    }
    let idle = line.end - days(40.0 + 70.0 * making.source.part());
    Some(idle.max(line.started + Duration::days(1)))
}
