//! Records several check-ins of a team's work in one transaction, as after a weekly meeting.

use super::{CheckIn, CheckInContent, CheckInSubject, save_check_in};
use crate::{
    features::batch,
    kernel::{
        Caller, Check, Code, Error, Fault, Locked, Refusal, Write, access::Permission, mutation::split,
        payload_object::PayloadObject, read::shape::typed, refused_id,
    },
    message, mutations, payload,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, action,
    check_in::{CheckInStatus, Entity},
    priority, team,
};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

/// Input for `checkInsCreate`.
#[derive(InputObject)]
pub struct CheckInsCreateInput {
    /// ID of the team that the work belongs to.
    pub team_id: ID,
    /// Check-ins to record: 1 to 100, at most one on each action or priority.
    pub items: Vec<CheckInsCreateItem>,
}

/// A check-in to record with `checkInsCreate`.
#[derive(InputObject)]
pub struct CheckInsCreateItem {
    /// ID of an accepted action or a committed priority of this team.
    pub id: ID,
    /// How the work stands: on track, at risk or off track.
    pub status: CheckInStatus,
    /// Confidence that the work will be finished on time: 1 (not at all confident) to 5 (certain).
    pub confidence: i32,
    /// Comment: up to 2,000 characters.
    pub comment: Option<String>,
}

payload! {
    /// Result of `checkInsCreate`.
    pub struct CheckInsCreatePayload {
        /// Recorded check-ins, in the order of the items. Empty if any item was rejected.
        pub check_ins: Vec<PayloadObject<CheckIn>>,
        /// Reasons the batch was rejected; each path contains the index of the item. Empty if all items were saved.
        pub errors: Vec<Refusal>,
    }
}

mutations! {
    CheckInsMutation {
        /// Records how several actions and priorities of a team stand in the current slot. If any item is rejected, no
        /// check-in is recorded. Each follows the rules of `actionCheckIn` and `priorityCheckIn`: only the owner can check
        /// in, and for an owner without a login, a franchise owner or facilitator.
        check_ins_create(CheckInsCreateInput) -> CheckInsCreatePayload = check_ins_create;
    }
}

async fn check_ins_create(
    caller: &Caller,
    input: CheckInsCreateInput,
) -> Result<CheckInsCreatePayload, Fault> {
    let (done, errors) = split(create(caller, input).await)?;
    Ok(CheckInsCreatePayload { check_ins: batch::saved_objects(done), errors })
}

/// The locked rows that a batch is about.
struct Work {
    actions: Vec<Locked<action::Model>>,
    priorities: Vec<Locked<priority::Model>>,
}

impl Work {
    /// Locks priorities before actions, and each by their IDs, so that two batches cannot deadlock.
    async fn lock(write: &Write, team: Id<team::Entity>, ids: &[&ID]) -> Result<Work, Error> {
        let priorities = priority::Entity::find()
            .filter(priority::Column::Id.is_in(ids.iter().filter_map(|id| typed::<priority::Entity>(id))))
            .filter(priority::Column::TeamId.eq(team))
            .order_by_asc(priority::Column::Id);
        let priorities = write.lock_all(priorities).await?;
        let actions = action::Entity::find()
            .filter(action::Column::Id.is_in(ids.iter().filter_map(|id| typed::<action::Entity>(id))))
            .filter(action::Column::TeamId.eq(team))
            .order_by_asc(action::Column::Id);
        Ok(Work { actions: write.lock_all(actions).await?, priorities })
    }

    fn subject(&self, id: &ID) -> Result<CheckInSubject, Error> {
        let action = self.actions.iter().find(|row| Some(row.id) == typed(id));
        let priority = self.priorities.iter().find(|row| Some(row.id) == typed(id));
        match (action, priority) {
            (Some(action), _) => CheckInSubject::of_action(action),
            (_, Some(priority)) => CheckInSubject::of_priority(priority),
            (None, None) => Err(refused_id("input.id").into()),
        }
    }
}

async fn create(caller: &Caller, input: CheckInsCreateInput) -> Result<Vec<Id<Entity>>, Error> {
    let (write, team) = caller
        .write::<team::Entity>(Permission::CheckInsCreate, typed(&input.team_id), "input.teamId")
        .await?;
    batch::check_size(input.items.len())?;
    let ids: Vec<&ID> = input.items.iter().map(|item| &item.id).collect();
    let work = Work::lock(&write, team.id, &ids).await?;
    let (mut saved, mut faults) = (vec![], vec![]);
    for (at, item) in input.items.iter().enumerate() {
        match record_item(&write, &work, item, ids[..at].contains(&&item.id)).await {
            Ok(id) => saved.push(id),
            Err(error) => faults.extend(batch::item_refusals(error, at)?),
        }
    }
    batch::refuse_if_any(faults)?;
    write.commit().await?;
    Ok(saved)
}

async fn record_item(
    write: &Write,
    work: &Work,
    item: &CheckInsCreateItem,
    twice: bool,
) -> Result<Id<Entity>, Error> {
    let comment = item.comment.clone();
    let content = CheckInContent { status: item.status, confidence: item.confidence, comment }.check()?;
    let subject = work.subject(&item.id)?;
    let mut check = Check::new();
    check.refuse_if(
        twice,
        Code::Invalid,
        "input.id",
        message!(WORK_NAMED_TWICE, "This action or priority is named twice. Leave one out."),
    );
    check.done()?;
    save_check_in(write, subject, content).await
}
