//! Drift: raised by what people do and by time, once; answered by people, or cleared by itself; and counted for head
//! office, which sees no more than that.

use crate::{
    kit::{
        Backend,
        Persona::*,
        World, assert_counts, eventually,
        fixtures::{self, Fixtures},
        verify_chains,
    },
    scenario,
};
use concord::jobs;
use entity::{action::ActionStatus, priority::PriorityStatus};
use futures::future::join_all;
use sea_orm::{ActiveValue::Set, IntoActiveModel};
use serde_json::{Value, json};
use std::time::Duration;

const SIGNALS: &str = "query($id: ID!) { team(id: $id) { driftSignals { nodes {
    id cause status measured threshold unit since progressPercent elapsedPercent endedAt action { id } priority { id } } } } }";

async fn signals(world: &World) -> Vec<Value> {
    let team = world.read(Observer, SIGNALS, json!({ "id": world.cast.team.to_string() })).await;
    team["team"]["driftSignals"]["nodes"].as_array().expect("signals").clone()
}

/// An action of the leader's, accepted today and due on a day.
async fn promised(world: &World, due: &str) -> Value {
    let input = json!({ "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(), "title": "Call", "dueOn": due });
    let id = world.done(Facilitator, "actionCreate", input, "action { id }").await["action"]["id"].clone();
    world.done(Leader, "actionAccept", json!({ "id": id }), "action { id }").await;
    id
}

async fn redate(world: &World, id: &Value, due: &str) {
    let input = json!({ "id": id, "dueOn": due, "reason": "Holidays" });
    world.done(Leader, "actionRedate", input, "action { id }").await;
}

async fn look(world: &World) {
    jobs::run_due_turns(&world.app).await.expect("the jobs");
}

scenario! {
    async fn moving_a_date_again_is_drift_at_once(world: World) {
        let behind = world.home.behind().await;
        let id = promised(&world, "2026-03-20").await;
        redate(&world, &id, "2026-03-27").await;
        assert_eq!(signals(&world).await, Vec::<Value>::new(), "once is nothing");
        redate(&world, &id, "2026-04-03").await;
        let raised = signals(&world).await;
        assert_eq!(raised.len(), 1);
        assert_eq!((&raised[0]["cause"], &raised[0]["status"], &raised[0]["measured"], &raised[0]["unit"]), (&json!("REDATED"), &json!("OPEN"), &json!(2), &json!("MOVES")));
        assert_eq!(raised[0]["action"]["id"], id, "the evidence names it");
        let seen = "query($id: ID!) { client(id: $id) { progress { driftSignalsOpen driftRedated driftPastBaseline } driftSignals { totalCount } } }";
        let client = json!({ "id": world.cast.client.to_string() });
        let facts = world.read(Analyst, seen, client.clone()).await;
        assert_eq!(facts["client"], json!({ "progress": { "driftSignalsOpen": 1, "driftRedated": 1, "driftPastBaseline": 0 }, "driftSignals": null }), "head office counts");
        let signal = json!({ "id": raised[0]["id"] });
        world.done(Leader, "driftAcknowledge", signal.clone(), "driftSignal { status }").await;
        assert_eq!(world.refused(Facilitator, "driftAcknowledge", signal.clone()).await.0, "WRONG_STATE");
        let accept = json!({ "id": raised[0]["id"], "note": "The supplier moved twice", "expectedVersion": 2 });
        let accepted = world.done(Sponsor, "driftAccept", accept, "driftSignal { status endedAt note }").await;
        assert_eq!(accepted["driftSignal"], json!({ "status": "ACCEPTED", "endedAt": null, "note": "The supplier moved twice" }));
        let facts = world.read(Analyst, seen, client).await;
        assert_eq!(facts["client"]["progress"]["driftSignalsOpen"], 0, "it waits no more");
        look(&world).await;
        assert_eq!(signals(&world).await.len(), 1, "what was accepted is not raised again");
        redate(&world, &id, "2026-04-10").await;
        let again = signals(&world).await;
        assert_eq!(again.iter().filter(|signal| signal["status"] == "OPEN").count(), 1, "but a further move is");
        world.done(Leader, "actionComplete", json!({ "id": id }), "action { driftSignals { totalCount } }").await;
        let ended = signals(&world).await;
        let statuses: Vec<&str> = ended.iter().map(|signal| signal["status"].as_str().unwrap_or_default()).collect();
        assert_eq!(statuses, ["CLEARED", "ACCEPTED"], "done is done");
        assert!(ended.iter().all(|signal| !signal["endedAt"].is_null()));
        verify_chains(&behind).await.expect("the chains hold");
        assert_counts(&behind).await;
    }
}

scenario! {
    async fn time_raises_and_a_new_plan_clears(world: World) {
        let behind = world.home.behind().await;
        let id = promised(&world, "2026-03-06").await;
        world.at("2026-03-14T00:00:00Z");
        look(&world).await;
        assert_eq!(signals(&world).await.len(), 0, "seven days are grace");
        world.at("2026-03-14T02:00:00Z");
        for looked in join_all((0..4).map(|_| jobs::run_due_turns(&world.app))).await {
            looked.expect("the jobs");
        }
        let raised = signals(&world).await;
        assert_eq!(raised.len(), 1, "once, whoever looks");
        assert_eq!((&raised[0]["cause"], &raised[0]["measured"], &raised[0]["threshold"], &raised[0]["since"]), (&json!("PAST_BASELINE"), &json!(7), &json!(7), &json!("2026-03-07T00:00:00Z")));
        redate(&world, &id, "2026-03-20").await;
        let cleared = signals(&world).await;
        assert_eq!((cleared.len(), &cleared[0]["status"]), (1, &json!("CLEARED")), "planned anew");
        world.at("2026-03-21T02:00:00Z");
        look(&world).await;
        let late = signals(&world).await;
        assert_eq!(late.iter().filter(|signal| signal["status"] == "OPEN").count(), 1, "and late again");
        let stricter = json!({ "daysPastBaseline": 30 });
        world.done(Admin, "driftPolicyUpdate", stricter, "driftPolicy { daysPastBaseline version }").await;
        world.at("2026-03-21T04:00:00Z");
        look(&world).await;
        assert!(signals(&world).await.iter().all(|signal| signal["status"] == "CLEARED"), "the network is more patient");
        let wrong = json!({ "moves": 0, "pointsBehind": 101, "expectedVersion": 2 });
        let payload = world.change(Admin, "driftPolicyUpdate", wrong, "driftPolicy { version }").await;
        assert_eq!(payload["errors"].as_array().map(Vec::len), Some(2), "all faults at once");
        assert_counts(&behind).await;
    }
}

scenario! {
    async fn two_months_without_a_word_are_drift_in_a_team_that_reviews_monthly(world: World) {
        let cadence = json!({ "teamId": world.cast.team.to_string(), "unit": "MONTH", "every": 1, "anchorOn": "2026-03-31" });
        world.done(Facilitator, "reviewCadenceSet", cadence, "").await;
        let input = json!({ "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(), "title": "Grow", "outcome": "More", "dueOn": "2026-09-30" });
        world.quarter("2026-Q1").await;
        let priority = world.done(Facilitator, "priorityCreate", input, "priority { id }").await["priority"]["id"].clone();
        world.done(Facilitator, "priorityCommit", json!({ "id": priority }), "").await;
        let silent = || async {
            look(&world).await;
            let seen = "query($id: ID!) { team(id: $id) { driftSignals(filter: { cause: { eq: CHECK_INS_MISSED } }) {
                nodes { status measured threshold unit since } } } }";
            let read = world.read(Facilitator, seen, json!({ "id": world.cast.team.to_string() })).await;
            read["team"]["driftSignals"]["nodes"].clone()
        };
        // nobody says anything from 9 March to 5 April, nor from there to 3 May
        for early in ["2026-03-24T12:00:00Z", "2026-04-07T12:00:00Z", "2026-05-03T22:00:00Z"] {
            world.at(early);
            assert_eq!(silent().await, json!([]), "{early}");
        }
        world.at("2026-05-03T23:00:00Z");
        let mut raised = json!({ "status": "OPEN", "measured": 2, "threshold": 2, "unit": "SLOTS", "since": "2026-03-09T00:00:00Z" });
        assert_eq!(silent().await, json!([raised]));
        world.at("2026-05-20T12:00:00Z");
        let said = json!({ "id": priority, "status": "AT_RISK", "confidence": 2 });
        world.done(Leader, "priorityCheckIn", said, "").await;
        raised["status"] = json!("CLEARED");
        assert_eq!(silent().await, json!([raised]));
    }
}

scenario! {
    async fn priorities_and_rhythms_drift_too(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
        let fixture = fixtures.home.fresh_team(&write).await;
        let priority = fixtures::priority(&write, &fixture, PriorityStatus::Committed, None).await;
        let session = fixtures::session(&write, &fixture, entity::session::SessionStatus::Held, None).await;
        let row = write.find::<entity::priority::Entity>(priority).await.expect("a look").expect("a priority");
        let row = write.find::<entity::cycle::Entity>(row.cycle_id).await.expect("a look").expect("a cycle");
        let mut march = row.into_active_model();
        march.starts_on = Set(chrono::NaiveDate::from_ymd_opt(2026, 3, 1).expect("a day"));
        march.ends_on = Set(chrono::NaiveDate::from_ymd_opt(2026, 3, 30).expect("a day"));
        fixtures::set::<entity::cycle::Entity>(&write, march).await;
        let milestone = fixtures::milestone(&write, &fixture, priority).await;
        let action = fixtures::action(&write, &fixture, ActionStatus::Accepted, Some((priority, session))).await;
        let row = write.find::<entity::action::Entity>(action).await.expect("a look").expect("an action");
        let mut far = row.into_active_model();
        far.baseline_at = Set(Some(write.now() + chrono::TimeDelta::days(300)));
        fixtures::set::<entity::action::Entity>(&write, far).await;
        fixtures::rhythm::cadence(&write, &fixture).await;
        write.commit_quietly().await.expect("a team");
        let document = "query($id: ID!) { team(id: $id) { driftSignals { nodes { cause status measured unit progressPercent elapsedPercent } } } }";
        let team = json!({ "id": fixture.team.to_string() });
        let told = || async {
            let team = world.read(Facilitator, document, team.clone()).await;
            let mut nodes = team["team"]["driftSignals"]["nodes"].as_array().expect("signals").clone();
            nodes.sort_by_key(|node| node["cause"].to_string());
            nodes
        };
        world.at("2026-03-25T12:00:00Z");
        look(&world).await;
        let raised = told().await;
        let causes: Vec<&Value> = raised.iter().map(|signal| &signal["cause"]).collect();
        assert_eq!(causes, ["BEHIND", "CHECK_INS_MISSED", "REVIEW_GAP"]);
        // committed on 2 March at nine; to the end of the 30th, in summer time, are 686 hours, and 555 are over
        assert_eq!((&raised[0]["measured"], &raised[0]["progressPercent"], &raised[0]["elapsedPercent"]), (&json!(80), &json!(0), &json!(80)));
        assert_eq!((&raised[1]["measured"], &raised[1]["unit"]), (&json!(2), &json!("SLOTS")));
        assert_eq!((&raised[2]["measured"], &raised[2]["unit"]), (&json!(23), &json!("DAYS")));
        world.done(Facilitator, "milestoneComplete", json!({ "id": milestone.to_string() }), "milestone { id }").await;
        let check_in = json!({ "id": priority.to_string(), "status": "AT_RISK", "confidence": 3 });
        world.done(Facilitator, "priorityCheckIn", check_in, "checkIn { id }").await;
        let left = told().await;
        let open: Vec<&Value> = left.iter().filter(|signal| signal["status"] == "OPEN").map(|signal| &signal["cause"]).collect();
        assert_eq!(open, ["REVIEW_GAP"], "caught up and checked in, in the same moment");
        world.at("2026-03-25T14:00:00Z");
        look(&world).await;
        assert_eq!(told().await.len(), 3, "and not raised anew");
    }
}

scenario! {
    async fn nothing_drifts_before_its_quarter(world: World) {
        world.at("2026-03-20T09:00:00Z");
        world.quarter("2026-Q2").await;
        let input = json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": "Grow", "outcome": "More", "cycleLabel": "2026-Q2" });
        let priority = world.done(Facilitator, "priorityCreate", input, "priority { id }").await["priority"]["id"].clone();
        world.done(Facilitator, "priorityCommit", json!({ "id": priority }), "").await;
        world.done(Leader, "priorityCheckIn", json!({ "id": priority, "status": "OFF_TRACK", "confidence": 1 }), "").await;
        // the quarter begins on a Wednesday: the weeks from 6 April on are whole
        for early in ["2026-03-31T22:00:00Z", "2026-04-13T12:00:00Z", "2026-04-19T12:00:00Z"] {
            world.at(early);
            look(&world).await;
            assert_eq!(signals(&world).await, Vec::<Value>::new(), "{early}");
        }
        world.at("2026-04-20T12:00:00Z");
        look(&world).await;
        let raised = signals(&world).await;
        assert_eq!(raised.len(), 1, "{raised:?}");
        assert_eq!((&raised[0]["cause"], &raised[0]["measured"], &raised[0]["since"]), (&json!("CHECK_INS_MISSED"), &json!(2), &json!("2026-04-05T23:00:00Z")));
    }
}

const EVIDENCE: &str = "query($id: ID!) { team(id: $id) { driftSignals(filter: { cause: { eq: BEHIND } }) { nodes {
    id status measured progressPercent elapsedPercent currentMeasured currentProgressPercent currentElapsedPercent
    onNextAgenda note version since } } } }";

