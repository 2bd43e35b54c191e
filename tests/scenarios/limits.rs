//! What people may spend. A person is a person, however often they sign in; nobody spends what is another's; what work
//! costs is known before it is done, and what was not found is given back.

use crate::{
    kit::{
        Backend, PASSWORD,
        Persona::{self, *},
        Reply, World, get, pools, post,
    },
    scenario,
    scenarios::signing_in::signed_in,
};
use concord::{config::Config, kernel::RequestInfo};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// A world with the limits that the program comes with.
async fn limited(backend: Backend, set: impl FnOnce(&mut Config)) -> World {
    let rate = Config::defaults().expect("defaults").rate;
    World::with(backend, pools(), |config| {
        config.rate = rate;
        set(config);
    })
    .await
}

/// Runs a scenario with the usual limits on both databases.
macro_rules! limited {
    (async fn $name:ident($world:ident: World) $body:block) => {
        mod $name {
            use super::*;

            async fn run($world: World) $body

            #[tokio::test]
            async fn on_sqlite() {
                run(limited(Backend::Sqlite, |_| {}).await).await;
            }
            #[tokio::test]
            async fn on_postgres() {
                run(limited(Backend::Postgres, |_| {}).await).await;
            }
        }
    };
}

const PORTFOLIO: &str = "{ viewer { portfolio(first: 25) { nodes { id name risk currentStage { title position }
    programme { name status } nextSession { id title startsAt } progress { actionsOverdue actionsOpen actionsDone }
    topPriorities(first: 3) { nodes { id title owner { name } } } metrics { name value numerator denominator } } } } }";
const BOARD: &str =
    "query($id: ID!) { client(id: $id) { id name programme { id name stages { id position title status
    priorities { id title rank status owner { name } actions { id title status dueOn owner { name } } } } }
    actions(first: 100) { totalCount nodes { id title status dueOn owner { name } } } } }";
const ROOM: &str =
    "query($id: ID!) { team(id: $id) { sessions(first: 5, orderBy: [{ field: STARTS_AT, direction: DESC }]) {
    nodes { id title status startsAt version agenda { id title status } attendance { status member { name } }
    decisions { nodes { id title status } } } } } }";
const PAGE: &str = "{ viewer { person { name } myWork(first: 20) { nodes { title dueOn } } memberships { nodes { role client { name }
    team { name members { id name } } } } } }";

fn remaining(reply: &Reply) -> u32 {
    reply
        .header("ratelimit-remaining")
        .and_then(|left| left.parse().ok())
        .unwrap_or_else(|| panic!("{reply:?}"))
}

fn cost(reply: &Reply) -> u64 {
    reply.json()["extensions"]["cost"].as_u64().unwrap_or_else(|| panic!("{reply:?}"))
}

async fn fine(address: SocketAddr, token: &str, document: &str, variables: Value) -> Reply {
    let reply = post(address, Some(token), document, variables).await;
    assert_eq!((reply.status, &reply.json()["errors"]), (200, &json!(null)), "{document}\n{reply:?}");
    reply
}

limited! {
    async fn a_realistic_front_end_never_meets_the_limit(world: World) {
        let address = world.listen().await;
        let client = json!({ "id": world.cast.client.to_string() });
        let team = json!({ "id": world.cast.team.to_string() });
        let people = [Admin, Analyst, Owner, Facilitator, Sponsor, Leader, Observer, Stranger];
        for second in 0..40 {
            world.at(&format!("2026-03-02T09:00:{second:02}Z"));
            let tokens = people.map(|who| world.token(who));
            // all eight are in the room, which asks what is new every two seconds
            if second % 2 == 0 {
                for token in &tokens {
                    fine(address, token, ROOM, team.clone()).await;
                }
            }
            // and each of them goes through the other screens without rest
            if second % 5 == 0 {
                for token in &tokens {
                    fine(address, token, PORTFOLIO, json!({})).await;
                    fine(address, token, BOARD, client.clone()).await;
                    fine(address, token, PAGE, json!({})).await;
                }
            }
        }
        let last = fine(address, &world.token(Leader), PAGE, json!({})).await;
        assert!(remaining(&last) > 30_000, "half of it is left: {}", remaining(&last));
    }
}

