//! Takes the values out of audit events about tables that the readers of the audit may not read. New events of these
//! tables have none. Nothing brings the values back.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000500_audit_hidden"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let hide = "update audit_event set before = null, after = null, salt = null
            where noun in ('decision_read_back', 'key', 'reminder') and digest is not null and salt is not null";
        let sql = match manager.get_database_backend() {
            // the owner of the tables is behind the fences, too
            DbBackend::Postgres => format!(
                "alter table audit_event no force row level security;
                 {hide};
                 alter table audit_event force row level security"
            ),
            _ => hide.to_owned(),
        };
        manager.get_connection().execute_unprepared(&sql).await.map(drop)
    }
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}
