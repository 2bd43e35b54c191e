//! Reviews: a programme brings a rhythm along; sessions meet what is due, late ones move nothing, pauses excuse, and the
//! clock closes the rest, once.

use crate::{
    kit::{Backend, Persona::*, Process, World, eventually, fixtures, verify_chains},
    scenario,
};
use concord::jobs;
use entity::{Id, programme::ProgrammeStatus, review, review_cadence, template_version::TemplateStatus};
use futures::future::join_all;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use std::time::Duration;

const REVIEWS: &str = "query($id: ID!) { team(id: $id) {
    reviewCadence { id unit every anchorOn time version }
    reviews(first: 50, orderBy: [{ field: DUE_AT }]) { nodes { id dueAt status quorate heldAt session { id } } } } }";

async fn team(world: &World) -> Value {
    world.read(Facilitator, REVIEWS, json!({ "id": world.cast.team.to_string() })).await["team"].clone()
}

/// The reviews' days with what became of them.
async fn told(world: &World) -> Vec<(String, String)> {
    let team = team(world).await;
    let nodes = team["reviews"]["nodes"].as_array().expect("reviews").clone();
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    nodes.iter().map(|node| (text(&node["dueAt"])[..10].to_owned(), text(&node["status"]))).collect()
}

fn expected(reviews: &[(&str, &str)]) -> Vec<(String, String)> {
    reviews.iter().map(|(on, status)| ((*on).to_owned(), (*status).to_owned())).collect()
}

/// A programme of the cast's team that is planned.
async fn planned(world: &World) -> String {
    let fixtures = fixtures::Fixtures::of(world).await;
    let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
    let model = fixtures::template(&write, world.cast.network, TemplateStatus::Published).await;
    let fixture = fixtures.home.fresh_team(&write).await;
    let run = fixtures::programme(&write, &fixture, &model, ProgrammeStatus::Planned).await;
    write.commit_quietly().await.expect("a programme");
    run.programme.to_string()
}

async fn set(world: &World, every: i32, anchor: &str) -> Value {
    let input =
        json!({ "teamId": world.cast.team.to_string(), "unit": "WEEK", "every": every, "anchorOn": anchor });
    world.done(Facilitator, "reviewCadenceSet", input, "reviewCadence { id time version }").await["reviewCadence"]
        .clone()
}

/// Holds a session now and closes it.
async fn meet(world: &World, kind: &str, starts_at: &str) -> Value {
    let input = json!({ "teamId": world.cast.team.to_string(), "kind": kind, "title": "How it goes", "place": "Room 1",
        "startsAt": starts_at, "minutes": 60 });
    let id =
        world.done(Facilitator, "sessionSchedule", input, "session { id }").await["session"]["id"].clone();
    world.at(starts_at);
    world.done(Facilitator, "sessionStart", json!({ "id": id }), "session { id }").await;
    let present: Vec<Value> = [&world.cast.leader, &world.cast.sponsor]
        .map(|member| json!({ "memberId": member.to_string(), "status": "PRESENT" }))
        .into();
    let closing = json!({ "id": id, "summary": "On track.", "attendance": present });
    world.done(Facilitator, "sessionClose", closing, "session { id review { id status quorate } }").await["session"]
        .clone()
}

