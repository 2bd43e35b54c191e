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
        if !memberships_of(write, person.id).await?.is_empty()
            && let Some(network) = write.find::<network::Entity>(person.network_id).await?
        {
            found.push((network, person));
        }
    }
    Ok(found)
}

/// The current memberships of a person.
pub(super) async fn memberships_of(
    write: &Write,
    person: Id<person::Entity>,
) -> Result<Vec<membership::Model>, Error> {
    let held = membership::Entity::find()
        .filter(membership::Column::PersonId.eq(person))
        .filter(membership::Entity::lasting(write.now()));
    write.all(held).await
}
