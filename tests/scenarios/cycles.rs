//! Cycles: what a team commits to is fixed, what changes after that is counted, and nothing is left undecided.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
use concord::jobs;
use serde_json::{Value, json};

async fn proposed(world: &World, title: &str, cycle: Option<&str>) -> Value {
    let input = json!({
        "teamId": world.cast.team.to_string(), "ownerId": world.cast.sponsor.to_string(),
        "title": title, "outcome": "All see it", "cycleLabel": cycle,
    });
    let what = "priority { id cycleLabel dueOn cycle { id label startsOn endsOn status } }";
    world.done(Facilitator, "priorityCreate", input, what).await["priority"].clone()
}

async fn committed(world: &World, title: &str) -> Value {
    let priority = proposed(world, title, None).await;
    world.done(Sponsor, "priorityCommit", json!({ "id": priority["id"] }), "").await;
    priority
}

const CYCLE: &str = "query($id: ID!) { cycle(id: $id) {
    status committedCount addedCount droppedCount achievedCount missedCount
    priorities { nodes { title status addedAfterLock droppedAfterLock carriedTo { cycleLabel rank status dueOn } } }
} }";

async fn cycle(world: &World, id: &Value) -> Value {
    world.read(Leader, CYCLE, json!({ "id": id })).await["cycle"].clone()
}

scenario! {
    async fn what_changes_after_the_commitment_is_counted(world: World) {
        for label in ["2026-Q1", "2026-Q2"] {
            world.quarter(label).await;
        }
        let win = committed(&world, "Win").await;
        assert_eq!(win["cycle"], json!({
            "id": win["cycle"]["id"], "label": "2026-Q1", "startsOn": "2026-01-01", "endsOn": "2026-03-31", "status": "OPEN",
        }));
        let id = win["cycle"]["id"].clone();
        let (keep, idea) = (proposed(&world, "Keep", None).await, proposed(&world, "Idea", None).await);
        assert_eq!((&keep["cycle"]["id"], &idea["cycle"]["id"]), (&id, &id));
        assert_eq!(world.refused(Sponsor, "cycleClose", json!({ "id": id, "decisions": [] })).await.0, "WRONG_STATE");
        world.done(Sponsor, "cycleCommit", json!({ "id": id }), "cycle { status }").await;
        assert_eq!(world.refused(Sponsor, "cycleCommit", json!({ "id": id })).await.0, "WRONG_STATE");
        world.done(Sponsor, "priorityUpdate", json!({ "id": keep["id"], "ownerId": world.cast.leader.to_string() }), "").await;
        world.done(Sponsor, "priorityCommit", json!({ "id": keep["id"] }), "").await;
        world.done(Sponsor, "priorityDrop", json!({ "id": win["id"], "reason": "The market went" }), "").await;
        let late = committed(&world, "Late").await;
        world.done(Sponsor, "priorityAchieve", json!({ "id": late["id"] }), "").await;
        let seen = cycle(&world, &id).await;
        let counts = ["committedCount", "addedCount", "droppedCount", "achievedCount", "missedCount"].map(|name| seen[name].as_i64());
        assert_eq!(counts, [Some(1), Some(2), Some(1), Some(1), Some(0)], "{seen}");
        let close = |decisions: Value| json!({ "id": id, "decisions": decisions });
        let refused = world.refused(Sponsor, "cycleClose", close(json!([]))).await;
        assert_eq!(refused, ("INVALID".into(), "input.decisions".into()));
        let stranger = json!([{ "priorityId": win["id"], "outcome": "MISSED" }]);
        assert_eq!(world.refused(Sponsor, "cycleClose", close(stranger)).await, ("NOT_FOUND".into(), "input.decisions.0.priorityId".into()));
        let decisions = json!([{ "priorityId": keep["id"], "outcome": "CARRIED" }]);
        world.done(Sponsor, "cycleClose", close(decisions.clone()), "cycle { closedAt }").await;
        let seen = cycle(&world, &id).await;
        assert_eq!((&seen["status"], &seen["achievedCount"], &seen["missedCount"]), (&json!("CLOSED"), &json!(1), &json!(1)));
        let none = Value::Null;
        let mut rows = seen["priorities"]["nodes"].as_array().expect("priorities").clone();
        rows.sort_by_key(|row| row["title"].to_string());
        assert_eq!(rows, [
            json!({ "title": "Idea", "status": "DROPPED", "addedAfterLock": false, "droppedAfterLock": false, "carriedTo": none }),
            json!({ "title": "Keep", "status": "MISSED", "addedAfterLock": true, "droppedAfterLock": false,
                "carriedTo": { "cycleLabel": "2026-Q2", "rank": 1, "status": "PROPOSED", "dueOn": "2026-06-30" } }),
            json!({ "title": "Late", "status": "ACHIEVED", "addedAfterLock": true, "droppedAfterLock": false, "carriedTo": none }),
            json!({ "title": "Win", "status": "DROPPED", "addedAfterLock": false, "droppedAfterLock": true, "carriedTo": none }),
        ]);
        assert_eq!(world.refused(Sponsor, "cycleClose", close(decisions)).await.0, "WRONG_STATE");
        let input = json!({
            "teamId": world.cast.team.to_string(), "ownerId": world.cast.sponsor.to_string(), "title": "Again", "outcome": "All see it",
        });
        assert_eq!(world.refused(Sponsor, "priorityCreate", input).await, ("INVALID".into(), "input.cycleLabel".into()));
    }
}

