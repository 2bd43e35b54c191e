//! Decisions: stances that are secret until ratification, what ratification needs, and what becomes of what is in
//! force.

use crate::{
    kit::{
        Persona::{self, *},
        World,
    },
    scenario,
};
use serde_json::{Value, json};

const SEEN: &str = "query($id: ID!) { decision(id: $id) { status wording stanceCount version reopeningCount
    options { id text chosen } myStance { stance conviction comment wording }
    finalStances { stance conviction comment member { name } recordedBy { name } }
    supersedes { id } supersededBy { id } history { nodes { kind reason } } } }";

async fn propose(world: &World, title: &str, more: Value) -> String {
    let mut input = json!({ "teamId": world.cast.team, "title": title, "text": "As agreed in the room" });
    for (name, value) in more.as_object().into_iter().flatten() {
        input[name] = value.clone();
    }
    let made = world.done(Leader, "decisionPropose", input, "decision { id status }").await;
    assert_eq!(made["decision"]["status"], "PROPOSED");
    made["decision"]["id"].as_str().expect("an id").to_owned()
}

async fn see(world: &World, who: Persona, id: &str) -> Value {
    world.read(who, SEEN, json!({ "id": id })).await["decision"].clone()
}

async fn stand(world: &World, who: Persona, id: &str, stance: &str) {
    let input = json!({ "id": id, "stance": stance, "conviction": 4, "comment": format!("{who:?} says") });
    world.done(who, "decisionStance", input, "").await;
}

/// A decision in force, with both signed-in members behind it.
async fn ratified(world: &World, title: &str, more: Value) -> String {
    let id = propose(world, title, more).await;
    let owner = json!({ "id": id, "ownerId": world.cast.leader });
    world.done(Sponsor, "decisionUpdate", owner, "").await;
    stand(world, Leader, &id, "SUPPORTS").await;
    stand(world, Sponsor, &id, "ACCEPTS").await;
    world.done(Facilitator, "decisionRatify", json!({ "id": id }), "").await;
    id
}

scenario! {
    async fn stances_are_secret_until_the_decision_is_ratified(world: World) {
        let id = propose(&world, "Serve three markets", json!({ "options": ["Three", "Ten"] })).await;
        stand(&world, Leader, &id, "SUPPORTS").await;
        stand(&world, Sponsor, &id, "ACCEPTS").await;
        stand(&world, Sponsor, &id, "OPPOSES").await;
        for (who, own) in [(Leader, "SUPPORTS"), (Sponsor, "OPPOSES"), (Facilitator, ""), (Owner, ""), (Observer, "")] {
            let seen = see(&world, who, &id).await;
            assert_eq!(seen["stanceCount"], 2, "{who:?} sees how many");
            assert_eq!(seen["version"], 1, "stances are no change of the decision");
            assert_eq!(seen["finalStances"], json!([]), "{who:?}");
            match own {
                "" => assert_eq!(seen["myStance"], Value::Null, "{who:?}"),
                own => assert_eq!(seen["myStance"]["stance"], own, "{who:?} sees their own"),
            }
        }
        let audited = "query($id: ID!) { auditEvents(first: 20, filter: { clientId: { eq: $id } }) {
            nodes { verb noun before after } } }";
        let audited = world.read(Facilitator, audited, json!({ "id": world.cast.client })).await;
        let events = audited["auditEvents"]["nodes"].as_array().expect("events").clone();
        let stances: Vec<&Value> = events.iter().filter(|event| event["verb"] == "DECISION_STANCE").collect();
        assert!(stances.is_empty(), "who took a stance is not told, and not when");
        // a stance counts for the words it was taken on
        world.done(Sponsor, "decisionUpdate", json!({ "id": id, "ownerId": world.cast.leader }), "").await;
        assert_eq!(see(&world, Leader, &id).await["stanceCount"], 2, "an owner is no wording");
        world.done(Sponsor, "decisionUpdate", json!({ "id": id, "text": "Three markets, not ten" }), "").await;
        let seen = see(&world, Leader, &id).await;
        assert_eq!((&seen["wording"], &seen["stanceCount"]), (&json!(2), &json!(0)));
        assert_eq!(seen["myStance"]["wording"], 1);
        stand(&world, Leader, &id, "SUPPORTS").await;
        assert_eq!(see(&world, Leader, &id).await["stanceCount"], 1);
        // only members take stances, and only for themselves
        let options = see(&world, Facilitator, &id).await["options"].clone();
        let speak = |member: &entity::Id<entity::member::Entity>| json!({
            "id": id, "chosenOptionId": options[0]["id"],
            "recorded": [{ "memberId": member, "stance": "ACCEPTS", "conviction": 2 }],
        });
        let refused = world.refused(Facilitator, "decisionRatify", speak(&world.cast.sponsor)).await;
        assert_eq!(refused, ("NOT_OWNER".into(), "input.recorded.0.memberId".into()));
        let refused = world.refused(Facilitator, "decisionRatify", json!({ "id": id })).await;
        assert_eq!(refused, ("INVALID".into(), "input.chosenOptionId".into()));
        world.done(Facilitator, "decisionRatify", speak(&world.cast.quiet), "").await;
        for who in [Leader, Observer, Owner] {
            let seen = see(&world, who, &id).await;
            assert_eq!((&seen["status"], &seen["stanceCount"]), (&json!("RATIFIED"), &json!(2)));
            assert_eq!(seen["options"][0]["chosen"], true);
            let mut positions = seen["finalStances"].as_array().expect("positions").clone();
            positions.sort_by_key(|position| position["member"]["name"].to_string());
            assert_eq!(positions, [
                json!({ "stance": "SUPPORTS", "conviction": 4, "comment": "Leader says",
                    "member": { "name": "Lena Leader" }, "recordedBy": null }),
                json!({ "stance": "ACCEPTS", "conviction": 2, "comment": "",
                    "member": { "name": "Quentin Quiet" }, "recordedBy": { "name": "Facilitator" } }),
            ], "what was said on other words is not told");
        }
        assert_eq!(see(&world, Admin, &id).await, Value::Null, "head office reads no content");
    }
}

