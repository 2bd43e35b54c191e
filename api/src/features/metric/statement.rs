//! All metrics of some clients in one statement, for both databases. It says what the definitions say; the tests hold it
//! against an implementation that takes one client and one thing at a time.
//!
//! Instants are compared as they are, and durations are counted in whole seconds. An event counts from the first instant
//! of the window to before the last, a deadline from after the first to the last: the end of a day is a deadline of that
//! day and the beginning of the next.

use super::definition::{METRICS, WINDOW, YEAR, definition};
use crate::kernel::read::Dialect;
use entity::metric_value::{Metric, MetricPolarity, MetricUnit};
use sea_orm::ActiveEnum;
use std::sync::OnceLock;

/// What is undone within so long was never meant.
const VOID: i64 = 48 * 3600;
const DAY: i64 = 86_400;

/// The statement. `{zones:…}` and `{among:c.id}` are left to whoever runs it.
pub fn query(dialect: Dialect) -> &'static str {
    static POSTGRES: OnceLock<String> = OnceLock::new();
    static SQLITE: OnceLock<String> = OnceLock::new();
    let known = if dialect == Dialect::Postgres { &POSTGRES } else { &SQLITE };
    known.get_or_init(|| Sql(dialect).whole())
}

/// What the definitions say, a row each.
pub fn definitions() -> String {
    let rows: Vec<String> = METRICS
        .iter()
        .enumerate()
        .map(|(place, metric)| {
            let of = definition(*metric);
            let text = |text: &str| format!("'{}'", text.replace('\'', "''"));
            let decimal = |value: i64| format!("'{}.{:04}'", value / 10_000, value % 10_000);
            [
                text(&metric.to_value()),
                place.to_string(),
                of.version.to_string(),
                text(of.name),
                text(of.meaning),
                text(of.formula),
                text(&MetricUnit::to_value(&of.unit)),
                text(&MetricPolarity::to_value(&of.polarity)),
                text(&of.family.to_value()),
                decimal(of.low),
                decimal(of.high),
                of.window_days.to_string(),
                of.least_shown.to_string(),
                of.least_contributed.to_string(),
            ]
            .join(", ")
        })
        .map(|row| format!("({row})"))
        .collect();
    format!(
        "definition (metric, place, version, name, meaning, formula, unit, polarity, family, low, high, window_days, \
         least_shown, least_contributed) as (values {})",
        rows.join(", ")
    )
}

struct Sql(Dialect);

impl Sql {
    fn whole(&self) -> String {
        let (actions, decisions) = (self.actions(), self.decisions());
        let (aims, alignment, stages) = (self.aims(), self.alignment(), self.stages());
        let (acceptance, reviews, check_ins, obstacles) =
            (self.acceptance(), self.reviews(), self.check_ins(), self.obstacles());
        let name = |metric: Metric| format!("'{}'", metric.to_value());
        let counted = |from: &str, metric, numerator: &str, denominator: &str| {
            let figure = name(metric);
            format!(
                "select client_id, {figure}, cast(sum({numerator}) as bigint), cast(sum({denominator}) as bigint), \
                 cast(null as bigint), null from {from} group by client_id"
            )
        };
        let figures = [
            counted("counted", Metric::OnTimeActions, "timely", "1"),
            format!(
                "select client_id, {}, cast(null as bigint), max(items), \
                 (50 * (2 * cast(sum(age) as bigint) / count(*)) + 432) / 864, null from aged \
                 where place in ((items + 1) / 2, (items + 2) / 2) group by client_id",
                name(Metric::OverdueAge)
            ),
            counted("followed", Metric::DecisionFollowThrough, "done", "1"),
            counted(&acceptance, Metric::OwnershipAcceptance, "hit", "1"),
            counted(&reviews, Metric::CadenceAdherence, "hit", "1"),
            counted(&check_ins, Metric::CheckInCompliance, "hit", "1"),
            counted(&obstacles, Metric::ObstacleResolution, "hit", "1"),
            counted("aimed", Metric::PriorityCompletion, "achieved", "1"),
            counted("aimed", Metric::PriorityChurn, "added + dropped", "1 - added"),
            format!("select client_id, {}, (level * ratings + 5000) / 10000, ratings, level, reason from heard", name(Metric::AlignmentLevel)),
            format!("select client_id, {}, (agreement * ratings + 5000) / 10000, ratings, agreement, reason from heard", name(Metric::Agreement)),
            format!(
                "select client_id, {}, (2 * cast(sum(seconds) as bigint) + {DAY}) / {}, \
                 cast(sum(planned_days) as bigint), cast(null as bigint), null from paced group by client_id",
                name(Metric::StagePace),
                2 * DAY
            ),
        ]
        .join(" union all ");
        let (scope, definitions, result) = (self.scope(), definitions(), self.result());
        format!(
            "with {definitions}, {scope}, {actions}, {decisions}, {aims}, {alignment}, {stages}, \
             figure (client_id, metric, numerator, denominator, exact, reason) as ({figures}) {result}"
        )
    }

