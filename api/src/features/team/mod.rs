//! Team: a leadership team of a client, with its members and its work.

use super::{
    action::Action, client::Client, member::Member, priority::Priority, programme::Programme,
    session::Session,
};
use crate::shape;

shape! {
    /// A leadership team of a client.
    Team of team {
        /// Its name, unique in the client.
        name = text(Name).filter().order(),
        /// When it was archived.
        archivedAt = instant(ArchivedAt).or_null().filter(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The client.
        client = one::<Client, _>(ClientId),
        /// Its members, by name, those who left included.
        members = list::<Member, _>(entity::member::Column::TeamId).by(entity::member::Column::Name, Ty::Text).about(10),
        /// Its programmes, newest first.
        programmes = list::<Programme, _>(entity::programme::Column::TeamId).by_last(entity::programme::Column::CreatedAt, Ty::Instant).about(2),
        /// Its priorities, by rank.
        priorities = pages::<Priority, _>(entity::priority::Column::TeamId).by(entity::priority::Column::Rank, Ty::Int),
        /// Its actions, by default soonest first.
        actions = pages::<Action, _>(entity::action::Column::TeamId).by(entity::action::Column::DueOn, Ty::Date),
        /// Its sessions, by default latest first.
        sessions = pages::<Session, _>(entity::session::Column::TeamId).by_last(entity::session::Column::StartsAt, Ty::Instant),
    }
}
