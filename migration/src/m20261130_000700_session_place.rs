//! A session that was moved by hand stays where it is when its series changes, and one that its series calls off keeps
//! its date, which another session can have.

use sea_orm_migration::prelude::*;

use crate::ddl;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261130_000700_session_place"
    }
}

const UP: &str = "
alter table session add column moved_by_hand {flag} not null default {no}
;;
alter table session add column called_off {flag} not null default {no}
;;
drop index session_one_a_date
;;
create unique index session_one_a_date on session (client_id, series_id, occurs_on) where not called_off";

const DOWN: &str = "
drop index session_one_a_date
;;
update session set occurs_on = null where called_off
;;
alter table session drop column called_off
;;
alter table session drop column moved_by_hand
;;
create unique index session_one_a_date on session (client_id, series_id, occurs_on)";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, &spelled(manager, UP)).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, &spelled(manager, DOWN)).await
    }
}

fn spelled(manager: &SchemaManager<'_>, text: &str) -> String {
    let postgres = manager.get_database_backend() == sea_orm_migration::sea_orm::DbBackend::Postgres;
    text.replace("{no}", if postgres { "false" } else { "0" })
}
