//! Participant: a person whose answer counts. Results without names are shown from five such answers on.
//!
//! Results of an alignment round or of a session's ratings are shown if at least five of the members who answered had
//! their login before the round or the session began. Otherwise, someone could create logins afterwards and work out
//! the fifth answer. This does not stop someone who creates members and their logins in advance; the fields'
//! descriptions say so.

pub mod rules;
#[cfg(test)]
mod tests;

use crate::kernel::{Error, Write};
use entity::{Id, client, membership};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// Loads the current and former memberships of a client, which [`rules::count_countable`] reads.
pub async fn load_memberships(
    write: &Write,
    client: Id<client::Entity>,
) -> Result<Vec<membership::Model>, Error> {
    write.all(membership::Entity::find().filter(membership::Column::ClientId.eq(client))).await
}
