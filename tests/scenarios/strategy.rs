//! A team's strategy: sections that the template declares, versions that are ratified as decisions are, gates that wait
//! for them, what other teams read, and the one-page plan.

use crate::{
    kit::{
        Persona::{self, *},
        World,
    },
    scenario,
};
use serde_json::{Value, json};

/// A document with two stages. The first needs its section, and the second declares one of every other form.
fn document(name: &str, sections: &Value) -> String {
    let document = json!({
        "format": "concord-template/1", "name": name, "prioritiesPerTeam": 4, "prioritiesPerLeader": 2,
        "cadenceDays": 7, "stages": [
            { "key": "align", "title": "Align", "plannedDays": 20,
              "criteria": [{ "kind": "CONFIRMED", "text": "We agree" }], "sections": sections },
            { "key": "vision", "title": "Vision", "plannedDays": 20,
              "criteria": [{ "kind": "CONFIRMED", "text": "We see it" }], "sections": [
                { "key": "purpose", "title": "Purpose", "form": "TEXT", "minimum": 5, "maximum": 40 },
                { "key": "values", "title": "Values", "form": "VALUES", "maximum": 3 },
                { "key": "targets", "title": "Targets", "form": "TARGETS", "maximum": 3 },
                { "key": "swot", "title": "SWOT", "form": "SWOT", "maximum": 8 },
            ] },
        ],
    });
    document.to_string()
}

/// The sections of the first stage: what the team stops, needed to pass.
fn stops() -> Value {
    json!([{ "key": "stop", "title": "What we stop", "prompt": "What do we no longer do?", "form": "POINTS",
             "maximum": 2, "needed": true }])
}

/// A published version with these sections in its first stage: its template and itself.
async fn published(world: &World, name: &str, sections: &Value) -> (Value, Value) {
    let input = json!({ "document": document(name, sections) });
    let made = world.done(Admin, "templateImport", input, "template { id versions { id } }").await;
    let (template, version) = (made["template"]["id"].clone(), made["template"]["versions"][0]["id"].clone());
    world.done(Admin, "templatePublish", json!({ "id": version }), "").await;
    (template, version)
}

/// A running programme of a team. Its ID and those of its stages.
async fn running(world: &World, team: &Value, version: &Value) -> (Value, Vec<Value>) {
    let input = json!({ "teamId": team, "templateVersionId": version, "plannedStartOn": "2026-03-02" });
    let made = world.done(Facilitator, "programmeCreate", input, "programme { id }").await;
    let id = made["programme"]["id"].clone();
    let started =
        world.done(Facilitator, "programmeStart", json!({ "id": id }), "programme { stages { id } }").await;
    let stages = started["programme"]["stages"].as_array().expect("stages");
    (id, stages.iter().map(|stage| stage["id"].clone()).collect())
}

/// The ID of a team's section.
async fn section(world: &World, team: &Value, key: &str) -> Value {
    let document = "query($id: ID!) { team(id: $id) { strategy { id key } } }";
    let read = world.read(Facilitator, document, json!({ "id": team })).await;
    let sections = read["team"]["strategy"].as_array().expect("sections");
    sections.iter().find(|section| section["key"] == key).expect("the section")["id"].clone()
}

async fn draft(world: &World, who: Persona, section: &Value, points: &[&str]) -> Value {
    let items: Vec<Value> = points.iter().map(|text| json!({ "text": text })).collect();
    let input = json!({ "sectionId": section, "items": items });
    let made = world.done(who, "strategyDraft", input, "strategyVersion { id }").await;
    made["strategyVersion"]["id"].clone()
}

async fn stand(world: &World, who: Persona, id: &Value, stance: &str) {
    let input = json!({ "id": id, "stance": stance, "conviction": 4, "comment": format!("{who:?} says") });
    world.done(who, "strategyStance", input, "").await;
}

/// Proposes a draft and ratifies it, with both signed-in members behind it.
async fn put_in_force(world: &World, id: &Value) {
    world.done(Leader, "strategyPropose", json!({ "id": id }), "").await;
    stand(world, Leader, id, "SUPPORTS").await;
    stand(world, Sponsor, id, "ACCEPTS").await;
    world.done(Facilitator, "strategyRatify", json!({ "id": id }), "").await;
}

const SEEN: &str =
    "query($id: ID!) { strategyVersion(id: $id) { number status text wording stanceCount version
    items { text } myStance { stance wording } finalStances { stance member { name } }
    membersReadBack membersMatching membersDiffering myRestatements { text status }
    readBacks { nodes { id text } } } }";

