//! Reopening a closed cycle: what its closing ended is open again, and what it carried over comes back.

use super::{
    Cycle, carrying, load_cycles,
    rules::{self, Step},
    select_priorities, write_cycle,
};
use crate::{
    features::reopening::{
        keeping::{self as reopenings, Reopened},
        rules::check_reason,
    },
    kernel::{Caller, Check, Error, access::Permission},
    mutations,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id,
    cycle::Entity,
    priority::{self, PriorityStatus},
};
use sea_orm::{ActiveValue::Set, IntoActiveModel};

/// Input for `cycleReopen`.
#[derive(InputObject)]
pub struct CycleReopenInput {
    /// ID of the cycle, which must be closed.
    pub id: ID,
    /// Reason for reopening the cycle: 1 to 1,000 characters.
    pub reason: String,
    /// The `version` you last read. Fails with `CONFLICT` if the object has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    CycleReopenMutation: cycle -> Cycle of Entity {
        /// Reopens a closed cycle, with a reason: the team is committed to it as before, and the priorities that its
        /// closing ended are proposed or committed again. Priorities that were carried over come back with their
        /// milestones, measurables and actions; the proposals that continued them are dropped. Fails with `WRONG_STATE`
        /// if the team has committed to a later cycle, later than 14 days after the closing, or once the metrics of that
        /// period are frozen.
        cycle_reopen(CycleReopenInput) -> CycleReopenPayload = reopen, on id;
    }
}

async fn reopen(caller: &Caller, input: CycleReopenInput) -> Result<Id<Entity>, Error> {
    let (write, team, cycle) =
        write_cycle(caller, Permission::CycleReopen, &input.id, input.expected_version).await?;
    let mut check = Check::new();
    let reason = check_reason(&mut check, &input.reason);
    check.done()?;
    let status = rules::next_status(cycle.status, Step::Reopen)?;
    rules::require_last_committed(&load_cycles(&write, team.id).await?, &cycle)?;
    reopenings::reopen(&write, Reopened::Cycle(&cycle), reason).await?;
    let mut priorities = write.lock_all(select_priorities(cycle.id)).await?;
    priorities.retain(|row| rules::is_ended_by_closing(row, &cycle));
    for priority in &priorities {
        reopenings::require_owner_there(&write, priority.owner_id, &priority.title).await?;
        let mut change = priority.clone().into_active_model();
        change.status = Set(rules::status_before_closing(priority));
        change.closed_at = Set(None);
        change.reason = Set(None);
        write.update::<priority::Entity>(priority, change).await?;
    }
    let reopened: Vec<_> = priorities.iter().map(|row| row.id).collect();
    carrying::take_back(&write, &cycle, &reopened).await?;
    let count = |status| priorities.iter().filter(|row| row.status == status).count() as i32;
    let mut change = cycle.clone().into_active_model();
    change.status = Set(status);
    change.closed_at = Set(None);
    change.achieved = Set(cycle.achieved - count(PriorityStatus::Achieved));
    change.missed = Set(cycle.missed - count(PriorityStatus::Missed));
    write.update::<Entity>(&cycle, change).await?;
    write.commit().await?;
    Ok(cycle.id)
}
