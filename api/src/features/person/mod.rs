//! Person: somebody in one network. The identity behind a person may be a person in other networks too.

use super::membership::Membership;
use crate::shape;

shape! {
    /// A person in the network.
    Person of person {
        /// Their name.
        name = text(Name).filter().order(),
        /// Their e-mail address.
        email = text(Email).filter().order(),
        /// Whether they can sign in.
        canSignIn = derived(Ty::Flag, "({t}.identity_id is not null)"),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// What they are, and where.
        memberships = list::<Membership, _>(entity::membership::Column::PersonId).by(entity::membership::Column::StartsAt, Ty::Instant).about(3),
    }
}
