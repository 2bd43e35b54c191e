//! Exports: what one may read of a client or of a person, in a file of one's own.

use crate::{
    kit::{
        Persona::{self, *},
        World, document, exchange,
        fixtures::{self, Fixtures},
    },
    scenario,
};
use entity::{client_note, data_export, data_export_part};
use sea_orm::{
    ActiveModelTrait, EntityTrait, IntoActiveModel, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
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
        let (fixtures, address) = (Fixtures::of(&world).await, world.listen().await);
        let client = || json!({ "clientId": world.cast.client });
        let pause = json!({ "id": fixtures.home.ids["programme"], "reason": "The sponsor is ill" });
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
        let spare = json!({ "clientId": fixtures.spare.client });
        assert_eq!(world.refused(Facilitator, "clientExport", spare).await.0, "NOT_FOUND");
    }
}

scenario! {
    async fn people_take_out_what_there_is_of_themselves(world: World) {
        let (fixtures, address) = (Fixtures::of(&world).await, world.listen().await);
        let leader = json!({ "id": world.cast.person(Leader).1 });
        let made = world.done(Leader, "personExport", leader.clone(), "dataExport { id kind client { id } }").await;
        assert_eq!((&made["dataExport"]["kind"], &made["dataExport"]["client"]), (&json!("PERSON"), &Value::Null));
        let lines = fetch(&world, address, Leader, &made["dataExport"]["id"]).await;
        let own = world.cast.leader.to_string();
        assert_eq!(rows(&lines, "person")[0]["name"], "Leader");
        assert_eq!(rows(&lines, "member")[0]["id"], json!(own));
        assert!(rows(&lines, "action").iter().all(|action| action["ownerId"] == json!(own)));
        assert_eq!(rows(&lines, "action")[0]["id"], json!(fixtures.home.ids["action"]));
        assert_eq!(rows(&lines, "attendance").len(), 1);
        // another's are head office's to take out, and theirs alone to fetch
        assert_eq!(world.refused(Sponsor, "personExport", leader.clone()).await.0, "NOT_OWNER");
        world.done(Admin, "personExport", leader, "dataExport { id }").await;
        let id = json!({ "id": made["dataExport"]["id"] });
        assert_eq!(world.refused(Admin, "exportLink", id.clone()).await.0, "NOT_FOUND");
        let list = "{ dataExports { totalCount nodes { id } } }";
        let mine = world.read(Leader, list, json!({})).await;
        assert_eq!(mine["dataExports"], json!({ "totalCount": 1, "nodes": [id] }));
    }
}

scenario! {
    async fn what_was_taken_out_ends_with_the_access_to_it(world: World) {
        let client = || json!({ "clientId": world.cast.client });
        let made = world.done(Facilitator, "clientExport", client(), "dataExport { id }").await["dataExport"].clone();
        world.done(Facilitator, "exportLink", made.clone(), "").await;
        let transfer = json!({ "clientId": world.cast.client, "franchiseId": world.cast.other_franchise, "leadId": world.cast.person(Stranger).1 });
        world.transferred(transfer).await;
        assert_eq!(world.refused(Facilitator, "exportLink", made).await, ("NOT_FOUND".into(), "input.id".into()));
    }
}

scenario! {
    async fn a_link_ends_with_the_role_that_the_file_was_made_with(world: World) {
        let (_, address) = (Fixtures::of(&world).await, world.listen().await);
        let made = world.done(Sponsor, "clientExport", json!({ "clientId": world.cast.client }), "dataExport { id }").await;
        let own = world.done(Leader, "personExport", json!({ "id": world.cast.person(Leader).1 }), "dataExport { id }").await;
        let exports = [(Sponsor, made["dataExport"]["id"].clone()), (Leader, own["dataExport"]["id"].clone())];
        let mut links = vec![];
        for (who, id) in &exports {
            links.push(link(&world, *who, id).await);
        }
        // both sponsor the client, or sit in its team, no longer
        let list = "query($id: ID!) { client(id: $id) { memberships { nodes { id role } } } }";
        let held = world.read(Owner, list, json!({ "id": world.cast.client })).await;
        for held in held["client"]["memberships"]["nodes"].as_array().expect("memberships") {
            if held["role"] != "OBSERVER" {
                world.done(Owner, "membershipEnd", json!({ "id": held["id"] }), "").await;
            }
        }
        for ((who, id), link) in exports.iter().zip(links) {
            assert_eq!(get(address, &link).await.0, 404, "{who:?}: the link made before");
            let refused = world.ask(*who, &document("exportLink", ""), json!({ "input": { "id": id } })).await;
            let told = refused.text;
            assert!(told.contains("NOT_FOUND") || told.contains("FORBIDDEN"), "{who:?}: {told}");
        }
    }
}

