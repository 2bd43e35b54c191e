//! The main path, as one story: head office publishes a template; a facilitator starts the programme for a client's
//! team and passes the first stage; a leader keeps a promise; and the facilitator sees the progress.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
use serde_json::{Value, json};

const PROGRESS: &str = "query($id: ID!) { client(id: $id) { progress {
    currentStage { title } stagesPassed stagesTotal actionsOffered actionsOpen actionsDone actionsOverdue actionsDueSoon
    prioritiesCommitted sessionsHeld daysSinceLastSession nextSessionAt } } }";

scenario! {
    async fn from_a_template_to_measured_progress(world: World) {
        let version = publish(&world).await;
        let programme = start(&world, &version).await;
        let stages = programme["stages"].as_array().expect("stages");
        assert_eq!(stages.len(), 6);
        assert_eq!((&stages[0]["status"], &stages[1]["status"]), (&json!("OPEN"), &json!("LOCKED")));
        let second = pass_the_first_stage(&world, &stages[0]).await;
        assert_eq!(second, "Vision");
        let action = promise(&world, &stages[1]["id"]).await;
        keep(&world, &action).await;
    }
}

/// Head office drafts StratPro and publishes it.
async fn publish(world: &World) -> Value {
    let input = json!({ "name": "StratPro", "summary": "Our programme", "basis": "STRATPRO" });
    let made = world
        .done(Admin, "templateCreate", input, "template { versions { id status stages { title } } }")
        .await;
    let version = made["template"]["versions"][0].clone();
    assert_eq!(version["status"], "DRAFT");
    let id = json!({ "id": version["id"] });
    world.done(Admin, "templatePublish", id.clone(), "templateVersion { status }").await;
    let again = world.refused(Admin, "templatePublish", id).await;
    assert_eq!(again, ("WRONG_STATE".into(), "input.id".into()));
    version["id"].clone()
}

/// The facilitator sees her portfolio, and starts the programme for the client's team.
async fn start(world: &World, version: &Value) -> Value {
    let portfolio = "{ viewer { person { name } portfolio { nodes { name currentStage { title } } } } }";
    let seen = world.read(Facilitator, portfolio, json!({})).await;
    assert_eq!(
        seen["viewer"]["portfolio"]["nodes"],
        json!([{ "name": "Acorn Mills", "currentStage": null }])
    );
    let input = json!({
        "teamId": world.cast.team.to_string(), "templateVersionId": version, "plannedStartOn": "2026-03-02",
    });
    let planned = world.done(Facilitator, "programmeCreate", input, "programme { id status }").await;
    assert_eq!(planned["programme"]["status"], "PLANNED");
    let id = json!({ "id": planned["programme"]["id"] });
    let what = "programme { id status stages { id title status templateStage { criteria { id kind } } } }";
    let started = world.done(Facilitator, "programmeStart", id, what).await;
    assert_eq!(started["programme"]["status"], "ACTIVE");
    started["programme"].clone()
}

/// The first stage asks for a workshop held and the facilitator's word; then it passes, and the next one opens.
async fn pass_the_first_stage(world: &World, stage: &Value) -> Value {
    let id = stage["id"].clone();
    let early = world.change(Facilitator, "stagePass", json!({ "id": id }), "").await;
    assert_eq!(early["errors"][0]["code"], "CRITERIA_NOT_MET", "{early}");
    let input = json!({
        "teamId": world.cast.team.to_string(), "kind": "WORKSHOP", "title": "One page",
        "place": "Room 1", "startsAt": "2026-03-03T09:00:00Z", "minutes": 180,
    });
    let session =
        world.done(Facilitator, "sessionSchedule", input, "session { id }").await["session"]["id"].clone();
    world.at("2026-03-03T09:00:00Z");
    world.done(Facilitator, "sessionStart", json!({ "id": session }), "session { status }").await;
    let present = [&world.cast.leader, &world.cast.sponsor]
        .map(|member| json!({ "memberId": member.to_string(), "status": "PRESENT" }));
    world
        .done(Facilitator, "sessionAttend", json!({ "id": session, "attendance": present }), "session { id }")
        .await;
    let closing = json!({ "id": session, "summary": "We wrote the page." });
    let closed =
        world.done(Facilitator, "sessionClose", closing, "session { status attendance { status } }").await;
    assert_eq!(closed["session"]["status"], "HELD");
    for criterion in stage["templateStage"]["criteria"].as_array().expect("criteria") {
        if criterion["kind"] == "CONFIRMED" {
            let word =
                json!({ "id": id, "criterionId": criterion["id"], "comment": "Heard from each of them." });
            world.done(Facilitator, "stageConfirm", word, "stage { id }").await;
        }
    }
    let what = "stage { status programme { stages { title status } } }";
    let passed = world.done(Facilitator, "stagePass", json!({ "id": id }), what).await;
    assert_eq!(passed["stage"]["status"], "PASSED");
    passed["stage"]["programme"]["stages"]
        .as_array()
        .and_then(|stages| stages.iter().find(|stage| stage["status"] == "OPEN"))
        .map(|stage| stage["title"].clone())
        .expect("the next stage is open")
}

