//! Who has how much to do, kept as the other figures are: `load` in `tally` and `tally_delta`, a row a facilitator, with her
//! active clients (`items`) and their open actions (`open`). Both count from `at` on: an assignment adds them when it
//! starts, and takes them back when it ends.
//!
//! There is more of actions than of anything, so completing one writes nothing for this: the row it appends anyway says
//! whose it is (`whose_id`), and becomes load of those who run that client's programmes when it is folded; a dashboard
//! does the same with rows that are not. Where assignments or clients change, what moves is what is folded already: the
//! client's open actions less those in rows yet to be folded. So that none is counted twice or lost, on PostgreSQL these
//! changes and folding keep out of each other's way by an advisory lock that actions never take.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend};

use crate::{ddl, rls};

/// A client's open actions, as far as they are folded. Who never had an action has none, and nothing is looked for.
const FOLDED: &str =
    "(u.actions_open - case u.actions_offered + u.actions_open + u.actions_done + u.actions_declined
        + u.actions_cancelled when 0 then 0 else (
            select cast(coalesce(sum(f.open), 0) as {big}) from tally_delta f
            where f.network_id = u.network_id and f.measure = 'work' and f.whose_id = u.client_id) end)";

/// What each client counts for those who run its programmes, if it is active.
const VIEW: &str = "
create view client_load [invoker] as
    select a.client_id, a.network_id, a.person_id, case e.sign when 1 then a.starts_at else a.ends_at end as at,
        e.sign as items, e.sign * [folded] as open
    from assignment a cross join (select 1 as sign union all select -1) e
    join client_pulse u on u.client_id = a.client_id
    where a.part in ('lead', 'co') and (a.ends_at is null and e.sign = 1 or a.ends_at > a.starts_at)
";

/// What the assignment `[r]` counts, times `[n]`.
const LOADED: &str = "
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
    select p.network_id, p.franchise_id, 'load', [r].person_id, 0, '',
        case e.sign when 1 then [r].starts_at else [r].ends_at end, [n] * e.sign, [n] * e.sign * [folded], 0, 0
    from client_place p join client_pulse u on u.client_id = p.client_id
    cross join (select 1 as sign union all select -1) e
    where p.client_id = [r].client_id and p.status = 'active' and [r].part in ('lead', 'co')
        and ([r].ends_at is null and e.sign = 1 or [r].ends_at > [r].starts_at)";

/// What the client of the place `[r]` counts for those who run its programmes, times `[n]`.
const MOVED: &str = "
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
    select l.network_id, [r].franchise_id, 'load', l.person_id, 0, '', l.at, [n] * l.items, [n] * l.open, 0, 0
    from client_load l where l.client_id = [r].client_id and [r].status = 'active'";

const POSTGRES: &str = "
create function tally_load() returns trigger language plpgsql as $$ declare
    of_client uuid := case when tg_op = 'DELETE' then old.client_id else new.client_id end;
    of_network uuid := case when tg_op = 'DELETE' then old.network_id else new.network_id end;
begin
    perform 1 from client_pulse where client_id = of_client for update;
    perform pg_advisory_xact_lock_shared(hashtextextended(of_network::text, 0));
    if tg_op <> 'INSERT' then [loaded old -1];
    end if;
    if tg_op <> 'DELETE' then [loaded new 1];
    end if;
    return null;
end $$
;;
create trigger tally_load after insert or update of person_id, part, starts_at, ends_at or delete on assignment
for each row execute function tally_load()
;;
create function tally_load_place() returns trigger language plpgsql as $$ begin
    perform pg_advisory_xact_lock_shared(hashtextextended(new.network_id::text, 0));[moved old -1];[moved new 1];
    return null;
end $$
;;
create trigger tally_load_place after update of franchise_id, status on client_place
for each row when (old.franchise_id <> new.franchise_id or old.status <> new.status) execute function tally_load_place()
";