    /// The clients, each with its window.
    fn scope(&self) -> String {
        let zones = format!("{{zones:asOf,{WINDOW},{YEAR}}}");
        let zone = match self.0 {
            Dialect::Postgres => format!(
                "select n.zone, z.\"endsAt\" as ends_at, z.\"back{WINDOW}\" as starts_at, z.\"back{YEAR}\" as year_at \
                 from jsonb_to_recordset({zones}::jsonb) as z (zones jsonb, \"endsAt\" timestamptz, \
                 \"back{WINDOW}\" timestamptz, \"back{YEAR}\" timestamptz) \
                 cross join jsonb_array_elements_text(z.zones) as n (zone)"
            ),
            Dialect::Sqlite => format!(
                "select n.value as zone, z.value ->> 'endsAt' as ends_at, z.value ->> 'back{WINDOW}' as starts_at, \
                 z.value ->> 'back{YEAR}' as year_at from json_each({zones}) z, json_each(z.value, '$.zones') n"
            ),
        };
        // one row for each client: PostgreSQL would take a join for as many as there are zones, and read whole tables
        let found = match self.0 {
            Dialect::Postgres => {
                "cross join lateral (select * from zone where zone.zone = c.time_zone limit 1) z"
            }
            Dialect::Sqlite => "join zone z on z.zone = c.time_zone",
        };
        format!(
            "zone as materialized ({zone}), s as materialized (select c.id as client_id, c.network_id, z.zone, z.starts_at, \
             z.ends_at, z.year_at from client c {found} where {{among:c.id}})"
        )
    }

    /// What was promised for the window, and how late the late of it is.
    fn actions(&self) -> String {
        let void = self.void("a", "a.first_offered_at");
        let age = self.worked("k.team_id", "k.baseline_at", "coalesce(k.done_at, k.ends_at)");
        format!(
            "counted as (select a.client_id, a.team_id, a.decision_id, a.baseline_at, s.ends_at, \
             case when a.status = 'done' and a.closed_at < a.baseline_at then 1 else 0 end as timely, \
             case when a.status = 'done' and a.closed_at < s.ends_at then a.closed_at end as done_at \
             from s join action a on a.client_id = s.client_id and a.baseline_at > s.starts_at \
             and a.baseline_at <= s.ends_at where not ({void}) \
             and not (a.status = 'cancelled' and a.cancelled_by_id is not null and a.closed_at < a.baseline_at) \
             and not exists (select 1 from programme_pause q where q.team_id = a.team_id \
             and q.starts_at < a.baseline_at and (q.ends_at is null or q.ends_at >= a.baseline_at))), \
             aged as (select client_id, age, row_number() over (partition by client_id order by age) as place, \
             count(*) over (partition by client_id) as items \
             from (select k.client_id, {age} as age from counted k where k.timely = 0) late)"
        )
    }

