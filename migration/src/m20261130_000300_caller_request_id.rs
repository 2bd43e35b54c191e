//! Audit events keep the id that the caller gave the request, beside ours. No update changes it.

use sea_orm_migration::prelude::*;

use crate::{ddl, frozen};

/// What no update changes.
const KEPT: [&str; 17] = [
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
    "caller_request_id",
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
        "m20261130_000300_caller_request_id"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        frozen::thaw(manager, "audit_event").await?;
        ddl::run(manager, "alter table audit_event add column caller_request_id text").await?;
        freeze(manager, &KEPT).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        frozen::thaw(manager, "audit_event").await?;
        ddl::drop(manager, "column audit_event.caller_request_id").await?;
        let before: Vec<&str> = KEPT.into_iter().filter(|column| *column != "caller_request_id").collect();
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