limited! {
    async fn another_sign_in_is_not_another_allowance(world: World) {
        let address = world.listen().await;
        let mut tokens = vec![];
        for _ in 0..14 {
            tokens.push(signed_in(address, &Observer.email(), PASSWORD).await.0);
        }
        let (first, last) = (&tokens[0], &tokens[13]);
        // nothing that is found costs its price
        let dear = "{ clients(first: 0, filter: { risk: { gte: 1, lte: 2 } }, orderBy: [{ field: RISK }]) { totalCount } }";
        let mut passed = 0;
        while fine_or_limited(address, first, dear, json!({})).await {
            passed += 1;
        }
        assert!(passed < 1_000);
        assert!(!fine_or_limited(address, last, dear, json!({})).await, "the other sign-in has nothing left either");
        // and the others of the network have theirs
        for who in [Leader, Facilitator, Admin] {
            fine(address, &world.token(who), PORTFOLIO, json!({})).await;
        }
        let refused = post(address, Some(last), dear, json!({})).await;
        let error = &refused.json()["errors"][0];
        let seconds = error["extensions"]["retryAfter"].as_u64().expect("seconds");
        assert_eq!((refused.status, refused.header("retry-after")), (429, Some(seconds.to_string().as_str())));
        assert_eq!(error["extensions"]["code"], "RATE_LIMITED");
        let unit = if seconds == 1 { "second" } else { "seconds" };
        assert_eq!(error["message"], format!("Too many requests. Try again in {seconds} {unit}."));
        assert_eq!(refused.header("ratelimit-limit"), Some("60000"));
        assert!(refused.header("ratelimit-reset").is_some() && remaining(&refused) < 1_000, "{refused:?}");
        world.at("2026-03-02T09:00:30Z");
        fine(address, last, dear, json!({})).await;
    }
}

async fn fine_or_limited(address: SocketAddr, token: &str, document: &str, variables: Value) -> bool {
    let reply = post(address, Some(token), document, variables).await;
    match reply.status {
        200 => true,
        429 => false,
        _ => panic!("{reply:?}"),
    }
}

limited! {
    async fn refused_documents_cost_by_their_size(world: World) {
        let address = world.listen().await;
        let token = world.token(Observer);
        let before = remaining(&fine(address, &token, "{ viewer { person { id } } }", json!({})).await);
        let wrong = |seed: usize| format!("{{ {} }}", (0..1_900).map(|at| format!("x{seed}_{at} ")).collect::<String>());
        let reply = post(address, Some(&token), &wrong(0), json!({})).await;
        assert_eq!(reply.status, 400);
        assert!(before - remaining(&reply) > 500, "{reply:?}");
        let mut refused = 1;
        while post(address, Some(&token), &wrong(refused), json!({})).await.status == 400 {
            refused += 1;
        }
        assert!(refused < 100, "{refused} large documents were read for nothing");
        // a document that is known is not read again
        world.at("2026-03-02T09:01:00Z");
        let token = world.token(Observer);
        let known = format!("{{ viewer {{ person {{ id }} }} }} # {}", "x".repeat(20_000));
        let first = remaining(&fine(address, &token, &known, json!({})).await);
        let second = remaining(&fine(address, &token, &known, json!({})).await);
        assert!(60_000 - first > 1_000 && first - second < 100, "{first} {second}");
    }
}