scenario! {
    async fn collisions_are_named_before_the_team_commits(world: World) {
        world.quarter("2026-Q1").await;
        let (one, other) = (committed(&world, "Win").await, committed(&world, "Keep").await);
        let third = proposed(&world, "Think", None).await;
        let against = |other: &Value| json!({ "id": one["id"], "otherId": other["id"], "reason": "Both need the planner" });
        let seen = "priority { conflicts { reason other { title } } }";
        let declared = world.done(Leader, "priorityConflictDeclare", against(&other), seen).await;
        assert_eq!(declared["priority"]["conflicts"], json!([{ "reason": "Both need the planner", "other": { "title": "Keep" } }]));
        assert_eq!(world.refused(Sponsor, "priorityConflictDeclare", against(&other)).await.0, "TAKEN");
        assert_eq!(world.refused(Sponsor, "priorityConflictDeclare", against(&one)).await.0, "INVALID");
        world.done(Leader, "priorityConflictDeclare", against(&third), "").await;
        let id = one["cycle"]["id"].clone();
        let due = |number: usize| json!({ "ownerId": world.cast.sponsor.to_string(), "title": format!("Call {number}"), "dueOn": "2026-03-20" });
        let items: Vec<Value> = (0..16).map(due).collect();
        world.done(Facilitator, "actionsCreate", json!({ "teamId": world.cast.team.to_string(), "items": items }), "").await;
        let refused = world.change(Sponsor, "cycleCommit", json!({ "id": id }), "cycle { status }").await;
        let errors = refused["errors"].as_array().expect("errors");
        assert_eq!(errors.len(), 2, "{refused}");
        assert!(errors.iter().all(|error| error["code"] == "COLLISION"), "{refused}");
        assert!(errors[0]["message"].as_str().is_some_and(|text| text.contains("Win") && text.contains("Keep")), "{refused}");
        assert!(errors[1]["message"].as_str().is_some_and(|text| text.contains("2 committed") && text.contains("16 open")), "{refused}");
        let settled = json!({ "id": other["id"], "otherId": one["id"] });
        world.done(Leader, "priorityConflictWithdraw", settled.clone(), "").await;
        assert_eq!(world.refused(Leader, "priorityConflictWithdraw", settled).await.0, "WRONG_STATE");
        let refused = world.change(Sponsor, "cycleCommit", json!({ "id": id }), "cycle { status }").await;
        assert_eq!(refused["errors"].as_array().map(Vec::len), Some(1), "{refused}");
        let known = json!({ "id": id, "acknowledgeCollisions": true });
        world.done(Sponsor, "cycleCommit", known, "cycle { status }").await;
    }
}

