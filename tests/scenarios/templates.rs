//! Templates, as those who write them and those who run them meet them.

use crate::{
    kit::{Persona::*, World},
    scenario,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SAID: &str = "templateVersion { id version prioritiesPerTeam cadenceDays
    stages { key position title locked criteria { kind } agenda { position title minutes purpose } }
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

/// A published version of the network's StratPro in which the first stage and the limits are locked.
async fn locked(world: &World) -> (Value, Value) {
    let (template, version) = stratpro(world, "StratPro").await;
    let versions = said(world, &template).await;
    let mut stages = given(&versions[0]["stages"]);
    stages[0]["locked"] = json!(true);
    let input = json!({
        "id": version, "prioritiesPerTeam": 4, "prioritiesPerLeader": 2, "limitsLocked": true, "cadenceDays": 14,
        "stages": stages,
    });
    world.done(Admin, "templateStagesSet", input, "").await;
    world.done(Admin, "templatePublish", json!({ "id": version }), "").await;
    (template, version)
}

/// Stages as a mutation takes them, from what a query gave.
fn given(stages: &Value) -> Value {
    let mut stages = stages.clone();
    for stage in stages.as_array_mut().into_iter().flatten() {
        stage["purpose"] = json!("To go on");
        stage["plannedDays"] = json!(20);
        stage["criteria"] = json!([{ "kind": "CONFIRMED", "text": "Done" }]);
        let object = stage.as_object_mut().expect("a stage");
        object.remove("position");
        for item in object["agenda"].as_array_mut().into_iter().flatten() {
            item.as_object_mut().expect("an item").remove("position");
        }
    }
    stages
}

/// What the first franchise derives: the template's id and its draft's.
async fn derive(world: &World, version: &Value, name: &str) -> (Value, Value) {
    let input = json!({ "franchiseId": world.cast.franchise.to_string(), "templateVersionId": version, "name": name });
    let what = "template { id franchise { id } versions { id status ancestor { id } } }";
    let made = world.done(Owner, "templateDerive", input, what).await["template"].clone();
    assert_eq!(made["franchise"]["id"], world.cast.franchise.to_string());
    assert_eq!(made["versions"][0]["ancestor"]["id"], *version);
    (made["id"].clone(), made["versions"][0]["id"].clone())
}

scenario! {
    async fn a_franchise_derives_its_own_and_keeps_what_is_locked(world: World) {
        let (network, ancestor) = locked(&world).await;
        let (own, draft) = derive(&world, &ancestor, "Ours").await;
        let before = said(&world, &own).await;
        assert_eq!(before[0]["stages"], said(&world, &network).await[0]["stages"], "it begins as its ancestor");
        // what is locked is named, and nothing else is in the way
        let mut stages = given(&before[0]["stages"]);
        stages[0]["title"] = json!("Begin");
        let set = |stages: &Value, places: i32| json!({
            "id": draft, "prioritiesPerTeam": places, "prioritiesPerLeader": 2, "cadenceDays": 7, "stages": stages,
        });
        let refused = world.change(Owner, "templateStagesSet", set(&stages, 9), "").await;
        let told: Vec<&str> =
            refused["errors"].as_array().into_iter().flatten().filter_map(|error| error["message"].as_str()).collect();
        assert_eq!(told.len(), 2, "{refused}");
        assert!(told[0].starts_with("The limit of priorities is locked"), "{refused}");
        assert!(told[1].starts_with("The stage “Align” is locked"), "{refused}");
        assert!(refused["errors"].as_array().is_some_and(|errors| errors.iter().all(|error| error["code"] == "LOCKED")));
        stages[0]["title"] = json!("Align");
        stages[1]["title"] = json!("Dream");
        let changed = world.done(Owner, "templateStagesSet", set(&stages, 4), SAID).await["templateVersion"].clone();
        assert_eq!((&changed["stages"][1]["title"], &changed["cadenceDays"]), (&json!("Dream"), &json!(7)));
        let asked = json!({ "id": draft, "statements": [{ "text": "We are happy" }] });
        let refused = world.refused(Owner, "templateQuestionnaireSet", asked).await;
        assert_eq!(refused, ("LOCKED".into(), "input.statements".into()), "core statements are locked");
        // each writes their own
        for (who, version) in [(Owner, &ancestor), (Admin, &draft)] {
            let refused = world.refused(who, "templateRetire", json!({ "id": version })).await;
            assert_eq!(refused, ("NOT_OWNER".into(), "input.id".into()), "{who:?}");
        }
        world.done(Owner, "templatePublish", json!({ "id": draft }), "").await;
        later_versions(&world, &network, &own).await;
    }
}

/// The network's template goes on, and the franchise's moves on to it: what is locked comes along.
async fn later_versions(world: &World, network: &Value, own: &Value) {
    let drafted =
        world.done(Admin, "templateDraft", json!({ "id": network }), "templateVersion { id }").await;
    let later = drafted["templateVersion"]["id"].clone();
    let mut stages = given(&said(world, network).await[0]["stages"]);
    stages[0]["title"] = json!("Align anew");
    stages[0]["locked"] = json!(true);
    let input = json!({
        "id": later, "prioritiesPerTeam": 3, "prioritiesPerLeader": 1, "limitsLocked": true, "cadenceDays": 14,
        "stages": stages,
    });
    world.done(Admin, "templateStagesSet", input, "").await;
    let on = json!({ "id": own, "ancestorId": later });
    let refused = world.refused(Owner, "templateDraft", on.clone()).await;
    assert_eq!(refused, ("WRONG_STATE".into(), "input.ancestorId".into()), "a draft may still change");
    world.done(Admin, "templatePublish", json!({ "id": later }), "").await;
    let (_, elsewhere) = stratpro(world, "Another").await;
    world.done(Admin, "templatePublish", json!({ "id": elsewhere }), "").await;
    let refused = world.refused(Owner, "templateDraft", json!({ "id": own, "ancestorId": elsewhere })).await;
    assert_eq!(
        refused,
        ("WRONG_STATE".into(), "input.ancestorId".into()),
        "it was derived from another template"
    );
    let what =
        "templateVersion { number prioritiesPerTeam cadenceDays stages { title locked } ancestor { id } }";
    let moved = world.done(Owner, "templateDraft", on, what).await["templateVersion"].clone();
    assert_eq!((&moved["number"], &moved["ancestor"]["id"]), (&json!(2), &later));
    assert_eq!((&moved["prioritiesPerTeam"], &moved["cadenceDays"]), (&json!(3), &json!(7)));
    assert_eq!(moved["stages"][0], json!({ "title": "Align anew", "locked": true }));
    assert_eq!(moved["stages"][1], json!({ "title": "Dream", "locked": false }));
}

scenario! {
    async fn a_franchises_template_is_nobody_elses(world: World) {
        let (_, ancestor) = locked(&world).await;
        let (own, draft) = derive(&world, &ancestor, "Ours").await;
        let seen = "query($id: ID!, $of: ID!) { node(id: $id) { id } templates(filter: { franchiseId: { eq: $of } }) {
            totalCount } }";
        let ask = json!({ "id": own, "of": world.cast.franchise.to_string() });
        for who in [Owner, Facilitator, Admin, Analyst] {
            let found = world.read(who, seen, ask.clone()).await;
            assert_eq!((&found["node"]["id"], &found["templates"]["totalCount"]), (&own, &json!(1)), "{who:?}");
        }
        for who in [Stranger, Sponsor, Leader, Observer, Foreigner] {
            let found = world.read(who, seen, ask.clone()).await;
            // those at clients never read templates; others find none of another franchise
            let list = if [Sponsor, Leader, Observer].contains(&who) { Value::Null } else { json!({ "totalCount": 0 }) };
            assert_eq!(found, json!({ "node": null, "templates": list }), "{who:?}");
        }
        // names are the franchise's own: another's use of the same one tells nothing
        let taken = json!({
            "franchiseId": world.cast.franchise.to_string(), "templateVersionId": ancestor, "name": "Ours",
        });
        assert_eq!(world.refused(Owner, "templateDerive", taken).await, ("TAKEN".into(), "input.name".into()));
        stratpro(&world, "Ours").await;
        world.done(Owner, "templatePublish", json!({ "id": draft }), "").await;
        // it runs where it belongs, also for a sponsor who may not read it, and nowhere else
        let run = |team: String| json!({ "teamId": team, "templateVersionId": draft, "plannedStartOn": "2026-03-02" });
        let started = world.done(Facilitator, "programmeCreate", run(world.cast.team.to_string()), "programme { id }").await;
        let refused = world.refused(Stranger, "programmeCreate", run(world.cast.other_team.to_string())).await;
        assert_eq!(refused, ("NOT_FOUND".into(), "input.templateVersionId".into()));
        let input = json!({
            "teamId": world.cast.team.to_string(), "ownerId": world.cast.sponsor.to_string(), "title": "Grow",
            "outcome": "We grew",
        });
        world.quarter("2026-Q1").await;
        let priority = world.done(Sponsor, "priorityCreate", input, "priority { id }").await["priority"]["id"].clone();
        world.done(Sponsor, "priorityCommit", json!({ "id": priority }), "priority { status }").await;
        // and the client cannot leave with it
        let transfer = json!({
            "clientId": world.cast.client.to_string(), "franchiseId": world.cast.other_franchise.to_string(),
            "leadId": world.cast.person(Stranger).1.to_string(), "reason": "Nearer",
        });
        let refused = world.refused(Admin, "clientTransfer", transfer.clone()).await;
        assert_eq!(refused, ("WRONG_STATE".into(), "input.franchiseId".into()));
        let end = json!({ "id": started["programme"]["id"], "reason": "Another way" });
        world.done(Facilitator, "programmeTerminate", end, "").await;
        world.transferred(transfer).await;
    }
}

