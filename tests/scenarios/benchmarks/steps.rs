//! A closing stores a draft step by step and publishes it at the end: others write in between, nobody reads the draft, and
//! whatever becomes of the process there is one release, the same as if it had been made in one go.

use super::{COHORTS, Net, PERIODS, Poured, of, spread};
use crate::{
    kit::{
        Persona::{self, *},
        assert_counts, verify_chains,
    },
    scenario,
    scenarios::jobs::beside,
};
use concord::{
    features::{
        benchmark::{self, forgetting::forget},
        metric::{definition::METRICS, rules::Quarter},
    },
    jobs::{self, Job},
    kernel::RequestInfo,
};
use entity::{benchmark_cohort, benchmark_release, client, metric_value::Metric};
use futures::future::join_all;
use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait, Statement};
use serde_json::{Value, json};
use std::{collections::BTreeSet, pin::pin};

/// The latest period that is due when a world begins.
const LATEST: &str = PERIODS[7];
/// When a closing that was last heard of as a world began counts as abandoned.
const ABANDONED: &str = "2026-03-02T09:05:00Z";
/// What a closing stores.
const STORED: [&str; 4] =
    ["benchmark_release", "benchmark_cohort", "benchmark_counted", "benchmark_standing"];

fn job() -> &'static Job {
    jobs::all().find(|job| job.name == "benchmarks").expect("the job")
}

fn latest() -> Quarter {
    Quarter::parse(LATEST).expect("a quarter")
}

