//! The selects behind a dashboard. Each begins with the networks or franchises asked for (`s`: now, or the day whose
//! figures were put aside), and adds up their figures: those folded, what is still to be folded, or those put aside.

use crate::kernel::read::Dialect;
use std::sync::LazyLock;

/// A select as each database spells it.
struct Spelled {
    postgres: String,
    sqlite: String,
}

impl Spelled {
    fn new(text: &str) -> Spelled {
        let text = text.replace("[scopes]", SCOPES);
        let spell = |postgres: bool| {
            let mut out = text.clone();
            while let Some((before, rest)) = out.split_once("[figures ") {
                let Some((measures, after)) = rest.split_once(']') else { break };
                out = format!("{before}{}{after}", FIGURES.replace("[measures]", measures));
            }
            SPELLINGS.iter().fold(out, |out, (name, on_postgres, on_sqlite)| {
                out.replace(name, if postgres { on_postgres } else { on_sqlite })
            })
        };
        Spelled { postgres: spell(true), sqlite: spell(false) }
    }
    fn of(&'static self, dialect: Dialect) -> &'static str {
        match dialect {
            Dialect::Postgres => &self.postgres,
            Dialect::Sqlite => &self.sqlite,
        }
    }
}

const SPELLINGS: [(&str, &str, &str); 7] = [
    ("[today]", "({now} at time zone 'UTC')::date", "date({now})"),
    ("[window]", "{now} - interval '2184 hours'", "strftime('%Y-%m-%dT%H:%M:%f+00:00', {now}, '-91 days')"),
    (
        "[first month]",
        "to_char(coalesce(s.past::timestamp, {now} at time zone 'UTC') - interval '12 months', 'YYYY-MM')",
        "strftime('%Y-%m', coalesce(s.past, {now}), 'start of month', '-12 months')",
    ),
    ("[month of taken_on]", "to_char(p.taken_on, 'YYYY-MM')", "substr(p.taken_on, 1, 7)"),
    (
        "[key]",
        "l.subject_id::text || ':' || l.place || ':' || l.key",
        "hex(l.subject_id) || ':' || l.place || ':' || l.key",
    ),
    ("[no date]", "null::date", "null"),
    ("[big]", "bigint", "integer"),
];

/// Who is asked about, and whether as of now or of which day.
const SCOPES: &str = "
with asked as (
    select n.id as scope_id, n.id as network_id, n.dashboard_minimum as minimum from network n where {among:n.id}
    union all
    select f.id, f.network_id, n.dashboard_minimum from franchise f join network n on n.id = f.network_id
    where {among:f.id}
), s as (
    select a.scope_id, a.network_id, a.minimum, {arg:asOf} is null or {arg:asOf} >= [today] as live,
        case when {arg:asOf} < [today] then (
            select max(p.taken_on) from tally_past p
            where p.scope_id = a.scope_id and p.measure = 'total' and p.taken_on <= {arg:asOf}) end as past
    from asked a
)";

/// Their figures of some measures. Reviews count while they are in the window, and what falls due once it has.
const FIGURES: &str = "(
    select s.scope_id, t.measure, t.subject_id, t.place, t.key, t.items, t.open, t.done, t.due
    from s join tally t on t.scope_id = s.scope_id
    where s.live and t.measure in ([measures]) and t.at <= {now} and (t.measure <> 'review' or t.at > [window])
    union all
    select s.scope_id, d.measure, d.subject_id, d.place, d.key, d.items, d.open, d.done,
        case when d.at <= {now} then d.due else 0 end
    from s join tally_delta d on d.network_id = s.network_id
    where s.live and d.measure in ([measures]) and (s.scope_id = s.network_id or d.franchise_id = s.scope_id)
        and (d.measure <> 'review' or d.at <= {now} and d.at > [window])
    union all
    select s.scope_id, p.measure, p.subject_id, p.place, p.key, p.items, p.open, p.done, p.due
    from s join tally_past p on p.scope_id = s.scope_id and p.taken_on = s.past
    where p.measure in ([measures])
)";

