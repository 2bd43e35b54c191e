//! When an export was complete, and the roles that its rows were read by. Exports from before may hold what a support
//! visit showed, so they go.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

use crate::ddl;

const UP: &str = "
alter table data_export add column made_at {instant}
;;
alter table data_export add column held text not null default '[]'
";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000502_data_export"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        let sql = match manager.get_database_backend() {
            // the owner of the tables is behind the fences, too
            DbBackend::Postgres => {
                "alter table data_export no force row level security;
                 delete from data_export;
                 alter table data_export force row level security"
            }
            _ => "delete from data_export",
        };
        manager.get_connection().execute_unprepared(sql).await.map(drop)
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, "column data_export.held").await?;
        ddl::drop(manager, "column data_export.made_at").await
    }
}
