//! Recaps: what they hold, to whom they are sent, and what is added to them afterwards.

use crate::{
    kit::{MailServer, Persona::*, World, verify_chains},
    scenario,
    scenarios::notices::{delivered, kinds},
};
use serde_json::{Value, json};

const HELD: &str =
    "query($id: ID!) { session(id: $id) { membersPresent membersActive quorate recap { markdown record }
    addenda { reason text attendance confirmedAt member { name } person { name } }
    attendance { status member { name } } review { quorate } } }";

/// A review on 3 March with the leader alone present, closed at ten.
async fn held(world: &World) -> Value {
    let input = json!({
        "teamId": world.cast.team, "kind": "REVIEW", "title": "Review", "place": "", "startsAt": "2026-03-03T09:00:00Z",
        "minutes": 60, "agenda": [],
    });
    let session =
        world.done(Facilitator, "sessionSchedule", input, "session { id }").await["session"]["id"].clone();
    world.at("2026-03-03T09:00:00Z");
    world.done(Facilitator, "sessionStart", json!({ "id": session }), "").await;
    world.at("2026-03-03T10:00:00Z");
    let attendance = json!([
        { "memberId": world.cast.leader, "status": "PRESENT" }, { "memberId": world.cast.sponsor, "status": "ABSENT" },
    ]);
    let close = json!({ "id": session, "summary": "Over", "attendance": attendance });
    world.done(Facilitator, "sessionClose", close, "").await;
    session
}

async fn see(world: &World, session: &Value) -> Value {
    world.read(Observer, HELD, json!({ "id": session })).await["session"].clone()
}

fn correction(world: &World, session: &Value) -> Value {
    json!({
        "sessionId": session, "reason": "The sponsor was on the phone",
        "attendance": { "memberId": world.cast.sponsor, "status": "PRESENT" },
    })
}

scenario! {
    async fn a_recap_is_sent_to_the_participants(world: World) {
        let session = held(&world).await;
        let page = see(&world, &session).await["recap"]["markdown"].as_str().expect("a page").to_owned();
        for who in [Leader, Sponsor] {
            assert_eq!(kinds(&world, who).await[0], "RECAP", "{who:?}");
        }
        assert!(!kinds(&world, Observer).await.contains(&"RECAP".to_owned()));
        let server = MailServer::start().await;
        let sent = delivered(&world, &server, "notices", "2026-03-03T10:01:00Z").await;
        let mut to: Vec<&str> = sent.iter().filter(|email| email.text.contains(&page)).map(|email| email.to.as_str()).collect();
        to.sort_unstable();
        assert_eq!(to, [Leader.email(), Sponsor.email()], "not to observers, and nobody without a login");
    }
}

scenario! {
    async fn an_addendum_leaves_the_recap_as_it_is(world: World) {
        let session = held(&world).await;
        let before = see(&world, &session).await;
        let words = json!({ "sessionId": session, "reason": "A figure was missing", "text": "The order book stands at 14 weeks" });
        world.done(Facilitator, "recapAddendumCreate", words, "").await;
        world.at("2026-03-03T10:05:00Z");
        world.done(Facilitator, "recapAddendumCreate", correction(&world, &session), "").await;
        let after = see(&world, &session).await;
        for kept in ["recap", "membersPresent", "membersActive", "quorate", "attendance"] {
            assert_eq!(after[kept], before[kept], "{kept}");
        }
        assert_eq!(after["addenda"][0]["text"], "The order book stands at 14 weeks");
        assert_eq!((&after["addenda"][1]["attendance"], &after["addenda"][1]["member"]["name"]), (&json!("PRESENT"), &json!("Sami Sponsor")));
        for (input, code, path) in [
            (json!({ "sessionId": session, "reason": "Nothing" }), "INVALID", "input.text"),
            (json!({ "sessionId": session, "reason": "", "text": "Words" }), "INVALID", "input.reason"),
            (json!({ "sessionId": session, "reason": "A slip", "attendance": { "memberId": world.cast.other_member, "status": "PRESENT" } }), "NOT_FOUND", "input.attendance.memberId"),
        ] {
            assert_eq!(world.refused(Facilitator, "recapAddendumCreate", input).await, (code.into(), path.into()));
        }
    }
}

