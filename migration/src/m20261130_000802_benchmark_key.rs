//! The secrets of benchmarks are sealed: the plain ones that are there, and all of them again with a new secret key.

use sea_orm_migration::prelude::*;

use crate::frozen;

const SEAL: &str = "update (secret)";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000802_benchmark_key"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        frozen::grant(manager, "benchmark_key", SEAL).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        frozen::revoke(manager, "benchmark_key", SEAL).await
    }
}
