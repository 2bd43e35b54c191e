-- The figures of the client c, with its risk computed from the current rows.
select p.current_stage_id, p.actions_open, p.actions_done, d.overdue,
    case when not t.staffed or not g.active and (g.paused or g.ended and not g.planned) then 0 else
        3 * d.overdue + d.soon + case when b.booked then 0 else 5 end + least(20, greatest(0,
            (extract(epoch from now() - coalesce(p.last_session_at, c.created_at) - h.paused)::bigint / 86400
                - n.session_gap_days) / 7)) + 2 * coalesce(f.drifting, 0) + 2 * m.missed
            - case when g.paused then d.paused else 0 end
    end as risk
from client_pulse p
join network n on n.id = p.network_id
cross join lateral (
    select coalesce(sum(items) filter (where kind = 'action' and at <= now()), 0) as overdue,
        coalesce(sum(items) filter (
            where kind = 'action' and at > now() and at <= now() + interval '168 hours'), 0) as soon,
        coalesce(sum(case when kind = 'paused_drift' then 2 * items when at <= now() then 3 * items else items end)
            filter (where kind in ('paused_action', 'paused_drift') and at <= now() + interval '168 hours'),
            0) as paused
    from client_due where client_id = c.id
) d
cross join lateral (
    select exists (
        select from client_due d
        left join client_due o on o.client_id = d.client_id and o.kind = 'paused_session' and o.at = d.at
        where d.client_id = c.id and d.kind = 'session' and d.at > now() and d.items > coalesce(o.items, 0)
    ) as booked
) b
cross join lateral (
    select coalesce(bool_or(status = 'paused'), false) as paused,
        coalesce(bool_or(status = 'active'), false) as active,
        coalesce(bool_or(status = 'planned'), false) as planned,
        coalesce(bool_or(status in ('completed', 'terminated')), false) as ended
    from programme where client_id = c.id
) g
cross join lateral (
    select coalesce(min(l.paused), interval '0') as paused from (
        select (
            select coalesce(sum(q.ends_at - greatest(q.starts_at, coalesce(p.last_session_at, c.created_at))), interval '0')
            from programme_pause q
            where q.team_id = r.team_id and q.ends_at > coalesce(p.last_session_at, c.created_at)
        ) as paused
        from programme r join team m on m.id = r.team_id and m.archived_at is null
        where r.client_id = c.id and r.status = 'active'
    ) l
) h
cross join lateral (
    select exists (select from team where client_id = c.id and archived_at is null) as staffed
) t
cross join lateral (select sum(items) as drifting from client_drift where client_id = c.id) f
cross join lateral (
    select count(*) as missed from review r join team m on m.id = r.team_id and m.archived_at is null
    where r.client_id = c.id and r.status = 'missed' and r.due_at > now() - interval '90 days'
        and not exists (select from programme g where g.team_id = r.team_id and g.status = 'paused')
) m
where p.client_id = c.id