scenario! {
    async fn the_owner_answers_for_what_follows_the_work(world: World) {
        world.quarter("2026-Q1").await;
        let input = json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": "Grow", "outcome": "More" });
        let priority = world.done(Facilitator, "priorityCreate", input, "priority { id }").await["priority"]["id"].clone();
        world.done(Facilitator, "priorityCommit", json!({ "id": priority }), "").await;
        world.done(Leader, "priorityCheckIn", json!({ "id": priority, "status": "OFF_TRACK", "confidence": 1 }), "").await;
        let behind = async |at: &str| {
            world.at(at);
            look(&world).await;
            let read = world.read(Leader, EVIDENCE, json!({ "id": world.cast.team })).await;
            read["team"]["driftSignals"]["nodes"].as_array().expect("signals").clone()
        };
        // the quarter began before the commitment; from there to its end are 710 hours, and 312 are over
        let raised = behind("2026-03-15T09:00:00Z").await;
        let mut signal = json!({
            "id": raised[0]["id"], "status": "OPEN", "measured": 22, "progressPercent": 21, "elapsedPercent": 43,
            "currentMeasured": 22, "currentProgressPercent": 21, "currentElapsedPercent": 43, "onNextAgenda": false,
            "note": null, "version": 1, "since": "2026-03-02T09:00:00Z",
        });
        assert_eq!(raised, [signal.clone()]);
        signal["currentMeasured"] = json!(27);
        signal["currentProgressPercent"] = json!(27);
        signal["currentElapsedPercent"] = json!(54);
        assert_eq!(behind("2026-03-18T09:00:00Z").await, [signal.clone()], "what it was when it was raised stays");
        let words = json!({ "id": signal["id"], "note": "The first half was preparation", "expectedVersion": 1 });
        world.done(Leader, "driftExplain", words.clone(), "driftSignal { status }").await;
        assert_eq!(world.refused(Leader, "driftExplain", json!({ "id": signal["id"], "note": "Again" })).await.0, "WRONG_STATE");
        assert_eq!(world.refused(Leader, "driftReplan", json!({ "id": signal["id"], "note": "" })).await, ("INVALID".into(), "input.note".into()));
        let later = behind("2026-03-25T09:00:00Z").await;
        assert_eq!((later.len(), &later[0]["status"], &later[0]["currentMeasured"]), (1, &json!("EXPLAINED"), &json!(39)));
        let again = behind("2026-03-27T09:00:00Z").await;
        assert_eq!(again.len(), 2, "worse by half than the 27 that were explained");
        assert_eq!((&again[0]["status"], &again[0]["measured"], &again[1]["status"]), (&json!("OPEN"), &json!(42), &json!("EXPLAINED")));
        let discuss = json!({ "id": again[0]["id"] });
        let handed = world.done(Leader, "driftDiscuss", discuss, "driftSignal { status onNextAgenda }").await;
        assert_eq!(handed["driftSignal"], json!({ "status": "ACKNOWLEDGED", "onNextAgenda": true }));
        // a figure counts from now on, and not the owner's word
        let figure = json!({ "priorityId": priority, "name": "Sales", "unit": "EUR", "direction": "UP", "period": "WEEK", "baseline": "0", "target": "100" });
        let figure = world.done(Leader, "measurableCreate", figure, "measurable { id }").await["measurable"]["id"].clone();
        let measured = behind("2026-03-27T11:00:00Z").await;
        // of a week that is not over, nothing is asked yet: 434 of 710 hours
        assert_eq!((&measured[0]["currentProgressPercent"], &measured[0]["currentElapsedPercent"]), (&json!(0), &json!(61)));
        world.done(Leader, "measurableRecord", json!({ "id": figure, "value": "100" }), "").await;
        let ended = behind("2026-03-27T13:00:00Z").await;
        assert_eq!((&ended[0]["status"], &ended[0]["onNextAgenda"]), (&json!("CLEARED"), &json!(false)), "reached is reached");
        verify_chains(&world.home.behind().await).await.expect("the chains hold");
    }
}