scenario! {
    async fn a_rhythm_is_kept_or_not(world: World) {
        set(&world, 1, "2026-03-09").await;
        let three = [("2026-03-09", "DUE"), ("2026-03-16", "DUE"), ("2026-03-23", "DUE")];
        assert_eq!(told(&world).await, expected(&three));
        let met = meet(&world, "REVIEW", "2026-03-11T10:00:00Z").await;
        assert_eq!((&met["review"]["status"], &met["review"]["quorate"]), (&json!("MET"), &json!(true)));
        let workshop = meet(&world, "WORKSHOP", "2026-03-16T10:00:00Z").await;
        assert_eq!(workshop["review"], Value::Null, "a workshop is no review");
        let late = meet(&world, "FOLLOW_UP", "2026-03-20T10:00:00Z").await;
        assert_eq!(late["review"]["status"], "LATE");
        jobs::run_due_turns(&world.app).await.expect("the jobs");
        let later = [("2026-03-09", "MET"), ("2026-03-16", "LATE"), ("2026-03-23", "DUE"), ("2026-03-30", "DUE"), ("2026-04-06", "DUE")];
        assert_eq!(told(&world).await, expected(&later), "a late one moves nothing");
        world.at("2026-03-28T00:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("the jobs");
        let clocks = team(&world).await["reviews"]["nodes"].clone();
        assert_eq!(clocks[2]["status"], "MISSED");
        assert_eq!((&clocks[2]["dueAt"], &clocks[3]["dueAt"]), (&json!("2026-03-23T09:00:00Z"), &json!("2026-03-30T08:00:00Z")), "nine o'clock there");
        let input = json!({ "id": clocks[2]["id"], "heldAt": "2026-03-24T15:00:00Z", "quorate": false });
        let held = world.done(Facilitator, "reviewHold", input.clone(), "review { status quorate heldAt }").await;
        assert_eq!(held["review"], json!({ "status": "MET", "quorate": false, "heldAt": "2026-03-24T15:00:00Z" }), "told afterwards");
        assert_eq!(world.refused(Facilitator, "reviewHold", input).await, ("WRONG_STATE".into(), "input.id".into()));
        let facts = "query($id: ID!) { client(id: $id) { reviews { totalCount nodes { status session { id } } } } }";
        let seen = world.read(Admin, facts, json!({ "id": world.cast.client.to_string() })).await;
        assert_eq!(seen["client"]["reviews"]["nodes"].as_array().map(Vec::len), Some(6), "head office sees facts");
        assert!(seen["client"]["reviews"]["nodes"].as_array().expect("reviews").iter().all(|node| node["session"].is_null()), "and no content");
    }
}

scenario! {
    async fn another_cadence_takes_the_place_of_the_first(world: World) {
        let ended = json!({ "teamId": world.cast.team.to_string(), "unit": "WEEK", "every": 1, "anchorOn": "2026-03-09", "expectedVersion": 1 });
        let stale = world.refused(Facilitator, "reviewCadenceSet", ended).await;
        assert_eq!(stale, ("CONFLICT".into(), "input.expectedVersion".into()), "there is none of any version");
        let first = set(&world, 1, "2026-03-09").await;
        world.at("2026-03-09T12:00:00Z");
        let input = |version: i32| json!({ "teamId": world.cast.team.to_string(), "unit": "MONTH", "every": 1,
            "anchorOn": "2026-01-31", "time": "17:30", "expectedVersion": version });
        let stale = world.refused(Facilitator, "reviewCadenceSet", input(7)).await;
        assert_eq!(stale, ("CONFLICT".into(), "input.expectedVersion".into()));
        world.done(Facilitator, "reviewCadenceSet", input(1), "reviewCadence { id }").await;
        let due = [("2026-03-09", "DUE"), ("2026-03-31", "DUE"), ("2026-04-30", "DUE"), ("2026-05-31", "DUE")];
        assert_eq!(told(&world).await, expected(&due), "what was due stays, what lay ahead does not");
        assert_eq!(world.refused(Facilitator, "reviewCadenceEnd", json!({ "id": first["id"] })).await.0, "WRONG_STATE");
        let wrong = json!({ "teamId": world.cast.team.to_string(), "unit": "MONTH", "every": 13, "anchorOn": "2028-01-31", "time": "5pm" });
        let payload = world.change(Facilitator, "reviewCadenceSet", wrong, "").await;
        let paths: Vec<String> = payload["errors"].as_array().expect("errors").iter().map(|error| error["path"][1].to_string()).collect();
        assert_eq!(paths, ["\"every\"", "\"anchorOn\"", "\"time\""], "all faults at once");
        let sydney = json!({ "id": world.cast.client.to_string(), "timeZone": "Australia/Sydney" });
        world.done(Owner, "clientUpdate", sydney, "client { id }").await;
        let moved = team(&world).await["reviews"]["nodes"].clone();
        assert_eq!(moved[1]["dueAt"], "2026-03-31T06:30:00Z", "half past five there, on the same day");
    }
}

scenario! {
    async fn a_programme_brings_its_rhythm_along_and_its_pauses_excuse(world: World) {
        let programme = planned(&world).await;
        let id = json!({ "id": programme });
        let what = "programme { status team { id reviewCadence { unit every anchorOn } reviews { nodes { dueOn status } } } }";
        let started = world.done(Facilitator, "programmeStart", id.clone(), what).await;
        let team = &started["programme"]["team"];
        assert_eq!(team["reviewCadence"], json!({ "unit": "WEEK", "every": 2, "anchorOn": "2026-03-16" }));
        world.at("2026-03-10T09:00:00Z");
        world.done(Facilitator, "programmePause", json!({ "id": programme, "reason": "Stocktaking" }), "programme { id }").await;
        world.at("2026-03-29T00:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("the jobs");
        world.at("2026-03-31T09:00:00Z");
        let resumed = world.done(Facilitator, "programmeResume", id.clone(), what).await;
        let reviews = resumed["programme"]["team"]["reviews"]["nodes"].as_array().expect("reviews").clone();
        let excused: Vec<&Value> = reviews.iter().filter(|review| review["status"] == "EXCUSED").map(|review| &review["dueOn"]).collect();
        assert_eq!(excused, ["2026-03-30", "2026-03-16"], "one by the clock, one by the resumption");
        world.at("2026-05-02T00:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("the jobs");
        let ended = world.done(Facilitator, "programmeTerminate", json!({ "id": programme, "reason": "They merged" }), what).await;
        assert_eq!(ended["programme"]["team"]["reviewCadence"], Value::Null);
        let left = ended["programme"]["team"]["reviews"]["nodes"].as_array().expect("reviews").clone();
        assert_eq!(left.iter().map(|review| review["status"].as_str().unwrap_or_default()).collect::<Vec<_>>(), ["DUE", "MISSED", "EXCUSED", "EXCUSED"], "what lay ahead is gone");
    }
}

/// Teams whose rhythm was kept by nobody for a while.
async fn sleepers(world: &World, teams: usize) -> Vec<Id<review_cadence::Entity>> {
    let fixtures = fixtures::Fixtures::of(world).await;
    let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
    let mut ids = vec![];
    for _ in 0..teams {
        let fixture = fixtures.home.fresh_team(&write).await;
        let id = fixtures::rhythm::cadence(&write, &fixture).await;
        let row = write.find::<review_cadence::Entity>(id).await.expect("a look").expect("a cadence");
        let mut change = sea_orm::IntoActiveModel::into_active_model(row);
        change.next_number = sea_orm::ActiveValue::Set(0);
        change.top_up_at = sea_orm::ActiveValue::Set(write.now());
        crate::kit::fixtures::set::<review_cadence::Entity>(&write, change).await;
        ids.push(id);
    }
    write.commit_quietly().await.expect("the sleepers");
    ids
}

scenario! {
    async fn many_at_once_make_each_review_once(world: World) {
        let behind = world.home.behind().await;
        let asleep = sleepers(&world, 120).await;
        world.at("2026-04-15T00:00:00Z");
        for made in join_all((0..6).map(|_| jobs::run_due_turns(&world.app))).await {
            made.expect("the jobs");
        }
        world.at("2026-04-15T00:15:00Z");
        jobs::run_due_turns(&world.app).await.expect("the jobs");
        let theirs = review::Entity::find().filter(review::Column::ReviewCadenceId.is_in(asleep));
        let made = |status: review::ReviewStatus| theirs.clone().filter(review::Column::Status.eq(status)).count(&behind);
        // three are over by mid-April and one still open, for each; three lie ahead
        assert_eq!(made(review::ReviewStatus::Missed).await.expect("a count"), 120 * 3);
        assert_eq!(made(review::ReviewStatus::Due).await.expect("a count"), 120 * 4);
        verify_chains(&behind).await.expect("the chains hold");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_workers_leave_no_half() {
    for backend in [Backend::Sqlite, Backend::Postgres] {
        let world = World::new(backend).await;
        let behind = world.home.behind().await;
        sleepers(&world, 400).await;
        // each is killed as soon as it has done something, and the last one goes on to the end
        let wanted = [1, 400, 900];
        for least in wanted {
            let workers = [Process::work(&world.home).await];
            eventually(&format!("{least} reviews are made"), Duration::from_secs(90), async || {
                let made = review::Entity::find().count(&behind).await.expect("a count");
                (made >= least).then_some(())
            })
            .await;
            workers.into_iter().for_each(Process::kill);
            verify_chains(&behind).await.expect("the chains hold");
            let cadences = review_cadence::Entity::find().all(&behind).await.expect("the cadences");
            for cadence in cadences.iter().filter(|cadence| cadence.next_number > 1) {
                let of = review::Column::ReviewCadenceId.eq(cadence.id);
                let reviews = review::Entity::find().filter(of).count(&behind).await.expect("a count");
                assert_eq!(reviews, cadence.next_number as u64, "a cadence and its reviews are one");
            }
        }
    }
}
