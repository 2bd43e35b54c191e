//! Credentials, from the first sign-in to the last: over real HTTP, as an attacker would try them.

use crate::{
    kit::{Backend, PASSWORD, Persona::*, Reply, World, get, link, post},
    scenario,
};
use entity::audit_event;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

const SIGN_IN: &str = "mutation($input: SignInInput!) { signIn(input: $input) {
    accessToken refreshToken expiresIn errors { code message path } } }";
const REFRESH: &str = "mutation($input: TokenRefreshInput!) { tokenRefresh(input: $input) {
    accessToken refreshToken errors { code message path } } }";
const CHANGE: &str =
    "mutation($input: PasswordChangeInput!) { passwordChange(input: $input) { done errors { code } } }";
const FORGOT: &str = "mutation($input: PasswordResetSendInput!) { passwordResetSend(input: $input) {
    done errors { code message path } } }";
const RESET: &str = "mutation($input: PasswordResetInput!) { passwordReset(input: $input) {
    done errors { code message path } } }";
const WHO: &str = "{ viewer { person { email } } }";

scenario! {
    async fn a_refresh_token_is_exchanged_for_the_next(world: World) {
        let address = world.listen().await;
        let (access, first) = signed_in(address, &Leader.email(), PASSWORD).await;
        let who = post(address, Some(&access), WHO, json!({})).await;
        assert_eq!(who.json()["data"]["viewer"]["person"]["email"], json!(Leader.email()));
        let (access, second) = refreshed(address, &first).await.expect("the first token works");
        assert_ne!(first, second);
        assert_eq!(post(address, Some(&access), WHO, json!({})).await.status, 200);
        assert_eq!(refreshed(address, "nonsense").await, Err("NOT_AUTHENTICATED".into()));
    }
}

scenario! {
    async fn a_refresh_token_expires(world: World) {
        let address = world.listen().await;
        let (access, refresh) = signed_in(address, &Leader.email(), PASSWORD).await;
        world.at("2026-03-02T09:10:00Z");
        assert_eq!(post(address, Some(&access), WHO, json!({})).await.status, 401, "five minutes are over");
        let (_, refresh) = refreshed(address, &refresh).await.expect("a refresh");
        world.at("2027-03-02T09:10:00Z");
        assert_eq!(refreshed(address, &refresh).await, Err("NOT_AUTHENTICATED".into()));
    }
}

scenario! {
    async fn signing_out_ends_both_tokens(world: World) {
        let address = world.listen().await;
        let (access, refresh) = signed_in(address, &Leader.email(), PASSWORD).await;
        let (other, _) = signed_in(address, &Leader.email(), PASSWORD).await;
        let out = post(address, Some(&access), "mutation { signOut(input: {}) { done errors { code } } }", json!({})).await;
        assert_eq!(out.json()["data"]["signOut"], json!({ "done": true, "errors": [] }));
        assert_eq!(post(address, Some(&access), WHO, json!({})).await.status, 401);
        assert_eq!(refreshed(address, &refresh).await, Err("NOT_AUTHENTICATED".into()));
        assert_eq!(post(address, Some(&other), WHO, json!({})).await.status, 200, "another sign-in goes on");
        let nobody = post(address, None, "mutation { signOut(input: {}) { done errors { code } } }", json!({})).await;
        assert_eq!((nobody.status, nobody.code().as_str()), (401, "UNAUTHENTICATED"));
    }
}

scenario! {
    async fn signing_out_everywhere_ends_every_sign_in_of_the_caller(world: World) {
        let address = world.listen().await;
        let (mine, refresh) = signed_in(address, &Leader.email(), PASSWORD).await;
        let (other, other_refresh) = signed_in(address, &Leader.email(), PASSWORD).await;
        let (sponsor, _) = signed_in(address, &Sponsor.email(), PASSWORD).await;
        let out = "mutation { signOut(input: { everywhere: true }) { done errors { code } } }";
        let out = post(address, Some(&mine), out, json!({})).await;
        assert_eq!(out.json()["data"]["signOut"], json!({ "done": true, "errors": [] }));
        for (access, refresh) in [(&mine, &refresh), (&other, &other_refresh)] {
            assert_eq!(post(address, Some(access), WHO, json!({})).await.status, 401);
            assert_eq!(refreshed(address, refresh).await, Err("NOT_AUTHENTICATED".into()));
        }
        assert_eq!(post(address, Some(&sponsor), WHO, json!({})).await.status, 200, "another person's sign-in goes on");
        signed_in(address, &Leader.email(), PASSWORD).await;
    }
}

