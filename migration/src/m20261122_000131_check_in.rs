//! Check-ins, the weeks they fall in, and for each priority and action the weeks that asked for one.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::{
    ddl,
    rls::{self, APP_ROLE, Fence, Rights},
};

const TABLES: &str = "
create table check_in (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    priority_id {id},
    action_id {id},
    slot_on {date} not null,
    first_id {id} not null,
    owner_id {id} not null,
    person_id {id} not null,
    by_owner {flag} not null,
    status text not null,
    confidence integer not null check (confidence >= 1),
    comment text not null,
    at {instant} not null,
    replaced_at {instant},
    check (priority_id is null or action_id is null),
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id),
    foreign key (client_id, priority_id) references priority (client_id, id),
    foreign key (client_id, action_id) references action (client_id, id),
    foreign key (client_id, first_id) references check_in (client_id, id),
    foreign key (client_id, owner_id) references member (client_id, id)
) {strict}
;;
create unique index check_in_of_priority on check_in (client_id, priority_id, slot_on)
    where priority_id is not null and replaced_at is null
;;
create unique index check_in_of_action on check_in (client_id, action_id, slot_on)
    where action_id is not null and replaced_at is null
;;
create index check_in_by_priority on check_in (priority_id, at)
;;
create index check_in_by_action on check_in (action_id, at)
;;
create index check_in_by_team on check_in (team_id, at)
;;
create index check_in_by_first on check_in (first_id)
;;
create table check_in_slot (
    network_id {id} not null references network (id),
    time_zone text not null,
    starts_on {date} not null,
    ends_on {date} not null,
    starts_at {instant} not null,
    ends_at {instant} not null,
    primary key (network_id, time_zone, starts_on)
) {strict}
";

/// A week counts when all of it lay between the promise and the close; one that began or ended within, only when
/// somebody checked in.
const VIEW: &str = "
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

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261122_000131_check_in"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, TABLES).await?;
        rls::fence(manager, "check_in", Fence::Content, Rights::Change).await?;
        rls::fence(manager, "check_in_slot", Fence::Directory, Rights::Append).await?;
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        // the invoker's rights: a view of the owner's would walk around the fences
        let options = if postgres { " with (security_invoker = true)" } else { "" };
        let view = format!("create view check_in_due{options} as {VIEW}");
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
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, "view check_in_due").await?;
        ddl::drop(manager, "table check_in_slot").await?;
        ddl::drop(manager, "table check_in").await
    }
}
