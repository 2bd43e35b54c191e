//! The weeks of check-ins begin and end elsewhere when the rules of their time zone change.

use sea_orm_migration::prelude::*;

use crate::frozen;

const MOVE: &str = "update (starts_at, ends_at)";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000702_slot_place"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        frozen::grant(manager, "check_in_slot", MOVE).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        frozen::revoke(manager, "check_in_slot", MOVE).await
    }
}
