//! kill -9 in the middle of many writes: what was acknowledged lasts, and nothing is there by halves.

use crate::kit::{
    Backend, PASSWORD, Persona::*, Process, World, assert_counts, post, until_run, verify_chains,
};
use chrono::TimeDelta;
use concord::kernel::seams::Seams;
use entity::{Id, action, action::ActionStatus, audit_event};
use futures::future::join_all;
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use std::{collections::HashMap, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

const WRITERS: usize = 8;
/// Acknowledged writes before each kill.
const KILLS: [usize; 2] = [25, 60];
/// Longest that a round may take.
const ROUND: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_on_sqlite() {
    survives(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_on_postgres() {
    survives(Backend::Postgres).await;
}

/// What the server said is so: an action has come this far.
type Acknowledged = (String, ActionStatus);

async fn survives(backend: Backend) {
    let world = World::new(backend).await;
    let behind = world.home.behind().await;
    let mut said: HashMap<String, ActionStatus> = HashMap::new();
    for acknowledged in KILLS {
        let server = Process::serve(&world.home).await;
        let writer = Arc::new(Writer::new(&world, server.address).await);
        let (tell, mut told) = unbounded_channel();
        let writers = join_all((0..WRITERS).map(|_| tokio::spawn(writer.clone().write(tell.clone()))));
        drop(tell);
        timeout(ROUND, hear(&mut told, &mut said, acknowledged))
            .await
            .expect("writes are acknowledged in time");
        server.kill();
        timeout(ROUND, writers).await.expect("the writers notice");
        timeout(ROUND, hear(&mut told, &mut said, usize::MAX)).await.expect("the last acknowledgements");
        check(&behind, &said).await;
    }
    let server = Process::serve(&world.home).await;
    let writer = Arc::new(Writer::new(&world, server.address).await);
    let count = "query($id: ID!) { team(id: $id) { actions { totalCount } } }";
    let team = json!({ "id": world.cast.team.to_string() });
    let seen = post(server.address, Some(&writer.facilitator), count, team).await.json();
    let rows = action::Entity::find().count(&behind).await.expect("a count");
    assert_eq!(seen["data"]["team"]["actions"]["totalCount"], rows);
    writer.step("actionCreate", &writer.facilitator, writer.offer.clone()).await.expect("it goes on");
    check(&behind, &said).await;
}

/// Takes acknowledgements until there are enough, or no more come.
async fn hear(
    told: &mut UnboundedReceiver<Acknowledged>,
    said: &mut HashMap<String, ActionStatus>,
    enough: usize,
) {
    let mut heard = 0;
    while heard < enough {
        let Some((id, status)) = told.recv().await else { return };
        said.insert(id, status);
        heard += 1;
    }
}

async fn check(behind: &DatabaseConnection, said: &HashMap<String, ActionStatus>) {
    let rows = action::Entity::find().all(behind).await.expect("the actions");
    let there: HashMap<String, &action::Model> = rows.iter().map(|row| (row.id.to_string(), row)).collect();
    for (id, status) in said {
        let row = there.get(id).unwrap_or_else(|| panic!("{id} was acknowledged and is gone"));
        // the write after the last acknowledged one may have been committed and its answer lost
        assert!(far(row.status) >= far(*status), "{id} was {status:?} and is {:?}", row.status);
        assert!(far(row.status) <= far(*status) + 1, "{id} was {status:?} and is {:?}", row.status);
    }
    for row in &rows {
        let events = audit_event::Entity::find().filter(audit_event::Column::SubjectId.eq(row.id.uuid()));
        let events = events.count(behind).await.expect("a count");
        assert_eq!(events, row.version as u64, "each version of {} has its event", row.id);
        assert_eq!(far(row.status) + 1, row.version, "each step of {} is there whole", row.id);
    }
    assert!(rows.len() >= said.len());
    verify_chains(behind).await.expect("the chains hold");
    assert_counts(behind).await;
}

fn far(status: ActionStatus) -> i32 {
    match status {
        ActionStatus::Offered => 0,
        ActionStatus::Accepted => 1,
        ActionStatus::Done => 2,
        ActionStatus::Declined | ActionStatus::Cancelled => panic!("nobody did that"),
    }
}

struct Writer {
    address: SocketAddr,
    facilitator: String,
    leader: String,
    offer: Value,
}

impl Writer {
    async fn new(world: &World, address: SocketAddr) -> Writer {
        // the server has the machine's clock, and a due date lies ahead of it
        let due_on = (Seams::system().now() + TimeDelta::days(30)).date_naive();
        let offer = json!({ "teamId": world.cast.team.to_string(), "ownerId": world.cast.leader.to_string(),
            "title": "Survive", "dueOn": due_on.to_string() });
        let (facilitator, leader) = (Facilitator.email(), Leader.email());
        let tokens = futures::join!(token(address, &facilitator), token(address, &leader));
        Writer { address, facilitator: tokens.0, leader: tokens.1, offer }
    }

    /// Offers, accepts and completes actions until the server is gone.
    async fn write(self: Arc<Self>, tell: UnboundedSender<Acknowledged>) {
        loop {
            let Some(id) = self.step("actionCreate", &self.facilitator, self.offer.clone()).await else {
                return;
            };
            let said = |status| drop(tell.send((id.clone(), status)));
            said(ActionStatus::Offered);
            let input = json!({ "id": id });
            let Some(_) = self.step("actionAccept", &self.leader, input.clone()).await else { return };
            said(ActionStatus::Accepted);
            let Some(_) = self.step("actionComplete", &self.leader, input).await else { return };
            said(ActionStatus::Done);
        }
    }

    /// One mutation: the action's id, or none when there was no complete answer.
    async fn step(&self, mutation: &str, token: &str, input: Value) -> Option<String> {
        let ty = mutation.replacen("action", "Action", 1);
        let document = format!(
            "mutation($input: {ty}Input!) {{ {mutation}(input: $input) {{ action {{ id }} errors {{ code message }} }} }}"
        );
        let reply = until_run(|| post(self.address, Some(token), &document, json!({ "input": input }))).await;
        let json = reply.json();
        if json.is_null() {
            return None;
        }
        let payload = &json["data"][mutation];
        assert_eq!(payload["errors"], json!([]), "{mutation}: {}", reply.body);
        let id = payload["action"]["id"].as_str()?;
        Id::<action::Entity>::parse(id).map(|id| id.to_string())
    }
}

async fn token(address: SocketAddr, email: &str) -> String {
    let sign_in = "mutation($input: SignInInput!) { signIn(input: $input) { accessToken } }";
    let input = json!({ "input": { "email": email, "password": PASSWORD } });
    let reply = post(address, None, sign_in, input).await;
    let token = reply.json()["data"]["signIn"]["accessToken"].as_str().map(str::to_owned);
    token.unwrap_or_else(|| panic!("{email} signs in: {}", reply.body))
}
