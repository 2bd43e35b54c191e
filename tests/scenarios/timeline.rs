//! The timeline: what people did is in it, latest first, each with what it was about; no item is lost or told twice
//! between pages, every kind that the database tells has its name in the schema, and head office reads none of it.

use crate::{
    kit::{Persona::*, World, fixtures::Fixtures},
    scenario,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const TIMELINE: &str = "query($id: ID!, $first: Int, $after: String) { client(id: $id) {
    timeline(first: $first, after: $after) { totalCount pageInfo { hasNextPage endCursor } nodes {
        kind at title note team { name } action { title } decision { title } obstacle { title } session { title }
        priority { title } member { name } stage { title } programme { name } alignmentRound { title }
        review { dueOn } driftSignal { cause } } } } }";

async fn page(world: &World, first: u32, after: &Value) -> Value {
    let variables = json!({ "id": world.cast.client.to_string(), "first": first, "after": after });
    world.read(Observer, TIMELINE, variables).await["client"]["timeline"].clone()
}

scenario! {
    async fn what_people_do_is_told_in_order(world: World) {
        let team = world.cast.team.to_string();
        let action = json!({ "teamId": team, "ownerId": world.cast.leader.to_string(), "title": "Call", "dueOn": "2026-03-20" });
        let id = world.done(Facilitator, "actionCreate", action, "action { id }").await["action"]["id"].clone();
        world.at("2026-03-03T10:00:00Z");
        world.done(Leader, "actionAccept", json!({ "id": id }), "").await;
        world.at("2026-03-04T10:00:00Z");
        world.done(Leader, "actionRedate", json!({ "id": id, "dueOn": "2026-03-27", "reason": "The fair moved" }), "").await;
        world.at("2026-03-05T10:00:00Z");
        let obstacle = json!({ "teamId": team, "title": "No budget", "severity": "HIGH" });
        world.done(Leader, "obstacleRaise", obstacle, "").await;
        world.at("2026-03-06T10:00:00Z");
        let cancel = json!({ "id": id, "reason": "Not needed" });
        world.done(Facilitator, "actionCancel", cancel, "").await;
        let told = page(&world, 5, &Value::Null).await;
        let lines: Vec<Value> = told["nodes"].as_array().expect("items").iter()
            .map(|item| json!([item["kind"], item["at"], item["title"], item["note"], item["action"]["title"]]))
            .collect();
        assert_eq!(lines, [
            json!(["ACTION_CANCELLED", "2026-03-06T10:00:00Z", "Call", "Not needed", "Call"]),
            json!(["OBSTACLE_RAISED", "2026-03-05T10:00:00Z", "No budget", null, null]),
            json!(["ACTION_MOVED", "2026-03-04T10:00:00Z", "Call", "The fair moved", "Call"]),
            json!(["ACTION_ACCEPTED", "2026-03-03T10:00:00Z", "Call", null, "Call"]),
            json!(["ACTION_OFFERED", "2026-03-02T09:00:00Z", "Call", null, "Call"]),
        ]);
        let client = json!({ "id": world.cast.client.to_string() });
        let hidden = world.read(Admin, "query($id: ID!) { client(id: $id) { timeline { totalCount } } }", client).await;
        assert_eq!(hidden["client"]["timeline"], Value::Null, "head office reads no content");
        let only = "query($id: ID!) { client(id: $id) { timeline(filter: { kind: { in: [ACTION_MOVED] } }) { nodes { kind } } } }";
        let client = json!({ "id": world.cast.client.to_string() });
        assert_eq!(world.read(Leader, only, client).await["client"]["timeline"]["nodes"], json!([{ "kind": "ACTION_MOVED" }]));
    }
}

scenario! {
    async fn every_kind_is_told_once_and_has_a_name(world: World) {
        Fixtures::of(&world).await;
        let (mut after, mut items, mut total) = (Value::Null, vec![], 0);
        loop {
            let told = page(&world, 3, &after).await;
            total = told["totalCount"].as_u64().unwrap_or(total);
            items.extend(told["nodes"].as_array().expect("items").iter().map(Value::to_string));
            after = told["pageInfo"]["endCursor"].clone();
            if told["pageInfo"]["hasNextPage"] == false {
                break;
            }
            assert!(items.len() < 1000, "the pages end");
        }
        assert_eq!(items.len() as u64, total);
        let behind = world.home.behind().await;
        let sql = "select distinct kind from timeline_event";
        let rows = behind.query_all_raw(Statement::from_string(behind.get_database_backend(), sql)).await.expect("kinds");
        let kinds: BTreeSet<String> =
            rows.iter().map(|row| row.try_get_by_index::<String>(0).expect("a kind").to_uppercase()).collect();
        let named = world.read(Observer, "{ __type(name: \"TimelineKind\") { enumValues { name } } }", json!({})).await;
        let named: BTreeSet<String> = named["__type"]["enumValues"].as_array().expect("values").iter()
            .map(|value| value["name"].as_str().expect("a name").to_owned())
            .collect();
        let nameless: Vec<&String> = kinds.difference(&named).collect();
        assert!(nameless.is_empty(), "{nameless:?}");
        assert!(kinds.len() > 15, "the fixtures have all sorts: {kinds:?}");
    }
}