scenario! {
    async fn who_leaves_overloads_nobody(world: World) {
        world.quarter("2026-Q1").await;
        let owned_by = async |title: &str, owner: String| {
            let priority = proposed(&world, title, None).await;
            world.done(Sponsor, "priorityUpdate", json!({ "id": priority["id"], "ownerId": owner }), "").await;
            world.done(Sponsor, "priorityCommit", json!({ "id": priority["id"] }), "").await;
            priority["id"].clone()
        };
        let (quiet, leader, sponsor) = (world.cast.quiet.to_string(), world.cast.leader.to_string(), world.cast.sponsor.to_string());
        let left = owned_by("Deliver", quiet.clone()).await;
        for title in ["Win", "Keep"] {
            owned_by(title, leader.clone()).await;
        }
        let to = |successor: &str| json!({ "id": quiet, "successorId": successor });
        let refused = world.refused(Sponsor, "memberRemove", to(&leader)).await;
        assert_eq!(refused, ("LIMIT_REACHED".into(), "input.successorId".into()), "two are as many as one may own");
        world.done(Sponsor, "memberRemove", to(&sponsor), "").await;
        let owner = world.read(Leader, "query($id: ID!) { priority(id: $id) { owner { id } } }", json!({ "id": left })).await;
        assert_eq!(owner["priority"]["owner"]["id"], sponsor);
    }
}

scenario! {
    async fn a_team_may_make_cycles_of_its_own(world: World) {
        let team = world.cast.team.to_string();
        let make = |label: &str, from: &str, to: &str| json!({ "teamId": team, "label": label, "startsOn": from, "endsOn": to });
        let made = world.done(Facilitator, "cycleCreate", make("Spring", "2026-02-16", "2026-05-15"), "cycle { id status }").await;
        assert_eq!(made["cycle"]["status"], "OPEN");
        for (input, code, path) in [
            (make("Spring", "2026-06-01", "2026-08-31"), "TAKEN", "input.label"),
            (make("Late", "2026-05-15", "2026-08-31"), "TAKEN", "input.startsOn"),
            (make("Past", "2025-10-01", "2025-12-31"), "INVALID", "input.endsOn"),
            (make("2026-Q3", "2026-07-01", "2026-08-31"), "INVALID", "input.label"),
        ] {
            assert_eq!(world.refused(Facilitator, "cycleCreate", input).await, (code.into(), path.into()));
        }
        let planned = world.done(Facilitator, "cycleCreate", make("Summer", "2026-05-16", "2026-08-15"), "cycle { id status }").await;
        assert_eq!(planned["cycle"]["status"], "PLANNED");
        let id = json!({ "id": planned["cycle"]["id"] });
        assert_eq!(world.refused(Facilitator, "cycleCommit", id.clone()).await.0, "WRONG_STATE");
        world.done(Facilitator, "cycleOpen", id.clone(), "").await;
        assert_eq!(world.refused(Facilitator, "cycleOpen", id).await.0, "WRONG_STATE");
        let first = proposed(&world, "First", None).await;
        assert_eq!((&first["cycleLabel"], &first["dueOn"]), (&json!("Spring"), &json!("2026-05-15")));
        assert_eq!(proposed(&world, "Second", Some("Summer")).await["cycle"]["id"], planned["cycle"]["id"]);
        let cycles = "query($id: ID!) { team(id: $id) { cycles { nodes { label } } } }";
        let seen = world.read(Leader, cycles, json!({ "id": team })).await;
        assert_eq!(seen["team"]["cycles"]["nodes"], json!([{ "label": "Summer" }, { "label": "Spring" }]));
    }
}

