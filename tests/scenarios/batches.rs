//! What is said about actions, and what is done to many of them at once.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
use serde_json::{Value, json};

async fn offered(world: &World, titles: &[&str]) -> Vec<Value> {
    let item = |title: &&str| json!({ "ownerId": world.cast.leader.to_string(), "title": title, "dueOn": "2026-03-20" });
    let items: Vec<Value> = titles.iter().map(item).collect();
    let input = json!({ "teamId": world.cast.team.to_string(), "items": items });
    let made =
        world.done(Facilitator, "actionsCreate", input, "actions { id title status owner { id } }").await;
    let actions = made["actions"].as_array().expect("actions").clone();
    let made: Vec<&Value> = actions.iter().map(|action| &action["title"]).collect();
    assert_eq!(json!(made), json!(titles));
    actions.into_iter().map(|action| action["id"].clone()).collect()
}

async fn total(world: &World) -> Value {
    let count = "query($id: ID!) { team(id: $id) { actions { totalCount } } }";
    let id = json!({ "id": world.cast.team.to_string() });
    world.read(Leader, count, id).await["team"]["actions"]["totalCount"].clone()
}

scenario! {
    async fn what_was_saved_before_a_failure_is_named(world: World) {
        let one = "one: actionCreate(input: $a) { action { id } errors { code } }";
        let two = "two: regionCreate(input: { code: \"NO\", name: \"North\" }) { errors { code } }";
        let action = json!({
            "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(),
            "title": "Call", "dueOn": "2026-03-20",
        });
        let ask = async |first: &str, second: &str| {
            let document = format!("mutation($a: ActionCreateInput!) {{ {first} {second} }}");
            let answered = world.ask(Facilitator, &document, json!({ "a": action })).await;
            assert_eq!(answered.json["data"], Value::Null, "{}", answered.text);
            let error = answered.json["errors"][0].clone();
            assert_eq!((&error["path"], &error["extensions"]["code"]), (&json!(["two"]), &json!("FORBIDDEN")));
            error
        };
        let error = ask(two, one).await;
        assert_eq!((&error["extensions"]["done"], total(&world).await), (&Value::Null, json!(0)));
        let error = ask(one, two).await;
        assert_eq!((&error["extensions"]["done"], total(&world).await), (&json!(["one"]), json!(1)));
        assert!(error["message"].as_str().is_some_and(|message| message.ends_with(" carried out before: one.")), "{error}");
        // one that rules refused was not saved
        let mut unnamed = action.clone();
        unnamed["title"] = json!(" ");
        let document = format!("mutation($a: ActionCreateInput!) {{ {one} {two} }}");
        let answered = world.ask(Facilitator, &document, json!({ "a": unnamed })).await;
        assert_eq!(answered.json["errors"][0]["extensions"].get("done"), None, "{}", answered.text);
        // an ID that no text can be is refused before anything is changed
        let large = "two: actionComplete(input: { id: 99999999999999999999 }) { errors { code } }";
        let document = format!("mutation($a: ActionCreateInput!) {{ {one} {large} }}");
        let answered = world.ask(Facilitator, &document, json!({ "a": action })).await;
        assert_eq!(answered.json["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{}", answered.text);
        assert_eq!(total(&world).await, 1);
    }
}

scenario! {
    async fn a_batch_is_done_whole_or_not_at_all(world: World) {
        let actions = offered(&world, &["One", "Two", "Three"]).await;
        let owner = world.cast.leader.to_string();
        let items = json!([
            { "ownerId": owner, "title": "Good", "dueOn": "2026-03-20" },
            { "ownerId": owner, "title": " ", "dueOn": "2026-03-01" },
            { "ownerId": world.cast.other_member.to_string(), "title": "Far", "dueOn": "2026-03-20" },
        ]);
        let refused = world.change(Facilitator, "actionsCreate", json!({ "teamId": world.cast.team.to_string(), "items": items }), "actions { id }").await;
        let paths: Vec<String> = refused["errors"].as_array().expect("errors").iter()
            .map(|error| format!("{} {}", error["code"].as_str().expect("a code"), error["path"].as_array().expect("a path").iter().filter_map(Value::as_str).collect::<Vec<_>>().join(".")))
            .collect();
        assert_eq!(paths, ["INVALID input.items.1.title", "INVALID input.items.1.dueOn", "NOT_FOUND input.items.2.ownerId"]);
        assert_eq!((&refused["actions"], total(&world).await), (&json!([]), json!(3)));
        for (count, code) in [(0, "INVALID"), (101, "LIMIT_EXCEEDED")] {
            let items = vec![json!({ "ownerId": owner, "title": "Many", "dueOn": "2026-03-20" }); count];
            let input = json!({ "teamId": world.cast.team.to_string(), "items": items });
            let document = crate::kit::document("actionsCreate", "actions { id }");
            let refused = world.ask(Facilitator, &document, json!({ "input": input })).await;
            assert!(refused.text.contains(code), "{}", refused.text);
        }
        assert_eq!(total(&world).await, 3);
        let move_to = |items: Value| json!({ "teamId": world.cast.team.to_string(), "reason": "The fair was moved", "items": items });
        let what = "actions { dueOn moveCount version history { nodes { reason } } }";
        let both = json!([{ "id": actions[1], "dueOn": "2026-03-25" }, { "id": actions[0], "dueOn": "2026-03-26", "expectedVersion": 1 }]);
        let moved = world.done(Leader, "actionsRedate", move_to(both), what).await;
        let row = |due: &str| json!({ "dueOn": due, "moveCount": 1, "version": 2, "history": { "nodes": [{ "reason": "The fair was moved" }] } });
        assert_eq!(moved["actions"], json!([row("2026-03-25"), row("2026-03-26")]));
        for (items, code, path) in [
            (json!([{ "id": actions[2], "dueOn": "2026-03-27" }, { "id": actions[0], "dueOn": "2026-03-27", "expectedVersion": 1 }]), "CONFLICT", "input.items.1.expectedVersion"),
            (json!([{ "id": actions[2], "dueOn": "2026-03-27" }, { "id": actions[2], "dueOn": "2026-03-28" }]), "INVALID", "input.items.1.id"),
            (json!([{ "id": actions[2], "dueOn": "2026-03-20" }]), "INVALID", "input.items.0.dueOn"),
            (json!([{ "id": world.cast.team.to_string(), "dueOn": "2026-03-27" }]), "NOT_FOUND", "input.items.0.id"),
        ] {
            let refused = world.refused(Leader, "actionsRedate", move_to(items)).await;
            assert_eq!(refused, (code.into(), path.into()));
        }
        world.done(Facilitator, "actionReassign", json!({ "id": actions[2], "ownerId": world.cast.sponsor.to_string() }), "").await;
        let not_mine = move_to(json!([{ "id": actions[2], "dueOn": "2026-03-27" }]));
        assert_eq!(world.refused(Leader, "actionsRedate", not_mine).await, ("NOT_OWNER".into(), "input.items.0.id".into()));
    }
}

scenario! {
    async fn words_are_their_authors(world: World) {
        let action = offered(&world, &["One"]).await.remove(0);
        let say = |text: &str, answers: Option<&Value>| json!({ "actionId": action, "text": text, "replyToId": answers });
        let first = world.done(Facilitator, "actionCommentCreate", say("How far is it?", None), "actionComment { id }").await["actionComment"]["id"].clone();
        world.at("2026-03-02T10:00:00Z");
        let answer = world.done(Leader, "actionCommentCreate", say("Half way.", Some(&first)), "actionComment { id replyTo { text } }").await["actionComment"].clone();
        assert_eq!(answer["replyTo"]["text"], "How far is it?");
        let third = world.done(Sponsor, "actionCommentCreate", say("Good.", Some(&answer["id"])), "actionComment { replyTo { id } }").await;
        assert_eq!(third["actionComment"]["replyTo"]["id"], first);
        assert_eq!(world.refused(Sponsor, "actionCommentUpdate", json!({ "id": answer["id"], "text": "All done." })).await.0, "NOT_OWNER");
        assert_eq!(world.refused(Facilitator, "actionCommentWithdraw", json!({ "id": answer["id"] })).await.0, "NOT_OWNER");
        let edited = world.done(Leader, "actionCommentUpdate", json!({ "id": answer["id"], "text": "Nearly there.", "expectedVersion": 1 }), "actionComment { text editedAt version }").await;
        assert_eq!(edited["actionComment"], json!({ "text": "Nearly there.", "editedAt": "2026-03-02T10:00:00Z", "version": 2 }));
        world.done(Facilitator, "actionCommentWithdraw", json!({ "id": first }), "").await;
        assert_eq!(world.refused(Facilitator, "actionCommentUpdate", json!({ "id": first, "text": "Again" })).await.0, "WRONG_STATE");
        let seen = world.read(Observer, "query($id: ID!) { action(id: $id) { comments { totalCount nodes { text } } } }", json!({ "id": action })).await;
        assert_eq!(seen["action"]["comments"]["nodes"], json!([{ "text": null }, { "text": "Nearly there." }, { "text": "Good." }]));
    }
}

scenario! {
    async fn a_weekly_meeting_checks_in_on_all_work_at_once(world: World) {
        let actions = offered(&world, &["One", "Two"]).await;
        world.done(Leader, "actionAccept", json!({ "id": actions[0] }), "").await;
        let say = |items: Value| json!({ "teamId": world.cast.team.to_string(), "items": items });
        let item = |id: &Value| json!({ "id": id, "status": "ON_TRACK", "confidence": 4, "comment": "Fine" });
        let mut doubtful = item(&actions[0]);
        doubtful["confidence"] = json!(6);
        for (items, code, path) in [
            (json!([item(&actions[0]), item(&actions[1])]), "WRONG_STATE", "input.items.1.id"),
            (json!([item(&actions[0]), item(&actions[0])]), "INVALID", "input.items.1.id"),
            (json!([item(&json!(world.cast.team))]), "NOT_FOUND", "input.items.0.id"),
            (json!([doubtful]), "INVALID", "input.items.0.confidence"),
            (json!([]), "INVALID", "input.items"),
        ] {
            assert_eq!(world.refused(Leader, "checkInsCreate", say(items)).await, (code.into(), path.into()));
        }
        let not_mine = world.refused(Sponsor, "checkInsCreate", say(json!([item(&actions[0])]))).await;
        assert_eq!(not_mine, ("NOT_OWNER".into(), "input.items.0.id".into()));
        let count = "query($id: ID!) { team(id: $id) { checkIns { totalCount } } }";
        let id = json!({ "id": world.cast.team.to_string() });
        assert_eq!(world.read(Leader, count, id.clone()).await["team"]["checkIns"]["totalCount"], 0);
        world.done(Leader, "actionAccept", json!({ "id": actions[1] }), "").await;
        let seen = "checkIns { comment byOwner action { id } }";
        let done = world.done(Leader, "checkInsCreate", say(json!([item(&actions[1]), item(&actions[0])])), seen).await;
        let said = |action: &Value| json!({ "comment": "Fine", "byOwner": true, "action": { "id": action } });
        assert_eq!(done["checkIns"], json!([said(&actions[1]), said(&actions[0])]));
    }
}

scenario! {
    async fn all_offers_are_accepted_at_once(world: World) {
        let actions = offered(&world, &["One", "Two"]).await;
        let accept = |items: Value| json!({ "teamId": world.cast.team.to_string(), "items": items });
        let item = |id: &Value| json!({ "id": id });
        for (who, items, code, path) in [
            (Leader, json!([item(&actions[0]), item(&actions[0])]), "INVALID", "input.items.1.id"),
            (Leader, json!([item(&json!(world.cast.team))]), "NOT_FOUND", "input.items.0.id"),
            (Leader, json!([{ "id": actions[0], "expectedVersion": 7 }]), "CONFLICT", "input.items.0.expectedVersion"),
            (Leader, json!([]), "INVALID", "input.items"),
            (Sponsor, json!([item(&actions[1])]), "NOT_OWNER", "input.items.0.id"),
        ] {
            assert_eq!(world.refused(who, "actionsAccept", accept(items)).await, (code.into(), path.into()));
        }
        let status = "query($id: ID!) { action(id: $id) { status allowed } }";
        let one = world.read(Leader, status, json!({ "id": actions[0] })).await["action"].clone();
        assert_eq!(one["status"], "OFFERED", "nothing was saved");
        assert!(one["allowed"].as_array().expect("a list").contains(&json!("ACTION_ACCEPT")), "{one}");
        let for_sponsor = world.read(Sponsor, status, json!({ "id": actions[0] })).await["action"].clone();
        let allowed = for_sponsor["allowed"].as_array().expect("a list");
        assert!(!allowed.contains(&json!("ACTION_ACCEPT")), "the leader answers for themselves: {for_sponsor}");
        assert!(allowed.contains(&json!("ACTION_CANCEL")), "{for_sponsor}");
        let both = accept(json!([item(&actions[1]), item(&actions[0])]));
        let done = world.done(Leader, "actionsAccept", both.clone(), "actions { id status }").await;
        let accepted = |id: &Value| json!({ "id": id, "status": "ACCEPTED" });
        assert_eq!(done["actions"], json!([accepted(&actions[1]), accepted(&actions[0])]));
        let again = world.refused(Leader, "actionsAccept", both).await;
        assert_eq!(again, ("WRONG_STATE".into(), "input.items.0.id".into()));
    }
}

scenario! {
    async fn milestones_are_added_together(world: World) {
        world.quarter("2026-Q1").await;
        let input = json!({ "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(), "title": "Win", "outcome": "Won" });
        let priority = world.done(Facilitator, "priorityCreate", input, "priority { id }").await["priority"]["id"].clone();
        let add = |items: Value| json!({ "priorityId": priority, "items": items });
        let item = |title: &str| json!({ "title": title, "dueOn": "2026-03-20" });
        let late = json!({ "title": "Late", "dueOn": "2026-03-01", "weight": 0 });
        let refused = world.change(Leader, "milestonesCreate", add(json!([item("Good"), late])), "milestones { id }").await;
        let paths: Vec<&Value> = refused["errors"].as_array().expect("errors").iter().map(|error| &error["path"]).collect();
        assert_eq!(json!(paths), json!([["input", "items", "1", "weight"], ["input", "items", "1", "dueOn"]]));
        // a priority has twenty at most
        let many: Vec<Value> = (0..21).map(|_| item("Step")).collect();
        let refused = world.refused(Leader, "milestonesCreate", add(json!(many))).await;
        assert_eq!(refused, ("LIMIT_REACHED".into(), "input.items".into()));
        let seen = "milestones { title weight priority { milestones { title } } }";
        let done = world.done(Leader, "milestonesCreate", add(json!([item("First"), item("Second")])), seen).await;
        let both = json!({ "milestones": [{ "title": "First" }, { "title": "Second" }] });
        assert_eq!(done["milestones"], json!([
            { "title": "First", "weight": 1, "priority": both }, { "title": "Second", "weight": 1, "priority": both },
        ]));
    }
}
