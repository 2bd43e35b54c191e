//! The examples of the documents, as they are printed: every `sh` block of the README and of the three manuals runs
//! against a demo, in order, and prints what the block behind it shows.

use crate::kit::{self, Process};
use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
};
use tokio::process::Command;

const DOCUMENTS: [&str; 4] = ["README.md", "api/README.md", "api/MANUAL.md", "deploy/README.md"];
/// Most lines of the README, so that it stays an entrance.
const README_LINES: usize = 250;
/// Where the documents say that the demo is.
const PRINTED_ADDRESS: &str = "127.0.0.1:8080";
/// What the shell prints behind each block.
const END: &str = "<<< the end of a block >>>";

/// The `console` blocks, by document and first line. They are not run: they build, install, or need Docker, PostgreSQL
/// or a server that is no demo.
const NOT_RUN: [(&str, &str); 8] = [
    ("README.md", "cargo run -- demo"),
    ("deploy/README.md", "cp deploy/.env.example deploy/.env"),
    ("deploy/README.md", "cargo build --profile dist"),
    ("deploy/README.md", "createdb --template=template0 --encoding=UTF8 --locale=C.UTF-8 concord"),
    ("deploy/README.md", "concord backup /backups/concord-$(date +%F).db"),
    ("deploy/README.md", "pg_dump --format=custom --file=concord.dump postgres://concord_backup@db/concord"),
    ("deploy/README.md", "concord audit verify"),
    ("deploy/README.md", "curl -s http://127.0.0.1:9464/metrics"),
];

/// A fenced block of a document.
struct Block {
    language: String,
    /// The number of its first line.
    first: usize,
    /// The number of its last line.
    last: usize,
    text: String,
}

impl Block {
    fn is_output(&self) -> bool {
        ["text", "json"].contains(&self.language.as_str())
    }
    /// Whether `next` shows what this block prints: it follows at once, or behind an empty line.
    fn prints(&self, next: &Block) -> bool {
        self.language == "sh" && next.is_output() && next.first <= self.last + 4
    }
}

/// A folder for one test, removed with everything in it.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        let folder = std::env::temp_dir().join(format!("concord-test-{}", kit::name()));
        fs::create_dir(&folder).expect("a folder");
        Folder(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap_or_default();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn examples_print_what_the_documents_show() {
    let folder = Folder::new();
    let demo = Process::demo(&folder.0.join("data")).await;
    let mut wrong = vec![];
    let mut compared = 0;
    for name in DOCUMENTS {
        let blocks = blocks(name);
        let run: Vec<&Block> = blocks.iter().filter(|block| block.language == "sh").collect();
        let outputs = outputs(name, &run, &folder.0, demo.address).await;
        for pair in blocks.windows(2).filter(|pair| pair[0].prints(&pair[1])) {
            let at = run.iter().position(|block| block.first == pair[0].first).expect("a block that ran");
            compared += 1;
            if outputs[at].trim_end() != pair[1].text.trim_end() {
                wrong.push(format!("{name}:{}: the block printed\n{}", pair[1].first, outputs[at]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared > 0, "there is something to compare");
}

#[test]
fn every_block_is_run_or_named() {
    let mut not_run = vec![];
    for name in DOCUMENTS {
        let blocks = blocks(name);
        for (at, block) in blocks.iter().enumerate() {
            let line = block.first;
            match block.language.as_str() {
                "sh" => {}
                "console" => {
                    not_run.push((name, block.text.lines().next().unwrap_or_default().to_owned()));
                }
                "text" | "json" => {
                    let compared = at.checked_sub(1).is_some_and(|before| blocks[before].prints(block));
                    assert!(compared, "{name}:{line}: shows the output of no sh block");
                }
                // a picture
                "" => {}
                other => panic!("{name}:{line}: a block of {other} would not be run; call it sh or console"),
            }
        }
    }
    let named: Vec<(&str, String)> = NOT_RUN.iter().map(|(name, line)| (*name, (*line).to_owned())).collect();
    assert_eq!(not_run, named, "the console blocks");
}

#[test]
fn the_readme_is_short() {
    let lines = text("README.md").lines().count();
    assert!(lines <= README_LINES, "README.md has {lines} lines");
}

fn text(name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The fenced blocks of a document, in order.
fn blocks(name: &str) -> Vec<Block> {
    let mut blocks = vec![];
    let mut open: Option<Block> = None;
    for (number, line) in text(name).lines().enumerate() {
        let number = number + 1;
        match (open.take(), line.strip_prefix("```")) {
            (None, None) => {}
            (None, Some(language)) => {
                let language = language.to_owned();
                open = Some(Block { language, first: number + 1, last: number, text: String::new() });
            }
            (Some(mut block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
                block.last = number;
                open = Some(block);
            }
            (Some(block), Some(_)) => blocks.push(block),
        }
    }
    assert!(open.is_none(), "{name}: the last block does not end");
    blocks
}

/// Runs the blocks of a document in one shell that stops at the first failure: what each printed.
async fn outputs(name: &str, blocks: &[&Block], folder: &Path, address: SocketAddr) -> Vec<String> {
    let mut script = "set -euo pipefail\n".to_owned();
    for block in blocks {
        script.push_str(&block.text.replace(PRINTED_ADDRESS, &address.to_string()));
        script.push_str(&format!("printf '\\n%s\\n' '{END}'\n"));
    }
    let file = folder.join("document.sh");
    fs::write(&file, script).expect("a script");
    let ended = Command::new("bash")
        .arg(&file)
        .current_dir(folder)
        .env_remove("TOKEN")
        .env("no_proxy", "127.0.0.1")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .expect("bash starts");
    let printed = String::from_utf8_lossy(&ended.stdout).into_owned();
    let mut outputs: Vec<String> = printed.split(&format!("\n{END}\n")).map(str::to_owned).collect();
    let unfinished = outputs.pop().unwrap_or_default();
    let line = blocks.get(outputs.len()).map_or(0, |block| block.first);
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{name}:{line}: the block failed\n{unfinished}\n{errors}");
    assert_eq!(outputs.len(), blocks.len(), "{name}: every block ran\n{errors}");
    outputs
}
