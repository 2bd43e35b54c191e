//! CPU of a server and of the PostgreSQL server that it asks, read from Linux's /proc.

use crate::Trouble;
use std::fs::read_to_string;
use tokio_postgres::Client;

/// Milliseconds in a clock tick, on every Linux there is.
const TICK: f64 = 10.0;

/// Milliseconds of CPU.
#[derive(Clone, Copy)]
pub struct Cpu {
    pub server: f64,
    pub database: f64,
}

/// What both had used when the measuring began.
pub struct Meter {
    server: u32,
    postmaster: u32,
    before: Cpu,
}

struct Stat {
    parent: u32,
    own: i64,
    /// Of the children that have ended.
    ended: i64,
}

impl Meter {
    pub fn start(server: u32, postmaster: u32) -> Result<Meter, Trouble> {
        Ok(Meter { server, postmaster, before: used(server, postmaster)? })
    }

    /// What each of so many requests has cost since.
    pub fn each(&self, requests: usize) -> Result<Cpu, Trouble> {
        let after = used(self.server, self.postmaster)?;
        let each = |before: f64, after: f64| (after - before) / requests as f64;
        Ok(Cpu {
            server: each(self.before.server, after.server),
            database: each(self.before.database, after.database),
        })
    }
}

/// The process that all processes of the PostgreSQL server are children of.
pub async fn postmaster(database: &Client) -> Result<u32, Trouble> {
    let backend: i32 = database.query_one("select pg_backend_pid()", &[]).await?.get(0);
    Ok(stat(u32::try_from(backend)?)?.parent)
}

fn used(server: u32, postmaster: u32) -> Result<Cpu, Trouble> {
    let first = stat(postmaster)?;
    let mut ticks = first.own + first.ended;
    for child in read_to_string(format!("/proc/{postmaster}/task/{postmaster}/children"))?.split_whitespace()
    {
        // a connection may have been closed meanwhile
        if let Ok(child) = stat(child.parse()?) {
            ticks += child.own;
        }
    }
    Ok(Cpu { server: stat(server)?.own as f64 * TICK, database: ticks as f64 * TICK })
}

fn stat(process: u32) -> Result<Stat, Trouble> {
    let text = read_to_string(format!("/proc/{process}/stat"))?;
    // a program's name may hold spaces
    let (_, fields) = text.rsplit_once(')').ok_or("no name in stat")?;
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let number = |at: usize| -> Result<i64, Trouble> { Ok(fields.get(at).ok_or("a short stat")?.parse()?) };
    Ok(Stat {
        parent: u32::try_from(number(1)?)?,
        own: number(11)? + number(12)?,
        ended: number(13)? + number(14)?,
    })
}