async fn export(world: &World, version: &Value) -> String {
    let told = world.read(Facilitator, DOCUMENT, json!({ "id": version })).await;
    told["templateDocument"].as_str().expect("a document").to_owned()
}

const DOCUMENT: &str = "query($id: ID!) { templateDocument(id: $id) }";
const DIFFERENCES: &str =
    "query($id: ID!, $with: ID!) { told: templateDifferences(id: $id, comparedWithId: $with) {
    __typename kind part path before after } }";

scenario! {
    async fn a_version_is_carried_out_and_in_to_the_byte(world: World) {
        let (_, version) = locked(&world).await;
        let document = export(&world, &version).await;
        let schema = world.read(Facilitator, "{ templateSchema }", json!({})).await["templateSchema"].clone();
        assert!(jsonschema::meta::is_valid(&schema), "the schema is one");
        let schema = jsonschema::validator_for(&schema).expect("a schema");
        let value: Value = serde_json::from_str(&document).expect("JSON");
        assert!(schema.is_valid(&value), "{:?}", schema.iter_errors(&value).next());
        // in another network, which has no template of this name
        let input = json!({ "document": document });
        let what = "template { name versions { id status } }";
        let made = world.done(Foreigner, "templateImport", input.clone(), what).await;
        let copy = &made["template"]["versions"][0];
        assert_eq!((&made["template"]["name"], &copy["status"]), (&json!("StratPro"), &json!("DRAFT")));
        let told = world.read(Foreigner, DOCUMENT, json!({ "id": copy["id"] })).await;
        assert_eq!(told["templateDocument"], json!(document));
        let refused = world.refused(Admin, "templateImport", input).await;
        assert_eq!(refused, ("TAKEN".into(), "input.document.name".into()));
        world.done(Admin, "templateImport", json!({ "document": document, "name": "Ours too" }), "").await;
        import_into_a_draft(&world, &version, value).await;
    }
}

