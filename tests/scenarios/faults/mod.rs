//! Faults under a running server. Whatever fails: nothing that was acknowledged is lost, nothing is done by halves, what
//! is refused says so, and work goes on by itself soon after the fault ends.

mod acknowledged;
mod conflicts;
mod connection;
mod disk;
mod killed;
mod server;
mod told;

use crate::kit::{PASSWORD, Persona, Reply, World, assert_counts, eventually, post, verify_chains};
use chrono::TimeDelta;
use concord::kernel::seams::Seams;
use entity::{action, audit_event};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// How often each fault is made: 5 times, or as often as `CONCORD_TEST_ROUNDS` says.
fn rounds() -> usize {
    let rounds = std::env::var("CONCORD_TEST_ROUNDS").unwrap_or_else(|_| "5".into());
    rounds.parse().expect("CONCORD_TEST_ROUNDS is a number")
}

/// Longest until work goes on after a fault.
const SOON: Duration = Duration::from_secs(8);

/// What an answer says of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Saved,
    Refused,
    /// The answer says that it does not know.
    Unknown,
}

/// What the answer to a mutation with errors in its payload says. No other answer may be given.
fn fate(reply: &Reply, mutation: &str) -> Fate {
    let json = reply.json();
    let payload = &json["data"][mutation];
    let Some(error) = json["errors"].get(0) else {
        assert_eq!(payload["errors"], json!([]), "{mutation}: {reply:?}");
        let objects = payload.as_object().expect("a payload");
        assert!(objects.values().all(|value| !value.is_null()), "an empty answer: {reply:?}");
        return Fate::Saved;
    };
    let extensions = error["extensions"].as_object().expect("extensions");
    let code = extensions["code"].as_str().expect("a code");
    assert!(["UNAVAILABLE", "TIMEOUT", "CONFLICT"].contains(&code), "{mutation}: {reply:?}");
    match extensions.get("committed") {
        Some(Value::Bool(true)) => Fate::Saved,
        Some(_) => Fate::Unknown,
        None if code == "UNAVAILABLE" => {
            assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")), "{reply:?}");
            Fate::Refused
        }
        // given up by the clock, wherever it was
        None if reply.status == 504 => Fate::Unknown,
        None => Fate::Refused,
    }
}

/// Somebody who offers actions over HTTP, and what became of each by its answer.
struct Writer {
    address: SocketAddr,
    token: String,
    team: String,
    owner: String,
    due_on: String,
    tried: Vec<Fate>,
}

impl Writer {
    /// Before the application of a world, whose clock stands.
    async fn before(world: &World) -> Writer {
        let address = world.listen().await;
        Self::with(world, address, world.token(Persona::Facilitator), "2026-03-20".into())
    }

    /// Before a server of its own.
    async fn at(world: &World, address: SocketAddr) -> Writer {
        let due_on = (Seams::system().now() + TimeDelta::days(30)).date_naive();
        let token = sign_in(address, Persona::Facilitator).await.expect("a token");
        Self::with(world, address, token, due_on.to_string())
    }

    fn with(world: &World, address: SocketAddr, token: String, due_on: String) -> Writer {
        let (team, owner) = (world.cast.team.to_string(), world.cast.leader.to_string());
        Writer { address, token, team, owner, due_on, tried: vec![] }
    }

    /// Offers another action.
    async fn offer(&mut self) -> Fate {
        let title = format!("Action {}", self.tried.len());
        let input =
            json!({ "teamId": self.team, "ownerId": self.owner, "title": title, "dueOn": self.due_on });
        let document = "mutation($input: ActionCreateInput!) {
            actionCreate(input: $input) { action { id title } errors { code } } }";
        let reply = post(self.address, Some(&self.token), document, json!({ "input": input })).await;
        let fate = fate(&reply, "actionCreate");
        self.tried.push(fate);
        fate
    }

    /// Offers actions until one is saved.
    async fn goes_on(&mut self) {
        let began = Instant::now();
        while self.offer().await != Fate::Saved {
            assert!(began.elapsed() < SOON, "work goes on within {SOON:?}");
        }
    }

    async fn read(&self) -> Reply {
        let document = "query($id: ID!) { team(id: $id) { actions { totalCount } } }";
        post(self.address, Some(&self.token), document, json!({ "id": self.team })).await
    }

    /// Compares what is there with what was answered.
    async fn check(&self, behind: &DatabaseConnection) {
        let rows = action::Entity::find().all(behind).await.expect("the actions");
        for (at, fate) in self.tried.iter().enumerate() {
            let there = rows.iter().filter(|row| row.title == format!("Action {at}")).count();
            match fate {
                Fate::Saved => assert_eq!(there, 1, "action {at} was acknowledged"),
                Fate::Refused => assert_eq!(there, 0, "action {at} was refused"),
                Fate::Unknown => assert!(there <= 1, "action {at} is there {there} times"),
            }
        }
        for row in &rows {
            let events = audit_event::Entity::find().filter(audit_event::Column::SubjectId.eq(row.id.uuid()));
            assert_eq!(events.count(behind).await.expect("a count"), 1, "{} has its event", row.title);
        }
        verify_chains(behind).await.expect("the chains hold");
        assert_counts(behind).await;
    }
}

/// The tokens of a sign-in.
async fn try_sign_in(address: SocketAddr, who: Persona) -> Reply {
    let sign_in = "mutation($input: SignInInput!) {
        signIn(input: $input) { accessToken refreshToken errors { code } } }";
    post(address, None, sign_in, json!({ "input": { "email": who.email(), "password": PASSWORD } })).await
}

async fn sign_in(address: SocketAddr, who: Persona) -> Option<String> {
    let reply = try_sign_in(address, who).await;
    reply.json()["data"]["signIn"]["accessToken"].as_str().map(str::to_owned)
}

/// Asks until the server says that it is ready, or that it is not.
async fn readiness(address: SocketAddr, status: u16) {
    // an answer is shared for five seconds, and a probe may take as long
    eventually("/readyz says so", Duration::from_secs(15), async || {
        (crate::kit::get(address, "/readyz").await.status == status).then_some(())
    })
    .await;
}
