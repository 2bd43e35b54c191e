//! One tenant in front of another's door: whatever is asked with a foreign id, cursor or token gets the answer that
//! nothing at all would get.

mod ids;
mod paths;
mod tokens;

use crate::{
    kit::{
        Backend,
        Persona::{self, *},
        World, document,
        fixtures::{self, Fixtures, TeamFixtures},
    },
    scenario,
    sweeps::visibility::Visibility,
};
use concord::kernel::db::Pools;
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashSet},
    pin::pin,
    sync::Arc,
    time::Duration,
};

/// The ids of all rows that somebody sees.
async fn visibility(world: &World, fixtures: &Fixtures, who: Persona) -> HashSet<String> {
    let mut stored_rows = fixtures::stored_rows(world, world.cast.network).await;
    stored_rows.extend(fixtures::stored_rows(world, world.cast.abroad).await);
    let visibility = Visibility::of(who, &world.cast, fixtures, &stored_rows);
    stored_rows.iter().filter(|row| visibility.sees(row)).map(|row| row.id.clone()).collect()
}

/// The prefix of each node type's ids.
fn prefixes(world: &World) -> BTreeMap<&'static str, &'static str> {
    let nodes = world.app.kernel.plans.shapes().filter(|shape| shape.is_node());
    nodes.filter_map(|shape| Some((shape.name, shape.source?.table.prefix()))).collect()
}

fn pools(each: u32) -> Pools {
    Pools { reads: each, writes: each, statement_timeout: Duration::from_secs(60), pooler: false }
}

const MINE: &str = "{ viewer { person { id name } network { id name } permissions } clients { totalCount nodes { id \
                    name actions { totalCount nodes { id } } teams { id members { id name } } } } \
                    people { totalCount nodes { id } } franchises { nodes { id name } } }";

