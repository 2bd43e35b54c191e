//! To-dos: a facilitator's own, about a client or about none.

use crate::{kit::Persona::*, scenario};
use serde_json::{Value, json};

const OWN: &str = "{ viewer { toDos(filter: { doneAt: { isNull: true } }) { nodes { id title dueOn version client { name } } } } }";

scenario! {
    async fn a_to_do_is_its_authors_alone(world: World) {
        let cast = &world.cast;
        let what = "toDo { id doneAt version client { name } }";
        let input = json!({ "clientId": cast.client, "title": "Call the sponsor", "dueOn": "2026-03-20" });
        let call = world.done(Facilitator, "toDoCreate", input, what).await["toDo"].clone();
        assert_eq!((&call["client"]["name"], &call["doneAt"]), (&json!("Acorn Mills"), &Value::Null));
        let input = json!({ "title": "Order paper", "detail": "For all rooms", "dueOn": "2026-03-05" });
        let order = world.done(Facilitator, "toDoCreate", input, what).await["toDo"].clone();
        assert_eq!(order["client"], Value::Null);
        let mine = world.read(Facilitator, OWN, json!({})).await["viewer"]["toDos"]["nodes"].clone();
        assert_eq!((&mine[0]["title"], &mine[1]["title"]), (&json!("Order paper"), &json!("Call the sponsor")));
        let id = json!({ "id": call["id"] });
        for who in [Admin, Owner, Sponsor, Leader, Observer, Stranger] {
            let seen = world.read(who, "query($id: ID!) { toDo(id: $id) { title } node(id: $id) { id } }", id.clone()).await;
            assert_eq!(seen, json!({ "toDo": null, "node": null }), "{who:?}");
        }
        assert_eq!(world.read(Leader, OWN, json!({})).await["viewer"]["toDos"], Value::Null, "for facilitators");
        assert_eq!(world.refused(Stranger, "toDoComplete", id.clone()).await, ("NOT_FOUND".into(), "input.id".into()));
        let theirs = json!({ "clientId": cast.other_client, "title": "Call", "dueOn": "2026-03-20" });
        assert_eq!(world.refused(Facilitator, "toDoCreate", theirs).await, ("NOT_FOUND".into(), "input.clientId".into()));
        let empty = json!({ "title": " ", "dueOn": "2026-03-20" });
        assert_eq!(world.refused(Facilitator, "toDoCreate", empty).await.1, "input.title");
        // it is done, and not done after all
        world.done(Facilitator, "toDoUpdate", json!({ "id": call["id"], "dueOn": "2026-03-03", "expectedVersion": 1 }), "").await;
        let stale = json!({ "id": call["id"], "title": "Write", "expectedVersion": 1 });
        assert_eq!(world.refused(Facilitator, "toDoUpdate", stale).await.0, "CONFLICT");
        let done = world.done(Facilitator, "toDoComplete", id.clone(), what).await["toDo"].clone();
        assert_eq!((&done["doneAt"], &done["version"]), (&json!("2026-03-02T09:00:00Z"), &json!(3)));
        for mutation in ["toDoComplete", "toDoUpdate"] {
            assert_eq!(world.refused(Facilitator, mutation, id.clone()).await, ("WRONG_STATE".into(), "input.id".into()));
        }
        assert_eq!(world.read(Facilitator, OWN, json!({})).await["viewer"]["toDos"]["nodes"].as_array().map(Vec::len), Some(1));
        world.done(Facilitator, "toDoReopen", id.clone(), "").await;
        assert_eq!(world.refused(Facilitator, "toDoReopen", id.clone()).await.0, "WRONG_STATE");
        let mine = world.read(Facilitator, OWN, json!({})).await["viewer"]["toDos"]["nodes"].clone();
        assert_eq!((&mine[0]["title"], &mine[0]["dueOn"]), (&json!("Call the sponsor"), &json!("2026-03-03")));
        // no reader of the audit learns what it says
        let audited = "{ auditEvents(first: 100) { nodes { before after } } }";
        for who in [Owner, Sponsor, Facilitator] {
            let audited = world.ask(who, audited, json!({})).await;
            assert!(!audited.text.contains("Call the sponsor"), "{who:?}: {}", audited.text);
        }
        // who no longer facilitates the client keeps the to-do, without the client
        let other = json!({ "clientId": cast.client, "personId": cast.person(Owner).1, "part": "LEAD" });
        world.done(Owner, "assignmentCreate", other, "").await;
        let mine = world.read(Facilitator, OWN, json!({})).await["viewer"]["toDos"]["nodes"].clone();
        assert_eq!((&mine[0]["title"], &mine[0]["client"]), (&json!("Call the sponsor"), &Value::Null));
    }
}
