//! Jobs: each network has its turn, once, whoever makes it; what fails is put off and leaves nothing; and a worker of
//! its own makes them too.

use crate::{
    kit::{Backend, Persona::*, Process, World, assert_counts, eventually, get, secrets, verify_chains},
    scenario,
};
use chrono::{DateTime, TimeDelta, Utc};
use concord::{
    app::App,
    http::Service,
    jobs::{self, Job, JobWork},
    kernel::{Error, Fault, Kernel, Write, verbs},
    schema,
};
use entity::{Table, Visitor, audit_event, idempotency, job_fault, job_turn, network, search_entry};
use futures::{FutureExt, future::BoxFuture, future::join_all};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, sea_query::Expr,
};
use serde_json::json;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Three steps, each of which leaves a mark.
const COUNT: Job = hourly("drift", JobWork::Steps(count));
/// A step that leaves a mark and fails.
const FAIL: Job = hourly("remind", JobWork::Steps(fail));
/// A step that leaves a mark and panics.
const PANIC: Job = hourly("periods", JobWork::Steps(panicking));
/// Marks rows, of which one fails at first.
const ROWS: Job = hourly("sessionMiss", JobWork::Rows { find: three, each: mark, at_once: 10 });
/// Has nothing to do.
const IDLE: Job = Job { wanted: Some(nothing), ..hourly("tally", JobWork::Steps(panicking)) }
    .backing_off_to(TimeDelta::hours(5));

const fn hourly(name: &'static str, work: JobWork) -> Job {
    Job { name, every: TimeDelta::hours(1), idle: None, wanted: None, heavy: false, work }
}

/// Marks thirty rows.
const MANY: Job = hourly("reviews", JobWork::Rows { find: thirty, each: mark_all, at_once: 30 });

/// The row that fails until [`MENDED`].
const BAD: Uuid = Uuid::from_u128(2);
const MENDED: &str = "2026-03-02T12:30:00Z";

fn three(_: &Write, _: Option<Uuid>, _: u64) -> BoxFuture<'_, Result<Vec<Uuid>, Error>> {
    async { Ok(vec![Uuid::from_u128(1), BAD, Uuid::from_u128(3)]) }.boxed()
}

fn mark<'a>(write: &'a Write, ids: &'a [Uuid]) -> BoxFuture<'a, Result<(), Error>> {
    async move {
        for id in ids {
            write.record_event("network", *id, None);
            let mended: DateTime<Utc> = MENDED.parse().expect("an instant");
            assert!(*id != BAD || write.now() >= mended, "a row's own fault");
        }
        Ok(())
    }
    .boxed()
}

fn thirty(_: &Write, after: Option<Uuid>, most: u64) -> BoxFuture<'_, Result<Vec<Uuid>, Error>> {
    let after = after.map_or(0, |after| after.as_u128());
    let rows = (1..=30).filter(move |row| *row > after).take(most as usize).map(Uuid::from_u128);
    async move { Ok(rows.collect()) }.boxed()
}

fn mark_all<'a>(write: &'a Write, ids: &'a [Uuid]) -> BoxFuture<'a, Result<(), Error>> {
    async move {
        ids.iter().for_each(|id| write.record_event("network", *id, None));
        Ok(())
    }
    .boxed()
}

fn nothing(_: &Write) -> BoxFuture<'_, Result<bool, Error>> {
    async { Ok(false) }.boxed()
}

fn count(write: &Write, reached: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        write.record_event("network", write.network()?.uuid(), None);
        let steps = reached.map_or(1, |at| at.as_u128() + 1);
        Ok((steps < 3).then(|| Uuid::from_u128(steps)))
    }
    .boxed()
}

fn fail(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        write.record_event("network", write.network()?.uuid(), None);
        Err(Fault::Internal.into())
    }
    .boxed()
}

fn panicking(write: &Write, _: Option<Uuid>) -> BoxFuture<'_, Result<Option<Uuid>, Error>> {
    async move {
        write.record_event("network", write.network()?.uuid(), None);
        panic!("a job's own fault")
    }
    .boxed()
}

async fn marks(behind: &DatabaseConnection, verb: &str) -> u64 {
    let events = audit_event::Entity::find().filter(audit_event::Column::Verb.eq(verb));
    events.count(behind).await.expect("a count")
}