async fn see(world: &World, who: Persona, id: &Value) -> Value {
    world.read(who, SEEN, json!({ "id": id })).await["strategyVersion"].clone()
}

scenario! {
    async fn a_section_is_drafted_proposed_ratified_and_superseded(world: World) {
        let team = json!(world.cast.team);
        let (_, version) = published(&world, "Way", &stops()).await;
        running(&world, &team, &version).await;
        let stop = section(&world, &team, "stop").await;
        let first = draft(&world, Leader, &stop, &["Selling below cost"]).await;
        assert_eq!(draft(&world, Sponsor, &stop, &["Selling below cost", "Zeppelins"]).await, first, "one at a time");
        let stale = json!({ "sectionId": stop, "items": [], "expectedVersion": 1 });
        assert_eq!(world.refused(Leader, "strategyDraft", stale).await, ("CONFLICT".into(), "input.expectedVersion".into()));
        world.done(Leader, "strategyPropose", json!({ "id": first }), "").await;
        let late = json!({ "sectionId": stop, "items": [{ "text": "Meetings" }] });
        assert_eq!(world.refused(Leader, "strategyDraft", late).await, ("WRONG_STATE".into(), "input.sectionId".into()));
        // stances are secret, and count for the words they were taken on
        stand(&world, Leader, &first, "OPPOSES").await;
        let taken = see(&world, Sponsor, &first).await;
        assert_eq!((&taken["stanceCount"], &taken["myStance"], &taken["finalStances"]), (&json!(1), &Value::Null, &json!([])));
        let alone = world.refused(Facilitator, "strategyRatify", json!({ "id": first })).await;
        assert_eq!(alone, ("QUORUM_NOT_MET".into(), "input.id".into()));
        world.done(Sponsor, "strategyRevise", json!({ "id": first }), "").await;
        let revised = see(&world, Leader, &first).await;
        assert_eq!((&revised["status"], &revised["wording"], &revised["stanceCount"]), (&json!("DRAFT"), &json!(2), &json!(0)));
        put_in_force(&world, &first).await;
        let seen = see(&world, Observer, &first).await;
        assert_eq!(seen["items"], json!([{ "text": "Selling below cost" }, { "text": "Zeppelins" }]));
        assert_eq!(seen["finalStances"].as_array().map(Vec::len), Some(2));
        // the next version takes its place, and what was ratified stays as it was
        let second = draft(&world, Leader, &stop, &["Selling below cost"]).await;
        assert_eq!(see(&world, Leader, &first).await["status"], "RATIFIED", "until the next one is");
        put_in_force(&world, &second).await;
        let statuses = "query($id: ID!) { strategySection(id: $id) { versionCount ratified { number } inWork { number }
            versions { number status text } } }";
        let read = world.read(Leader, statuses, json!({ "id": stop })).await;
        assert_eq!(read["strategySection"], json!({
            "versionCount": 2, "ratified": { "number": 2 }, "inWork": null,
            "versions": [
                { "number": 2, "status": "RATIFIED", "text": "Selling below cost" },
                { "number": 1, "status": "SUPERSEDED", "text": "Selling below cost\nZeppelins" },
            ],
        }));
        for (mutation, who) in [("strategyPropose", Leader), ("strategyRevise", Sponsor), ("strategyRatify", Facilitator)] {
            let refused = world.refused(who, mutation, json!({ "id": second })).await;
            assert_eq!(refused, ("WRONG_STATE".into(), "input.id".into()), "{mutation}");
        }
        // it is found by its words and told on the timeline
        let find = "{ search(text: \"zeppelins\") { nodes { kind title strategyVersion { id } } } }";
        let found = world.read(Leader, find, json!({})).await;
        assert_eq!(found["search"]["nodes"], json!([
            { "kind": "STRATEGY_VERSION", "title": "What we stop", "strategyVersion": { "id": first } },
        ]));
        let told = "query($id: ID!) { team(id: $id) { timeline(filter: { kind: { in: [STRATEGY_RATIFIED] } }) {
            nodes { title strategyVersion { id } } } } }";
        let told = world.read(Observer, told, json!({ "id": team })).await["team"]["timeline"]["nodes"].clone();
        assert_eq!(told.as_array().map(Vec::len), Some(2), "{told}");
        assert!(told.as_array().into_iter().flatten().all(|item| item["title"] == "What we stop"));
        assert_eq!(see(&world, Admin, &first).await, Value::Null, "head office reads no content");
    }
}