/// Two tenants and a third within one of them, a thousand requests, one connection.
async fn a_thousand_at_once(backend: Backend) {
    let world = Arc::new(World::with(backend, pools(1), |_| {}).await);
    let fixtures = Fixtures::of(&world).await;
    let retitle = document("actionUpdate", "action { id title team { id } }");
    let rename = document("regionUpdate", "region { id name }");
    let action = |fixture: &TeamFixtures, title: &str| json!({ "input": { "id": fixture.ids["action"], "title": title } });
    let region = json!({ "input": { "id": fixtures.abroad.region, "name": "Uplands" } });
    let asked: Vec<(Persona, String, Value)> = vec![
        (Facilitator, MINE.into(), json!({})),
        (Foreigner, MINE.into(), json!({})),
        (Stranger, MINE.into(), json!({})),
        (Facilitator, retitle.clone(), action(&fixtures.home, "Ours")),
        (Stranger, retitle, action(&fixtures.other, "Theirs")),
        (Foreigner, rename, region),
    ];
    let mut own = vec![];
    for (who, document, variables) in &asked {
        let answered = world.ask(*who, document, variables.clone()).await;
        assert!(answered.json.get("errors").is_none(), "{who:?}: {}", answered.text);
        own.push(answered.text);
    }
    let asked = Arc::new(asked);
    // mostly reads, in an order that follows from a fixed seed
    let mut dice = 0x2545_f491_4f6c_dd1d_u64;
    let tasks = (0..1_000).map(|_| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        let which = if dice.is_multiple_of(10) { 3 + dice as usize / 16 % 3 } else { dice as usize / 16 % 3 };
        let (world, asked) = (world.clone(), asked.clone());
        async move {
            let (who, document, variables) = &asked[which];
            (which, world.ask(*who, document, variables.clone()).await.text)
        }
    });
    // several at once for one connection: many would only wait until they are turned away
    let mut done = stream::iter(tasks).map(tokio::spawn).buffer_unordered(8);
    while let Some(done) = done.next().await {
        let (which, text) = done.expect("a request");
        assert_eq!(text, own[which], "{:?}", asked[which]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_at_once_on_sqlite() {
    a_thousand_at_once(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_at_once_on_postgres() {
    a_thousand_at_once(Backend::Postgres).await;
}

scenario! {
    async fn access_ends_with_the_change_that_ends_it(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let token = world.token(Facilitator);
        let see = async |token: &str, client: String| {
            let document = "query($id: ID!) { client(id: $id) { actions { totalCount } } }";
            let seen = world.send(Some(token.to_owned()), document, json!({ "id": client }), None).await;
            assert!(seen.json.get("errors").is_none(), "{}", seen.text);
            seen.json["data"]["client"].clone()
        };
        let one = json!({ "actions": { "totalCount": 1 } });
        // an assignment begins and ends
        let spare = fixtures.spare.client.to_string();
        assert_eq!(see(&token, spare.clone()).await, Value::Null);
        let part = json!({ "clientId": spare, "personId": world.cast.person(Facilitator).1, "part": "CO" });
        let given = world.done(Owner, "assignmentCreate", part, "assignment { id }").await;
        assert_eq!(see(&token, spare.clone()).await, one);
        world.done(Owner, "assignmentEnd", json!({ "id": given["assignment"]["id"] }), "").await;
        assert_eq!(see(&token, spare).await, Value::Null);
        // a client goes to another franchise
        let (home, action) = (fixtures.home.client.to_string(), fixtures.home.ids["action"].clone());
        let stranger = world.token(Stranger);
        assert_eq!(see(&stranger, home.clone()).await, Value::Null);
        let to = json!({
            "clientId": home, "franchiseId": world.cast.other_franchise,
            "leadId": world.cast.person(Stranger).1, "reason": "They moved",
        });
        world.transferred(to).await;
        assert_eq!(see(&token, home.clone()).await, Value::Null);
        assert_eq!(see(&world.token(Owner), home.clone()).await, Value::Null);
        assert_ne!(see(&stranger, home.clone()).await, Value::Null);
        let change = json!({ "input": { "id": action, "title": "Still mine?" } });
        let changed = world.send(Some(token), &document("actionUpdate", ""), change, None).await;
        // without a client left the permission is held nowhere
        let code = &changed.json["errors"][0]["extensions"]["code"];
        let refused = &changed.json["data"]["actionUpdate"]["errors"][0]["code"];
        assert!(code == "FORBIDDEN" || refused == "NOT_FOUND", "{}", changed.text);
    }
}

scenario! {
    async fn a_read_given_up_half_way_leaves_nothing_behind(world: World) {
        let world = World::with(world.backend, pools(1), |_| {}).await;
        let fixtures = Fixtures::of(&world).await;
        let id = &fixtures.home.ids["action"];
        let document = "query($id: ID!) { action(id: $id) { title } }";
        // pages below pages wait for one another, so the read is given up between two rounds of statements as well
        let deep =
            "{ clients(first: 2) { nodes { teams { actions(first: 2) { nodes { history { nodes { reason } } } } } } } }";
        world.read(Facilitator, deep, json!({})).await;
        let mut given_up = 0;
        for polls in (1..80).map(|step| step * step) {
            {
                let mut read = pin!(world.ask(Facilitator, deep, json!({})));
                let mut done = false;
                for _ in 0..polls {
                    done = done || futures::poll!(read.as_mut()).is_ready();
                    tokio::task::yield_now().await;
                }
                given_up += i32::from(!done);
            }
            // on a connection left in a transaction, this would be read as it was before
            let title = format!("Call {polls}");
            world.done(Facilitator, "actionUpdate", json!({ "id": id, "title": title }), "").await;
            let seen = world.read(Facilitator, document, json!({ "id": id })).await;
            assert_eq!(seen["action"]["title"], title.as_str(), "after {polls} polls");
        }
        assert!(given_up > 0, "every read was through before it was given up");
    }
}

scenario! {
    async fn a_role_ends_with_its_membership(world: World) {
        let fixtures = Fixtures::of(&world).await;
        let token = world.token(Leader);
        let (mine, none) = ("{ viewer { memberships { nodes { id } } } clients { totalCount } }", json!({}));
        let before = world.send(Some(token.clone()), mine, none.clone(), None).await;
        assert_eq!(before.json["data"]["clients"]["totalCount"], 1);
        let id = &before.json["data"]["viewer"]["memberships"]["nodes"][0]["id"];
        world.done(Owner, "membershipEnd", json!({ "id": id }), "").await;
        let after = world.send(Some(token.clone()), mine, none, None).await;
        assert_eq!(after.json["data"]["clients"], Value::Null, "{}", after.text);
        let step = json!({ "input": { "id": fixtures.home.ids["action"] } });
        let done = world.send(Some(token), &document("actionComplete", ""), step, None).await;
        assert_eq!(done.json["errors"][0]["extensions"]["code"], "FORBIDDEN", "{}", done.text);
    }
}