async fn turn(behind: &DatabaseConnection, world: &World, job: &str) -> job_turn::Model {
    let of = job_turn::Column::NetworkId.eq(world.cast.network);
    let turn = job_turn::Entity::find().filter(job_turn::Column::Job.eq(job)).filter(of);
    turn.one(behind).await.expect("a look").expect("a turn")
}

/// Another process over the same database, as far as it matters.
pub async fn beside(world: &World) -> Arc<App> {
    let kernel = Kernel::new(world.home.db().await, world.seams.clone(), secrets(), schema::program());
    App::start(kernel, world.app.config.clone()).await.expect("the application starts")
}

scenario! {
    async fn every_network_has_its_turn_once(world: World) {
        let behind = world.home.behind().await;
        let other = beside(&world).await;
        let apps = [&world.app, &other, &world.app, &other, &world.app, &other];
        for hour in 1..=3u64 {
            let made: usize = join_all(apps.map(|app| jobs::run_due_turns_of(app, &COUNT))).await.into_iter().map(|made| made.expect("a look")).sum();
            assert!(made >= 2, "each of the two networks has its turn");
            assert_eq!(marks(&behind, COUNT.name).await, hour * 2 * 3, "and each of its three steps is taken once");
            let turn = turn(&behind, &world, COUNT.name).await;
            assert_eq!((turn.reached, turn.failures), (None, 0));
            assert_eq!(turn.due_at, world.seams.now() + TimeDelta::hours(1));
            assert_eq!(jobs::run_due_turns_of(&world.app, &COUNT).await.expect("a look"), 0, "nothing is due");
            world.seams.set(world.seams.now() + TimeDelta::hours(1));
        }
        // whichever of the two it was
        let metrics = Service::metrics(world.app.as_ref()) + &Service::metrics(other.as_ref());
        for line in ["concord_jobs_total{job=\"drift\",outcome=\"done\"}", "concord_job_seconds_count{job=\"drift\"}", "concord_job_lag_seconds{job=\"drift\"}"] {
            assert!(metrics.contains(line), "{line} in\n{metrics}");
        }
        verify_chains(&behind).await.expect("the chains hold");
        assert_counts(&behind).await;
    }
}

scenario! {
    async fn a_turn_that_fails_leaves_nothing_and_is_put_off(world: World) {
        let behind = world.home.behind().await;
        for job in [&FAIL, &PANIC] {
            for minutes in [1, 2, 4, 8, 16, 32, 60, 60] {
                assert_eq!(jobs::run_due_turns_of(&world.app, job).await.expect("a look"), 0);
                let turn = turn(&behind, &world, job.name).await;
                assert_eq!(turn.due_at, world.seams.now() + TimeDelta::minutes(minutes), "{}", job.name);
                world.seams.set(turn.due_at);
            }
            assert_eq!(marks(&behind, job.name).await, 0, "what a failed step did is undone");
        }
        assert!(jobs::run_due_turns_of(&world.app, &COUNT).await.expect("a look") > 0, "other jobs go on");
    }
}

scenario! {
    async fn a_row_that_fails_is_set_aside_and_the_others_are_done(world: World) {
        let behind = world.home.behind().await;
        let faults = || async {
            let of = job_fault::Column::NetworkId.eq(world.cast.network);
            let faults = job_fault::Entity::find().filter(of).all(&behind).await.expect("faults");
            faults.into_iter().map(|fault| (fault.row_id, fault.failures, fault.retry_at)).collect::<Vec<_>>()
        };
        let at = |text: &str| text.parse::<DateTime<Utc>>().expect("an instant");
        // when, how many of the four other rows and of the two bad ones are marked, and what is set aside until when
        for (now, others, bad, aside) in [
            ("2026-03-02T09:00:00Z", 4, 0, Some((1, "2026-03-02T10:00:00Z"))),
            ("2026-03-02T10:00:00Z", 8, 0, Some((2, "2026-03-02T12:00:00Z"))),
            ("2026-03-02T11:00:00Z", 12, 0, Some((2, "2026-03-02T12:00:00Z"))),
            ("2026-03-02T12:00:00Z", 16, 0, Some((3, "2026-03-02T16:00:00Z"))),
            ("2026-03-02T13:00:00Z", 20, 0, Some((3, "2026-03-02T16:00:00Z"))),
            ("2026-03-02T16:00:00Z", 24, 2, None),
        ] {
            world.seams.set(at(now));
            assert_eq!(jobs::run_due_turns_of(&world.app, &ROWS).await.expect("a look"), 2, "{now}: the turns are made");
            let marked = |id: Uuid| {
                let of = audit_event::Column::SubjectId.eq(id);
                audit_event::Entity::find().filter(audit_event::Column::Verb.eq(ROWS.name)).filter(of)
            };
            let count = async |id: u128| marked(Uuid::from_u128(id)).count(&behind).await.expect("a count");
            assert_eq!((count(1).await + count(3).await, count(2).await), (others, bad), "{now}");
            let expected: Vec<_> = aside.iter().map(|(failures, retry)| (BAD, *failures, at(retry))).collect();
            assert_eq!(faults().await, expected, "{now}");
        }
        let metrics = Service::metrics(world.app.as_ref());
        assert!(metrics.contains("concord_job_rows_failed_total{job=\"sessionMiss\"} 6"), "{metrics}");
        verify_chains(&behind).await.expect("the chains hold");
    }
}

