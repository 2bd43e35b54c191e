//! Franchise: a facilitator's practice or territory.

use super::{client::Client, membership::Membership, region::Region};
use crate::shape;
use entity::franchise::FranchiseStatus;

shape! {
    /// A franchise of the network: a practice with its facilitators and clients.
    Franchise of franchise {
        /// Its name, unique in the network.
        name = text(Name).filter().order(),
        /// The company behind it. Franchises of one legal group count as one in benchmarks.
        legalGroup = text(LegalGroup).filter().order(),
        /// Whether it takes part.
        status = closed::<FranchiseStatus, _>(Status).filter().order(),
        /// When it was founded here.
        createdAt = instant(CreatedAt).filter().order(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// Where it works.
        region = one::<Region, _>(RegionId),
        /// The id of its region, to filter by.
        regionId = id::<entity::region::Entity, _>(RegionId).filter(),
        /// Its clients, as far as you can reach them.
        clients = pages::<Client, _>(entity::client::Column::FranchiseId).by(entity::client::Column::Name, Ty::Text),
        /// Who belongs to it: owners and facilitators.
        memberships = pages::<Membership, _>(entity::membership::Column::FranchiseId).by(entity::membership::Column::StartsAt, Ty::Instant),
    }
}
