//! Obstacles: how they age while nobody speaks about them, and the trace from an obstacle to the work against it.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

const SEEN: &str = "query($id: ID!) { obstacle(id: $id) { status severity daysAvoided discussionCount reason
    raisedBy { name } history { nodes { kind reason } } } }";

async fn raise(world: &World, more: Value) -> String {
    let mut input = json!({ "teamId": world.cast.team, "title": "Nobody owns the plan", "severity": "HIGH" });
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    let made = world.done(Leader, "obstacleRaise", input, "obstacle { id }").await;
    made["obstacle"]["id"].as_str().expect("an id").to_owned()
}

async fn see(world: &World, id: &str) -> Value {
    world.read(Observer, SEEN, json!({ "id": id })).await["obstacle"].clone()
}

scenario! {
    async fn what_is_avoided_ages_for_all_to_see(world: World) {
        let id = raise(&world, json!({})).await;
        let step = |reason: &str| json!({ "id": id, "reason": reason });
        world.at("2026-03-12T08:59:59Z");
        let seen = see(&world, &id).await;
        assert_eq!((&seen["daysAvoided"], &seen["raisedBy"]["name"]), (&json!(9), &json!("Lena Leader")));
        world.at("2026-03-12T09:00:00Z");
        assert_eq!(see(&world, &id).await["daysAvoided"], 10);
        world.done(Leader, "obstacleDiscuss", step("Both sides put their case"), "").await;
        assert_eq!(see(&world, &id).await["daysAvoided"], 0);
        world.at("2026-03-15T09:00:00Z");
        world.done(Sponsor, "obstaclePrioritise", json!({ "id": id }), "").await;
        assert_eq!(see(&world, &id).await["daysAvoided"], 3, "to choose it is not to speak about it");
        world.done(Sponsor, "obstaclePark", step("After the audit"), "").await;
        assert_eq!(see(&world, &id).await["daysAvoided"], 0, "put aside on purpose");
        assert_eq!(world.refused(Leader, "obstacleResolve", step("Gone")).await, ("WRONG_STATE".into(), "input.id".into()));
        world.done(Sponsor, "obstacleResume", step("The audit is over"), "").await;
        world.done(Leader, "obstacleEscalate", step("It is about one of us"), "").await;
        let seen = see(&world, &id).await;
        assert_eq!((&seen["status"], &seen["daysAvoided"], &seen["reason"]), (&json!("ESCALATED"), &json!(3), &json!("It is about one of us")));
        let behind = world.home.behind().await;
        let letters = Statement::from_string(behind.get_database_backend(), "select payload from outbox where kind = 'obstacle_escalated'");
        let letters = behind.query_all_raw(letters).await.expect("letters");
        let letter: Value = letters[0].try_get_by_index::<Value>(0).expect("an e-mail");
        assert_eq!((letters.len(), &letter["to"]), (1, &json!("facilitator@example.com")), "the lead hears of it");
        assert_eq!(letter["subject"], "Acorn Mills: an obstacle was escalated to you");
        assert!(letter["text"].as_str().is_some_and(|text| text.starts_with("Acorn Mills\n\n")), "{letter}");
        world.done(Facilitator, "obstacleResume", step("We spoke, the two and I"), "").await;
        assert_eq!(see(&world, &id).await["status"], "PRIORITISED", "as it was before");
        world.done(Leader, "obstacleResolve", step("The two agreed in writing"), "").await;
        let seen = see(&world, &id).await;
        assert_eq!((&seen["status"], &seen["daysAvoided"], &seen["discussionCount"]), (&json!("RESOLVED"), &json!(0), &json!(1)));
        let kinds: Vec<&Value> = seen["history"]["nodes"].as_array().into_iter().flatten().map(|event| &event["kind"]).collect();
        assert_eq!(kinds, ["RAISED", "DISCUSSED", "PRIORITISED", "PARKED", "RESUMED", "ESCALATED", "RESUMED", "RESOLVED"]);
        assert_eq!(world.read(Admin, SEEN, json!({ "id": id })).await, json!({ "obstacle": null }), "head office reads no content");
    }
}

scenario! {
    async fn the_trace_leads_from_an_obstacle_to_the_work_and_back(world: World) {
        let (team, leader) = (world.cast.team, world.cast.leader);
        world.quarter("2026-Q1").await;
        let made = async |mutation: &str, noun: &str, input: Value| {
            let made = world.done(Facilitator, mutation, input, &format!("{noun} {{ id }}")).await;
            made[noun]["id"].clone()
        };
        let session = made("sessionSchedule", "session", json!({ "teamId": team, "kind": "REVIEW", "title": "Review",
            "place": "", "startsAt": "2026-03-05T09:00:00Z", "minutes": 60 })).await;
        let obstacle = json!(raise(&world, json!({ "sessionId": session })).await);
        let decision = made("decisionPropose", "decision", json!({ "teamId": team, "title": "One plan", "text": "One plan",
            "obstacleId": obstacle, "sessionId": session })).await;
        let priority = made("priorityCreate", "priority", json!({ "teamId": team, "ownerId": leader, "title": "Plan",
            "outcome": "There is one", "decisionId": decision })).await;
        let action = made("actionCreate", "action", json!({ "teamId": team, "ownerId": leader, "title": "Write it",
            "dueOn": "2026-03-20", "priorityId": priority, "decisionId": decision, "obstacleId": obstacle })).await;
        let forward = "query($id: ID!) { obstacle(id: $id) { session { id } actions(first: 3) { nodes { id } }
            decisions(first: 3) { nodes { id session { id } actions(first: 3) { nodes { id } }
                priorities(first: 3) { nodes { id actions { id } } } } } } }";
        let seen = world.read(Leader, forward, json!({ "id": obstacle })).await;
        assert_eq!(seen["obstacle"], json!({
            "session": { "id": session }, "actions": { "nodes": [{ "id": action }] },
            "decisions": { "nodes": [{ "id": decision, "session": { "id": session },
                "actions": { "nodes": [{ "id": action }] },
                "priorities": { "nodes": [{ "id": priority, "actions": [{ "id": action }] }] } }] },
        }));
        let back = "query($id: ID!) { action(id: $id) { obstacle { id } decision { id } priority { id decision { id obstacle {
            id session { id obstacles(first: 3) { nodes { id } } decisions(first: 3) { nodes { id } } } } } } } }";
        let seen = world.read(Leader, back, json!({ "id": action })).await;
        assert_eq!(seen["action"], json!({
            "obstacle": { "id": obstacle }, "decision": { "id": decision },
            "priority": { "id": priority, "decision": { "id": decision, "obstacle": { "id": obstacle, "session": {
                "id": session, "obstacles": { "nodes": [{ "id": obstacle }] }, "decisions": { "nodes": [{ "id": decision }] } } } } },
        }));
    }
}
