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

/// What no update changes.
const KEPT: [&str; 16] = [
    "id",
    "network_id",
    "client_id",
    "franchise_id",
    "content",
    "lane",
    "sequence",
    "at",
    "person_id",
    "request_id",
    "verb",
    "noun",
    "subject_id",
    "previous",
    "hash",
    "digest",
];

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
        freeze(manager, &KEPT).await?;
        rls::refence(manager, "audit_event", Fence::Event).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        frozen::thaw(manager, "audit_event").await?;
        rls::refence(manager, "audit_event", Fence::Audit).await?;
        ddl::drop(manager, "index audit_event_by_franchise").await?;
        ddl::drop(manager, "column audit_event.franchise_id").await?;
        let before: Vec<&str> = KEPT.into_iter().filter(|column| *column != "franchise_id").collect();
        freeze(manager, &before).await
    }
}

async fn freeze(manager: &SchemaManager<'_>, kept: &[&str]) -> Result<(), DbErr> {
    let mut forbidden =
        "old.digest is null or new.before is not null or new.after is not null or new.salt is not null"
            .to_owned();
    for column in kept {
        forbidden.push_str(&format!(" or new.{column} is distinct from old.{column}"));
    }
    frozen::freeze(manager, "audit_event", &forbidden).await
}