scenario! {
    async fn what_members_understood_of_a_version_is_read_back(world: World) {
        let team = json!(world.cast.team);
        let (_, version) = published(&world, "Way", &stops()).await;
        running(&world, &team, &version).await;
        let id = draft(&world, Leader, &section(&world, &team, "stop").await, &["Selling below cost"]).await;
        let say = |text: &str| json!({ "id": id, "text": text });
        assert_eq!(world.refused(Leader, "strategyReadBack", say("Early")).await, ("WRONG_STATE".into(), "input.id".into()));
        put_in_force(&world, &id).await;
        world.done(Leader, "strategyReadBack", say("We raise our prices"), "").await;
        assert_eq!(world.refused(Leader, "strategyReadBack", say("Again")).await.0, "WRONG_STATE");
        assert_eq!(see(&world, Sponsor, &id).await["readBacks"]["nodes"], Value::Null, "only who runs the programme reads it");
        let shown = see(&world, Facilitator, &id).await["readBacks"]["nodes"][0].clone();
        assert_eq!(shown["text"], "We raise our prices");
        let judged = json!({ "id": shown["id"], "matches": false, "comment": "Do we?" });
        world.done(Facilitator, "strategyReadBackJudge", judged.clone(), "strategyReadBack { status }").await;
        assert_eq!(world.refused(Facilitator, "strategyReadBackJudge", judged).await.0, "WRONG_STATE");
        let seen = see(&world, Leader, &id).await;
        assert_eq!((&seen["membersReadBack"], &seen["membersDiffering"]), (&json!(1), &json!(1)));
        assert_eq!(seen["myRestatements"], json!([{ "text": "We raise our prices", "status": "DIFFERS" }]));
        world.done(Leader, "strategyReadBack", say("We sell nothing at a loss"), "").await;
        assert_eq!(see(&world, Leader, &id).await["membersDiffering"], 0, "until it is read again");
    }
}

scenario! {
    async fn a_version_says_what_the_form_of_its_section_asks_for(world: World) {
        let team = json!(world.cast.team);
        let (_, version) = published(&world, "Way", &stops()).await;
        running(&world, &team, &version).await;
        let mut ids = vec![];
        for key in ["stop", "purpose", "values", "targets", "swot"] {
            ids.push(section(&world, &team, key).await);
        }
        let [stop, purpose, values, targets, swot] = &ids[..] else { panic!("five sections") };
        let value = json!({ "text": "Candour", "welcome": "Says it early", "unwelcome": "Waits" });
        let target = json!({ "text": "Margin", "figure": "12.5", "unit": "%", "year": 2030 });
        for (section, content, path) in [
            (stop, json!({ "text": "Zeppelins" }), "input.text"),
            (stop, json!({ "items": [{ "text": "A" }, { "text": "B" }, { "text": "C" }] }), "input.items"),
            (stop, json!({ "items": [value] }), "input.items.0.welcome"),
            (stop, json!({ "items": [{ "text": "" }] }), "input.items.0.text"),
            (purpose, json!({ "text": "x".repeat(41) }), "input.text"),
            (purpose, json!({ "items": [{ "text": "A" }] }), "input.items"),
            (values, json!({ "items": [{ "text": "Candour", "welcome": "Says it early" }] }), "input.items.0.unwelcome"),
            (targets, json!({ "items": [{ "text": "Margin", "year": 2030 }] }), "input.items.0.figure"),
            (targets, json!({ "items": [{ "text": "Margin", "figure": "1", "year": 1999 }] }), "input.items.0.year"),
            (swot, json!({ "items": [{ "text": "A new rival" }] }), "input.items.0.quadrant"),
            (swot, json!({ "items": [target] }), "input.items.0.quadrant"),
        ] {
            let mut input = content;
            input["sectionId"] = section.clone();
            let refused = world.refused(Leader, "strategyDraft", input.clone()).await;
            assert_eq!(refused, ("INVALID".into(), path.into()), "{input}");
        }
        for (section, content, text) in [
            (purpose, json!({ "text": "We feed the valley" }), "We feed the valley"),
            (values, json!({ "items": [value] }), "Candour + Says it early − Waits"),
            (targets, json!({ "items": [target] }), "Margin: 12.5 % (2030)"),
            (swot, json!({ "items": [{ "text": "A new rival", "quadrant": "THREAT" }] }), "T: A new rival"),
        ] {
            let mut input = content;
            input["sectionId"] = section.clone();
            let made = world.done(Leader, "strategyDraft", input, "strategyVersion { id text }").await;
            assert_eq!(made["strategyVersion"]["text"], text);
            world.done(Leader, "strategyPropose", json!({ "id": made["strategyVersion"]["id"] }), "").await;
        }
        // a draft may say too little, and a proposal may not
        let empty = draft(&world, Leader, stop, &[]).await;
        let refused = world.refused(Leader, "strategyPropose", json!({ "id": empty })).await;
        assert_eq!(refused, ("INVALID".into(), "input.id".into()));
    }
}

