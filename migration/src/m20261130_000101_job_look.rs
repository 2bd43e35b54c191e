//! One look finds what is due in all networks, a row that fails is set aside, and what jobs and lists look for has its
//! index. Announcements had no reader and go.

use crate::{
    ddl,
    rls::{self, Fence, Rights},
};
use sea_orm_migration::prelude::*;

const UP: &str = "
create table job_fault (
    network_id {id} not null references network (id),
    job text not null,
    row_id {id} not null,
    failures integer not null,
    retry_at {instant} not null,
    primary key (network_id, job, row_id)
) {strict}
;;
create index job_turn_due on job_turn (due_at)
;;
create index audit_event_by_network on audit_event (network_id, at, id)
;;
create index action_by_team on action (team_id, status)
;;
create index priority_by_team on priority (team_id, status)
;;
create index drift_signal_by_network on drift_signal (network_id, raised_at)
;;
-- postgres
alter table outbox no force row level security
;;
delete from outbox where kind <> 'mail'
;;
-- postgres
alter table outbox force row level security
";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000101_job_look"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        rls::fence(manager, "job_fault", Fence::Sealed, Rights::Delete).await?;
        rls::refence(manager, "job_turn", Fence::Schedule).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rls::refence(manager, "job_turn", Fence::Directory).await?;
        for index in [
            "drift_signal_by_network",
            "priority_by_team",
            "action_by_team",
            "audit_event_by_network",
            "job_turn_due",
        ] {
            ddl::drop(manager, &format!("index {index}")).await?;
        }
        ddl::drop(manager, "table job_fault").await
    }
}
