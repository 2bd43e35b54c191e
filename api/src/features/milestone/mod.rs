//! Milestone: a step on the way to a priority's outcome, with a weight and a due date.
//!
//! A priority's progress is the weight of its completed milestones, divided by the weight of all its milestones.
//! Milestones can change while the priority is open. The priority's owner can change them, and so can everyone who can
//! edit the team's work.

pub mod bulk;
pub mod rules;
#[cfg(test)]
mod tests;

use super::{
    drift::keeping as drift,
    priority::{Priority, require_editable},
};
use crate::{
    inputs,
    kernel::{
        Caller, Check, Error, Locked, Write, access::Permission, expect_version, read::shape::typed, today,
    },
    mutations,
    scalar::Date,
    shape,
};
use async_graphql::{ID, InputObject};
use chrono::NaiveDate;
use entity::{
    Id, client,
    milestone::{self, Entity},
    priority,
};
use rules::Step;
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

shape! {
    /// A step towards a priority's outcome, with a weight and a due date.
    Milestone of milestone {
        /// Title: the result that completes the milestone.
        title = text(Title).filter().order(),
        /// Share of the priority's progress, relative to its other milestones: 1 to 100.
        weight = int(Weight),
        /// Due date, in the client's time zone.
        dueOn = date(DueOn).filter().order(),
        /// Time the milestone was completed. Null if not completed.
        doneAt = instant(DoneAt).or_null().filter(),
        /// Time the milestone was removed and stopped counting towards progress. Null if not removed.
        removedAt = instant(RemovedAt).or_null(),
        /// Increases with every change. Send it as `expectedVersion` to avoid overwriting others.
        version = int(Version),
        /// Milestone of the earlier cycle that this one continues. Null if it was not carried over.
        carriedFrom = one::<Milestone, _>(CarriedFromId).or_null(),
        /// Priority that the milestone belongs to.
        priority = one::<Priority, _>(PriorityId),
    }
}

/// Input for `milestoneCreate`.
#[derive(InputObject)]
pub struct MilestoneCreateInput {
    /// ID of the priority, which must be proposed or committed.
    pub priority_id: ID,
    /// Title: the result that completes the milestone. 1 to 200 characters.
    pub title: String,
    /// Share of the priority's progress, relative to its other milestones: 1 to 100. Default: 1.
    pub weight: Option<i32>,
    /// Due date, in the client's time zone: today or later.
    pub due_on: Date,
}

/// Input for `milestoneUpdate`. Omitted fields stay unchanged.
#[derive(InputObject)]
pub struct MilestoneUpdateInput {
    /// ID of the milestone, which must not be completed.
    pub id: ID,
    /// Title: the result that completes the milestone. 1 to 200 characters.
    pub title: Option<String>,
    /// Share of the priority's progress, relative to its other milestones: 1 to 100.
    pub weight: Option<i32>,
    /// Due date, in the client's time zone: today or later.
    pub due_on: Option<Date>,
    /// The `version` you last read. Fails with `CONFLICT` if the milestone has changed since.
    pub expected_version: Option<i32>,
}

inputs! {
    /// Identifies the milestone to complete, reopen or remove.
    [MilestoneCompleteInput, MilestoneReopenInput, MilestoneRemoveInput] {
        /// ID of the milestone.
        pub id: ID,
        /// The `version` you last read. Fails with `CONFLICT` if the milestone has changed since.
        pub expected_version: Option<i32>,
    }
}

mutations! {
    MilestoneMutation: milestone -> Milestone of Entity {
        /// Adds a milestone to a priority, which can have at most 20. Leaders can do this only for priorities they own.
        milestone_create(MilestoneCreateInput) -> MilestoneCreatePayload = create;
        /// Changes a milestone that is not completed. Leaders can do this only for priorities they own.
        milestone_update(MilestoneUpdateInput) -> MilestoneUpdatePayload = update, on id;
        /// Marks a milestone as completed. Leaders can do this only for priorities they own.
        milestone_complete(MilestoneCompleteInput) -> MilestoneCompletePayload = complete, on id;
        /// Marks a completed milestone as not reached. Leaders can do this only for priorities they own.
        milestone_reopen(MilestoneReopenInput) -> MilestoneReopenPayload = reopen, on id;
        /// Removes a milestone, which then no longer counts towards progress. Leaders can do this only for priorities
        /// they own.
        milestone_remove(MilestoneRemoveInput) -> MilestoneRemovePayload = remove, on id;
    }
}

async fn create(caller: &Caller, input: MilestoneCreateInput) -> Result<Id<Entity>, Error> {
    let (write, priority) = caller
        .write::<priority::Entity>(Permission::MilestoneCreate, typed(&input.priority_id), "input.priorityId")
        .await?;
    require_editable(&write, &priority, "input.priorityId").await?;
    let client = write.load::<client::Entity>(Some(priority.client_id), "input.priorityId").await?;
    let today = today(&client.time_zone, write.now())?;
    let new = NewMilestone { title: &input.title, weight: input.weight, due_on: input.due_on };
    rules::require_room(count_milestones(&write, &priority).await?)?;
    let id = insert_milestone(&write, &priority, today, new).await?;
    write.commit().await?;
    Ok(id)
}

