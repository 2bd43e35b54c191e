//! A client's progress in counts, and what of it falls due when: facts without content, kept by triggers in the
//! same transaction as every write, whoever makes it. So head office, portfolios and risk figures read a row and
//! not a history, and need no right to content.

use crate::{
    ddl,
    rls::{self, Fence, Rights},
};
use sea_orm_migration::prelude::*;

const UP: &str = "
create table client_pulse (
    client_id {id} primary key,
    network_id {id} not null,
    current_stage_id {id},
    stages_total integer not null,
    stages_passed integer not null,
    actions_offered integer not null,
    actions_open integer not null,
    actions_done integer not null,
    actions_declined integer not null,
    actions_cancelled integer not null,
    priorities_committed integer not null,
    priorities_achieved integer not null,
    sessions_held integer not null,
    last_session_at {instant},
    foreign key (network_id, client_id) references client (network_id, id)
) {strict}
;;
create table client_due (
    client_id {id} not null,
    network_id {id} not null,
    kind text not null,
    at {instant} not null,
    items integer not null,
    primary key (client_id, kind, at),
    foreign key (network_id, client_id) references client (network_id, id)
) {strict}
;;
-- postgres
create function pulse_client() returns trigger language plpgsql as $$ begin
    insert into client_pulse (
        client_id, network_id, stages_total, stages_passed, actions_offered, actions_open, actions_done,
        actions_declined, actions_cancelled, priorities_committed, priorities_achieved, sessions_held)
    values (new.id, new.network_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    return null;
end $$
;;
-- postgres
create trigger pulse_client after insert on client for each row execute function pulse_client()
;;
-- sqlite
create trigger pulse_client after insert on client begin
    insert into client_pulse (
        client_id, network_id, stages_total, stages_passed, actions_offered, actions_open, actions_done,
        actions_declined, actions_cancelled, priorities_committed, priorities_achieved, sessions_held)
    values (new.id, new.network_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
end
;;
-- postgres
create function pulse_action() returns trigger language plpgsql as $$ begin
    if tg_op = 'UPDATE' and not (new.status is distinct from old.status or new.due_at is distinct from old.due_at) then return null; end if;
    update client_pulse set
        actions_offered = actions_offered + (new.status = 'offered')::int - coalesce((old.status = 'offered')::int, 0),
        actions_open = actions_open + (new.status = 'accepted')::int - coalesce((old.status = 'accepted')::int, 0),
        actions_done = actions_done + (new.status = 'done')::int - coalesce((old.status = 'done')::int, 0),
        actions_declined = actions_declined + (new.status = 'declined')::int - coalesce((old.status = 'declined')::int, 0),
        actions_cancelled = actions_cancelled + (new.status = 'cancelled')::int - coalesce((old.status = 'cancelled')::int, 0)
    where client_id = new.client_id;
    if tg_op = 'UPDATE' then
        insert into client_due (client_id, network_id, kind, at, items)
        select old.client_id, old.network_id, 'action', old.due_at, -1 where old.status = 'accepted'
        on conflict (client_id, kind, at) do update set items = client_due.items + excluded.items;
    end if;
    insert into client_due (client_id, network_id, kind, at, items)
        select new.client_id, new.network_id, 'action', new.due_at, 1 where new.status = 'accepted'
        on conflict (client_id, kind, at) do update set items = client_due.items + excluded.items;
    return null;
end $$
;;
-- postgres
create trigger pulse_action after insert or update of status, due_at on action for each row execute function pulse_action()
;;
-- sqlite
create trigger pulse_action after insert on action begin
    update client_pulse set
        actions_offered = actions_offered + (new.status = 'offered'),
        actions_open = actions_open + (new.status = 'accepted'),
        actions_done = actions_done + (new.status = 'done'),
        actions_declined = actions_declined + (new.status = 'declined'),
        actions_cancelled = actions_cancelled + (new.status = 'cancelled')
    where client_id = new.client_id;
    insert into client_due (client_id, network_id, kind, at, items)
        select new.client_id, new.network_id, 'action', new.due_at, 1 where new.status = 'accepted'
        on conflict (client_id, kind, at) do update set items = client_due.items + excluded.items;
end
;;
-- sqlite
create trigger pulse_action_change after update on action
when new.status is not old.status or new.due_at is not old.due_at begin
    update client_pulse set
        actions_offered = actions_offered + (new.status = 'offered') - (old.status = 'offered'),
        actions_open = actions_open + (new.status = 'accepted') - (old.status = 'accepted'),
        actions_done = actions_done + (new.status = 'done') - (old.status = 'done'),
        actions_declined = actions_declined + (new.status = 'declined') - (old.status = 'declined'),
        actions_cancelled = actions_cancelled + (new.status = 'cancelled') - (old.status = 'cancelled')
    where client_id = new.client_id;
    insert into client_due (client_id, network_id, kind, at, items)
        select old.client_id, old.network_id, 'action', old.due_at, -1 where old.status = 'accepted'
        on conflict (client_id, kind, at) do update set items = client_due.items + excluded.items;
    insert into client_due (client_id, network_id, kind, at, items)
        select new.client_id, new.network_id, 'action', new.due_at, 1 where new.status = 'accepted'
        on conflict (client_id, kind, at) do update set items = client_due.items + excluded.items;
end
;;
-- postgres
create function pulse_priority() returns trigger language plpgsql as $$ begin
    if tg_op = 'UPDATE' and not (new.status is distinct from old.status) then return null; end if;
    update client_pulse set
        priorities_committed = priorities_committed + (new.status = 'committed')::int - coalesce((old.status = 'committed')::int, 0),
        priorities_achieved = priorities_achieved + (new.status = 'achieved')::int - coalesce((old.status = 'achieved')::int, 0)
    where client_id = new.client_id;
    return null;
end $$
;;
-- postgres
create trigger pulse_priority after insert or update of status on priority for each row execute function pulse_priority()
;;
-- sqlite
create trigger pulse_priority after insert on priority begin
    update client_pulse set
        priorities_committed = priorities_committed + (new.status = 'committed'),
        priorities_achieved = priorities_achieved + (new.status = 'achieved')
    where client_id = new.client_id;
end
;;
-- sqlite
create trigger pulse_priority_change after update on priority
when new.status is not old.status begin
    update client_pulse set
        priorities_committed = priorities_committed + (new.status = 'committed') - (old.status = 'committed'),
        priorities_achieved = priorities_achieved + (new.status = 'achieved') - (old.status = 'achieved')
    where client_id = new.client_id;
end
;;
-- postgres
create function pulse_session() returns trigger language plpgsql as $$ begin
    if tg_op = 'UPDATE' and not (new.status is distinct from old.status or new.starts_at is distinct from old.starts_at) then return null; end if;
    update client_pulse set
        sessions_held = sessions_held + (new.status = 'held')::int - coalesce((old.status = 'held')::int, 0),
        last_session_at = (select max(starts_at) from session where client_id = new.client_id and status = 'held')
    where client_id = new.client_id;
    if tg_op = 'UPDATE' then
        insert into client_due (client_id, network_id, kind, at, items)
        select old.client_id, old.network_id, 'session', old.starts_at, -1 where old.status = 'scheduled'
        on conflict (client_id, kind, at) do update set items = client_due.items + excluded.items;
    end if;
    insert into client_due (client_id, network_id, kind, at, items)
        select new.client_id, new.network_id, 'session', new.starts_at, 1 where new.status = 'scheduled'
        on conflict (client_id, kind, at) do update set items = client_due.items + excluded.items;
    return null;
end $$
;;
-- postgres
create trigger pulse_session after insert or update of status, starts_at on session for each row execute function pulse_session()
;;
-- sqlite
create trigger pulse_session after insert on session begin
    update client_pulse set
        sessions_held = sessions_held + (new.status = 'held'),
        last_session_at = (select max(starts_at) from session where client_id = new.client_id and status = 'held')
    where client_id = new.client_id;
    insert into client_due (client_id, network_id, kind, at, items)
        select new.client_id, new.network_id, 'session', new.starts_at, 1 where new.status = 'scheduled'
        on conflict (client_id, kind, at) do update set items = client_due.items + excluded.items;
end
;;
-- sqlite
create trigger pulse_session_change after update on session
when new.status is not old.status or new.starts_at is not old.starts_at begin
    update client_pulse set
        sessions_held = sessions_held + (new.status = 'held') - (old.status = 'held'),
        last_session_at = (select max(starts_at) from session where client_id = new.client_id and status = 'held')
    where client_id = new.client_id;
    insert into client_due (client_id, network_id, kind, at, items)
        select old.client_id, old.network_id, 'session', old.starts_at, -1 where old.status = 'scheduled'
        on conflict (client_id, kind, at) do update set items = client_due.items + excluded.items;
    insert into client_due (client_id, network_id, kind, at, items)
        select new.client_id, new.network_id, 'session', new.starts_at, 1 where new.status = 'scheduled'
        on conflict (client_id, kind, at) do update set items = client_due.items + excluded.items;
end
;;
-- postgres
create function pulse_stage() returns trigger language plpgsql as $$ begin
    update client_pulse set
        current_stage_id = (
            select s.id from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = new.client_id and s.status = 'open' and p.status in ('active', 'paused')
            order by p.id desc, s.position limit 1),
        stages_total = (
            select count(*) from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = new.client_id and p.status <> 'terminated'),
        stages_passed = (
            select count(*) from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = new.client_id and p.status <> 'terminated' and s.status = 'passed')
    where client_id = new.client_id;
    return null;
end $$
;;
-- postgres
create trigger pulse_stage after insert or update of status on stage_run for each row execute function pulse_stage()
;;
-- postgres
create function pulse_programme() returns trigger language plpgsql as $$ begin
    update client_pulse set
        current_stage_id = (
            select s.id from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = new.client_id and s.status = 'open' and p.status in ('active', 'paused')
            order by p.id desc, s.position limit 1),
        stages_total = (
            select count(*) from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = new.client_id and p.status <> 'terminated'),
        stages_passed = (
            select count(*) from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = new.client_id and p.status <> 'terminated' and s.status = 'passed')
    where client_id = new.client_id;
    return null;
end $$
;;
-- postgres
create trigger pulse_programme after update of status on programme for each row execute function pulse_programme()
;;
-- sqlite
create trigger pulse_stage after insert on stage_run begin
    update client_pulse set
        current_stage_id = (
            select s.id from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = new.client_id and s.status = 'open' and p.status in ('active', 'paused')
            order by p.id desc, s.position limit 1),
        stages_total = (
            select count(*) from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = new.client_id and p.status <> 'terminated'),
        stages_passed = (
            select count(*) from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = new.client_id and p.status <> 'terminated' and s.status = 'passed')
    where client_id = new.client_id;
end
;;
-- sqlite
create trigger pulse_stage_change after update on stage_run
when new.status is not old.status begin
    update client_pulse set
        current_stage_id = (
            select s.id from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = new.client_id and s.status = 'open' and p.status in ('active', 'paused')
            order by p.id desc, s.position limit 1),
        stages_total = (
            select count(*) from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = new.client_id and p.status <> 'terminated'),
        stages_passed = (
            select count(*) from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = new.client_id and p.status <> 'terminated' and s.status = 'passed')
    where client_id = new.client_id;
end
;;
-- sqlite
create trigger pulse_programme after update on programme
when new.status is not old.status begin
    update client_pulse set
        current_stage_id = (
            select s.id from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = new.client_id and s.status = 'open' and p.status in ('active', 'paused')
            order by p.id desc, s.position limit 1),
        stages_total = (
            select count(*) from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = new.client_id and p.status <> 'terminated'),
        stages_passed = (
            select count(*) from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
            where s.client_id = new.client_id and p.status <> 'terminated' and s.status = 'passed')
    where client_id = new.client_id;
end
";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261101_000011_pulse"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        ddl::run(manager, UP).await?;
        rls::fence(manager, "client_pulse", Fence::Facts, Rights::Change).await?;
        rls::fence(manager, "client_due", Fence::Facts, Rights::Change).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (noun, table, changes) in [
            ("client", "client", false),
            ("action", "action", true),
            ("priority", "priority", true),
            ("session", "session", true),
            ("stage", "stage_run", true),
            ("programme", "programme", false),
        ] {
            if manager.get_database_backend() == sea_orm_migration::sea_orm::DbBackend::Postgres {
                ddl::drop(manager, &format!("trigger pulse_{noun} on {table}")).await?;
                ddl::drop(manager, &format!("function pulse_{noun}()")).await?;
            } else {
                ddl::drop(manager, &format!("trigger pulse_{noun}")).await?;
                if changes {
                    ddl::drop(manager, &format!("trigger pulse_{noun}_change")).await?;
                }
            }
        }
        ddl::drop(manager, "table client_due").await?;
        ddl::drop(manager, "table client_pulse").await
    }
}
