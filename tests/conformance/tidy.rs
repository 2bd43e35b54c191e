//! The architecture's rules that no compiler checks, read off the sources.

use entity::Table;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Files may have this many lines.
const LINES: usize = 600;
/// Those that have more, and how many they may have: a list that only shrinks.
const LONGER: &[(&str, usize)] = &[];

/// The sources of the program and of the crates below it.
const CODE: &[&str] = &["api/src", "api/gate/src", "api/kernel/src", "entity/src", "migration/src", "tests"];

/// What crates do not enforce: the modules of the program among themselves.
#[test]
fn imports_go_one_way() {
    for (folder, never) in [
        // the tables of today are not those of a migration
        ("migration/src", &["ActiveModel", "EntityTrait"][..]),
        (
            "api/src/http",
            &[
                "crate::features",
                "crate::kernel",
                "crate::identity",
                "crate::app",
                "crate::pipeline",
                "sea_orm",
                "entity::",
            ],
        ),
        (
            "api/src/features",
            &["crate::http", "crate::gate", "crate::app", "crate::pipeline", "crate::jobs", "crate::seed"],
        ),
        (
            "api/src/identity",
            &["crate::features", "crate::http", "crate::app", "crate::pipeline", "crate::jobs"],
        ),
        ("api/src/jobs", &["crate::http", "crate::gate", "crate::seed"]),
    ] {
        refuse(sources(folder), never);
    }
}

#[test]
fn rules_are_pure() {
    let rules = sources("api/src/features").into_iter().filter(|source| source.name.ends_with("/rules.rs"));
    let words = [
        "async ",
        ".await",
        "async_graphql",
        "EntityTrait",
        "QueryFilter",
        "QuerySelect",
        "Caller",
        "Write",
        "Utc::now",
        "rand::",
    ];
    // the text of a message may hold any word
    let code =
        |text: &str| text.lines().map(|line| line.split('"').step_by(2).collect::<String>() + "\n").collect();
    let rules = rules.map(|source| Source { text: code(&source.text), ..source });
    refuse(rules.collect(), &words);
}

#[test]
fn axum_stays_in_http() {
    let elsewhere = sources("api/src").into_iter().filter(|source| !source.name.starts_with("api/src/http/"));
    refuse(elsewhere.collect(), &["axum::", "tower_http::"]);
}

#[test]
fn rows_are_no_graphql_objects() {
    refuse(sources("entity/src"), &["SimpleObject", "ComplexObject", "InputObject"]);
    let wrong: Vec<String> = sources("api/src/features")
        .into_iter()
        .filter(|source| source.text.contains("DeriveEntityModel"))
        .map(|source| source.name)
        .collect();
    assert!(wrong.is_empty(), "models belong to entity: {wrong:?}");
}

#[test]
fn every_table_has_a_migration() {
    let migrations: String = sources("migration/src").into_iter().map(|source| source.text).collect();
    for table in Table::ALL {
        assert!(
            migrations.contains(&format!("create table {} (", table.name())),
            "{} is never made",
            table.name()
        );
        assert!(
            migrations.contains(&format!("\"{}\", Placement::", table.name())),
            "{} has no placement",
            table.name()
        );
    }
}

#[test]
fn every_noun_tells_its_story() {
    for source in sources("api/src/features") {
        if source.name.ends_with("/mod.rs") {
            assert!(source.text.starts_with("//! "), "{} does not open with its story", source.name);
        }
    }
    for folder in CODE {
        for source in sources(folder).into_iter().filter(|source| source.name.ends_with("mod.rs")) {
            assert!(source.text.starts_with("//! "), "{} does not say what it is", source.name);
        }
    }
}

#[test]
fn files_are_of_a_readable_length() {
    let mut long = vec![];
    for folder in CODE {
        for source in sources(folder) {
            let lines = source.text.lines().count();
            let known =
                LONGER.iter().find(|(name, _)| *name == source.name).map_or(LINES, |(_, lines)| *lines);
            if lines > known && !source.name.contains("/vocabulary/") {
                long.push(format!("{} has {lines} lines", source.name));
            }
            let stem = source.name.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
            assert!(
                !["util", "utils", "helper", "helpers", "manager", "common", "misc"].contains(&stem),
                "{}",
                source.name
            );
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn tests_wait_for_things_and_not_for_time() {
    // spelt in two parts, or this file would be found
    let mut sources = sources("tests");
    // the benchmark polls a server of its own, with a deadline, and is no test
    let may = ["tests/speed", "tests/kit/waiting.rs"];
    sources.retain(|source: &Source| !may.iter().any(|may| source.name.starts_with(may)));
    refuse(sources, &[concat!("::sl", "eep"), concat!("sl", "eep_until")]);
}

pub struct Source {
    /// From the repository's root.
    pub name: String,
    pub text: String,
}

/// Fails with every line of code that holds one of the words.
pub fn refuse(sources: Vec<Source>, words: &[&str]) {
    assert!(!sources.is_empty(), "there is something to look at");
    let mut found = vec![];
    for source in &sources {
        for (number, line) in source.text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            for word in words.iter().filter(|word| code.contains(**word)) {
                found.push(format!("{}:{}: {word}: {}", source.name, number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "\n{}", found.join("\n"));
}

/// The Rust files below a folder, by their names.
pub fn sources(folder: &str) -> Vec<Source> {
    files(folder, "rs")
}

/// The files below a folder with an extension, by their names.
pub fn files(folder: &str, extension: &str) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root").to_owned();
    let mut files = vec![];
    gather(&root.join(folder), extension, &mut files);
    files.sort();
    let name = |file: &Path| file.strip_prefix(&root).expect("below the root").display().to_string();
    files
        .iter()
        .map(|file| Source { name: name(file), text: fs::read_to_string(file).expect("a text") })
        .collect()
}

fn gather(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("node_modules") {
            gather(&path, extension, files);
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
}

#[test]
fn the_operators_manual_lists_every_setting() {
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/README.md");
    let manual = std::fs::read_to_string(manual).expect("deploy/README.md");
    let table = concord::config::settings_table();
    assert!(manual.contains(&table), "the settings in deploy/README.md are not these:\n{table}");
}
