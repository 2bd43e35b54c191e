//! How many of the members who answered a round count towards results without names. Of earlier rounds all do.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::ddl;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000506_alignment_counting"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, "alter table alignment_round add column counting integer not null default 0")
            .await?;
        let sql = match manager.get_database_backend() {
            // the owner of the tables is behind the fences, too
            DbBackend::Postgres => {
                "alter table alignment_round no force row level security;
                 update alignment_round set counting = answered;
                 alter table alignment_round force row level security"
            }
            _ => "update alignment_round set counting = answered",
        };
        manager.get_connection().execute_unprepared(sql).await.map(drop)
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, "column alignment_round.counting").await
    }
}
