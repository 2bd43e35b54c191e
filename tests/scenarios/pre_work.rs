//! Pre-work: what participants prepare in secret, and the team reads when the session starts.

use crate::{
    kit::{
        Persona::{self, *},
        World, assert_counts, verify_chains,
    },
    scenario,
};
use serde_json::{Value, json};

const PRE_WORK: &str = "query($id: ID!) { session(id: $id) { preWork { id text answerCount unsealedAt version
    answers { text member { name } } myAnswer { text } } } }";

async fn session(world: &World) -> Value {
    let input = json!({
        "teamId": world.cast.team, "kind": "WORKSHOP", "title": "Workshop", "place": "Room 1",
        "startsAt": "2026-03-03T09:00:00Z", "minutes": 60, "agenda": [{ "title": "Figures", "minutes": 10 }],
    });
    world.done(Facilitator, "sessionSchedule", input, "session { id }").await["session"]["id"].clone()
}

async fn first(world: &World, who: Persona, session: &Value) -> Value {
    world.read(who, PRE_WORK, json!({ "id": session })).await["session"]["preWork"][0].clone()
}

scenario! {
    async fn what_is_prepared_is_read_when_the_session_starts(world: World) {
        let session = session(&world).await;
        let add = json!({ "sessionId": session, "text": "What do we stop" });
        let prompt = world.done(Facilitator, "preWorkPromptAdd", add.clone(), "preWorkPrompt { id }").await["preWorkPrompt"]["id"].clone();
        let update = json!({ "id": prompt, "text": "What do we stop?", "expectedVersion": 1 });
        world.done(Facilitator, "preWorkPromptUpdate", update, "").await;
        let empty = json!({ "id": prompt, "text": "" });
        assert_eq!(world.refused(Leader, "preWorkAnswer", empty).await, ("INVALID".into(), "input.text".into()));
        for text in ["The second market", "The third market"] {
            world.done(Leader, "preWorkAnswer", json!({ "id": prompt, "text": text }), "").await;
        }
        for who in [Owner, Facilitator, Sponsor, Leader, Observer] {
            let seen = first(&world, who, &session).await;
            assert_eq!((&seen["answerCount"], &seen["version"], &seen["unsealedAt"]), (&json!(1), &json!(2), &Value::Null), "{who:?}");
            let own = if matches!(who, Leader) { json!({ "text": "The third market" }) } else { Value::Null };
            assert_eq!((&seen["answers"], &seen["myAnswer"]), (&json!([]), &own), "{who:?}");
        }
        let changed = json!({ "id": prompt, "text": "What do we begin?" });
        assert_eq!(world.refused(Facilitator, "preWorkPromptUpdate", changed).await, ("WRONG_STATE".into(), "input.id".into()));
        world.at("2026-03-03T09:00:00Z");
        world.done(Facilitator, "sessionStart", json!({ "id": session }), "").await;
        for who in [Owner, Facilitator, Sponsor, Leader, Observer] {
            let seen = first(&world, who, &session).await;
            assert_eq!(seen["answers"], json!([{ "text": "The third market", "member": { "name": "Lena Leader" } }]), "{who:?}");
            assert_eq!(seen["unsealedAt"], "2026-03-03T09:00:00Z");
        }
        let late = json!({ "id": prompt, "text": "Nothing" });
        assert_eq!(world.refused(Sponsor, "preWorkAnswer", late).await, ("WRONG_STATE".into(), "input.id".into()));
        assert_eq!(world.refused(Facilitator, "preWorkPromptAdd", add).await, ("WRONG_STATE".into(), "input.sessionId".into()));
        let hidden = world.read(Admin, "query($id: ID!) { preWorkPrompt(id: $id) { text } }", json!({ "id": prompt })).await;
        assert_eq!(hidden["preWorkPrompt"], Value::Null, "head office reads no content");
        let behind = world.home.behind().await;
        verify_chains(&behind).await.expect("the chains hold");
        assert_counts(&behind).await;
    }
}

scenario! {
    async fn what_was_prepared_for_a_cancelled_session_stays_secret(world: World) {
        let session = session(&world).await;
        let add = json!({ "sessionId": session, "text": "What do we stop?" });
        let prompt = world.done(Facilitator, "preWorkPromptAdd", add, "preWorkPrompt { id }").await["preWorkPrompt"]["id"].clone();
        world.done(Leader, "preWorkAnswer", json!({ "id": prompt, "text": "The third market" }), "").await;
        world.done(Facilitator, "sessionCancel", json!({ "id": session, "reason": "Snow" }), "").await;
        assert_eq!(first(&world, Facilitator, &session).await["answers"], json!([]));
        assert_eq!(first(&world, Leader, &session).await["myAnswer"]["text"], "The third market");
        let late = json!({ "id": prompt, "text": "Nothing" });
        assert_eq!(world.refused(Leader, "preWorkAnswer", late).await, ("WRONG_STATE".into(), "input.id".into()));
    }
}