scenario! {
    async fn a_step_whose_time_is_over_gives_way(world: World) {
        let behind = world.home.behind().await;
        let mut took = vec![];
        for (hours, haste) in [(1, Duration::ZERO), (2, Duration::from_secs(1))] {
            world.seams.hasten(haste);
            let before = world.app.kernel.transactions();
            assert_eq!(jobs::run_due_turns_of(&world.app, &MANY).await.expect("a look"), 2);
            took.push(world.app.kernel.transactions() - before);
            assert_eq!(marks(&behind, MANY.name).await, hours * 2 * 30, "every row is done once");
            world.seams.hasten(Duration::ZERO);
            world.seams.set(world.seams.now() + TimeDelta::hours(1));
        }
        // two looks and, in each of two networks, two steps, of which the second finds nothing, or five portions
        assert_eq!(took, [2 + 2 + 2 * 2, 2 + 2 * 5], "the first turns of both networks are made in a transaction each");
        verify_chains(&behind).await.expect("the chains hold");
    }
}

scenario! {
    async fn the_heavy_jobs_give_way_and_go_on_where_they_came_to(world: World) {
        let behind = world.home.behind().await;
        let item = |number: usize| json!({ "ownerId": world.cast.leader, "title": format!("Call {number}"), "dueOn": "2026-03-20" });
        for batch in 0..2 {
            let items: Vec<_> = (0..60).map(|number| item(batch * 60 + number)).collect();
            let input = json!({ "teamId": world.cast.team, "items": items });
            world.done(Facilitator, "actionsCreate", input, "").await;
        }
        let words: Vec<String> = (0..700).map(|word| format!("w{word}")).collect();
        let long = |mut item: serde_json::Value| {
            item["detail"] = json!(words.join(" "));
            item
        };
        let items: Vec<_> = (120..126).map(|number| long(item(number))).collect();
        world.done(Facilitator, "actionsCreate", json!({ "teamId": world.cast.team, "items": items }), "").await;
        jobs::run_due_turns(&world.app).await.expect("the jobs");
        let kept = search_entry::Entity::find().count(&behind).await.expect("a count");
        for sql in ["delete from search_word", "delete from search_entry"] {
            behind.execute_unprepared(sql).await.expect("no entries");
        }
        world.seams.set(world.seams.now() + TimeDelta::days(2));
        world.seams.hasten(Duration::from_secs(1));
        let actions = jobs::all().find(|job| job.name == "searchActions").expect("the job");
        let before = world.app.kernel.transactions();
        jobs::run_due_turns_of(&world.app, actions).await.expect("a look");
        // in the network: fifty, fifty, twenty and two of the long ones, two, and two; a step in the other network
        assert_eq!(world.app.kernel.transactions() - before, 2 + 5 + 1);
        for job in jobs::all().filter(|job| job.name.starts_with("search")) {
            jobs::run_due_turns_of(&world.app, job).await.expect("a look");
        }
        assert_eq!(search_entry::Entity::find().count(&behind).await.expect("a count"), kept);
        jobs::run_due_turns(&world.app).await.expect("the other jobs");
        assert_counts(&behind).await;
    }
}

