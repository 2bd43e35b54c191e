//! Reopening an achieved priority: it is committed again and takes one of the team's places.

use super::{
    Priority,
    limits::load_limits,
    load_committed, lock_priority,
    rules::{self, Step},
};
use crate::{
    features::{
        cycle::{self, CycleCount},
        reopening::{
            keeping::{self as reopenings, Reopened},
            rules::check_reason,
        },
        team::editing::require_editor,
    },
    kernel::{Caller, Check, Error, access::Permission},
    mutations,
};
use async_graphql::{ID, InputObject};
use entity::{Id, member, priority::Entity};
use sea_orm::{ActiveValue::Set, IntoActiveModel};

/// Input for `priorityReopen`.
#[derive(InputObject)]
pub struct PriorityReopenInput {
    /// ID of the priority, which must be achieved, and whose cycle must not be closed.
    pub id: ID,
    /// Reason for reopening the priority: 1 to 1,000 characters.
    pub reason: String,
    /// The `version` you last read. Fails with `CONFLICT` if the priority has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    PriorityReopenMutation: priority -> Priority of Entity {
        /// Reopens an achieved priority, with a reason: it is committed again. Fails with `LIMIT_REACHED` if its place is
        /// taken, and with `WRONG_STATE` if its cycle is closed, later than 14 days after the priority was achieved, or
        /// once the metrics of that period are frozen. Leaders can do this only for priorities they own.
        priority_reopen(PriorityReopenInput) -> PriorityReopenPayload = reopen, on id;
    }
}

async fn reopen(caller: &Caller, input: PriorityReopenInput) -> Result<Id<Entity>, Error> {
    let (write, priority) =
        lock_priority(caller, Permission::PriorityReopen, &input.id, input.expected_version).await?;
    require_editor(&write, priority.client_id, Some(priority.owner_id), "input.id").await?;
    let mut check = Check::new();
    let reason = check_reason(&mut check, &input.reason);
    check.done()?;
    let status = rules::next_status(priority.status, Step::Reopen)?;
    let cycle = cycle::lock_cycle_of(&write, &priority).await?;
    rules::require_cycle_not_closed(cycle.status)?;
    reopenings::require_owner_there(&write, priority.owner_id, &priority.title).await?;
    let owner = write.load::<member::Entity>(Some(priority.owner_id), "input.id").await?;
    let limits = load_limits(&write, priority.team_id).await?;
    rules::require_room_to_commit(&load_committed(&write, &priority).await?, limits, &owner)?;
    reopenings::reopen(&write, Reopened::Priority(&priority), reason).await?;
    let mut change = priority.clone().into_active_model();
    change.status = Set(status);
    change.closed_at = Set(None);
    write.update::<Entity>(&priority, change).await?;
    cycle::count_in_cycle(&write, &cycle, CycleCount::Reopened).await?;
    write.commit().await?;
    Ok(priority.id)
}
