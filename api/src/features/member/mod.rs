//! Member: somebody on a team, with or without a login. Members own priorities and actions.

use super::{action::Action, person::Person, priority::Priority, team::Team};
use crate::shape;
use entity::member::MemberStatus;

shape! {
    /// A member of a team.
    Member of member {
        /// Their name.
        name = text(Name).filter().order(),
        /// Their role in the organisation.
        jobTitle = text(JobTitle).filter().order(),
        /// Their e-mail address, where known.
        email = text(Email).or_null().filter(),
        /// Whether they can own work.
        status = closed::<MemberStatus, _>(Status).filter().order(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The team.
        team = one::<Team, _>(TeamId),
        /// The person behind the login, where there is one.
        person = one::<Person, _>(PersonId).or_null(),
        /// What they own, soonest first.
        actions = pages::<Action, _>(entity::action::Column::OwnerId).by(entity::action::Column::DueOn, Ty::Date),
        /// What they own, by rank.
        priorities = pages::<Priority, _>(entity::priority::Column::OwnerId).by(entity::priority::Column::Rank, Ty::Int),
    }
}
