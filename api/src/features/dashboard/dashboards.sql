-- The dashboard of a network or a franchise. No row if no figures are stored for the requested day.
select a.scope_id, a.scope_id as id, a.network_id, case when not {live} then {taken:a.scope_id} end as as_of
from (
    select n.id as scope_id, n.id as network_id from network n where {among:n.id}
    union all
    select f.id, f.network_id from franchise f where {among:f.id}) a
where {live} or {taken:a.scope_id} is not null
