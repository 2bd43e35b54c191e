//! The triggers on PostgreSQL.

/// All but the one on actions, with their functions.
pub const TRIGGERS: &str = "
create function tally_client() returns trigger language plpgsql as $$ begin
    if tg_op = 'INSERT' then
        insert into client_place (client_id, network_id, franchise_id, region_id, status, position, stage)
        values (new.id, new.network_id, new.franchise_id, new.region_id, new.status, 0, '');
    else
        perform 1 from client_pulse where client_id = new.id for update;
        update client_place set franchise_id = new.franchise_id, region_id = new.region_id, status = new.status
        where client_id = new.id;
    end if;
    return null;
end $$
;;
create trigger tally_client after insert or update of franchise_id, region_id, status on client
for each row execute function tally_client()
;;
create function tally_stage() returns trigger language plpgsql as $$ begin
    update client_place set
        position = coalesce((select position from stage_run where id = new.current_stage_id), 0),
        stage = coalesce((select title from stage_run where id = new.current_stage_id), '')
    where client_id = new.client_id;
    return null;
end $$
;;
create trigger tally_stage after update of current_stage_id on client_pulse
for each row when (new.current_stage_id is distinct from old.current_stage_id) execute function tally_stage()
;;
create function tally_place() returns trigger language plpgsql as $$ begin
    if tg_op = 'INSERT' then [counted new 1];
        return null;
    end if;[counted old -1][moves];[counted new 1][moves];
    return null;
end $$
;;
create trigger tally_place after insert on client_place for each row execute function tally_place()
;;
create trigger tally_place_change after update on client_place
for each row when (old.* is distinct from new.*) execute function tally_place()
;;
create function tally_review() returns trigger language plpgsql as $$ declare
    of_client uuid := case when tg_op = 'DELETE' then old.client_id else new.client_id end;
begin
    if tg_op = 'UPDATE' and new.status = old.status and new.due_at = old.due_at and new.due_on = old.due_on then return null; end if;
    if tg_op <> 'DELETE' and new.status = 'due' and (tg_op = 'INSERT' or old.status = 'due') then return null; end if;
    perform 1 from client_pulse where client_id = of_client for share;
    if tg_op <> 'INSERT' then [reviewed old -1];
    end if;
    if tg_op <> 'DELETE' then [reviewed new 1];
    end if;
    return null;
end $$
;;
create trigger tally_review after insert or update of status, due_at, due_on or delete on review
for each row execute function tally_review()
;;
create function tally_drift() returns trigger language plpgsql as $$ declare
    more integer := new.items - case when tg_op = 'UPDATE' then old.items else 0 end;
begin
    if more = 0 then return null; end if;
    perform 1 from client_pulse where client_id = new.client_id for share;
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
    select p.network_id, p.franchise_id, 'drift', p.network_id, 0, new.cause, [epoch], more, 0, 0, 0
    from client_place p where p.client_id = new.client_id and p.status = 'active';
    return null;
end $$
;;
create trigger tally_drift after insert or update of items on client_drift
for each row execute function tally_drift()
;;
create function tally_stage_run() returns trigger language plpgsql as $$ declare
    of_programme uuid := case when tg_op = 'DELETE' then old.programme_id else new.programme_id end;
    of_client uuid := case when tg_op = 'DELETE' then old.client_id else new.client_id end;
begin
    perform 1 from client_pulse where client_id = of_client for update;
    if tg_op <> 'INSERT' then [passed old -1];
    end if;
    if tg_op <> 'DELETE' then [passed new 1];
    end if;[kept p.id = of_programme];
    return null;
end $$
;;
create trigger tally_stage_run after insert or update of status, opened_at, passed_at, planned_days or delete on stage_run
for each row execute function tally_stage_run()
;;
create function tally_programme() returns trigger language plpgsql as $$ begin
    perform 1 from client_pulse where client_id = new.client_id for update;[kept p.id = new.id];
    return null;
end $$
;;
create trigger tally_programme
after insert or update of status, started_at, ended_at, template_version_id on programme
for each row execute function tally_programme()
;;
create function tally_programme_was() returns trigger language plpgsql as $$ begin[parts old -1];
    return new;
end $$
;;
create trigger tally_programme_was before update on programme_pulse
for each row when (old.* is distinct from new.*) execute function tally_programme_was()
;;
create function tally_programme_is() returns trigger language plpgsql as $$ begin[parts new 1];
    return null;
end $$
;;
create trigger tally_programme_is after insert on programme_pulse
for each row execute function tally_programme_is()
;;
create trigger tally_programme_became after update on programme_pulse
for each row when (old.* is distinct from new.*) execute function tally_programme_is()
";

/// What an action counts, of its client and of its network and franchise, in one go: it is the write that there is most
/// of, and each trigger and each statement of it shows.
pub const ACTION: &str = "
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
    insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
    values (whose.network_id, whose.franchise_id, 'work', whose.region_id, whose.position, whose.stage,
        case when was then old.due_at else new.due_at end, 0, opened, ended, case when was then -1 else opened end);
    if was and new.status = 'accepted' then
        insert into tally_delta (network_id, franchise_id, measure, subject_id, place, key, at, items, open, done, due)
        values (whose.network_id, whose.franchise_id, 'work', whose.region_id, whose.position, whose.stage,
            new.due_at, 0, 0, 0, 1);
    end if;
    return null;
end $$";

/// The same without the network's and the franchise's, as it was.
pub const ACTION_BEFORE: &str = "
create or replace function pulse_action() returns trigger language plpgsql as $$ begin
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
end $$";
