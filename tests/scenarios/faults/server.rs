//! PostgreSQL killed, shut down, started again, frozen and thawed, under a server with its jobs.

use super::{Fate, SOON, Writer, readiness, rounds, sign_in, try_sign_in};
use crate::kit::{Database, Persona, Process, Server, World, lasts, pools};
use std::time::{Duration, Instant};

/// Longer than any request may take.
const FROZEN: Duration = Duration::from_secs(14);

async fn world(server: &Server) -> World {
    World::over(Database::at(server.url.clone(), pools()).await, |_| {}).await
}

/// Without its database a server refuses everything, and says so.
async fn refuses(writer: &mut Writer) {
    assert_ne!(writer.offer().await, Fate::Saved);
    let read = writer.read().await;
    assert_eq!((read.status, read.code().as_str()), (503, "UNAVAILABLE"), "{read:?}");
    assert_eq!(read.header("retry-after"), Some("1"));
    let refused = try_sign_in(writer.address, Persona::Leader).await;
    assert_eq!((refused.status, refused.code().as_str()), (503, "UNAVAILABLE"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_and_started_again() {
    comes_back(rounds(), Server::kill).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shut_down_and_started_again() {
    comes_back(rounds().div_ceil(5), Server::shut_down).await;
}

async fn comes_back(rounds: usize, end: fn(&mut Server)) {
    let mut postgres = Server::start();
    let world = world(&postgres).await;
    let server = Process::serve(&world.home).await;
    let mut writer = Writer::at(&world, server.address).await;
    for round in 0..rounds {
        writer.goes_on().await;
        // in the middle of a write, or between two
        let killed = async {
            for _ in 0..round % 5 {
                tokio::task::yield_now().await;
            }
            tokio::task::block_in_place(|| end(&mut postgres));
        };
        let writes = async { while writer.offer().await == Fate::Saved {} };
        tokio::join!(writes, killed);
        refuses(&mut writer).await;
        if round == 0 {
            readiness(server.address, 503).await;
        }
        postgres.again();
        writer.goes_on().await;
        let began = Instant::now();
        while writer.read().await.status != 200 {
            assert!(began.elapsed() < SOON, "reads go on within {SOON:?}");
        }
        sign_in(server.address, Persona::Leader).await.expect("a token");
        if round == 0 {
            readiness(server.address, 200).await;
        }
        writer.check(&world.home.behind().await).await;
    }
}

/// What was on its way is given up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn frozen_for_fourteen_seconds() {
    let mut postgres = Server::start();
    let world = world(&postgres).await;
    let server = Process::serve(&world.home).await;
    let mut writers = vec![];
    // a person's requests run four at a time
    for _ in 0..3 {
        writers.push(Writer::at(&world, server.address).await);
    }
    postgres.freeze();
    let frozen = Instant::now();
    let work = writers.into_iter().enumerate().map(|(at, mut writer)| {
        // each has titles of its own
        writer.tried = vec![Fate::Unknown; at * 1_000];
        tokio::spawn(async move {
            while frozen.elapsed() < FROZEN {
                let (fate, read) = (writer.offer().await, writer.read().await);
                if frozen.elapsed() < FROZEN {
                    assert_ne!(fate, Fate::Saved);
                    assert!([503, 504].contains(&read.status), "{read:?}");
                }
            }
            writer
        })
    });
    let work: Vec<_> = work.collect();
    lasts(FROZEN.saturating_sub(frozen.elapsed())).await;
    postgres.thaw();
    for work in work {
        let mut writer = work.await.expect("a writer");
        for _ in 0..3 {
            writer.goes_on().await;
        }
        writer.check(&world.home.behind().await).await;
    }
    readiness(server.address, 200).await;
}
