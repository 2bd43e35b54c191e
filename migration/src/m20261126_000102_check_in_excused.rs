//! Weeks that a pause of the programme touched ask for no check-in: they are excused, and not blank.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::{ddl, rls::APP_ROLE};

/// As it was.
const BEFORE: &str = "
select a.id, a.network_id, a.client_id, a.team_id, a.id as subject_id,
    s.starts_on, s.ends_on, s.starts_at, s.ends_at, i.id as check_in_id
from action a
join client c on c.id = a.client_id
join check_in_slot s on s.network_id = a.network_id and s.time_zone = c.time_zone
left join check_in i on i.client_id = a.client_id and i.action_id = a.id and i.slot_on = s.starts_on
    and i.replaced_at is null
where i.id is not null
    or s.starts_at >= a.accepted_at and (a.closed_at is null or s.ends_at <= a.closed_at)
union all
select p.id, p.network_id, p.client_id, p.team_id, p.id as subject_id,
    s.starts_on, s.ends_on, s.starts_at, s.ends_at, i.id as check_in_id
from priority p
join client c on c.id = p.client_id
join check_in_slot s on s.network_id = p.network_id and s.time_zone = c.time_zone
left join check_in i on i.client_id = p.client_id and i.priority_id = p.id and i.slot_on = s.starts_on
    and i.replaced_at is null
where i.id is not null
    or s.starts_at >= p.committed_at and (p.closed_at is null or s.ends_at <= p.closed_at)";

const VIEW: &str = "
select a.id, a.network_id, a.client_id, a.team_id, a.id as subject_id,
    s.starts_on, s.ends_on, s.starts_at, s.ends_at, i.id as check_in_id,
    i.id is null and exists (select 1 from programme_pause q where q.team_id = a.team_id
        and q.starts_at < s.ends_at and (q.ends_at is null or q.ends_at > s.starts_at)) as excused
from action a
join client c on c.id = a.client_id
join check_in_slot s on s.network_id = a.network_id and s.time_zone = c.time_zone
left join check_in i on i.client_id = a.client_id and i.action_id = a.id and i.slot_on = s.starts_on
    and i.replaced_at is null
where i.id is not null
    or s.starts_at >= a.accepted_at and (a.closed_at is null or s.ends_at <= a.closed_at)
union all
select p.id, p.network_id, p.client_id, p.team_id, p.id as subject_id,
    s.starts_on, s.ends_on, s.starts_at, s.ends_at, i.id as check_in_id,
    i.id is null and exists (select 1 from programme_pause q where q.team_id = p.team_id
        and q.starts_at < s.ends_at and (q.ends_at is null or q.ends_at > s.starts_at)) as excused
from priority p
join client c on c.id = p.client_id
join check_in_slot s on s.network_id = p.network_id and s.time_zone = c.time_zone
left join check_in i on i.client_id = p.client_id and i.priority_id = p.id and i.slot_on = s.starts_on
    and i.replaced_at is null
where i.id is not null
    or s.starts_at >= p.committed_at and (p.closed_at is null or s.ends_at <= p.closed_at)";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261126_000102_check_in_excused"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        replace(manager, VIEW).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        replace(manager, BEFORE).await
    }
}

async fn replace(manager: &SchemaManager<'_>, view: &str) -> Result<(), DbErr> {
    ddl::drop(manager, "view check_in_due").await?;
    let postgres = manager.get_database_backend() == DbBackend::Postgres;
    // the invoker's rights: a view of the owner's would walk around the fences
    let options = if postgres { " with (security_invoker = true)" } else { "" };
    let view = format!("create view check_in_due{options} as {view}");
    manager.get_connection().execute_unprepared(&view).await?;
    if postgres {
        let grant = format!(
            "do $$ begin if exists (select from pg_roles where rolname = '{APP_ROLE}') then
               grant select on check_in_due to {APP_ROLE};
             end if; end $$"
        );
        manager.get_connection().execute_unprepared(&grant).await?;
    }
    Ok(())
}