scenario! {
    async fn a_stage_keeps_the_sections_that_are_not_given(world: World) {
        let made = json!({ "document": document("Way", &stops()) });
        let made = world.done(Admin, "templateImport", made, "template { versions { id } }").await;
        let version = made["template"]["versions"][0]["id"].clone();
        let set = async |sections: Value| {
            let mut stage = json!({
                "key": "align", "title": "Align", "purpose": "", "plannedDays": 20,
                "criteria": [{ "kind": "CONFIRMED", "text": "We agree" }],
            });
            if !sections.is_null() {
                stage["sections"] = sections;
            }
            let input = json!({
                "id": version, "prioritiesPerTeam": 4, "prioritiesPerLeader": 2, "cadenceDays": 7, "stages": [stage],
            });
            let what = "templateVersion { stages { sections { key title form minimum maximum needed } } }";
            world.done(Admin, "templateStagesSet", input, what).await["templateVersion"]["stages"].clone()
        };
        let stop = json!({
            "key": "stop", "title": "What we stop", "form": "POINTS", "minimum": 1, "maximum": 2, "needed": true,
        });
        assert_eq!(set(Value::Null).await, json!([{ "sections": [stop] }]));
        assert_eq!(set(json!([])).await, json!([{ "sections": [] }]));
        let twice = json!([{ "title": "Same", "form": "TEXT", "maximum": 10 }, { "title": "Same", "form": "TEXT", "maximum": 10 }]);
        set(twice).await;
        let refused = world.refused(Admin, "templatePublish", json!({ "id": version })).await;
        assert_eq!(refused, ("WRONG_STATE".into(), "input.id".into()), "two sections have one key");
    }
}

scenario! {
    async fn a_stage_waits_for_the_sections_it_needs(world: World) {
        let team = json!(world.cast.team);
        let (template, version) = published(&world, "Way", &stops()).await;
        let (programme, stages) = running(&world, &team, &version).await;
        let criteria = "query($id: ID!) { stage(id: $id) { templateStage { criteria { id } } sections { key needed } } }";
        let read = world.read(Facilitator, criteria, json!({ "id": stages[0] })).await["stage"].clone();
        assert_eq!(read["sections"], json!([{ "key": "stop", "needed": true }]));
        let criterion = read["templateStage"]["criteria"][0]["id"].clone();
        let word = json!({ "id": stages[0], "criterionId": criterion, "comment": "So it is" });
        world.done(Facilitator, "stageConfirm", word, "").await;
        let early = world.change(Facilitator, "stagePass", json!({ "id": stages[0] }), "").await;
        assert_eq!(early["errors"][0]["code"], "CRITERIA_NOT_MET", "{early}");
        assert!(early["errors"][0]["message"].as_str().is_some_and(|text| text.contains("“What we stop” (not ratified)")), "{early}");
        let stop = section(&world, &team, "stop").await;
        let id = draft(&world, Leader, &stop, &["Selling below cost"]).await;
        put_in_force(&world, &id).await;
        world.done(Facilitator, "stagePass", json!({ "id": stages[0] }), "").await;
        // a later version of the template has other sections: what was written stays, what was not goes
        let drafted = world.done(Admin, "templateDraft", json!({ "id": template }), "templateVersion { id }").await;
        let later = drafted["templateVersion"]["id"].clone();
        let others = json!([{ "key": "matters", "title": "What matters", "form": "POINTS", "maximum": 5 }]);
        world.done(Admin, "templateDraftImport", json!({ "id": later, "document": document("Way", &others) }), "").await;
        let differences = "query($id: ID!, $with: ID!) { templateDifferences(id: $id, comparedWithId: $with) { kind part path } }";
        let differences = world.read(Admin, differences, json!({ "id": later, "with": version })).await;
        assert_eq!(differences["templateDifferences"], json!([
            { "kind": "REMOVED", "part": "SECTION", "path": ["stages", "align", "sections", "stop"] },
            { "kind": "ADDED", "part": "SECTION", "path": ["stages", "align", "sections", "matters"] },
        ]));
        world.done(Admin, "templatePublish", json!({ "id": later }), "").await;
        let input = json!({ "id": programme, "templateVersionId": later, "reason": "It asks more" });
        world.done(Facilitator, "programmeMove", input, "").await;
        let keys = "query($id: ID!) { team(id: $id) { strategy { key needed ratified { id } } } }";
        let read = world.read(Leader, keys, json!({ "id": team })).await["team"]["strategy"].clone();
        let mut kept: Vec<&str> = read.as_array().into_iter().flatten().filter_map(|section| section["key"].as_str()).collect();
        kept.sort_unstable();
        assert_eq!(kept, ["matters", "purpose", "stop", "swot", "targets", "values"]);
        let stop = read.as_array().into_iter().flatten().find(|section| section["key"] == "stop").expect("it stays");
        assert_eq!((&stop["needed"], &stop["ratified"]["id"]), (&json!(false), &id));
    }
}