    /// Decisions, and whether what they called for is done.
    fn decisions(&self) -> String {
        let void = self.void("a", "a.first_offered_at");
        let since = |instant: &str| self.between("d.ratified_at", instant);
        let (before, ended) = (since("s.starts_at"), since("d.ended_at"));
        let worked = self.worked("d.team_id", "d.ratified_at", "s.ends_at");
        let fortnight = 14 * DAY;
        format!(
            "followed as (select client_id, id, max(done) as done from ( \
             select d.client_id, d.id, min(case when k.done_at is null then 0 else 1 end) as done \
             from counted k join decision d on d.client_id = k.client_id and d.id = k.decision_id \
             where d.ratified_at < k.ends_at \
             and not (d.status = 'revoked' and d.ended_at < k.ends_at and {ended} <= {VOID}) \
             group by d.client_id, d.id union all \
             select d.client_id, d.id, 0 from s join decision d on d.client_id = s.client_id \
             and d.ratified_at < s.ends_at where {before} < {fortnight} and {worked} >= {fortnight} \
             and (d.ended_at is null or {ended} >= {fortnight}) \
             and not exists (select 1 from action a where a.client_id = d.client_id and a.decision_id = d.id \
             and a.first_accepted_at < s.ends_at and not ({void}))) heard group by client_id, id)"
        )
    }

    fn acceptance(&self) -> String {
        let void = self.void("a", "a.first_offered_at");
        let taken = self.worked("a.team_id", "a.first_offered_at", "a.first_accepted_at");
        let waited = self.worked("a.team_id", "a.first_offered_at", "s.ends_at");
        let week = 7 * DAY;
        format!(
            "(select a.client_id, case when a.first_accepted_at is not null and {taken} <= {week} then 1 else 0 end as hit \
             from s join action a on a.client_id = s.client_id and a.first_offered_at >= s.starts_at \
             and a.first_offered_at < s.ends_at where {waited} >= {week} and not ({void})) offered"
        )
    }

    fn reviews(&self) -> String {
        "(select r.client_id, case when r.status = 'met' and r.quorate then 1 else 0 end as hit \
         from s join review r on r.client_id = s.client_id and r.grace_ends_at > s.starts_at \
         and r.grace_ends_at <= s.ends_at where r.status <> 'excused' and not (r.status in ('due', 'missed') \
         and exists (select 1 from programme_pause q where q.team_id = r.team_id and q.starts_at < r.grace_ends_at \
         and (q.ends_at is null or q.ends_at > r.due_at)))) held"
            .to_owned()
    }

    /// Slots by their last weeks, `w`, each with its first, `f`.
    fn check_ins(&self) -> String {
        "(select p.client_id, case when exists (select 1 from check_in i where i.client_id = p.client_id \
         and i.priority_id = p.id and i.slot_on = f.starts_on and i.by_owner and i.at < s.ends_at) then 1 else 0 end as hit \
         from s join check_in_slot w on w.network_id = s.network_id and w.time_zone = s.zone \
         and w.ends_at > s.starts_at and w.ends_at <= s.ends_at \
         join priority p on p.client_id = s.client_id and w.starts_at >= p.committed_at \
         and (p.closed_at is null or w.ends_at <= p.closed_at) \
         left join check_in_rhythm r on r.team_id = p.team_id and r.first_week <= w.week \
         and (r.last_week is null or r.last_week >= w.week) \
         join check_in_slot f on f.network_id = w.network_id and f.time_zone = w.time_zone \
         and f.week = w.week - coalesce((w.week - r.first_week) % r.weeks, 0) and f.starts_at >= p.committed_at \
         where (r.weeks is null or w.week = r.last_week or (w.week - r.first_week + 1) % r.weeks = 0) \
         and not exists (select 1 from programme_pause q where q.team_id = p.team_id and q.starts_at < w.ends_at \
         and (q.ends_at is null or q.ends_at > f.starts_at))) told"
            .to_owned()
    }

