//! Membership: a dated role of a person at a node of the tree: network, franchise, client or team.

use super::{client::Client, franchise::Franchise, person::Person, team::Team};
use crate::shape;
use entity::membership::MembershipRole;

shape! {
    /// A role that a person holds at a node of the network's tree, from a day and perhaps until one.
    Membership of membership {
        /// What the person is.
        role = closed::<MembershipRole, _>(Role).filter().order(),
        /// From when.
        startsAt = instant(StartsAt).filter().order(),
        /// Until when, where there is an end.
        endsAt = instant(EndsAt).or_null().filter(),
        /// Whether it holds now.
        active = derived(Ty::Flag, "({t}.starts_at <= {now} and ({t}.ends_at is null or {t}.ends_at > {now}))").filter(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// Who.
        person = one::<Person, _>(PersonId).or_null(),
        /// At which franchise, for owners and facilitators.
        franchise = one::<Franchise, _>(FranchiseId).or_null(),
        /// At which client, for sponsors, leaders and observers.
        client = one::<Client, _>(ClientId).or_null(),
        /// In which team, for leaders and observers.
        team = one::<Team, _>(TeamId).or_null(),
    }
}