scenario! {
    async fn a_new_password_ends_the_other_sign_ins(world: World) {
        let address = world.listen().await;
        let (mine, _) = signed_in(address, &Leader.email(), PASSWORD).await;
        let (other, refresh) = signed_in(address, &Leader.email(), PASSWORD).await;
        let next = "a passage by the river";
        let change = async |current: &str, next: &str| {
            let input = json!({ "input": { "current": current, "next": next } });
            post(address, Some(&mine), CHANGE, input).await.json()["data"]["passwordChange"].clone()
        };
        let wrong = change("not my password", next).await;
        assert_eq!(wrong, json!({ "done": false, "errors": [{ "code": "NOT_AUTHENTICATED" }] }));
        assert_eq!(change(PASSWORD, "short").await, json!({ "done": false, "errors": [{ "code": "INVALID" }] }));
        assert_eq!(change(PASSWORD, next).await, json!({ "done": true, "errors": [] }));
        assert_eq!(post(address, Some(&mine), WHO, json!({})).await.status, 200);
        assert_eq!(post(address, Some(&other), WHO, json!({})).await.status, 401);
        assert_eq!(refreshed(address, &refresh).await, Err("NOT_AUTHENTICATED".into()));
        let old = sign_in(address, &Leader.email(), PASSWORD).await;
        assert_eq!(code(&old, "signIn"), "NOT_AUTHENTICATED");
        signed_in(address, &Leader.email(), next).await;
    }
}

scenario! {
    async fn a_forgotten_password_is_set_by_the_link_of_a_letter(world: World) {
        let address = world.listen().await;
        let (access, refresh) = signed_in(address, &Leader.email(), PASSWORD).await;
        for _ in 0..5 {
            sign_in(address, &Leader.email(), "what was it again").await;
        }
        let asked = [
            forgot(address, "nobody@example.com").await,
            forgot(address, &Leader.email().to_uppercase()).await,
            forgot(address, &Leader.email()).await,
        ];
        let letters = letters(&world, 2).await;
        assert!(letters.iter().all(|letter| letter["to"] == json!(Leader.email())), "{letters:?}");
        assert!(asked.iter().all(|reply| reply.body == asked[0].body), "{}", asked[0].body);
        assert_eq!(asked[0].json()["data"]["passwordResetSend"], json!({ "done": true, "errors": [] }));
        let (first, second) = (link(&letters[0], "password"), link(&letters[1], "password"));
        let next = "a passage by the river";
        let refused = |reply: Reply| {
            let error = reply.json()["data"]["passwordReset"]["errors"][0].clone();
            (error["code"].as_str().unwrap_or_default().to_owned(), error["path"][1].clone())
        };
        let unknown = "cpt_nonsense".to_owned();
        let other = format!("{}A", &first[..first.len() - 1]);
        let other = if other == first { format!("{}B", &first[..first.len() - 1]) } else { other };
        for token in [&unknown, &other] {
            assert_eq!(refused(reset(address, token, next).await), ("NOT_AUTHENTICATED".into(), json!("token")));
        }
        assert_eq!(refused(reset(address, &first, "short").await), ("INVALID".into(), json!("password")));
        assert_eq!(post(address, Some(&access), WHO, json!({})).await.status, 200, "nothing has happened yet");
        let set = reset(address, &first, next).await;
        assert_eq!(set.json()["data"]["passwordReset"], json!({ "done": true, "errors": [] }));
        assert_eq!(post(address, Some(&access), WHO, json!({})).await.status, 401);
        assert_eq!(refreshed(address, &refresh).await, Err("NOT_AUTHENTICATED".into()));
        // the link worked once, and the other one is for a password that is no more
        for token in [&first, &second] {
            assert_eq!(refused(reset(address, token, "yet another passage").await).0, "NOT_AUTHENTICATED");
        }
        assert_eq!(code(&sign_in(address, &Leader.email(), PASSWORD).await, "signIn"), "NOT_AUTHENTICATED");
        signed_in(address, &Leader.email(), next).await;
        let told: Vec<String> = audit_event::Entity::find()
            .filter(audit_event::Column::SubjectId.eq(world.cast.person(Leader).1.uuid()))
            .order_by_asc(audit_event::Column::Id)
            .all(&world.home.behind().await)
            .await
            .expect("the audit")
            .into_iter()
            .map(|event| event.verb)
            .filter(|verb| verb.starts_with("password"))
            .collect();
        assert_eq!(told, ["passwordResetSend", "passwordResetSend", "passwordReset"]);
    }
}