/// The columns of the totals: what each is called, the measure, the key, and which of the numbers.
const TOTALS: [(&str, &str, &str, &str); 21] = [
    ("clients_active", "client", "active", "items"),
    ("clients_archived", "client", "archived", "items"),
    ("programmes_planned", "programme", "planned", "items"),
    ("programmes_active", "programme", "active", "items"),
    ("programmes_paused", "programme", "paused", "items"),
    ("programmes_completed", "programme", "completed", "items"),
    ("programmes_terminated", "programme", "terminated", "items"),
    ("programmes_started", "programme", "started", "items"),
    ("programmes_stalled", "programme", "stalled", "due"),
    ("actions_open", "work", "", "open"),
    ("actions_overdue", "work", "", "due"),
    ("actions_done", "work", "", "done"),
    ("reviews_met", "review", "met", "items"),
    ("reviews_late", "review", "late", "items"),
    ("reviews_missed", "review", "missed", "items"),
    ("drift_check_ins_missed", "drift", "check_ins_missed", "items"),
    ("drift_past_baseline", "drift", "past_baseline", "items"),
    ("drift_behind", "drift", "behind", "items"),
    ("drift_redated", "drift", "redated", "items"),
    ("drift_review_gap", "drift", "review_gap", "items"),
    ("drift_agreement_down", "drift", "agreement_down", "items"),
];

/// The sums that make columns of lines.
fn sums(columns: &[(&str, &str, &str, &str)]) -> String {
    let sum = |(name, measure, key, number): &(&str, &str, &str, &str)| {
        let key = if key.is_empty() { String::new() } else { format!(" and l.key = '{key}'") };
        format!(
            "cast(coalesce(sum(l.{number}) filter (where l.measure = '{measure}'{key}), 0) as [big]) as {name}"
        )
    };
    columns.iter().map(sum).collect::<Vec<_>>().join(", ")
}

pub fn totals(dialect: Dialect) -> &'static str {
    static SQL: LazyLock<Spelled> = LazyLock::new(|| {
        Spelled::new(&format!(
            "[scopes] select s.scope_id, s.scope_id as id, s.network_id, s.past as as_of, {} from s left join \
             [figures 'client', 'programme', 'work', 'review', 'drift'] l on l.scope_id = s.scope_id \
             where s.live or s.past is not null group by s.scope_id, s.network_id, s.past",
            sums(&TOTALS)
        ))
    });
    SQL.of(dialect)
}

pub fn places(dialect: Dialect) -> &'static str {
    static SQL: LazyLock<Spelled> = LazyLock::new(|| {
        Spelled::new(
            "[scopes] select c.*, coalesce(r.code, '') as region_code, coalesce(r.name, '') as region_name from (
                select s.scope_id, s.network_id, [key] as key, l.subject_id as region_id, l.place as position,
                    l.key as stage, cast(sum(l.items) as [big]) as clients, cast(sum(l.open) as [big]) as actions_open,
                    cast(sum(l.due) as [big]) as actions_overdue, cast(sum(l.done) as [big]) as actions_done
                from s join [figures 'work'] l on l.scope_id = s.scope_id
                group by s.scope_id, s.network_id, l.subject_id, l.place, l.key) c
            left join region r on r.id = c.region_id
            where c.clients <> 0 or c.actions_open <> 0 or c.actions_overdue <> 0 or c.actions_done <> 0",
        )
    });
    SQL.of(dialect)
}

const VERSION: [(&str, &str, &str, &str); 7] = [
    ("started", "version", "started", "items"),
    ("completed", "version", "completed", "items"),
    ("terminated", "version", "terminated", "items"),
    ("passed", "version", "passed", "items"),
    ("clients", "version", "clients", "items"),
    ("planned", "version", "planned_seconds", "items"),
    ("taken", "version", "taken_seconds", "items"),
];

