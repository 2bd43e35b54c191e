//! Audit events name the franchise that they are about, and its people read them.

use sea_orm_migration::prelude::*;

use crate::{
    ddl, frozen,
    rls::{self, Fence},
};

const UP: &str = "
alter table audit_event add column franchise_id {id}
;;
create index audit_event_by_franchise on audit_event (franchise_id, at, id) where franchise_id is not null
";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000503_audit_franchise"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        frozen::thaw(manager, "audit_event").await?;
        ddl::run(manager, UP).await?;
        frozen::freeze_audit_events(manager, &["franchise_id"]).await?;
        rls::refence(manager, "audit_event", Fence::Event).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        frozen::thaw(manager, "audit_event").await?;
        rls::refence(manager, "audit_event", Fence::Audit).await?;
        ddl::drop(manager, "index audit_event_by_franchise").await?;
        ddl::drop(manager, "column audit_event.franchise_id").await?;
        frozen::freeze_audit_events(manager, &[]).await
    }
}
