//! Rules of sealed inputs.

use entity::{Id, person};
use std::collections::BTreeSet;

/// Whether everyone who is asked has given their input. People who gave one and are not asked any more do not matter.
pub fn is_complete(
    asked: impl IntoIterator<Item = Id<person::Entity>>,
    given: impl IntoIterator<Item = Id<person::Entity>>,
) -> bool {
    let given: BTreeSet<_> = given.into_iter().collect();
    asked.into_iter().all(|person| given.contains(&person))
}