/// A network whose closing takes many steps: 240 clients with a value in every metric.
async fn many(world: crate::kit::World) -> Net {
    let net =
        Net::of(world, ["A", "B", "C", "D", "E", "F"].map(|industry| of(industry, 40, 6)).concat()).await;
    let each = |client: usize| -> Option<(i64, i64)> { Some((spread(client)?, 20)) };
    let metrics: Vec<(Metric, Poured<'_>)> =
        METRICS.iter().map(|metric| (*metric, &each as Poured<'_>)).collect();
    net.freeze_all(LATEST, &metrics).await;
    net
}

async fn count(behind: &DatabaseConnection, of: &str) -> i64 {
    let sql = format!("select count(*) from {of}");
    let row = behind.query_one_raw(Statement::from_string(behind.get_database_backend(), sql)).await;
    row.expect("an answer").expect("a row").try_get_by_index(0).expect("a number")
}

async fn stored(behind: &DatabaseConnection) -> Vec<i64> {
    let mut counts = vec![];
    for table in STORED {
        counts.push(count(behind, table).await);
    }
    counts
}

/// What some people read about the latest period.
async fn answers(net: &Net) -> Vec<String> {
    let mut answers = vec![];
    for who in [Admin, Analyst, Owner, Facilitator, Sponsor, Stranger, Foreigner] {
        answers.push(net.answers_to(&net.world.token(who), &[LATEST]).await);
    }
    for token in [net.sponsor(0), net.owner(0)] {
        answers.push(net.answers_to(&token, &[LATEST]).await);
    }
    answers
}

/// The job's look at a network, ended half-way, as if its process were killed.
async fn kill_half_way(net: &Net, behind: &DatabaseConnection) {
    let mut closing = pin!(jobs::run_due_turns_of(&net.world.app, job()));
    loop {
        tokio::select! {
            biased;
            made = &mut closing => panic!("it was not killed in time: {made:?}"),
            counted = count(behind, "benchmark_counted") => if counted > 0 { break },
        }
    }
}

scenario! {
    async fn others_write_between_the_steps(world: World) {
        let net = many(world).await;
        let behind = net.world.home.behind().await;
        let mut between = 0;
        let action = json!({ "teamId": net.world.cast.team, "ownerId": net.world.cast.leader, "title": "Call", "dueOn": "2026-03-20" });
        {
            let mut closing = pin!(jobs::run_due_turns_of(&net.world.app, job()));
            loop {
                tokio::select! {
                    biased;
                    made = &mut closing => {
                        made.expect("a look");
                        break;
                    }
                    _ = net.world.done(Facilitator, "actionCreate", action.clone(), "") => {
                        let draft = "benchmark_policy where closing_id is not null and published_through is null";
                        between += count(&behind, draft).await;
                    }
                }
            }
        }
        assert!(between >= 3, "writes of others while the draft was made: {between}");
        assert!(net.cohorts(LATEST).await.contains_key("the whole network"));
        assert_counts(&behind).await;
    }
}

scenario! {
    async fn nobody_reads_a_draft(world: World) {
        let net = many(world).await;
        let behind = net.world.home.behind().await;
        let lists = "{ benchmarkReleases(first: 50) { totalCount nodes { id period cohorts(first: 1) { totalCount } } }
            benchmarkCohorts(first: 50) { totalCount nodes { id } } }";
        let seen = async || {
            let mut seen = vec![];
            for who in Persona::ALL {
                seen.push(net.world.read(who, lists, json!({})).await);
            }
            seen
        };
        let export = "mutation($input: ClientExportInput!) { clientExport(input: $input) { dataExport { rows } } }";
        let exported = async || {
            let answer = net.ask(&net.sponsor(0), export, json!({ "input": { "clientId": net.clients[0] } })).await;
            let answer: Value = serde_json::from_str(&answer).expect("JSON");
            answer["data"]["clientExport"]["dataExport"]["rows"].as_i64().expect("rows")
        };
        let (told_before, seen_before) = (answers(&net).await, seen().await);
        // the next one has the event of the one before it
        let first = exported().await;
        let each = exported().await - first;
        let events = count(&behind, "audit_event").await;
        let steps = net.steps();
        let draft = benchmark::draft_releases(&steps, latest()).await.expect("a draft").expect("nobody else closes");
        assert_eq!(count(&behind, "audit_event").await, events, "the audit tells nothing of it");
        let there = stored(&behind).await;
        assert!(there[0] == 10 && there[1..].iter().all(|rows| *rows > 100), "the draft is whole: {there:?}");
        assert_eq!(answers(&net).await, told_before);
        assert_eq!(seen().await, seen_before);
        assert_eq!(exported().await, first + 2 * each);
        // whoever knows the ids
        let release = benchmark_release::Entity::find().one(&behind).await.expect("a look").expect("a release");
        let cohort = benchmark_cohort::Entity::find().one(&behind).await.expect("a look").expect("a cohort");
        for id in [release.id.to_string(), cohort.id.to_string()] {
            for who in Persona::ALL {
                let node = net.world.read(who, "query($id: ID!) { node(id: $id) { id } }", json!({ "id": id })).await;
                assert_eq!(node, json!({ "node": null }), "{who:?}");
            }
        }
        let ids = draft.publish(None).await.expect("a transaction").expect("nothing has changed");
        assert_eq!(ids.len(), 10);
        assert_eq!(stored(&behind).await, there, "publishing stores nothing more");
        assert_ne!(answers(&net).await, told_before);
        assert!(net.ask(&net.world.token(Analyst), COHORTS, json!({})).await.contains("HUNDRED"));
        assert!(exported().await > first + 3 * each, "where the client stands is its content");
        let released = "audit_event where noun = 'benchmark_release'";
        assert_eq!(count(&behind, released).await, 10, "each release is published once it is there");
        verify_chains(&behind).await.expect("the chains hold");
    }
}

scenario! {
    async fn what_is_killed_half_way_is_made_anew_and_the_same(world: World) {
        let other = crate::kit::World::new(world.backend).await;
        let (whole, killed) = (many(world).await, many(other).await);
        let behind = killed.world.home.behind().await;
        kill_half_way(&killed, &behind).await;
        let left = stored(&behind).await;
        assert!(left[0] == 10 && left[2] > 0, "{left:?}");
        // it may be at it still, as far as others know
        jobs::run_due_turns_of(&killed.world.app, job()).await.expect("a look");
        assert_eq!(count(&behind, "benchmark_policy where published_through is not null").await, 0);
        for net in [&whole, &killed] {
            net.world.at(ABANDONED);
            jobs::run_due_turns_of(&net.world.app, job()).await.expect("a look");
        }
        let one_go = whole.world.home.behind().await;
        assert_eq!(stored(&behind).await, stored(&one_go).await, "nothing is left of what was killed");
        assert_eq!(answers(&killed).await, answers(&whole).await);
        let rows = async |net: &Net| {
            let rows = net.rows(LATEST).await.into_iter().map(|row| (row.pseudonym, row.unit, row.path, row.depth));
            rows.collect::<BTreeSet<_>>()
        };
        assert_eq!(rows(&killed).await, rows(&whole).await);
        assert_counts(&behind).await;
    }
}

scenario! {
    async fn two_processes_make_one_release(world: World) {
        let net = many(world).await;
        let behind = net.world.home.behind().await;
        let other = beside(&net.world).await;
        let apps = [&net.world.app, &other, &net.world.app, &other];
        for made in join_all(apps.map(|app| jobs::run_due_turns_of(app, job()))).await {
            made.expect("a look");
        }
        let there = stored(&behind).await;
        assert_eq!(there[0], 10);
        assert_eq!(count(&behind, "audit_event where noun = 'benchmark_release'").await, 10);
        for app in apps {
            jobs::run_due_turns_of(app, job()).await.expect("a look");
        }
        assert_eq!(stored(&behind).await, there);
        assert!(net.cohorts(LATEST).await.contains_key("the whole network"));
        verify_chains(&behind).await.expect("the chains hold");
    }
}

scenario! {
    async fn one_closing_at_a_time(world: World) {
        let net = many(world).await;
        let behind = net.world.home.behind().await;
        let steps = net.steps();
        let draft = benchmark::draft_releases(&steps, latest()).await.expect("a draft").expect("nobody else closes");
        let close = json!({ "period": LATEST });
        let refused = net.world.refused(Admin, "benchmarkReleaseClose", close.clone()).await;
        assert_eq!(refused, ("WRONG_STATE".into(), "input.period".into()));
        assert!(benchmark::draft_releases(&steps, latest()).await.expect("a look").is_none());
        // what it decided by is no longer so
        net.world.done(Admin, "benchmarkPolicyUpdate", json!({ "profile": "STRICT" }), "").await;
        assert_eq!(draft.publish(None).await.expect("a look"), None);
        draft.abandon().await.expect("it is removed");
        assert_eq!(stored(&behind).await, [0; 4]);
        net.close(LATEST).await;
        let profiles = net.world.read(Analyst, "{ benchmarkReleases(first: 1) { totalCount nodes { profile } } }", json!({})).await;
        assert_eq!(profiles["benchmarkReleases"], json!({ "totalCount": 10, "nodes": [{ "profile": "STRICT" }] }));
        assert_eq!(net.world.refused(Admin, "benchmarkReleaseClose", close).await.0, "WRONG_STATE");
    }
}

scenario! {
    async fn who_withdraws_before_the_end_is_not_counted(world: World) {
        let net = many(world).await;
        let behind = net.world.home.behind().await;
        let steps = net.steps();
        let withdraw = "mutation($input: BenchmarkConsentWithdrawInput!) { benchmarkConsentWithdraw(input: $input) { errors { code } } }";
        let archive = "mutation($input: ClientArchiveInput!) { clientArchive(input: $input) { errors { code } } }";
        for (gone, token, document, named) in [(2, net.sponsor(2), withdraw, "clientId"), (7, net.owner(1), archive, "id")] {
            let draft = benchmark::draft_releases(&steps, latest()).await.expect("a draft").expect("nobody else closes");
            let done = net.ask(&token, document, json!({ "input": { named: net.clients[gone] } })).await;
            assert!(done.contains("\"errors\":[]"), "{done}");
            assert_eq!(draft.publish(None).await.expect("a look"), None, "it counts {gone}");
            draft.abandon().await.expect("it is removed");
            assert_eq!(stored(&behind).await, [0; 4]);
        }
        net.close(LATEST).await;
        let counted = net.counted(LATEST).await;
        assert!(counted.len() > 200 && !counted.contains_key(&2) && !counted.contains_key(&7), "{counted:?}");
    }
}

scenario! {
    async fn an_erasure_ends_the_closing(world: World) {
        let net = many(world).await;
        let behind = net.world.home.behind().await;
        let steps = net.steps();
        let draft = benchmark::draft_releases(&steps, latest()).await.expect("a draft").expect("nobody else closes");
        let of_nobody = format!("benchmark_counted where pseudonym = '{}'", net.pseudonym(3));
        assert!(count(&behind, &of_nobody).await > 0);
        let mut write = net.write().await.with_verb("personErase", &RequestInfo::default());
        write.reach_all().await.expect("the network");
        let row = write.find::<client::Entity>(net.clients[3]).await.expect("a look").expect("a client");
        forget(&write, &row).await.expect("forgotten");
        write.commit().await.expect("an erasure");
        assert_eq!(count(&behind, &of_nobody).await, 0, "what is stored of it goes at once");
        assert_eq!(draft.publish(None).await.expect("a look"), None);
        // nobody has to wait until the other one counts as abandoned
        net.close(LATEST).await;
        assert_eq!(count(&behind, &of_nobody).await, 0);
        assert!(!net.counted(LATEST).await.contains_key(&3));
        assert_eq!(count(&behind, "benchmark_release").await, 10);
        draft.abandon().await.expect("it is not its own any more");
        assert_eq!(count(&behind, "benchmark_release").await, 10, "and what is published stays");
    }
}

scenario! {
    async fn erasing_a_person_moves_nothing(world: World) {
        let net = many(world).await;
        let steps = net.steps();
        let draft = benchmark::draft_releases(&steps, latest()).await.expect("a draft").expect("nobody else closes");
        let (_, person, _) = net.world.cast.person(Observer);
        net.world.done(Admin, "personErase", json!({ "id": person }), "").await;
        let ids = draft.publish(None).await.expect("a transaction").expect("it stands");
        assert_eq!(ids.len(), 10);
    }
}
