//! The figures of each client: `client_pulse`, `client_due` and `client_drift`.

use super::{
    COMPUTED, Computed, FIGURES, Figure, Kept,
    network::WORK_ON_POSTGRES,
    trigger::{LOCK, Trigger, function, on_event, single},
};
use crate::ddl::Dialect;

/// The tables whose rows count for the client's row of `client_pulse`, with the columns that are watched, and whether rows
/// are ever deleted.
const SOURCES: [(&str, &[&str], bool); 5] = [
    ("action", &["status", "due_at"], false),
    ("priority", &["status"], false),
    ("session", &["status", "starts_at"], false),
    ("stage_run", &["status"], true),
    ("programme", &["status"], false),
];

/// A client's row, which all its figures need.
const ROW: &str = "
    insert into client_pulse (
        client_id, network_id, stages_total, stages_passed, actions_offered, actions_open, actions_done,
        actions_declined, actions_cancelled, priorities_committed, priorities_achieved, sessions_held)
    values (new.id, new.network_id, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);";

/// Triggers that keep the figures, but those of paused teams.
pub fn pulses() -> Vec<String> {
    let mut made = vec![single("pulse_client", "after insert on client", "", "", ROW)];
    for (table, columns, deleted) in SOURCES {
        made.push(pulse_on_postgres(table, columns, deleted));
        made.extend(pulse_on_sqlite(table, columns, deleted));
    }
    for figure in FIGURES.iter().filter(|figure| figure.kept == Kept::Drift) {
        let drift = Trigger {
            name: &format!("pulse_{}", figure.source),
            table: figure.source,
            columns: &["status"],
            deleted: false,
            matters: &figure.condition(),
            lock: LOCK,
            each: &figure.count(),
            then: "",
        };
        made.push(drift.create());
    }
    made
}

/// Triggers that keep the figures of paused teams: with every change of a row, and of all rows of a team when its programme
/// is paused or goes on.
pub fn pauses() -> Vec<String> {
    let mut made = vec![];
    let mut all = String::new();
    for figure in FIGURES.iter().filter(|figure| figure.paused) {
        let Kept::Due(_, at) = figure.kept else { continue };
        let rest = Trigger {
            name: &format!("resting_{}", figure.source),
            table: figure.source,
            columns: &["status", at],
            deleted: false,
            matters: &figure.condition(),
            // those named `pulse_…` come before and lock it
            lock: "",
            each: &figure.count(),
            then: "",
        };
        made.push(rest.create());
        all.push_str(&figure.count_team());
    }
    let (added, paused) = ("after insert on programme", "new.status = 'paused'");
    made.push(single("resting_programme", added, paused, LOCK, &all));
    let (changed, either) =
        ("after update of status on programme", "(new.status = 'paused') <> (old.status = 'paused')");
    made.push(single("resting_programme_change", changed, either, LOCK, &all));
    made
}

impl Figure {
    /// The table that keeps it in rows, with the columns of its key, a constant for the first of them, and the column of the
    /// source for the last.
    fn rows(&self) -> Option<(&'static str, &'static str, String, &'static str)> {
        match self.kept {
            Kept::Column(_) => None,
            Kept::Due(kind, at) => Some(("client_due", "kind, at", format!("'{kind}', "), at)),
            Kept::Drift => Some(("client_drift", "cause", String::new(), "cause")),
        }
    }

    /// Counts the row `[r]` times `[n]`, if it counts.
    fn count(&self) -> String {
        let Some((table, key, constant, column)) = self.rows() else { return String::new() };
        format!(
            "
    insert into {table} (client_id, network_id, {key}, items)
        select [r].client_id, [r].network_id, {constant}[r].{column}, [n] where {}
        on conflict (client_id, {key}) do update set items = {table}.items + excluded.items;",
            self.condition()
        )
    }

    /// Counts all rows of the team of the programme `new` when it is paused, and takes them back when it goes on.
    fn count_team(&self) -> String {
        let Some((table, key, constant, column)) = self.rows() else { return String::new() };
        let all = Figure { paused: false, ..*self };
        format!(
            "
    insert into {table} (client_id, network_id, {key}, items)
        select w.client_id, w.network_id, {constant}w.{column}, case new.status when 'paused' then 1 else -1 end * count(*)
        from {source} w where w.team_id = new.team_id and {condition} group by w.client_id, w.network_id, w.{column}
        on conflict (client_id, {key}) do update set items = {table}.items + excluded.items;",
            source = self.source,
            condition = all.condition().replace("[r]", "w"),
        )
    }
}

fn counts_of(table: &'static str) -> impl Iterator<Item = (&'static Figure, &'static str)> {
    FIGURES.iter().filter(move |figure| figure.source == table).filter_map(|figure| match figure.kept {
        Kept::Column(column) => Some((figure, column)),
        _ => None,
    })
}