scenario! {
    async fn ratification_names_all_that_is_missing(world: World) {
        let id = propose(&world, "Serve three markets", json!({})).await;
        let rival = propose(&world, "  serve THREE  markets. ", json!({})).await;
        stand(&world, Leader, &id, "SUPPORTS").await;
        let refused = world.change(Facilitator, "decisionRatify", json!({ "id": id }), "decision { status }").await;
        let codes: Vec<&str> = refused["errors"].as_array().into_iter().flatten().filter_map(|error| error["code"].as_str()).collect();
        assert_eq!(codes, ["QUORUM_NOT_MET", "OWNER_NOT_ELIGIBLE", "TAKEN"], "{refused}");
        assert_eq!(refused["decision"]["status"], "PROPOSED");
        assert!(refused["errors"][0]["message"].as_str().is_some_and(|text| text.starts_with("1 of 3 participants")));
        world.done(Sponsor, "decisionRevoke", json!({ "id": rival, "reason": "Twice" }), "").await;
        world.done(Sponsor, "decisionUpdate", json!({ "id": id, "ownerId": world.cast.quiet }), "").await;
        stand(&world, Sponsor, &id, "OPPOSES").await;
        let stale = world.refused(Facilitator, "decisionRatify", json!({ "id": id, "expectedVersion": 1 })).await;
        assert_eq!(stale, ("CONFLICT".into(), "input.expectedVersion".into()));
        world.done(Facilitator, "decisionRatify", json!({ "id": id, "expectedVersion": 2 }), "").await;
        // what is ratified is never edited, and its stances stand
        for (who, mutation, more) in [
            (Facilitator, "decisionUpdate", json!({ "text": "Four" })),
            (Leader, "decisionStance", json!({ "stance": "OPPOSES", "conviction": 5 })),
            (Facilitator, "decisionRatify", json!({})),
        ] {
            let mut input = more;
            input["id"] = json!(id);
            assert_eq!(world.refused(who, mutation, input).await, ("WRONG_STATE".into(), "input.id".into()), "{mutation}");
        }
        // its owner can leave, and hands it over
        let leave = json!({ "id": world.cast.quiet });
        assert_eq!(world.refused(Sponsor, "memberRemove", leave).await.0, "WRONG_STATE");
        let leave = json!({ "id": world.cast.quiet, "successorId": world.cast.leader });
        world.done(Sponsor, "memberRemove", leave, "").await;
        let owner = world.read(Leader, "query($id: ID!) { decision(id: $id) { owner { name } } }", json!({ "id": id })).await;
        assert_eq!(owner["decision"]["owner"]["name"], "Lena Leader");
    }
}

