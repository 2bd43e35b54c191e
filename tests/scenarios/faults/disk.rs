//! A disk that is full or fails, under SQLite.

use super::{Fate, Writer, readiness, rounds, sign_in, try_sign_in};
use crate::kit::{Backend, Persona, Process, World};
use concord::jobs;
use entity::write_probe;
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, PaginatorTrait, Statement};

/// SQLite ends the transaction by itself at the statement that finds no room.
#[tokio::test]
async fn a_full_database_refuses_until_there_is_room() {
    let world = World::new(Backend::Sqlite).await;
    let behind = world.home.behind().await;
    let mut writer = Writer::before(&world).await;
    writer.goes_on().await;
    for _ in 0..rounds() {
        // no page more on the connection that writes
        let full = "pragma max_page_count = 1";
        world.db.migrations().execute_unprepared(full).await.expect("a bound");
        let mut saved = 0;
        while writer.offer().await == Fate::Saved {
            saved += 1;
            assert!(saved < 500, "the database is full some time");
        }
        assert_eq!(writer.tried.last(), Some(&Fate::Refused));
        assert_eq!(writer.offer().await, Fate::Saved, "on a connection that is not bound");
    }
    writer.check(&behind).await;
}

/// The same for transactions of sign-in and of jobs, after which requests go on.
#[tokio::test]
async fn sign_in_and_jobs_survive_a_full_database() {
    let world = World::new(Backend::Sqlite).await;
    let behind = world.home.behind().await;
    let mut writer = Writer::before(&world).await;
    writer.goes_on().await;
    let full = "pragma max_page_count = 1";
    for _ in 0..rounds() {
        world.db.migrations().execute_unprepared(full).await.expect("a bound");
        let mut reply = try_sign_in(writer.address, Persona::Leader).await;
        for _ in 0..500 {
            if reply.json().get("errors").is_some() {
                break;
            }
            reply = try_sign_in(writer.address, Persona::Leader).await;
        }
        assert_eq!((reply.status, reply.code().as_str()), (503, "UNAVAILABLE"), "{reply:?}");
        assert_eq!(writer.offer().await, Fate::Saved);
        sign_in(writer.address, Persona::Leader).await.expect("a token");
    }
    world.db.migrations().execute_unprepared(full).await.expect("a bound");
    // a turn that finds no room fails and is put off; whether one does depends on what is left on the last page
    jobs::run_due_turns(&world.app).await.map(drop).unwrap_or_default();
    writer.goes_on().await;
    jobs::run_due_turns(&world.app).await.expect("turns");
    writer.check(&behind).await;
}

/// Files of the server may not grow: every write is an I/O error, on every connection, for as long as that lasts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_disk_refuses_until_it_is_mended() {
    let world = World::new(Backend::Sqlite).await;
    let behind = world.home.behind().await;
    let server = Process::serve(&world.home).await;
    let mut writer = Writer::at(&world, server.address).await;
    for round in 0..rounds() {
        writer.goes_on().await;
        // no page that is written lies below
        server.bound_files(Some(PAGE));
        for _ in 0..5 {
            assert_ne!(writer.offer().await, Fate::Saved);
        }
        let read = writer.read().await;
        assert_eq!(read.status, 200, "reads go on: {read:?}");
        let refused = try_sign_in(server.address, Persona::Leader).await;
        assert_eq!((refused.status, refused.code().as_str()), (503, "UNAVAILABLE"), "{refused:?}");
        if round == 0 {
            readiness(server.address, 503).await;
        }
        server.bound_files(None);
        writer.goes_on().await;
        sign_in(server.address, Persona::Leader).await.expect("a token");
        if round == 0 {
            readiness(server.address, 200).await;
        }
    }
    server.kill();
    writer.check(&behind).await;
}

/// SQLite's page; a file that holds one has a header before it.
const PAGE: u64 = 4_096;

/// However often and by however many it is asked, one probe in five seconds writes.
#[tokio::test]
async fn a_probe_is_shared() {
    let world = World::new(Backend::Sqlite).await;
    let behind = world.home.behind().await;
    let counted = "create table probed (id blob);
        create trigger probing after insert on write_probe begin insert into probed values (new.id); end";
    behind.execute_unprepared(counted).await.expect("a trigger");
    let began = std::time::Instant::now();
    for _ in 0..20 {
        let all = futures::future::join_all((0..20).map(|_| world.app.kernel.ready())).await;
        assert!(all.iter().all(Result::is_ok), "{all:?}");
    }
    let probes = 1 + began.elapsed().as_secs() / 5;
    let statement = Statement::from_string(DbBackend::Sqlite, "select count(*) from probed");
    let row = behind.query_one_raw(statement).await.expect("a count").expect("a row");
    let written: i64 = row.try_get_by_index(0).expect("a number");
    assert!((1..=probes as i64).contains(&written), "{written} probes");
    let left = write_probe::Entity::find().count(&behind).await.expect("a count");
    assert_eq!(left, 0, "a probe leaves nothing");
}
