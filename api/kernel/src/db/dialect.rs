//! The differences between PostgreSQL's and SQLite's SQL, and the syntax of SQL templates.
//!
//! A template contains names in braces: `{name}`, or `{name:argument}`, whose argument can contain names. Every template can
//! contain:
//!
//! - `{ActionStatus::Accepted}`: a value of a closed enum, quoted;
//! - `{postgres:…}` and `{sqlite:…}`: SQL for one database only;
//! - the names of `Dialect::spelled`, such as `{days:due_at}`.
//!
//! Whoever fills a template defines the other names: bound values, or parts of the statement (`Template`). An unknown name
//! is left as it is.

use sea_orm::{ConnectionTrait, DbBackend, Statement, Value};
use std::{borrow::Cow, sync::OnceLock};

/// The two dialects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dialect {
    Postgres,
    Sqlite,
}

/// The SQL for a name and its argument. `None` if the name is unknown.
type Meaning<'a> = dyn FnMut(&str, &str) -> Option<String> + 'a;

impl Dialect {
    pub(crate) fn of(connection: &impl ConnectionTrait) -> Dialect {
        match connection.get_database_backend() {
            DbBackend::Postgres => Dialect::Postgres,
            _ => Dialect::Sqlite,
        }
    }

    /// The first value on PostgreSQL, the second on SQLite.
    fn pick<T>(self, postgres: T, sqlite: T) -> T {
        match self {
            Dialect::Postgres => postgres,
            Dialect::Sqlite => sqlite,
        }
    }

    /// The placeholder of the nth bound value.
    fn bound(self, at: usize) -> String {
        format!("{}{at}", self.pick('$', '?'))
    }

    /// The placeholder of the nth bound value, cast to a type on PostgreSQL.
    pub(crate) fn bound_as(self, at: usize, postgres: &str) -> String {
        let place = self.bound(at);
        self.pick(format!("{place}::{postgres}"), place)
    }

    /// Condition that `expression` is one of a bound list of IDs.
    pub(crate) fn among_ids(self, expression: &str, list: &str) -> String {
        self.pick(
            format!("{expression} = any ({list})"),
            format!("{expression} in (select unhex(value) from json_each({list}))"),
        )
    }

    /// Condition that `expression` is one of a bound list of texts.
    pub(crate) fn among_texts(self, expression: &str, list: &str) -> String {
        self.pick(
            format!("{expression} = any ({list})"),
            format!("{expression} in (select value from json_each({list}))"),
        )
    }

    /// A text in lower case, compared by code points.
    pub(crate) fn lower(self, text: &str) -> String {
        self.pick(format!("lower({text} collate \"C\")"), format!("lower({text})"))
    }

    /// The position of a fragment in a text, from 1. 0 if the text does not contain it.
    pub(crate) fn position_of(self, text: &str, fragment: &str) -> String {
        format!("{}({text}, {fragment})", self.pick("strpos", "instr"))
    }

    /// The names of all templates. `{now}` is defined by whoever fills the template.
    fn spelled(self, name: &str, about: &str) -> Option<String> {
        Some(match name {
            // full days since an instant
            "days" => {
                let seconds = self.pick(
                    format!("extract(epoch from {{now}} - {about})::bigint"),
                    format!("(unixepoch({{now}}) - unixepoch({about}))"),
                );
                format!("({seconds} / 86400)")
            }
            // the time so many days ago
            "days_ago" => {
                let days: i64 = about.parse().ok()?;
                self.pick(
                    format!("{{now}} - interval '{} hours'", 24 * days),
                    format!("strftime('%Y-%m-%dT%H:%M:%f+00:00', {{now}}, '-{days} days')"),
                )
            }
            // the present day in UTC
            "today" => self.pick("({now} at time zone 'UTC')::date", "date({now})").to_owned(),
            // the month of a day, such as 2026-03
            "month" => self.pick(format!("to_char({about}, 'YYYY-MM')"), format!("substr({about}, 1, 7)")),
            // 1970-01-01
            "epoch" => {
                self.pick("timestamptz '1970-01-01T00:00:00Z'", "'1970-01-01T00:00:00+00:00'").to_owned()
            }
            // an instant in whole seconds
            "seconds" => self
                .pick(format!("floor(extract(epoch from {about}))::bigint"), format!("unixepoch({about})")),
            // the smallest or greatest of values that are separated by semicolons
            "least" => format!("{}({})", self.pick("least", "min"), about.replace(';', ",")),
            "greatest" => format!("{}({})", self.pick("greatest", "max"), about.replace(';', ",")),
            // the integer type of a sum
            "big" => self.pick("bigint", "integer").to_owned(),
            // an ID as text
            "id_text" => self.pick(format!("{about}::text"), format!("hex({about})")),
            _ => return None,
        })
    }

