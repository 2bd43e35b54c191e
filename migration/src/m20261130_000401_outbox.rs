//! The outbox holds e-mails alone, and knows of each whom it is for, what it is about and until when it is of use.
//! E-mails that wait stay; announcements, which had no reader, go. Ordinary callers add and do nothing else.

use crate::{
    ddl,
    rls::{self, Fence, Rights},
};
use sea_orm_migration::prelude::*;

const UP: &str = "
-- postgres
alter table outbox no force row level security
;;
create table outbox_kept as
    select id, network_id, subject_id, payload, created_at, attempts, available_at from outbox where kind = 'mail'
;;
drop table outbox
;;
create table outbox (
    id {id} primary key,
    network_id {id} not null references network (id),
    kind text not null,
    subject_id {id} not null,
    person_id {id},
    client_id {id},
    payload {json} not null,
    created_at {instant} not null,
    ends_at {instant} not null,
    attempts integer not null,
    first_tried_at {instant},
    available_at {instant} not null
) {strict}
;;
-- what waits is sent as news of any kind: attempts end three days after the first
insert into outbox (id, network_id, kind, subject_id, payload, created_at, ends_at, attempts, available_at)
    select id, network_id, 'notice', subject_id, payload, created_at, '9999-12-31T00:00:00+00:00', attempts, available_at
    from outbox_kept
;;
drop table outbox_kept
;;
create index outbox_waiting on outbox (available_at, network_id)
;;
create index outbox_by_person on outbox (person_id)
";

const DOWN: &str = "
-- postgres
alter table outbox no force row level security
;;
create table outbox_kept as
    select id, network_id, subject_id, payload, created_at, attempts, available_at from outbox
;;
drop table outbox
;;
create table outbox (
    id {id} primary key,
    network_id {id} not null references network (id),
    kind text not null,
    subject_id {id} not null,
    payload {json} not null,
    created_at {instant} not null,
    delivered_at {instant},
    attempts integer not null,
    available_at {instant} not null
) {strict}
;;
insert into outbox (id, network_id, kind, subject_id, payload, created_at, attempts, available_at)
    select id, network_id, 'mail', subject_id, payload, created_at, attempts, available_at from outbox_kept
;;
drop table outbox_kept
;;
create index outbox_waiting on outbox (network_id, available_at) where delivered_at is null
";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000401_outbox"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        rls::fence(manager, "outbox", Fence::Outbox, Rights::Delete).await?;
        rls::anyone_adds(manager, "outbox").await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, DOWN).await?;
        rls::fence(manager, "outbox", Fence::Directory, Rights::Delete).await
    }
}