limited! {
    async fn filters_orders_counts_and_searches_have_their_price_and_what_is_not_found_has_none(world: World) {
        let address = world.listen().await;
        let token = world.token(Facilitator);
        let price = async |document: &str| cost(&fine(address, &token, document, json!({})).await);
        let plain = price("{ clients(first: 0, orderBy: [{ field: NAME }]) { nodes { id } } }").await;
        for (document, more) in [
            ("{ clients(first: 0, orderBy: [{ field: NAME }]) { totalCount } }", 10),
            ("{ clients(first: 0, orderBy: [{ field: NAME }], filter: { name: { eq: \"a\" } }) { nodes { id } } }", 5),
            ("{ clients(first: 0, orderBy: [{ field: NAME }], filter: { risk: { gte: 1 } }) { nodes { id } } }", 200),
            ("{ clients(first: 0, orderBy: [{ field: NAME }], filter: { not: { risk: { gte: 1, lte: 2 } } }) { nodes { id } } }", 400),
            ("{ clients(first: 0, orderBy: [{ field: RISK }]) { nodes { id } } }", 200),
            ("{ clients(first: 10, orderBy: [{ field: NAME }]) { nodes { actions(first: 0) { totalCount } } } }", 10 * 12),
        ] {
            assert!(price(document).await >= plain + more, "{document}");
        }
        let search = |words: &str| format!("{{ search(text: \"{words}\", first: 0) {{ nodes {{ id }} }} }}");
        let one = cost(&fine(address, &token, &search("plan"), json!({})).await);
        assert!(cost(&fine(address, &token, &search("plan for winter"), json!({})).await) > one);
        let left = async |document: &str| {
            let reply = fine(address, &token, document, json!({})).await;
            (remaining(&reply), cost(&reply))
        };
        let (before, _) = left("{ viewer { person { id } } }").await;
        let (after, declared) = left("{ clients(first: 100) { nodes { id teams { members { id } } } } }").await;
        assert!(declared > 2_000, "{declared}");
        assert!(u64::from(before - after) < declared / 10, "{before} {after} of {declared}");
    }
}

limited! {
    async fn imports_are_priced_by_rows_into_debt_and_the_debt_is_bounded(world: World) {
        let address = world.listen().await;
        let rows = |from: usize| -> String {
            let owner = world.cast.leader;
            let row = |at: usize| format!("x-{from}-{at},{owner},Call number {at},2026-04-01\n");
            "external_id,owner,title,due_on\n".to_owned() + &(0..400).map(row).collect::<String>()
        };
        let import = "mutation($i: ActionImportInput!) { actionImport(input: $i) { createdCount errors { code message } } }";
        let input = |from: usize| json!({ "i": { "teamId": world.cast.team.to_string(), "csv": rows(from), "dryRun": true } });
        let token = world.token(Facilitator);
        fine(address, &token, import, input(0)).await;
        let mut passed = 1;
        while fine_or_limited(address, &token, import, input(passed)).await {
            passed += 1;
        }
        assert!((1..8).contains(&passed), "{passed} imports of 400 rows passed");
        let refused = post(address, Some(&token), "{ viewer { person { id } } }", json!({})).await;
        let wait = refused.json()["errors"][0]["extensions"]["retryAfter"].as_u64().expect("seconds");
        assert!((1..=61).contains(&wait), "{refused:?}");
        // others of the team go on
        fine(address, &world.token(Leader), PAGE, json!({})).await;
        world.at("2026-03-02T09:01:05Z");
        fine(address, &world.token(Facilitator), "{ viewer { person { id } } }", json!({})).await;
    }
}

limited! {
    async fn exports_are_priced_by_their_bytes(world: World) {
        let address = world.listen().await;
        let token = world.token(Facilitator);
        let export = "mutation($i: ClientExportInput!) { clientExport(input: $i) { dataExport { bytes } errors { code } } }";
        let input = json!({ "i": { "clientId": world.cast.client.to_string() } });
        let before = remaining(&fine(address, &token, "{ viewer { person { id } } }", json!({})).await);
        let made = fine(address, &token, export, input).await;
        let kilobytes = made.json()["data"]["clientExport"]["dataExport"]["bytes"].as_u64().expect("bytes") / 1_024;
        let after = remaining(&fine(address, &token, "{ viewer { person { id } } }", json!({})).await);
        let paid = u64::from(before - after);
        assert!(paid > cost(&made) + 10 * kilobytes, "{paid} for {kilobytes} kB");
    }
}