    fn obstacles(&self) -> String {
        let taken = self.worked("o.team_id", "o.raised_at", "o.resolved_at");
        let waited = self.worked("o.team_id", "o.raised_at", "s.ends_at");
        let before = self.between("o.raised_at", "s.starts_at");
        let month = 30 * DAY;
        format!(
            "(select o.client_id, case when o.resolved_at is not null and {taken} <= {month} then 1 else 0 end as hit \
             from s join obstacle o on o.client_id = s.client_id and o.raised_at < s.ends_at \
             where {before} <= {month} and {waited} >= {month}) raised"
        )
    }

    /// The priorities of each team's last two closed cycles.
    fn aims(&self) -> String {
        let made = self.between("p.created_at", "p.closed_at");
        format!(
            "ended as (select c.id, c.client_id, c.locked_at, \
             row_number() over (partition by c.team_id order by c.closed_at desc, c.id desc) as place \
             from s join cycle c on c.client_id = s.client_id and c.status = 'closed' and c.closed_at >= s.year_at \
             and c.closed_at < s.ends_at), \
             aimed as (select p.client_id, case when p.status = 'achieved' then 1 else 0 end as achieved, \
             case when p.added_after_lock then 1 else 0 end as added, \
             case when p.dropped_after_lock then 1 else 0 end as dropped \
             from ended k join priority p on p.client_id = k.client_id and p.cycle_id = k.id \
             where k.place <= 2 and p.committed_at is not null and not (p.status = 'dropped' \
             and (p.closed_at < coalesce(k.locked_at, p.created_at) or {made} <= {VOID})))"
        )
    }

    /// What each team's latest round told, weighed by ratings, to the nearest 500 again.
    fn alignment(&self) -> String {
        let mean = |figure: &str| {
            format!(
                "((2 * cast(sum({figure} * ratings) as bigint) + cast(sum(ratings) as bigint)) \
                 / (2 * cast(sum(ratings) as bigint)) + 250) / 500 * 500"
            )
        };
        let (level, agreement) = (mean("level"), mean("agreement"));
        format!(
            "heard as (select client_id, cast(sum(ratings) as bigint) as ratings, {level} as level, \
             {agreement} as agreement, case when sum(ratings) is null then 'not_enough_respondents' end as reason \
             from (select r.client_id, nullif(r.ratings, 0) as ratings, r.level, r.agreement, \
             row_number() over (partition by r.team_id order by r.revealed_at desc, r.id desc) as place \
             from s join alignment_round r on r.client_id = s.client_id and r.revealed_at >= s.year_at \
             and r.revealed_at < s.ends_at) latest where place = 1 group by client_id)"
        )
    }

    /// Stages, with the time for which they were open: each time from its opening to its passing, or until another stage
    /// of the programme was opened in its place.
    fn stages(&self) -> String {
        let until = self.least("coalesce(t.to_at, t.until_at)", "t.until_at");
        let open = self.worked("t.team_id", "t.from_at", &until);
        let over = self.least("coalesce(p.ended_at, s.ends_at)", "s.ends_at");
        format!(
            "turn as (select e.client_id, e.team_id, e.stage_run_id, r.planned_days, s.starts_at, s.ends_at, \
             {over} as until_at, e.at as from_at, \
             (select min(n.at) from stage_run other join stage_event n on n.stage_run_id = other.id \
             where other.programme_id = r.programme_id and n.at > e.at \
             and (n.kind in ('passed', 'overridden') and n.stage_run_id = e.stage_run_id \
             or n.kind in ('opened', 'reopened') and n.stage_run_id <> e.stage_run_id)) as to_at \
             from s join programme p on p.client_id = s.client_id and (p.ended_at is null or p.ended_at >= s.starts_at) \
             join stage_run r on r.client_id = p.client_id and r.programme_id = p.id \
             join stage_event e on e.stage_run_id = r.id and e.kind in ('opened', 'reopened') and e.at < s.ends_at), \
             opened as (select t.client_id, t.stage_run_id, t.planned_days, t.starts_at, t.until_at, \
             sum({open}) as seconds, max(t.from_at) as opened_at, \
             max(case when t.to_at is null or t.to_at >= t.until_at then 1 else 0 end) as lasting, \
             (select max(n.at) from stage_event n where n.stage_run_id = t.stage_run_id \
             and n.kind in ('passed', 'overridden') and n.at < t.ends_at) as passed_at \
             from turn t where t.from_at < t.until_at \
             group by t.client_id, t.stage_run_id, t.planned_days, t.starts_at, t.until_at, t.ends_at), \
             paced as (select client_id, planned_days, seconds from opened \
             where passed_at >= opened_at and passed_at >= starts_at \
             or (passed_at is null or passed_at < opened_at) and lasting = 1 and until_at >= starts_at \
             and seconds > planned_days * {DAY})"
        )
    }

