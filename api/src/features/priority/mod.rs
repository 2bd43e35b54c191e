//! Priority: one of the few things a team has decided to achieve in a cycle. Ranked, with one owner, and limited in
//! number: who wants another must give one up.

use super::{action::Action, member::Member, stage::Stage, team::Team};
use crate::shape;
use entity::priority::PriorityStatus;

shape! {
    /// A priority of a team in a cycle.
    Priority of priority {
        /// What is to be achieved.
        title = text(Title).filter().order(),
        /// How everyone will know that it is.
        outcome = text(Outcome),
        /// The quarter it is for, like `2026-Q1`.
        cycle = text(Cycle).filter().order(),
        /// Its place among the team's priorities of the cycle, from 1.
        rank = int(Rank).filter().order(),
        /// Where it stands.
        status = closed::<PriorityStatus, _>(Status).filter().order(),
        /// When it is due: the end of this day in the client's time zone.
        dueOn = date(DueOn).filter().order(),
        /// When it was committed.
        committedAt = instant(CommittedAt).or_null(),
        /// When it was achieved, missed or dropped.
        closedAt = instant(ClosedAt).or_null().filter(),
        /// Why it was dropped.
        reason = text(Reason).or_null(),
        /// Counts up with every change; give it back as `expectedVersion`.
        version = int(Version),
        /// The member who owns it.
        owner = one::<Member, _>(OwnerId),
        /// The id of the member who owns it, to filter by.
        ownerId = id::<entity::member::Entity, _>(OwnerId).filter(),
        /// The stage it belongs to.
        stage = one::<Stage, _>(StageRunId).or_null(),
        /// The team.
        team = one::<Team, _>(TeamId),
        /// The actions that serve it, soonest first: at most 100.
        actions = list::<Action, _>(entity::action::Column::PriorityId).by(entity::action::Column::DueOn, Ty::Date).about(12),
    }
}
