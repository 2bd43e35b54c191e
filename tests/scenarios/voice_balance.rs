//! Voice balance: computed from sealed inputs when a session is closed, for the team and its facilitator alone.

use super::alignment::crew;
use crate::{
    kit::{
        Persona::{self, *},
        World, document,
    },
    scenario,
};
use serde_json::{Value, json};

const BALANCE: &str = "query($id: ID!) { team(id: $id) { voiceBalance { percent sessionCount participantCount session { title } } } }";

async fn balance(world: &World, who: Persona) -> Value {
    world.read(who, BALANCE, json!({ "id": world.cast.team })).await["team"]["voiceBalance"].clone()
}

/// Holds a session whose pre-work these people answer.
async fn hold(world: &World, title: &str, at: &str, tokens: &[String]) {
    let input = json!({
        "teamId": world.cast.team, "kind": "WORKSHOP", "title": title, "place": "Room 1", "startsAt": at, "minutes": 60,
        "agenda": [{ "title": "Figures", "minutes": 10 }],
    });
    let session =
        world.done(Facilitator, "sessionSchedule", input, "session { id }").await["session"]["id"].clone();
    let add = json!({ "sessionId": session, "text": "What do we stop?" });
    let prompt =
        world.done(Facilitator, "preWorkPromptAdd", add, "preWorkPrompt { id }").await["preWorkPrompt"]["id"]
            .clone();
    for token in tokens {
        let input = json!({ "input": { "id": prompt, "text": "The third market" } });
        let sent = world.send(Some(token.clone()), &document("preWorkAnswer", ""), input, None).await;
        assert_eq!(sent.json["data"]["preWorkAnswer"]["errors"], json!([]), "{}", sent.text);
    }
    world.at(at);
    world.done(Facilitator, "sessionStart", json!({ "id": session }), "").await;
    world.done(Facilitator, "sessionClose", json!({ "id": session, "summary": "Over" }), "").await;
}

scenario! {
    async fn how_evenly_a_team_was_heard_is_known_to_it_and_its_facilitator(world: World) {
        assert_eq!(balance(&world, Facilitator).await, Value::Null);
        // two participants with a login are too few
        hold(&world, "First", "2026-03-03T09:00:00Z", &[world.token(Leader)]).await;
        let few = json!({ "percent": null, "sessionCount": 1, "participantCount": 2, "session": { "title": "First" } });
        assert_eq!(balance(&world, Facilitator).await, few);
        let crew = crew(&world, &["Ada", "Ben", "Cai"]).await;
        let all = [crew, vec![world.token(Leader), world.token(Sponsor)]].concat();
        // five participants, of whom one gave two inputs and four gave one
        hold(&world, "Second", "2026-03-04T09:00:00Z", &all).await;
        let told = |percent: i32, sessions: i32, title: &str| {
            json!({ "percent": percent, "sessionCount": sessions, "participantCount": 5, "session": { "title": title } })
        };
        for who in [Facilitator, Sponsor, Leader] {
            assert_eq!(balance(&world, who).await, told(80, 2, "Second"), "{who:?}");
        }
        for who in [Owner, Observer] {
            assert_eq!(balance(&world, who).await, Value::Null, "{who:?}");
        }
        // the first session is no longer among the last four
        for (title, at) in [("Third", "2026-03-05T09:00:00Z"), ("Fourth", "2026-03-06T09:00:00Z"), ("Fifth", "2026-03-09T09:00:00Z")] {
            hold(&world, title, at, &[]).await;
        }
        assert_eq!(balance(&world, Facilitator).await, told(100, 4, "Fifth"));
    }
}
