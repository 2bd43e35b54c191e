//! Milestones and measurables: how far a priority is, and by what figure everybody sees it.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
use serde_json::{Value, json};

async fn priority(world: &World) -> Value {
    world.quarter("2026-Q1").await;
    let input = json!({
        "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(), "title": "Win", "outcome": "Won",
    });
    world.done(Facilitator, "priorityCreate", input, "priority { id progressPercent }").await["priority"]
        .clone()
}

scenario! {
    async fn progress_is_the_weight_of_what_is_reached(world: World) {
        let priority = priority(&world).await;
        assert_eq!(priority["progressPercent"], Value::Null);
        let id = priority["id"].clone();
        let make = |title: &str, weight: i32, due: &str| json!({ "priorityId": id, "title": title, "weight": weight, "dueOn": due });
        let mut made = vec![];
        for (title, weight, due) in [("Second", 1, "2026-03-20"), ("First", 2, "2026-03-10"), ("Gone", 100, "2026-03-30")] {
            let milestone = world.done(Leader, "milestoneCreate", make(title, weight, due), "milestone { id }").await;
            made.push(json!({ "id": milestone["milestone"]["id"] }));
        }
        world.done(Sponsor, "milestoneRemove", made[2].clone(), "").await;
        let seen = "milestone { doneAt priority { progressPercent milestones { title } } }";
        let done = world.done(Leader, "milestoneComplete", made[1].clone(), seen).await;
        assert_eq!(done["milestone"]["priority"], json!({ "progressPercent": 66, "milestones": [{ "title": "First" }, { "title": "Second" }] }));
        assert_eq!(world.refused(Leader, "milestoneComplete", made[1].clone()).await.0, "WRONG_STATE");
        assert_eq!(world.refused(Leader, "milestoneReopen", made[0].clone()).await.0, "WRONG_STATE");
        let reopened = world.done(Leader, "milestoneReopen", made[1].clone(), seen).await;
        assert_eq!(reopened["milestone"]["priority"]["progressPercent"], 0);
        let wrong = json!({ "priorityId": id, "title": " ", "weight": 101, "dueOn": "2026-03-01" });
        let wrong = world.change(Leader, "milestoneCreate", wrong, "milestone { id }").await;
        assert_eq!(wrong["errors"].as_array().map(Vec::len), Some(3), "{wrong}");
        world.done(Sponsor, "priorityDrop", json!({ "id": id, "reason": "Enough" }), "").await;
        assert_eq!(world.refused(Leader, "milestoneComplete", made[0].clone()).await, ("WRONG_STATE".into(), "input.id".into()));
        assert_eq!(world.refused(Leader, "milestoneCreate", make("Late", 1, "2026-04-01")).await.1, "input.priorityId");
    }
}

scenario! {
    async fn a_correction_counts_and_what_was_said_stays(world: World) {
        let id = priority(&world).await["id"].clone();
        let input = json!({
            "priorityId": id, "name": "On-time delivery", "unit": "%", "direction": "UP", "period": "MONTH",
            "baseline": "082.50", "target": "95",
        });
        let made = world.done(Leader, "measurableCreate", input.clone(), "measurable { id baseline target latest { value } }").await;
        assert_eq!((&made["measurable"]["baseline"], &made["measurable"]["latest"]), (&json!("82.5"), &Value::Null));
        let measurable = made["measurable"]["id"].clone();
        let say = |on: Value, value: &str| json!({ "id": measurable, "periodOn": on, "value": value });
        for (on, value) in [(json!("2026-01-31"), "84"), (json!("2026-02-01"), "86.1"), (json!("2026-02-28"), "85.9")] {
            world.done(Leader, "measurableRecord", say(on, value), "").await;
        }
        let values = "measurable { values { nodes { periodOn value earlier { value } } } latest { value } }";
        let seen = world.done(Facilitator, "measurableRecord", say(Value::Null, "-0.0"), values).await;
        assert_eq!(seen["measurable"], json!({
            "values": { "nodes": [
                { "periodOn": "2026-03-01", "value": "0", "earlier": [] },
                { "periodOn": "2026-02-01", "value": "85.9", "earlier": [{ "value": "86.1" }] },
                { "periodOn": "2026-01-01", "value": "84", "earlier": [] },
            ] },
            "latest": { "value": "0" },
        }));
        assert_eq!(world.refused(Leader, "measurableRecord", say(json!("2026-03-03"), "1")).await.1, "input.periodOn");
        for wrong in ["", "1e3", "1,5", "1.1234567", "NaN", "1234567890123456", "+1", "."] {
            let document = crate::kit::document("measurableRecord", "measurable { id }");
            let answered = world.ask(Leader, &document, json!({ "input": say(Value::Null, wrong) })).await;
            assert_eq!(answered.json["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{wrong}: {}", answered.text);
            let message = answered.json["errors"][0]["message"].as_str().unwrap_or_default();
            assert!(message.contains("A decimal is written like"), "{message}");
        }
        world.done(Leader, "measurableRemove", json!({ "id": measurable }), "").await;
        assert_eq!(world.refused(Leader, "measurableRecord", say(Value::Null, "1")).await.0, "WRONG_STATE");
        let left = "query($id: ID!) { priority(id: $id) { measurables { name } } }";
        assert_eq!(world.read(Observer, left, json!({ "id": id })).await["priority"]["measurables"], json!([]));
    }
}
