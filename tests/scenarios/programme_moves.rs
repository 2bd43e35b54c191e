//! A programme moves to a later version of its template: its stages are found again, and what was passed stays passed.

use crate::{
    kit::{Persona, Persona::*, World},
    scenario,
};
use serde_json::{Value, json};

/// A document with these stages, each with the exit criteria that a facilitator confirms.
fn plan(name: &str, stages: &[(&str, &str, &[&str])]) -> String {
    let stages = stages.iter().map(|(key, title, criteria)| {
        let criteria = criteria.iter().map(|text| json!({ "kind": "CONFIRMED", "text": text }));
        json!({ "key": key, "title": title, "plannedDays": 20, "criteria": criteria.collect::<Vec<_>>() })
    });
    let document = json!({
        "format": "concord-template/1", "name": name, "prioritiesPerTeam": 4, "prioritiesPerLeader": 2,
        "cadenceDays": 7, "stages": stages.collect::<Vec<_>>(),
    });
    document.to_string()
}

/// The stages of a programme: id, title, place, status, and the criteria's ids.
async fn stages(world: &World, programme: &Value) -> Vec<Value> {
    let document = "query($id: ID!) { programme(id: $id) { version templateVersion { number } stages {
        id title position status confirmations { id } history { nodes { kind reason } }
        templateStage { criteria { id text } } } } }";
    let read = world.read(Facilitator, document, json!({ "id": programme })).await;
    read["programme"]["stages"].as_array().expect("stages").clone()
}

fn line(stages: &[Value]) -> Vec<(&str, &str)> {
    assert!(stages.iter().zip(1..).all(|(stage, place)| stage["position"] == place), "{stages:?}");
    stages
        .iter()
        .map(|stage| (stage["title"].as_str(), stage["status"].as_str()))
        .map(|(title, status)| (title.unwrap_or_default(), status.unwrap_or_default()))
        .collect()
}

async fn confirm(world: &World, stage: &Value, text: &str) {
    let criteria = stage["templateStage"]["criteria"].as_array().expect("criteria");
    let criterion = criteria.iter().find(|criterion| criterion["text"] == text).expect("a criterion");
    let word = json!({ "id": stage["id"], "criterionId": criterion["id"], "comment": "So it is" });
    world.done(Facilitator, "stageConfirm", word, "stage { id }").await;
}

/// A programme of four stages, the first passed, the second open with one of two criteria confirmed, the third with a
/// priority; and the version that its template has come to. Answers programme, the version it runs and the later one.
async fn running(world: &World) -> (Value, Value, Value) {
    let before = [
        ("begin", "Begin", &["Signed"][..]),
        ("middle", "Middle", &["Heard", "Written"]),
        ("end", "End", &["Done"]),
        ("last", "Last", &["Left"]),
    ];
    let what = "template { id versions { id } }";
    let made = world.done(Admin, "templateImport", json!({ "document": plan("Way", &before) }), what).await;
    let (template, first) = (made["template"]["id"].clone(), made["template"]["versions"][0]["id"].clone());
    world.done(Admin, "templatePublish", json!({ "id": first }), "").await;
    let after = [
        ("begin", "Begin anew", &["Signed"][..]),
        ("prelude", "Prelude", &["Played"]),
        ("middle", "The middle", &["Heard", "Agreed"]),
        ("finish", "Finish", &["Done"]),
    ];
    let drafted =
        world.done(Admin, "templateDraft", json!({ "id": template }), "templateVersion { id }").await;
    let later = drafted["templateVersion"]["id"].clone();
    let input = json!({ "id": later, "document": plan("Way", &after) });
    world.done(Admin, "templateDraftImport", input, "").await;
    let input = json!({
        "teamId": world.cast.team.to_string(), "templateVersionId": first, "plannedStartOn": "2026-03-02",
    });
    let made = world.done(Facilitator, "programmeCreate", input, "programme { id }").await;
    let programme = made["programme"]["id"].clone();
    world.done(Facilitator, "programmeStart", json!({ "id": programme }), "").await;
    let runs = stages(world, &programme).await;
    confirm(world, &runs[0], "Signed").await;
    world.done(Facilitator, "stagePass", json!({ "id": runs[0]["id"] }), "").await;
    confirm(world, &runs[1], "Heard").await;
    let input = json!({
        "teamId": world.cast.team.to_string(), "ownerId": world.cast.sponsor.to_string(), "title": "Grow",
        "outcome": "We grew", "stageId": runs[2]["id"],
    });
    world.quarter("2026-Q1").await;
    world.done(Facilitator, "priorityCreate", input, "").await;
    (programme, first, later)
}

