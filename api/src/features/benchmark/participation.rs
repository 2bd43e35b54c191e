//! Participation in benchmarks: a client's consent, and head office's approval of the client's data. Both are stored as
//! steps; the latest step counts when a release is closed.

use super::rules;
use crate::{
    features::{
        client::{Client, rules::require_not_erased},
        person::Person,
    },
    inputs,
    kernel::{Caller, Check, Error, Locked, Write, access::Permission, read::shape::typed},
    mutations, shape,
};
use async_graphql::{ID, InputObject};
use entity::{
    Id,
    benchmark_step::{self, BenchmarkStepKind},
    client::{self, Entity},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder};

shape! {
    /// A step that gave or withdrew a client's consent or head office's approval for benchmarks. The latest step
    /// counts.
    BenchmarkStep of benchmark_step {
        /// Whether consent or approval was given or withdrawn.
        kind = closed::<BenchmarkStepKind, _>(Kind).filter(),
        /// The person who made the step. Null if the step was part of the initial data, or if the caller has no access
        /// to the person.
        person = one::<Person, _>(PersonId).or_null(),
        /// When the step was made.
        createdAt = instant(At).filter().order(),
        /// The client.
        client = one::<Client, _>(ClientId),
    }
}

inputs! {
    /// Input for `benchmarkConsentGive`, `benchmarkConsentWithdraw` and `benchmarkApprovalWithdraw`.
    [BenchmarkConsentGiveInput, BenchmarkConsentWithdrawInput, BenchmarkApprovalWithdrawInput] {
        /// ID of the client.
        pub client_id: ID,
    }
}

/// Input for `benchmarkApprovalGive`.
#[derive(InputObject)]
pub struct BenchmarkApprovalGiveInput {
    /// ID of the client.
    pub client_id: ID,
    /// The legal group that the client belongs to: 1 to 120 characters, the same for all its clients. Omit to keep the
    /// current group; without a group, a client is a group of its own.
    pub legal_group: Option<String>,
}

mutations! {
    BenchmarkMutation: client -> Client of Entity {
        /// Gives the client's consent to be counted in anonymised benchmarks, from the next release.
        benchmark_consent_give(BenchmarkConsentGiveInput) -> BenchmarkConsentGivePayload = give_consent, on client_id;
        /// Withdraws the client's consent: the client is not counted from the next release on. Published releases do
        /// not change.
        benchmark_consent_withdraw(BenchmarkConsentWithdrawInput) -> BenchmarkConsentWithdrawPayload = withdraw_consent, on client_id;
        /// Approves a client for benchmarks: head office confirms that the client is what it says it is. Clients of one
        /// legal group count once.
        benchmark_approval_give(BenchmarkApprovalGiveInput) -> BenchmarkApprovalGivePayload = approve, on client_id;
        /// Withdraws the approval: the client is not counted from the next release on. Published releases do not
        /// change.
        benchmark_approval_withdraw(BenchmarkApprovalWithdrawInput) -> BenchmarkApprovalWithdrawPayload = withdraw_approval, on client_id;
    }
}

async fn give_consent(caller: &Caller, input: BenchmarkConsentGiveInput) -> Result<Id<Entity>, Error> {
    let (write, client) = write_client(caller, Permission::BenchmarkConsentGive, &input.client_id).await?;
    require_not_erased(&client, "input.clientId")?;
    record_step(&write, &client, BenchmarkStepKind::ConsentGiven).await?;
    write.commit().await?;
    Ok(client.id)
}

async fn withdraw_consent(
    caller: &Caller,
    input: BenchmarkConsentWithdrawInput,
) -> Result<Id<Entity>, Error> {
    let (write, client) =
        write_client(caller, Permission::BenchmarkConsentWithdraw, &input.client_id).await?;
    record_step(&write, &client, BenchmarkStepKind::ConsentWithdrawn).await?;
    write.commit().await?;
    Ok(client.id)
}

async fn approve(caller: &Caller, input: BenchmarkApprovalGiveInput) -> Result<Id<Entity>, Error> {
    let (write, client) = write_client(caller, Permission::BenchmarkApprovalGive, &input.client_id).await?;
    require_not_erased(&client, "input.clientId")?;
    let mut check = Check::new();
    let group = check.line_if("input.legalGroup", input.legal_group.as_ref(), 1..=120);
    check.done()?;
    record_step(&write, &client, BenchmarkStepKind::ApprovalGiven).await?;
    if let Some(group) = group {
        let mut change = client.clone().into_active_model();
        change.legal_group = Set(Some(group));
        write.update::<Entity>(&client, change).await?;
    }
    write.commit().await?;
    Ok(client.id)
}

async fn withdraw_approval(
    caller: &Caller,
    input: BenchmarkApprovalWithdrawInput,
) -> Result<Id<Entity>, Error> {
    let (write, client) =
        write_client(caller, Permission::BenchmarkApprovalWithdraw, &input.client_id).await?;
    record_step(&write, &client, BenchmarkStepKind::ApprovalWithdrawn).await?;
    write.commit().await?;
    Ok(client.id)
}

async fn write_client(
    caller: &Caller,
    permission: Permission,
    id: &ID,
) -> Result<(Write, Locked<client::Model>), Error> {
    caller.write::<Entity>(permission, typed(id), "input.clientId").await
}

/// Records a step of a locked client. Refuses a step that changes nothing.
async fn record_step(write: &Write, client: &client::Model, kind: BenchmarkStepKind) -> Result<(), Error> {
    use BenchmarkStepKind::*;
    let alike = match kind {
        ConsentGiven | ConsentWithdrawn => [ConsentGiven, ConsentWithdrawn],
        ApprovalGiven | ApprovalWithdrawn => [ApprovalGiven, ApprovalWithdrawn],
    };
    let last = benchmark_step::Entity::find()
        .filter(benchmark_step::Column::ClientId.eq(client.id))
        .filter(benchmark_step::Column::Kind.is_in(alike))
        .order_by_desc(benchmark_step::Column::At)
        .order_by_desc(benchmark_step::Column::Id);
    let last = write.one(last).await?;
    rules::require_step(last.map(|step| step.kind), kind)?;
    let row = benchmark_step::Model {
        id: write.id(),
        network_id: client.network_id,
        client_id: client.id,
        kind,
        person_id: Some(write.person()?),
        at: write.now(),
    };
    write.insert::<benchmark_step::Entity>(row).await?;
    Ok(())
}
