//! Participant: whose answer counts where results are told without names from five answers on.
//!
//! Results of an alignment round or of a session's ratings are told once five members have answered who took part
//! before anyone knew what to ask: otherwise someone could make logins afterwards and work out the fifth answer. This
//! does not stop someone who makes members and their logins in advance; the fields' descriptions say so.

pub mod rules;
#[cfg(test)]
mod tests;

use crate::kernel::{Error, Write};
use entity::{Id, client, membership};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// All that people hold and held at a client: what [`rules::counting`] looks at.
pub async fn held_at(write: &Write, client: Id<client::Entity>) -> Result<Vec<membership::Model>, Error> {
    write.all(membership::Entity::find().filter(membership::Column::ClientId.eq(client))).await
}
