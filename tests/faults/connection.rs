//! A connection to PostgreSQL that is cut at each message of a write, before and after the server has it.

use super::{Fate, Writer, rounds, try_sign_in};
use crate::kit::{Backend, Cut, Database, Persona, Proxy, World, pools};
use concord::kernel::db::Db;

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