/// A franchise's draft takes a document in as far as the locks let it, and what differs is told as data.
async fn import_into_a_draft(world: &World, version: &Value, mut document: Value) {
    let (_, draft) = derive(world, version, "Ours").await;
    document["cadenceDays"] = json!(28);
    document["resources"] = json!([]);
    let input = json!({ "id": draft, "document": document.to_string() });
    world.done(Owner, "templateDraftImport", input, "").await;
    document["stages"][0]["purpose"] = json!("Something else");
    document["questionnaire"] = json!([]);
    let input = json!({ "id": draft, "document": document.to_string() });
    let refused = world.change(Owner, "templateDraftImport", input, "").await;
    let errors = refused["errors"].as_array().into_iter().flatten();
    let paths: BTreeSet<String> = errors.map(|error| error["path"].to_string()).collect();
    let wanted = ["questionnaire", "stages"].map(|list| json!(["input", "document", list]).to_string());
    assert_eq!(paths, BTreeSet::from(wanted));
    let told = world.read(Owner, DIFFERENCES, json!({ "id": draft, "with": version })).await["told"].clone();
    let told = told.as_array().expect("changes");
    let rhythm = json!({
        "__typename": "TemplateChange", "kind": "CHANGED", "part": "CADENCE", "path": ["cadenceDays"], "before": 14,
        "after": 28,
    });
    assert_eq!(told[0], rhythm);
    let gone = |change: &Value| change["kind"] == "REMOVED" && change["part"] == "RESOURCE";
    assert!(told.len() > 5 && told[1..].iter().all(gone), "{told:?}");
}

