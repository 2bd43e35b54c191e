-- Computes all metrics of some clients. The tests compare it with a slow implementation of the definitions.
--
-- Instants are compared exactly, and durations are counted in whole seconds. The window contains an event at its first instant
-- but not at its last, and a deadline at its last instant but not at its first: the end of a day is a deadline of that day and
-- the beginning of the next day.
with {definitions},
-- The windows of each time zone.
zone as materialized (
    {postgres:select n.zone, z."endsAt" as ends_at, z."back{window}" as starts_at, z."back{year}" as year_at
    from jsonb_to_recordset({zones:asOf,{window},{year}}::jsonb) as z (zones jsonb, "endsAt" timestamptz,
        "back{window}" timestamptz, "back{year}" timestamptz)
    cross join jsonb_array_elements_text(z.zones) as n (zone)}
    {sqlite:select n.value as zone, z.value ->> 'endsAt' as ends_at, z.value ->> 'back{window}' as starts_at,
        z.value ->> 'back{year}' as year_at
    from json_each({zones:asOf,{window},{year}}) z, json_each(z.value, '$.zones') n}
),
-- The clients with their windows. One row for each client: with a join, PostgreSQL would expect as many rows as there are
-- zones, and read whole tables.
s as materialized (
    select c.id as client_id, c.network_id, z.zone, z.starts_at, z.ends_at, z.year_at
    from client c
    {postgres:cross join lateral (select * from zone where zone.zone = c.time_zone limit 1) z}
    {sqlite:join zone z on z.zone = c.time_zone}
    where {among:c.id}
),
-- The actions with baselines in the window.
counted as (
    select a.client_id, a.team_id, a.decision_id, p.decision_id as aimed_id, a.baseline_at, s.ends_at,
        case when a.status = {ActionStatus::Done} and a.closed_at < a.baseline_at then 1 else 0 end as timely,
        case when a.status = {ActionStatus::Done} and a.closed_at < s.ends_at then a.closed_at end as done_at
    from s join action a on a.client_id = s.client_id and a.baseline_at > s.starts_at and a.baseline_at <= s.ends_at
    left join priority p on p.id = a.priority_id
    where not ({mistaken})
        and not (a.status = {ActionStatus::Cancelled} and a.cancelled_by_id is not null
            and a.closed_at < a.baseline_at)
        and not exists (select 1 from programme_pause q where q.team_id = a.team_id
            and q.starts_at < a.baseline_at and (q.ends_at is null or q.ends_at >= a.baseline_at))
),
-- The age of overdue ones.
aged as (
    select client_id, age, row_number() over (partition by client_id order by age) as place,
        count(*) over (partition by client_id) as items
    from (
        select k.client_id, {worked:k.team_id; k.baseline_at; coalesce(k.done_at, k.ends_at)} as age
        from counted k where k.timely = 0) late
),
-- Decisions, and whether their actions are done: those of the decision itself and of the priorities that carry it out.
followed as (
    select client_id, id, max(done) as done from (
        select d.client_id, d.id, min(case when k.done_at is null then 0 else 1 end) as done
        from (
            select client_id, decision_id, done_at, ends_at from counted where decision_id is not null
            union all
            select client_id, aimed_id, done_at, ends_at from counted where aimed_id is not null) k
        join decision d on d.client_id = k.client_id and d.id = k.decision_id
        where d.ratified_at < k.ends_at
            and not (d.status = {DecisionStatus::Revoked} and d.ended_at < k.ends_at
                and {between:d.ratified_at; d.ended_at} <= 48 * 3600)
        group by d.client_id, d.id
        union all
        select d.client_id, d.id, 0
        from s join decision d on d.client_id = s.client_id and d.ratified_at < s.ends_at
        where not d.needs_no_action and {between:d.ratified_at; s.starts_at} < 14 * 86400
            and {worked:d.team_id; d.ratified_at; s.ends_at} >= 14 * 86400
            and (d.ended_at is null or {between:d.ratified_at; d.ended_at} >= 14 * 86400)
            and not exists (select 1 from action a where a.client_id = d.client_id and a.decision_id = d.id
                and a.first_accepted_at < s.ends_at and not ({mistaken}))
            and not exists (select 1 from priority p
                join action a on a.client_id = p.client_id and a.priority_id = p.id
                where p.client_id = d.client_id and p.decision_id = d.id
                and a.first_accepted_at < s.ends_at and not ({mistaken}))) heard
    group by client_id, id
),
-- The priorities of each team's last two closed cycles.
ended as (
    select c.id, c.client_id, c.locked_at,
        row_number() over (partition by c.team_id order by c.closed_at desc, c.id desc) as place
    from s join cycle c on c.client_id = s.client_id and c.status = {CycleStatus::Closed}
        and c.closed_at >= s.year_at and c.closed_at < s.ends_at
),
aimed as (
    select p.client_id, case when p.status = {PriorityStatus::Achieved} then 1 else 0 end as achieved,
        case when p.added_after_lock then 1 else 0 end as added,
        case when p.dropped_after_lock then 1 else 0 end as dropped
    from ended k join priority p on p.client_id = k.client_id and p.cycle_id = k.id
    where k.place <= 2 and p.committed_at is not null
        and not (p.status = {PriorityStatus::Dropped} and (p.closed_at < coalesce(k.locked_at, p.created_at)
            or {between:p.created_at; p.closed_at} <= 48 * 3600))
),
-- The disclosed results of each team's latest round that is no re-vote, weighted by ratings and rounded to 500.
heard as (
    select client_id, cast(sum(ratings) as bigint) as ratings, {weighed:level} as level,
        {weighed:agreement} as agreement,
        case when sum(ratings) is null then {MetricReason::NotEnoughRespondents} end as reason
    from (
        select r.client_id, nullif(r.ratings, 0) as ratings, r.level, r.agreement,
            row_number() over (partition by r.team_id order by r.revealed_at desc, r.id desc) as place
        from s join alignment_round r on r.client_id = s.client_id and r.revealed_at >= s.year_at
            and r.revealed_at < s.ends_at and r.revote_of_id is null) latest
    where place = 1 group by client_id
),
-- The times for which stages were open: from each opening to the passing, or until another stage of the programme was opened.
turn as (
    select e.client_id, e.team_id, e.stage_run_id, r.planned_days, s.starts_at, s.ends_at,
        {least:coalesce(p.ended_at, s.ends_at); s.ends_at} as until_at, e.at as from_at,
        (select min(n.at) from stage_run other join stage_event n on n.stage_run_id = other.id
        where other.programme_id = r.programme_id and n.at > e.at
            and (n.kind in ({StageEventKind::Passed}, {StageEventKind::Overridden}) and n.stage_run_id = e.stage_run_id
            or n.kind in ({StageEventKind::Opened}, {StageEventKind::Reopened})
                and n.stage_run_id <> e.stage_run_id)) as to_at
    from s join programme p on p.client_id = s.client_id and (p.ended_at is null or p.ended_at >= s.starts_at)
    join stage_run r on r.client_id = p.client_id and r.programme_id = p.id
    join stage_event e on e.stage_run_id = r.id
        and e.kind in ({StageEventKind::Opened}, {StageEventKind::Reopened}) and e.at < s.ends_at
),
-- Stages with the time for which they were open.
opened as (
    select t.client_id, t.stage_run_id, t.planned_days, t.starts_at, t.until_at,
        sum({worked:t.team_id; t.from_at; {least:coalesce(t.to_at, t.until_at); t.until_at}}) as seconds,
        max(t.from_at) as opened_at,
        max(case when t.to_at is null or t.to_at >= t.until_at then 1 else 0 end) as lasting,
        (select max(n.at) from stage_event n where n.stage_run_id = t.stage_run_id
            and n.kind in ({StageEventKind::Passed}, {StageEventKind::Overridden}) and n.at < t.ends_at) as passed_at
    from turn t where t.from_at < t.until_at
    group by t.client_id, t.stage_run_id, t.planned_days, t.starts_at, t.until_at, t.ends_at
),
paced as (
    select client_id, planned_days, seconds from opened
    where passed_at >= opened_at and passed_at >= starts_at
        or (passed_at is null or passed_at < opened_at) and lasting = 1 and until_at >= starts_at
            and seconds > planned_days * 86400
),
figure (client_id, metric, numerator, denominator, exact, reason) as (
    {ratio:{Metric::OnTimeActions}; timely; 1} from counted group by client_id
    union all
    select client_id, {Metric::OverdueAge}, cast(null as bigint), max(items),
        (50 * (2 * cast(sum(age) as bigint) / count(*)) + 432) / 864, null
    from aged where place in ((items + 1) / 2, (items + 2) / 2) group by client_id
    union all
    {ratio:{Metric::DecisionFollowThrough}; done; 1} from followed group by client_id
    union all
    {ratio:{Metric::OwnershipAcceptance}; hit; 1} from (
        select a.client_id, case when a.first_accepted_at is not null
            and {worked:a.team_id; a.first_offered_at; a.first_accepted_at} <= 7 * 86400 then 1 else 0 end as hit
        from s join action a on a.client_id = s.client_id and a.first_offered_at >= s.starts_at
            and a.first_offered_at < s.ends_at
        where {worked:a.team_id; a.first_offered_at; s.ends_at} >= 7 * 86400 and not ({mistaken})) offered
    group by client_id
    union all
    {ratio:{Metric::CadenceAdherence}; hit; 1} from (
        select r.client_id, case when r.status = {ReviewStatus::Met} and r.quorate then 1 else 0 end as hit
        from s join review r on r.client_id = s.client_id and r.grace_ends_at > s.starts_at
            and r.grace_ends_at <= s.ends_at
        where r.status <> {ReviewStatus::Excused} and not (r.status in ({ReviewStatus::Due}, {ReviewStatus::Missed})
            and exists (select 1 from programme_pause q where q.team_id = r.team_id
                and q.starts_at < r.grace_ends_at and (q.ends_at is null or q.ends_at > r.due_at)))) held
    group by client_id
    union all
    -- slots by their last week, `w`, with their first week, `f`
    {ratio:{Metric::CheckInCompliance}; hit; 1} from (
        select p.client_id, case when exists (select 1 from check_in i where i.client_id = p.client_id
            and i.priority_id = p.id and i.slot_on = f.starts_on and i.at < s.ends_at)
            then 1 else 0 end as hit
        from s join check_in_slot w on w.network_id = s.network_id and w.time_zone = s.zone
            and w.ends_at > s.starts_at and w.ends_at <= s.ends_at
        join priority p on p.client_id = s.client_id and w.starts_at >= p.committed_at
            and (p.closed_at is null or w.ends_at <= p.closed_at)
        left join check_in_rhythm r on r.team_id = p.team_id and r.first_week <= w.week
            and (r.last_week is null or r.last_week >= w.week)
        join check_in_slot f on f.network_id = w.network_id and f.time_zone = w.time_zone
            and f.week = w.week - coalesce((w.week - r.first_week) % r.weeks, 0) and f.starts_at >= p.committed_at
        where (r.weeks is null or w.week = r.last_week or (w.week - r.first_week + 1) % r.weeks = 0)
            and not exists (select 1 from programme_pause q where q.team_id = p.team_id and q.starts_at < w.ends_at
                and (q.ends_at is null or q.ends_at > f.starts_at))) told
    group by client_id
    union all
    {ratio:{Metric::ObstacleResolution}; hit; 1} from (
        select o.client_id, case when o.resolved_at is not null
            and {worked:o.team_id; o.raised_at; o.resolved_at} <= 30 * 86400 then 1 else 0 end as hit
        from s join obstacle o on o.client_id = s.client_id and o.raised_at < s.ends_at
        where {between:o.raised_at; s.starts_at} <= 30 * 86400
            and {worked:o.team_id; o.raised_at; s.ends_at} >= 30 * 86400) raised
    group by client_id
    union all
    {ratio:{Metric::PriorityCompletion}; achieved; 1} from aimed group by client_id
    union all
    {ratio:{Metric::PriorityChurn}; added + dropped; 1 - added} from aimed group by client_id
    union all
    select client_id, {Metric::AlignmentLevel}, (level * ratings + 5000) / 10000, ratings, level, reason from heard
    union all
    select client_id, {Metric::Agreement}, (agreement * ratings + 5000) / 10000, ratings, agreement, reason from heard
    union all
    select client_id, {Metric::StagePace}, (2 * cast(sum(seconds) as bigint) + 86400) / (2 * 86400),
        cast(sum(planned_days) as bigint), cast(null as bigint), null
    from paced group by client_id
)
-- A row for each client and metric, with the value or the reason why it is missing.
select m.*, case when m.reason is null
    then coalesce(m.exact, (20000 * m.numerator + m.denominator) / (2 * m.denominator)) end as value,
    coalesce((select v.first_id from metric_value v where v.client_id = m.client_id and v.metric = m.metric limit 1),
        m.client_id) as first_id
from (
    select s.client_id, s.network_id, d.metric, d.place, d.version, d.name, d.meaning, d.unit, d.polarity,
        coalesce(f.numerator, case when d.metric not in
            ({Metric::OverdueAge}, {Metric::AlignmentLevel}, {Metric::Agreement}) then 0 end) as numerator,
        coalesce(f.denominator, 0) as denominator, f.exact,
        case when f.reason is not null then f.reason
            when f.client_id is null and d.metric in ({Metric::AlignmentLevel}, {Metric::Agreement})
                then {MetricReason::NoneHeld}
            when coalesce(f.denominator, 0) < d.least_shown then {MetricReason::TooFew} end as reason
    from s cross join definition d
    left join figure f on f.client_id = s.client_id and f.metric = d.metric) m
