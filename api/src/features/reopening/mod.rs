//! Reopening: taking back an end, such as the completion of an action, with a reason.
//!
//! Everything that can be reopened follows the same rule. It is reopened by whoever may end it, with a reason of 1 to 1,000
//! characters, within 14 days after it ended, and not if it ended in a period whose metrics are frozen for the client.
//! Invariant: reopening moves no baseline, and what ends again ends later than before.

pub mod allowed;
pub mod keeping;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{action::Action, cycle::Cycle, person::Person, priority::Priority, team::Team};
use crate::shape;

shape! {
    /// A reopening of an action, a priority or a cycle, with the end that was taken back.
    Reopening of reopening {
        /// Reason for the reopening.
        reason = text(Reason),
        /// Time at which it had ended: the action was completed, the priority achieved or the cycle closed.
        endedAt = instant(EndedAt),
        /// Time of the reopening.
        createdAt = instant(At),
        /// Person who reopened it. Null if you have no access to this person.
        person = one::<Person, _>(PersonId).or_null(),
        /// Action that was reopened. Null if it was no action.
        action = one::<Action, _>(ActionId).or_null(),
        /// Priority that was reopened. Null if it was no priority.
        priority = one::<Priority, _>(PriorityId).or_null(),
        /// Cycle that was reopened. Null if it was no cycle.
        cycle = one::<Cycle, _>(CycleId).or_null(),
        /// Team that it belongs to.
        team = one::<Team, _>(TeamId),
    }
}
