-- Folds at most {most} changes (on SQLite: those up to {last}) into the figures, and rows that were due at {now}. On PostgreSQL,
-- the statement deletes the changes that it folds, so that each change is folded exactly once, and returns their number. On
-- SQLite, a query cannot delete rows. Separate statements are safe, because there is only one writer.
with {postgres:taken as (
    delete from tally_delta d using (
        select measure, id from tally_delta where network_id = {network} limit {most}) n
    where d.network_id = {network} and d.measure = n.measure and d.id = n.id returning d.*
), passed as (
    delete from tally where {due_rows} returning *
), folded as (}{sqlite:taken as (
    select * from tally_delta where network_id = {network} and id <= {last}
), passed as (
    select * from tally where {due_rows}
)}
insert into tally (network_id, scope_id, measure, at, subject_id, place, key, items, open, done, due)
select network_id, scope_id, measure, at, subject_id, place, key, sum(items), sum(open), sum(done), sum(due)
from (
    -- rows whose instant has come are summed without one
    select t.network_id, case w.wide when 1 then t.network_id else t.franchise_id end as scope_id, t.measure,
        case when t.measure = 'review' or t.measure = 'load' and t.at > {now} then t.at else {epoch} end as at,
        t.subject_id, t.place, t.key,
        t.items, t.open, t.done, case when t.at <= {now} then t.due else 0 end as due
    from taken t cross join (select 0 as wide union all select 1) w
    union all
    select t.network_id, case w.wide when 1 then t.network_id else t.franchise_id end, t.measure, t.at, t.subject_id,
        t.place, t.key, 0, 0, 0, t.due
    from taken t cross join (select 0 as wide union all select 1) w where t.at > {now} and t.due <> 0
    union all
    -- figures whose instant has come
    select p.network_id, p.scope_id, p.measure, {epoch}, p.subject_id, p.place, p.key, p.items, p.open, p.done,
        p.due
    from passed p
    union all
    -- changes with a client (`whose_id`) change the load of the people who run its programmes
    select p.network_id, case w.wide when 1 then p.network_id else p.franchise_id end, 'load',
        case when e.sign = -1 then a.ends_at when a.starts_at > {now} then a.starts_at else {epoch} end, a.person_id, 0, '',
        0, e.sign * t.open, 0, 0
    from (select whose_id, sum(open) as open from taken where whose_id is not null group by whose_id) t
    join client_place p on p.client_id = t.whose_id and p.status = {ClientStatus::Active}
    join assignment a on a.client_id = t.whose_id and a.part in ({AssignmentPart::Lead}, {AssignmentPart::Co})
        and (a.ends_at is null or a.ends_at > {now} and a.ends_at > a.starts_at)
    cross join (select 1 as sign union all select -1) e cross join (select 0 as wide union all select 1) w
    where t.open <> 0 and (e.sign = 1 or a.ends_at is not null)
) parts where 1 = 1
group by network_id, scope_id, measure, at, subject_id, place, key
having sum(items) <> 0 or sum(open) <> 0 or sum(done) <> 0 or sum(due) <> 0
on conflict (scope_id, measure, at, subject_id, place, key) do update set
    items = tally.items + excluded.items, open = tally.open + excluded.open, done = tally.done + excluded.done,
    due = tally.due + excluded.due
{postgres:)
select count(*) from taken}