    /// Replaces the names of a template.
    pub fn fill(self, template: &str, meaning: &mut Meaning<'_>) -> String {
        let mut text = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, braced)) = rest.split_once('{') {
            let Some(end) = closing(braced) else { break };
            let inside = braced.get(..end).unwrap_or_default();
            text.push_str(before);
            text.push_str(&self.meant(inside, meaning));
            rest = braced.get(end + 1..).unwrap_or_default();
        }
        text.push_str(rest);
        text
    }

    fn meant(self, inside: &str, meaning: &mut Meaning<'_>) -> String {
        if let Some(value) = entity::values().get(inside) {
            return format!("'{value}'");
        }
        let (name, about) = inside.split_once(':').unwrap_or((inside, ""));
        match (name, self) {
            ("postgres", Dialect::Postgres) | ("sqlite", Dialect::Sqlite) => {
                return self.fill(about, meaning);
            }
            ("postgres" | "sqlite", _) => return String::new(),
            _ => {}
        }
        let about = self.fill(about, meaning);
        if let Some(spelled) = self.spelled(name, &about) {
            return self.fill(&spelled, meaning);
        }
        meaning(name, &about).unwrap_or_else(|| {
            if about.is_empty() { format!("{{{name}}}") } else { format!("{{{name}:{about}}}") }
        })
    }
}

/// The position of the brace that closes the one before `text`.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open += 1,
            b'}' if open == 0 => return Some(at),
            b'}' => open -= 1,
            _ => {}
        }
    }
    None
}

/// A large statement and its parts. Names that are no parts are left as they are. Lines that begin with `--` are removed.
pub struct Template {
    text: &'static str,
    parts: Parts,
    postgres: OnceLock<String>,
    sqlite: OnceLock<String>,
}

/// The parts of a statement, by name. Parts are templates, in which `{1}`, `{2}` … are the arguments of the name, separated
/// by semicolons.
type Parts = fn(&str) -> Option<Cow<'static, str>>;

impl Template {
    pub const fn new(text: &'static str, parts: Parts) -> Template {
        Template { text, parts, postgres: OnceLock::new(), sqlite: OnceLock::new() }
    }

