//! Values of the schema's own scalars: one that is not written as its type is never answers, wherever it stands.

use crate::{
    kit::{Answered, Persona::*, sdl},
    scenario,
};
use apollo_compiler::schema::ExtendedType;
use concord::scalar::WRITINGS;
use serde_json::{Value, json};

const DATE: &str = "A date is written like 2026-03-01.";
const NO_DAY: &str = "There is no such day in the calendar.";
const INSTANT: &str = "An instant is written like 2026-03-01T09:30:00Z.";
const DECIMAL: &str = "A decimal is written like \"-12.5\".";
const STRING: &str = "It is written as a string.";

/// A request error, nothing run, with this message and a place in the document.
fn refused(answered: &Answered, message: &str, asked: &str) {
    let error = &answered.json["errors"][0];
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT", "{asked}: {}", answered.text);
    assert_eq!(error["message"], message, "{asked}");
    assert!(error["locations"][0]["line"].is_u64(), "{asked}: {}", answered.text);
    assert_eq!(answered.json.get("data"), None, "{asked}");
}

#[test]
fn the_gate_knows_how_every_scalar_is_written() {
    let custom = sdl::schema().types.iter().filter_map(|(name, ty)| match ty {
        ExtendedType::Scalar(scalar) if !scalar.is_built_in() && name != "JSON" => Some(name.as_str()),
        _ => None,
    });
    let mut custom: Vec<&str> = custom.collect();
    custom.sort_unstable();
    assert_eq!(custom, WRITINGS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
}

scenario! {
    async fn reads_take_no_value_that_is_not_written_as_its_type_is(world: World) {
        let client = world.cast.client.to_string();
        for (arguments, message) in [
            (r#"metrics(asOf: "foo") { value }"#, DATE),
            (r#"metrics(asOf: "") { value }"#, DATE),
            (r#"metrics(asOf: "2026-02-30") { value }"#, NO_DAY),
            (r#"metrics(asOf: "2026-3-1") { value }"#, DATE),
            (r#"metrics(asOf: " 2026-03-1") { value }"#, DATE),
            (r#"metrics(asOf: "+2026-3-01") { value }"#, DATE),
            (r#"metrics(asOf: "12026-03-01") { value }"#, DATE),
            (r#"metrics(asOf: "2026-03-01T00:00:00Z") { value }"#, DATE),
            ("metrics(asOf: 5) { value }", STRING),
            ("metrics(asOf: today) { value }", STRING),
            (r#"metrics(asOf: ["2026-03-01"]) { value }"#, STRING),
            (r#"actions(filter: { dueOn: { gt: "foo" } }) { totalCount }"#, DATE),
            (r#"actions(filter: { or: [{ not: { dueOn: { eq: "2026-02-30" } } }] }) { totalCount }"#, NO_DAY),
            (r#"actions(filter: { dueAt: { gt: "2026-11-01" } }) { totalCount }"#, INSTANT),
            (r#"actions(filter: { dueAt: { gt: "2026-11-01T09:30:00" } }) { totalCount }"#, INSTANT),
            (r#"actions(filter: { dueAt: { gt: "2026-02-30T09:30:00Z" } }) { totalCount }"#, NO_DAY),
            ("actions(filter: { dueAt: { lt: 5 } }) { totalCount }", STRING),
        ] {
            let document = format!("query($id: ID!) {{ client(id: $id) {{ {arguments} }} }}");
            // what a document says is refused as often as it comes
            for _ in 0..2 {
                refused(&world.ask(Facilitator, &document, json!({ "id": client })).await, message, arguments);
            }
        }
        let dashboard = "{ network { dashboard(asOf: \"foo\") { totals { clients { active } } } } }";
        refused(&world.ask(Admin, dashboard, json!({})).await, DATE, dashboard);
        let default = "query($id: ID!, $day: Date = \"2026-02-30\") { client(id: $id) { metrics(asOf: $day) { value } } }";
        for variables in [json!({ "id": client }), json!({ "id": client, "day": "2026-03-01" })] {
            refused(&world.ask(Facilitator, default, variables).await, NO_DAY, default);
        }

        let document = "query($id: ID!, $day: Date, $filter: ActionFilter) { client(id: $id) {
            metrics(asOf: $day) { value } actions(filter: $filter) { totalCount } } }";
        for (name, value, place, message) in [
            ("day", json!("foo"), "", DATE),
            ("day", json!("2026-02-30"), "", NO_DAY),
            ("day", json!(5), "", STRING),
            ("day", json!(["2026-03-01"]), "", STRING),
            ("filter", json!({ "dueOn": { "gt": "foo" } }), ".dueOn.gt", DATE),
            ("filter", json!({ "and": [{}, { "dueAt": { "lte": "2026-11-01" } }] }), ".and[1].dueAt.lte", INSTANT),
            ("filter", json!({ "not": { "dueAt": { "eq": false } } }), ".not.dueAt.eq", STRING),
        ] {
            let answered = world.ask(Facilitator, document, json!({ "id": client, name: value })).await;
            refused(&answered, &format!("variable ${name}{place}: {message}"), &value.to_string());
            assert_eq!(answered.json["errors"][0]["extensions"]["variable"], name);
        }
        let filter = json!({ "dueOn": { "gt": "2026-03-01", "lt": null }, "dueAt": { "gt": "2026-03-01T09:30:00Z" } });
        world.read(Facilitator, document, json!({ "id": client, "day": "2026-02-28", "filter": filter })).await;
        world.read(Facilitator, document, json!({ "id": client, "day": null, "filter": null })).await;
    }
}

scenario! {
    async fn mutations_take_no_value_that_is_not_written_as_its_type_is(world: World) {
        let (team, owner) = (world.cast.team.to_string(), world.cast.leader.to_string());
        let action = |due: Value| json!({ "teamId": team, "ownerId": owner, "title": "Call", "dueOn": due });
        let session = |at: Value| json!({
            "teamId": team, "kind": "REVIEW", "title": "Review", "place": "Room", "minutes": 60, "startsAt": at,
        });
        let value = |value: Value| json!({ "id": team, "value": value });
        for (mutation, input, place, message) in [
            ("actionCreate", action(json!("foo")), "dueOn", DATE),
            ("actionCreate", action(json!("2026-02-30")), "dueOn", NO_DAY),
            ("actionCreate", action(json!(5)), "dueOn", STRING),
            ("sessionSchedule", session(json!("2026-03-10")), "startsAt", INSTANT),
            ("sessionSchedule", session(json!("2026-03-10T25:00:00Z")), "startsAt", INSTANT),
            ("measurableRecord", value(json!("1,5")), "value", DECIMAL),
            ("measurableRecord", value(json!(1.5)), "value", STRING),
        ] {
            let document = crate::kit::document(mutation, "");
            let answered = world.ask(Facilitator, &document, json!({ "input": input })).await;
            refused(&answered, &format!("variable $input.{place}: {message}"), &input.to_string());
        }
        let create = |due: &str| format!(
            "actionCreate(input: {{ teamId: \"{team}\", ownerId: \"{owner}\", title: \"Call\", dueOn: {due} }}) {{
            action {{ dueOn }} errors {{ code message path }} }}"
        );
        let written = |due: &str| format!("mutation {{ {} }}", create(due));
        for (due, message) in [("\"foo\"", DATE), ("5", STRING), ("\"2026-02-30\"", NO_DAY)] {
            refused(&world.ask(Facilitator, &written(due), json!({})).await, message, due);
        }
        // any part of a document that is wrong keeps all of it from running
        let two = format!("mutation {{ {} wrong: {} }}", create("\"2026-04-01\""), create("5"));
        refused(&world.ask(Facilitator, &two, json!({})).await, STRING, &two);
        let done = world.read(Facilitator, &written("\"2026-04-01\""), json!({})).await;
        assert_eq!(done["actionCreate"], json!({ "action": { "dueOn": "2026-04-01" }, "errors": [] }));
        let count = "query($id: ID!) { team(id: $id) { actions { totalCount } } }";
        let count = world.read(Facilitator, count, json!({ "id": team })).await;
        assert_eq!(count["team"]["actions"]["totalCount"], 1);
    }
}

scenario! {
    async fn filters_read_an_instant_as_mutations_do(world: World) {
        world.at("2026-03-02T09:30:00.123Z");
        let input = json!({
            "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(), "title": "Call",
            "dueOn": "2026-04-01",
        });
        world.done(Facilitator, "actionCreate", input, "").await;
        let document = "query($id: ID!, $filter: ActionFilter) { team(id: $id) { actions(filter: $filter) { totalCount } } }";
        for (test, at, found) in [
            ("eq", "2026-03-02T09:30:00.123Z", 1),
            ("eq", "2026-03-02t09:30:00.123z", 1),
            ("eq", "2026-03-02T22:30:00.123+13:00", 1),
            ("eq", "2026-03-01T23:30:00.123-10:00", 1),
            // what is finer than a millisecond is cut off
            ("eq", "2026-03-02T09:30:00.123999Z", 1),
            ("gte", "2026-03-02T22:30:00.123999+13:00", 1),
            ("lt", "2026-03-02T09:30:00.123999Z", 0),
            ("eq", "2026-03-02T09:30:00.122999Z", 0),
            ("lt", "2026-03-02T09:30:00.124Z", 1),
            ("gt", "2026-03-02T09:30:00Z", 1),
            ("lt", "2026-03-02T22:30:00+13:00", 0),
            ("gt", "2026-03-02T09:30:01Z", 0),
        ] {
            let id = world.cast.team.to_string();
            let filter = json!({ "offeredAt": { test: at } });
            let page = world.read(Facilitator, document, json!({ "id": id, "filter": filter })).await;
            assert_eq!(page["team"]["actions"]["totalCount"], found, "{test} {at}");
            let written = document.replace(", $filter: ActionFilter", "")
                .replace("$filter", &format!("{{ offeredAt: {{ {test}: \"{at}\" }} }}"));
            let page = world.read(Facilitator, &written, json!({ "id": id })).await;
            assert_eq!(page["team"]["actions"]["totalCount"], found, "{written}");
        }
    }
}

scenario! {
    async fn a_wrong_value_is_named_with_its_path_and_the_values_there_are(world: World) {
        let (team, owner) = (world.cast.team.to_string(), world.cast.leader.to_string());
        let error = |answered: &Answered| answered.json["errors"][0].clone();
        let create = "mutation($i: ActionCreateInput!) { actionCreate(input: $i) { action { id } } }";
        let input = json!({ "teamId": team, "ownerId": owner, "title": "Call", "dueOn": "2027-02-30" });
        let found = error(&world.ask(Facilitator, create, json!({ "i": input })).await);
        assert_eq!(found["message"], format!("variable $i.dueOn: {NO_DAY}"));
        assert_eq!(found["extensions"]["path"], json!(["i", "dueOn"]));
        let session = "mutation($i: SessionScheduleInput!) { sessionSchedule(input: $i) { session { id } } }";
        let input = json!({ "teamId": team, "kind": "REVEIW", "title": "Review", "place": "Room", "minutes": 60,
            "startsAt": "2026-03-10T09:00:00Z" });
        let found = error(&world.ask(Facilitator, session, json!({ "i": input })).await);
        let message = found["message"].as_str().unwrap_or_default();
        assert!(message.contains("`REVEIW`") && message.contains("REVIEW"), "{found}");
        assert_eq!(found["extensions"]["path"], json!(["i", "kind"]));
        assert!(found["extensions"]["allowed"].as_array().is_some_and(|all| all.contains(&json!("REVIEW"))), "{found}");
        // lists by number
        let filtered = "query($id: ID!, $f: ActionFilter) { client(id: $id) { actions(filter: $f) { totalCount } } }";
        let filter = json!({ "or": [{}, { "status": { "in": ["DONE", "NEARLY"] } }] });
        let client = world.cast.client.to_string();
        let found = error(&world.ask(Facilitator, filtered, json!({ "id": client, "f": filter })).await);
        assert_eq!(found["extensions"]["path"], json!(["f", "or", 1, "status", "in", 1]), "{found}");
        // values written out
        let written = format!(
            "{{ client(id: \"{client}\") {{ actions(filter: {{ and: [{{ dueOn: {{ lt: \"2026-13-01\" }} }}] }}) {{ totalCount }} }} }}"
        );
        let found = error(&world.ask(Facilitator, &written, json!({})).await);
        assert_eq!(found["message"], NO_DAY);
        assert_eq!(found["extensions"]["path"], json!(["filter", "and", 0, "dueOn", "lt"]));
        // what is no slip of a constant is not sent back
        let input = json!({ "teamId": team, "kind": "my secret phrase", "title": "Review", "place": "Room", "minutes": 60,
            "startsAt": "2026-03-10T09:00:00Z" });
        let answered = world.ask(Facilitator, session, json!({ "i": input })).await;
        assert!(!answered.text.contains("secret"), "{}", answered.text);
    }
}