scenario! {
    async fn one_decision_takes_anothers_place(world: World) {
        let first = ratified(&world, "Serve three markets", json!({})).await;
        let mut heirs = vec![];
        for title in ["Serve four markets", "Serve two markets"] {
            let heir = propose(&world, title, json!({ "supersedesId": first, "ownerId": world.cast.leader })).await;
            stand(&world, Leader, &heir, "SUPPORTS").await;
            stand(&world, Sponsor, &heir, "SUPPORTS").await;
            heirs.push(heir);
        }
        assert_eq!(see(&world, Leader, &first).await["status"], "RATIFIED", "until one of them is");
        let [one, other] = [&heirs[0], &heirs[1]].map(|id| json!({ "id": id }));
        let (one, other) = futures::join!(
            world.change(Facilitator, "decisionRatify", one, ""),
            world.change(Owner, "decisionRatify", other, ""),
        );
        let done = [one, other].map(|payload| payload["errors"] == json!([]));
        assert!(done[0] != done[1], "one of the two takes the place");
        let (heir, late) = if done[0] { (&heirs[0], &heirs[1]) } else { (&heirs[1], &heirs[0]) };
        let seen = see(&world, Leader, &first).await;
        assert_eq!((&seen["status"], &seen["supersededBy"]["id"]), (&json!("SUPERSEDED"), &json!(heir)));
        assert_eq!(see(&world, Leader, heir).await["supersedes"]["id"], json!(first));
        assert_eq!(see(&world, Leader, late).await["status"], "PROPOSED");
        let again = json!({ "teamId": world.cast.team, "title": "Five", "text": "Five", "supersedesId": first });
        assert_eq!(world.refused(Leader, "decisionPropose", again).await, ("WRONG_STATE".into(), "input.supersedesId".into()));
        // revoked, the heir does not bring the first one back
        world.done(Sponsor, "decisionRevoke", json!({ "id": heir, "reason": "The market moved" }), "").await;
        assert_eq!(see(&world, Leader, &first).await["status"], "SUPERSEDED");
    }
}

scenario! {
    async fn a_debate_is_reopened_with_a_reason_and_counted(world: World) {
        let id = ratified(&world, "Serve three markets", json!({})).await;
        let input = json!({ "id": id, "reason": "Two of us changed our minds" });
        let made = world.done(Sponsor, "decisionReopen", input.clone(), "decision { id title status }").await;
        let heir = made["decision"]["id"].as_str().expect("an id").to_owned();
        assert_eq!(made["decision"], json!({ "id": heir, "title": "Serve three markets", "status": "PROPOSED" }));
        let seen = see(&world, Leader, &id).await;
        assert_eq!((&seen["status"], &seen["reopeningCount"]), (&json!("RATIFIED"), &json!(1)));
        assert_eq!(seen["history"]["nodes"], json!([
            { "kind": "PROPOSED", "reason": null },
            { "kind": "RATIFIED", "reason": null },
            { "kind": "REOPENED", "reason": "Two of us changed our minds" },
        ]));
        assert_eq!(world.refused(Sponsor, "decisionReopen", input).await, ("WRONG_STATE".into(), "input.id".into()));
        world.done(Leader, "decisionUpdate", json!({ "id": heir, "text": "Three, and a trial in a fourth" }), "").await;
        stand(&world, Leader, &heir, "SUPPORTS").await;
        stand(&world, Sponsor, &heir, "SUPPORTS").await;
        world.done(Facilitator, "decisionRatify", json!({ "id": heir }), "").await;
        assert_eq!(see(&world, Leader, &id).await["status"], "SUPERSEDED");
        let found = "query($id: ID!) { team(id: $id) { decisions(filter: { status: { eq: RATIFIED } }) { totalCount nodes { id text } } } }";
        let found = world.read(Observer, found, json!({ "id": world.cast.team })).await;
        assert_eq!(found["team"]["decisions"], json!({ "totalCount": 1, "nodes": [{ "id": heir, "text": "Three, and a trial in a fourth" }] }));
    }
}

const READ_BACK: &str =
    "query($id: ID!) { decision(id: $id) { version membersReadBack membersMatching membersDiffering
    myRestatements { text status comment } readBacks { nodes { id text status member { name } } }
    attestations { nodes { audience communicatedOn member { name } } } } }";

