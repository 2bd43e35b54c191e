//! Frozen metrics: the periods that are, and every client's values in them. Rows are added and never change.

use sea_orm_migration::prelude::*;

use crate::{
    ddl, frozen,
    rls::{self, Fence, Rights},
};

const UP: &str = "
create table metric_period (
    id {id} primary key,
    network_id {id} not null references network (id),
    period text not null,
    starts_on {date} not null,
    ends_on {date} not null,
    frozen_at {instant} not null,
    unique (network_id, period)
) {strict}
;;
create table metric_value (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    period text not null,
    ends_on {date} not null,
    metric text not null,
    first_id {id} not null references metric_value (id),
    definition_version integer not null check (definition_version >= 1),
    numerator {big},
    denominator {big},
    value {big},
    reason text,
    frozen_at {instant} not null,
    check ((value is null) = (reason is not null)),
    unique (network_id, client_id, period, metric),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (network_id, period) references metric_period (network_id, period)
) {strict}
;;
create index metric_value_by_period on metric_value (network_id, period, metric)
;;
create index metric_value_by_client on metric_value (client_id, metric, ends_on)
;;
create index metric_value_by_first on metric_value (first_id, ends_on)
";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261126_000201_metric"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        rls::fence(manager, "metric_period", Fence::Directory, Rights::Append).await?;
        rls::fence(manager, "metric_value", Fence::Content, Rights::Append).await?;
        frozen::freeze(manager, "metric_period", "1 = 1").await?;
        frozen::freeze(manager, "metric_value", "1 = 1").await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        frozen::thaw(manager, "metric_value").await?;
        frozen::thaw(manager, "metric_period").await?;
        ddl::drop(manager, "table metric_value").await?;
        ddl::drop(manager, "table metric_period").await
    }
}