pub fn templates(dialect: Dialect) -> &'static str {
    static SQL: LazyLock<Spelled> = LazyLock::new(|| {
        Spelled::new(&format!(
            "[scopes] select c.*, coalesce(t.name, '') as template, coalesce(v.number, 0) as number,
                case when c.clients >= c.minimum and c.planned > 0 then c.taken / (c.planned / 100) end as pace,
                case when c.planned = 0 then 'nothing' when c.clients < c.minimum then 'too_few_clients' end as withheld
            from (
                select s.scope_id, s.network_id, s.minimum, l.subject_id as key, {}
                from s join [figures 'version'] l on l.scope_id = s.scope_id
                group by s.scope_id, s.network_id, s.minimum, l.subject_id) c
            left join template_version v on v.id = c.key left join template t on t.id = v.template_id
            where c.started <> 0 or c.terminated <> 0",
            sums(&VERSION)
        ))
    });
    SQL.of(dialect)
}

const MONTH: [(&str, &str, &str, &str); 6] = [
    ("started", "month_started", "", "items"),
    ("completed", "month_completed", "", "items"),
    ("passed", "month_passed", "", "items"),
    ("met", "month_met", "", "items"),
    ("late", "month_late", "", "items"),
    ("missed", "month_missed", "", "items"),
];

pub fn months(dialect: Dialect) -> &'static str {
    static SQL: LazyLock<Spelled> = LazyLock::new(|| {
        Spelled::new(&format!(
            "[scopes], flows as (
                select s.scope_id, s.network_id, l.key as month, {}
                from s join [figures 'month_started', 'month_completed', 'month_passed', 'month_met', 'month_late', 'month_missed'] l
                    on l.scope_id = s.scope_id
                where l.key >= [first month] group by s.scope_id, s.network_id, l.key
            ), stocks as (
                select s.scope_id, s.network_id, [month of taken_on] as month, p.items, p.open, p.due, p.done
                from s join tally_past p on p.scope_id = s.scope_id and p.measure = 'total'
                where [month of taken_on] >= [first month] and (s.live or p.taken_on <= s.past)
            )
            select m.scope_id, m.network_id, m.month, coalesce(f.started, 0) as started,
                coalesce(f.completed, 0) as completed, coalesce(f.passed, 0) as passed, coalesce(f.met, 0) as met,
                coalesce(f.late, 0) as late, coalesce(f.missed, 0) as missed, k.items as clients,
                k.open as actions_open, k.due as actions_overdue, k.done as actions_done
            from (
                select scope_id, network_id, month from flows
                where started <> 0 or completed <> 0 or passed <> 0 or met <> 0 or late <> 0 or missed <> 0
                union select scope_id, network_id, month from stocks) m
            left join flows f on f.scope_id = m.scope_id and f.month = m.month
            left join stocks k on k.scope_id = m.scope_id and k.month = m.month",
            sums(&MONTH)
        ))
    });
    SQL.of(dialect)
}

pub fn facilitators(dialect: Dialect) -> &'static str {
    static SQL: LazyLock<Spelled> = LazyLock::new(|| {
        Spelled::new(
            "[scopes] select c.*, p.name from (
                select s.scope_id, s.network_id, a.person_id, count(*) as clients,
                    cast(sum(u.actions_open) as [big]) as actions_open
                from s join client_place w on w.network_id = s.network_id
                    and (s.scope_id = s.network_id or w.franchise_id = s.scope_id) and w.status = 'active'
                join client_pulse u on u.client_id = w.client_id
                join assignment a on a.client_id = w.client_id and a.part in ('lead', 'co')
                    and a.starts_at <= {now} and (a.ends_at is null or a.ends_at > {now})
                where s.live group by s.scope_id, s.network_id, a.person_id) c
            join person p on p.id = c.person_id",
        )
    });
    SQL.of(dialect)
}
