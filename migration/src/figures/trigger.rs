//! Triggers for both databases. On PostgreSQL a trigger is a function that tells events apart; on SQLite there is a trigger
//! for each event.

use crate::ddl::Dialect;

/// The client's row, locked for a change of what is counted of it. `[any x]` is a column of the row that changes.
pub const LOCK: &str = "perform 1 from client_pulse where client_id = [any client_id] for no key update;";
/// The client's row, locked against such changes.
pub const LOCK_SHARED: &str = "perform 1 from client_pulse where client_id = [any client_id] for share;";

/// What is done when rows of a table are inserted, updated and deleted.
pub struct Trigger<'a> {
    pub name: &'a str,
    pub table: &'a str,
    /// Columns whose changes matter.
    pub columns: &'a [&'a str],
    /// Whether rows of the table are ever deleted.
    pub deleted: bool,
    /// Which rows `[r]` matter at all; all, if empty.
    pub matters: &'a str,
    /// What PostgreSQL locks first. SQLite has one writer.
    pub lock: &'a str,
    /// Statements that count the row `[r]` times `[n]`: the old row with -1, the new one with 1.
    pub each: &'a str,
    /// Statements that follow once. `[any x]` is a column of the row.
    pub then: &'a str,
}

impl Trigger<'_> {
    /// The statements that create it.
    pub fn create(&self) -> String {
        format!("{}\n;;\n{}", self.on_postgres(), self.on_sqlite())
    }

    fn each(&self, row: &str, times: &str) -> String {
        self.each.replace("[r]", row).replace("[n]", times)
    }

    fn on_postgres(&self) -> String {
        let same =
            self.columns.iter().map(|column| format!("new.{column} is not distinct from old.{column}"));
        let same = same.collect::<Vec<_>>().join(" and ");
        let (old, new) = (self.matters.replace("[r]", "old"), self.matters.replace("[r]", "new"));
        let idle = if self.matters.is_empty() {
            String::new()
        } else {
            format!(
                "
    if (tg_op = 'INSERT' or not ({old})) and (tg_op = 'DELETE' or not ({new})) then return null; end if;"
            )
        };
        let counted = if self.each.is_empty() {
            String::new()
        } else {
            format!(
                "
    if tg_op <> 'INSERT' then{}
    end if;
    if tg_op <> 'DELETE' then{}
    end if;",
                self.each("old", "-1"),
                self.each("new", "1")
            )
        };
        let body = format!(
            "
    if tg_op = 'UPDATE' and {same} then return null; end if;{idle}
    {lock}{counted}{then}",
            lock = self.lock,
            then = self.then
        );
        let or_delete = if self.deleted { " or delete" } else { "" };
        let events =
            format!("after insert or update of {}{or_delete} on {}", self.columns.join(", "), self.table);
        function(self.name, &events, "", &any(&body, Dialect::Postgres, self.deleted))
    }

    fn on_sqlite(&self) -> String {
        let changed = self.columns.iter().map(|column| format!("new.{column} is not old.{column}"));
        let changed = changed.collect::<Vec<_>>().join(" or ");
        let (old, new) = (self.matters.replace("[r]", "old"), self.matters.replace("[r]", "new"));
        let (less, more) = (self.each("old", "-1"), self.each("new", "1"));
        let then = self.then.replace("[any ", "[new ");
        let change =
            if self.matters.is_empty() { changed } else { format!("({changed}) and ({old} or {new})") };
        let (name, table) = (self.name, self.table);
        let inserted = format!("after insert on {table}");
        let updated = format!("after update of {} on {table}", self.columns.join(", "));
        let mut made = vec![
            on_event(name, &inserted, &new, &format!("{more}{then}")),
            on_event(&format!("{name}_change"), &updated, &change, &format!("{less}{more}{then}")),
        ];
        if self.deleted {
            let then = self.then.replace("[any ", "[old ");
            let deleted = format!("after delete on {table}");
            made.push(on_event(&format!("{name}_gone"), &deleted, &old, &format!("{less}{then}")));
        }
        any(&made.join("\n;;\n"), Dialect::Sqlite, self.deleted)
    }
}

/// A trigger of one event (`after insert on client`) on both databases, which runs `body` where `when` holds (always, if
/// empty).
pub fn single(name: &str, event: &str, when: &str, lock: &str, body: &str) -> String {
    let locked = any(&format!("\n    {lock}{body}"), Dialect::Postgres, false);
    format!("{}\n;;\n{}", function(name, event, when, &locked), on_event(name, event, when, body))
}

/// A function and its trigger on PostgreSQL.
pub fn function(name: &str, events: &str, when: &str, body: &str) -> String {
    let when = if when.is_empty() { String::new() } else { format!(" when ({when})") };
    // PostgreSQL stores the row that a trigger returns before a change
    let row = if events.starts_with("before") { "new" } else { "null" };
    format!(
        "-- postgres
create function {name}() returns trigger language plpgsql as $$ begin{body}
    return {row};
end $$
;;
-- postgres
create trigger {name} {events}
for each row{when} execute function {name}()"
    )
}

/// A trigger on SQLite.
pub fn on_event(name: &str, event: &str, when: &str, body: &str) -> String {
    let when = if when.is_empty() { String::new() } else { format!("\nwhen {when}") };
    format!(
        "-- sqlite
create trigger {name} {event}{when} begin{body}
end"
    )
}

/// Fills in `[any x]`, `[new x]` and `[old x]`. Where rows are deleted, PostgreSQL has no new one.
fn any(text: &str, dialect: Dialect, deleted: bool) -> String {
    let mut out = text.to_owned();
    for row in ["any", "new", "old"] {
        let mark = format!("[{row} ");
        while let Some((before, rest)) = out.split_once(&mark) {
            let Some((column, after)) = rest.split_once(']') else { break };
            let value = match (row, dialect, deleted) {
                ("any", Dialect::Postgres, true) => format!("coalesce(new.{column}, old.{column})"),
                ("any", ..) => format!("new.{column}"),
                _ => format!("{row}.{column}"),
            };
            out = format!("{before}{value}{after}");
        }
    }
    out
}
