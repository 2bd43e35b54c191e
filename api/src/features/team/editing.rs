//! The right to change an object of a team.

use crate::{
    features::action::rules::require_owner,
    kernel::{Error, Write},
};
use entity::{Id, client, member};

/// Requires that the caller shapes the work of the client's teams or is the owner of the object. A refusal names `path`.
pub async fn require_editor(
    write: &Write,
    client: Id<client::Entity>,
    owner: Option<Id<member::Entity>>,
    path: &str,
) -> Result<(), Error> {
    let actor = write.actor()?;
    if actor.shapes(client) {
        return Ok(());
    }
    let owner = match owner {
        Some(owner) => write.find::<member::Entity>(owner).await?,
        None => None,
    };
    Ok(require_owner(owner.as_ref(), actor.person).map_err(|refusal| refusal.at(path))?)
}