scenario! {
    async fn a_correction_counts_once_the_person_confirms_it(world: World) {
        let session = held(&world).await;
        let seen = see(&world, &session).await;
        assert_eq!((&seen["membersPresent"], &seen["membersActive"], &seen["quorate"]), (&json!(1), &json!(3), &json!(false)));
        let made = world.done(Facilitator, "recapAddendumCreate", correction(&world, &session), "recapAddendum { id confirmedAt }").await;
        let id = made["recapAddendum"]["id"].clone();
        let asked = world.emails().await.into_iter().filter(|email| email["subject"] == "Acorn Mills: your attendance was corrected");
        assert_eq!(asked.map(|email| email["to"].clone()).collect::<Vec<_>>(), [json!(Sponsor.email())]);
        let other = world.refused(Leader, "recapAddendumConfirm", json!({ "id": id })).await;
        assert_eq!(other, ("NOT_OWNER".into(), "input.id".into()), "another cannot confirm it");
        world.at("2026-03-05T10:00:00Z");
        world.done(Sponsor, "recapAddendumConfirm", json!({ "id": id }), "").await;
        let seen = see(&world, &session).await;
        assert_eq!((&seen["membersPresent"], &seen["membersActive"], &seen["quorate"]), (&json!(2), &json!(3), &json!(true)));
        assert_eq!(seen["recap"]["record"]["quorum"], json!({ "present": 1, "active": 3, "reached": false }), "the recap is as it was");
        assert!(seen["attendance"].as_array().is_some_and(|list| list.iter().all(|one| one["status"] == "PRESENT")), "{seen}");
        assert_eq!(world.refused(Sponsor, "recapAddendumConfirm", json!({ "id": id })).await.0, "WRONG_STATE");
        verify_chains(&world.home.behind().await).await.expect("the chains hold");
    }
}

scenario! {
    async fn after_two_days_the_quorum_stands(world: World) {
        let session = held(&world).await;
        let made = world.done(Facilitator, "recapAddendumCreate", correction(&world, &session), "recapAddendum { id }").await;
        world.at("2026-03-05T10:00:01Z");
        let late = world.refused(Sponsor, "recapAddendumConfirm", json!({ "id": made["recapAddendum"]["id"] })).await;
        assert_eq!(late, ("WRONG_STATE".into(), "input.id".into()));
        assert_eq!(see(&world, &session).await["membersPresent"], 1);
    }
}

scenario! {
    async fn a_recap_holds_obstacles_and_counted_positions(world: World) {
        let cast = &world.cast;
        let input = json!({
            "teamId": cast.team, "kind": "WORKSHOP", "title": "Workshop", "place": "", "startsAt": "2026-03-03T09:00:00Z",
            "minutes": 60, "agenda": [],
        });
        let session = world.done(Facilitator, "sessionSchedule", input, "session { id }").await["session"]["id"].clone();
        let raise = |title: &str, session: Value| json!({ "teamId": cast.team, "title": title, "severity": "HIGH", "sessionId": session });
        let old = world.done(Leader, "obstacleRaise", raise("Late orders", Value::Null), "obstacle { id }").await["obstacle"]["id"].clone();
        world.done(Leader, "obstacleRaise", raise("Old and open", Value::Null), "").await;
        world.at("2026-03-03T09:00:00Z");
        world.done(Facilitator, "sessionStart", json!({ "id": session }), "").await;
        world.done(Leader, "obstacleRaise", raise("Nobody plans", session.clone()), "").await;
        world.done(Leader, "obstacleResolve", json!({ "id": old, "reason": "A second supplier" }), "").await;
        let decision = json!({ "teamId": cast.team, "sessionId": session, "title": "Three markets", "text": "We leave four", "ownerId": cast.leader });
        let decision = world.done(Facilitator, "decisionPropose", decision, "decision { id }").await["decision"]["id"].clone();
        world.done(Leader, "decisionStance", json!({ "id": decision, "stance": "SUPPORTS", "conviction": 4 }), "").await;
        world.done(Sponsor, "decisionStance", json!({ "id": decision, "stance": "OPPOSES", "conviction": 2 }), "").await;
        world.done(Facilitator, "decisionRatify", json!({ "id": decision }), "").await;
        world.at("2026-03-03T09:30:00Z");
        let open = json!({ "teamId": cast.team, "sessionId": session, "title": "Ten hires", "text": "By June" });
        world.done(Leader, "decisionPropose", open, "").await;
        world.at("2026-03-03T10:00:00Z");
        world.done(Facilitator, "sessionClose", json!({ "id": session, "summary": "Over" }), "").await;
        let recap = see(&world, &session).await["recap"].clone();
        let decisions = &recap["record"]["decisions"];
        assert_eq!(decisions[0]["positions"], json!({ "supports": 1, "accepts": 0, "opposes": 1 }));
        assert_eq!(decisions[1]["positions"], Value::Null, "what is not ratified shows no stance");
        let obstacles: Vec<(&Value, &Value, &Value)> = recap["record"]["obstacles"]
            .as_array()
            .expect("obstacles")
            .iter()
            .map(|one| (&one["title"], &one["status"], &one["raised"]))
            .collect();
        let expected = [(json!("Late orders"), json!("RESOLVED"), json!(false)), (json!("Nobody plans"), json!("RAISED"), json!(true))];
        assert_eq!(obstacles, expected.iter().map(|(title, status, raised)| (title, status, raised)).collect::<Vec<_>>());
        let page = recap["markdown"].as_str().expect("a page");
        for line in ["1 support it, 0 accept it, 1 oppose it", "- Late orders (resolved)", "- Nobody plans (raised here, open)"] {
            assert!(page.contains(line), "{line} in\n{page}");
        }
    }
}