scenario! {
    async fn what_members_heard_is_read_back_in_private(world: World) {
        let id = ratified(&world, "Serve three markets", json!({})).await;
        let read = async |who: Persona| world.read(who, READ_BACK, json!({ "id": id })).await["decision"].clone();
        let say = |text: &str| json!({ "id": id, "text": text });
        world.done(Leader, "decisionReadBack", say("We drop seven markets"), "").await;
        world.done(Sponsor, "decisionReadBack", say("Three markets, from now on"), "").await;
        let waits = world.refused(Leader, "decisionReadBack", say("Wait")).await;
        assert_eq!(waits, ("WRONG_STATE".into(), "input.id".into()));
        for (who, own) in [(Leader, 1), (Sponsor, 1), (Observer, 0), (Facilitator, 0)] {
            let seen = read(who).await;
            assert_eq!((&seen["membersReadBack"], &seen["membersDiffering"]), (&json!(2), &json!(0)), "{who:?}");
            assert_eq!(seen["myRestatements"].as_array().map(Vec::len), Some(own), "{who:?}");
            let all = seen["readBacks"]["nodes"].as_array().map(Vec::len);
            // null for a role that reads none
            assert_eq!(all, (who == Facilitator).then_some(2), "{who:?}");
        }
        let told = read(Facilitator).await["readBacks"]["nodes"].clone();
        for one in told.as_array().expect("read-backs") {
            let matches = one["member"]["name"] == "Sami Sponsor";
            let input = json!({ "id": one["id"], "matches": matches, "comment": "Which three?" });
            world.done(Facilitator, "decisionReadBackJudge", input.clone(), "decisionReadBack { status }").await;
            assert_eq!(world.refused(Facilitator, "decisionReadBackJudge", input).await.0, "WRONG_STATE");
        }
        let seen = read(Leader).await;
        assert_eq!((&seen["membersMatching"], &seen["membersDiffering"]), (&json!(1), &json!(1)), "the team sees how many");
        assert_eq!(seen["myRestatements"], json!([{ "text": "We drop seven markets", "status": "DIFFERS", "comment": "Which three?" }]));
        world.done(Leader, "decisionReadBack", say("We serve three and leave seven"), "").await;
        let seen = read(Leader).await;
        assert_eq!((&seen["membersReadBack"], &seen["membersDiffering"]), (&json!(2), &json!(0)), "until it is read again");
        assert_eq!(seen["version"], read(Sponsor).await["version"]);
        // no reader of the audit learns what was said
        let audited = "query($id: ID!) { auditEvents(first: 100, filter: { clientId: { eq: $id } }) { nodes { before after } } }";
        let audited = world.ask(Sponsor, audited, json!({ "id": world.cast.client })).await;
        assert!(audited.json.get("errors").is_none() && !audited.text.contains("seven"), "{}", audited.text);
        assert!(!audited.text.contains("Which three?"), "{}", audited.text);
        // nor whose words differed, nor who judged them
        let events = "{ auditEvents(first: 100, filter: { noun: { eq: DECISION_READ_BACK } }) { totalCount } }";
        for who in [Admin, Owner, Facilitator, Sponsor] {
            assert_eq!(world.read(who, events, json!({})).await["auditEvents"]["totalCount"], 0, "{who:?}");
        }
        assert!(!audited.text.contains("DIFFERS"), "{}", audited.text);
    }
}

scenario! {
    async fn members_attest_whom_they_have_told(world: World) {
        let id = ratified(&world, "Serve three markets", json!({})).await;
        world.at("2026-03-09T09:00:00Z");
        let told = |on: &str| json!({ "id": id, "audience": "The night shift", "communicatedOn": on });
        for on in ["2026-03-01", "2026-03-10"] {
            let refused = world.refused(Leader, "decisionAttest", told(on)).await;
            assert_eq!(refused, ("INVALID".into(), "input.communicatedOn".into()), "{on}");
        }
        world.done(Leader, "decisionAttest", told("2026-03-05"), "").await;
        let seen = world.read(Observer, READ_BACK, json!({ "id": id })).await;
        assert_eq!(seen["decision"]["attestations"]["nodes"], json!([
            { "audience": "The night shift", "communicatedOn": "2026-03-05", "member": { "name": "Lena Leader" } },
        ]));
        world.done(Sponsor, "decisionRevoke", json!({ "id": id, "reason": "The market moved" }), "").await;
        for (mutation, input) in [("decisionAttest", told("2026-03-05")), ("decisionReadBack", json!({ "id": id, "text": "Three" }))] {
            assert_eq!(world.refused(Leader, mutation, input).await, ("WRONG_STATE".into(), "input.id".into()), "{mutation}");
        }
    }
}
