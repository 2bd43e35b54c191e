//! Whom releases counted is looked up release by release. An index by pseudonym besides would be written through from
//! end to end at every closing, and be read at erasures alone.

use sea_orm_migration::prelude::*;

use crate::ddl;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261127_000701_counted"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, "index benchmark_counted_by_pseudonym").await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(
            manager,
            "create index benchmark_counted_by_pseudonym on benchmark_counted (network_id, pseudonym)",
        )
        .await
    }
}
