-- Results of programmes by template version. Figures of too few clients are withheld.
select c.*, coalesce(t.name, '') as template, coalesce(v.number, 0) as number,
    case when c.clients >= b.minimum_clients and c.planned > 0 then c.taken / (c.planned / 100) end as pace,
    case when c.planned = 0 then 'nothing' when c.clients < b.minimum_clients then 'too_few_clients' end as withheld
from (
    select l.scope_id, l.network_id, l.subject_id as key,
        {sum:items; l.measure = 'version' and l.key = 'started'} as started,
        {sum:items; l.measure = 'version' and l.key = {ProgrammeStatus::Completed}} as completed,
        {sum:items; l.measure = 'version' and l.key = {ProgrammeStatus::Terminated}} as terminated,
        {sum:items; l.measure = 'version' and l.key = {StageStatus::Passed}} as passed,
        {sum:items; l.measure = 'version' and l.key = 'clients'} as clients,
        {sum:items; l.measure = 'version' and l.key = 'planned_seconds'} as planned,
        {sum:items; l.measure = 'version' and l.key = 'taken_seconds'} as taken
    from {figures:'version'} l group by l.scope_id, l.network_id, l.subject_id) c
join benchmark_policy b on b.network_id = c.network_id
left join template_version v on v.id = c.key left join template t on t.id = v.template_id
where c.started <> 0 or c.terminated <> 0