async fn count_milestones(write: &Write, priority: &priority::Model) -> Result<i64, Error> {
    let there = Entity::find()
        .filter(milestone::Column::PriorityId.eq(priority.id))
        .filter(milestone::Column::RemovedAt.is_null());
    write.count(there).await
}

/// The input of a new milestone, not yet checked.
struct NewMilestone<'a> {
    title: &'a str,
    weight: Option<i32>,
    due_on: Date,
}

async fn insert_milestone(
    write: &Write,
    priority: &priority::Model,
    today: NaiveDate,
    new: NewMilestone<'_>,
) -> Result<Id<Entity>, Error> {
    let mut check = Check::new();
    let title = check.line("input.title", new.title, 1..=200);
    let weight = check.number("input.weight", new.weight.unwrap_or(1), 1..=100);
    let due_on = check.due("input.dueOn", new.due_on.0, today);
    check.done()?;
    let id = write.id();
    let row = milestone::Model {
        id,
        network_id: priority.network_id,
        client_id: priority.client_id,
        team_id: priority.team_id,
        priority_id: priority.id,
        carried_from_id: None,
        title,
        weight,
        due_on,
        done_at: None,
        removed_at: None,
        created_at: write.now(),
        version: 1,
    };
    write.insert::<Entity>(row).await?;
    drift::update_behind_signal(write, priority.id).await?;
    Ok(id)
}

async fn update(caller: &Caller, input: MilestoneUpdateInput) -> Result<Id<Entity>, Error> {
    let permission = Permission::MilestoneUpdate;
    let (write, milestone) = lock_milestone(caller, permission, &input.id, input.expected_version).await?;
    let client = write.load::<client::Entity>(Some(milestone.client_id), "input.id").await?;
    let mut check = Check::new();
    let title = check.line_if("input.title", input.title.as_ref(), 1..=200);
    let weight = input.weight.map(|weight| check.number("input.weight", weight, 1..=100));
    // an unchanged due date may be in the past
    let due_on = input.due_on.map(|due_on| due_on.0).filter(|due_on| *due_on != milestone.due_on);
    let today = today(&client.time_zone, write.now())?;
    let due_on = due_on.map(|due_on| check.due("input.dueOn", due_on, today));
    check.done()?;
    rules::require_allowed(&milestone, Step::Update)?;
    let mut change = milestone.clone().into_active_model();
    title.into_iter().for_each(|title| change.title = Set(title));
    weight.into_iter().for_each(|weight| change.weight = Set(weight));
    due_on.into_iter().for_each(|due_on| change.due_on = Set(due_on));
    save_change(write, &milestone, change).await
}

async fn complete(caller: &Caller, input: MilestoneCompleteInput) -> Result<Id<Entity>, Error> {
    let permission = Permission::MilestoneComplete;
    let (write, milestone) = lock_milestone(caller, permission, &input.id, input.expected_version).await?;
    rules::require_allowed(&milestone, Step::Complete)?;
    let mut change = milestone.clone().into_active_model();
    change.done_at = Set(Some(write.now()));
    save_change(write, &milestone, change).await
}

async fn reopen(caller: &Caller, input: MilestoneReopenInput) -> Result<Id<Entity>, Error> {
    let permission = Permission::MilestoneReopen;
    let (write, milestone) = lock_milestone(caller, permission, &input.id, input.expected_version).await?;
    rules::require_allowed(&milestone, Step::Reopen)?;
    let mut change = milestone.clone().into_active_model();
    change.done_at = Set(None);
    save_change(write, &milestone, change).await
}

async fn remove(caller: &Caller, input: MilestoneRemoveInput) -> Result<Id<Entity>, Error> {
    let permission = Permission::MilestoneRemove;
    let (write, milestone) = lock_milestone(caller, permission, &input.id, input.expected_version).await?;
    rules::require_allowed(&milestone, Step::Remove)?;
    let mut change = milestone.clone().into_active_model();
    change.removed_at = Set(Some(write.now()));
    save_change(write, &milestone, change).await
}

async fn save_change(
    write: Write,
    before: &Locked<milestone::Model>,
    change: milestone::ActiveModel,
) -> Result<Id<Entity>, Error> {
    write.update::<Entity>(before, change).await?;
    drift::update_behind_signal(&write, before.priority_id).await?;
    write.commit().await?;
    Ok(before.id)
}

/// Locks a milestone after its priority, because closing a priority closes its milestones.
async fn lock_milestone(
    caller: &Caller,
    permission: Permission,
    id: &ID,
    expected: Option<i32>,
) -> Result<(Write, Locked<milestone::Model>), Error> {
    let under = milestone::Column::PriorityId;
    let (write, priority, milestone) =
        caller.write_under::<priority::Entity, Entity>(permission, under, typed(id), "input.id").await?;
    expect_version(milestone.version, expected)?;
    require_editable(&write, &priority, "input.id").await?;
    Ok((write, milestone))
}
