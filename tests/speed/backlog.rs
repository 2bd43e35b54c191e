//! What background work costs those who wait for answers: the same workloads while no jobs run, and while they work off
//! the backlog of networks that were just seeded.

use crate::{CONNECTIONS, Server, Trouble, cast::Cast, median, setting, sign_in, wire, workloads};
use std::{io::Write, time::Duration};
use tokio_postgres::Client;

/// Requests a second of each workload, round after round, and what the jobs have before and after them.
pub async fn measure(concord: &str, superuser: &str, app: &str) -> Result<(), Trouble> {
    let (database, connection) = tokio_postgres::connect(superuser, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    let cast = Cast::pick(&database, CONNECTIONS).await?;
    let rounds: usize = setting("BENCH_ROUNDS", 3)?;
    let lasting = Duration::from_secs_f64(setting("BENCH_SECONDS", 5.0)?);
    let mut out = std::io::stdout();
    let mut found = vec![];
    for jobs in [false, true] {
        let server = Server::start(concord, app, jobs).await?;
        let tokens = sign_in(server.port, &cast).await?;
        cast.reset(&database).await?;
        let workloads = workloads(&cast, &tokens);
        let mut speeds = vec![vec![]; workloads.len()];
        for round in 0..rounds {
            for (workload, speeds) in workloads.iter().zip(&mut speeds) {
                if jobs {
                    writeln!(out, "round {round}, {}: {}", workload.name, waiting(&database).await?)?;
                }
                let done = wire::round(server.port, workload.concord, workload.mode, lasting).await?;
                speeds.push(done.speed);
            }
            cast.reset(&database).await?;
        }
        let names = workloads.iter().map(|workload| workload.name);
        found.push(names.zip(speeds.into_iter().map(median)).collect::<Vec<_>>());
    }
    writeln!(out, "\n{CONNECTIONS} connections, medians of {rounds} rounds of {lasting:?}")?;
    writeln!(out, "{:<4}{:>12}{:>16}{:>8}", "", "no jobs/s", "with backlog/s", "lost")?;
    for ((name, quiet), (_, loaded)) in found[0].iter().zip(&found[1]) {
        writeln!(out, "{name:<4}{quiet:>12.0}{loaded:>16.0}{:>7.0}%", 100.0 * (1.0 - loaded / quiet))?;
    }
    Ok(())
}

/// Which jobs have turns that are due or under way.
async fn waiting(database: &Client) -> Result<String, Trouble> {
    let sql = "select coalesce(string_agg(job, ' ' order by job), 'nothing') from (
        select distinct job from job_turn where reached is not null or due_at <= now()) waiting";
    Ok(database.query_one(sql, &[]).await?.get(0))
}