scenario! {
    async fn what_finds_nothing_to_do_is_looked_at_less_and_less_often(world: World) {
        let behind = world.home.behind().await;
        for hours in [2, 4, 5, 5] {
            jobs::run_due_turns_of(&world.app, &IDLE).await.expect("a look");
            let turn = turn(&behind, &world, IDLE.name).await;
            assert_eq!(turn.due_at - world.seams.now(), TimeDelta::hours(hours));
            world.seams.set(turn.due_at);
        }
    }
}

scenario! {
    async fn looking_for_work_costs_the_same_for_many_networks(world: World) {
        let behind = world.home.behind().await;
        let of = network::Entity::find_by_id(world.cast.network);
        let one = of.one(&behind).await.expect("a look").expect("a network");
        for number in 0..40 {
            let another = network::Model { id: world.seams.id(), name: format!("Network {number}"), ..one.clone() };
            network::Entity::insert(another.into_active_model().reset_all()).exec_without_returning(&behind).await.expect("a network");
        }
        assert_eq!(jobs::run_due_turns_of(&world.app, &IDLE).await.expect("a look"), 42);
        let before = world.app.kernel.transactions();
        assert_eq!(jobs::run_due_turns_of(&world.app, &IDLE).await.expect("a look"), 0);
        assert_eq!(world.app.kernel.transactions() - before, 1, "one look for all networks");
        let asked = jobs::HEAVY.iter().filter(|job| job.wanted.is_some());
        for job in jobs::LIGHT.iter().chain(jobs::PROMPT).chain(asked) {
            let make_due = async || {
                let turns = job_turn::Entity::update_many()
                    .col_expr(job_turn::Column::DueAt, Expr::value(world.seams.now()))
                    .filter(job_turn::Column::Job.eq(job.name));
                turns.exec(&behind).await.expect("turns that are due");
            };
            // the first turn does what there is to do
            make_due().await;
            jobs::run_due_turns_of(&world.app, job).await.expect("a look");
            make_due().await;
            let before = world.app.kernel.transactions();
            assert_eq!(jobs::run_due_turns_of(&world.app, job).await.expect("a look"), 42, "{}", job.name);
            let took = world.app.kernel.transactions() - before;
            assert_eq!(took, 3, "{}: a look for turns, a look for work, and the end of all turns", job.name);
        }
    }
}

/// Whether a table is searched.
struct Searched;

impl Visitor for Searched {
    type Output = bool;
    fn visit<E: entity::Scoped>(self) -> bool {
        E::SEARCHABLE.is_some()
    }
}

#[test]
fn every_job_is_a_verb_of_the_audit_log_if_it_changes_anything() {
    let quiet = |name: &str| {
        ["retain", "weeks", "tally", "risk", "notices", "digest", "auditVerify"].contains(&name)
            || name.starts_with("search")
    };
    for job in jobs::all().filter(|job| !quiet(job.name)) {
        assert!(verbs().any(|verb| verb == job.name), "{} is no verb", job.name);
    }
}

#[test]
fn every_searched_table_has_its_job() {
    let searched = Table::ALL.iter().filter(|table| table.visit(Searched)).count();
    let jobs = jobs::all().filter(|job| job.name.starts_with("search")).count();
    assert_eq!(jobs, searched, "tables with `SEARCHABLE` and jobs that make their entries");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_told_to_stop_stops_also_while_jobs_run() {
    for signal in ["TERM", "INT"] {
        let world = World::new(Backend::Sqlite).await;
        // a first start: every job has its first turn
        let server = Process::serve(&world.home).await;
        let took = server.stop(signal);
        // the product stops within two seconds; one more because this is a debug build that runs beside other tests
        assert!(took < Duration::from_secs(3), "{signal} took {took:?}");
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
            jobs::run_due_turns(&world.app).await.expect("the jobs");
            assert_eq!(kept().await, there, "{at}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_works_and_answers_its_operators_alone() {
    let world = World::new(Backend::Postgres).await;
    let behind = world.home.behind().await;
    let worker = Process::work(&world.home).await;
    let turns = job_turn::Entity::find().filter(job_turn::Column::EndedAt.is_not_null());
    eventually("the worker makes the turns", Duration::from_secs(60), async || {
        let ended = turns.clone().count(&behind).await.expect("a count");
        (ended >= 2 * jobs::all().count() as u64).then_some(())
    })
    .await;
    assert_eq!(get(worker.address, "/healthz").await.status, 200);
    assert_eq!(get(worker.address, "/graphql").await.status, 404, "no API here");
}
