//! Refresh tokens count their generations. What was used up before has none, and goes: it could not be told from a token
//! whose successor is unused. Sign-ins that have ended are removed after a while.

use sea_orm_migration::prelude::*;

use crate::{ddl, frozen};

const UP: &str = "
alter table sign_in add column salt text not null default ''
;;
alter table refresh_token add column generation integer not null default 0
;;
-- postgres: its owner sees the rows
alter table refresh_token no force row level security
;;
delete from refresh_token where used_at is not null
;;
-- postgres
alter table refresh_token force row level security
";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000201_refresh_token"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        frozen::grant(manager, "sign_in", "delete").await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        frozen::revoke(manager, "sign_in", "delete").await?;
        ddl::drop(manager, "column refresh_token.generation").await?;
        ddl::drop(manager, "column sign_in.salt").await
    }
}
