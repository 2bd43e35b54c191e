-- The events of each of the last thirteen months, and the figures at its end.
with flows as (
    select l.scope_id, l.network_id, l.key as month,
        {sum:items; l.measure = 'month_started'} as started,
        {sum:items; l.measure = 'month_completed'} as completed,
        {sum:items; l.measure = 'month_passed'} as passed,
        {sum:items; l.measure = 'month_met'} as met,
        {sum:items; l.measure = 'month_late'} as late,
        {sum:items; l.measure = 'month_missed'} as missed
    from {figures:'month_started', 'month_completed', 'month_passed', 'month_met', 'month_late', 'month_missed'} l
    where l.key >= {first_month} group by l.scope_id, l.network_id, l.key
), stocks as (
    select p.scope_id, p.network_id, {month:p.taken_on} as month, p.items, p.open, p.due, p.done
    from tally_past p where {among:p.scope_id} and p.measure = 'total'
        and {month:p.taken_on} >= {first_month} and p.taken_on <= coalesce({arg:asOf}, {today})
)
select m.scope_id, m.network_id, m.month, coalesce(f.started, 0) as started,
    coalesce(f.completed, 0) as completed, coalesce(f.passed, 0) as passed, coalesce(f.met, 0) as met,
    coalesce(f.late, 0) as late, coalesce(f.missed, 0) as missed, k.items as clients,
    k.open as actions_open, k.due as actions_overdue, k.done as actions_done
from (
    select scope_id, network_id, month from flows
    where started <> 0 or completed <> 0 or passed <> 0 or met <> 0 or late <> 0 or missed <> 0
    union select scope_id, network_id, month from stocks) m
left join flows f on f.scope_id = m.scope_id and f.month = m.month
left join stocks k on k.scope_id = m.scope_id and k.month = m.month
