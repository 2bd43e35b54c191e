//! The maintainers' page lists every file that a noun touches. The newest small noun is counted against that list.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// The newest small noun: notes on clients.
const NOUN: &str = "client_note";
/// How files that name the noun spell it, without underscores and in small letters, and the lines of its modules.
const NAMES: [&str; 3] = ["clientnote", "mod note;", "mod notes;"];
/// What the placeholders of the page stand for.
const PLACEHOLDERS: [(&str, &str); 2] = [("<noun>", NOUN), ("<feature>", "note")];
/// The folders with sources.
const FOLDERS: [&str; 5] = ["api", "entity", "migration", "deploy", "tests"];

/// A row of the page's table.
struct Row {
    /// A path from the root, a file's name, or with a slash behind it a folder's name. `*` stands for any letters.
    pattern: String,
    is_always: bool,
}

impl Row {
    fn covers(&self, file: &str) -> bool {
        match (self.pattern.strip_suffix('/'), file.rsplit_once('/')) {
            (Some(folder), Some((folders, _))) => folders.split('/').any(|name| name == folder),
            (None, Some((_, name))) if !self.pattern.contains('/') => name == self.pattern,
            (None, _) => is_like(file, &self.pattern),
            (Some(_), None) => false,
        }
    }
}

/// Whether a path is the pattern, which has one `*` at most.
fn is_like(path: &str, pattern: &str) -> bool {
    match pattern.split_once('*') {
        Some((before, behind)) => {
            path.len() >= before.len() + behind.len() && path.starts_with(before) && path.ends_with(behind)
        }
        None => path == pattern,
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root")
}

/// The rows of the table under "Add a noun".
fn rows() -> Vec<Row> {
    let page = page();
    let (_, section) = page.split_once("\n## Add a noun\n").expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    cells
        .map(|(file, rest)| {
            let pattern =
                PLACEHOLDERS.iter().fold(file.to_owned(), |text, (from, to)| text.replace(from, to));
            Row { pattern, is_always: rest.starts_with("always |") }
        })
        .collect()
}

fn page() -> String {
    fs::read_to_string(root().join("api/README.md")).expect("api/README.md")
}

/// The files that name the noun, but for the page and this test.
fn files() -> BTreeSet<String> {
    let mut files = vec![root().join("schema.graphql")];
    for folder in FOLDERS {
        gather(&root().join(folder), &mut files);
    }
    let names_it = |file: &PathBuf| {
        let text = fs::read_to_string(file).unwrap_or_default().replace('_', "").to_lowercase();
        NAMES.iter().any(|name| text.contains(name))
    };
    let named = files.into_iter().filter(names_it);
    let shown = named.map(|file| file.strip_prefix(root()).expect("below the root").display().to_string());
    shown.filter(|file| !file.ends_with("adding_a_noun.rs") && file != "api/README.md").collect()
}

fn gather(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let is_source = ["rs", "md", "txt", "sql", "json"]
            .map(Some)
            .contains(&path.extension().and_then(|end| end.to_str()));
        if path.is_dir() && !path.ends_with("node_modules") {
            gather(&path, files);
        } else if is_source {
            files.push(path);
        }
    }
}

#[test]
fn a_noun_touches_the_files_that_the_page_lists() {
    let (rows, files) = (rows(), files());
    assert!(rows.len() > 10, "the table is read");
    let unlisted: Vec<&String> =
        files.iter().filter(|file| !rows.iter().any(|row| row.covers(file))).collect();
    assert!(unlisted.is_empty(), "{NOUN} is named in files that api/README.md does not list: {unlisted:?}");
    let untouched: Vec<&str> = rows
        .iter()
        .filter(|row| row.is_always && !files.iter().any(|file| row.covers(file)))
        .map(|row| row.pattern.as_str())
        .collect();
    assert!(untouched.is_empty(), "api/README.md lists files that do not name {NOUN}: {untouched:?}");
}

#[test]
fn a_noun_has_as_many_files_of_its_own_as_the_page_says() {
    let files = files();
    let rows: Vec<Row> = rows().into_iter().filter(|row| row.pattern.contains("note")).collect();
    let own: Vec<&String> = files.iter().filter(|file| rows.iter().any(|row| row.covers(file))).collect();
    let count = format!("{} files of its own", own.len());
    assert!(page().contains(&count), "api/README.md does not say that a noun has {count}: {own:?}");
}
