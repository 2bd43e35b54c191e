//! Metrics: the same from one statement and one by one; what people do changes them only as the definitions say; what is
//! frozen stays; and head office sees none of them.

mod history;
mod slow;

use crate::{
    kit::{Persona::*, World, assert_counts, fixtures::Fixtures, verify_chains},
    scenario,
};
use chrono::NaiveDate;
use concord::{
    features::metric::{definition::METRICS, freezing, rules::Quarter},
    jobs,
    seed::{Plan, seed},
};
use entity::{
    client, metric_period,
    metric_value::{self, Metric},
};
use rand::SeedableRng;
use rand_chacha::ChaCha20Rng;
use sea_orm::{ActiveValue::Set, EntityTrait, IntoActiveModel, PaginatorTrait};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
};

/// Clients of one round of histories.
const CLIENTS: usize = 25;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a day")
}

scenario! {
    async fn one_statement_says_what_a_slow_reader_says(world: World) {
        let seed = std::env::var("CONCORD_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_260_702);
        let mut source = ChaCha20Rng::seed_from_u64(seed);
        let fixtures = Fixtures::of(&world).await;
        world.at("2026-07-02T09:00:00Z");
        let last = day("2026-06-30");
        let made = history::make(&world, &mut source, &fixtures.model, &fixtures.home, last, CLIENTS).await;
        let behind = world.home.behind().await;
        let (mut valued, mut reasons, mut wrong) = (BTreeMap::<Metric, usize>::new(), BTreeSet::new(), vec![]);
        for back in [0, 1, 45] {
            let on = last - chrono::Days::new(back);
            let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
            let rows = client::Entity::find().all(&behind).await.expect("clients");
            let named: Vec<_> = rows
                .iter()
                .filter(|row| made.contains(&row.id))
                .map(|row| (row.id.uuid(), row.time_zone.clone()))
                .collect();
            let fast = freezing::compute_metrics(&write, &named, on).await.expect("metrics");
            write.roll_back().await.expect("nothing was changed");
            assert_eq!(fast.len(), CLIENTS * METRICS.len());
            for id in &made {
                let slow = slow::Rows::of(&behind, *id).await.measure(on);
                for row in fast.iter().filter(|row| row.client == *id) {
                    let found = (row.numerator, row.denominator, row.value, row.reason);
                    if found != slow[&row.metric] {
                        wrong.push(format!("{:?} of {id} on {on}: {found:?} and slowly {:?}", row.metric, slow[&row.metric]));
                    }
                    *valued.entry(row.metric).or_default() += usize::from(row.value.is_some());
                    reasons.extend(row.reason);
                }
            }
        }
        assert!(wrong.is_empty(), "with the seed {seed}: {}\n{}", wrong.len(), wrong.join("\n"));
        for metric in METRICS {
            assert!(valued.get(&metric).is_some_and(|times| *times > 2), "{metric:?} is hardly tested: {valued:?}");
        }
        assert_eq!(reasons.len(), 3, "every reason is met");
    }
}

const METRICS_OF: &str = "query($id: ID!, $asOf: Date) { client(id: $id) { metrics(asOf: $asOf) {
    metric name meaning unit polarity definitionVersion value numerator denominator reason trend { period value } } } }";

/// A client's metrics as of a day, by name.
async fn metrics(world: &World, as_of: &str) -> BTreeMap<String, Value> {
    let asked = json!({ "id": world.cast.client.to_string(), "asOf": as_of });
    let read = world.read(Facilitator, METRICS_OF, asked).await;
    let rows = read["client"]["metrics"].as_array().expect("metrics").clone();
    rows.into_iter().map(|row| (row["metric"].as_str().expect("a name").to_owned(), row)).collect()
}

/// A metric's numerator and denominator.
async fn counts(world: &World, as_of: &str, metric: &str) -> (i64, i64) {
    let row = metrics(world, as_of).await[metric].clone();
    (row["numerator"].as_i64().unwrap_or(-1), row["denominator"].as_i64().expect("a denominator"))
}