scenario! {
    async fn documents_and_differences_are_read_by_those_who_read_the_version(world: World) {
        let (_, version) = locked(&world).await;
        let (_, draft) = derive(&world, &version, "Ours").await;
        let both = "query($id: ID!, $with: ID!) { templateDocument(id: $id) viewer { person { name } }
            templateDifferences(id: $id, comparedWithId: $with) { kind } }";
        for (who, id, with, is_read) in [
            (Owner, &draft, &version, true),
            (Admin, &draft, &version, true),
            (Stranger, &draft, &version, false),
            (Stranger, &version, &draft, false),
            (Foreigner, &version, &version, false),
            (Leader, &version, &version, false),
        ] {
            let answer = world.read(who, both, json!({ "id": id, "with": with })).await;
            assert_eq!(answer["templateDifferences"].is_array(), is_read, "{who:?}: {answer}");
            // the network's version is everybody's who reads templates at all
            let document = is_read || (who == Stranger && id == &version);
            assert_eq!(answer["templateDocument"].is_string(), document, "{who:?}: {answer}");
            assert_eq!(answer["viewer"]["person"]["name"], format!("{who:?}"));
        }
        let none = world.read(Owner, DOCUMENT, json!({ "id": "nonsense" })).await;
        assert_eq!(none["templateDocument"], Value::Null);
    }
}