fn dues_of(table: &'static str) -> impl Iterator<Item = &'static Figure> {
    let due = |figure: &&Figure| !figure.paused && matches!(figure.kept, Kept::Due(..));
    FIGURES.iter().filter(move |figure| figure.source == table).filter(due)
}

/// Updates the client's row for a row of a table that is new or (`old`) changes.
fn update(table: &'static str, client: &str, dialect: Dialect, (new, old): (bool, bool)) -> String {
    let counts = counts_of(table).map(|(figure, column)| {
        let condition = |row: &str| figure.condition().replace("[r]", row);
        let mut sum = column.to_owned();
        match dialect {
            // one statement for every event: a row that is not there is null
            Dialect::Postgres => {
                sum = format!(
                    "{sum} + coalesce(({})::int, 0) - coalesce(({})::int, 0)",
                    condition("new"),
                    condition("old")
                );
            }
            Dialect::Sqlite => {
                for (there, sign, row) in [(new, '+', "new"), (old, '-', "old")] {
                    if there {
                        sum = format!("{sum} {sign} ({})", condition(row));
                    }
                }
            }
        }
        format!("{column} = {sum}")
    });
    let computed = COMPUTED.iter().filter(|computed| computed.sources.contains(&table));
    let computed = computed.map(|Computed { column, select, .. }| format!("{column} = ({select})"));
    let set: Vec<String> = counts.chain(computed).collect();
    let set = set.join(",\n        ").replace("[client]", client);
    format!(
        "
    update client_pulse set
        {set}
    where client_id = {client};"
    )
}

/// A due count is a statement, which PostgreSQL is spared where a row does not count: it is most of what writes cost.
fn pulse_on_postgres(table: &'static str, columns: &[&str], deleted: bool) -> String {
    let same: Vec<String> =
        columns.iter().map(|column| format!("new.{column} is not distinct from old.{column}")).collect();
    let client = if deleted { "coalesce(new.client_id, old.client_id)" } else { "new.client_id" };
    let mut body = format!("\n    if tg_op = 'UPDATE' and {} then return null; end if;", same.join(" and "));
    body.push_str(&update(table, client, Dialect::Postgres, (true, true)));
    for due in dues_of(table) {
        for (event, row, times) in [("tg_op = 'UPDATE' and ", "old", "-1"), ("", "new", "1")] {
            let condition = format!("{event}{}", due.condition().replace("[r]", row));
            let count = due.count().replace("[r]", row).replace("[n]", times);
            body.push_str(&format!("\n    if {condition} then{count}\n    end if;"));
        }
    }
    if table == "action" {
        body.push_str(WORK_ON_POSTGRES);
    }
    let or_delete = if deleted { " or delete" } else { "" };
    let events = format!("after insert or update of {}{or_delete} on {table}", columns.join(", "));
    function(&format!("pulse_{table}"), &events, "", &body)
}

fn pulse_on_sqlite(table: &'static str, columns: &[&str], deleted: bool) -> Vec<String> {
    let changed: Vec<String> =
        columns.iter().map(|column| format!("new.{column} is not old.{column}")).collect();
    let dues = |row: &str, times: &str| -> String {
        dues_of(table).map(|due| due.count().replace("[r]", row).replace("[n]", times)).collect()
    };
    let name = format!("pulse_{table}");
    let set = |client: &str, rows| update(table, client, Dialect::Sqlite, rows);
    let added = set("new.client_id", (true, false)) + &dues("new", "1");
    let changes = set("new.client_id", (true, true)) + &dues("old", "-1") + &dues("new", "1");
    let (inserted, deletion) = (format!("after insert on {table}"), format!("after delete on {table}"));
    let updated = format!("after update of {} on {table}", columns.join(", "));
    let mut made = vec![
        on_event(&name, &inserted, "", &added),
        on_event(&format!("{name}_change"), &updated, &changed.join(" or "), &changes),
    ];
    if deleted {
        let gone = set("old.client_id", (false, true)) + &dues("old", "-1");
        made.push(on_event(&format!("{name}_gone"), &deletion, "", &gone));
    }
    made
}

/// Clients whose row of `client_pulse` is not what their rows come to.
pub fn wrong_pulses() -> String {
    let counts = FIGURES.iter().filter_map(|figure| match figure.kept {
        Kept::Column(column) => Some(format!(
            "p.{column} <> (select count(*) from {} r where r.client_id = c.id and {})",
            figure.source,
            figure.condition().replace("[r]", "r")
        )),
        _ => None,
    });
    let computed = COMPUTED.iter().map(|Computed { column, select, .. }| {
        format!("p.{column} is distinct from ({})", select.replace("[client]", "c.id"))
    });
    let wrong: Vec<String> = counts.chain(computed).collect();
    format!(
        "select c.id from client c left join client_pulse p on p.client_id = c.id
        where p.client_id is null or p.network_id <> c.network_id or {}",
        wrong.join("\n            or ")
    )
}

/// Due counts that differ from their rows, in either direction.
pub fn wrong_dues() -> String {
    wrong_rows("client_due", "kind, at")
}

/// Counts of drift signals that differ from the signals, in either direction.
pub fn wrong_drifts() -> String {
    wrong_rows("client_drift", "cause")
}

fn wrong_rows(table: &str, key: &str) -> String {
    let mut both = vec![format!("select client_id, {key}, items from {table}")];
    for figure in FIGURES {
        if let Some((_, _, constant, column)) = figure.rows().filter(|(store, ..)| *store == table) {
            both.push(format!(
                "select r.client_id, {constant}r.{column}, -count(*) from {source} r where {condition}
        group by r.client_id, r.{column}",
                source = figure.source,
                condition = figure.condition().replace("[r]", "r"),
            ));
        }
    }
    format!(
        "select client_id, {key}, sum(items) from ({}) both_sides group by client_id, {key} having sum(items) <> 0",
        both.join("\n        union all\n        ")
    )
}
