//! Check-ins follow the team's review cadence: a slot has as many whole weeks as its interval, to the nearest. A team whose
//! cadence runs already has such slots from next Monday on; up to then they are the weeks they were.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::{
    ddl,
    rls::{self, Fence, Rights},
};

const UP: &str = "
create table check_in_rhythm (
    id {id} primary key,
    network_id {id} not null,
    client_id {id} not null,
    team_id {id} not null,
    weeks integer not null check (weeks > 1),
    first_week integer not null,
    last_week integer,
    check (last_week is null or last_week >= first_week),
    unique (client_id, id),
    foreign key (network_id, client_id) references client (network_id, id),
    foreign key (client_id, team_id) references team (client_id, id)
) {strict}
;;
create unique index check_in_rhythm_by_team on check_in_rhythm (team_id, first_week)
;;
create unique index check_in_rhythm_one_lasting on check_in_rhythm (team_id) where last_week is null
;;
-- postgres
alter table check_in_slot
    add column week integer generated always as ((starts_on - date '1970-01-05') / 7) stored
;;
-- sqlite
alter table check_in_slot
    add column week integer generated always as ((unixepoch(starts_on) - 345600) / 604800) virtual
;;
create unique index check_in_slot_by_week on check_in_slot (network_id, time_zone, week)
;;
-- postgres: whoever migrates is bound by the fences, too
alter table review_cadence no force row level security
;;
-- postgres
insert into check_in_rhythm (id, network_id, client_id, team_id, weeks, first_week)
select c.id, c.network_id, c.client_id, c.team_id, c.weeks,
    ((now() at time zone 'utc')::date - date '1970-01-05') / 7 + 1
from (select *, (every * case unit when 'day' then 1 when 'week' then 7 else 30 end + 3) / 7 as weeks
    from review_cadence where ended_at is null) c
where c.weeks > 1
;;
-- sqlite
insert into check_in_rhythm (id, network_id, client_id, team_id, weeks, first_week)
select c.id, c.network_id, c.client_id, c.team_id, c.weeks, (unixepoch('now') - 345600) / 604800 + 1
from (select *, (every * case unit when 'day' then 1 when 'week' then 7 else 30 end + 3) / 7 as weeks
    from review_cadence where ended_at is null) c
where c.weeks > 1
;;
-- postgres
alter table review_cadence force row level security
";

/// As it was: each week is a slot.
const BEFORE: &str = "
select {t}.id, {t}.network_id, {t}.client_id, {t}.team_id, {t}.id as subject_id,
    s.starts_on, s.ends_on, s.starts_at, s.ends_at, i.id as check_in_id,
    i.id is null and exists (select 1 from programme_pause q where q.team_id = {t}.team_id
        and q.starts_at < s.ends_at and (q.ends_at is null or q.ends_at > s.starts_at)) as excused
from {noun} {t}
join client c on c.id = {t}.client_id
join check_in_slot s on s.network_id = {t}.network_id and s.time_zone = c.time_zone
left join check_in i on i.client_id = {t}.client_id and i.{noun}_id = {t}.id and i.slot_on = s.starts_on
    and i.replaced_at is null
where i.id is not null
    or s.starts_at >= {t}.{promised} and ({t}.closed_at is null or s.ends_at <= {t}.closed_at)";

/// A slot is known by its first week, `s`; `e` is its last, which comes early where the team's rhythm ends.
const VIEW: &str = "
select {t}.id, {t}.network_id, {t}.client_id, {t}.team_id, {t}.id as subject_id,
    s.starts_on, e.ends_on, s.starts_at, e.ends_at, i.id as check_in_id,
    i.id is null and exists (select 1 from programme_pause q where q.team_id = {t}.team_id
        and q.starts_at < e.ends_at and (q.ends_at is null or q.ends_at > s.starts_at)) as excused
from {noun} {t}
join client c on c.id = {t}.client_id
join check_in_slot s on s.network_id = {t}.network_id and s.time_zone = c.time_zone
left join check_in_rhythm r on r.team_id = {t}.team_id and r.first_week <= s.week
    and (r.last_week is null or r.last_week >= s.week)
join check_in_slot e on e.network_id = s.network_id and e.time_zone = s.time_zone
    and e.week = case when r.weeks is null then s.week
        when r.last_week < s.week + r.weeks - 1 then r.last_week
        else s.week + r.weeks - 1 end
left join check_in i on i.client_id = {t}.client_id and i.{noun}_id = {t}.id and i.slot_on = s.starts_on
    and i.replaced_at is null
where (r.weeks is null or (s.week - r.first_week) % r.weeks = 0)
    and (i.id is not null
        or s.starts_at >= {t}.{promised} and ({t}.closed_at is null or e.ends_at <= {t}.closed_at))";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261127_000501_check_in_rhythm"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, "view check_in_due").await?;
        ddl::run(manager, UP).await?;
        rls::fence(manager, "check_in_rhythm", Fence::Facts, Rights::Delete).await?;
        look(manager, VIEW).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::drop(manager, "view check_in_due").await?;
        ddl::drop(manager, "index check_in_slot_by_week").await?;
        ddl::drop(manager, "column check_in_slot.week").await?;
        ddl::drop(manager, "table check_in_rhythm").await?;
        look(manager, BEFORE).await
    }
}

/// Makes the view of actions and priorities from what it says of either.
async fn look(manager: &SchemaManager<'_>, of: &str) -> Result<(), DbErr> {
    let nouns = [("action", "a", "accepted_at"), ("priority", "p", "committed_at")];
    let parts = nouns.map(|(noun, short, promised)| {
        of.replace("{noun}", noun).replace("{t}", short).replace("{promised}", promised)
    });
    let postgres = manager.get_database_backend() == DbBackend::Postgres;
    // the invoker's rights: a view of the owner's would walk around the fences
    let options = if postgres { " with (security_invoker = true)" } else { "" };
    let view = format!("create view check_in_due{options} as {}", parts.join("\nunion all"));
    manager.get_connection().execute_unprepared(&view).await?;
    rls::see(manager, "check_in_due").await
}
