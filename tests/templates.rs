//! Templates, as those who write them and those who run them meet them.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
use serde_json::{Value, json};

const SAID: &str = "templateVersion { id version prioritiesPerTeam cadenceDays
    stages { key position title criteria { kind } agenda { position title minutes purpose } }
    questionnaire { position key text low high core stagePosition }
    resources { position title url kind stagePosition } }";

/// A new StratPro's first version: the template's id and the version's.
async fn stratpro(world: &World, name: &str) -> (Value, Value) {
    let input = json!({ "name": name, "summary": "Our programme", "basis": "STRATPRO" });
    let made = world.done(Admin, "templateCreate", input, "template { id versions { id } }").await;
    (made["template"]["id"].clone(), made["template"]["versions"][0]["id"].clone())
}

/// What a version says.
async fn said(world: &World, template: &Value) -> Value {
    let document = format!(
        "query($id: ID!) {{ template(id: $id) {{ versions {{ number status {} }} }} }}",
        &SAID["templateVersion {".len()..SAID.len() - 1]
    );
    let read = world.read(Facilitator, &document, json!({ "id": template })).await;
    read["template"]["versions"].clone()
}

scenario! {
    async fn stratpro_comes_with_agendas_questions_and_resources(world: World) {
        let (template, version) = stratpro(&world, "StratPro").await;
        let versions = said(&world, &template).await;
        let stages = versions[0]["stages"].as_array().expect("stages");
        let keys: Vec<&Value> = stages.iter().map(|stage| &stage["key"]).collect();
        assert_eq!(json!(keys), json!(["align", "vision", "diagnose", "plan", "execute", "optimise"]));
        for stage in stages {
            let minutes: i64 =
                stage["agenda"].as_array().into_iter().flatten().filter_map(|item| item["minutes"].as_i64()).sum();
            assert!((60..=240).contains(&minutes), "{}: {minutes} minutes", stage["key"]);
        }
        let questionnaire = versions[0]["questionnaire"].as_array().expect("statements");
        let core = questionnaire.iter().filter(|statement| statement["core"] == true).count();
        assert!(questionnaire.len() > 12 && core >= 6, "{core} of {}", questionnaire.len());
        assert!(versions[0]["resources"].as_array().is_some_and(|resources| resources.len() > 5));
        world.done(Admin, "templatePublish", json!({ "id": version }), "").await;
        // a new draft says all that the version before says
        world.done(Admin, "templateDraft", json!({ "id": template }), "").await;
        let versions = said(&world, &template).await;
        assert_eq!((&versions[0]["number"], &versions[1]["number"]), (&json!(2), &json!(1)));
        for part in ["stages", "questionnaire", "resources", "cadenceDays", "prioritiesPerTeam"] {
            assert_eq!(versions[0][part], versions[1][part], "{part}");
        }
    }
}

scenario! {
    async fn a_draft_says_what_it_is_given(world: World) {
        let (_, version) = stratpro(&world, "StratPro").await;
        let statements = json!([
            { "text": "We read our strategy in the same way.", "core": true, "stage": "vision" },
            { "text": "I feel heard.", "key": "heard", "low": 0, "high": 10 },
        ]);
        let input = json!({ "id": version, "statements": statements, "expectedVersion": 1 });
        let asked = world.done(Admin, "templateQuestionnaireSet", input, SAID).await;
        assert_eq!(asked["templateVersion"]["version"], 2);
        assert_eq!(
            asked["templateVersion"]["questionnaire"],
            json!([
                { "position": 1, "key": "we-read-our-strategy-in-the-same-way", "low": 1, "high": 5, "core": true,
                  "text": "We read our strategy in the same way.", "stagePosition": 2 },
                { "position": 2, "key": "heard", "text": "I feel heard.", "low": 0, "high": 10, "core": false,
                  "stagePosition": null },
            ])
        );
        let resources = json!([{ "title": "Page", "url": "https://example.com/p", "kind": "TOOL", "stage": "align" }]);
        let input = json!({ "id": version, "resources": resources });
        world.done(Admin, "templateResourcesSet", input, SAID).await;
        // the stages change places, and one goes: what belonged to it belongs to none
        let stage = |title: &str| {
            json!({ "title": title, "purpose": "", "plannedDays": 20,
                "criteria": [{ "kind": "CONFIRMED", "text": "Done" }],
                "agenda": [{ "title": "Begin", "minutes": 30 }] })
        };
        let input = json!({
            "id": version, "prioritiesPerTeam": 3, "prioritiesPerLeader": 1, "cadenceDays": 7,
            "stages": [stage("Begin"), stage("Go on"), stage("Vision")],
        });
        let set = world.done(Admin, "templateStagesSet", input, SAID).await["templateVersion"].clone();
        assert_eq!(set["stages"][1]["key"], "go-on");
        let item = json!({ "position": 1, "title": "Begin", "minutes": 30, "purpose": "" });
        assert_eq!(set["stages"][0]["agenda"], json!([item]));
        assert_eq!(set["questionnaire"][0]["stagePosition"], 3, "Vision is the third now");
        assert_eq!(set["resources"][0]["stagePosition"], Value::Null, "Align is gone");
        world.done(Admin, "templatePublish", json!({ "id": version }), "").await;
        for (mutation, list) in [("templateQuestionnaireSet", "statements"), ("templateResourcesSet", "resources")] {
            let input = json!({ "id": version, list: [] });
            let refused = world.refused(Admin, mutation, input).await;
            assert_eq!(refused, ("WRONG_STATE".into(), "input.id".into()), "{mutation}");
        }
    }
}

scenario! {
    async fn all_faults_of_a_questionnaire_are_named_at_once(world: World) {
        let (template, version) = stratpro(&world, "StratPro").await;
        let before = said(&world, &template).await;
        let statements = json!([
            { "text": "", "key": "a" },
            { "text": "Good", "key": "a", "low": 5, "high": 5 },
            { "text": "Good", "key": "Not A Key", "stage": "nowhere" },
        ]);
        let input = json!({ "id": version, "statements": statements });
        let refused = world.change(Admin, "templateQuestionnaireSet", input, "").await;
        let paths: Vec<String> = refused["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|error| {
                let steps = error["path"].as_array().into_iter().flatten();
                steps.filter_map(Value::as_str).collect::<Vec<_>>().join(".")
            })
            .collect();
        let wanted = ["0.text", "1.key", "1.high", "2.key", "2.stage"];
        assert_eq!(paths, wanted.map(|path| format!("input.statements.{path}")));
        let resources = json!([{ "title": "x", "url": "http://example.com", "kind": "TOOL" }]);
        let refused = world.refused(Admin, "templateResourcesSet", json!({ "id": version, "resources": resources })).await;
        assert_eq!(refused, ("INVALID".into(), "input.resources.0.url".into()));
        assert_eq!(said(&world, &template).await, before, "nothing was changed");
    }
}