/// The rows of an export, but for those that tell of visits and of what was done.
fn content(lines: &[Value]) -> BTreeSet<String> {
    let visits = ["audit_event", "support_access", "support_visit"];
    let rows = lines[1..].iter().filter(|line| !visits.contains(&line["table"].as_str().expect("a table")));
    rows.map(Value::to_string).collect()
}

scenario! {
    async fn an_export_during_a_visit_is_one_without(world: World) {
        let (_, address) = (Fixtures::of(&world).await, world.listen().await);
        let exports = [
            ("clientExport", json!({ "clientId": world.cast.client })),
            ("personExport", json!({ "id": world.cast.person(Leader).1 })),
        ];
        let mut before = vec![];
        for (mutation, input) in &exports {
            let made = world.done(Admin, mutation, input.clone(), "dataExport { id }").await;
            before.push(content(&fetch(&world, address, Admin, &made["dataExport"]["id"]).await));
        }
        let access = json!({ "clientId": world.cast.client, "reason": "Help", "endsAt": "2026-03-03T18:00:00Z" });
        let access = world.done(Sponsor, "supportAccessGrant", access, "supportAccess { id }").await["supportAccess"]["id"].clone();
        let visit = json!({ "id": access, "purpose": "To look", "minutes": 60 });
        world.done(Admin, "supportAccessEnter", visit, "").await;
        let mut made_there = vec![];
        for ((mutation, input), before) in exports.iter().zip(&before) {
            let made = world.done(Admin, mutation, input.clone(), "dataExport { id }").await["dataExport"]["id"].clone();
            assert_eq!(&content(&fetch(&world, address, Admin, &made).await), before, "{mutation}");
            made_there.push(made);
        }
        // and it holds after the visit, as nothing of the visit is in it
        world.done(Admin, "supportAccessLeave", json!({ "id": access }), "").await;
        for (made, before) in made_there.iter().zip(&before) {
            assert_eq!(&content(&fetch(&world, address, Admin, made).await), before);
        }
    }
}

scenario! {
    async fn an_export_is_of_one_snapshot_while_others_write(world: World) {
        let (fixtures, address) = (Fixtures::of(&world).await, world.listen().await);
        let id = &fixtures.home.ids["action"];
        let writing = async {
            for day in 0..40 {
                let input = json!({ "id": id, "dueOn": format!("2026-04-{:02}", 1 + day % 30), "reason": "Later" });
                world.done(Leader, "actionRedate", input, "").await;
            }
        };
        let making = async {
            let mut all = vec![];
            for _ in 0..5 {
                let made = world.done(Facilitator, "clientExport", json!({ "clientId": world.cast.client }), "dataExport { id }").await;
                all.push(made["dataExport"]["id"].clone());
            }
            all
        };
        let ((), exports) = futures::join!(writing, making);
        let mut seen = BTreeSet::new();
        for export in exports {
            let lines = fetch(&world, address, Facilitator, &export).await;
            let action = rows(&lines, "action").into_iter().find(|row| row["id"] == json!(id)).expect("the action").clone();
            let moves = rows(&lines, "action_move").iter().filter(|row| row["actionId"] == json!(id)).count() as i64;
            let events = rows(&lines, "audit_event").iter().filter(|row| row["noun"] == "action").count() as i64;
            // the fixtures made the action without events: beside them, versions and moves are always as far ahead
            let of = |name: &str| action[name].as_i64().expect("a number");
            seen.insert((of("version") - events, of("moves") - moves));
        }
        assert_eq!(seen.len(), 1, "tables are of one instant: {seen:?}");
    }
}

scenario! {
    async fn a_person_makes_one_export_at_a_time_and_keeps_five(world: World) {
        let client = || json!({ "clientId": world.cast.client });
        let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
        let running = data_export::Model {
            id: write.id(),
            network_id: world.cast.network,
            client_id: None,
            person_id: world.cast.person(Sponsor).1,
            kind: data_export::ExportKind::Person,
            subject_id: world.cast.client.uuid(),
            rows: 0,
            bytes: 0,
            created_at: write.now(),
            expires_at: write.now() + chrono::TimeDelta::days(7),
            made_at: None,
            held: "[]".into(),
            version: 1,
        };
        let id = json!({ "id": running.id });
        fixtures::add::<data_export::Entity>(&write, running).await;
        write.commit_quietly().await.expect("an export in the making");
        assert_eq!(world.refused(Sponsor, "clientExport", client()).await, ("LIMIT_REACHED".into(), "input".into()));
        assert_eq!(world.refused(Sponsor, "exportLink", id).await.0, "WRONG_STATE");
        world.done(Facilitator, "clientExport", client(), "").await;
        // its process is gone
        world.at("2026-03-02T09:02:00Z");
        let mut made = vec![];
        for minute in 3..9 {
            made.push(world.done(Sponsor, "clientExport", client(), "dataExport { id }").await["dataExport"]["id"].clone());
            world.at(&format!("2026-03-02T09:{minute:02}:00Z"));
        }
        made.reverse();
        let kept = world.read(Sponsor, "{ dataExports { nodes { id } } }", json!({})).await;
        let kept: Vec<&Value> = kept["dataExports"]["nodes"].as_array().expect("exports").iter().map(|node| &node["id"]).collect();
        assert_eq!(kept, made[..5].iter().collect::<Vec<_>>());
    }
}