scenario! {
    async fn a_link_to_set_a_password_lasts_an_hour_and_three_are_sent_in_one(world: World) {
        let address = world.listen().await;
        for _ in 0..3 {
            forgot(address, &Leader.email()).await;
        }
        assert_eq!(code(&forgot(address, &Leader.email()).await, "passwordResetSend"), "TOO_MANY_ATTEMPTS");
        assert_eq!(code(&forgot(address, "no address").await, "passwordResetSend"), "INVALID");
        let letters = letters(&world, 3).await;
        world.at("2026-03-02T10:00:01Z");
        for letter in &letters {
            let reply = reset(address, &link(letter, "password"), "a passage by the river").await;
            assert_eq!(code(&reply, "passwordReset"), "NOT_AUTHENTICATED");
        }
        signed_in(address, &Leader.email(), PASSWORD).await;
    }
}

scenario! {
    async fn guesses_at_links_do_not_come_in_bulk(world: World) {
        let address = world.listen().await;
        let twice = "mutation($input: PasswordResetInput!) {
            a: passwordReset(input: $input) { done } b: passwordReset(input: $input) { done } }";
        let input = json!({ "input": { "token": "cpt_nonsense", "password": "a passage by the river" } });
        assert_eq!(post(address, None, twice, input).await.status, 400);
        let twice = r#"mutation { a: passwordResetSend(input: { email: "a@example.com" }) { done }
            b: passwordResetSend(input: { email: "b@example.com" }) { done } }"#;
        assert_eq!(post(address, None, twice, json!({})).await.status, 400);
    }
}

scenario! {
    async fn nobody_learns_who_has_an_account(world: World) {
        let address = world.listen().await;
        let wrong = sign_in(address, &Leader.email(), "not the password").await;
        let unknown = sign_in(address, "nobody@example.com", "not the password").await;
        assert_eq!(code(&wrong, "signIn"), "NOT_AUTHENTICATED");
        assert_eq!(wrong.body, unknown.body);
        assert_eq!(wrong.status, unknown.status);
        for email in [Leader.email(), "nobody@example.com".to_owned()] {
            for attempt in 2..=5 {
                let reply = sign_in(address, &email, "not the password").await;
                assert_eq!(code(&reply, "signIn"), "NOT_AUTHENTICATED", "attempt {attempt} as {email}");
            }
            let reply = sign_in(address, &email, PASSWORD).await;
            assert_eq!(code(&reply, "signIn"), "TOO_MANY_ATTEMPTS", "the right password comes too late, {email}");
        }
        signed_in(address, &Sponsor.email(), PASSWORD).await;
    }
}

scenario! {
    async fn forged_tokens_do_not_hold(world: World) {
        let address = world.listen().await;
        let token = world.token(Admin);
        assert_eq!(post(address, Some(&token), WHO, json!({})).await.status, 200);
        let parts: Vec<&str> = token.split('.').collect();
        let stranger = world.token(Stranger);
        let foreign: Vec<&str> = stranger.split('.').collect();
        // {"alg":"none"} and {"alg":"HS256","typ":"JWT"}
        let (none, symmetric) = ("eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9");
        let forged = [
            format!("{none}.{}.", parts[1]),
            format!("{none}.{}.{}", parts[1], parts[2]),
            format!("{symmetric}.{}.{}", parts[1], parts[2]),
            format!("{}.{}.{}", parts[0], parts[1], foreign[2]),
            format!("{}.{}.{}", parts[0], foreign[1], parts[2]),
            format!("{}.{}.", parts[0], parts[1]),
            format!("{token}."),
        ];
        for forged in forged {
            let reply = post(address, Some(&forged), WHO, json!({})).await;
            assert_eq!((reply.status, reply.code().as_str()), (401, "UNAUTHENTICATED"), "{forged}");
        }
        assert_eq!(get(address, "/healthz").await.status, 200);
    }
}

