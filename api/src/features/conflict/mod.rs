//! Conflict: two priorities of a cycle need the same people, money or customers. A person of the team declares it, so that
//! the team discusses it before it commits to the cycle, and withdraws it when it is resolved.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{person::Person, priority::Priority};
use crate::{
    kernel::{Caller, Check, Code, Error, Refusal, access::Permission, expect_version, read::shape::typed},
    message, mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, priority,
    priority_conflict::{self, Column, Entity},
    team,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

shape! {
    /// A declared conflict between two priorities, as listed on one of them.
    PriorityConflict of priority_conflict {
        /// Reason why the two priorities conflict.
        reason = text(Reason),
        /// Time at which the conflict was declared.
        createdAt = instant(DeclaredAt),
        /// Time at which the conflict was withdrawn. Null if it is not withdrawn.
        withdrawnAt = instant(WithdrawnAt).or_null(),
        /// Priority that lists this conflict.
        priority = one::<Priority, _>(PriorityId),
        /// Priority that `priority` conflicts with.
        other = one::<Priority, _>(OtherId),
        /// Person who declared the conflict. Null if you have no access to this person.
        person = one::<Person, _>(PersonId).or_null(),
    }
}

/// Input for `priorityConflictDeclare`.
#[derive(InputObject)]
pub struct PriorityConflictDeclareInput {
    /// ID of one of the two priorities, which must be proposed or committed.
    pub id: ID,
    /// ID of the other priority, which must be proposed or committed, of the same team and the same cycle.
    pub other_id: ID,
    /// Reason why the two priorities conflict: 1 to 1,000 characters.
    pub reason: String,
    /// The `version` you last read of the priority in `id`. Fails with `CONFLICT` if that priority has changed since.
    pub expected_version: Option<i32>,
}

/// Input for `priorityConflictWithdraw`.
#[derive(InputObject)]
pub struct PriorityConflictWithdrawInput {
    /// ID of one of the two priorities.
    pub id: ID,
    /// ID of the other priority.
    pub other_id: ID,
    /// The `version` you last read of the priority in `id`. Fails with `CONFLICT` if that priority has changed since.
    pub expected_version: Option<i32>,
}

mutations! {
    ConflictMutation: priority -> Priority of priority::Entity {
        /// Declares a conflict between two priorities, which both then list it. A priority has at most 20 conflicts.
        priority_conflict_declare(PriorityConflictDeclareInput) -> PriorityConflictDeclarePayload = declare, on id;
        /// Withdraws the conflict between two priorities.
        priority_conflict_withdraw(PriorityConflictWithdrawInput) -> PriorityConflictWithdrawPayload = withdraw, on id;
    }
}

async fn declare(
    caller: &Caller,
    input: PriorityConflictDeclareInput,
) -> Result<Id<priority::Entity>, Error> {
    let under = priority::Column::TeamId;
    let permission = Permission::PriorityConflictDeclare;
    let (write, _, one) = caller
        .write_under::<team::Entity, priority::Entity>(permission, under, typed(&input.id), "input.id")
        .await?;
    expect_version(one.version, input.expected_version)?;
    let other = write.load::<priority::Entity>(typed(&input.other_id), "input.otherId").await?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    rules::require_conflicting_pair(&one, &other)?;
    let of = |id| Entity::find().filter(Column::PriorityId.eq(id)).filter(Column::WithdrawnAt.is_null());
    let known = write.one(of(one.id).filter(Column::OtherId.eq(other.id))).await?;
    if known.is_some() {
        let message = message!(CONFLICT_DECLARED_ALREADY, "This conflict is declared already.");
        return Err(Refusal::new(Code::Taken, message).at("input.otherId").into());
    }
    rules::require_room(write.count(of(one.id)).await?, "input.id")?;
    rules::require_room(write.count(of(other.id)).await?, "input.otherId")?;
    for (priority, against) in [(one.id, other.id), (other.id, one.id)] {
        let row = priority_conflict::Model {
            id: write.id(),
            network_id: one.network_id,
            client_id: one.client_id,
            team_id: one.team_id,
            priority_id: priority,
            other_id: against,
            reason: reason.clone(),
            person_id: write.person()?,
            declared_at: write.now(),
            withdrawn_at: None,
        };
        write.insert::<Entity>(row).await?;
    }
    write.commit().await?;
    Ok(one.id)
}

async fn withdraw(
    caller: &Caller,
    input: PriorityConflictWithdrawInput,
) -> Result<Id<priority::Entity>, Error> {
    let under = priority::Column::TeamId;
    let permission = Permission::PriorityConflictWithdraw;
    let (write, _, one) = caller
        .write_under::<team::Entity, priority::Entity>(permission, under, typed(&input.id), "input.id")
        .await?;
    expect_version(one.version, input.expected_version)?;
    let other = write.load::<priority::Entity>(typed(&input.other_id), "input.otherId").await?;
    let both = [one.id, other.id];
    let select = Entity::find()
        .filter(Column::PriorityId.is_in(both))
        .filter(Column::OtherId.is_in(both))
        .filter(Column::WithdrawnAt.is_null());
    let rows = write.lock_all(select).await?;
    if rows.is_empty() {
        let message = message!(
            CONFLICT_NOT_DECLARED,
            "No conflict between these two priorities is declared. Declare it first, or choose another priority."
        );
        return Err(Refusal::new(Code::WrongState, message).at("input.otherId").into());
    }
    for row in rows {
        let mut change = row.clone().into_active_model();
        change.withdrawn_at = Set(Some(write.now()));
        write.update::<Entity>(&row, change).await?;
    }
    write.commit().await?;
    Ok(one.id)
}
