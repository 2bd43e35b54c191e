//! Private notes: for a client's facilitators, and for nobody else.

use crate::{
    kit::{Backend, Persona::*, World},
    scenario,
};
use concord::kernel::access::Scope;
use entity::{audit_event, client_note};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

const NOTES: &str = "query($id: ID!) { client(id: $id) { name
    notes(filter: { archivedAt: { isNull: true } }) { totalCount nodes { id text pinned version person { name } } } } }";

async fn written(world: &World) -> String {
    let input = json!({ "clientId": world.cast.client, "text": "The sponsor may leave by summer." });
    let made =
        world.done(Facilitator, "clientNoteCreate", input, "clientNote { id text pinned version }").await;
    assert_eq!(made["clientNote"]["pinned"], false);
    made["clientNote"]["id"].as_str().expect("an id").to_owned()
}

scenario! {
    async fn facilitators_alone_read_and_change_them(world: World) {
        let id = written(&world).await;
        let client = json!({ "id": world.cast.client });
        for who in [Admin, Analyst, Owner, Facilitator, Sponsor, Leader, Observer] {
            let seen = world.read(who, NOTES, client.clone()).await["client"].clone();
            let expected = if who == Facilitator { json!(1) } else { Value::Null };
            assert_eq!(seen["notes"]["totalCount"], expected, "{who:?}: {seen}");
        }
        // the owner of the franchise reads it as the client's lead, and not by owning the franchise
        let part = |who, part: &str| json!({ "clientId": world.cast.client, "personId": world.cast.person(who).1, "part": part });
        world.done(Owner, "assignmentCreate", part(Owner, "LEAD"), "").await;
        let seen = world.read(Owner, NOTES, client.clone()).await["client"]["notes"]["nodes"][0].clone();
        assert_eq!((&seen["text"], &seen["person"]["name"]), (&json!("The sponsor may leave by summer."), &json!("Facilitator")));
        let theirs = world.refused(Owner, "clientNoteUpdate", json!({ "id": id, "text": "Mine" })).await;
        assert_eq!(theirs, ("NOT_OWNER".into(), "input.text".into()));
        world.done(Owner, "clientNoteUpdate", json!({ "id": id, "pinned": true, "expectedVersion": 1 }), "").await;
        world.done(Owner, "assignmentCreate", part(Facilitator, "LEAD"), "").await;
        let stale = json!({ "id": id, "text": "She stays", "expectedVersion": 1 });
        assert_eq!(world.refused(Facilitator, "clientNoteUpdate", stale).await.0, "CONFLICT");
        let what = "clientNote { text pinned version }";
        let changed = world.done(Facilitator, "clientNoteUpdate", json!({ "id": id, "text": "She stays" }), what).await;
        assert_eq!(changed["clientNote"], json!({ "text": "She stays", "pinned": true, "version": 3 }));
        world.done(Facilitator, "clientNoteArchive", json!({ "id": id }), "").await;
        assert_eq!(world.refused(Facilitator, "clientNoteUpdate", json!({ "id": id, "pinned": true })).await.0, "WRONG_STATE");
        assert_eq!(world.read(Facilitator, NOTES, client).await["client"]["notes"]["totalCount"], 0);
        let kept = world.read(Facilitator, "query($id: ID!) { clientNote(id: $id) { text } }", json!({ "id": id })).await;
        assert_eq!(kept["clientNote"]["text"], "She stays");
    }
}