const SQLITE: &str = "
create trigger tally_load after insert on assignment begin[loaded new 1];
end
;;
create trigger tally_load_change after update of person_id, part, starts_at, ends_at on assignment begin[loaded old -1];[loaded new 1];
end
;;
create trigger tally_load_gone after delete on assignment begin[loaded old -1];
end
;;
create trigger tally_load_place after update of franchise_id, status on client_place
when old.franchise_id <> new.franchise_id or old.status <> new.status begin[moved old -1];[moved new 1];
end
";

/// Each trigger with its table, and whether only SQLite has it.
const TRIGGERS: [(&str, &str, bool); 4] = [
    ("tally_load", "assignment", false),
    ("tally_load_change", "assignment", true),
    ("tally_load_gone", "assignment", true),
    ("tally_load_place", "client_place", false),
];

/// What an action counts. Its row says whose it is, with `[whose_id]` and `[client]` filled in; as it was, without them.
const POSTGRES_ACTION: &str = "
create or replace function pulse_action() returns trigger language plpgsql as $$ declare
    whose client_place;
    was boolean := tg_op = 'UPDATE' and old.status = 'accepted';
    opened integer := (new.status = 'accepted')::integer - was::integer;
    ended integer := (new.status = 'done')::integer - (tg_op = 'UPDATE' and old.status = 'done')::integer;
begin
    if tg_op = 'UPDATE' and new.status = old.status and new.due_at = old.due_at then return null; end if;
    update client_pulse set
        actions_offered = actions_offered + (new.status = 'offered')::int - coalesce((old.status = 'offered')::int, 0),
        actions_open = actions_open + opened,
        actions_done = actions_done + ended,
        actions_declined = actions_declined + (new.status = 'declined')::int - coalesce((old.status = 'declined')::int, 0),
        actions_cancelled = actions_cancelled + (new.status = 'cancelled')::int - coalesce((old.status = 'cancelled')::int, 0)
    where client_id = new.client_id;
    if was then
        insert into client_due (client_id, network_id, kind, at, items)
        values (old.client_id, old.network_id, 'action', old.due_at, -1)
        on conflict (client_id, kind, at) do update set items = client_due.items + excluded.items;
    end if;
    if new.status = 'accepted' then
        insert into client_due (client_id, network_id, kind, at, items)
        values (new.client_id, new.network_id, 'action', new.due_at, 1)
        on conflict (client_id, kind, at) do update set items = client_due.items + excluded.items;
    end if;
    if opened = 0 and ended = 0 and not was then return null; end if;
    select * into whose from client_place where client_id = new.client_id;
    if whose.status is distinct from 'active' then return null; end if;
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due[whose_id])
    values (whose.network_id, whose.franchise_id, 'work', whose.region_id, whose.position, whose.stage,
        case when was then old.due_at else new.due_at end, 0, opened, ended, case when was then -1 else opened end[client]);
    if was and new.status = 'accepted' then
        insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
        values (whose.network_id, whose.franchise_id, 'work', whose.region_id, whose.position, whose.stage,
            new.due_at, 0, 0, 0, 1);
    end if;
    return null;
end $$";

const SQLITE_ACTION: &str = "
create trigger tally_action after insert on action when new.status in ('accepted', 'done') begin
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due[whose_id])
    select p.network_id, p.franchise_id, 'work', p.region_id, p.position, p.stage, new.due_at, 0,
        new.status = 'accepted', new.status = 'done', new.status = 'accepted'[client]
    from client_place p where p.client_id = new.client_id and p.status = 'active';
end
;;
create trigger tally_action_change after update of status, due_at on action
when (new.status <> old.status or new.due_at <> old.due_at)
    and (new.status in ('accepted', 'done') or old.status in ('accepted', 'done')) begin
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due[whose_id])
    select p.network_id, p.franchise_id, 'work', p.region_id, p.position, p.stage, old.due_at, 0,
        -(old.status = 'accepted'), -(old.status = 'done'), -(old.status = 'accepted')[client]
    from client_place p where p.client_id = new.client_id and p.status = 'active'
    union all
    select p.network_id, p.franchise_id, 'work', p.region_id, p.position, p.stage, new.due_at, 0,
        new.status = 'accepted', new.status = 'done', new.status = 'accepted'[client]
    from client_place p where p.client_id = new.client_id and p.status = 'active';
end
";

