//! Invitation: how a person gets a login. The link in the mail works once and for a while.

use super::{client::Client, franchise::Franchise, person::Person};
use crate::shape;
use entity::membership::MembershipRole;

shape! {
    /// An invitation to sign in.
    Invitation of invitation {
        /// To which address.
        email = text(Email).filter().order(),
        /// To whom.
        name = text(Name).filter().order(),
        /// What the person will be.
        role = closed::<MembershipRole, _>(Role).filter().order(),
        /// When it was sent.
        createdAt = instant(CreatedAt).filter().order(),
        /// Until when it works.
        expiresAt = instant(ExpiresAt).filter().order(),
        /// When it was answered.
        acceptedAt = instant(AcceptedAt).or_null().filter(),
        /// When it was taken back.
        revokedAt = instant(RevokedAt).or_null().filter(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The person it is for.
        person = one::<Person, _>(PersonId).or_null(),
        /// At which franchise.
        franchise = one::<Franchise, _>(FranchiseId).or_null(),
        /// At which client.
        client = one::<Client, _>(ClientId).or_null(),
    }
}
