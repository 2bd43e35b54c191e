//! Years: a team sets its targets above its cycles, priorities serve them, and everyone sees how far they are.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
use serde_json::{Value, json};

const YEAR: &str = "query($id: ID!) { year(id: $id) { label startsOn endsOn
    targets { text figure unit priorityCount achievedCount progressPercent priorities { nodes { title } } }
    cycles { nodes { label } } } }";

async fn year(world: &World, id: &Value) -> Value {
    world.read(Leader, YEAR, json!({ "id": id })).await["year"].clone()
}

async fn served(world: &World, title: &str, target: &Value, cycle: &str) -> Value {
    let input = json!({
        "teamId": world.cast.team.to_string(), "ownerId": world.cast.sponsor.to_string(), "title": title,
        "outcome": "All see it", "cycleLabel": cycle, "targetId": target,
    });
    let id =
        world.done(Facilitator, "priorityCreate", input, "priority { id }").await["priority"]["id"].clone();
    world.done(Facilitator, "priorityCommit", json!({ "id": id }), "").await;
    id
}

scenario! {
    async fn a_targets_progress_is_counted_from_its_priorities(world: World) {
        let team = world.cast.team.to_string();
        // a cycle that is there already belongs to its year, too
        let first = world.quarter("2026-Q1").await;
        let make = json!({ "teamId": team, "label": "2026", "startsOn": "2026-01-01", "endsOn": "2026-12-31" });
        let id = world.done(Sponsor, "yearCreate", make, "year { id }").await["year"]["id"].clone();
        world.quarter("2026-Q2").await;
        world.quarter("2027-Q1").await;
        let make = json!({ "yearId": id, "text": "Two new markets", "figure": "2", "unit": "markets" });
        let target = world.done(Sponsor, "targetCreate", make, "target { id }").await["target"]["id"].clone();
        let empty = year(&world, &id).await;
        assert_eq!(empty["cycles"]["nodes"], json!([{ "label": "2026-Q1" }, { "label": "2026-Q2" }]));
        assert_eq!(empty["targets"], json!([{ "text": "Two new markets", "figure": "2", "unit": "markets", "priorityCount": 0,
            "achievedCount": 0, "progressPercent": null, "priorities": { "nodes": [] } }]));
        let (win, keep) = (served(&world, "Win", &target, "2026-Q1").await, served(&world, "Keep", &target, "2026-Q1").await);
        let steps = json!({ "priorityId": win, "title": "First account", "dueOn": "2026-03-20" });
        let step = world.done(Sponsor, "milestoneCreate", steps, "milestone { id }").await["milestone"]["id"].clone();
        let steps = json!({ "priorityId": win, "title": "Second account", "weight": 3, "dueOn": "2026-03-30" });
        world.done(Sponsor, "milestoneCreate", steps, "").await;
        world.done(Sponsor, "milestoneComplete", json!({ "id": step }), "").await;
        let figures = async || {
            let seen = year(&world, &id).await["targets"][0].clone();
            ["priorityCount", "achievedCount", "progressPercent"].map(|name| seen[name].as_i64().expect("a number"))
        };
        assert_eq!(figures().await, [2, 0, 12], "a quarter of one of two");
        world.done(Sponsor, "priorityAchieve", json!({ "id": keep }), "").await;
        assert_eq!(figures().await, [2, 1, 62]);
        world.done(Sponsor, "cycleCommit", json!({ "id": first }), "").await;
        world.at("2026-03-31T09:00:00Z");
        let close = json!({ "id": first, "decisions": [{ "priorityId": win, "outcome": "CARRIED" }] });
        world.done(Sponsor, "cycleClose", close, "").await;
        // what goes on counts once, and serves the same target
        assert_eq!(figures().await, [2, 1, 62]);
        let carried = "query($id: ID!) { priority(id: $id) { carriedTo { id target { text } } } }";
        let carried = world.read(Leader, carried, json!({ "id": win })).await["priority"]["carriedTo"].clone();
        assert_eq!(carried["target"]["text"], "Two new markets");
        world.done(Sponsor, "priorityDrop", json!({ "id": carried["id"], "reason": "Not this year" }), "").await;
        assert_eq!(figures().await, [2, 1, 50], "it was missed, and does not go on");
        world.done(Sponsor, "targetRemove", json!({ "id": target }), "").await;
        assert_eq!(year(&world, &id).await["targets"], json!([]));
        let late = json!({ "teamId": team, "ownerId": world.cast.sponsor.to_string(), "title": "Late", "outcome": "Seen",
            "cycleLabel": "2026-Q2", "targetId": target });
        assert_eq!(world.refused(Sponsor, "priorityCreate", late).await, ("WRONG_STATE".into(), "input.targetId".into()));
    }
}

scenario! {
    async fn cycles_follow_the_days_of_years(world: World) {
        let team = world.cast.team.to_string();
        for label in ["2026-Q1", "2026-Q2"] {
            world.quarter(label).await;
        }
        let make = |label: &str, from: &str, to: &str| json!({ "teamId": team, "label": label, "startsOn": from, "endsOn": to });
        let id = world.done(Sponsor, "yearCreate", make("Year one", "2026-01-01", "2026-12-31"), "year { id }").await["year"]["id"].clone();
        for (input, code, path) in [
            (make("year one", "2027-01-01", "2027-12-31"), "TAKEN", "input.label"),
            (make("Year two", "2026-12-01", "2027-11-30"), "TAKEN", "input.startsOn"),
            (make("Short", "2027-01-01", "2027-03-31"), "INVALID", "input.endsOn"),
            (make("Past", "2025-01-01", "2025-12-31"), "INVALID", "input.endsOn"),
            (make(" ", "2027-01-01", "2027-12-31"), "INVALID", "input.label"),
        ] {
            assert_eq!(world.refused(Sponsor, "yearCreate", input.clone()).await, (code.into(), path.into()), "{input}");
        }
        let moved = json!({ "id": id, "label": "Business year", "startsOn": "2026-04-01", "endsOn": "2027-03-31" });
        world.done(Sponsor, "yearUpdate", moved, "").await;
        let seen = year(&world, &id).await;
        assert_eq!((&seen["label"], &seen["cycles"]["nodes"]), (&json!("Business year"), &json!([{ "label": "2026-Q2" }])));
        let cycles = "query($id: ID!) { team(id: $id) { years { nodes { label } } cycles { nodes { label year { label } } } } }";
        let seen = world.read(Observer, cycles, json!({ "id": team })).await["team"].clone();
        assert_eq!(seen["cycles"]["nodes"], json!([
            { "label": "2026-Q2", "year": { "label": "Business year" } }, { "label": "2026-Q1", "year": null },
        ]));
        assert_eq!(seen["years"]["nodes"], json!([{ "label": "Business year" }]));
        let hidden = world.read(Admin, YEAR, json!({ "id": id })).await;
        assert_eq!(hidden["year"], Value::Null, "head office reads no content");
        let wrong = json!({ "yearId": id, "text": " ", "unit": "x".repeat(21) });
        let wrong = world.change(Sponsor, "targetCreate", wrong, "target { id }").await;
        assert_eq!(wrong["errors"].as_array().map(Vec::len), Some(2), "{wrong}");
    }
}
