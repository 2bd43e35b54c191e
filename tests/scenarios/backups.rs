//! Backups are made while others write, are of one moment, and give back the whole service elsewhere; and a database that
//! holds networks is not emptied by mistake.

use crate::{
    kit::{
        Backend, Database, Home, PASSWORD, Persona::*, World, assert_counts, pools, restore_into, secrets,
        verify_chains,
    },
    scenario,
};
use concord::{app::App, kernel::Kernel, schema};
use entity::Table;
use futures::future::join;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::json;
use std::{
    collections::BTreeMap,
    os::unix::fs::PermissionsExt,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};
use tokio::process::Command;

/// How many rows each table has.
async fn counts(behind: &DatabaseConnection) -> BTreeMap<&'static str, i64> {
    let mut counts = BTreeMap::new();
    for table in Table::ALL {
        let sql = format!("select count(*) from {}", table.name());
        let statement = Statement::from_string(behind.get_database_backend(), sql);
        let row = behind.query_one_raw(statement).await.expect("a count").expect("a row");
        counts.insert(table.name(), row.try_get_by_index(0).expect("a number"));
    }
    counts
}

/// The program, with a database of the kit as its owner sees it.
fn concord(home: &Home) -> Command {
    let mut command = Command::new(std::env::var("CONCORD_BIN").expect("CONCORD_BIN names the program"));
    let ours = std::env::vars().map(|(name, _)| name).filter(|name| name.starts_with("CONCORD_"));
    ours.for_each(|name| {
        command.env_remove(name);
    });
    match home {
        Home::Folder(folder) => command.env("CONCORD_DATA", folder),
        Home::Server(..) => command.env("CONCORD_DATABASE_URL", home.url("")),
    };
    command
}

/// Runs a command that must succeed, or must fail: what it wrote.
async fn outcome(mut command: Command, succeeds: bool) -> String {
    let output = command.output().await.expect("the command starts");
    let text =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.success(), succeeds, "{text}");
    text
}

/// Backs a database up as deploy/README.md says.
async fn back_up(home: &Home, file: &Path) {
    let mut command = match home {
        Home::Folder(_) => concord(home),
        Home::Server(..) => Command::new("pg_dump"),
    };
    match home {
        Home::Folder(_) => command.arg("backup").arg(file),
        Home::Server(..) => {
            command.args(["--format=custom", "--file"]).arg(file).arg(home.url("concord_backup"))
        }
    };
    outcome(command, true).await;
}

/// Writes until told to stop, and at least once.
async fn write_on(world: &World, done: &AtomicBool) {
    let (team, leader) = (world.cast.team.to_string(), world.cast.leader.to_string());
    let mut number = 0;
    while number == 0 || !done.load(Ordering::Relaxed) {
        number += 1;
        let title = format!("Call {number}");
        let input = json!({ "teamId": team, "ownerId": leader, "title": title, "dueOn": "2026-03-20" });
        world.done(Facilitator, "actionCreate", input, "action { id }").await;
    }
}

scenario! {
    async fn a_backup_made_under_writes_gives_back_the_whole_service(world: World) {
        write_on(&world, &AtomicBool::new(true)).await;
        let behind = world.home.behind().await;
        let folder = std::env::temp_dir().join(format!("concord-backup-{}", crate::kit::name()));
        std::fs::create_dir(&folder).expect("a folder");
        let file = folder.join("backup");
        let before = counts(&behind).await;
        let done = AtomicBool::new(false);
        let backing_up = async {
            back_up(&world.home, &file).await;
            done.store(true, Ordering::Relaxed);
        };
        join(write_on(&world, &done), backing_up).await;
        let after = counts(&behind).await;

        let home = restore_into(world.backend, &file).await;
        let restored = home.behind().await;
        for (table, count) in counts(&restored).await {
            assert!((before[table]..=after[table]).contains(&count), "{table}: {count}");
        }
        assert!(before["audit_event"] > 0 && after["action"] > before["action"], "there is something to lose");
        assert!(verify_chains(&restored).await.expect("the chains hold") > 0);
        assert_counts(&restored).await;
        let db = home.db().await;
        let kernel = Kernel::new(db.clone(), world.seams.clone(), secrets(), schema::program());
        let app = App::start(kernel, world.app.config.clone()).await.expect("the application starts");
        let elsewhere = World { backend: world.backend, app, cast: world.cast, seams: world.seams, home, db };
        let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken errors { code } } }";
        let input = json!({ "input": { "email": Leader.email(), "password": PASSWORD } });
        let signed_in = elsewhere.ask_nobody(sign_in, input).await;
        assert!(signed_in.json["data"]["signIn"]["accessToken"].is_string(), "{}", signed_in.text);
        std::fs::remove_dir_all(&folder).expect("the folder goes");
    }
}

#[tokio::test]
async fn a_backup_is_its_owners_and_replaces_nothing() {
    let world = World::new(Backend::Sqlite).await;
    let file = std::env::temp_dir().join(format!("concord-backup-{}", crate::kit::name()));
    back_up(&world.home, &file).await;
    let mode = std::fs::metadata(&file).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut again = concord(&world.home);
    again.arg("backup").arg(&file);
    let refused = outcome(again, false).await;
    assert!(refused.contains("exists"), "{refused}");
    std::fs::remove_file(&file).expect("the file goes");
}

#[tokio::test]
async fn a_backup_of_postgres_names_pg_dump() {
    let home = Database::new(Backend::Postgres, pools()).await.home;
    let mut command = concord(&home);
    command.args(["backup", "/nowhere/backup"]);
    let refused = outcome(command, false).await;
    assert!(refused.contains("pg_dump"), "{refused}");
}

scenario! {
    async fn a_database_with_networks_is_emptied_only_by_their_names(world: World) {
        let behind = world.home.behind().await;
        let before = counts(&behind).await;
        let down = |names: &[&str]| {
            let mut command = concord(&world.home);
            command.args(["migrate", "--down"]);
            names.iter().for_each(|name| { command.args(["--erase", name]); });
            command
        };
        let rows = Statement::from_string(behind.get_database_backend(), "select name from network order by name");
        let rows = behind.query_all_raw(rows).await.expect("the networks");
        let names: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0).expect("a name")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for wrong in [&names[..0], &names[..1], &["Another network"]] {
            let refused = outcome(down(wrong), false).await;
            assert!(names.iter().all(|name| refused.contains(name)), "{refused}");
            assert_eq!(counts(&behind).await, before, "nothing is erased");
        }
        outcome(down(&names), true).await;
        let mut again = concord(&world.home);
        again.args(["migrate", "--down"]);
        outcome(again, true).await;
    }
}