scenario! {
    async fn what_the_schema_refuses_is_refused(world: World) {
        let schema = world.read(Admin, "{ templateSchema }", json!({})).await["templateSchema"].clone();
        let schema = jsonschema::validator_for(&schema).expect("a schema");
        let good = json!({
            "format": "concord-template/1", "name": "Good", "summary": "", "prioritiesPerTeam": 4,
            "prioritiesPerLeader": 2, "cadenceDays": 7,
            "stages": [{ "key": "begin", "title": "Begin", "plannedDays": 10,
                "criteria": [{ "kind": "ACTIONS_DONE", "quantity": 0, "text": "All done" }],
                "agenda": [{ "title": "Hello", "minutes": 10 }] }],
            "questionnaire": [{ "key": "a", "text": "A", "stage": null }],
            "resources": [{ "title": "R", "url": "https://example.com/", "kind": "TOOL" }],
        });
        assert!(schema.is_valid(&good));
        for (pointer, value) in [
            ("/format", json!("other")),
            ("/name", json!("")),
            ("/name", json!("x".repeat(101))),
            ("/summary", json!(null)),
            ("/prioritiesPerTeam", json!(0)),
            ("/prioritiesPerLeader", json!(21)),
            ("/cadenceDays", json!("7")),
            ("/stages", json!([])),
            ("/stages/0/key", json!("Begin")),
            ("/stages/0/title", json!(7)),
            ("/stages/0/plannedDays", json!(1001)),
            ("/stages/0/criteria/0/kind", json!("DONE")),
            ("/stages/0/criteria/0", json!({ "kind": "SESSIONS_HELD", "text": "Met" })),
            ("/stages/0/criteria/0", json!({ "kind": "CONFIRMED", "quantity": 1, "text": "Met" })),
            ("/stages/0/criteria/0/text", json!("x".repeat(501))),
            ("/stages/0/agenda/0/minutes", json!(481)),
            ("/stages/0/agenda/0", json!("Hello")),
            ("/questionnaire/0/high", json!(11)),
            ("/questionnaire/0/extra", json!(1)),
            ("/resources/0/kind", json!("BOOK")),
            ("/resources/0/url", json!("http://example.com/")),
        ] {
            let mut document = good.clone();
            let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
            match document.pointer_mut(parent) {
                Some(Value::Object(fields)) => drop(fields.insert(field.to_owned(), value)),
                Some(Value::Array(items)) => items[field.parse::<usize>().expect("a place")] = value,
                other => panic!("{pointer} leads to {other:?}"),
            }
            assert!(!schema.is_valid(&document), "the schema takes {pointer}");
            let input = json!({ "document": document.to_string() });
            let (code, path) = world.refused(Admin, "templateImport", input).await;
            let at = format!("input.document{}", pointer.replace('/', "."));
            assert_eq!(code, "INVALID", "{pointer}");
            assert!(path == at || path.starts_with(&format!("{at}.")), "{pointer}: {path}");
        }
        world.done(Admin, "templateImport", json!({ "document": good.to_string() }), "").await;
    }
}

scenario! {
    async fn a_session_of_a_stage_takes_the_templates_agenda(world: World) {
        let (template, version) = stratpro(&world, "StratPro").await;
        world.done(Admin, "templatePublish", json!({ "id": version }), "").await;
        let input = json!({
            "teamId": world.cast.team.to_string(), "templateVersionId": version, "plannedStartOn": "2026-03-02",
        });
        let made = world.done(Facilitator, "programmeCreate", input, "programme { stages { id } }").await;
        let stage = made["programme"]["stages"][0]["id"].clone();
        let mut input = json!({
            "teamId": world.cast.team.to_string(), "kind": "WORKSHOP", "title": "One page", "place": "Room 1",
            "startsAt": "2026-03-03T09:00:00Z", "minutes": 180, "stageId": stage,
        });
        let what = "session { agenda { title minutes } }";
        let session = world.done(Facilitator, "sessionSchedule", input.clone(), what).await;
        let mut planned = said(&world, &template).await[0]["stages"][0]["agenda"].clone();
        for item in planned.as_array_mut().into_iter().flatten() {
            let item = item.as_object_mut().expect("an item");
            item.retain(|name, _| name == "title" || name == "minutes");
        }
        assert_eq!(session["session"]["agenda"], planned);
        input["agenda"] = json!([{ "title": "Only this", "minutes": 20 }]);
        let session = world.done(Facilitator, "sessionSchedule", input, what).await;
        assert_eq!(session["session"]["agenda"], json!([{ "title": "Only this", "minutes": 20 }]));
    }
}
