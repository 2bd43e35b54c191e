//! How far points are what they are meant to be: 1,000 for 10 ms of CPU, of the server and the database together.

use crate::{
    CONNECTIONS, Q1, Q2, Q4, R1, Server, Trouble, asked,
    cast::Cast,
    cpu::{Meter, postmaster},
    post, setting, sign_in,
    wire::{Script, Wire},
};
use entity::client;
use serde_json::json;
use std::{
    io::Write,
    time::{Duration, Instant},
};

const METRICS: &str =
    "query ($id: ID!) { client(id: $id) { metrics { metric value numerator denominator } } }";
const SEARCH: &str = "{ search(text: \"review customers\", first: 10) { totalCount nodes { id title } } }";

/// Asks each of them over and over, alone, and prints points and CPU.
pub async fn measure(concord: &str, superuser: &str, app: &str) -> Result<(), Trouble> {
    let (database, connection) = tokio_postgres::connect(superuser, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    let cast = Cast::pick(&database, CONNECTIONS).await?;
    // so many that none run out, and none that come back: what is left says what was paid
    let concord = Server::with_points(concord, app, true, ("4000000000", "1")).await?;
    let (server, port) = (concord.child.id().ok_or("concord has ended")?, concord.port);
    let tokens = sign_in(port, &cast).await?;
    let postmaster = postmaster(&database).await?;
    cast.folded(&database).await?;
    let (reader, token) = (&cast.readers[0], &tokens[0]);
    let admin = tokens.last().ok_or("nobody of head office")?;
    let filters: Vec<String> = (0..20).map(|least| format!("{{ risk: {{ gte: {least} }} }}")).collect();
    let filters =
        format!("{{ clients(first: 0, filter: {{ or: [{}] }}) {{ totalCount }} }}", filters.join(" "));
    let by_client = |document: &str| asked::<client::Entity>(document, &reader.clients, token);
    let mine = |document: &str| vec![post(document, json!({}), token)];
    let workloads: Vec<(&str, Script)> = vec![
        ("Q1", mine(Q1)),
        ("Q2", by_client(Q2)),
        ("Q4", by_client(Q4)),
        ("metrics of a client", by_client(METRICS)),
        ("20 filters by risk, a facilitator", mine(&filters)),
        ("20 filters by risk, head office", vec![post(&filters, json!({}), admin)]),
        ("ordered by risk, head office", vec![post(R1, json!({}), admin)]),
        ("search", mine(SEARCH)),
        ("search, head office", vec![post(SEARCH, json!({}), admin)]),
    ];
    let lasting = Duration::from_secs_f64(setting("BENCH_SECONDS", 3.0)?);
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{:<36}{:>10}{:>12}{:>12}{:>14}",
        "", "points", "server ms", "database ms", "points / 10 ms"
    )?;
    for (name, script) in workloads {
        let mut wire = Wire::connect(port).await?;
        // plans and caches first
        for request in &script {
            wire.ask(request).await?;
        }
        let (before, meter) = (left(&wire)?, Meter::start(server, postmaster)?);
        let (begun, mut done) = (Instant::now(), 0usize);
        while begun.elapsed() < lasting {
            wire.ask(&script[done % script.len()]).await?;
            done += 1;
        }
        let cpu = meter.per_request(done)?;
        let points = (before - left(&wire)?) / done as f64;
        let (ours, theirs) = (cpu.server, cpu.database);
        let rate = points / (ours + theirs) * 10.0;
        writeln!(out, "{name:<36}{points:>10.0}{ours:>12.3}{theirs:>12.3}{rate:>14.0}")?;
    }
    Ok(())
}

/// The points that the caller of the last request has left.
fn left(wire: &Wire) -> Result<f64, Trouble> {
    Ok(wire.header("ratelimit-remaining").ok_or("an answer without points")?.parse()?)
}
