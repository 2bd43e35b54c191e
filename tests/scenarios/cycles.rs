//! Cycles: what a team commits to is fixed, what changes after that is counted, and nothing is left undecided.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
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
    async fn a_quarter_begins_once_however_many_propose_at_once(world: World) {
        let (one, other, third) = tokio::join!(
            proposed(&world, "One", Some("2026-Q3")),
            proposed(&world, "Two", Some("2026-Q3")),
            proposed(&world, "Three", Some("2026-Q3")),
        );
        assert_eq!(one["cycle"]["id"], other["cycle"]["id"]);
        assert_eq!(one["cycle"]["id"], third["cycle"]["id"]);
        assert_eq!(one["cycle"]["status"], "PLANNED");
    }
}
