//! Audit events keep the id that the caller gave the request, beside ours. No update changes it.

use sea_orm_migration::prelude::*;

use crate::{ddl, frozen};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000300_caller_request_id"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        frozen::thaw(manager, "audit_event").await?;
        ddl::run(manager, "alter table audit_event add column caller_request_id text").await?;
        frozen::freeze_audit_events(manager, &["franchise_id", "caller_request_id"]).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        frozen::thaw(manager, "audit_event").await?;
        ddl::drop(manager, "column audit_event.caller_request_id").await?;
        frozen::freeze_audit_events(manager, &["franchise_id"]).await
    }
}