/// Counts what is there.
const COUNT: &str = "
    insert into tally (network_id, scope_id, measure, at, subject_id, place, key, items, open, done, due)
    select l.network_id, case w.wide when 1 then l.network_id else p.franchise_id end, 'load', l.at, l.person_id, 0, '',
        sum(l.items), sum(l.open), 0, 0
    from client_load l join client_place p on p.client_id = l.client_id
    cross join (select 0 as wide union all select 1) w
    where p.status = 'active'[of l]
    group by l.network_id, 2, l.at, l.person_id;";

const UNCOUNT: &str = "
    delete from tally where measure = 'load'[of tally];
    delete from tally_delta where measure = 'load'[of tally_delta];";

fn fill(text: &str, postgres: bool) -> String {
    let mut out = text.to_owned();
    for (name, body) in [("loaded", LOADED), ("moved", MOVED)] {
        for (row, times) in [("new", "1"), ("old", "-1")] {
            let body = body.replace("[r]", row).replace("[n]", times);
            out = out.replace(&format!("[{name} {row} {times}]"), &body);
        }
    }
    out.replace("[folded]", FOLDED)
        .replace("[invoker]", if postgres { "with (security_invoker = true)" } else { "" })
}

/// Runs statements on the rows of all networks. The owner is behind the fences too, so on PostgreSQL it goes from network
/// to network.
async fn everywhere(manager: &SchemaManager<'_>, postgres: bool, statements: &str) -> Result<(), DbErr> {
    let mut all = statements.to_owned();
    while let Some((before, rest)) = all.split_once("[of ") {
        let Some((table, after)) = rest.split_once(']') else { break };
        let here = if postgres { format!(" and {table}.network_id = of") } else { String::new() };
        all = format!("{before}{here}{after}");
    }
    if postgres {
        all = format!(
            "do $$ declare of uuid; networks uuid[]; begin
                perform set_config('concord.door', 'identity', true);
                networks := array(select id from network);
                perform set_config('concord.door', 'system', true);
                foreach of in array networks loop
                    perform set_config('concord.network', of::text, true);
                    {all}
                end loop;
                perform set_config('concord.door', '', true);
                perform set_config('concord.network', '', true);
            end $$"
        );
    }
    manager.get_connection().execute_unprepared(&all).await?;
    Ok(())
}

/// What actions count: with whose it is, or as it was.
async fn actions(manager: &SchemaManager<'_>, postgres: bool, whose: bool) -> Result<(), DbErr> {
    let (column, value) = if whose { (", whose_id", ", new.client_id") } else { ("", "") };
    let filled = |text: &str| text.replace("[whose_id]", column).replace("[client]", value);
    if postgres {
        manager.get_connection().execute_unprepared(&filled(POSTGRES_ACTION)).await?;
        return Ok(());
    }
    for trigger in ["tally_action", "tally_action_change"] {
        ddl::drop(manager, &format!("trigger {trigger}")).await?;
    }
    ddl::run(manager, &filled(SQLITE_ACTION)).await
}

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m20261127_000601_load"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        ddl::run(manager, "alter table tally_delta add column whose_id {id}").await?;
        ddl::run(manager, &fill(VIEW, postgres)).await?;
        rls::see(manager, "client_load").await?;
        everywhere(manager, postgres, COUNT).await?;
        actions(manager, postgres, true).await?;
        ddl::run(manager, &fill(if postgres { POSTGRES } else { SQLITE }, postgres)).await
    }
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let postgres = manager.get_database_backend() == DbBackend::Postgres;
        for (trigger, table, lite) in TRIGGERS {
            if postgres && !lite {
                ddl::drop(manager, &format!("trigger {trigger} on {table}")).await?;
                ddl::drop(manager, &format!("function {trigger}()")).await?;
            } else if !postgres {
                ddl::drop(manager, &format!("trigger {trigger}")).await?;
            }
        }
        actions(manager, postgres, false).await?;
        everywhere(manager, postgres, UNCOUNT).await?;
        ddl::drop(manager, "view client_load").await?;
        ddl::drop(manager, "column tally_delta.whose_id").await
    }
}
