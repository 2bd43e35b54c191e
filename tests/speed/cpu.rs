//! Measures the CPU time of a server and of its PostgreSQL server. Reads Linux's /proc.

use crate::Trouble;
use std::fs::read_to_string;
use tokio_postgres::Client;

/// Milliseconds in a clock tick, on every Linux there is.
const TICK: f64 = 10.0;

/// CPU time in milliseconds.
#[derive(Clone, Copy)]
pub struct Cpu {
    pub server: f64,
    pub database: f64,
}

/// Measures the CPU time that requests use from its start on.
pub struct Meter {
    server: u32,
    postmaster: u32,
    before: Cpu,
}

struct Stat {
    parent: u32,
    own: i64,
    /// Of children that have ended.
    ended: i64,
}

impl Meter {
    pub fn start(server: u32, postmaster: u32) -> Result<Meter, Trouble> {
        Ok(Meter { server, postmaster, before: read_cpu(server, postmaster)? })
    }

    /// The CPU time since the start, divided by the number of requests.
    pub fn per_request(&self, requests: usize) -> Result<Cpu, Trouble> {
        let after = read_cpu(self.server, self.postmaster)?;
        let per_request = |before: f64, after: f64| (after - before) / requests as f64;
        Ok(Cpu {
            server: per_request(self.before.server, after.server),
            database: per_request(self.before.database, after.database),
        })
    }
}

/// The process ID of the PostgreSQL server: the parent of all its processes.
pub async fn postmaster(database: &Client) -> Result<u32, Trouble> {
    let backend: i32 = database.query_one("select pg_backend_pid()", &[]).await?.get(0);
    Ok(read_stat(u32::try_from(backend)?)?.parent)
}

fn read_cpu(server: u32, postmaster: u32) -> Result<Cpu, Trouble> {
    let first = read_stat(postmaster)?;
    let mut ticks = first.own + first.ended;
    for child in read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children"))?.split_whitespace()
    {
        // The process may have ended since the list was read.
        if let Ok(child) = read_stat(child.parse()?) {
            ticks += child.own;
        }
    }
    Ok(Cpu { server: read_stat(server)?.own as f64 * TICK, database: ticks as f64 * TICK })
}

fn read_stat(process: u32) -> Result<Stat, Trouble> {
    let text = read_to_string(format!("/proc/{process}/stat"))?;
    // The name before the last parenthesis may contain spaces.
    let (_, fields) = text.rsplit_once(')').ok_or("no name in stat")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let number = |at: usize| -> Result<i64, Trouble> { Ok(fields.get(at).ok_or("a short stat")?.parse()?) };
    Ok(Stat {
        parent: u32::try_from(number(1)?)?,
        own: number(11)? + number(12)?,
        ended: number(13)? + number(14)?,
    })
}
