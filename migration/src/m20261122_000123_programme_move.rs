//! A programme that moves to another version of its template leaves stages that nothing happened in. A client's progress
//! counts them no more.

use crate::{ddl, rls::APP_ROLE};
use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

const UP: &str = "
-- postgres
create function pulse_stage_gone() returns trigger language plpgsql as $$ begin
    update client_pulse set
        current_stage_id = (
            select s.id from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = old.client_id and s.status = 'open' and p.status in ('active', 'paused')
            order by p.id desc, s.position limit 1),
        stages_total = (
            select count(*) from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = old.client_id and p.status <> 'terminated'),
        stages_passed = (
            select count(*) from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = old.client_id and p.status <> 'terminated' and s.status = 'passed')
    where client_id = old.client_id;
    return null;
end $$
;;
-- postgres
create trigger pulse_stage_gone after delete on stage_run for each row execute function pulse_stage_gone()
;;
-- sqlite
create trigger pulse_stage_gone after delete on stage_run begin
    update client_pulse set
        current_stage_id = (
            select s.id from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = old.client_id and s.status = 'open' and p.status in ('active', 'paused')
            order by p.id desc, s.position limit 1),
        stages_total = (
            select count(*) from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = old.client_id and p.status <> 'terminated'),
        stages_passed = (
            select count(*) from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = old.client_id and p.status <> 'terminated' and s.status = 'passed')
    where client_id = old.client_id;
end
";

pub struct Migration;

impl Migration {
    async fn right(manager: &SchemaManager<'_>, change: &str) -> Result<(), DbErr> {
        if manager.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        let sql = format!(
            "do $$ begin if exists (select from pg_roles where rolname = '{APP_ROLE}') then
               {change} {APP_ROLE};
             end if; end $$"
        );
        manager.get_connection().execute_unprepared(&sql).await?;
        Ok(())
    }
}

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261122_000123_programme_move"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Self::right(manager, "grant delete on stage_run to").await?;
        ddl::run(manager, UP).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        ddl::drop(
            manager,
            if postgres { "trigger pulse_stage_gone on stage_run" } else { "trigger pulse_stage_gone" },
        )
        .await?;
        ddl::drop(manager, "function pulse_stage_gone()").await?;
        Self::right(manager, "revoke delete on stage_run from").await
    }
}
