//! Of each client the last morning on which its members were reminded: what was missed since is caught up. Before, there
//! was a row for every person and day.

use crate::{
    ddl,
    rls::{self, Fence, Rights},
};
use sea_orm_migration::prelude::*;

const UP: &str = "
drop table reminder
;;
create table reminder (
    client_id {id} primary key,
    network_id {id} not null,
    day {date} not null,
    foreign key (network_id, client_id) references client (network_id, id)
) {strict}
";

const DOWN: &str = "
drop table reminder
;;
create table reminder (
    client_id {id} not null,
    person_id {id} not null references person (id),
    day {date} not null,
    network_id {id} not null,
    sent_at {instant} not null,
    primary key (client_id, person_id, day),
    foreign key (network_id, client_id) references client (network_id, id)
) {strict}
;;
create index reminder_by_age on reminder (network_id, sent_at)
";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000402_reminder"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        rls::fence(manager, "reminder", Fence::Content, Rights::Change).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, DOWN).await?;
        rls::fence(manager, "reminder", Fence::Content, Rights::Delete).await
    }
}
