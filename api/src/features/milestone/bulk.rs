//! Adds several milestones to a priority in one transaction.

use super::{Milestone, NewMilestone, count_milestones, insert_milestone, rules};
use crate::{
    features::{batch, priority::require_editable},
    kernel::{
        Caller, Error, Fault, Refusal, access::Permission, mutation::split, payload_object::PayloadObject,
        read::shape::typed, today,
    },
    mutations, payload,
    scalar::Date,
};
use async_graphql::{ID, InputObject};
use entity::{Id, client, milestone::Entity, priority};

/// Input for `milestonesCreate`.
#[derive(InputObject)]
pub struct MilestonesCreateInput {
    /// ID of the priority, which must be proposed or committed.
    pub priority_id: ID,
    /// Milestones to add, at least 1. A priority has at most 20.
    pub items: Vec<MilestonesCreateItem>,
}

/// A milestone to add with `milestonesCreate`.
#[derive(InputObject)]
pub struct MilestonesCreateItem {
    /// Title: the result that completes the milestone. 1 to 200 characters.
    pub title: String,
    /// Share of the priority's progress, relative to its other milestones: 1 to 100. Default: 1.
    pub weight: Option<i32>,
    /// Due date, in the client's time zone: today or later.
    pub due_on: Date,
}

payload! {
    /// Result of `milestonesCreate`.
    pub struct MilestonesCreatePayload {
        /// Created milestones, in the order of the items. Empty if any item was rejected.
        pub milestones: Vec<PayloadObject<Milestone>>,
        /// Reasons the batch was rejected; each path contains the index of the item. Empty if all items were saved.
        pub errors: Vec<Refusal>,
    }
}

mutations! {
    MilestonesMutation {
        /// Adds several milestones to a priority. If any item is rejected, no milestone is added. Leaders can do this
        /// only for priorities they own.
        milestones_create(MilestonesCreateInput) -> MilestonesCreatePayload = milestones_create;
    }
}

async fn milestones_create(
    caller: &Caller,
    input: MilestonesCreateInput,
) -> Result<MilestonesCreatePayload, Fault> {
    let (done, errors) = split(create(caller, input).await)?;
    Ok(MilestonesCreatePayload { milestones: batch::saved_objects(done), errors })
}

async fn create(caller: &Caller, input: MilestonesCreateInput) -> Result<Vec<Id<Entity>>, Error> {
    let path = "input.priorityId";
    let (write, priority) = caller
        .write::<priority::Entity>(Permission::MilestonesCreate, typed(&input.priority_id), path)
        .await?;
    require_editable(&write, &priority, path).await?;
    batch::check_size(input.items.len())?;
    let client = write.load::<client::Entity>(Some(priority.client_id), path).await?;
    let today = today(&client.time_zone, write.now())?;
    let others = count_milestones(&write, &priority).await? + input.items.len() as i64 - 1;
    rules::require_room(others).map_err(|refusal| refusal.at("input.items"))?;
    let (mut ids, mut faults) = (vec![], vec![]);
    for (at, item) in input.items.iter().enumerate() {
        let new = NewMilestone { title: &item.title, weight: item.weight, due_on: item.due_on };
        match insert_milestone(&write, &priority, today, new).await {
            Ok(id) => ids.push(id),
            Err(error) => faults.extend(batch::item_refusals(error, at)?),
        }
    }
    batch::refuse_if_any(faults)?;
    write.commit().await?;
    Ok(ids)
}