scenario! {
    async fn a_co_facilitator_reads_what_is_written_from_then_on(world: World) {
        let old = written(&world).await;
        let client = json!({ "id": world.cast.client });
        let part = |who, part: &str| json!({ "clientId": world.cast.client, "personId": world.cast.person(who).1, "part": part });
        let texts = async |who| {
            let seen = world.read(who, NOTES, client.clone()).await["client"]["notes"]["nodes"].clone();
            let mut texts: Vec<String> = seen.as_array().expect("notes").iter().map(|note| note["text"].to_string()).collect();
            texts.sort();
            texts
        };
        world.done(Owner, "assignmentCreate", part(Owner, "CO"), "").await;
        assert_eq!(texts(Owner).await, Vec::<String>::new(), "what was written before");
        // nor by its id, nor to change it, nor in a file
        let one = world.read(Owner, "query($id: ID!) { clientNote(id: $id) { text } }", json!({ "id": old })).await;
        assert_eq!(one["clientNote"], Value::Null);
        for mutation in ["clientNoteUpdate", "clientNoteArchive"] {
            assert_eq!(world.refused(Owner, mutation, json!({ "id": old })).await, ("NOT_FOUND".into(), "input.id".into()));
        }
        let lead = world.emails().await.into_iter().find(|email| email["to"] == json!(Facilitator.email())).expect("an e-mail to the lead");
        for words in ["owner@example.com", "Acorn Mills", "co-facilitator"] {
            assert!(lead["text"].as_str().is_some_and(|text| text.contains(words)), "{words}: {lead}");
        }
        let input = json!({ "clientId": world.cast.client, "text": "Sales stands in" });
        world.done(Facilitator, "clientNoteCreate", input, "").await;
        assert_eq!(texts(Owner).await, ["\"Sales stands in\""]);
        assert_eq!(texts(Facilitator).await.len(), 2);
        // who takes over reads all of it, and who is beside the lead from then on starts anew
        world.at("2026-03-03T09:00:00Z");
        let transfer = json!({ "clientId": world.cast.client, "leadId": world.cast.person(Owner).1 });
        world.done(Owner, "clientTransfer", transfer, "").await;
        assert_eq!(texts(Owner).await.len(), 2);
        world.done(Owner, "assignmentCreate", part(Facilitator, "CO"), "").await;
        assert_eq!(texts(Facilitator).await, Vec::<String>::new());
    }
}

scenario! {
    async fn the_chain_holds_that_and_not_what_and_nobody_reads_it(world: World) {
        let id = written(&world).await;
        world.done(Facilitator, "clientNoteUpdate", json!({ "id": id, "text": "She stays" }), "").await;
        let behind = world.home.behind().await;
        let events = audit_event::Entity::find().filter(audit_event::Column::Noun.eq("client_note")).all(&behind).await;
        let events = events.expect("the events");
        assert_eq!(events.len(), 2);
        assert!(events.iter().all(|event| event.before.is_none() && event.after.is_none() && event.content));
        let told = "{ auditEvents { nodes { noun before after } } }";
        for (who, number) in [(Admin, 0), (Owner, 0), (Facilitator, 0), (Sponsor, 0)] {
            let seen = world.read(who, told, json!({})).await;
            let notes: Vec<&Value> = seen["auditEvents"]["nodes"].as_array().expect("events").iter().filter(|event| event["noun"] == "CLIENT_NOTE").collect();
            assert_eq!(notes.len(), number, "{who:?}");
            assert!(notes.iter().all(|event| event["before"].is_null() && event["after"].is_null()));
        }
    }
}

/// The second wall: what PostgreSQL shows to the application in the name of those who are no facilitators.
#[tokio::test]
async fn the_wall_behind_keeps_them_too() {
    let world = World::new(Backend::Postgres).await;
    written(&world).await;
    let (network, client) = (world.cast.network.uuid(), world.cast.client.uuid());
    let list = format!("{{{client}}}");
    let scope = Scope {
        network: network.to_string(),
        wide: "on".into(),
        facts: list.clone(),
        content: list.clone(),
        ..Scope::default()
    };
    for (scope, number) in [(scope.clone(), 0), (Scope { practice: list, ..scope }, 1)] {
        let mut app = world.home.application().await;
        let transaction = app.transaction().await.expect("a transaction");
        transaction.query_one(&scope.sql(), &[]).await.expect("the settings");
        let row = transaction.query_one("select count(*) from client_note", &[]).await.expect("an answer");
        assert_eq!(row.get::<_, i64>(0), number);
    }
    let behind = world.home.behind().await;
    assert_eq!(client_note::Entity::find().all(&behind).await.expect("notes").len(), 1);
}