scenario! {
    async fn a_running_programme_moves_to_a_later_version(world: World) {
        let (programme, first, later) = running(&world).await;
        let preview = async |who: Persona| {
            let document = "query($id: ID!, $to: ID!) { programmeMovePreview(id: $id, templateVersionId: $to) {
                stages { outcome title positionBefore positionAfter status confirmationsKept confirmationsLost }
                errors { code path } } }";
            let answer = world.read(who, document, json!({ "id": programme, "to": later })).await;
            answer["programmeMovePreview"].clone()
        };
        let input = json!({ "id": programme, "templateVersionId": later, "reason": "It says more" });
        let refused = world.refused(Facilitator, "programmeMove", input.clone()).await;
        assert_eq!(refused, ("WRONG_STATE".into(), "input.templateVersionId".into()), "a draft may still change");
        let draft = json!({ "stages": null, "errors": [{ "code": "WRONG_STATE", "path": ["templateVersionId"] }] });
        assert_eq!(preview(Facilitator).await, draft);
        world.done(Admin, "templatePublish", json!({ "id": later }), "").await;
        let what = "programme { version } stages { outcome title positionBefore positionAfter status
            confirmationsKept confirmationsLost }";
        let before = stages(&world, &programme).await;
        let told = preview(Facilitator).await["stages"].clone();
        assert_eq!(stages(&world, &programme).await, before, "nothing was changed");
        for who in [Stranger, Foreigner, Admin, Leader] {
            assert_eq!(preview(who).await, Value::Null, "{who:?}");
        }
        let row = |outcome: &str, title: &str, before: Option<i32>, after: Option<i32>, status: Option<&str>, kept: i32| {
            json!({ "outcome": outcome, "title": title, "positionBefore": before, "positionAfter": after,
                "status": status, "confirmationsKept": kept, "confirmationsLost": 0 })
        };
        assert_eq!(
            told,
            json!([
                row("STAYS", "Begin", Some(1), Some(1), Some("PASSED"), 1),
                row("ADDED", "Prelude", None, Some(2), Some("LOCKED"), 0),
                row("STAYS", "The middle", Some(2), Some(3), Some("OPEN"), 1),
                row("KEPT", "End", Some(3), Some(4), Some("LOCKED"), 0),
                row("ADDED", "Finish", None, Some(5), Some("LOCKED"), 0),
                row("REMOVED", "Last", Some(4), None, None, 0),
            ])
        );
        let moved = world.done(Facilitator, "programmeMove", input, what).await;
        assert_eq!(moved["stages"], told, "what was told is what was done");
        let after = stages(&world, &programme).await;
        assert_eq!(
            line(&after),
            [("Begin", "PASSED"), ("Prelude", "LOCKED"), ("The middle", "OPEN"), ("End", "LOCKED"), ("Finish", "LOCKED")]
        );
        assert_eq!((&after[0]["id"], &after[2]["id"], &after[3]["id"]), (&before[0]["id"], &before[1]["id"], &before[2]["id"]));
        let history = after[2]["history"]["nodes"].as_array().expect("history");
        assert_eq!(history.last(), Some(&json!({ "kind": "MOVED", "reason": "It says more" })));
        let progress = "query($id: ID!) { client(id: $id) { progress { stagesTotal stagesPassed currentStage { title } } } }";
        let progress = world.read(Admin, progress, json!({ "id": world.cast.client.to_string() })).await;
        let wanted = json!({ "stagesTotal": 5, "stagesPassed": 1, "currentStage": { "title": "The middle" } });
        assert_eq!(progress["client"]["progress"], wanted);
        for version in [&later, &first] {
            let back = json!({ "id": programme, "templateVersionId": version, "reason": "Again" });
            let refused = world.refused(Facilitator, "programmeMove", back).await;
            assert_eq!(refused, ("WRONG_STATE".into(), "input.templateVersionId".into()));
        }
        goes_on(&world, &programme, &after).await;
    }
}

/// The open stage asks what the later version asks, and what comes first opens next.
async fn goes_on(world: &World, programme: &Value, stages_now: &[Value]) {
    let middle = &stages_now[2];
    let early = world.change(Facilitator, "stagePass", json!({ "id": middle["id"] }), "").await;
    let message = early["errors"][0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("Agreed") && !message.contains("Heard"), "{early}");
    confirm(world, middle, "Agreed").await;
    world.done(Facilitator, "stagePass", json!({ "id": middle["id"] }), "").await;
    let wanted = [
        ("Begin", "PASSED"),
        ("Prelude", "OPEN"),
        ("The middle", "PASSED"),
        ("End", "LOCKED"),
        ("Finish", "LOCKED"),
    ];
    assert_eq!(line(&stages(world, programme).await), wanted);
}
