//! kill -9 right after an acknowledged answer about sign-ins; those among them that only send an e-mail.
//! `acknowledged.rs` has the other kinds, and `crash.rs` kills in the middle of many writes.

use super::{rounds, sign_in, try_sign_in};
use crate::kit::{
    Backend, PASSWORD,
    Persona::{self, *},
    Process, Reply, World, assert_counts, document, eventually, post, verify_chains,
};
use entity::{outbox, password_reset};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use std::{net::SocketAddr, time::Duration};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_every_kind_of_answer_on_sqlite() {
    lasts(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_every_kind_of_answer_on_postgres() {
    lasts(Backend::Postgres).await;
}

/// Longest until a job sees to what a dead process left.
pub(super) const JOB: Duration = Duration::from_secs(30);

async fn lasts(backend: Backend) {
    let world = World::new(backend).await;
    let behind = world.home.behind().await;
    // each kind once, in turn: a start of the program is what takes the time
    for round in 0..rounds().div_ceil(5) {
        invitation(&world, &behind, round).await;
        sign_ins(&world).await;
        password(&world, round).await;
        forgotten(&world, &behind, round).await;
    }
    verify_chains(&behind).await.expect("the chains hold");
    assert_counts(&behind).await;
}

/// A server whose e-mails stay in the outbox. It has time to hash passwords where many tests run at once.
pub(super) async fn server(world: &World) -> Process {
    Process::serve_with(&world.home, &[("CONCORD_JOBS", "false"), ("CONCORD_REQUEST_TIMEOUT", "60")]).await
}

pub(super) async fn done(
    address: SocketAddr,
    token: Option<&str>,
    mutation: &str,
    input: Value,
    selection: &str,
) -> Value {
    let reply = post(address, token, &document(mutation, selection), json!({ "input": input })).await;
    let payload = reply.json()["data"][mutation].clone();
    assert_eq!(payload["errors"], json!([]), "{mutation}: {reply:?}");
    payload
}

async fn invitation(world: &World, behind: &DatabaseConnection, round: usize) {
    let running = server(world).await;
    let sponsor = sign_in(running.address, Sponsor).await.expect("a token");
    let email = format!("nadia{round}@example.org");
    let member =
        json!({ "teamId": world.cast.team, "name": format!("Nadia {round}"), "jobTitle": "Director" });
    let member = done(running.address, Some(&sponsor), "memberCreate", member, "member { id }").await;
    let invite = json!({ "memberId": member["member"]["id"], "email": email, "role": "LEADER" });
    done(running.address, Some(&sponsor), "memberInvite", invite, "invitation { id }").await;
    running.kill();
    let mails = outbox::Entity::find()
        .filter(outbox::Column::Kind.eq(outbox::EmailKind::Invitation))
        .all(behind)
        .await;
    let mails = mails.expect("the outbox");
    assert!(mails.iter().any(|mail| mail.payload["to"] == json!(email)), "{email} in {mails:?}");
}

/// What is acknowledged of a sign-in is so for the next process: it began, went on, and ended.
async fn sign_ins(world: &World) {
    let running = server(world).await;
    let begun = try_sign_in(running.address, Leader).await;
    running.kill();
    let first = refresh_token(&begun, "signIn");
    let running = server(world).await;
    let refreshed = refresh(running.address, &first).await;
    running.kill();
    let second = refresh_token(&refreshed, "tokenRefresh");
    let running = server(world).await;
    let refreshed = refresh(running.address, &second).await;
    let access = refreshed.json()["data"]["tokenRefresh"]["accessToken"].clone();
    let third = refresh_token(&refreshed, "tokenRefresh");
    let out = "mutation { signOut(input: {}) { done errors { code } } }";
    let out = post(running.address, access.as_str(), out, json!({})).await;
    running.kill();
    assert_eq!(out.json()["data"]["signOut"]["done"], true, "{out:?}");
    let running = server(world).await;
    let over = refresh(running.address, &third).await;
    assert_eq!(over.json()["data"]["tokenRefresh"]["errors"][0]["code"], "NOT_AUTHENTICATED", "{over:?}");
}

async fn refresh(address: SocketAddr, token: &str) -> Reply {
    let document = document("tokenRefresh", "accessToken refreshToken");
    post(address, None, &document, json!({ "input": { "refreshToken": token } })).await
}

fn refresh_token(reply: &Reply, mutation: &str) -> String {
    let token = reply.json()["data"][mutation]["refreshToken"].as_str().map(str::to_owned);
    token.unwrap_or_else(|| panic!("{reply:?}"))
}

async fn password(world: &World, round: usize) {
    let password = |round: usize| match round {
        0 => PASSWORD.to_owned(),
        round => format!("a passage by river number {round}"),
    };
    let sign_in = |address, password: String| async move {
        let input = json!({ "email": Persona::Observer.email(), "password": password });
        let document = document("signIn", "accessToken");
        let reply = post(address, None, &document, json!({ "input": input })).await;
        reply.json()["data"]["signIn"]["accessToken"].as_str().map(str::to_owned)
    };
    let running = server(world).await;
    let token = sign_in(running.address, password(round)).await.expect("a token");
    let input = json!({ "current": password(round), "next": password(round + 1) });
    done(running.address, Some(&token), "passwordChange", input, "done").await;
    running.kill();
    let running = server(world).await;
    assert_eq!(sign_in(running.address, password(round)).await, None, "the old password");
    sign_in(running.address, password(round + 1)).await.expect("the new password");
}

/// Nothing but an e-mail comes of this: it is written by whichever process is next.
async fn forgotten(world: &World, behind: &DatabaseConnection, round: usize) {
    let running = server(world).await;
    let input = json!({ "email": Analyst.email() });
    done(running.address, None, "passwordResetSend", input, "done").await;
    running.kill();
    let running = Process::serve(&world.home).await;
    eventually("the e-mail is written", JOB, async || {
        let links = password_reset::Entity::find().count(behind).await.expect("a count");
        (links == round as u64 + 1).then_some(())
    })
    .await;
    running.kill();
}
