//! Exports: what one may read of a client or of a person, in a file of one's own.

use crate::{
    estate::Estate,
    kit::{Persona, Persona::*, World, document, exchange},
    scenario,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, net::SocketAddr};

/// Makes a link to an export, and fetches it: the lines.
async fn fetch(world: &World, address: SocketAddr, who: Persona, id: &Value) -> Vec<Value> {
    let url = link(world, who, id).await;
    let reply = get(address, &url).await;
    assert!(reply.0 == 200, "{url}: {}", reply.1);
    reply.1.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
}

async fn link(world: &World, who: Persona, id: &Value) -> String {
    let made = world.done(who, "exportLink", json!({ "id": id }), "url until").await;
    let url = made["url"].as_str().expect("a link");
    url.strip_prefix("http://127.0.0.1:8080").expect("where the service is reached").to_owned()
}

async fn get(address: SocketAddr, path: &str) -> (u16, String) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: concord\r\nConnection: close\r\n\r\n");
    let reply = exchange(address, request.as_bytes()).await;
    let whole = reply.header("content-length").is_some();
    assert!(whole || reply.status != 200, "{}", reply.head);
    (reply.status, reply.body)
}

fn tables(lines: &[Value]) -> BTreeSet<&str> {
    lines.iter().filter_map(|line| line["table"].as_str()).collect()
}

fn rows<'a>(lines: &'a [Value], table: &'a str) -> Vec<&'a Value> {
    lines.iter().filter(move |line| line["table"] == table).map(|line| &line["row"]).collect()
}

scenario! {
    async fn a_client_is_taken_out_as_far_as_one_may_read(world: World) {
        let (estate, address) = (Estate::of(&world).await, world.listen().await);
        let client = || json!({ "clientId": world.cast.client });
        let pause = json!({ "id": estate.home.ids["programme"], "reason": "The sponsor is ill" });
        world.done(Facilitator, "programmePause", pause, "").await;
        let made = world.done(Facilitator, "clientExport", client(), "dataExport { id kind rows bytes client { name } }").await;
        let export = &made["dataExport"];
        assert_eq!((&export["kind"], &export["client"]["name"]), (&json!("CLIENT"), &json!("Acorn Mills")));
        let lines = fetch(&world, address, Facilitator, &export["id"]).await;
        assert_eq!((lines[0]["export"].as_str(), lines.len() as i64 - 1), (Some("client"), export["rows"].as_i64().expect("rows")));
        for table in ["client", "team", "member", "programme", "priority", "action", "action_move", "session"] {
            assert!(tables(&lines).contains(table), "{table}: {:?}", tables(&lines));
        }
        let of: BTreeSet<&str> = lines[1..].iter().filter_map(|line| line["row"]["clientId"].as_str()).collect();
        assert_eq!(of, BTreeSet::from([world.cast.client.to_string().as_str()]), "rows of this client alone");
        assert_eq!(rows(&lines, "action").len(), 2, "of both teams");
        let text = lines.iter().map(Value::to_string).collect::<String>();
        assert!(!text.contains("Hash\""), "no secret's hash: {text}");
        // head office takes out facts
        let made = world.done(Admin, "clientExport", client(), "dataExport { id }").await;
        let facts = fetch(&world, address, Admin, &made["dataExport"]["id"]).await;
        assert!(rows(&lines, "programme").iter().any(|row| row["reason"] == "The sponsor is ill"), "{lines:?}");
        assert!(rows(&facts, "programme").iter().all(|row| row["reason"].is_null()), "without the words among them");
        let facts = tables(&facts);
        assert!(facts.contains("programme") && facts.contains("client"), "{facts:?}");
        for content in ["member", "priority", "action", "session", "attendance"] {
            assert!(!facts.contains(content), "{content} is content");
        }
        for who in [Leader, Observer, Analyst] {
            let told = world.ask(who, &document("clientExport", ""), json!({ "input": client() })).await;
            assert_eq!(told.json["errors"][0]["extensions"]["code"], "FORBIDDEN", "{who:?}");
        }
        let spare = json!({ "clientId": estate.spare.client });
        assert_eq!(world.refused(Facilitator, "clientExport", spare).await.0, "NOT_FOUND");
    }
}