/// A priority with an owner is committed, and an action under it is offered to the leader.
async fn promise(world: &World, stage: &Value) -> Value {
    let input = json!({
        "teamId": world.cast.team.to_string(), "ownerId": world.cast.sponsor.to_string(), "stageId": stage,
        "title": "Win two anchor customers", "outcome": "Two signed contracts by the quarter's end",
    });
    world.quarter("2026-Q1").await;
    let priority = world.done(Facilitator, "priorityCreate", input, "priority { id cycleLabel rank }").await;
    assert_eq!(
        (&priority["priority"]["cycleLabel"], &priority["priority"]["rank"]),
        (&json!("2026-Q1"), &json!(1))
    );
    let id = priority["priority"]["id"].clone();
    world.done(Sponsor, "priorityCommit", json!({ "id": id }), "priority { status }").await;
    let input = json!({
        "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(), "priorityId": id,
        "title": "Call the three largest customers", "dueOn": "2026-03-06",
    });
    let what = "action { id status baselineDueOn owner { name } priority { title } }";
    let offered = world.done(Facilitator, "actionCreate", input, what).await["action"].clone();
    assert_eq!(offered["status"], "OFFERED");
    assert_eq!(offered["owner"]["name"], "Lena Leader");
    offered["id"].clone()
}

/// The leader accepts and completes it; the facilitator sees each step as it is made.
async fn keep(world: &World, action: &Value) {
    let mine = world
        .read(
            Leader,
            "{ viewer { myWork(filter: { kind: { eq: ACTION } }) { nodes { title action { id } } } } }",
            json!({}),
        )
        .await;
    assert_eq!(mine["viewer"]["myWork"]["nodes"][0]["action"]["id"], *action);
    let early = world.refused(Leader, "actionComplete", json!({ "id": action })).await;
    assert_eq!(early, ("WRONG_STATE".into(), "input.id".into()));
    let other = world.refused(Sponsor, "actionAccept", json!({ "id": action })).await;
    assert_eq!(other, ("NOT_OWNER".into(), "input.id".into()));
    let accepted =
        world.done(Leader, "actionAccept", json!({ "id": action }), "action { status baselineDueOn }").await;
    assert_eq!(accepted["action"], json!({ "status": "ACCEPTED", "baselineDueOn": "2026-03-06" }));
    let client = json!({ "id": world.cast.client.to_string() });
    let figures = |open: i32, done: i32, overdue: i32, soon: i32, days: i32| {
        json!({
            "currentStage": { "title": "Vision" }, "stagesPassed": 1, "stagesTotal": 6, "actionsOffered": 0,
            "actionsOpen": open, "actionsDone": done, "actionsOverdue": overdue, "actionsDueSoon": soon,
            "prioritiesCommitted": 1, "sessionsHeld": 1, "daysSinceLastSession": days, "nextSessionAt": null,
        })
    };
    let seen = world.read(Facilitator, PROGRESS, client.clone()).await;
    assert_eq!(seen["client"]["progress"], figures(1, 0, 0, 1, 0));
    world.at("2026-03-07T00:00:00Z");
    let late = world.read(Facilitator, PROGRESS, client.clone()).await;
    assert_eq!(late["client"]["progress"], figures(1, 0, 1, 0, 3));
    world.done(Leader, "actionComplete", json!({ "id": action }), "action { status closedAt }").await;
    let done = world.read(Facilitator, PROGRESS, client.clone()).await;
    assert_eq!(done["client"]["progress"], figures(0, 1, 0, 0, 3));
    let progress = world.read(Admin, PROGRESS, client.clone()).await;
    assert_eq!(progress["client"]["progress"], figures(0, 1, 0, 0, 3), "head office sees progress");
    let content = "query($id: ID!) { client(id: $id) { actions { totalCount } priorities { totalCount } } }";
    let nothing = world.read(Admin, content, client).await;
    assert_eq!(nothing["client"]["actions"], Value::Null, "and no content");
    assert_eq!(nothing["client"]["priorities"], Value::Null);
}
