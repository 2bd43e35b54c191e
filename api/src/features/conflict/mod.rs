//! Conflict: somebody of the team says that two priorities of a cycle stand in each other's way: they need the same
//! people, money or customers. It is declared, so that it is talked about before the team commits to its cycle, and
//! withdrawn when it is settled.

pub mod rules;
#[cfg(test)]
mod tests;

use super::{person::Person, priority::Priority};
use crate::{
    kernel::{Caller, Check, Code, Error, Refusal, access::Permission, read::shape::typed},
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id, priority,
    priority_conflict::{self, Column, Entity},
    team,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

shape! {
    /// A conflict of a priority with another.
    PriorityConflict of priority_conflict {
        /// Why they stand in each other's way.
        reason = text(Reason),
        /// When it was declared.
        declaredAt = instant(DeclaredAt),
        /// When it was withdrawn.
        withdrawnAt = instant(WithdrawnAt).or_null(),
        /// The priority.
        priority = one::<Priority, _>(PriorityId),
        /// The other.
        other = one::<Priority, _>(OtherId),
        /// Who declared it.
        person = one::<Person, _>(PersonId).or_null(),
    }
}

/// Two priorities, and why they stand in each other's way.
#[derive(InputObject)]
pub struct PriorityConflictDeclareInput {
    /// The priority: proposed or committed.
    pub id: ID,
    /// The other: proposed or committed, of the same cycle.
    pub other_id: ID,
    /// Why: 1 to 1,000 characters.
    pub reason: String,
    /// The version of the first that this is said of.
    pub expected_version: Option<i32>,
}

/// Two priorities whose conflict is settled.
#[derive(InputObject)]
pub struct PriorityConflictWithdrawInput {
    /// The priority.
    pub id: ID,
    /// The other.
    pub other_id: ID,
    /// The version of the first that this is said of.
    pub expected_version: Option<i32>,
}

mutations! {
    ConflictMutation: priority -> Priority of priority::Entity {
        /// Declares that two priorities stand in each other's way. Both show it.
        priority_conflict_declare(PriorityConflictDeclareInput) -> PriorityConflictDeclarePayload = declare, on id;
        /// Withdraws a conflict that is settled.
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
    crate::kernel::expect_version(one.version, input.expected_version)?;
    let other = write.load::<priority::Entity>(typed(&input.other_id), "input.otherId").await?;
    let mut check = Check::new();
    let reason = check.text("input.reason", &input.reason, 1..=1000);
    check.done()?;
    rules::pair(&one, &other)?;
    let of = |id| Entity::find().filter(Column::PriorityId.eq(id)).filter(Column::WithdrawnAt.is_null());
    let known = write.one(of(one.id).filter(Column::OtherId.eq(other.id))).await?;
    if known.is_some() {
        let message = "This conflict is declared already.";
        return Err(Refusal::new(Code::Taken, message).at("input.otherId").into());
    }
    rules::room(write.count(of(one.id)).await?, "input.id")?;
    rules::room(write.count(of(other.id)).await?, "input.otherId")?;
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
    crate::kernel::expect_version(one.version, input.expected_version)?;
    let other = write.load::<priority::Entity>(typed(&input.other_id), "input.otherId").await?;
    let both = [one.id, other.id];
    let select = Entity::find()
        .filter(Column::PriorityId.is_in(both))
        .filter(Column::OtherId.is_in(both))
        .filter(Column::WithdrawnAt.is_null());
    let rows = write.lock_all(select).await?;
    if rows.is_empty() {
        let message = "No conflict of these two is declared.";
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
