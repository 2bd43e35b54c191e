//! SQL templates: every name is defined on both databases, and values of closed enums are named, not quoted.

use super::tidy::{Source, files, refuse};
use concord::kernel::read::{
    Dialect, Plans, Shape,
    shape::{FieldKind, From, Sort},
    sql::{Build, Keyed, Param},
};
use std::{fs, path::Path};

const BOTH: [Dialect; 2] = [Dialect::Postgres, Dialect::Sqlite];

fn shapes() -> Vec<&'static Shape> {
    Plans::new(concord::schema::program().root).shapes().collect()
}

/// The templates of a shape's fields.
fn snippets(shape: &'static Shape) -> Vec<&'static str> {
    let computed = |sort: &Sort| match sort.from {
        From::Sql(sql) => Some(sql),
        From::Column(_) | From::Inner(_) => None,
    };
    let mut found = vec![];
    for field in &shape.fields {
        match &field.kind {
            FieldKind::Value { from: From::Sql(sql), .. } => found.push(*sql),
            FieldKind::Allowed(rules) => {
                found.extend(rules.iter().flat_map(|rule| &rule.conditions).map(String::as_str));
            }
            FieldKind::One { from, .. } => found.push(*from),
            FieldKind::List { from, only, order, .. } | FieldKind::First { from, only, order, .. } => {
                found.push(*from);
                found.extend(*only);
                found.extend(order.iter().filter_map(computed));
            }
            FieldKind::Connection { only, order, .. } => {
                found.extend(*only);
                found.extend(order.iter().filter_map(computed));
            }
            _ => {}
        }
    }
    found
}

fn has_braces(sql: &str) -> bool {
    sql.contains(['{', '}'])
}

#[test]
fn all_names_of_snippets_are_defined() {
    let mut templates = 0;
    for shape in shapes() {
        for snippet in snippets(shape) {
            for dialect in BOTH {
                let sql = Build::new(dialect, shape, "x".into(), 0).snippet(snippet, "x");
                assert!(!has_braces(&sql), "{}, {dialect:?}: {sql}", shape.name);
            }
            templates += usize::from(has_braces(snippet));
        }
    }
    assert!(templates > 40, "{templates} snippets were filled");
}

/// Writes the queries for PostgreSQL to the target folder's `tmp`, where `psql -f` explains them.
#[test]
fn all_names_of_queries_are_defined() {
    let mut queries = 0;
    for shape in shapes() {
        for dialect in BOTH {
            let mut build = Build::new(dialect, shape, "x".into(), 0);
            build.read_from(&Keyed::One(Param::Network));
            let Some(sql) = build.from else { continue };
            assert!(!has_braces(&sql), "{}, {dialect:?}: {sql}", shape.name);
            queries += 1;
            if dialect == Dialect::Postgres {
                let nulls = vec!["null"; build.params.len()].join(", ");
                let explain = format!(
                    "set plan_cache_mode = force_generic_plan;\nprepare query as select * from {sql} x;\n\
                     explain execute query ({nulls});\n"
                );
                let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.sql", shape.name));
                fs::write(file, explain).expect("a file");
            }
        }
    }
    assert!(queries > 10, "{queries} queries were filled");
}

#[test]
fn closed_enums_are_named_and_not_quoted() {
    let columns = ["status", "kind", "part", "cause", "reason", "metric", "polarity"];
    let tests = ["= '", "<> '", "in ('", "not in ('"];
    let words: Vec<String> =
        columns.iter().flat_map(|column| tests.map(|test| format!("{column} {test}"))).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    refuse(sources_with_sql(), &words);
}

#[test]
fn all_named_values_exist() {
    let mut named = 0;
    for source in sources_with_sql() {
        let names = source.text.split('{').filter_map(|text| Some(text.split_once('}')?.0));
        let of_enum = |name: &str| {
            name.contains("::")
                && name.starts_with(char::is_uppercase)
                && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == ':')
        };
        for name in names.filter(|name| of_enum(name)) {
            assert!(entity::values().contains_key(name), "{}: {name}", source.name);
            named += 1;
        }
    }
    assert!(named > 60, "{named} values are named");
}

fn sources_with_sql() -> Vec<Source> {
    let mut sources = files("api/src/features", "sql");
    for folder in ["api/src/features", "api/kernel/src"] {
        sources.extend(files(folder, "rs"));
    }
    // names and values in the tests are of their own
    sources.retain(|source| !source.name.ends_with("tests.rs") && !source.name.ends_with("/dialect.rs"));
    sources
}
