//! RequestInfo again and again, and moving what can be moved: a benchmark is no oracle. Whatever is asked however often, by
//! however many, is one answer; and nobody's live work, one's own or a peer's, nor what is dated back, moves any of it.

use super::{COHORTS, Net, PERIODS, RELEASES, STANDING, instant, of, pour, spread};
use crate::{
    kit::{Backend, Persona::*, World, fixtures::TeamFixtures},
    scenario,
    scenarios::signing_in::Log,
};
use chrono::TimeDelta;
use concord::{jobs, kernel::Write};
use entity::{
    Id, action,
    action::ActionStatus,
    metric_value::{self, Metric},
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tracing_subscriber::EnvFilter;

/// As many names as a document may give.
const ALIASES: usize = 30;
/// How often each asks.
const REPEATS: usize = 1_000;

scenario! {
    async fn a_thousand_repeats_by_each_of_twelve_viewers_are_one_answer(world: World) {
        let net = Net::of(world, of("A", 24, 6)).await;
        net.release(PERIODS[0], spread).await;
        // by the period's name, and as the latest
        let asked = (0..ALIASES).map(|at| {
            let period = if at % 2 == 0 { format!(", period: \"{}\"", PERIODS[0]) } else { String::new() };
            format!("a{at}: benchmark(metric: ON_TIME_ACTIONS{period}) {{ {STANDING} }}")
        });
        let document = format!("query($id: ID!) {{ client(id: $id) {{ {} }} }}", asked.collect::<Vec<_>>().join(" "));
        let (mut own, mut figures) = (BTreeSet::new(), BTreeSet::new());
        for viewer in 0..12 {
            let id = json!({ "id": net.clients[viewer] });
            // half of it a day later
            let mut first = String::new();
            for day in ["2026-03-02T09:00:00Z", "2026-03-03T09:00:00Z"] {
                net.world.at(day);
                let token = net.sponsor(viewer);
                for _ in 0..REPEATS.div_ceil(2 * ALIASES) {
                    let text = net.ask(&token, &document, id.clone()).await;
                    if first.is_empty() {
                        first = text;
                    } else {
                        assert_eq!(text, first);
                    }
                }
            }
            let json: Value = serde_json::from_str(&first).expect("JSON");
            let mut answers: Vec<Value> = json["data"]["client"].as_object().expect("aliases").values().cloned().collect();
            assert!(answers.len() == ALIASES && answers.iter().all(|answer| *answer == answers[0]), "{first}");
            let answer = answers[0].as_object_mut().expect("an answer");
            own.insert(answer.remove("value").expect("a value").to_string());
            answer.remove("quartile");
            answer.remove("standing");
            figures.insert(answers[0].to_string());
        }
        assert_eq!((own.len(), figures.len()), (12, 1), "each has a value of its own, and all see the same: {figures:?}");
    }
}

scenario! {
    async fn lists_are_one_answer_too(world: World) {
        let net = Net::of(world, of("A", 24, 6)).await;
        net.release(PERIODS[0], spread).await;
        let asked: Vec<String> = (0..20).map(|at| format!("a{at}: benchmarkCohorts(first: 10) {{ totalCount nodes {{ band p25 p50 p75 }} }}")).collect();
        let document = format!("{{ {} }}", asked.join(" "));
        for who in [Analyst, Admin] {
            let token = net.world.token(who);
            let first = net.ask(&token, &document, json!({})).await;
            let json: Value = serde_json::from_str(&first).expect("JSON");
            let answers: Vec<&Value> = json["data"].as_object().expect("aliases").values().collect();
            assert!(answers.len() == 20 && answers.iter().all(|answer| *answer == answers[0]), "{first}");
            assert_eq!(answers[0]["totalCount"], 4, "{first}");
            for _ in 0..25 {
                assert_eq!(net.ask(&token, &document, json!({})).await, first);
            }
        }
    }
}

scenario! {
    async fn each_member_less_itself_sees_the_same_figures(world: World) {
        let net = Net::of(world, of("A", 24, 6)).await;
        net.release(PERIODS[0], spread).await;
        let mut figures = vec![];
        for client in 0..24 {
            let mut answer = net.benchmark(client, PERIODS[0]).await;
            let own = answer.as_object_mut().expect("an answer");
            own.remove("value");
            // both follow from the value and the figures
            own.remove("quartile");
            own.remove("standing");
            figures.push(answer);
        }
        assert_ne!(figures[0]["p50"], Value::Null);
        assert!(figures.iter().all(|answer| *answer == figures[0]));
    }
}

/// The place of a client's team.
async fn fixture(net: &Net, write: &Write, client: usize) -> TeamFixtures {
    let cast = &net.world.cast;
    let fixture = TeamFixtures {
        network: cast.network,
        region: net.regions[0],
        franchise: net.franchises[net.entries[client].unit],
        client: net.clients[client],
        team: cast.team,
        owner: cast.leader,
        person: net.owners[net.entries[client].unit].person,
        ids: Default::default(),
    };
    fixture.fresh_team(write).await
}

/// So many actions of a client that were due on a day and are not done: all count for its on-time actions.
async fn work(net: &Net, client: usize, count: usize, due: &str) -> Vec<Id<action::Entity>> {
    let write = net.write().await;
    let fixture = fixture(net, &write, client).await;
    let like = crate::kit::fixtures::action(&write, &fixture, ActionStatus::Accepted, None).await;
    let like = write.find::<action::Entity>(like).await.expect("a look").expect("an action");
    let due_at = instant(due);
    let offered = due_at - TimeDelta::days(20);
    let rows: Vec<action::Model> = (0..count)
        .map(|_| action::Model {
            id: write.id(),
            due_on: due_at.date_naive(),
            due_at,
            baseline_on: Some(due_at.date_naive()),
            baseline_at: Some(due_at),
            offered_at: offered,
            accepted_at: Some(offered),
            first_offered_at: offered,
            first_accepted_at: Some(offered),
            ..like.clone()
        })
        .collect();
    let ids = rows.iter().map(|row| row.id).collect();
    pour::<action::Entity>(&write, rows).await;
    write.commit_quietly().await.expect("work");
    ids
}

/// An action was done in time after all.
async fn done(net: &Net, action: Id<action::Entity>, closed_at: &str) {
    let write = net.write().await;
    let change = action::ActiveModel {
        id: Set(action),
        status: Set(ActionStatus::Done),
        closed_at: Set(Some(instant(closed_at))),
        ..Default::default()
    };
    crate::kit::fixtures::set::<action::Entity>(&write, change).await;
    write.commit_quietly().await.expect("a step");
}

/// The client's on-time actions as they are now, as its sponsor reads them.
async fn live(net: &Net, client: usize) -> (i64, i64) {
    let document = "query($id: ID!) { client(id: $id) { metrics { metric numerator denominator } } }";
    let text = net.ask(&net.sponsor(client), document, json!({ "id": net.clients[client] })).await;
    let json: Value = serde_json::from_str(&text).expect("JSON");
    let metrics = json["data"]["client"]["metrics"].as_array().expect("metrics").clone();
    let metric =
        metrics.iter().find(|metric| metric["metric"] == "ON_TIME_ACTIONS").expect("on-time actions");
    (metric["numerator"].as_i64().unwrap_or(0), metric["denominator"].as_i64().unwrap_or(0))
}

/// All that some viewers may get.
async fn all_told(net: &Net, viewers: &[String], periods: &[&str]) -> Vec<String> {
    let mut answers = vec![];
    for viewer in viewers {
        answers.push(net.answers_to(viewer, periods).await);
    }
    answers
}

scenario! {
    async fn a_thousand_steps_of_ones_own_live_value_move_nothing(world: World) {
        let net = Net::of(world, [of("A", 24, 6), of("B", 24, 6)].concat()).await;
        net.release(PERIODS[7], spread).await;
        let actions = work(&net, 0, REPEATS, "2026-02-20T23:59:59Z").await;
        let viewers = [net.sponsor(0), net.owner(0), net.world.token(Analyst)];
        let before = all_told(&net, &viewers, &PERIODS[7..]).await;
        let document = "query($id: ID!) { client(id: $id) { benchmark(metric: ON_TIME_ACTIONS) { status band value quartile p25 p50 p75 } } }";
        let id = json!({ "id": net.clients[0] });
        let still = net.ask(&viewers[0], document, id.clone()).await;
        assert!(still.contains("\"quartile\":\"LOWEST\""), "{still}");
        assert_eq!(live(&net, 0).await, (0, REPEATS as i64));
        for (step, action) in actions.iter().enumerate() {
            done(&net, *action, "2026-02-19T12:00:00Z").await;
            assert_eq!(net.ask(&viewers[0], document, id.clone()).await, still, "step {step}");
            if step % 250 == 249 {
                assert_eq!(live(&net, 0).await, (step as i64 + 1, REPEATS as i64), "the live value moves with each");
                assert_eq!(all_told(&net, &viewers, &PERIODS[7..]).await, before, "step {step}");
            }
        }
    }
}

scenario! {
    async fn a_peers_live_work_drips_through_nowhere(world: World) {
        let net = Net::of(world, [of("A", 24, 6), of("B", 24, 6)].concat()).await;
        net.release(PERIODS[6], spread).await;
        let actions = work(&net, 1, 24, "2026-02-20T23:59:59Z").await;
        // another franchise's owner, another client's sponsor, and head office
        let viewers = [net.sponsor(0), net.owner(0), net.world.token(Analyst)];
        let before = all_told(&net, &viewers, &PERIODS[6..]).await;
        for (step, action) in actions.into_iter().enumerate() {
            done(&net, action, "2026-02-19T12:00:00Z").await;
            assert_eq!(all_told(&net, &viewers, &PERIODS[6..]).await, before, "step {step}");
        }
        assert_eq!(live(&net, 1).await, (24, 24));
        // frozen values show no more than the release
        net.freeze(PERIODS[7], |at| Some(10_000 - spread(at)?)).await;
        assert_eq!(all_told(&net, &viewers, &PERIODS[6..]).await, before, "frozen, and not released");
        net.close(PERIODS[7]).await;
        assert_ne!(all_told(&net, &viewers, &PERIODS[6..]).await, before);
    }
}

scenario! {
    async fn what_is_dated_back_restates_nothing(world: World) {
        let net = Net::of(world, [of("A", 24, 6), of("B", 24, 6)].concat()).await;
        net.release(PERIODS[7], spread).await;
        let viewers = [net.sponsor(0), net.owner(1), net.world.token(Analyst)];
        let before = all_told(&net, &viewers, &PERIODS[7..]).await;
        let frozen = async || {
            let write = net.write().await;
            let rows = metric_value::Entity::find()
                .filter(metric_value::Column::Metric.eq(Metric::OnTimeActions))
                .filter(metric_value::Column::Period.eq(PERIODS[7]))
                .order_by_asc(metric_value::Column::Id);
            let rows = write.all(rows).await.expect("frozen values");
            write.roll_back().await.expect("nothing was changed");
            rows
        };
        let values = frozen().await;
        assert_eq!(values.len(), 48);
        // work of the released quarter, entered now and done then
        for client in 0..6 {
            for action in work(&net, client, 20, "2025-11-20T23:59:59Z").await {
                done(&net, action, "2025-11-19T12:00:00Z").await;
            }
        }
        let as_of = "query($id: ID!) { client(id: $id) { metrics(asOf: \"2025-12-31\") { metric numerator } } }";
        let then = net.ask(&viewers[0], as_of, json!({ "id": net.clients[0] })).await;
        assert!(then.contains("\"metric\":\"ON_TIME_ACTIONS\",\"numerator\":20"), "the quarter would be another: {then}");
        jobs::run_due_turns(&net.world.app).await.expect("the jobs");
        assert_eq!(frozen().await, values);
        let refused = net.world.refused(Admin, "benchmarkReleaseClose", json!({ "period": PERIODS[7] })).await;
        assert_eq!(refused.0, "WRONG_STATE", "it is not closed again");
        assert_eq!(all_told(&net, &viewers, &PERIODS[7..]).await, before);
    }
}

/// What a server logs while a network of so many clients is released, read, forgotten in part and released again.
async fn logged(backend: Backend, clients: usize) -> String {
    let net = Net::of(World::new(backend).await, of("A", clients, 6)).await;
    let log = Log::default();
    // ours to the last word; what libraries say of statements is off unless an operator asks for it
    let filter = EnvFilter::new("info,concord=trace,sea_orm_migration=warn");
    let subscriber = tracing_subscriber::fmt().without_time().with_ansi(false).with_env_filter(filter);
    let _heard = tracing::subscriber::set_default(subscriber.with_writer(log.clone()).finish());
    tracing::info!("the log is heard");
    for period in &PERIODS[..2] {
        net.freeze(period, spread).await;
        net.world
            .done(Admin, "benchmarkReleasePreview", json!({ "period": period }), "families { family }")
            .await;
        net.close(period).await;
    }
    for viewer in [net.sponsor(0), net.owner(1), net.world.token(Analyst)] {
        net.answers_to(&viewer, &PERIODS[..2]).await;
    }
    net.world.refused(Admin, "benchmarkReleaseClose", json!({ "period": PERIODS[0] })).await;
    let heard = String::from_utf8_lossy(&log.0.lock().expect("the log")).into_owned();
    let names =
        (0..clients).flat_map(|client| [net.clients[client].uuid().to_string(), net.pseudonym(client)]);
    for name in names.chain(["Client 1".into(), "Owners 1".into()]) {
        assert!(!heard.contains(&name), "{name} is in the log:\n{heard}");
    }
    heard
}

scenario! {
    async fn logs_count_nobody(world: World) {
        let (one, other) = (logged(world.backend, 24).await, logged(world.backend, 25).await);
        assert!(one.contains("the log is heard"));
        // how long things took is another each time
        let untimed = |log: &str| -> Vec<String> {
            let words = |line: &str| -> Vec<String> {
                let timed = |word: &str| word.ends_with("ms") || word.ends_with("µs") || word.contains("elapsed") || word.contains("duration");
                line.split(' ').filter(|word| !timed(word)).map(str::to_owned).collect()
            };
            log.lines().map(|line| words(line).join(" ")).collect()
        };
        assert_eq!(untimed(&one), untimed(&other), "one client more shows in no log");
    }
}

scenario! {
    async fn a_request_costs_the_same_however_many_are_counted(world: World) {
        let few = Net::of(world, of("A", 24, 6)).await;
        let many = Net::of(World::new(few.world.backend).await, of("A", 60, 6)).await;
        let mut costs = vec![];
        for net in [&few, &many] {
            net.release(PERIODS[0], spread).await;
            let token = net.world.token(Analyst);
            for document in [RELEASES, COHORTS] {
                let priced = document.replacen('{', "{ rateLimit { cost } ", 1);
                let json: Value = serde_json::from_str(&net.ask(&token, &priced, json!({})).await).expect("JSON");
                costs.push(json["data"]["rateLimit"].clone());
            }
        }
        assert!(costs[0]["cost"].as_i64() > Some(0), "{costs:?}");
        assert_eq!(costs[..2], costs[2..]);
    }
}