    /// The statement with its parts.
    pub fn of(&'static self, dialect: Dialect) -> &'static str {
        let known = dialect.pick(&self.postgres, &self.sqlite);
        known.get_or_init(|| with_parts(dialect, self.text, self.parts))
    }
}

fn with_parts(dialect: Dialect, template: &str, parts: Parts) -> String {
    let lines: Vec<&str> = template.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
    dialect.fill(&lines.join("\n"), &mut |name, about| {
        let mut part = parts(name)?.into_owned();
        for (at, value) in about.split(';').enumerate() {
            part = part.replace(&format!("{{{}}}", at + 1), value.trim());
        }
        Some(with_parts(dialect, &part, parts))
    })
}

/// A statement in the dialect of a transaction, from a template whose names are bound values. Values without a name in the
/// template are not bound.
pub(crate) fn statement(
    transaction: &impl ConnectionTrait,
    template: &str,
    values: &[(&str, Value)],
) -> Statement {
    let (sql, values) = bind(Dialect::of(transaction), template, values);
    Statement::from_sql_and_values(transaction.get_database_backend(), sql, values)
}

fn bind(dialect: Dialect, template: &str, values: &[(&str, Value)]) -> (String, Vec<Value>) {
    let mut bound: Vec<&(&str, Value)> = vec![];
    let sql = dialect.fill(template, &mut |name, _| {
        let at = bound.iter().position(|(known, _)| *known == name).or_else(|| {
            bound.push(values.iter().find(|(known, _)| *known == name)?);
            Some(bound.len() - 1)
        })?;
        Some(dialect.bound(at + 1))
    });
    (sql, bound.into_iter().map(|(_, value)| value.clone()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(dialect: Dialect, template: &str) -> String {
        dialect.fill(template, &mut |name, about| match name {
            "now" => Some("NOW".into()),
            "arg" => Some(format!("ARG({about})")),
            _ => None,
        })
    }

    #[test]
    fn names_are_filled_for_each_database() {
        for (template, postgres, sqlite) in [
            ("a = b", "a = b", "a = b"),
            ("s = {ActionStatus::Accepted}", "s = 'accepted'", "s = 'accepted'"),
            ("{arg:asOf} < {now}", "ARG(asOf) < NOW", "ARG(asOf) < NOW"),
            (
                "{days:x}",
                "(extract(epoch from NOW - x)::bigint / 86400)",
                "((unixepoch(NOW) - unixepoch(x)) / 86400)",
            ),
            (
                "{days:coalesce(x, {arg:y})}",
                "(extract(epoch from NOW - coalesce(x, ARG(y)))::bigint / 86400)",
                "((unixepoch(NOW) - unixepoch(coalesce(x, ARG(y)))) / 86400)",
            ),
            (
                "{least:a; {seconds:b}}",
                "least(a, floor(extract(epoch from b))::bigint)",
                "min(a, unixepoch(b))",
            ),
            ("{postgres:only {now}}{sqlite:else {arg:x}}", "only NOW", "else ARG(x)"),
            // an unknown name is left, with the names in its argument replaced
            (
                "{ActionStatus::Gone} {t} {among:{now}}",
                "{ActionStatus::Gone} {t} {among:NOW}",
                "{ActionStatus::Gone} {t} {among:NOW}",
            ),
            ("an { open one", "an { open one", "an { open one"),
        ] {
            assert_eq!(filled(Dialect::Postgres, template), postgres);
            assert_eq!(filled(Dialect::Sqlite, template), sqlite);
        }
    }

    #[test]
    fn only_what_is_written_is_asked_for() {
        let mut asked = vec![];
        Dialect::Sqlite.fill("{postgres:{a}}{b}", &mut |name, _| {
            asked.push(name.to_owned());
            None
        });
        assert_eq!(asked, ["b"]);
    }

    #[test]
    fn a_value_is_bound_once_and_only_if_it_is_named() {
        let values = [("now", Value::from(1_i64)), ("network", 2_i64.into()), ("last", 3_i64.into())];
        let template = "id <= {last} and at > {now} and {last} > {other}";
        let (sql, bound) = bind(Dialect::Postgres, template, &values);
        assert_eq!(sql, "id <= $1 and at > $2 and $1 > {other}");
        assert_eq!(bound, vec![Value::from(3_i64), Value::from(1_i64)]);
        assert_eq!(bind(Dialect::Sqlite, "{now}", &values).0, "?1");
    }

    #[test]
    fn a_statement_has_its_parts_in_place() {
        static SUMS: Template =
            Template::new("-- a note {on}\nselect {sum:a; b + {one}}\n", |name| match name {
                "sum" => Some("{1} + {2} + {rest}".into()),
                "rest" => Some("{epoch} {now}".into()),
                "one" => Some("1".into()),
                _ => None,
            });
        assert_eq!(SUMS.of(Dialect::Sqlite), "select a + b + 1 + '1970-01-01T00:00:00+00:00' {now}");
    }
}
