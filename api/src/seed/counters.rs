//! What pulses and due counts must be, computed from the rows themselves: the triggers' work, checked and repairable.

/// A query that answers the clients whose pulse is not what its rows add up to; on both databases.
pub const WRONG_PULSES: &str = "
with acted as (
    select client_id,
        count(case when status = 'offered' then 1 end) as offered,
        count(case when status = 'accepted' then 1 end) as open,
        count(case when status = 'done' then 1 end) as done,
        count(case when status = 'declined' then 1 end) as declined,
        count(case when status = 'cancelled' then 1 end) as cancelled
    from action group by client_id
), aimed as (
    select client_id,
        count(case when status = 'committed' then 1 end) as committed,
        count(case when status = 'achieved' then 1 end) as achieved
    from priority group by client_id
), met as (
    select client_id, count(*) as held, max(starts_at) as last_at from session where status = 'held' group by client_id
), staged as (
    select s.client_id, count(*) as total, count(case when s.status = 'passed' then 1 end) as passed
    from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
    where p.status <> 'terminated' group by s.client_id
), opened as (
    select s.client_id, s.id from stage_run s join programme p on p.client_id = s.client_id and p.id = s.programme_id
    where s.status = 'open' and p.status in ('active', 'paused')
)
select c.id from client c
left join client_pulse p on p.client_id = c.id
left join acted on acted.client_id = c.id
left join aimed on aimed.client_id = c.id
left join met on met.client_id = c.id
left join staged on staged.client_id = c.id
left join opened on opened.client_id = c.id
where p.client_id is null
    or p.network_id <> c.network_id
    or p.actions_offered <> coalesce(acted.offered, 0)
    or p.actions_open <> coalesce(acted.open, 0)
    or p.actions_done <> coalesce(acted.done, 0)
    or p.actions_declined <> coalesce(acted.declined, 0)
    or p.actions_cancelled <> coalesce(acted.cancelled, 0)
    or p.priorities_committed <> coalesce(aimed.committed, 0)
    or p.priorities_achieved <> coalesce(aimed.achieved, 0)
    or p.sessions_held <> coalesce(met.held, 0)
    or p.last_session_at is distinct from met.last_at
    or p.stages_total <> coalesce(staged.total, 0)
    or p.stages_passed <> coalesce(staged.passed, 0)
    or p.current_stage_id is distinct from opened.id";

/// A query that answers the due counts that differ from their rows, in either direction; on both databases.
pub const WRONG_DUES: &str = "
select client_id, kind, at, sum(items) from (
    select client_id, kind, at, items from client_due
    union all
    select client_id, 'action', due_at, -count(*) from action where status = 'accepted' group by client_id, due_at
    union all
    select client_id, 'session', starts_at, -count(*) from session where status = 'scheduled'
    group by client_id, starts_at
    union all
    select a.client_id, 'paused_action', a.due_at, -count(*) from action a
    join programme g on g.team_id = a.team_id and g.status = 'paused'
    where a.status = 'accepted' group by a.client_id, a.due_at
    union all
    select s.client_id, 'paused_session', s.starts_at, -count(*) from session s
    join programme g on g.team_id = s.team_id and g.status = 'paused'
    where s.status = 'scheduled' group by s.client_id, s.starts_at
    union all
    select d.client_id, 'paused_drift', d.raised_at, -count(*) from drift_signal d
    join programme g on g.team_id = d.team_id and g.status = 'paused'
    where d.status in ('open', 'acknowledged') group by d.client_id, d.raised_at
) as both_sides
group by client_id, kind, at having sum(items) <> 0";

/// Clients whose drift signals are counted wrongly.
pub const WRONG_DRIFTS: &str = "
with waiting as (
    select client_id, cause, count(*) as items from drift_signal
    where status in ('open', 'acknowledged') group by client_id, cause
)
select coalesce(w.client_id, d.client_id) as client_id
from waiting w full join client_drift d on d.client_id = w.client_id and d.cause = w.cause
where coalesce(w.items, 0) <> coalesce(d.items, 0)";

/// A query that answers the figures of networks and franchises that differ from what their clients count, folded or
/// not; on both databases. Reviews are left out, because those that never count again are dropped.
pub const WRONG_TALLIES: &str = "
with counted as (
    select t.network_id, p.franchise_id, t.measure, case when t.measure = 'work' then p.region_id else t.subject_id end as subject_id,
        case when t.measure = 'work' then p.position else 0 end as place,
        case t.measure when 'work' then p.stage when 'client' then p.status else t.key end as key,
        t.items, t.open, t.done, t.due
    from client_tally t join client_place p on p.client_id = t.client_id
    where t.measure <> 'review' and (p.status = 'active' or t.lasting = 1)
    union all
    select l.network_id, p.franchise_id, 'load', l.person_id, 0, '', l.items, l.open, 0, 0
    from client_load l join client_place p on p.client_id = l.client_id where p.status = 'active'
)
select scope_id, measure, subject_id, place, key from (
    select scope_id, measure, subject_id, place, key, items, open, done, due from tally
    union all
    select network_id, measure, subject_id, place, key, items, open, done, due from tally_delta
    union all
    select franchise_id, measure, subject_id, place, key, items, open, done, due from tally_delta
    union all
    select network_id, measure, subject_id, place, key, -items, -open, -done, -due from counted
    union all
    select franchise_id, measure, subject_id, place, key, -items, -open, -done, -due from counted
) as both_sides
where measure <> 'review' group by scope_id, measure, subject_id, place, key
having sum(items) <> 0 or sum(open) <> 0 or sum(done) <> 0 or sum(due) <> 0";
