-- Clients and actions by region and stage.
select c.*, coalesce(r.code, '') as region_code, coalesce(r.name, '') as region_name from (
    select l.scope_id, l.network_id, {id_text:l.subject_id} || ':' || l.place || ':' || l.key as key,
        l.subject_id as region_id, l.place as position,
        l.key as stage, cast(sum(l.items) as {big}) as clients, cast(sum(l.open) as {big}) as actions_open,
        cast(sum(l.due) as {big}) as actions_overdue, cast(sum(l.done) as {big}) as actions_done
    from {figures:'work'} l group by l.scope_id, l.network_id, l.subject_id, l.place, l.key) c
left join region r on r.id = c.region_id
where c.clients <> 0 or c.actions_open <> 0 or c.actions_overdue <> 0 or c.actions_done <> 0
