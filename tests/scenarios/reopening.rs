//! Reopening: what was ended by mistake is taken back by whoever may end it, with a reason, for 14 days, and history stays.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
use entity::{
    metric_period,
    metric_value::{self, Metric},
};
use sea_orm::IntoActiveModel;
use serde_json::{Value, json};

/// An action of the leader that is done.
async fn done_action(world: &World, title: &str) -> Value {
    let input = json!({ "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(),
        "title": title, "dueOn": "2026-03-04" });
    let id = world.done(Facilitator, "actionCreate", input, "action { id }").await["action"]["id"].clone();
    world.done(Leader, "actionAccept", json!({ "id": id }), "").await;
    world.done(Leader, "actionComplete", json!({ "id": id }), "").await;
    id
}

const ACTION: &str = "query($id: ID!) { action(id: $id) { status dueOn baselineDueOn closedAt
    reopenings { nodes { reason endedAt createdAt person { name } } } } }";

scenario! {
    async fn a_completed_action_is_reopened_with_a_reason(world: World) {
        let id = done_action(&world, "Call").await;
        world.at("2026-03-03T09:00:00Z");
        let reopen = |reason: &str| json!({ "id": id, "reason": reason });
        for (who, code, path) in [(Observer, "FORBIDDEN", ""), (Leader, "INVALID", "input.reason")] {
            let answered = world.ask(who, &crate::kit::document("actionReopen", ""), json!({ "input": reopen("") })).await;
            if path.is_empty() {
                assert_eq!(answered.json["errors"][0]["extensions"]["code"], code, "{}", answered.text);
            } else {
                assert_eq!(world.refused(who, "actionReopen", reopen("")).await, (code.into(), path.into()));
            }
        }
        world.done(Leader, "actionReopen", reopen("They call back on Friday"), "").await;
        let seen = world.read(Leader, ACTION, json!({ "id": id })).await["action"].clone();
        assert_eq!((&seen["status"], &seen["closedAt"], &seen["baselineDueOn"]), (&json!("ACCEPTED"), &Value::Null, &json!("2026-03-04")));
        let reopening = &seen["reopenings"]["nodes"][0];
        assert_eq!(reopening, &json!({ "reason": "They call back on Friday", "endedAt": "2026-03-02T09:00:00Z",
            "createdAt": "2026-03-03T09:00:00Z", "person": { "name": reopening["person"]["name"] } }));
        assert_eq!(world.refused(Leader, "actionReopen", reopen("Again")).await, ("WRONG_STATE".into(), "input.id".into()));
        // what is done again is done later, and late: nothing moves to an earlier day
        world.at("2026-03-06T09:00:00Z");
        world.done(Leader, "actionComplete", json!({ "id": id }), "").await;
        let seen = world.read(Leader, ACTION, json!({ "id": id })).await["action"].clone();
        assert_eq!((&seen["closedAt"], &seen["baselineDueOn"]), (&json!("2026-03-06T09:00:00Z"), &json!("2026-03-04")));
        let told = "query($id: ID!) { team(id: $id) { timeline(first: 10) { nodes { kind at note } } } }";
        let told = world.read(Leader, told, json!({ "id": world.cast.team.to_string() })).await;
        let lines: Vec<Value> = told["team"]["timeline"]["nodes"].as_array().expect("items").iter()
            .filter(|item| item["kind"].as_str().is_some_and(|kind| kind.starts_with("ACTION_")))
            .map(|item| json!([item["kind"], item["at"], item["note"]]))
            .collect();
        assert_eq!(lines[..2], [
            json!(["ACTION_DONE", "2026-03-06T09:00:00Z", null]),
            json!(["ACTION_REOPENED", "2026-03-03T09:00:00Z", "They call back on Friday"]),
        ]);
        assert!(lines.contains(&json!(["ACTION_DONE", "2026-03-02T09:00:00Z", null])), "{lines:?}");
    }
}