scenario! {
    async fn no_cycle_is_created_silently(world: World) {
        let team = world.cast.team.to_string();
        let count = async || {
            let cycles = "query($id: ID!) { team(id: $id) { cycles { totalCount } } }";
            world.read(Leader, cycles, json!({ "id": team })).await["team"]["cycles"]["totalCount"].clone()
        };
        let priority = |label: Option<&str>| json!({
            "teamId": team, "ownerId": world.cast.sponsor.to_string(), "title": "Win", "outcome": "All see it", "cycleLabel": label,
        });
        for label in [None, Some("2026-Q1"), Some("2026-Q3"), Some("Spring")] {
            let refused = world.change(Facilitator, "priorityCreate", priority(label), "priority { id }").await;
            let error = &refused["errors"][0];
            assert_eq!((&error["code"], &error["path"]), (&json!("INVALID"), &json!(["input", "cycleLabel"])), "{refused}");
            assert!(error["message"].as_str().is_some_and(|text| text.contains("`cycleCreate`")), "{refused}");
        }
        assert_eq!(count().await, json!(0));
        let cycle = world.quarter("2026-Q1").await;
        let id = committed(&world, "Win").await["id"].clone();
        world.done(Sponsor, "cycleCommit", json!({ "id": cycle }), "").await;
        let close = json!({ "id": cycle, "decisions": [{ "priorityId": id, "outcome": "CARRIED" }] });
        let refused = world.change(Sponsor, "cycleClose", close.clone(), "").await;
        assert_eq!(refused["errors"][0]["code"], "WRONG_STATE", "{refused}");
        assert!(refused["errors"][0]["message"].as_str().is_some_and(|text| text.contains("`cycleCreate`")), "{refused}");
        assert_eq!(count().await, json!(1));
        world.quarter("2026-Q2").await;
        world.done(Sponsor, "cycleClose", close, "").await;
        assert_eq!(count().await, json!(2));
    }
}

scenario! {
    async fn a_cycle_is_renamed_moved_and_removed_until_the_team_commits(world: World) {
        let cycle = world.quarter("2026-Q1").await;
        let later = world.quarter("2026-Q2").await;
        let win = committed(&world, "Win").await;
        let early = proposed(&world, "Early", None).await;
        world.done(Sponsor, "priorityUpdate", json!({ "id": early["id"], "dueOn": "2026-03-20" }), "").await;
        let change = |more: Value| {
            let mut input = json!({ "id": cycle });
            input.as_object_mut().expect("an input").extend(more.as_object().expect("more").clone());
            input
        };
        for (more, code, path) in [
            (json!({ "label": "2026-q2" }), "TAKEN", "input.label"),
            (json!({ "label": "Winter", "endsOn": "2026-04-30" }), "TAKEN", "input.startsOn"),
            (json!({ "label": "Winter", "endsOn": "2026-03-01" }), "INVALID", "input.endsOn"),
            (json!({ "startsOn": "2026-02-01" }), "INVALID", "input.label"),
            (json!({ "label": " " }), "INVALID", "input.label"),
        ] {
            assert_eq!(world.refused(Sponsor, "cycleUpdate", change(more.clone())).await, (code.into(), path.into()), "{more}");
        }
        let moved = change(json!({ "label": "Winter", "startsOn": "2026-02-01", "endsOn": "2026-03-27" }));
        let what = "cycle { label startsOn endsOn status priorities { nodes { title cycleLabel dueOn } } }";
        let moved = world.done(Sponsor, "cycleUpdate", moved, what).await;
        assert_eq!(moved["cycle"], json!({
            "label": "Winter", "startsOn": "2026-02-01", "endsOn": "2026-03-27", "status": "OPEN", "priorities": { "nodes": [
                { "title": "Win", "cycleLabel": "Winter", "dueOn": "2026-03-27" },
                { "title": "Early", "cycleLabel": "Winter", "dueOn": "2026-03-20" },
            ] },
        }));
        let ahead = json!({ "id": later, "label": "Summer", "startsOn": "2026-03-28", "endsOn": "2026-08-31" });
        world.done(Sponsor, "cycleUpdate", ahead, "").await;
        // the name of a quarter is free again
        let free = world.quarter("2026-Q4").await;
        let gone = world.done(Sponsor, "cycleRemove", json!({ "id": free }), "team { cycles { nodes { label } } }").await;
        assert_eq!(gone["team"]["cycles"]["nodes"], json!([{ "label": "Summer" }, { "label": "Winter" }]));
        let read = world.read(Leader, CYCLE, json!({ "id": free })).await;
        assert_eq!(read["cycle"], Value::Null);
        assert_eq!(world.refused(Sponsor, "cycleRemove", json!({ "id": cycle })).await, ("WRONG_STATE".into(), "input.id".into()));
        world.done(Sponsor, "cycleCommit", json!({ "id": cycle }), "").await;
        assert_eq!(world.refused(Sponsor, "cycleUpdate", change(json!({ "label": "Frost" }))).await.0, "WRONG_STATE");
        assert_eq!(world.refused(Sponsor, "cycleRemove", json!({ "id": cycle })).await.0, "WRONG_STATE");
        let label = world.read(Leader, "query($id: ID!) { priority(id: $id) { cycleLabel } }", json!({ "id": win["id"] })).await;
        assert_eq!(label["priority"]["cycleLabel"], "Winter");
    }
}