scenario! {
    async fn people_take_out_what_there_is_of_themselves(world: World) {
        let (estate, address) = (Estate::of(&world).await, world.listen().await);
        let leader = json!({ "id": world.cast.person(Leader).1 });
        let made = world.done(Leader, "personExport", leader.clone(), "dataExport { id kind client { id } }").await;
        assert_eq!((&made["dataExport"]["kind"], &made["dataExport"]["client"]), (&json!("PERSON"), &Value::Null));
        let lines = fetch(&world, address, Leader, &made["dataExport"]["id"]).await;
        let own = world.cast.leader.to_string();
        assert_eq!(rows(&lines, "person")[0]["name"], "Leader");
        assert_eq!(rows(&lines, "member")[0]["id"], json!(own));
        assert!(rows(&lines, "action").iter().all(|action| action["ownerId"] == json!(own)));
        assert_eq!(rows(&lines, "action")[0]["id"], json!(estate.home.ids["action"]));
        assert_eq!(rows(&lines, "attendance").len(), 1);
        // another's are head office's to take out, and theirs alone to fetch
        assert_eq!(world.refused(Sponsor, "personExport", leader.clone()).await.0, "NOT_OWNER");
        world.done(Admin, "personExport", leader, "dataExport { id }").await;
        let id = json!({ "id": made["dataExport"]["id"] });
        assert_eq!(world.refused(Admin, "exportLink", id.clone()).await.0, "NOT_FOUND");
        let list = "{ exports { totalCount nodes { id } } }";
        let mine = world.read(Leader, list, json!({})).await;
        assert_eq!(mine["exports"], json!({ "totalCount": 1, "nodes": [id] }));
    }
}

scenario! {
    async fn what_was_taken_out_ends_with_the_access_to_it(world: World) {
        let client = || json!({ "clientId": world.cast.client });
        let made = world.done(Facilitator, "clientExport", client(), "dataExport { id }").await["dataExport"].clone();
        world.done(Facilitator, "exportLink", made.clone(), "").await;
        let transfer = json!({ "clientId": world.cast.client, "franchiseId": world.cast.other_franchise, "leadId": world.cast.person(Stranger).1 });
        world.done(Admin, "clientTransfer", transfer, "").await;
        assert_eq!(world.refused(Facilitator, "exportLink", made).await, ("NOT_FOUND".into(), "input.id".into()));
        // and what a visit shows is not taken out at all
        let access = json!({ "clientId": world.cast.client, "reason": "Help", "endsAt": "2026-03-03T18:00:00Z" });
        let access = world.done(Sponsor, "supportAccessGrant", access, "supportAccess { id }").await["supportAccess"]["id"].clone();
        let visit = json!({ "id": access, "purpose": "To look", "minutes": 60 });
        world.done(Admin, "supportAccessEnter", visit, "").await;
        assert_eq!(world.refused(Admin, "clientExport", client()).await, ("WRONG_STATE".into(), "input.clientId".into()));
        world.done(Admin, "supportAccessLeave", json!({ "id": access }), "").await;
        world.done(Admin, "clientExport", client(), "").await;
    }
}

scenario! {
    async fn links_and_files_end(world: World) {
        let address = world.listen().await;
        let made = world.done(Sponsor, "clientExport", json!({ "clientId": world.cast.client }), "dataExport { id }").await;
        let id = made["dataExport"]["id"].clone();
        let first = link(&world, Sponsor, &id).await;
        assert_eq!(get(address, &first).await.0, 200);
        let second = link(&world, Sponsor, &id).await;
        assert_eq!(get(address, &first).await, (404, "not found\n".into()), "another one was made");
        let abroad = second.replace(&world.cast.network.to_string(), &world.cast.abroad.to_string());
        for wrong in [abroad, second.replace("cex_", "cit_"), format!("{second}x"), "/exports/x/y".into()] {
            assert_eq!(get(address, &wrong).await.0, 404, "{wrong}");
        }
        world.at("2026-03-02T09:05:00Z");
        assert_eq!(get(address, &second).await.0, 404, "five minutes are over");
        world.at("2026-03-09T08:59:00Z");
        assert_eq!(get(address, &link(&world, Sponsor, &id).await).await.0, 200);
        world.at("2026-03-09T09:00:00Z");
        let id = json!({ "id": id });
        assert_eq!(world.refused(Sponsor, "exportLink", id).await.0, "WRONG_STATE");
        assert_eq!(world.read(Sponsor, "{ exports { totalCount } }", json!({})).await["exports"]["totalCount"], 0);
    }
}
