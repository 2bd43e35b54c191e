-- The figures of some measures ({1}) of the requested scopes: folded rows and changes that are not folded yet, or stored past
-- rows. Reviews count within the window, and due rows from their instant on.
(
    select t.network_id, t.scope_id, t.measure, t.subject_id, t.place, t.key, t.items, t.open, t.done, t.due
    from tally t where {live} and {among:t.scope_id} and t.measure in ({1}) and t.at <= {now}
        and (t.measure <> 'review' or t.at > {days_ago:91})
    union all
    select d.network_id, d.network_id, d.measure, d.subject_id, d.place, d.key, d.items, d.open, d.done,
        case when d.at <= {now} then d.due else 0 end
    from tally_delta d where {live} and {among:d.network_id} and d.measure in ({1})
        and (d.measure <> 'review' or d.at <= {now} and d.at > {days_ago:91})
    union all
    select d.network_id, d.franchise_id, d.measure, d.subject_id, d.place, d.key, d.items, d.open, d.done,
        case when d.at <= {now} then d.due else 0 end
    from tally_delta d where {live} and {among:d.franchise_id} and d.network_id = {network}
        and d.measure in ({1}) and (d.measure <> 'review' or d.at <= {now} and d.at > {days_ago:91})
    union all
    select p.network_id, p.scope_id, p.measure, p.subject_id, p.place, p.key, p.items, p.open, p.done, p.due
    from tally_past p where not {live} and {among:p.scope_id} and p.measure in ({1})
        and p.taken_on = {taken:p.scope_id}
)
