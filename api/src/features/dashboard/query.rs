//! The selects behind a dashboard: what is asked about is a network, named as itself, or a franchise.

use crate::kernel::read::Dialect;
use std::sync::LazyLock;

/// A select as each database spells it.
struct Spelled {
    postgres: String,
    sqlite: String,
}

impl Spelled {
    fn new(text: &str) -> Spelled {
        let spell = |postgres: bool| {
            let mut out = text.to_owned();
            while let Some((before, rest)) = out.split_once("[figures ") {
                let Some((measures, after)) = rest.split_once(']') else { break };
                out = format!("{before}{}{after}", FIGURES.replace("[measures]", measures));
            }
            while let Some((before, rest)) = out.split_once("[taken ") {
                let Some((scope, after)) = rest.split_once(']') else { break };
                out = format!("{before}{}{after}", TAKEN.replace("[scope]", scope));
            }
            out = out.replace("[live]", LIVE);
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
        "to_char(least({arg:asOf}::timestamp, {now} at time zone 'UTC') - interval '12 months', 'YYYY-MM')",
        "strftime('%Y-%m', min(coalesce({arg:asOf}, date({now})), date({now})), 'start of month', '-12 months')",
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

/// Whether what is asked for is as of now. It is the same for all rows, so the database reads one of the two only.
const LIVE: &str = "({arg:asOf} is null or {arg:asOf} >= [today])";

/// The figures of some measures of the networks or franchises asked about: those folded, what is still to be folded, or
/// those put aside. Reviews count while they are in the window, and what falls due once it has.
const FIGURES: &str = "(
    select t.network_id, t.scope_id, t.measure, t.subject_id, t.place, t.key, t.items, t.open, t.done, t.due
    from tally t where [live] and {among:t.scope_id} and t.measure in ([measures]) and t.at <= {now}
        and (t.measure <> 'review' or t.at > [window])
    union all
    select d.network_id, d.network_id, d.measure, d.subject_id, d.place, d.key, d.items, d.open, d.done,
        case when d.at <= {now} then d.due else 0 end
    from tally_delta d where [live] and {among:d.network_id} and d.measure in ([measures])
        and (d.measure <> 'review' or d.at <= {now} and d.at > [window])
    union all
    select d.network_id, d.franchise_id, d.measure, d.subject_id, d.place, d.key, d.items, d.open, d.done,
        case when d.at <= {now} then d.due else 0 end
    from tally_delta d where [live] and {among:d.franchise_id} and d.network_id = {network}
        and d.measure in ([measures]) and (d.measure <> 'review' or d.at <= {now} and d.at > [window])
    union all
    select p.network_id, p.scope_id, p.measure, p.subject_id, p.place, p.key, p.items, p.open, p.done, p.due
    from tally_past p where not [live] and {among:p.scope_id} and p.measure in ([measures])
        and p.taken_on = [taken p.scope_id]
)";

/// The day whose figures are told.
const TAKEN: &str = "(
    select max(x.taken_on) from tally_past x
    where x.scope_id = [scope] and x.measure = 'total' and x.taken_on <= {arg:asOf})";

/// A network's or franchise's dashboard, unless it is of a day for which nothing was put aside.
pub fn dashboards(dialect: Dialect) -> &'static str {
    static SQL: LazyLock<Spelled> = LazyLock::new(|| {
        Spelled::new(
            "select a.scope_id, a.scope_id as id, a.network_id, case when not [live] then [taken a.scope_id] end as as_of
            from (
                select n.id as scope_id, n.id as network_id from network n where {among:n.id}
                union all
                select f.id, f.network_id from franchise f where {among:f.id}) a
            where [live] or [taken a.scope_id] is not null",
        )
    });
    SQL.of(dialect)
}

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
            "select l.network_id, l.scope_id, {} from [figures 'client', 'programme', 'work', 'review', 'drift'] l \
             group by l.network_id, l.scope_id",
            sums(&TOTALS)
        ))
    });
    SQL.of(dialect)
}

