//! The schema as text, once for both databases. Statements are separated by a line that holds only `;;`. A statement that
//! starts with `-- postgres` or `-- sqlite` runs on that database only. What differs is written as a placeholder:
//!
//! | placeholder | PostgreSQL | SQLite |
//! |---|---|---|
//! | `{id}` | uuid | blob |
//! | `{instant}` | timestamptz | text (RFC 3339, UTC) |
//! | `{date}` | date | text |
//! | `{json}` | jsonb | text |
//! | `{flag}` | boolean | integer |
//! | `{word}` | text, by code point | text |
//! | `{big}` | bigint | integer |
//! | `{strict}` | (nothing) | strict |
//! | `{new id}` | a random identifier | the same |
//! | `{null id}`, `{null text}`, `{null word}`, `{null instant}` | a null of that type | null |
//! | `{epoch}` | the instant 1970-01-01T00:00:00Z | the same |
//! | `{invoker}` | a view has its reader's rights | (nothing) |
//! | `{month x}` | the month (UTC) of a date (a column `…_on`) or instant, such as `2026-04` | the same |
//! | `{day x}` | the day (UTC) of an instant | the same |
//! | `{seconds x}` | whole seconds of an instant since 1970 | the same |
//! | `{hours after x: n}` | the instant `n` hours after `x` | the same |

/// A database's way of writing SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Postgres,
    Sqlite,
}

const PLACEHOLDERS: [(&str, &str, &str); 15] = [
    ("{id}", "uuid", "blob"),
    ("{instant}", "timestamptz", "text"),
    ("{date}", "date", "text"),
    ("{json}", "jsonb", "text"),
    ("{flag}", "boolean", "integer"),
    ("{word}", "text collate \"C\"", "text"),
    ("{big}", "bigint", "integer"),
    ("{strict}", "", "strict"),
    ("{new id}", "gen_random_uuid()", "randomblob(16)"),
    ("{null id}", "null::uuid", "null"),
    ("{null text}", "null::text", "null"),
    ("{null word}", "null::text collate \"C\"", "null"),
    ("{null instant}", "null::timestamptz", "null"),
    ("{epoch}", "timestamptz '1970-01-01T00:00:00+00:00'", "'1970-01-01T00:00:00+00:00'"),
    // a view with its owner's rights would walk around row-level security
    ("{invoker}", " with (security_invoker = true)", ""),
];

/// The statements of a text that run on a database.
pub fn statements(text: &str, dialect: Dialect) -> Vec<String> {
    let elsewhere = if dialect == Dialect::Postgres { "-- sqlite" } else { "-- postgres" };
    let statements = text.split("\n;;").map(str::trim);
    let ours = statements.filter(|statement| !statement.is_empty() && !statement.starts_with(elsewhere));
    ours.map(|statement| spell(statement, dialect)).collect()
}

fn spell(statement: &str, dialect: Dialect) -> String {
    let mut text = PLACEHOLDERS.iter().fold(statement.to_owned(), |text, (name, on_postgres, on_sqlite)| {
        text.replace(name, if dialect == Dialect::Postgres { on_postgres } else { on_sqlite })
    });
    for (name, expression) in [
        ("{month ", month as fn(&str, Dialect) -> String),
        ("{day ", day),
        ("{seconds ", seconds),
        ("{hours after ", later),
    ] {
        while let Some((before, rest)) = text.split_once(name) {
            let Some((of, after)) = rest.split_once('}') else { break };
            text = format!("{before}{}{after}", expression(of, dialect));
        }
    }
    text
}

fn month(of: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Postgres if of.ends_with("_on") => format!("to_char({of}, 'YYYY-MM')"),
        Dialect::Postgres => format!("to_char({of} at time zone 'UTC', 'YYYY-MM')"),
        Dialect::Sqlite => format!("substr({of}, 1, 7)"),
    }
}

fn day(of: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Postgres => format!("({of} at time zone 'UTC')::date"),
        Dialect::Sqlite => format!("date({of})"),
    }
}

fn seconds(of: &str, dialect: Dialect) -> String {
    match dialect {
        Dialect::Postgres => format!("floor(extract(epoch from {of}))::bigint"),
        Dialect::Sqlite => format!("unixepoch({of})"),
    }
}

