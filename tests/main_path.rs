//! The main path, as one story: a promise is made, kept, and seen.

use crate::{kit::Persona::*, scenario};
use serde_json::json;

scenario! {
    async fn a_leader_keeps_a_promise(world: World) {
        let cast = &world.cast;
        let offered = world.done(Facilitator, "actionCreate", json!({
            "teamId": cast.team.to_string(), "ownerId": cast.leader.to_string(),
            "title": "Call the three largest customers", "dueOn": "2026-03-20",
        }), "action { id status baselineDueOn owner { name } }").await;
        let action = &offered["action"];
        assert_eq!(action["status"], "OFFERED");
        assert_eq!(action["owner"]["name"], "Lena Leader");
        let id = json!({ "id": action["id"] });
        let accepted = world.done(Leader, "actionAccept", id.clone(), "action { status baselineDueOn }").await;
        assert_eq!(accepted["action"], json!({ "status": "ACCEPTED", "baselineDueOn": "2026-03-20" }));
        let progress = "query($id: ID!) { client(id: $id) { progress { actionsOpen actionsDone actionsOverdue } } }";
        let client = json!({ "id": cast.client.to_string() });
        let before = world.read(Facilitator, progress, client.clone()).await;
        assert_eq!(before["client"]["progress"], json!({ "actionsOpen": 1, "actionsDone": 0, "actionsOverdue": 0 }));
        world.done(Leader, "actionComplete", id, "action { status }").await;
        let after = world.read(Facilitator, progress, client).await;
        assert_eq!(after["client"]["progress"], json!({ "actionsOpen": 0, "actionsDone": 1, "actionsOverdue": 0 }));
    }
}