/// A committed priority with two milestones, one of them reached, a measurable with a value, a promise that is kept and
/// one that is open.
async fn underway(world: &World) -> (Value, Value) {
    let id = committed(world, "Win").await["id"].clone();
    for (title, weight, due) in [("First account", 1, "2026-03-10"), ("Second account", 3, "2026-03-30")] {
        let input = json!({ "priorityId": id, "title": title, "weight": weight, "dueOn": due });
        let made = world.done(Sponsor, "milestoneCreate", input, "milestone { id }").await["milestone"]["id"]
            .clone();
        if weight == 1 {
            world.done(Sponsor, "milestoneComplete", json!({ "id": made }), "").await;
        }
    }
    let input = json!({ "priorityId": id, "name": "Accounts", "unit": "accounts", "direction": "UP", "period": "MONTH",
        "baseline": "0", "target": "2" });
    let made =
        world.done(Sponsor, "measurableCreate", input, "measurable { id }").await["measurable"]["id"].clone();
    world.done(Sponsor, "measurableRecord", json!({ "id": made, "value": "1" }), "").await;
    let mut open = Value::Null;
    for title in ["Call the first", "Call the second"] {
        let input = json!({ "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(),
            "title": title, "dueOn": "2026-03-20", "priorityId": id });
        open = world.done(Facilitator, "actionCreate", input, "action { id }").await["action"]["id"].clone();
        world.done(Leader, "actionAccept", json!({ "id": open }), "").await;
        if title == "Call the first" {
            world.done(Leader, "actionComplete", json!({ "id": open }), "").await;
        }
    }
    (id, open)
}

const PRIORITY: &str = "query($id: ID!) { priority(id: $id) { status progressPercent
    milestones { title doneAt carriedFrom { title } } measurables { name latest { value } } actions { title status }
    carriedFrom { id } carriedTo { id status reason } } }";

scenario! {
    async fn what_is_carried_over_brings_its_work_along(world: World) {
        let cycle = world.quarter("2026-Q1").await;
        world.quarter("2026-Q2").await;
        let (id, open) = underway(&world).await;
        world.done(Sponsor, "cycleCommit", json!({ "id": cycle }), "").await;
        world.at("2026-03-31T10:00:00Z");
        let close = json!({ "id": cycle, "decisions": [{ "priorityId": id, "outcome": "CARRIED" }] });
        world.done(Sponsor, "cycleClose", close, "").await;
        let look = async |id: &Value| world.read(Leader, PRIORITY, json!({ "id": id })).await["priority"].clone();
        let old = look(&id).await;
        // how far it came stays where it was done
        assert_eq!((&old["status"], &old["progressPercent"]), (&json!("MISSED"), &json!(25)));
        assert_eq!(old["actions"], json!([{ "title": "Call the first", "status": "DONE" }]));
        assert_eq!(old["measurables"], json!([]));
        let next = old["carriedTo"]["id"].clone();
        let new = look(&next).await;
        assert_eq!(new["carriedFrom"]["id"], id);
        assert_eq!((&new["status"], &new["progressPercent"]), (&json!("PROPOSED"), &json!(50)), "its measurable counts");
        assert_eq!(new["milestones"], json!([
            { "title": "First account", "doneAt": "2026-03-02T09:00:00Z", "carriedFrom": { "title": "First account" } },
            { "title": "Second account", "doneAt": null, "carriedFrom": { "title": "Second account" } },
        ]));
        assert_eq!(new["measurables"], json!([{ "name": "Accounts", "latest": { "value": "1" } }]));
        assert_eq!(new["actions"], json!([{ "title": "Call the second", "status": "ACCEPTED" }]));
        let baseline = "query($id: ID!) { action(id: $id) { baselineDueOn priority { id } } }";
        let kept = world.read(Leader, baseline, json!({ "id": open })).await;
        assert_eq!(kept["action"], json!({ "baselineDueOn": "2026-03-20", "priority": { "id": next } }));
        // it was reached once
        let reached = "query($id: ID!) { team(id: $id) { timeline(filter: { kind: { in: [MILESTONE_REACHED] } }) { nodes { title } } } }";
        let reached = world.read(Leader, reached, json!({ "id": world.cast.team.to_string() })).await;
        assert_eq!(reached["team"]["timeline"]["nodes"], json!([{ "title": "First account" }]));
    }
}

