-- The clients and open actions of each facilitator, shown only for the present.
select c.*, (select p.name from person p where p.id = c.person_id) as name from (
    select l.scope_id, l.network_id, l.subject_id as person_id, cast(sum(l.items) as {big}) as clients,
        cast(sum(l.open) as {big}) as actions_open
    from (
        select t.network_id, t.scope_id, t.subject_id, t.items, t.open from tally t
        where {live} and {among:t.scope_id} and t.measure = 'load' and t.at <= {now}
        union all
        select d.network_id, d.network_id, d.subject_id, d.items, d.open from tally_delta d
        where {live} and {among:d.network_id} and d.measure = 'load' and d.at <= {now}
        union all
        select d.network_id, d.franchise_id, d.subject_id, d.items, d.open from tally_delta d
        where {live} and {among:d.franchise_id} and d.network_id = {network} and d.measure = 'load'
            and d.at <= {now}
        union all
        select s.network_id, s.scope_id, s.person_id, 0, s.open from (
            select p.network_id, case w.wide when 1 then p.network_id else p.franchise_id end as scope_id,
                a.person_id, f.open
            from (
                select d.whose_id, sum(d.open) as open from tally_delta d
                where {live} and d.network_id = {network} and d.measure = 'work' and d.whose_id is not null
                group by d.whose_id having sum(d.open) <> 0) f
            join client_place p on p.client_id = f.whose_id and p.network_id = {network}
                and p.status = {ClientStatus::Active}
            join assignment a on a.client_id = f.whose_id and a.network_id = {network}
                and a.part in ({AssignmentPart::Lead}, {AssignmentPart::Co}) and a.starts_at <= {now}
                and (a.ends_at is null or a.ends_at > {now})
            cross join (select 0 as wide union all select 1) w) s
        where {among:s.scope_id}) l
    group by l.scope_id, l.network_id, l.subject_id having sum(l.items) <> 0) c