scenario! {
    async fn a_team_shares_sections_with_the_clients_other_teams(world: World) {
        let (_, version) = published(&world, "Way", &stops()).await;
        let input = json!({ "clientId": world.cast.client, "name": "Board" });
        let board = world.done(Facilitator, "teamCreate", input, "team { id }").await["team"]["id"].clone();
        let input = json!({ "teamId": board, "name": "Berta Board", "jobTitle": "Chair" });
        let chair = world.done(Facilitator, "memberCreate", input, "member { id }").await["member"]["id"].clone();
        running(&world, &board, &version).await;
        let stop = section(&world, &board, "stop").await;
        let ratify = async |points: &[&str]| {
            let id = draft(&world, Facilitator, &stop, points).await;
            world.done(Facilitator, "strategyPropose", json!({ "id": id }), "").await;
            let recorded = json!([{ "memberId": chair, "stance": "SUPPORTS", "conviction": 5 }]);
            world.done(Facilitator, "strategyRatify", json!({ "id": id, "recorded": recorded }), "").await;
        };
        let read = async || {
            let document = "query($id: ID!) { client(id: $id) { sharedStrategy { title text number teamName team { id } } } }";
            world.read(Leader, document, json!({ "id": world.cast.client })).await["client"]["sharedStrategy"].clone()
        };
        ratify(&["Selling below cost"]).await;
        assert_eq!(read().await, json!([]), "until it is shared");
        world.done(Sponsor, "strategyShare", json!({ "id": stop, "shared": true }), "").await;
        let shared = |text: &str, number: i32| json!([
            { "title": "What we stop", "text": text, "number": number, "teamName": "Board", "team": null },
        ]);
        assert_eq!(read().await, shared("Selling below cost", 1), "the leader belongs to another team");
        let section = "query($id: ID!) { strategySection(id: $id) { title } }";
        let closed = world.read(Leader, section, json!({ "id": stop })).await;
        assert_eq!(closed["strategySection"], Value::Null, "the section itself stays the team's");
        ratify(&["Zeppelins"]).await;
        assert_eq!(read().await, shared("Zeppelins", 2), "it follows what is in force");
        world.done(Sponsor, "strategyShare", json!({ "id": stop, "shared": false }), "").await;
        assert_eq!(read().await, json!([]));
    }
}

scenario! {
    async fn a_one_page_plan_shows_what_is_in_force_and_the_cycle(world: World) {
        let team = json!(world.cast.team);
        let (_, version) = published(&world, "Way", &stops()).await;
        running(&world, &team, &version).await;
        let plan = "query($id: ID!) { team(id: $id) { onePagePlan {
            strategy { title ratified { text items { text } } } cycle { label } } } }";
        let read = async || world.read(Leader, plan, json!({ "id": team })).await["team"]["onePagePlan"].clone();
        assert_eq!(read().await, json!({ "strategy": [], "cycle": null }));
        let id = draft(&world, Leader, &section(&world, &team, "stop").await, &["Selling below cost"]).await;
        assert_eq!(read().await["strategy"], json!([]), "a draft is not in force");
        put_in_force(&world, &id).await;
        assert_eq!(read().await["strategy"], json!([{
            "title": "What we stop",
            "ratified": { "text": "Selling below cost", "items": [{ "text": "Selling below cost" }] },
        }]));
    }
}