/// Offers the leader an action.
async fn offered(world: &World, due: &str, more: Value) -> Value {
    let mut input = json!({ "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(), "title": "Call", "dueOn": due });
    more.as_object().into_iter().flatten().for_each(|(name, value)| input[name] = value.clone());
    world.done(Facilitator, "actionCreate", input, "action { id }").await["action"]["id"].clone()
}

/// The same, and the leader accepts.
async fn promised(world: &World, due: &str, more: Value) -> Value {
    let id = offered(world, due, more).await;
    world.done(Leader, "actionAccept", json!({ "id": id }), "").await;
    id
}

async fn complete(world: &World, id: &Value) {
    world.done(Leader, "actionComplete", json!({ "id": id }), "").await;
}

async fn cancel(world: &World, id: &Value, decision: Option<&Value>) {
    let input = json!({ "id": id, "reason": "No longer needed", "decisionId": decision });
    world.done(Facilitator, "actionCancel", input, "").await;
}

/// A decision of the team, in force.
async fn decided(world: &World, title: &str) -> Value {
    let input = json!({ "teamId": world.cast.team.to_string(), "title": title, "text": "So be it.", "options": [], "ownerId": world.cast.leader.to_string() });
    let id = world.done(Leader, "decisionPropose", input, "decision { id }").await["decision"]["id"].clone();
    ratify(world, &id).await;
    id
}

async fn ratify(world: &World, id: &Value) {
    for who in [Leader, Sponsor] {
        let stance = json!({ "id": id, "stance": "SUPPORTS", "conviction": 4 });
        world.done(who, "decisionStance", stance, "").await;
    }
    world.done(Facilitator, "decisionRatify", json!({ "id": id }), "").await;
}

scenario! {
    async fn moving_cancelling_and_bulk_work_change_on_time_as_defined(world: World) {
        let mut due = vec![];
        for _ in 0..6 {
            due.push(promised(&world, "2026-03-20", json!({})).await);
        }
        let decision = decided(&world, "We stop calling").await;
        world.at("2026-03-05T09:00:00Z");
        // three days after its making, and before it is due
        cancel(&world, &due[0], None).await;
        cancel(&world, &due[1], Some(&decision)).await;
        let moved = json!({ "id": due[2], "dueOn": "2026-04-20", "reason": "Holidays" });
        world.done(Leader, "actionRedate", moved, "").await;
        let meant = promised(&world, "2026-03-20", json!({})).await;
        let slip = promised(&world, "2026-03-20", json!({})).await;
        world.at("2026-03-07T08:59:59Z");
        cancel(&world, &slip, None).await;
        world.at("2026-03-07T09:00:01Z");
        cancel(&world, &meant, None).await;
        world.at("2026-03-20T23:59:59Z");
        complete(&world, &due[3]).await;
        world.at("2026-03-21T00:00:00Z");
        complete(&world, &due[2]).await;
        complete(&world, &due[4]).await;
        // cancelled once it was due: no decision helps any more
        cancel(&world, &due[5], Some(&decision)).await;
        world.at("2026-03-22T09:00:00Z");
        // in time: 3; late, moved or not: 2 and 4; given up: 0, 5, meant; out: 1 by decision, the slip
        assert_eq!(counts(&world, "2026-03-21", "ON_TIME_ACTIONS").await, (1, 6));
        assert_eq!(counts(&world, "2026-03-19", "ON_TIME_ACTIONS").await, (0, 0), "nothing was due by then");
        let before = metrics(&world, "2026-03-21").await["ON_TIME_ACTIONS"].clone();
        assert_eq!((&before["value"], &before["reason"], &before["unit"]), (&json!("0.1667"), &json!(null), &json!("SHARE")));
        // a hundred easy things at once are not yet due, and do nothing
        let many: Vec<Value> = (0..100).map(|at| json!({ "title": format!("Easy {at}"), "ownerId": world.cast.leader.to_string(), "dueOn": "2026-03-23" })).collect();
        world.done(Facilitator, "actionsCreate", json!({ "teamId": world.cast.team.to_string(), "items": many }), "actions { id }").await;
        assert_eq!(metrics(&world, "2026-03-21").await["ON_TIME_ACTIONS"], before);
        world.at("2026-03-25T09:00:00Z");
        assert_eq!(counts(&world, "2026-03-24", "ON_TIME_ACTIONS").await, (1, 6), "what nobody promised is nothing");
        // whose client is archived has promised all the same
        world.done(Owner, "clientArchive", json!({ "id": world.cast.client.to_string() }), "").await;
        assert_eq!(counts(&world, "2026-03-24", "ON_TIME_ACTIONS").await, (1, 6));
        // late ones age until they are done, and what was given up never is: 0, 0, 4, 4 and 4 days
        let age = metrics(&world, "2026-03-24").await["OVERDUE_AGE"].clone();
        assert_eq!((&age["denominator"], &age["value"], &age["numerator"]), (&json!(5), &json!("4"), &json!(null)));
    }
}

scenario! {
    async fn what_changes_after_the_commitment_is_churn(world: World) {
        world.quarter("2026-Q1").await;
        let mut number = 0;
        let mut put = async |owner: String, commit: bool| {
            number += 1;
            let input = json!({ "teamId": world.cast.team.to_string(), "ownerId": owner, "title": format!("Aim {number}"), "outcome": "More" });
            let made = world.done(Facilitator, "priorityCreate", input, "priority { id cycleId }").await["priority"].clone();
            if commit {
                world.done(Facilitator, "priorityCommit", json!({ "id": made["id"] }), "").await;
            }
            made
        };
        let (leader, sponsor, quiet) = (world.cast.leader.to_string(), world.cast.sponsor.to_string(), world.cast.quiet.to_string());
        let aims = [put(leader.clone(), true).await, put(leader, true).await, put(sponsor.clone(), true).await, put(sponsor, true).await];
        let cycle = aims[0]["cycleId"].clone();
        let undecided = put(quiet.clone(), false).await;
        world.done(Sponsor, "cycleCommit", json!({ "id": cycle }), "").await;
        world.at("2026-03-05T09:00:00Z");
        let given_up = json!({ "id": aims[3]["id"], "reason": "Too much" });
        world.done(Sponsor, "priorityDrop", given_up, "").await;
        world.done(Facilitator, "priorityCommit", json!({ "id": undecided["id"] }), "").await;
        // put in and taken out again within two days, it was never meant
        let slip = put(world.cast.sponsor.to_string(), true).await;
        world.at("2026-03-06T09:00:00Z");
        world.done(Sponsor, "priorityDrop", json!({ "id": slip["id"], "reason": "Twice" }), "").await;
        for done in [&aims[0], &undecided] {
            world.done(Facilitator, "priorityAchieve", json!({ "id": done["id"] }), "").await;
        }
        world.at("2026-03-31T09:00:00Z");
        assert_eq!(counts(&world, "2026-03-30", "PRIORITY_COMPLETION").await, (0, 0), "the cycle is not closed");
        let decisions: Vec<Value> = [(&aims[1], "MISSED"), (&aims[2], "ACHIEVED")]
            .map(|(aim, outcome)| json!({ "priorityId": aim["id"], "outcome": outcome }))
            .into();
        world.done(Sponsor, "cycleClose", json!({ "id": cycle, "decisions": decisions }), "").await;
        world.at("2026-04-01T09:00:00Z");
        assert_eq!(counts(&world, "2026-03-31", "PRIORITY_COMPLETION").await, (3, 5));
        assert_eq!(counts(&world, "2026-03-31", "PRIORITY_CHURN").await, (2, 4));
        let churn = metrics(&world, "2026-03-31").await["PRIORITY_CHURN"].clone();
        assert_eq!((&churn["value"], &churn["reason"]), (&json!(null), &json!("TOO_FEW")));
    }
}

scenario! {
    async fn a_stage_that_is_reopened_goes_on_where_it_was(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let stage = fixtures.home.ids["stage_run"].clone();
        world.at("2026-05-01T09:00:00Z");
        let pass = json!({ "id": stage, "overrideReason": "As good as done" });
        world.done(Owner, "stagePass", pass.clone(), "").await;
        world.at("2026-05-02T09:00:00Z");
        // the other team of the client is in its stage for longer than planned, too
        let passed = counts(&world, "2026-05-01", "STAGE_PACE").await;
        assert_eq!(passed, (121, 60), "60 days of 30, and 60 and a half");
        world.done(Owner, "stageReopen", json!({ "id": stage, "reason": "Not quite" }), "").await;
        world.at("2026-05-12T09:00:00Z");
        world.done(Owner, "stagePass", pass, "").await;
        world.at("2026-05-13T09:00:00Z");
        assert_eq!(counts(&world, "2026-05-12", "STAGE_PACE").await, (142, 60), "70 days, and 71 and a half");
    }
}

scenario! {
    async fn who_is_asked_anew_is_not_asked_for_the_first_time(world: World) {
        let mut offers = vec![];
        for _ in 0..6 {
            offers.push(offered(&world, "2026-04-20", json!({})).await);
        }
        world.at("2026-03-08T09:00:00Z");
        world.done(Leader, "actionAccept", json!({ "id": offers[0] }), "").await;
        world.done(Leader, "actionDecline", json!({ "id": offers[1], "reason": "Not mine" }), "").await;
        world.at("2026-03-20T09:00:00Z");
        world.done(Leader, "actionAccept", json!({ "id": offers[2] }), "").await;
        // given to somebody else, who accepts at once: it has waited all the same
        for at in [1, 3] {
            let given = json!({ "id": offers[at], "ownerId": world.cast.sponsor.to_string() });
            world.done(Facilitator, "actionReassign", given, "").await;
            world.done(Sponsor, "actionAccept", json!({ "id": offers[at] }), "").await;
        }
        // and is not withdrawn within two days of its making
        let given = json!({ "id": offers[4], "ownerId": world.cast.sponsor.to_string() });
        world.done(Facilitator, "actionReassign", given, "").await;
        cancel(&world, &offers[4], None).await;
        world.at("2026-03-21T09:00:00Z");
        assert_eq!(counts(&world, "2026-03-20", "OWNERSHIP_ACCEPTANCE").await, (1, 6));
        let slip = offered(&world, "2026-04-20", json!({})).await;
        cancel(&world, &slip, None).await;
        world.at("2026-03-30T09:00:00Z");
        assert_eq!(counts(&world, "2026-03-29", "OWNERSHIP_ACCEPTANCE").await, (1, 6), "a slip is out");
        // given to somebody else once accepted, it stays accepted
        let given = json!({ "id": offers[0], "ownerId": world.cast.sponsor.to_string() });
        world.done(Facilitator, "actionReassign", given, "").await;
        assert_eq!(counts(&world, "2026-03-29", "OWNERSHIP_ACCEPTANCE").await, (1, 6));
        world.at("2026-04-21T09:00:00Z");
        let due = counts(&world, "2026-04-20", "ON_TIME_ACTIONS").await;
        assert_eq!(due, (0, 4), "and its first promise is still due");
    }
}

scenario! {
    async fn a_decision_counts_once(world: World) {
        let decision = decided(&world, "Three markets").await;
        let late = offered(&world, "2026-03-10", json!({ "decisionId": decision })).await;
        // promised when it was due already, after the day that is asked about
        world.at("2026-03-18T09:00:00Z");
        world.done(Leader, "actionAccept", json!({ "id": late }), "").await;
        world.at("2026-03-19T09:00:00Z");
        assert_eq!(counts(&world, "2026-03-17", "DECISION_FOLLOW_THROUGH").await, (0, 1), "both due and of age");
        assert_eq!(counts(&world, "2026-03-18", "DECISION_FOLLOW_THROUGH").await, (0, 1));
    }
}

scenario! {
    async fn decisions_are_followed_or_not(world: World) {
        let (kept, broken, idle, idle_and_revoked) = (
            decided(&world, "Kept").await,
            decided(&world, "Broken").await,
            decided(&world, "Idle").await,
            decided(&world, "Idle and revoked").await,
        );
        let slip = decided(&world, "A slip").await;
        world.done(Sponsor, "decisionRevoke", json!({ "id": slip, "reason": "Wrong team" }), "").await;
        let one = promised(&world, "2026-03-20", json!({ "decisionId": kept })).await;
        promised(&world, "2026-03-20", json!({ "decisionId": broken })).await;
        // an action that is withdrawn at once, and one that nobody takes on, are none
        let hollow = promised(&world, "2026-03-20", json!({ "decisionId": idle })).await;
        cancel(&world, &hollow, None).await;
        offered(&world, "2026-03-20", json!({ "decisionId": idle })).await;
        world.at("2026-03-17T09:00:00Z");
        assert_eq!(counts(&world, "2026-03-16", "DECISION_FOLLOW_THROUGH").await, (0, 2), "what is idle for 14 days");
        world.done(Sponsor, "decisionRevoke", json!({ "id": idle_and_revoked, "reason": "Too late" }), "").await;
        world.done(Sponsor, "decisionRevoke", json!({ "id": broken, "reason": "Too hard" }), "").await;
        world.at("2026-03-25T09:00:00Z");
        complete(&world, &one).await;
        world.at("2026-03-26T09:00:00Z");
        assert_eq!(counts(&world, "2026-03-25", "DECISION_FOLLOW_THROUGH").await, (1, 4), "revoking hides nothing");
        assert_eq!(counts(&world, "2026-03-24", "DECISION_FOLLOW_THROUGH").await, (0, 4), "late is late, and done in the end");
    }
}

scenario! {
    async fn a_decision_is_followed_by_its_priorities_or_needs_nothing(world: World) {
        let carried = decided(&world, "Carried by a priority").await;
        decided(&world, "Forgotten").await;
        let input = json!({ "teamId": world.cast.team, "title": "We stop rush orders", "text": "No more", "ownerId": world.cast.leader, "needsNoAction": true });
        let said = world.done(Facilitator, "decisionPropose", input, "decision { id needsNoAction }").await["decision"].clone();
        assert_eq!(said["needsNoAction"], true);
        for needs_none in [false, true] {
            let input = json!({ "id": said["id"], "needsNoAction": needs_none });
            let seen = world.done(Facilitator, "decisionUpdate", input, "decision { needsNoAction wording }").await;
            assert_eq!(seen["decision"], json!({ "needsNoAction": needs_none, "wording": 1 }));
        }
        ratify(&world, &said["id"]).await;
        let update = json!({ "id": said["id"], "needsNoAction": false });
        assert_eq!(world.refused(Facilitator, "decisionUpdate", update).await.0, "WRONG_STATE", "ratified is ratified");
        let priority = json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": "Grow", "outcome": "More", "decisionId": carried });
        world.quarter("2026-Q1").await;
        let priority = world.done(Facilitator, "priorityCreate", priority, "priority { id }").await["priority"]["id"].clone();
        let below = json!({ "priorityId": priority });
        let (one, other) = (promised(&world, "2026-03-20", below.clone()).await, promised(&world, "2026-03-20", below).await);
        world.at("2026-03-17T09:00:00Z");
        assert_eq!(counts(&world, "2026-03-16", "DECISION_FOLLOW_THROUGH").await, (0, 1), "only what was forgotten");
        complete(&world, &one).await;
        world.at("2026-03-26T09:00:00Z");
        assert_eq!(counts(&world, "2026-03-25", "DECISION_FOLLOW_THROUGH").await, (0, 2), "half done is not done");
        complete(&world, &other).await;
        world.at("2026-03-27T09:00:00Z");
        assert_eq!(counts(&world, "2026-03-26", "DECISION_FOLLOW_THROUGH").await, (1, 2));
    }
}

scenario! {
    async fn owners_without_a_login_check_in_by_the_facilitator(world: World) {
        let priority = |owner: String| json!({ "teamId": world.cast.team.to_string(), "ownerId": owner, "title": format!("Grow {owner}"), "outcome": "More", "dueOn": "2026-03-31" });
        world.quarter("2026-Q1").await;
        let mut made = vec![];
        for owner in [world.cast.leader.to_string(), world.cast.quiet.to_string()] {
            let id = world.done(Facilitator, "priorityCreate", priority(owner), "priority { id }").await["priority"]["id"].clone();
            world.done(Facilitator, "priorityCommit", json!({ "id": id }), "").await;
            made.push(id);
        }
        jobs::run_due_turns(&world.app).await.expect("the weeks are laid out");
        let said = |id: &Value| json!({ "id": id, "status": "OFF_TRACK", "confidence": 1 });
        for monday in ["2026-03-10T09:00:00Z", "2026-03-17T09:00:00Z"] {
            world.at(monday);
            world.done(Leader, "priorityCheckIn", said(&made[0]), "").await;
            // whoever runs the programme speaks for a member without a login
            world.done(Facilitator, "priorityCheckIn", said(&made[1]), "").await;
        }
        world.at("2026-03-31T09:00:00Z");
        assert_eq!(counts(&world, "2026-03-30", "CHECK_IN_COMPLIANCE").await, (4, 6), "three whole weeks of two priorities");
        assert_eq!(counts(&world, "2026-03-22", "CHECK_IN_COMPLIANCE").await, (4, 4));
        world.done(Leader, "priorityCheckIn", said(&made[0]), "").await;
        assert_eq!(counts(&world, "2026-03-30", "CHECK_IN_COMPLIANCE").await, (4, 6), "a word for this week is none for the last");
    }
}

scenario! {
    async fn who_reviews_monthly_is_asked_monthly(world: World) {
        let cadence = json!({ "teamId": world.cast.team.to_string(), "unit": "MONTH", "every": 1, "anchorOn": "2026-03-31" });
        world.done(Facilitator, "reviewCadenceSet", cadence, "").await;
        let priority = json!({ "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(), "title": "Grow", "outcome": "More", "dueOn": "2026-06-30" });
        world.quarter("2026-Q1").await;
        let priority = world.done(Facilitator, "priorityCreate", priority, "priority { id }").await["priority"]["id"].clone();
        world.done(Facilitator, "priorityCommit", json!({ "id": priority }), "").await;
        jobs::run_due_turns(&world.app).await.expect("the weeks are laid out");
        // from 9 March to 5 April, and from there to 3 May
        world.at("2026-04-03T09:00:00Z");
        let said = json!({ "id": priority, "status": "ON_TRACK", "confidence": 4 });
        world.done(Leader, "priorityCheckIn", said, "").await;
        world.at("2026-05-04T09:00:00Z");
        for (day, told) in [("2026-04-04", (0, 0)), ("2026-04-05", (1, 1)), ("2026-05-02", (1, 1)), ("2026-05-03", (1, 2))] {
            assert_eq!(counts(&world, day, "CHECK_IN_COMPLIANCE").await, told, "on {day}");
        }
        assert_eq!(metrics(&world, "2026-05-03").await["CHECK_IN_COMPLIANCE"]["definitionVersion"], 3);
    }
}

scenario! {
    async fn obstacles_are_resolved_or_in_the_way(world: World) {
        let raise = |title: &str| json!({ "teamId": world.cast.team.to_string(), "title": title, "severity": "HIGH" });
        let mut raised = vec![];
        for title in ["One", "Two", "Three", "Four", "Five"] {
            raised.push(world.done(Leader, "obstacleRaise", raise(title), "obstacle { id }").await["obstacle"]["id"].clone());
        }
        world.done(Leader, "obstacleResolve", json!({ "id": raised[0], "reason": "Gone" }), "").await;
        world.done(Facilitator, "obstaclePark", json!({ "id": raised[1], "reason": "Not now" }), "").await;
        world.at("2026-04-01T09:00:00Z");
        assert_eq!(counts(&world, "2026-03-31", "OBSTACLE_RESOLUTION").await, (0, 0), "they have 30 days");
        world.at("2026-04-01T09:00:01Z");
        world.done(Leader, "obstacleResolve", json!({ "id": raised[2], "reason": "Gone" }), "").await;
        world.at("2026-04-03T09:00:00Z");
        assert_eq!(counts(&world, "2026-04-02", "OBSTACLE_RESOLUTION").await, (1, 5), "parking is not resolving");
    }
}

scenario! {
    async fn a_quarter_is_frozen_once_and_for_all(world: World) {
        let behind = world.home.behind().await;
        let mut due = vec![];
        for _ in 0..5 {
            due.push(promised(&world, "2026-03-20", json!({})).await);
        }
        complete(&world, &due[0]).await;
        world.at("2026-04-30T09:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("the jobs");
        assert_eq!(metric_period::Entity::find().count(&behind).await.expect("a count"), 0, "for 30 days it is open");
        world.at("2026-05-01T09:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("the jobs");
        let frozen = "query($id: ID!) { client(id: $id) { metricValues(filter: { metric: { eq: ON_TIME_ACTIONS } }) { nodes {
            period endsOn definitionVersion value numerator denominator reason } } } }";
        let asked = json!({ "id": world.cast.client.to_string() });
        let kept = world.read(Leader, frozen, asked.clone()).await["client"]["metricValues"]["nodes"].clone();
        assert_eq!(kept, json!([{ "period": "2026-Q1", "endsOn": "2026-03-31", "definitionVersion": 1, "value": "0.2", "numerator": 1, "denominator": 5, "reason": null }]));
        let values = metric_value::Entity::find().count(&behind).await.expect("a count");
        assert_eq!(values, 2 * 12, "both clients of the network and none of the other's, which has none");
        // what is done to it afterwards, and doing it again, changes nothing
        let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
        let row = entity::action::Entity::find().one(&behind).await.expect("a look").expect("an action");
        let mut tampered = row.clone().into_active_model();
        tampered.baseline_at = Set(Some("2026-06-01T00:00:00Z".parse().expect("an instant")));
        crate::kit::fixtures::set::<entity::action::Entity>(&write, tampered).await;
        let quarter = Quarter::parse("2026-Q1").expect("a quarter");
        assert!(!freezing::freeze_for_a_while(&write, quarter).await.expect("again"));
        write.commit().await.expect("a commit");
        world.at("2026-08-02T09:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("the jobs");
        let trend = metrics(&world, "2026-06-30").await["ON_TIME_ACTIONS"]["trend"].clone();
        assert_eq!(trend, json!([{ "period": "2026-Q1", "value": "0.2" }, { "period": "2026-Q2", "value": null }]));
        let again = world.read(Leader, frozen, asked).await["client"]["metricValues"]["nodes"].clone();
        assert_eq!(again[1], kept[0]);
        let periods = world.read(Analyst, "{ network { metricPeriods { period startsOn endsOn } } }", json!({})).await;
        assert_eq!(periods["network"]["metricPeriods"], json!([
            { "period": "2026-Q1", "startsOn": "2026-01-01", "endsOn": "2026-03-31" },
            { "period": "2026-Q2", "startsOn": "2026-04-01", "endsOn": "2026-06-30" },
        ]));
        verify_chains(&behind).await.expect("the chains hold");
        assert_counts(&behind).await;
    }
}

scenario! {
    async fn those_who_work_with_a_client_read_its_metrics(world: World) {
        promised(&world, "2026-03-20", json!({})).await;
        world.at("2026-05-02T09:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("the jobs");
        let both = "query($id: ID!) { client(id: $id) { name metrics { metric value reason denominator trend { period } } metricValues { totalCount } } }";
        let asked = json!({ "id": world.cast.client.to_string() });
        for who in [Owner, Facilitator, Sponsor, Leader, Observer] {
            let read = world.read(who, both, asked.clone()).await["client"].clone();
            let rows = read["metrics"].as_array().expect("metrics");
            let names: Vec<&str> = rows.iter().filter_map(|row| row["metric"].as_str()).collect();
            assert_eq!(names.len(), 12, "{who:?}");
            assert_eq!((names[0], names[11]), ("ON_TIME_ACTIONS", "OWNERSHIP_ACCEPTANCE"));
            assert!(rows.iter().all(|row| row["trend"] == json!([{ "period": "2026-Q1" }])), "{who:?}");
            assert_eq!(rows[7], json!({ "metric": "ALIGNMENT_LEVEL", "value": null, "reason": "NONE_HELD", "denominator": 0, "trend": [{ "period": "2026-Q1" }] }));
            assert_eq!(read["metricValues"]["totalCount"], 12);
        }
        for who in [Admin, Analyst] {
            let read = world.read(who, both, asked.clone()).await["client"].clone();
            assert_eq!(read, json!({ "name": "Acorn Mills", "metrics": null, "metricValues": null }), "{who:?}");
        }
        for who in [Stranger, Foreigner] {
            assert_eq!(world.read(who, both, asked.clone()).await["client"], Value::Null, "{who:?}");
        }
        let value = "query($id: ID!) { node(id: $id) { ... on MetricValue { metric } } }";
        let behind = world.home.behind().await;
        let row = metric_value::Entity::find().all(&behind).await.expect("values");
        let row = row.iter().find(|row| row.client_id == world.cast.client).expect("a value of the client's");
        for (who, sees) in [(Leader, true), (Admin, false), (Analyst, false), (Stranger, false), (Foreigner, false)] {
            let read = world.read(who, value, json!({ "id": row.id.to_string() })).await;
            assert_eq!(!read["node"].is_null(), sees, "{who:?}");
        }
    }
}

scenario! {
    async fn the_definitions_are_there_to_read(world: World) {
        let asked = "{ metricDefinitions { metric definitionVersion name meaning formula unit polarity family rangeFrom rangeTo windowDays leastShown leastContributed } }";
        for who in [Analyst, Owner, Leader, Stranger, Foreigner] {
            let read = world.read(who, asked, json!({})).await["metricDefinitions"].clone();
            assert_eq!(read.as_array().map(Vec::len), Some(12), "{who:?}");
            assert_eq!(read[1]["metric"], "OVERDUE_AGE");
            assert_eq!((&read[1]["unit"], &read[1]["polarity"], &read[1]["rangeTo"]), (&json!("DAYS"), &json!("LOWER"), &json!("90")));
            assert_eq!((&read[5]["family"], &read[6]["family"]), (&json!("PRIORITIES"), &json!("PRIORITIES")));
            assert_eq!((&read[3]["leastShown"], &read[3]["leastContributed"], &read[3]["windowDays"]), (&json!(3), &json!(10), &json!(91)));
        }
    }
}

scenario! {
    #[ignore = "takes minutes: 4,000 clients are made first, on SQLite 640"]
    async fn a_large_network_is_measured_in_time(world: World) {
        let postgres = world.backend == Backend::Postgres;
        let (facilitators, limit) = if postgres { (200, 20) } else { (32, 5) };
        let plan = Plan { networks: 1, facilitators, clients_per_facilitator: 20, months: 15, seed: 7 };
        let made = seed(&world.app.kernel, &plan, &str::to_uppercase, &|_, _| ()).await.expect("a network");
        let write = world.app.kernel.system(made.networks[0].0).await.expect("a system transaction");
        let clients = write.all(client::Entity::find()).await.expect("clients");
        let clients: Vec<_> = clients.into_iter().map(|row| (row.id.uuid(), row.time_zone)).collect();
        let began = std::time::Instant::now();
        let mut valued = 0;
        for some in clients.chunks(500) {
            let measured = freezing::compute_metrics(&write, some, day("2026-02-28")).await.expect("metrics");
            assert_eq!(measured.len(), some.len() * METRICS.len());
            valued += measured.iter().filter(|row| row.value.is_some()).count();
        }
        let took = began.elapsed();
        write.roll_back().await.expect("nothing was changed");
        let told = format!("{} clients, {} actions, {valued} values: {took:?}", clients.len(), made.actions);
        writeln!(std::io::stdout(), "{told}").expect("standard output");
        assert!(valued > clients.len() && took.as_secs() < limit, "{valued} values took {took:?}");
    }
}
