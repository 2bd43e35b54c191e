//! Cycles, and the link of each priority to its own. Priorities that named a quarter get that quarter's cycle.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::{
    ddl,
    rls::{self, Fence, Rights},
};

const UP: &str = "
create table cycle (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    label text not null,
    starts_on {date} not null,
    ends_on {date} not null,
    status text not null,
    committed integer not null,
    added integer not null,
    dropped integer not null,
    achieved integer not null,
    missed integer not null,
    locked_at {instant},
    closed_at {instant},
    created_at {instant} not null,
    version integer not null,
    unique (client_id, id),
    unique (client_id, team_id, label),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id)
) {strict}
;;
create index cycle_by_team on cycle (team_id, starts_on)
;;
alter table priority add column cycle_id {id}
;;
alter table priority add column carried_from_id {id}
;;
alter table priority add column added_after_lock {flag} not null default false
;;
alter table priority add column dropped_after_lock {flag} not null default false
;;
create index priority_by_cycle on priority (cycle_id, rank)
;;
create index priority_by_carried on priority (carried_from_id)
;;
-- postgres
alter table priority no force row level security
;;
-- postgres
insert into cycle
select gen_random_uuid(), network_id, client_id, team_id, cycle,
    make_date(left(cycle, 4)::integer, right(cycle, 1)::integer * 3 - 2, 1),
    (make_date(left(cycle, 4)::integer, right(cycle, 1)::integer * 3 - 2, 1) + interval '3 months' - interval '1 day')::date,
    case when bool_or(status in ('proposed', 'committed')) then 'open' else 'closed' end,
    count(committed_at), 0, 0, count(*) filter (where status = 'achieved'), count(*) filter (where status = 'missed'),
    null, case when bool_or(status in ('proposed', 'committed')) then null else max(closed_at) end, min(created_at), 1
from priority group by network_id, client_id, team_id, cycle
;;
-- sqlite
insert into cycle
select randomblob(16), network_id, client_id, team_id, cycle,
    printf('%s-%02d-01', substr(cycle, 1, 4), substr(cycle, -1) * 3 - 2),
    date(printf('%s-%02d-01', substr(cycle, 1, 4), substr(cycle, -1) * 3 - 2), '+3 months', '-1 day'),
    case when max(status in ('proposed', 'committed')) then 'open' else 'closed' end,
    count(committed_at), 0, 0, count(*) filter (where status = 'achieved'), count(*) filter (where status = 'missed'),
    null, case when max(status in ('proposed', 'committed')) then null else max(closed_at) end, min(created_at), 1
from priority group by network_id, client_id, team_id, cycle
;;
update priority set cycle_id = (
    select c.id from cycle c
    where c.client_id = priority.client_id and c.team_id = priority.team_id and c.label = priority.cycle)
;;
-- postgres
alter table priority force row level security
;;
-- postgres
alter table priority alter column cycle_id set not null
;;
-- postgres
alter table priority add constraint priority_of_cycle foreign key (client_id, cycle_id) references cycle (client_id, id)
;;
-- postgres
alter table priority add constraint priority_carried foreign key (client_id, carried_from_id) references priority (client_id, id)
";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261122_000132_cycle"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        rls::fence(manager, "cycle", Fence::Content, Rights::Change).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        if manager.get_database_backend() == DbBackend::Postgres {
            for constraint in ["priority_carried", "priority_of_cycle"] {
                connection
                    .execute_unprepared(&format!("alter table priority drop constraint {constraint}"))
                    .await?;
            }
        }
        ddl::drop(manager, "index priority_by_carried").await?;
        ddl::drop(manager, "index priority_by_cycle").await?;
        for column in ["dropped_after_lock", "added_after_lock", "carried_from_id", "cycle_id"] {
            connection.execute_unprepared(&format!("alter table priority drop column {column}")).await?;
        }
        ddl::drop(manager, "table cycle").await
    }
}