#[tokio::test]
async fn a_room_of_seventy_gets_in_and_an_office_stays_in() {
    let world = limited(Backend::Sqlite, |_| {}).await;
    let address = world.listen().await;
    let together = (0..70).map(|_| post(address, None, "{ __typename }", json!({})));
    for reply in futures::future::join_all(together).await {
        assert_eq!(reply.status, 200, "{reply:?}");
    }
    let mut refreshes = vec![];
    for _ in 0..70 {
        refreshes.push(signed_in(address, &Leader.email(), PASSWORD).await.1);
    }
    // use up what strangers may ask
    while post(address, None, "{ __typename }", json!({})).await.status == 200 {}
    let refresh =
        "mutation($i: TokenRefreshInput!) { tokenRefresh(input: $i) { accessToken errors { code } } }";
    for token in refreshes {
        let reply = post(address, None, refresh, json!({ "i": { "refreshToken": token } })).await;
        assert!(reply.json()["data"]["tokenRefresh"]["accessToken"].is_string(), "{reply:?}");
    }
    // who only writes the word is counted as others
    let sly = "{ __typename } # tokenRefresh";
    assert_eq!(post(address, None, sly, json!({})).await.status, 429);
    // somebody who is signed in is not counted by address
    fine(address, &world.token(Leader), PAGE, json!({})).await;
}

#[tokio::test]
async fn open_pages_have_a_limit_by_address() {
    let world = limited(Backend::Sqlite, |config| config.rate.anonymous_per_minute = 2).await;
    let address = world.listen().await;
    let schema = get(address, "/schema.graphql").await;
    assert_eq!((schema.status, schema.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    assert_eq!(schema.body, concord::schema::sdl(&concord::schema::schema()));
    let mut paths = ["/schema.graphql", "/exports/network_1/cex_1"].iter().cycle();
    let mut visits = 1;
    let limited = loop {
        let reply = get(address, paths.next().expect("a path")).await;
        if reply.status == 429 {
            break reply;
        }
        visits += 1;
        assert!(visits <= 10, "{reply:?}");
    };
    assert!(limited.header("retry-after").is_some(), "{limited:?}");
    // probes may come more often, and not without end
    for _ in 0..100 {
        assert_eq!(get(address, "/readyz").await.status, 200);
    }
    while get(address, "/readyz").await.status == 200 {
        visits += 1;
        assert!(visits < 1_000);
    }
    assert_eq!(get(address, "/healthz").await.status, 200);
}

/// The points of what front ends ask most, so that a change of prices is seen.
#[tokio::test]
async fn prices_are_what_they_were() {
    let world = limited(Backend::Sqlite, |_| {}).await;
    let address = world.listen().await;
    let client = json!({ "id": world.cast.client.to_string() });
    let asked: [(&str, Persona, &str, Value, u64); 3] = [
        (
            "one client",
            Facilitator,
            "query($id: ID!) { client(id: $id) { id name industry } }",
            client.clone(),
            26,
        ),
        ("page", Leader, "{ viewer { person { name } } }", json!({}), 27),
        ("name", Leader, "{ __typename }", json!({}), 25),
    ];
    for (name, who, document, variables, wanted) in asked {
        assert_eq!(cost(&fine(address, &world.token(who), document, variables).await), wanted, "{name}");
    }
}

scenario! {
    async fn requests_that_come_at_once_load_their_caller_once(world: World) {
        let (network, person, _) = world.cast.person(Facilitator);
        let kernel = &world.app.kernel;
        let before = kernel.transactions();
        let asking = (0..8).map(|_| kernel.caller(network, person, RequestInfo::default()));
        let callers = futures::future::join_all(asking).await;
        assert!(callers.into_iter().all(|caller| caller.is_ok_and(|caller| caller.is_some())));
        assert_eq!(kernel.transactions() - before, 1, "seven wait for the first one's look");
    }
}
