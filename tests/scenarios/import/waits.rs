//! How long others wait who write beside an import of 1,000 rows. By hand, with an optimised build as `CONCORD_BIN` and
//! nothing else running: `cargo nextest run -p concord-tests --run-ignored only --no-capture waits::`.

use crate::{
    kit::{PASSWORD, Persona, Persona::*, Process, document, post},
    scenario,
};
use chrono::TimeDelta;
use concord::kernel::seams::Seams;
use serde_json::{Value, json};
use std::{
    io::Write,
    net::SocketAddr,
    time::{Duration, Instant},
};

async fn token(address: SocketAddr, who: Persona) -> String {
    let input = json!({ "input": { "email": who.email(), "password": PASSWORD } });
    let reply = post(address, None, &document("signIn", "accessToken"), input).await;
    let token = reply.json()["data"]["signIn"]["accessToken"].as_str().map(str::to_owned);
    token.unwrap_or_else(|| panic!("{reply:?}"))
}

/// A mutation that must be saved: how long it took.
async fn timed(address: SocketAddr, token: &str, mutation: &str, input: &Value) -> Duration {
    let began = Instant::now();
    let reply = post(address, Some(token), &document(mutation, ""), json!({ "input": input })).await;
    let took = began.elapsed();
    assert_eq!(reply.json()["data"][mutation]["errors"], json!([]), "{mutation}: {reply:?}");
    took
}

/// The median and the longest of some waits.
fn told(mut waits: Vec<Duration>) -> String {
    waits.sort_unstable();
    let [median, longest] = [waits.len() / 2, waits.len() - 1].map(|at| waits[at]);
    format!("{} writes, median {median:.1?}, longest {longest:.1?}", waits.len())
}

scenario! {
    #[ignore = "it measures: by hand, with an optimised build and nothing else running"]
    async fn others_beside_an_import(world: World) {
        let server = Process::serve_with(&world.home, &[("CONCORD_JOBS", "false"), ("CONCORD_REQUEST_TIMEOUT", "60")]).await;
        let address = server.address;
        let (facilitator, sponsor) = (token(address, Facilitator).await, token(address, Sponsor).await);
        let due_on = (Seams::system().now() + TimeDelta::days(30)).date_naive();
        let (team, leader) = (world.cast.team, world.cast.leader);
        let offer = json!({ "teamId": team, "ownerId": leader, "title": "Beside it", "dueOn": due_on.to_string() });
        let mut alone = vec![];
        for _ in 0..50 {
            alone.push(timed(address, &sponsor, "actionCreate", &offer).await);
        }
        let mut lines = vec![format!("{:?}, alone: {}", world.backend, told(alone))];
        let members = |at: usize| format!("hr-{at},Member {at},member.{at}@acorn.example\n");
        let actions = |at: usize| format!("t-{at},{leader},Weigh {at},{due_on}\n");
        for (mutation, csv) in [
            ("memberImport", (0..1_000).map(members).fold("external_id,name,email\n".to_owned(), |csv, row| csv + &row)),
            ("actionImport", (0..1_000).map(actions).fold("external_id,owner,title,due_on\n".to_owned(), |csv, row| csv + &row)),
        ] {
            let (facilitator, input) = (facilitator.clone(), json!({ "teamId": team, "csv": csv, "dryRun": false }));
            let import = tokio::spawn(async move { timed(address, &facilitator, mutation, &input).await });
            let mut beside = vec![];
            while !import.is_finished() {
                beside.push(timed(address, &sponsor, "actionCreate", &offer).await);
            }
            let took = import.await.expect("an import");
            lines.push(format!("{:?}, beside {mutation} ({took:.1?}): {}", world.backend, told(beside)));
        }
        for line in lines {
            writeln!(std::io::stdout(), "{line}").expect("standard output");
        }
    }
}
