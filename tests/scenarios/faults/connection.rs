//! A connection to PostgreSQL that is cut at each message of a write, before and after the server has it.

use super::{Fate, Writer, rounds, try_sign_in};
use crate::kit::{
    Backend, Cut, Database, Persona, Proxy, World, assert_counts, document, pools, post, verify_chains,
};
use concord::kernel::db::Db;
use entity::action;
use sea_orm::{ConnectionTrait, EntityTrait, PaginatorTrait};
use serde_json::json;

/// More messages than a write has.
const MANY: usize = 300;

async fn world() -> (World, Proxy) {
    let mut database = Database::new(Backend::Postgres, pools()).await;
    let proxy = Proxy::start(&database.home).await;
    database.db = Db::postgres(&proxy.url(&database.home), pools()).await.expect("connections");
    (World::over(database, |_| {}).await, proxy)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_cut_at_any_message_is_whole_or_not_there() {
    let (world, proxy) = world().await;
    let behind = world.home.behind().await;
    let mut writer = Writer::before(&world).await;
    writer.goes_on().await;
    let mut fates = vec![];
    for _ in 0..rounds() {
        for cut in [Cut::Request, Cut::Answer] {
            for nth in 1..MANY {
                proxy.cut(nth, cut);
                let fate = writer.offer().await;
                if !proxy.has_cut() {
                    assert_eq!(fate, Fate::Saved);
                    assert!(nth > 10, "a write has more than {nth} messages");
                    break;
                }
                fates.push(fate);
                assert_eq!(writer.offer().await, Fate::Saved, "after a cut at message {nth}: {cut:?}");
            }
        }
    }
    for fate in [Fate::Saved, Fate::Unknown] {
        assert!(fates.contains(&fate), "{fate:?} in {fates:?}");
    }
    writer.check(&behind).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_cut_at_any_message_says_so() {
    let (world, proxy) = world().await;
    let address = world.listen().await;
    for cut in [Cut::Request, Cut::Answer] {
        for nth in 1..MANY {
            proxy.cut(nth, cut);
            let reply = try_sign_in(address, Persona::Leader).await;
            if !proxy.has_cut() {
                assert!(nth > 5, "a sign-in has more than {nth} messages");
                break;
            }
            let tokens = reply.json()["data"]["signIn"]["accessToken"].is_string();
            let away = (reply.status, reply.code().as_str()) == (503, "UNAVAILABLE");
            assert!(tokens || away, "after a cut at message {nth}: {cut:?}: {reply:?}");
            let next = try_sign_in(address, Persona::Leader).await;
            assert!(next.json()["data"]["signIn"]["accessToken"].is_string(), "{next:?}");
        }
    }
}

/// Rows of an import: two portions.
const ROWS: usize = 150;
/// An import has many messages, and is cut at some of them.
const STRIDE: usize = 20;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_cut_half_way_goes_on_when_it_is_sent_again() {
    let (world, proxy) = world().await;
    let behind = world.home.behind().await;
    let (address, token) = (world.listen().await, world.token(Persona::Facilitator));
    let import = document("actionImport", "createdCount existingCount");
    let (mut imports, mut cuts) = (0, 0);
    for cut in [Cut::Request, Cut::Answer] {
        for nth in (STRIDE..MANY).step_by(STRIDE) {
            let row = |row| format!("{imports}-{row},{},Call,2026-03-20\n", world.cast.leader);
            let csv =
                (0..ROWS).map(row).fold("external_id,owner,title,due_on\n".to_owned(), |csv, row| csv + &row);
            let input = json!({ "input": { "teamId": world.cast.team, "csv": csv, "dryRun": false } });
            imports += 1;
            proxy.cut(nth, cut);
            let first = post(address, Some(&token), &import, input.clone()).await;
            if !proxy.has_cut() {
                assert_eq!(first.json()["data"]["actionImport"]["createdCount"], ROWS, "{first:?}");
                break;
            }
            cuts += 1;
            let again = post(address, Some(&token), &import, input).await.json();
            let told = &again["data"]["actionImport"];
            assert_eq!(told["errors"], json!([]), "after a cut at message {nth}: {cut:?}: {again}");
            let all = ["createdCount", "existingCount"].map(|rows| told[rows].as_u64().expect("a count"));
            assert_eq!(all[0] + all[1], ROWS as u64, "after a cut at message {nth}: {cut:?}");
        }
    }
    assert!(cuts >= 2, "an import has more than {STRIDE} messages");
    let rows = action::Entity::find().count(&behind).await.expect("a count");
    assert_eq!(rows, (imports * ROWS) as u64, "each row is there once");
    verify_chains(&behind).await.expect("the chains hold");
    assert_counts(&behind).await;
}

/// What an operator does to every connection of a database but their own.
fn to_others(function: &str) -> String {
    format!(
        "select {function}(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_goes_on_after_backends_are_cancelled_or_terminated() {
    let world = World::new(Backend::Postgres).await;
    let mut writer = Writer::before(&world).await;
    for function in ["pg_cancel_backend", "pg_terminate_backend"] {
        for round in 0..rounds() {
            writer.goes_on().await;
            let operator = world.home.behind().await;
            let ends = async {
                // in the middle of a write, or between two
                for _ in 0..round % 5 {
                    tokio::task::yield_now().await;
                }
                operator.execute_unprepared(&to_others(function)).await.expect("it is done");
            };
            tokio::join!(writer.offer(), ends);
            writer.goes_on().await;
        }
    }
    writer.check(&world.home.behind().await).await;
}
