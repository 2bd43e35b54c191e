//! Actions and priorities as one list of work, soonest first.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::{ddl, rls::APP_ROLE};

const BODY: &str = "
select id, network_id, client_id, team_id, 'action' as kind, id as action_id, null{as_id} as priority_id,
    owner_id, title, status, due_on, due_at from action where status in ('offered', 'accepted')
union all
select id, network_id, client_id, team_id, 'priority' as kind, null{as_id} as action_id, id as priority_id,
    owner_id, title, status, due_on, due_at from priority where status in ('proposed', 'committed')";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261101_000012_work_item"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        // the invoker's rights: a view of the owner's would walk around the fences
        let options = if postgres { " with (security_invoker = true)" } else { "" };
        let body = BODY.replace("{as_id}", if postgres { "::uuid" } else { "" });
        manager
            .get_connection()
            .execute_unprepared(&format!("create view work_item{options} as {body}"))
            .await?;
        if postgres {
            let grant = format!(
                "do $$ begin if exists (select from pg_roles where rolname = '{APP_ROLE}') then
                   grant select on work_item to {APP_ROLE};
                 end if; end $$"
            );
            manager.get_connection().execute_unprepared(&grant).await?;
        }
        Ok(())
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, "view work_item").await
    }
}