fn later(of: &str, dialect: Dialect) -> String {
    let (at, hours) = of.split_once(": ").unwrap_or((of, "0"));
    match dialect {
        Dialect::Postgres => format!("{at} + make_interval(hours => {hours})"),
        Dialect::Sqlite => format!("strftime('%Y-%m-%dT%H:%M:%f+00:00', {at}, '+' || ({hours}) || ' hours')"),
    }
}

/// The statement that undoes one which creates a table, view, index, function or trigger, adds a column, or lets a column
/// be null. Rights and policies go with their table.
pub fn reverse(statement: &str, dialect: Dialect) -> Option<String> {
    if let Some(exchanged) = exchange_texts(statement) {
        return Some(exchanged);
    }
    let code = statement.lines().filter(|line| !line.starts_with("--"));
    let mut words =
        code.flat_map(|line| line.split([' ', '('])).filter(|word| !word.is_empty() && *word != "unique");
    match words.next()? {
        "create" => {
            let (kind, name) = (words.next()?, words.next()?);
            match (kind, dialect) {
                ("function", _) => Some(format!("drop function {name}()")),
                ("trigger", Dialect::Postgres) => {
                    let table = words.skip_while(|word| *word != "on").nth(1)?;
                    Some(format!("drop trigger {name} on {table}"))
                }
                ("table" | "view" | "index" | "trigger", _) => Some(format!("drop {kind} {name}")),
                _ => None,
            }
        }
        "alter" => {
            let (table, change) = (words.nth(1)?, (words.next()?, words.next()?));
            let column = words.next()?;
            match change {
                ("add", "column") => Some(format!("alter table {table} drop column {column}")),
                ("alter", "column") => {
                    Some(format!("alter table {table} alter column {column} set not null"))
                }
                _ => None,
            }
        }
        "do" => reverse_grant(statement),
        _ => None,
    }
}

/// Revokes what a statement grants the server.
fn reverse_grant(statement: &str) -> Option<String> {
    let (before, rest) = statement.split_once("    grant ")?;
    let (rights, after) = rest.split_once(" to ")?;
    Some(format!("{before}    revoke {rights} from {after}"))
}

/// SQLite lets a column be null by a replacement in the text of its table: the one of the other two texts undoes it.
fn exchange_texts(statement: &str) -> Option<String> {
    let (before, rest) = statement.split_once("set sql = replace(sql, '")?;
    let (texts, after) = rest.split_once("')")?;
    let (from, to) = texts.split_once("', '")?;
    Some(format!("{before}set sql = replace(sql, '{to}', '{from}'){after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_runs_where_its_first_line_says() {
        let text = "-- postgres\nselect {null id}\n;;\n-- sqlite\nselect {null id}\n;;\nselect 1";
        assert_eq!(statements(text, Dialect::Postgres), ["-- postgres\nselect null::uuid", "select 1"]);
        assert_eq!(statements(text, Dialect::Sqlite), ["-- sqlite\nselect null", "select 1"]);
    }

    #[test]
    fn what_is_made_can_be_undone() {
        let trigger = "-- both\ncreate trigger counts after insert or update of a, b on things\nfor each row";
        for (made, on_postgres, on_sqlite) in [
            ("create table things (", Some("drop table things"), Some("drop table things")),
            ("create unique index one on things (a)", Some("drop index one"), Some("drop index one")),
            ("create function count() returns", Some("drop function count()"), Some("drop function count()")),
            (trigger, Some("drop trigger counts on things"), Some("drop trigger counts")),
            (
                "alter table things add column a blob",
                Some("alter table things drop column a"),
                Some("alter table things drop column a"),
            ),
            (
                "alter table things alter column a drop not null",
                Some("alter table things alter column a set not null"),
                Some("alter table things alter column a set not null"),
            ),
            (
                "pragma p;\nupdate sqlite_schema set sql = replace(sql, 'a blob not null,', 'a blob,') where b",
                Some(
                    "pragma p;\nupdate sqlite_schema set sql = replace(sql, 'a blob,', 'a blob not null,') where b",
                ),
                Some(
                    "pragma p;\nupdate sqlite_schema set sql = replace(sql, 'a blob,', 'a blob not null,') where b",
                ),
            ),
            ("alter table things enable row level security;", None, None),
            ("create policy one on things", None, None),
        ] {
            assert_eq!(reverse(made, Dialect::Postgres).as_deref(), on_postgres, "{made}");
            assert_eq!(reverse(made, Dialect::Sqlite).as_deref(), on_sqlite, "{made}");
        }
    }
}