/// What was logged.
#[derive(Clone, Default)]
pub struct Log(pub Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Log;
    fn make_writer(&self) -> Log {
        self.clone()
    }
}

#[tokio::test]
async fn logs_hold_no_secrets() {
    let log = Log::default();
    let filter = EnvFilter::new("info,concord=trace,hyper=trace,tower_http=trace,sea_orm=trace,sqlx=trace");
    let subscriber = tracing_subscriber::fmt().with_env_filter(filter).with_writer(log.clone()).finish();
    // a test's runtime has one thread, so this hears all of its tasks
    let _heard = tracing::subscriber::set_default(subscriber);
    let world = World::new(Backend::Postgres).await;
    let address = world.listen().await;
    tracing::info!("the log is heard");
    let (access, refresh) = signed_in(address, &Leader.email(), PASSWORD).await;
    sign_in(address, &Leader.email(), "a wrong password of mine").await;
    let (next, _) = refreshed(address, &refresh).await.expect("a refresh");
    forgot(address, &Leader.email()).await;
    let forgotten = link(&letters(&world, 1).await[0], "password");
    reset(address, &forgotten, "short").await;
    let create = "mutation($input: ActionCreateInput!) { actionCreate(input: $input) { action { id } errors { code } } }";
    let input = json!({ "input": { "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(),
        "title": "Talk to the confidential buyer", "dueOn": "2026-03-20" } });
    assert_eq!(post(address, Some(&next), create, input.clone()).await.status, 200);
    // failures talk most
    world.home.superuser().await.batch_execute("drop table action cascade").await.expect("the table is gone");
    let failed = post(address, Some(&next), create, input).await;
    assert_eq!(failed.code(), "INTERNAL");
    let heard = String::from_utf8_lossy(&log.0.lock().expect("the log")).into_owned();
    assert!(heard.contains("the log is heard"));
    assert!(heard.contains("the database refused"), "{heard}");
    let signature = access.rsplit('.').next().expect("a signature");
    for secret in [
        PASSWORD,
        "a wrong password",
        &access,
        signature,
        &refresh,
        &next,
        &forgotten,
        "confidential buyer",
        "$argon2",
    ] {
        assert!(!heard.contains(secret), "{secret} is in the log:\n{heard}");
    }
}

async fn sign_in(address: SocketAddr, email: &str, password: &str) -> Reply {
    post(address, None, SIGN_IN, json!({ "input": { "email": email, "password": password } })).await
}

async fn forgot(address: SocketAddr, email: &str) -> Reply {
    post(address, None, FORGOT, json!({ "input": { "email": email } })).await
}

async fn reset(address: SocketAddr, token: &str, password: &str) -> Reply {
    post(address, None, RESET, json!({ "input": { "token": token, "password": password } })).await
}

/// The letters that wait to be sent, once there are so many: they are written after the answer.
async fn letters(world: &World, count: usize) -> Vec<Value> {
    let letters = world.emails_once(count).await;
    assert_eq!(letters.len(), count);
    letters
}

/// An access token and a refresh token.
pub async fn signed_in(address: SocketAddr, email: &str, password: &str) -> (String, String) {
    let reply = sign_in(address, email, password).await;
    pair(&reply.json()["data"]["signIn"]).unwrap_or_else(|code| panic!("{code}: {}", reply.body))
}

async fn refreshed(address: SocketAddr, token: &str) -> Result<(String, String), String> {
    let reply = post(address, None, REFRESH, json!({ "input": { "refreshToken": token } })).await;
    pair(&reply.json()["data"]["tokenRefresh"])
}

fn pair(payload: &Value) -> Result<(String, String), String> {
    match (payload["accessToken"].as_str(), payload["refreshToken"].as_str()) {
        (Some(access), Some(refresh)) => Ok((access.to_owned(), refresh.to_owned())),
        _ => Err(payload["errors"][0]["code"].as_str().unwrap_or_default().to_owned()),
    }
}

fn code(reply: &Reply, field: &str) -> String {
    reply.json()["data"][field]["errors"][0]["code"].as_str().unwrap_or_default().to_owned()
}
