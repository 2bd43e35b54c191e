//! Actions: whose they are, who answers for whom, and what gives them up.

use crate::{
    kit::{
        Persona::{self, *},
        World,
        fixtures::Fixtures,
    },
    scenario,
};
use serde_json::{Value, json};

/// An action offered by the facilitator: its id.
async fn offered(world: &World, owner: impl ToString, due_on: &str) -> String {
    let input = json!({ "teamId": world.cast.team, "ownerId": owner.to_string(), "title": "Book the venue", "dueOn": due_on });
    let made = world.done(Facilitator, "actionCreate", input, "action { id }").await;
    made["action"]["id"].as_str().expect("an id").to_owned()
}

async fn refused(world: &World, who: Persona, mutation: &str, input: Value) -> (String, String) {
    world.refused(who, mutation, input).await
}

fn because(code: &str, path: &str) -> (String, String) {
    (code.into(), path.into())
}

scenario! {
    async fn nobody_takes_a_colleagues_action(world: World) {
        let (leader, sponsor, quiet) = (world.cast.leader, world.cast.sponsor, world.cast.quiet);
        let give = |id: &str, owner: String| json!({ "id": id, "ownerId": owner });
        let theirs = offered(&world, sponsor, "2026-03-20").await;
        assert_eq!(refused(&world, Leader, "actionReassign", give(&theirs, leader.to_string())).await, because("NOT_OWNER", "input.id"));
        // her own she hands on, and who shapes the team's work hands on any
        let own = offered(&world, leader, "2026-03-20").await;
        world.done(Leader, "actionReassign", give(&own, quiet.to_string()), "").await;
        world.done(Facilitator, "actionReassign", give(&theirs, leader.to_string()), "").await;
        // a promise is not undone by giving it to whoever made it
        world.done(Leader, "actionAccept", json!({ "id": theirs }), "").await;
        let again = refused(&world, Leader, "actionReassign", give(&theirs, leader.to_string())).await;
        assert_eq!(again, because("INVALID", "input.ownerId"));
        // what was declined can be offered once more
        let declined = offered(&world, leader, "2026-03-20").await;
        world.done(Leader, "actionDecline", json!({ "id": declined, "reason": "No time" }), "").await;
        let anew = world.done(Facilitator, "actionReassign", give(&declined, leader.to_string()), "action { status }").await;
        assert_eq!(anew["action"]["status"], "OFFERED");
    }
}

scenario! {
    async fn what_was_decided_before_gives_nothing_up(world: World) {
        let propose = json!({ "teamId": world.cast.team, "title": "Serve three markets", "text": "As agreed" });
        let decision = world.done(Leader, "decisionPropose", propose, "decision { id }").await["decision"]["id"].clone();
        world.done(Sponsor, "decisionUpdate", json!({ "id": decision, "ownerId": world.cast.leader }), "").await;
        for who in [Leader, Sponsor] {
            world.done(who, "decisionStance", json!({ "id": decision, "stance": "SUPPORTS", "conviction": 4 }), "").await;
        }
        let early = offered(&world, world.cast.leader, "2026-03-20").await;
        world.at("2026-03-02T10:00:00Z");
        world.done(Facilitator, "decisionRatify", json!({ "id": decision }), "").await;
        world.at("2026-03-02T11:00:00Z");
        let late = offered(&world, world.cast.leader, "2026-03-20").await;
        let cancel = |id: &str| json!({ "id": id, "reason": "Not our market", "decisionId": decision });
        assert_eq!(refused(&world, Leader, "actionCancel", cancel(&late)).await, because("WRONG_STATE", "input.decisionId"));
        world.done(Leader, "actionCancel", cancel(&early), "").await;
    }
}

scenario! {
    async fn what_nobody_promised_is_not_overdue(world: World) {
        let promised = offered(&world, world.cast.leader, "2026-03-03").await;
        let open = offered(&world, world.cast.leader, "2026-03-03").await;
        world.done(Leader, "actionAccept", json!({ "id": promised }), "").await;
        world.at("2026-03-05T09:00:00Z");
        let work = "{ viewer { myWork(first: 10) { nodes { overdue action { id overdue } } } } }";
        let work = world.read(Leader, work, json!({})).await["viewer"]["myWork"]["nodes"].clone();
        for (id, overdue) in [(promised, true), (open, false)] {
            let item = work.as_array().into_iter().flatten().find(|item| item["action"]["id"] == id).expect("her work");
            assert_eq!((&item["overdue"], &item["action"]["overdue"]), (&json!(overdue), &json!(overdue)));
        }
    }
}

scenario! {
    async fn archived_clients_and_teams_take_no_work(world: World) {
        let kept = offered(&world, world.cast.leader, "2026-03-20").await;
        let mine = "{ viewer { myWork(first: 10) { totalCount } } }";
        assert_eq!(world.read(Leader, mine, json!({})).await["viewer"]["myWork"]["totalCount"], 1);
        world.done(Admin, "clientArchive", json!({ "id": world.cast.client }), "").await;
        let offer = json!({ "teamId": world.cast.team, "ownerId": world.cast.leader, "title": "One more", "dueOn": "2026-03-20" });
        assert_eq!(refused(&world, Facilitator, "actionCreate", offer).await, because("WRONG_STATE", "input.teamId"));
        let many = json!({ "teamId": world.cast.team, "items": [{ "ownerId": world.cast.leader, "title": "One more", "dueOn": "2026-03-20" }] });
        assert_eq!(refused(&world, Facilitator, "actionsCreate", many).await.0, "WRONG_STATE");
        assert_eq!(world.read(Leader, mine, json!({})).await["viewer"]["myWork"]["totalCount"], 0, "{kept} waits for nobody");
    }
}

scenario! {
    async fn head_office_reads_no_words_among_the_facts(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let programme = &fixtures.home.ids["programme"];
        world.done(Facilitator, "programmePause", json!({ "id": programme, "reason": "The sponsor is ill" }), "").await;
        let read = "query($id: ID!) { programme(id: $id) { status reason stages { status overrideReason } } }";
        let told = "{ auditEvents(first: 20, filter: { verb: { eq: PROGRAMME_PAUSE } }) { nodes { noun before after } } }";
        for (who, words) in [(Admin, false), (Analyst, false), (Owner, true), (Facilitator, true), (Sponsor, true), (Leader, true), (Observer, true)] {
            let seen = world.read(who, read, json!({ "id": programme })).await["programme"].clone();
            assert_eq!((&seen["status"], seen["reason"] == "The sponsor is ill", seen["reason"].is_null()), (&json!("PAUSED"), words, !words), "{who:?}");
            if [Admin, Owner, Facilitator, Sponsor].contains(&who) {
                let told = world.read(who, told, json!({})).await.to_string();
                assert!(told.contains("PAUSED"), "{who:?} is told that: {told}");
                assert_eq!(told.contains("The sponsor is ill"), words, "{who:?}");
            }
        }
    }
}
