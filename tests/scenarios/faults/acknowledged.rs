//! kill -9 right after an acknowledged answer: what the links of e-mails do, exports, imports, transfers; and while an
//! e-mail is sent.

use super::{
    killed::{JOB, done, server},
    rounds, sign_in,
};
use crate::kit::{
    Backend, MailServer, Persona::*, Process, World, assert_counts, document, eventually, get, link, post,
    verify_chains,
};
use chrono::TimeDelta;
use concord::kernel::seams::Seams;
use entity::{Id, action, client_transfer, client_transfer::TransferStatus, outbox};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};
use std::net::SocketAddr;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_acknowledged_lasts_on_sqlite() {
    lasts(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_acknowledged_lasts_on_postgres() {
    lasts(Backend::Postgres).await;
}

const FIRST: &str = "a passage by the river";
const SECOND: &str = "seven lamps on the quay";
/// Rows of an import: several portions.
const ROWS: usize = 250;

async fn lasts(backend: Backend) {
    let world = World::new(backend).await;
    let behind = world.home.behind().await;
    // each kind once, in turn: a start of the program is what takes the time
    for round in 0..rounds().div_ceil(5) {
        links(&world, round).await;
        exports_and_imports(&world, &behind, round).await;
        transfers(&world, &behind).await;
        an_email(&world, &behind, round).await;
    }
    verify_chains(&behind).await.expect("the chains hold");
    assert_counts(&behind).await;
}

/// The access token of a sign-in, where the password is right.
async fn token(address: SocketAddr, email: &str, password: &str) -> Option<String> {
    let input = json!({ "input": { "email": email, "password": password } });
    let reply = post(address, None, &document("signIn", "accessToken"), input).await;
    reply.json()["data"]["signIn"]["accessToken"].as_str().map(str::to_owned)
}

/// Invites a new member of the cast's team.
async fn invite(world: &World, address: SocketAddr, name: &str, email: &str) {
    let sponsor = sign_in(address, Sponsor).await.expect("a token");
    let member = json!({ "teamId": world.cast.team, "name": name, "jobTitle": "Director" });
    let member = done(address, Some(&sponsor), "memberCreate", member, "member { id }").await;
    let invite = json!({ "memberId": member["member"]["id"], "email": email, "role": "LEADER" });
    done(address, Some(&sponsor), "memberInvite", invite, "invitation { id }").await;
}

/// The token of the link to a page in the latest e-mail to an address.
async fn latest_link(world: &World, email: &str, page: &str) -> String {
    let letters = world.emails().await;
    let letter = letters.iter().rev().find(|letter| letter["to"] == email);
    link(letter.unwrap_or_else(|| panic!("an e-mail to {email} in {letters:?}")), page)
}

/// An invitation is accepted, the address changes and changes back, and the password is set again.
async fn links(world: &World, round: usize) {
    let (old, new) = (format!("amir{round}@example.org"), format!("amir{round}.new@example.org"));
    let running = server(world).await;
    invite(world, running.address, &format!("Amir {round}"), &old).await;
    let accept = json!({ "token": latest_link(world, &old, "invitation").await, "password": FIRST });
    done(running.address, None, "invitationAccept", accept, "accessToken").await;
    running.kill();
    let running = server(world).await;
    let mine = token(running.address, &old, FIRST).await.expect("whoever accepted signs in");
    let change = json!({ "email": new, "password": FIRST });
    done(running.address, Some(&mine), "addressChange", change, "done").await;
    running.kill();
    let confirm = json!({ "token": latest_link(world, &new, "address").await });
    let running = server(world).await;
    done(running.address, None, "addressChangeConfirm", confirm, "done").await;
    running.kill();
    let undo = json!({ "token": latest_link(world, &old, "address-undo").await });
    let running = server(world).await;
    token(running.address, &new, FIRST).await.expect("the new address signs in");
    done(running.address, None, "addressChangeUndo", undo, "done").await;
    running.kill();
    let reset = json!({ "token": latest_link(world, &old, "password").await, "password": SECOND });
    let running = server(world).await;
    assert_eq!(token(running.address, &new, FIRST).await, None, "the change is undone");
    done(running.address, None, "passwordReset", reset, "done").await;
    running.kill();
    let running = server(world).await;
    token(running.address, &old, SECOND).await.expect("the old address, and the new password");
    running.kill();
}

/// A file that was made is there whole, and an import that was killed half-way goes on.
async fn exports_and_imports(world: &World, behind: &DatabaseConnection, round: usize) {
    let running = server(world).await;
    let facilitator = sign_in(running.address, Facilitator).await.expect("a token");
    let client = json!({ "clientId": world.cast.client });
    let made =
        done(running.address, Some(&facilitator), "clientExport", client, "dataExport { id rows }").await;
    running.kill();
    let running = server(world).await;
    let id = json!({ "id": made["dataExport"]["id"] });
    let made_link = done(running.address, Some(&facilitator), "exportLink", id, "url").await;
    let url = made_link["url"].as_str().expect("a link");
    let file = get(running.address, &url[url.find("/exports/").expect("a path")..]).await;
    let rows = made["dataExport"]["rows"].as_u64().expect("rows");
    assert_eq!((file.status, file.body.lines().count() as u64), (200, rows + 1));

    let due_on = (Seams::system().now() + TimeDelta::days(30)).date_naive();
    let row = |row| format!("{round}-{row},{},Call {round}-{row},{due_on}\n", world.cast.leader);
    let csv = (0..ROWS).map(row).fold("external_id,owner,title,due_on\n".to_owned(), |csv, row| csv + &row);
    let input = json!({ "teamId": world.cast.team, "csv": csv, "dryRun": false });
    let count = async || action::Entity::find().count(behind).await.expect("a count");
    let before = count().await;
    let (address, asked) = (running.address, json!({ "input": input }));
    let import = document("actionImport", "createdCount existingCount");
    let asking = {
        let (facilitator, import) = (facilitator.clone(), import.clone());
        tokio::spawn(async move { post(address, Some(&facilitator), &import, asked).await })
    };
    eventually("a portion is saved", JOB, async || (count().await > before).then_some(())).await;
    running.kill();
    asking.await.expect("an answer, or none");
    let running = server(world).await;
    let told =
        done(running.address, Some(&facilitator), "actionImport", input, "createdCount existingCount").await;
    running.kill();
    let all = ["createdCount", "existingCount"].map(|rows| told[rows].as_u64().expect("a count"));
    assert!(all[1] > 0 && all[0] + all[1] == ROWS as u64, "{all:?}");
    assert_eq!(count().await, before + ROWS as u64, "each row is there once");
}

/// A transfer that was proposed waits, with its e-mails, and one that was refused has ended.
async fn transfers(world: &World, behind: &DatabaseConnection) {
    let running = server(world).await;
    let admin = sign_in(running.address, Admin).await.expect("a token");
    let transfer = json!({
        "clientId": world.cast.client, "franchiseId": world.cast.other_franchise, "leadId": world.cast.person(Stranger).1,
        "reason": "They moved to Bristol",
    });
    let made =
        done(running.address, Some(&admin), "clientTransfer", transfer, "pendingTransfer { id }").await;
    running.kill();
    let id: &Value = &made["pendingTransfer"]["id"];
    let transfer = Id::<client_transfer::Entity>::parse(id.as_str().expect("an id")).expect("an id");
    let emails = outbox::Entity::find().filter(outbox::Column::SubjectId.eq(transfer.uuid()));
    assert!(emails.count(behind).await.expect("a count") > 0, "the sponsor is written to");
    let running = server(world).await;
    let sponsor = sign_in(running.address, Sponsor).await.expect("a token");
    done(
        running.address,
        Some(&sponsor),
        "clientTransferRefuse",
        json!({ "id": id }),
        "clientTransfer { id }",
    )
    .await;
    running.kill();
    let row = client_transfer::Entity::find_by_id(transfer).one(behind).await.expect("a look");
    assert_eq!(row.map(|row| row.status), Some(TransferStatus::Refused));
}

/// An e-mail whose process is killed while it is sent is sent by the next one, perhaps a second time.
async fn an_email(world: &World, behind: &DatabaseConnection, round: usize) {
    let mails = MailServer::start().await;
    let settings = [("CONCORD_SMTP_URL", mails.url()), ("CONCORD_REQUEST_TIMEOUT", "60")];
    let running = Process::serve_with(&world.home, &settings).await;
    let email = format!("noor{round}@example.org");
    invite(world, running.address, &format!("Noor {round}"), &email).await;
    eventually("the mail server is asked", JOB, async || (mails.attempts() > 0).then_some(())).await;
    running.kill();
    // what was being sent waits for a minute; here, for nothing
    outbox::Entity::update_many()
        .col_expr(outbox::Column::AvailableAt, Expr::value(Seams::system().now()))
        .exec(behind)
        .await
        .expect("e-mails that are due");
    let running = Process::serve_with(&world.home, &settings).await;
    let mut arrived = vec![];
    eventually("it has arrived, and no longer waits", JOB, async || {
        arrived.extend(mails.arrived());
        let waiting = outbox::Entity::find().all(behind).await.expect("the outbox");
        let waits = waiting.iter().any(|row| row.payload["to"] == json!(email));
        (!waits && arrived.iter().any(|letter| letter.to == email)).then_some(())
    })
    .await;
    running.kill();
}
