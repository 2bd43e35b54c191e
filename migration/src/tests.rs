//! What is fixed of the steps: their order, and what each runs on either database.

use super::{Fit, STEPS, ddl::Dialect, fit};
use sea_orm_migration::MigrationName;
use sha2::{Digest, Sha256};
use std::{fs, path::Path};

#[test]
fn steps_are_only_appended() {
    let lock = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations.lock");
    let lock = fs::read_to_string(lock).expect("migrations.lock");
    let locked: Vec<&str> = lock.lines().filter(|line| !line.starts_with('#')).collect();
    let steps: Vec<String> = STEPS
        .iter()
        .map(|step| {
            let run =
                [Dialect::Postgres, Dialect::Sqlite].map(|dialect| step.statements(dialect).join("\n;;\n"));
            format!("{} {}", step.name(), hex::encode(Sha256::digest(run.join("\n;;\n"))))
        })
        .collect();
    for (number, line) in locked.iter().enumerate() {
        let name = line.split(' ').next().unwrap_or_default();
        let now = steps.get(number).map_or("nothing", String::as_str);
        assert!(
            now.split(' ').next() == Some(name),
            "{name} is not where it was, but {now}: append a new migration instead of changing their order"
        );
        assert_eq!(
            now, *line,
            "{name} runs other statements: append a new migration instead of changing this one"
        );
    }
    let new = steps.get(locked.len()..).unwrap_or_default();
    assert!(new.is_empty(), "add what is new to migration/migrations.lock:\n{}", new.join("\n"));
}

#[test]
fn a_database_fits_or_does_not() {
    let names =
        |count: usize| STEPS.iter().take(count).map(|step| step.name().to_owned()).collect::<Vec<_>>();
    let with = |more: &str| [names(STEPS.len()), vec![more.to_owned()]].concat();
    assert_eq!(fit(&names(STEPS.len())), Fit::Exact);
    assert_eq!(fit(&names(2)), Fit::Behind(STEPS.len() - 2));
    assert_eq!(fit(&[]), Fit::Behind(STEPS.len()));
    assert_eq!(fit(&with("m9999_later")), Fit::Ahead(1));
    assert_eq!(fit(&["m20261101_000001_identity".to_owned()]), Fit::Unreleased);
    assert_eq!(fit(&with("m20261101_000001_identity")), Fit::Unreleased);
}