scenario! {
    async fn a_closed_cycle_is_reopened_while_the_next_is_not_committed(world: World) {
        let cycle = world.quarter("2026-Q1").await;
        let next = world.quarter("2026-Q2").await;
        let (id, open) = underway(&world).await;
        let keep = proposed(&world, "Keep", None).await["id"].clone();
        world.done(Sponsor, "priorityUpdate", json!({ "id": keep, "ownerId": world.cast.leader.to_string() }), "").await;
        world.done(Sponsor, "priorityCommit", json!({ "id": keep }), "").await;
        let idea = proposed(&world, "Idea", None).await["id"].clone();
        world.done(Sponsor, "cycleCommit", json!({ "id": cycle }), "").await;
        world.at("2026-03-30T09:00:00Z");
        world.done(Leader, "priorityAchieve", json!({ "id": keep }), "").await;
        world.at("2026-04-01T10:00:00Z");
        let close = |outcome: &str| json!({ "id": cycle, "decisions": [{ "priorityId": id, "outcome": outcome }] });
        world.done(Sponsor, "cycleClose", close("CARRIED"), "").await;
        let look = async |id: &Value| world.read(Leader, PRIORITY, json!({ "id": id })).await["priority"].clone();
        let carried = look(&id).await["carriedTo"]["id"].clone();
        // what is done in the meantime is not lost
        let milestones = "query($id: ID!) { priority(id: $id) { milestones { id title } } }";
        let milestones = world.read(Leader, milestones, json!({ "id": carried })).await;
        world.done(Sponsor, "milestoneComplete", json!({ "id": milestones["priority"]["milestones"][1]["id"] }), "").await;
        world.done(Leader, "actionComplete", json!({ "id": open }), "").await;
        let reopen = |reason: &str| json!({ "id": cycle, "reason": reason });
        assert_eq!(world.refused(Sponsor, "cycleReopen", reopen(" ")).await, ("INVALID".into(), "input.reason".into()));
        world.at("2026-04-03T10:00:00Z");
        let what = "cycle { reopenings { nodes { reason endedAt createdAt person { name } } } }";
        let done = world.done(Sponsor, "cycleReopen", reopen("The second account signed on the last day"), what).await;
        let reopenings = &done["cycle"]["reopenings"]["nodes"];
        assert_eq!((&reopenings[0]["endedAt"], &reopenings[0]["createdAt"]), (&json!("2026-04-01T10:00:00Z"), &json!("2026-04-03T10:00:00Z")));
        let seen = self::cycle(&world, &cycle).await;
        assert_eq!((&seen["status"], &seen["achievedCount"], &seen["missedCount"]), (&json!("LOCKED"), &json!(1), &json!(0)), "{seen}");
        let back = look(&id).await;
        assert_eq!((&back["status"], &back["progressPercent"]), (&json!("COMMITTED"), &json!(50)), "{back}");
        assert_eq!(back["measurables"], json!([{ "name": "Accounts", "latest": { "value": "1" } }]));
        assert_eq!(back["actions"].as_array().map(Vec::len), Some(2), "{back}");
        let dropped = look(&carried).await;
        assert_eq!((&dropped["status"], &dropped["milestones"]), (&json!("DROPPED"), &json!([])), "{dropped}");
        assert_eq!(look(&keep).await["status"], "ACHIEVED", "it was achieved before");
        assert_eq!(look(&idea).await["status"], "PROPOSED");
        let told = "query($id: ID!) { team(id: $id) { timeline(filter: { kind: { in: [CYCLE_REOPENED] } }) { nodes { title note } } } }";
        let told = world.read(Leader, told, json!({ "id": world.cast.team.to_string() })).await;
        assert_eq!(told["team"]["timeline"]["nodes"], json!([{ "title": "2026-Q1", "note": "The second account signed on the last day" }]));
        world.done(Sponsor, "cycleClose", close("ACHIEVED"), "").await;
        let ahead = committed(&world, "Ahead").await;
        assert_eq!(ahead["cycle"]["id"], next);
        world.done(Sponsor, "cycleCommit", json!({ "id": next, "acknowledgeCollisions": true }), "").await;
        assert_eq!(world.refused(Sponsor, "cycleReopen", reopen("Again")).await, ("WRONG_STATE".into(), "input.id".into()));
    }
}

