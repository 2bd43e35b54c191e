//! Jobs: each network has its turn, once, whoever makes it; what fails is put off and leaves nothing; and a worker of
//! its own makes them too.

use crate::{
    kit::{Backend, Persona::*, Process, World, chains, get, secrets, sound},
    scenario,
};
use chrono::TimeDelta;
use concord::{
    app::App,
    http::Service,
    jobs::{self, Job},
    kernel::{Error, Fault, Kernel, Write},
    schema,
};
use entity::{audit_event, idempotency, job_turn};
use futures::{FutureExt, future::BoxFuture, future::join_all};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;
use std::sync::Arc;
use uuid::Uuid;

/// Three steps, each of which leaves a mark.
const COUNT: Job = Job { name: "count", every: TimeDelta::hours(1), step: count };
/// A step that leaves a mark and fails.
const FAIL: Job = Job { name: "fail", every: TimeDelta::hours(1), step: fail };
/// A step that leaves a mark and panics.
const PANIC: Job = Job { name: "panic", every: TimeDelta::hours(1), step: panicking };

fn count(write: &Write, reached: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        write.mark("count", write.network()?.uuid(), None);
        let steps = reached.map_or(1, |at| at.as_u128() + 1);
        Ok((steps < 3).then(|| Uuid::from_u128(steps)))
    }
    .boxed()
}

fn fail(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        write.mark("fail", write.network()?.uuid(), None);
        Err(Fault::Internal.into())
    }
    .boxed()
}

fn panicking(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        write.mark("panic", write.network()?.uuid(), None);
        panic!("a job's own fault")
    }
    .boxed()
}

async fn marks(behind: &DatabaseConnection, noun: &str) -> u64 {
    let events = audit_event::Entity::find().filter(audit_event::Column::Noun.eq(noun));
    events.count(behind).await.expect("a count")
}

async fn turn(behind: &DatabaseConnection, world: &World, job: &str) -> job_turn::Model {
    let of = job_turn::Column::NetworkId.eq(world.cast.network);
    let turn = job_turn::Entity::find().filter(job_turn::Column::Job.eq(job)).filter(of);
    turn.one(behind).await.expect("a look").expect("a turn")
}

/// Another process over the same database, as far as it matters.
async fn beside(world: &World) -> Arc<App> {
    let kernel = Kernel::new(world.home.db().await, world.seams.clone(), secrets(), schema::root());
    App::start(kernel, world.app.config.clone()).await.expect("the application starts")
}

scenario! {
    async fn every_network_has_its_turn_once(world: World) {
        let behind = world.home.behind().await;
        let other = beside(&world).await;
        let apps = [&world.app, &other, &world.app, &other, &world.app, &other];
        for hour in 1..=3u64 {
            let made: usize = join_all(apps.map(|app| jobs::look(app, &COUNT))).await.into_iter().map(|made| made.expect("a look")).sum();
            assert!(made >= 2, "each of the two networks has its turn");
            assert_eq!(marks(&behind, "count").await, hour * 2 * 3, "and each of its three steps is taken once");
            let turn = turn(&behind, &world, "count").await;
            assert_eq!((turn.reached, turn.failures), (None, 0));
            assert_eq!(turn.due_at, world.seams.now() + TimeDelta::hours(1));
            assert_eq!(jobs::look(&world.app, &COUNT).await.expect("a look"), 0, "nothing is due");
            world.seams.set(world.seams.now() + TimeDelta::hours(1));
        }
        // whichever of the two it was
        let metrics = Service::metrics(world.app.as_ref()) + &Service::metrics(other.as_ref());
        for line in ["concord_jobs_total{job=\"count\",outcome=\"done\"}", "concord_job_seconds_count{job=\"count\"}", "concord_job_lag_seconds{job=\"count\"}"] {
            assert!(metrics.contains(line), "{line} in\n{metrics}");
        }
        chains(&behind).await.expect("the chains hold");
        sound(&behind).await;
    }
}

scenario! {
    async fn a_turn_that_fails_leaves_nothing_and_is_put_off(world: World) {
        let behind = world.home.behind().await;
        for job in [FAIL, PANIC] {
            for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
                assert_eq!(jobs::look(&world.app, &job).await.expect("a look"), 0);
                let turn = turn(&behind, &world, job.name).await;
                assert_eq!(turn.due_at, world.seams.now() + TimeDelta::minutes(minutes), "{}", job.name);
                world.seams.set(turn.due_at);
            }
            assert_eq!(marks(&behind, job.name).await, 0, "what a failed step did is undone");
        }
        assert!(jobs::look(&world.app, &COUNT).await.expect("a look") > 0, "other jobs go on");
    }
}

scenario! {
    async fn answers_are_kept_for_a_day(world: World) {
        let behind = world.home.behind().await;
        let input = json!({ "input": { "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(), "title": "Call", "dueOn": "2026-03-20" } });
        let create = crate::kit::document("actionCreate", "action { id }");
        let token = world.token(Facilitator);
        world.send(Some(token), &create, input, Some("a-key")).await;
        let kept = || async { idempotency::Entity::find().count(&behind).await.expect("a count") };
        for (at, there) in [("2026-03-03T08:00:00Z", 1), ("2026-03-03T09:00:01Z", 0)] {
            world.at(at);
            jobs::due(&world.app).await.expect("the jobs");
            assert_eq!(kept().await, there, "{at}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_works_and_answers_its_operators_alone() {
    let world = World::new(Backend::Postgres).await;
    let behind = world.home.behind().await;
    let worker = Process::work(&world.home).await;
    let began = std::time::Instant::now();
    while job_turn::Entity::find()
        .filter(job_turn::Column::EndedAt.is_not_null())
        .count(&behind)
        .await
        .expect("a count")
        < 2 * jobs::JOBS.len() as u64
    {
        assert!(began.elapsed().as_secs() < 60, "the worker makes the turns");
        tokio::task::yield_now().await;
    }
    let metrics = get(worker.address, "/metrics").await;
    assert!(metrics.body.contains("concord_jobs_total{job=\"retain\",outcome=\"done\"}"), "{}", metrics.body);
    assert_eq!(get(worker.address, "/healthz").await.status, 200);
    assert_eq!(get(worker.address, "/graphql").await.status, 404, "no API here");
}