scenario! {
    async fn what_ended_long_ago_or_in_a_frozen_period_stays(world: World) {
        let (old, owned) = (done_action(&world, "Call").await, done_action(&world, "Write").await);
        let reopen = |id: &Value| json!({ "id": id, "reason": "A mistake" });
        let sponsor = world.cast.sponsor.to_string();
        world.at("2026-03-16T09:00:00Z");
        world.done(Facilitator, "actionReopen", reopen(&old), "").await;
        world.done(Leader, "actionComplete", json!({ "id": old }), "").await;
        world.at("2026-03-16T09:00:01Z");
        assert_eq!(world.refused(Leader, "actionReopen", reopen(&owned)).await, ("WRONG_STATE".into(), "input.id".into()));
        let write = world.app.kernel.system(world.cast.network).await.expect("the system");
        let ends_on = "2026-03-31".parse().expect("a day");
        let period = metric_period::Model {
            id: write.id(),
            network_id: world.cast.network,
            period: "2026-Q1".into(),
            starts_on: "2026-01-01".parse().expect("a day"),
            ends_on,
            frozen_at: write.now(),
        };
        let id = write.id();
        let value = metric_value::Model {
            id,
            network_id: world.cast.network,
            client_id: world.cast.client,
            period: "2026-Q1".into(),
            ends_on,
            metric: Metric::OnTimeActions,
            first_id: id,
            definition_version: 1,
            numerator: Some(4),
            denominator: Some(5),
            value: Some(8_000),
            reason: None,
            frozen_at: write.now(),
        };
        write.insert_unaudited::<metric_period::Entity>(vec![period.into_active_model()]).await.expect("a period");
        write.insert_unaudited::<metric_value::Entity>(vec![value.into_active_model()]).await.expect("a value");
        write.commit_quietly().await.expect("a frozen quarter");
        let refused = world.change(Leader, "actionReopen", reopen(&old), "action { status }").await;
        assert_eq!((&refused["errors"][0]["code"], &refused["action"]["status"]), (&json!("WRONG_STATE"), &json!("DONE")));
        assert!(refused["errors"][0]["message"].as_str().is_some_and(|text| text.contains("2026-Q1")), "{refused}");
        // whoever left has nothing to go on with
        world.at("2026-04-01T09:00:00Z");
        let input = json!({ "teamId": world.cast.team.to_string(), "ownerId": world.cast.quiet.to_string(),
            "title": "Visit", "dueOn": "2026-04-10" });
        let visit = world.done(Facilitator, "actionCreate", input, "action { id }").await["action"]["id"].clone();
        world.done(Facilitator, "actionAccept", json!({ "id": visit }), "").await;
        world.done(Facilitator, "actionComplete", json!({ "id": visit }), "").await;
        world.done(Sponsor, "memberRemove", json!({ "id": world.cast.quiet.to_string(), "successorId": sponsor }), "").await;
        let refused = world.refused(Facilitator, "actionReopen", reopen(&visit)).await;
        assert_eq!(refused, ("OWNER_NOT_ELIGIBLE".into(), "input.id".into()));
    }
}

scenario! {
    async fn an_achieved_priority_is_reopened_while_its_place_is_free(world: World) {
        let cycle = world.quarter("2026-Q1").await;
        let put = async |title: &str| {
            let input = json!({ "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(),
                "title": title, "outcome": "All see it" });
            let id = world.done(Facilitator, "priorityCreate", input, "priority { id }").await["priority"]["id"].clone();
            world.done(Facilitator, "priorityCommit", json!({ "id": id }), "").await;
            id
        };
        let (win, keep) = (put("Win").await, put("Keep").await);
        world.done(Sponsor, "cycleCommit", json!({ "id": cycle }), "").await;
        world.done(Leader, "priorityAchieve", json!({ "id": win }), "").await;
        let reopen = json!({ "id": win, "reason": "One contract is not signed" });
        world.at("2026-03-05T09:00:00Z");
        let what = "priority { status closedAt committedAt cycle { achievedCount } reopenings { nodes { endedAt reason } } }";
        let seen = world.done(Leader, "priorityReopen", reopen.clone(), what).await;
        assert_eq!(seen["priority"], json!({
            "status": "COMMITTED", "closedAt": null, "committedAt": "2026-03-02T09:00:00Z", "cycle": { "achievedCount": 0 },
            "reopenings": { "nodes": [{ "endedAt": "2026-03-02T09:00:00Z", "reason": "One contract is not signed" }] },
        }));
        assert_eq!(world.refused(Leader, "priorityReopen", reopen.clone()).await.0, "WRONG_STATE");
        world.done(Leader, "priorityAchieve", json!({ "id": win }), "").await;
        let third = put("Third").await;
        assert_eq!(world.refused(Leader, "priorityReopen", reopen.clone()).await, ("LIMIT_REACHED".into(), "input.id".into()));
        world.at("2026-03-10T09:00:00Z");
        let decisions = json!([{ "priorityId": keep, "outcome": "ACHIEVED" }, { "priorityId": third, "outcome": "MISSED" }]);
        world.done(Sponsor, "cycleClose", json!({ "id": cycle, "decisions": decisions }), "").await;
        let refused = world.change(Leader, "priorityReopen", reopen, "").await;
        assert!(refused["errors"][0]["message"].as_str().is_some_and(|text| text.contains("`cycleReopen`")), "{refused}");
    }
}
