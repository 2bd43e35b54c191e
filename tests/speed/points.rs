//! How far points are what they are meant to be: 1,000 for 10 ms of CPU, of the server and the database together.

use crate::{
    CONNECTIONS, Q1, Q2, Q4, Server, Trouble, asked,
    cast::Cast,
    post, setting, sign_in,
    wire::{Script, Wire},
};
use entity::client;
use serde_json::json;
use std::{
    io::Write,
    time::{Duration, Instant},
};
use tokio_postgres::Client;

const METRICS: &str =
    "query ($id: ID!) { client(id: $id) { metrics { metric value numerator denominator } } }";
const RISK: &str =
    "{ clients(first: 20, filter: { risk: { gte: 3 } }, orderBy: [{ field: RISK, direction: DESC }]) {
  totalCount nodes { id } } }";
const SEARCH: &str = "{ search(text: \"review customers\", first: 10) { totalCount nodes { id title } } }";

/// Clock ticks a second, on every Linux there is.
const TICKS: f64 = 100.0;

/// Asks each of them over and over, alone, and prints points and CPU.
pub async fn measure(concord: &str, superuser: &str, app: &str) -> Result<(), Trouble> {
    let (database, connection) = tokio_postgres::connect(superuser, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    let cast = Cast::pick(&database, CONNECTIONS).await?;
    // so many that none run out, and none that come back: what is left says what was paid
    let concord = Server::with_points(concord, app, true, ("4000000000", "1")).await?;
    let (server, port) = (concord.child.id().ok_or("concord has ended")?, concord.port);
    let tokens = sign_in(port, &cast).await?;
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
        ("ordered by risk, head office", vec![post(RISK, json!({}), admin)]),
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
        let before = (left(&wire)?, cpu(&[server])?, cpu(&backends(&database).await?)?);
        let (begun, mut done) = (Instant::now(), 0usize);
        while begun.elapsed() < lasting {
            wire.ask(&script[done % script.len()]).await?;
            done += 1;
        }
        let after = (left(&wire)?, cpu(&[server])?, cpu(&backends(&database).await?)?);
        let each = |difference: f64| difference / done as f64;
        let points = each(before.0 - after.0);
        let (ours, theirs) = (each(after.1 - before.1) * 1e3, each(after.2 - before.2) * 1e3);
        let rate = points / (ours + theirs) * 10.0;
        writeln!(out, "{name:<36}{points:>10.0}{ours:>12.3}{theirs:>12.3}{rate:>14.0}")?;
    }
    Ok(())
}

/// The points that the caller of the last request has left.
fn left(wire: &Wire) -> Result<f64, Trouble> {
    Ok(wire.header("ratelimit-remaining").ok_or("an answer without points")?.parse()?)
}

/// The processes that serve Concord's connections.
async fn backends(database: &Client) -> Result<Vec<u32>, Trouble> {
    let rows = database.query("select pid from pg_stat_activity where usename = 'concord_app'", &[]).await?;
    Ok(rows.iter().filter_map(|row| u32::try_from(row.get::<_, i32>(0)).ok()).collect())
}

/// Seconds of CPU that processes have used so far.
fn cpu(processes: &[u32]) -> Result<f64, Trouble> {
    let mut ticks = 0.0;
    for id in processes {
        // a connection may have been replaced meanwhile
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{id}/stat")) else { continue };
        let (_, rest) = stat.rsplit_once(')').ok_or("no name in stat")?;
        let parts: Vec<&str> = rest.split_whitespace().collect();
        for at in [11, 12] {
            ticks += parts.get(at).ok_or("a short stat")?.parse::<f64>()?;
        }
    }
    Ok(ticks / TICKS)
}
