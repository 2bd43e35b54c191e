//! Links to set a new password by have an id, from which their token is derived. Those of the last hour end.

use crate::{
    ddl,
    rls::{self, Fence, Rights},
};
use sea_orm_migration::prelude::*;

const UP: &str = "
drop table password_reset
;;
create table password_reset (
    id {id} primary key,
    token_hash text not null unique,
    identity_id {id} not null references identity (id),
    network_id {id} not null,
    person_id {id} not null,
    created_at {instant} not null,
    expires_at {instant} not null,
    used_at {instant}
) {strict}
;;
create index password_reset_by_identity on password_reset (identity_id)
";

const DOWN: &str = "
drop table password_reset
;;
create table password_reset (
    token_hash text primary key,
    identity_id {id} not null references identity (id),
    network_id {id} not null,
    person_id {id} not null,
    created_at {instant} not null,
    expires_at {instant} not null,
    used_at {instant}
) {strict}
;;
create index password_reset_by_identity on password_reset (identity_id)
";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000404_password_reset"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        rls::fence(manager, "password_reset", Fence::Platform, Rights::Delete).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, DOWN).await?;
        rls::fence(manager, "password_reset", Fence::Platform, Rights::Delete).await
    }
}
