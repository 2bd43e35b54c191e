//! The people behind an identity, and their memberships.

use crate::kernel::{Error, Write};
use entity::{Id, identity, membership, network, person};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

/// The people of an identity who have a current membership, with their networks.
pub(super) async fn people_of(
    write: &Write,
    identity: Id<identity::Entity>,
) -> Result<Vec<(network::Model, person::Model)>, Error> {
    let people = write.all(person::Entity::find().filter(person::Column::IdentityId.eq(identity))).await?;
    let mut found = vec![];
    for person in people {
        if write.one(membership::Entity::held_by(person.id, write.now())).await?.is_some()
            && let Some(network) = write.find::<network::Entity>(person.network_id).await?
        {
            found.push((network, person));
        }
    }
    Ok(found)
}
