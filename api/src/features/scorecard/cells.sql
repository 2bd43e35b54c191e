-- The last periods of some measurables, each with the value that counts. One row for each period, also without a value.
with recursive {zone},
s as materialized ({measurables} where {among:m.id}),
{periods}
select p.measurable_id, p.network_id, p.client_id, p.team_id, p.starts_on,
    {postgres:(p.starts_on + p.length - interval '1 day')::date}
    {sqlite:date(p.starts_on, p.length, '-1 day')} as ends_on,
    v.id as value_id, v.value, v.colour, v.late
from p
left join measurable_value v on v.client_id = p.client_id and v.measurable_id = p.measurable_id
    and v.period_on = p.starts_on and v.replaced_at is null
