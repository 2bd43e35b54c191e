//! Carrying priorities over to the next cycle, and back again if the cycle is reopened.
//!
//! A carried priority is proposed anew. Copies of its milestones go with it, completed ones as completed, so that the cycle
//! that closes keeps how far it came. Measurables and open actions go themselves: each is one series of values and one promise.

use super::{load_cycles, rules, select_priorities};
use crate::{
    features::priority::{drop_priority, rules as priorities},
    kernel::{Error, Locked, Write, end_of_day, today},
};
use entity::{
    Id,
    action::{self, ActionStatus},
    client, cycle, measurable, milestone,
    priority::{self, PriorityStatus},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, Select,
};

/// Proposes priorities again in the next cycle.
pub(super) async fn carry_priorities(
    write: &Write,
    client: &client::Model,
    from: &cycle::Model,
    carried: &[&Locked<priority::Model>],
) -> Result<(), Error> {
    let cycles = load_cycles(write, from.team_id).await?;
    let to = rules::next_cycle(&cycles, from, today(&client.time_zone, write.now())?)?;
    let mut ranked = write.all(select_priorities(to.id)).await?;
    ranked.retain(|row| row.status != PriorityStatus::Dropped);
    for old in carried {
        let row = priority::Model {
            id: write.id(),
            cycle_id: to.id,
            cycle: to.label.clone(),
            rank: priorities::next_rank(&ranked)?,
            status: PriorityStatus::Proposed,
            due_on: to.ends_on,
            due_at: end_of_day(to.ends_on, &client.time_zone)?,
            committed_at: None,
            closed_at: None,
            reason: None,
            carried_from_id: Some(old.id),
            added_after_lock: false,
            dropped_after_lock: false,
            created_at: write.now(),
            version: 1,
            ..(*old).clone().into_inner()
        };
        let new = write.insert::<priority::Entity>(row).await?.into_inner();
        carry_milestones(write, old.id, new.id).await?;
        let open = action::Column::Status.is_in(ActionStatus::TO_BE_DONE);
        move_actions(write, select_actions(old.id).filter(open), new.id).await?;
        move_measurables(write, old.id, new.id).await?;
        ranked.push(new);
    }
    Ok(())
}

/// Copies the milestones of a priority to the one that continues it.
async fn carry_milestones(
    write: &Write,
    from: Id<priority::Entity>,
    to: Id<priority::Entity>,
) -> Result<(), Error> {
    let milestones = select_milestones(from).filter(milestone::Column::RemovedAt.is_null());
    let mut copies = vec![];
    for old in write.all(milestones).await? {
        copies.push(milestone::Model {
            id: write.id(),
            priority_id: to,
            carried_from_id: Some(old.id),
            created_at: write.now(),
            version: 1,
            ..old
        });
    }
    write.insert_all::<milestone::Entity>(copies).await
}

/// Takes back that priorities were carried over, because their cycle is reopened. A continuing priority that is still open is
/// dropped, and what it has is of the earlier one again, with what was completed and added in the meantime. So is what one has
/// that was carried by this closing and dropped by people since.
pub(super) async fn take_back(
    write: &Write,
    cycle: &cycle::Model,
    reopened: &[Id<priority::Entity>],
) -> Result<(), Error> {
    let open = priority::Column::Status.is_in([PriorityStatus::Proposed, PriorityStatus::Committed]);
    let dropped = Condition::all()
        .add(priority::Column::Status.eq(PriorityStatus::Dropped))
        .add(priority::Column::CreatedAt.eq(cycle.closed_at));
    let continuing = priority::Entity::find()
        .filter(priority::Column::CarriedFromId.is_in(reopened.iter().copied()))
        .filter(Condition::any().add(open).add(dropped))
        .order_by_asc(priority::Column::Id);
    for new in write.lock_all(continuing).await? {
        let Some(old) = new.carried_from_id else { continue };
        move_actions(write, select_actions(new.id), old).await?;
        move_measurables(write, new.id, old).await?;
        take_milestones_back(write, new.id, old).await?;
        if new.status != PriorityStatus::Dropped {
            drop_priority(write, &new, rules::CARRIED_FROM_REOPENED.to_owned()).await?;
        }
    }
    Ok(())
}

/// A milestone that was copied passes on what became of it and is removed; one that was added moves.
async fn take_milestones_back(
    write: &Write,
    from: Id<priority::Entity>,
    to: Id<priority::Entity>,
) -> Result<(), Error> {
    let earlier = write.lock_all(select_milestones(to)).await?;
    for copy in write.lock_all(select_milestones(from)).await? {
        let mut change = copy.clone().into_active_model();
        match earlier.iter().find(|old| Some(old.id) == copy.carried_from_id) {
            None => change.priority_id = Set(to),
            Some(old) => {
                let mut passed = old.clone().into_active_model();
                passed.title = Set(copy.title.clone());
                passed.weight = Set(copy.weight);
                passed.due_on = Set(copy.due_on);
                passed.done_at = Set(copy.done_at);
                passed.removed_at = Set(copy.removed_at);
                write.update::<milestone::Entity>(old, passed).await?;
                change.removed_at = Set(Some(copy.removed_at.unwrap_or(write.now())));
            }
        }
        write.update::<milestone::Entity>(&copy, change).await?;
    }
    Ok(())
}

async fn move_actions(
    write: &Write,
    actions: Select<action::Entity>,
    to: Id<priority::Entity>,
) -> Result<(), Error> {
    for action in write.lock_all(actions).await? {
        let mut change = action.clone().into_active_model();
        change.priority_id = Set(Some(to));
        write.update::<action::Entity>(&action, change).await?;
    }
    Ok(())
}

async fn move_measurables(
    write: &Write,
    from: Id<priority::Entity>,
    to: Id<priority::Entity>,
) -> Result<(), Error> {
    let measurables = measurable::Entity::find()
        .filter(measurable::Column::PriorityId.eq(from))
        .order_by_asc(measurable::Column::Id);
    for measurable in write.lock_all(measurables).await? {
        let mut change = measurable.clone().into_active_model();
        change.priority_id = Set(Some(to));
        write.update::<measurable::Entity>(&measurable, change).await?;
    }
    Ok(())
}

fn select_actions(priority: Id<priority::Entity>) -> Select<action::Entity> {
    let select = action::Entity::find().filter(action::Column::PriorityId.eq(priority));
    select.order_by_asc(action::Column::Id)
}

fn select_milestones(priority: Id<priority::Entity>) -> Select<milestone::Entity> {
    let select = milestone::Entity::find().filter(milestone::Column::PriorityId.eq(priority));
    select.order_by_asc(milestone::Column::Id)
}