scenario! {
    async fn a_large_file_is_kept_and_sent_in_parts_beside_whoever_writes(world: World) {
        let address = world.listen().await;
        let write = world.app.kernel.system(world.cast.network).await.expect("a system transaction");
        let notes = (0..1_200).map(|at| {
            let note = client_note::Model {
                id: write.id(),
                network_id: world.cast.network,
                client_id: world.cast.client,
                person_id: world.cast.person(Facilitator).1,
                text: format!("{at} {}", "x".repeat(1_000)),
                pinned: false,
                created_at: write.now(),
                archived_at: None,
                version: 1,
            };
            note.into_active_model().reset_all()
        });
        write.insert_unaudited::<client_note::Entity>(notes.collect()).await.expect("notes");
        write.commit_quietly().await.expect("notes");
        let made = world.done(Facilitator, "clientExport", json!({ "clientId": world.cast.client }), "dataExport { id bytes rows }").await;
        let made = &made["dataExport"];
        let link = link(&world, Facilitator, &made["id"]).await;
        let behind = world.home.behind().await;
        let parts = data_export_part::Entity::find().all(&behind).await.expect("the parts");
        let sizes: Vec<usize> = parts.iter().map(|part| part.text.len()).collect();
        assert!(sizes.len() >= 3 && sizes.iter().all(|size| *size <= 600 * 1024), "{sizes:?}");
        assert!(parts.iter().all(|part| part.text.ends_with('\n')), "parts are whole lines");
        // the writer is busy
        let mode = (world.backend == Backend::Sqlite).then_some(SqliteTransactionMode::Immediate);
        let options = TransactionOptions { sqlite_transaction_mode: mode, ..TransactionOptions::default() };
        let busy = behind.begin_with_options(options).await.expect("the lock");
        let (status, text) = get(address, &link).await;
        busy.rollback().await.expect("the lock's end");
        assert_eq!((status, text.len()), (200, made["bytes"].as_u64().expect("bytes") as usize));
        let notes = text.lines().filter(|line| line.contains("\"client_note\"")).count();
        assert_eq!((notes, text.lines().count() as i64 - 1), (1_200, made["rows"].as_i64().expect("rows")));
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
        assert_eq!(get(address, &first).await.0, 200, "another one was made");
        let abroad = second.replace(&world.cast.network.to_string(), &world.cast.abroad.to_string());
        // the signature of one link with the end of another
        world.at("2026-03-02T09:01:00Z");
        let later = link(&world, Sponsor, &id).await;
        world.at("2026-03-02T09:00:00Z");
        let signature = second.rfind("cex_").expect("a token") + 47;
        let forged = format!("{}{}", &second[..signature], &later[signature..]);
        for wrong in [abroad, second.replace("cex_", "cit_"), format!("{second}x"), "/exports/x/y".into(), forged] {
            assert_eq!(get(address, &wrong).await.0, 404, "{wrong}");
        }
        let before = world.app.kernel.writing_transactions();
        let third = link(&world, Sponsor, &id).await;
        assert_eq!(get(address, &third).await.0, 200);
        assert_eq!(world.app.kernel.writing_transactions(), before, "neither a link nor a download writes");
        world.at("2026-03-02T09:05:00Z");
        assert_eq!(get(address, &second).await.0, 404, "five minutes are over");
        world.at("2026-03-09T08:59:00Z");
        assert_eq!(get(address, &link(&world, Sponsor, &id).await).await.0, 200);
        world.at("2026-03-09T09:00:00Z");
        let id = json!({ "id": id });
        assert_eq!(world.refused(Sponsor, "exportLink", id).await.0, "WRONG_STATE");
        assert_eq!(world.read(Sponsor, "{ dataExports { totalCount } }", json!({})).await["dataExports"]["totalCount"], 0);
    }
}