pub fn places(dialect: Dialect) -> &'static str {
    static SQL: LazyLock<Spelled> = LazyLock::new(|| {
        Spelled::new(
            "select c.*, coalesce(r.code, '') as region_code, coalesce(r.name, '') as region_name from (
                select l.scope_id, l.network_id, [key] as key, l.subject_id as region_id, l.place as position,
                    l.key as stage, cast(sum(l.items) as [big]) as clients, cast(sum(l.open) as [big]) as actions_open,
                    cast(sum(l.due) as [big]) as actions_overdue, cast(sum(l.done) as [big]) as actions_done
                from [figures 'work'] l group by l.scope_id, l.network_id, l.subject_id, l.place, l.key) c
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
            "select c.*, coalesce(t.name, '') as template, coalesce(v.number, 0) as number,
                case when c.clients >= b.minimum_clients and c.planned > 0 then c.taken / (c.planned / 100) end as pace,
                case when c.planned = 0 then 'nothing' when c.clients < b.minimum_clients then 'too_few_clients' end as withheld
            from (
                select l.scope_id, l.network_id, l.subject_id as key, {}
                from [figures 'version'] l group by l.scope_id, l.network_id, l.subject_id) c
            join benchmark_policy b on b.network_id = c.network_id
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
            "with flows as (
                select l.scope_id, l.network_id, l.key as month, {}
                from [figures 'month_started', 'month_completed', 'month_passed', 'month_met', 'month_late', 'month_missed'] l
                where l.key >= [first month] group by l.scope_id, l.network_id, l.key
            ), stocks as (
                select p.scope_id, p.network_id, [month of taken_on] as month, p.items, p.open, p.due, p.done
                from tally_past p where {{among:p.scope_id}} and p.measure = 'total'
                    and [month of taken_on] >= [first month] and p.taken_on <= coalesce({{arg:asOf}}, [today])
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
            "select c.*, (select p.name from person p where p.id = c.person_id) as name from (
                select l.scope_id, l.network_id, l.subject_id as person_id, cast(sum(l.items) as [big]) as clients,
                    cast(sum(l.open) as [big]) as actions_open
                from (
                    select t.network_id, t.scope_id, t.subject_id, t.items, t.open from tally t
                    where [live] and {among:t.scope_id} and t.measure = 'load' and t.at <= {now}
                    union all
                    select d.network_id, d.network_id, d.subject_id, d.items, d.open from tally_delta d
                    where [live] and {among:d.network_id} and d.measure = 'load' and d.at <= {now}
                    union all
                    select d.network_id, d.franchise_id, d.subject_id, d.items, d.open from tally_delta d
                    where [live] and {among:d.franchise_id} and d.network_id = {network} and d.measure = 'load'
                        and d.at <= {now}
                    union all
                    select s.network_id, s.scope_id, s.person_id, 0, s.open from (
                        select p.network_id, case w.wide when 1 then p.network_id else p.franchise_id end as scope_id,
                            a.person_id, f.open
                        from (
                            select d.whose_id, sum(d.open) as open from tally_delta d
                            where [live] and d.network_id = {network} and d.measure = 'work' and d.whose_id is not null
                            group by d.whose_id having sum(d.open) <> 0) f
                        join client_place p on p.client_id = f.whose_id and p.network_id = {network}
                            and p.status = 'active'
                        join assignment a on a.client_id = f.whose_id and a.network_id = {network}
                            and a.part in ('lead', 'co') and a.starts_at <= {now}
                            and (a.ends_at is null or a.ends_at > {now})
                        cross join (select 0 as wide union all select 1) w) s
                    where {among:s.scope_id}) l
                group by l.scope_id, l.network_id, l.subject_id having sum(l.items) <> 0) c",
        )
    });
    SQL.of(dialect)
}
