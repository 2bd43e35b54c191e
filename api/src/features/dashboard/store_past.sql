-- Stores the network's figures as those of a day ({on}), unless they are stored already. Without the measure `load`, which is
-- shown only for the present. The network's total gets a row even if all figures are zero, so that the month counts as stored.
insert into tally_past (network_id, scope_id, taken_on, measure, subject_id, place, key, items, open, done, due)
select network_id, scope_id, {on}, measure, subject_id, place, key, sum(items), sum(open), sum(done), sum(due)
from (
    select network_id, scope_id, measure, subject_id, place, key, items, open, done, due from tally
    where network_id = {network} and at <= {now} and measure <> 'load' and (measure <> 'review' or at > {window})
    union all
    select network_id, scope_id, 'total', network_id, 0, '', items, open, done, due from tally
    where network_id = {network} and measure = 'work' and at <= {now}
    union all
    select id, id, 'total', id, 0, '', 0, 0, 0, 0 from network where id = {network}) counted
where not exists (select 1 from tally_past where network_id = {network} and taken_on = {on})
group by network_id, scope_id, measure, subject_id, place, key
