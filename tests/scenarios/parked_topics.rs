//! Parking lots: what a session sets aside, and what becomes of it.

use crate::{
    kit::{Persona::*, World, assert_counts, verify_chains},
    scenario,
};
use serde_json::{Value, json};

const PARKED: &str = "query($id: ID!) { session(id: $id) { parkedTopics { id title status reason version raisedBy { name }
    agendaItem { title source session { id } } obstacle { title severity session { id } } action { title status dueOn } } } }";

async fn schedule(world: &World, at: &str) -> Value {
    let input = json!({
        "teamId": world.cast.team, "kind": "WORKSHOP", "title": "Workshop", "place": "Room 1", "startsAt": at, "minutes": 60,
        "agenda": [{ "title": "Figures", "minutes": 10 }],
    });
    world.done(Facilitator, "sessionSchedule", input, "session { id }").await["session"]["id"].clone()
}

async fn parked(world: &World, who: crate::kit::Persona, session: &Value) -> Value {
    world.read(who, PARKED, json!({ "id": session })).await["session"]["parkedTopics"].clone()
}

scenario! {
    async fn what_is_set_aside_is_promoted_once_or_dropped(world: World) {
        let cast = &world.cast;
        let session = schedule(&world, "2026-03-03T09:00:00Z").await;
        let next = schedule(&world, "2026-03-10T09:00:00Z").await;
        let add = |title: &str| json!({ "sessionId": session, "title": title });
        let early = world.refused(Leader, "parkedTopicAdd", add("Vans")).await;
        assert_eq!(early, ("WRONG_STATE".into(), "input.sessionId".into()));
        world.at("2026-03-03T09:00:00Z");
        world.done(Facilitator, "sessionStart", json!({ "id": session }), "").await;
        let mut topics = vec![];
        for title in ["Prices", "Nobody plans", "Call the bank", "Vans"] {
            let made = world.done(Leader, "parkedTopicAdd", add(title), "parkedTopic { id status raisedBy { name } }").await["parkedTopic"].clone();
            assert_eq!((&made["status"], &made["raisedBy"]["name"]), (&json!("PARKED"), &json!("Lena Leader")));
            topics.push(made["id"].clone());
        }
        assert_eq!(world.refused(Leader, "parkedTopicAdd", add("")).await, ("INVALID".into(), "input.title".into()));
        world.done(Facilitator, "sessionClose", json!({ "id": session, "summary": "Over" }), "").await;
        // whoever runs sessions decides, also afterwards
        let to_agenda = json!({ "id": topics[0], "sessionId": next, "minutes": 20, "ownerId": cast.leader });
        for (wrong, code, path) in [
            (json!({ "id": topics[0], "sessionId": session, "minutes": 20 }), "WRONG_STATE", "input.sessionId"),
            (json!({ "id": topics[0], "sessionId": next, "minutes": 0 }), "INVALID", "input.minutes"),
            (json!({ "id": topics[0], "sessionId": next, "minutes": 5, "expectedVersion": 9 }), "CONFLICT", "input.expectedVersion"),
        ] {
            assert_eq!(world.refused(Facilitator, "parkedTopicSchedule", wrong).await, (code.into(), path.into()));
        }
        world.done(Facilitator, "parkedTopicSchedule", to_agenda.clone(), "").await;
        world.done(Facilitator, "parkedTopicRaise", json!({ "id": topics[1], "severity": "HIGH" }), "").await;
        let past = json!({ "id": topics[2], "ownerId": cast.leader, "dueOn": "2026-03-01" });
        assert_eq!(world.refused(Facilitator, "parkedTopicAssign", past).await, ("INVALID".into(), "input.dueOn".into()));
        world.done(Facilitator, "parkedTopicAssign", json!({ "id": topics[2], "ownerId": cast.leader, "dueOn": "2026-03-20" }), "").await;
        world.done(Facilitator, "parkedTopicDrop", json!({ "id": topics[3], "reason": "Not for us" }), "").await;
        let list = parked(&world, Observer, &session).await;
        let of = |title: &str| list.as_array().into_iter().flatten().find(|topic| topic["title"] == title).expect("a topic").clone();
        assert_eq!(of("Prices")["agendaItem"], json!({ "title": "Prices", "source": "PARKING_LOT", "session": { "id": next } }));
        assert_eq!(of("Nobody plans")["obstacle"], json!({ "title": "Nobody plans", "severity": "HIGH", "session": { "id": session } }));
        assert_eq!(of("Call the bank")["action"], json!({ "title": "Call the bank", "status": "OFFERED", "dueOn": "2026-03-20" }));
        assert_eq!((&of("Vans")["status"], &of("Vans")["reason"]), (&json!("DROPPED"), &json!("Not for us")));
        // once
        for (mutation, input) in [
            ("parkedTopicSchedule", to_agenda),
            ("parkedTopicRaise", json!({ "id": topics[0], "severity": "LOW" })),
            ("parkedTopicDrop", json!({ "id": topics[2], "reason": "Again" })),
        ] {
            assert_eq!(world.refused(Facilitator, mutation, input).await, ("WRONG_STATE".into(), "input.id".into()), "{mutation}");
        }
        let left = "query($id: ID!) { team(id: $id) { parkedTopics(filter: { status: { eq: PARKED } }) { totalCount } } }";
        assert_eq!(world.read(Leader, left, json!({ "id": cast.team })).await["team"]["parkedTopics"]["totalCount"], 0);
        let hidden = world.read(Admin, "query($id: ID!) { parkedTopic(id: $id) { title } }", json!({ "id": topics[0] })).await;
        assert_eq!(hidden["parkedTopic"], Value::Null, "head office reads no content");
        let behind = world.home.behind().await;
        verify_chains(&behind).await.expect("the chains hold");
        assert_counts(&behind).await;
    }
}
