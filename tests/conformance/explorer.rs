//! The explorer without the internet: its page, its files from the folder `assets`, and its script in Node.

use crate::kit::{Backend, Database, PASSWORD, Persona::*, World, pools};
use std::{fs, path::Path, process::Command};

/// Where npm puts the files that the folder `assets` has.
const FILES: [&str; 4] = [
    "react/umd/react.production.min.js",
    "react-dom/umd/react-dom.production.min.js",
    "graphiql/graphiql.min.js",
    "graphiql/graphiql.min.css",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_explorer_works_without_the_internet() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
    let packages = folder.join("node_modules");
    assert!(packages.exists(), "run npm ci in tests/conformance, as tests/run does");
    let database = Database::new(Backend::Sqlite, pools()).await;
    let (_, data) = database.home.settings();
    let assets = Path::new(&data).join("assets");
    fs::create_dir(&assets).expect("a folder");
    for file in FILES.map(Path::new) {
        let name = file.file_name().expect("a name");
        fs::copy(packages.join(file), assets.join(name)).expect("a file of the package");
    }
    let world = World::over(database, |config| {
        config.explorer = true;
        config.assets = Some(assets);
    })
    .await;
    let url = format!("http://{}", world.listen().await);
    let checked = tokio::task::spawn_blocking(move || {
        let (facilitator, leader) = (Facilitator.email(), Leader.email());
        Command::new("node")
            .arg(folder.join("explorer.mjs"))
            .args([url.as_str(), PASSWORD, &facilitator, &leader])
            .output()
    });
    let checked = checked.await.expect("a task").expect("node runs");
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}