    /// A row for each client and metric, with its value or why there is none.
    fn result(&self) -> String {
        "select m.*, case when m.reason is null \
         then coalesce(m.exact, (20000 * m.numerator + m.denominator) / (2 * m.denominator)) end as value, \
         coalesce((select v.first_id from metric_value v where v.client_id = m.client_id and v.metric = m.metric limit 1), \
         m.client_id) as first_id \
         from (select s.client_id, s.network_id, d.metric, d.place, d.version, d.name, d.meaning, d.unit, d.polarity, \
         coalesce(f.numerator, case when d.metric not in ('overdue_age', 'alignment_level', 'agreement') then 0 end) \
         as numerator, coalesce(f.denominator, 0) as denominator, f.exact, \
         case when f.reason is not null then f.reason \
         when f.client_id is null and d.metric in ('alignment_level', 'agreement') then 'none_held' \
         when coalesce(f.denominator, 0) < d.least_shown then 'too_few' end as reason \
         from s cross join definition d \
         left join figure f on f.client_id = s.client_id and f.metric = d.metric) m"
            .to_owned()
    }

    /// Whether an item was cancelled so soon, by the window's end, that it was never meant.
    fn void(&self, item: &str, made: &str) -> String {
        let after = self.between(made, &format!("{item}.closed_at"));
        format!("{item}.status = 'cancelled' and {item}.closed_at < ends_at and {after} <= {VOID}")
    }

    /// An instant in whole seconds.
    fn seconds(&self, instant: &str) -> String {
        match self.0 {
            Dialect::Postgres => format!("floor(extract(epoch from {instant}))::bigint"),
            Dialect::Sqlite => format!("unixepoch({instant})"),
        }
    }

    fn between(&self, from: &str, to: &str) -> String {
        format!("({} - {})", self.seconds(to), self.seconds(from))
    }

    /// The seconds between two instants in which a team's programme was not paused.
    fn worked(&self, team: &str, from: &str, to: &str) -> String {
        let ends = self.least(
            &format!("coalesce({}, {})", self.seconds("q.ends_at"), self.seconds(to)),
            &self.seconds(to),
        );
        let starts = self.greatest(&self.seconds("q.starts_at"), &self.seconds(from));
        let between = self.between(from, to);
        format!(
            "({between} - coalesce((select cast(sum({ends} - {starts}) as bigint) from programme_pause q \
             where q.team_id = {team} and q.starts_at < {to} and (q.ends_at is null or q.ends_at > {from})), 0))"
        )
    }

    fn least(&self, one: &str, other: &str) -> String {
        let name = if self.0 == Dialect::Postgres { "least" } else { "min" };
        format!("{name}({one}, {other})")
    }

    fn greatest(&self, one: &str, other: &str) -> String {
        let name = if self.0 == Dialect::Postgres { "greatest" } else { "max" };
        format!("{name}({one}, {other})")
    }
}