/// Both count for the client, one after the other: neither ends in a deadlock.
#[tokio::test]
async fn a_signal_and_an_action_can_change_at_the_same_time() {
    let world = World::new(Backend::Postgres).await;
    let fixtures = Fixtures::of(&world).await;
    let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
    let fixture = fixtures.home.fresh_team(&write).await;
    let action = fixtures::action(&write, &fixture, ActionStatus::Accepted, None).await;
    let acknowledged = fixtures::rhythm::signal(&write, &fixture, Some(action)).await;
    let cleared = fixtures::rhythm::signal(&write, &fixture, None).await;
    write.commit_quietly().await.expect("a team");
    let worker = world.home.superuser().await;
    let postpone =
        format!("begin; update action set due_at = due_at + interval '1 day' where id = '{}'", action.uuid());
    worker.batch_execute(&postpone).await.expect("the action changes");
    let another = world.home.superuser().await;
    let acknowledge =
        format!("update drift_signal set status = 'acknowledged' where id = '{}'", acknowledged.uuid());
    let waiting = tokio::spawn(async move { another.batch_execute(&acknowledge).await });
    let behind = world.home.superuser().await;
    eventually("the signal waits for the action", Duration::from_secs(10), async || {
        let waits =
            "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
        let rows = behind.query(waits, &[]).await.expect("the activity");
        (!rows.is_empty()).then_some(())
    })
    .await;
    let clear = format!(
        "update drift_signal set status = 'cleared', ended_at = now() where id = '{}'; commit",
        cleared.uuid()
    );
    worker.batch_execute(&clear).await.expect("no deadlock");
    waiting.await.expect("the task ends").expect("the signal is acknowledged");
    assert_counts(&world.home.behind().await).await;
}