scenario! {
    async fn what_was_carried_comes_back_also_from_a_dropped_proposal(world: World) {
        let cycle = world.quarter("2026-Q1").await;
        world.quarter("2026-Q2").await;
        let (id, open) = underway(&world).await;
        world.done(Sponsor, "cycleCommit", json!({ "id": cycle }), "").await;
        world.at("2026-04-01T10:00:00Z");
        let close = json!({ "id": cycle, "decisions": [{ "priorityId": id, "outcome": "CARRIED" }] });
        let look = async |id: &Value| world.read(Leader, PRIORITY, json!({ "id": id })).await["priority"].clone();
        // the second time, the proposal that the first reopening dropped has nothing left to give
        for hour in ["11", "12"] {
            world.done(Sponsor, "cycleClose", close.clone(), "").await;
            let carrying = "query($id: ID!) { action(id: $id) { priority { id } } }";
            let next = world.read(Leader, carrying, json!({ "id": open })).await["action"]["priority"]["id"].clone();
            assert_ne!(next, id);
            world.done(Sponsor, "priorityDrop", json!({ "id": next, "reason": "Something else" }), "").await;
            world.at(&format!("2026-04-01T{hour}:00:00Z"));
            world.done(Sponsor, "cycleReopen", json!({ "id": cycle, "reason": "It closed too early" }), "").await;
            let back = look(&id).await;
            assert_eq!((&back["status"], &back["progressPercent"]), (&json!("COMMITTED"), &json!(50)), "{back}");
            assert_eq!(back["measurables"], json!([{ "name": "Accounts", "latest": { "value": "1" } }]));
            assert_eq!([&back["actions"], &back["milestones"]].map(|list| list.as_array().map(Vec::len)), [Some(2), Some(2)], "{back}");
            assert_eq!(look(&next).await["status"], "DROPPED");
        }
    }
}

scenario! {
    async fn drift_is_measured_by_the_new_days_of_a_cycle(world: World) {
        let cycle = world.quarter("2026-Q1").await;
        let id = committed(&world, "Win").await["id"].clone();
        let milestone = json!({ "priorityId": id, "title": "Signed", "weight": 1, "dueOn": "2026-03-31" });
        world.done(Sponsor, "milestoneCreate", milestone, "").await;
        let behind = async || {
            let document = "query($id: ID!) { team(id: $id) { driftSignals { nodes { cause endedAt } } } }";
            let seen = world.read(Leader, document, json!({ "id": world.cast.team.to_string() })).await;
            let signals = seen["team"]["driftSignals"]["nodes"].as_array().expect("signals").clone();
            signals.into_iter().filter(|signal| signal["cause"] == "BEHIND" && signal["endedAt"].is_null()).count()
        };
        world.at("2026-03-25T09:00:00Z");
        jobs::run_due_turns(&world.app).await.expect("a look");
        assert_eq!(behind().await, 1);
        let longer = json!({ "id": cycle, "label": "The long year", "endsOn": "2026-12-31" });
        world.done(Sponsor, "cycleUpdate", longer, "").await;
        assert_eq!(behind().await, 0, "most of its time is still to come");
    }
}
