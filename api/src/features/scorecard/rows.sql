-- The measurables of some teams' scorecards: those of the team itself, and those of its committed priorities. Each with the
-- total of the last periods.
with recursive {zone},
s as materialized ({measurables}
    left join priority q on q.client_id = m.client_id and q.id = m.priority_id
    where {among:m.team_id} and m.removed_at is null
        and (m.priority_id is null or q.status = {PriorityStatus::Committed})
),
{periods},
-- The values of these periods, the latest first.
e as (
    select p.measurable_id, v.value,
        row_number() over (partition by p.measurable_id order by p.starts_on desc) as place
    from p
    join measurable_value v on v.client_id = p.client_id and v.measurable_id = p.measurable_id
        and v.period_on = p.starts_on and v.replaced_at is null
),
t as (
    select measurable_id, count(*) as entered, max(case when place = 1 then value end) as last,
        {decimal:sum} as sum, {decimal:avg} as mean
    from e group by measurable_id
)
select m.id, m.network_id, m.client_id, m.team_id, m.created_at, coalesce(q.rank, 0) as place,
    coalesce(t.entered, 0) as entered,
    case m.total when {MeasurableTotal::Sum} then t.sum when {MeasurableTotal::Mean} then t.mean else t.last end as total
from s
join measurable m on m.client_id = s.client_id and m.id = s.measurable_id
left join priority q on q.client_id = m.client_id and q.id = m.priority_id
left join t on t.measurable_id = s.measurable_id
