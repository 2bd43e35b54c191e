//! Requests a second of Concord and of SQL written by hand, in turns on the same data: see `tests/bench`.

mod backlog;
mod baseline;
mod cast;
mod cpu;
mod points;
mod wire;

use baseline::Orders;
use cast::{Cast, Person};
use cpu::{Cpu, Meter};
use entity::{action, client};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    process::Stdio,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    process::{Child, Command},
};
use uuid::Uuid;
use wire::{Mode, Script, Wire};

pub type Trouble = Box<dyn std::error::Error + Send + Sync>;

const CONNECTIONS: usize = 16;
const READS: usize = 16;
const WRITES: usize = 8;
const PASSWORD: &str = "concord-demo";

const Q1: &str = "{ viewer { portfolio(first: 20) { nodes {
  id name currentStage { id title position } progress { actionsOverdue actionsOpen actionsDone }
  nextSession { id title startsAt } topPriorities(first: 3) { nodes { id title owner { id name } } } } } } }";
const Q2: &str = "query ($id: ID!) { client(id: $id) { id name programme { id name stages {
  id position title status priorities { id title rank status owner { id name }
    actions { id title status dueOn owner { id name } } } } } } }";
const Q3: &str = "{ viewer { network { dashboard { places {
  regionCode position stage clients actionsOpen actionsOverdue actionsDone } } } } }";
const Q4: &str =
    "query ($id: ID!) { client(id: $id) { id name industry sizeBand timeZone status createdAt version } }";
const M1: &str = "mutation ($id: ID!) { actionComplete(input: { id: $id }) {
  action { id status version } errors { code } } }";

/// A question, as both are asked it.
struct Workload {
    name: &'static str,
    mode: Mode,
    concord: &'static [Script],
    baseline: &'static [Script],
}

/// What a round of a workload came to: requests a second, and CPU of each.
#[derive(Clone, Copy)]
struct Pace {
    speed: f64,
    cpu: Cpu,
}

/// A running Concord.
struct Server {
    child: Child,
    port: u16,
}

/// The two servers.
struct Rivals {
    concord: Server,
    baseline: Child,
    baseline_port: u16,
}

fn main() -> Result<(), Trouble> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [baseline] if baseline == "baseline" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(baseline::serve(serde_json::from_str(&text)?))
        }
        [backlog, concord, superuser, app] if backlog == "backlog" => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(backlog::measure(concord, superuser, app))
        }
        [points, concord, superuser, app] if points == "points" => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(points::measure(concord, superuser, app))
        }
        [concord, superuser, app] => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(measure(concord, superuser, app))
        }
        _ => Err("bench CONCORD SUPERUSER_URL APP_URL: tests/bench calls it".into()),
    }
}

async fn measure(concord: &str, superuser: &str, app: &str) -> Result<(), Trouble> {
    let (database, connection) = tokio_postgres::connect(superuser, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    let cast = Cast::pick(&database, CONNECTIONS).await?;
    let rivals = Rivals::start(concord, app, &cast).await?;
    let tokens = sign_in(rivals.concord.port, &cast).await?;
    cast.reset(&database).await?;
    let workloads = workloads(&cast, &tokens);
    for workload in &workloads {
        cast.folded(&database).await?;
        compare(workload, &rivals, &cast, &database).await?;
    }
    let rounds: usize = setting("BENCH_ROUNDS", 5)?;
    let lasting = Duration::from_secs_f64(setting("BENCH_SECONDS", 3.0)?);
    let only = std::env::var("BENCH_ONLY").unwrap_or_default();
    let chosen = |name: &str| only.is_empty() || only.split(' ').any(|one| one == name);
    let postmaster = cpu::postmaster(&database).await?;
    let mut found = vec![(vec![], vec![]); workloads.len()];
    for round in 0..rounds {
        for (workload, (ours, theirs)) in workloads.iter().zip(&mut found) {
            if !chosen(workload.name) {
                continue;
            }
            if workload.name == "Q3" {
                cast.folded(&database).await?;
            }
            // by turns also who begins
            for turn in [round % 2, (round + 1) % 2] {
                let (port, server, scripts, paces) = match turn {
                    0 => (rivals.concord.port, &rivals.concord.child, workload.concord, &mut *ours),
                    _ => (rivals.baseline_port, &rivals.baseline, workload.baseline, &mut *theirs),
                };
                let meter = Meter::start(server.id().ok_or("a server has ended")?, postmaster)?;
                let done = wire::round(port, scripts, workload.mode, lasting).await?;
                paces.push(Pace { speed: done.speed, cpu: meter.each(done.requests)? });
                if workload.mode == Mode::Once {
                    cast.reset(&database).await?;
                }
            }
        }
    }
    let mut out = std::io::stdout();
    writeln!(out, "\n{CONNECTIONS} connections, medians of {rounds} rounds of {lasting:?}")?;
    writeln!(
        out,
        "{:<4}{:>12}{:>12}{:>8}{:>12}{:>10}{:>14}{:>10}",
        "", "concord/s", "by hand/s", "ratio", "server ms", "by hand", "database ms", "by hand"
    )?;
    for (workload, (ours, theirs)) in
        workloads.iter().zip(found).filter(|(workload, _)| chosen(workload.name))
    {
        let (ours, theirs) = (middle(&ours), middle(&theirs));
        writeln!(
            out,
            "{:<4}{:>12.0}{:>12.0}{:>8.2}{:>12.3}{:>10.3}{:>14.3}{:>10.3}",
            workload.name,
            ours.speed,
            theirs.speed,
            ours.speed / theirs.speed,
            ours.cpu.server,
            theirs.cpu.server,
            ours.cpu.database,
            theirs.cpu.database
        )?;
    }
    writeln!(out, "concord's memory at its highest: {}", rivals.memory()?)?;
    Ok(())
}

impl Server {
    async fn start(concord: &str, app: &str, jobs: bool) -> Result<Server, Trouble> {
        Self::with_points(concord, app, jobs, ("1000000000", "1000000000")).await
    }

    /// The same with so many points for everybody, and so many more each second.
    async fn with_points(
        concord: &str,
        app: &str,
        jobs: bool,
        (points, refill): (&str, &str),
    ) -> Result<Server, Trouble> {
        let port = tokio::net::TcpListener::bind("127.0.0.1:0").await?.local_addr()?.port();
        let plenty = "1000000000";
        let child = Command::new(concord)
            .arg("serve")
            .env_clear()
            .env("CONCORD_LISTEN", format!("127.0.0.1:{port}"))
            .env("CONCORD_METRICS_LISTEN", "")
            .env("CONCORD_DATABASE_URL", app)
            // the key that the database was seeded with
            .env("CONCORD_SECRET_KEY", std::env::var("CONCORD_SECRET_KEY").unwrap_or_default())
            .env("CONCORD_JOBS", jobs.to_string())
            .env("CONCORD_POOL__READ", READS.to_string())
            .env("CONCORD_POOL__WRITE", WRITES.to_string())
            .env("CONCORD_ACCESS_TOKEN_SECONDS", "7200")
            .env("CONCORD_LOG_FILTER", "warn")
            .env("CONCORD_RATE__POINTS", points)
            .env("CONCORD_RATE__REFILL_PER_SECOND", refill)
            .env("CONCORD_RATE__ANONYMOUS_PER_MINUTE", plenty)
            .env("CONCORD_RATE__SIGN_IN_PER_ADDRESS", plenty)
            .kill_on_drop(true)
            .spawn()?;
        for _ in 0..100 {
            if let Ok(mut wire) = Wire::connect(port).await
                && wire.ask(b"GET /readyz HTTP/1.1\r\nhost: bench\r\n\r\n").await.is_ok()
            {
                return Ok(Server { child, port });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err("concord did not get ready".into())
    }
}

impl Rivals {
    async fn start(concord: &str, app: &str, cast: &Cast) -> Result<Rivals, Trouble> {
        let concord = Server::start(concord, app, true).await?;
        let people = |people: &[Person]| serde_json::to_value(people);
        let people = [people(&cast.readers)?, people(&cast.writers)?, people(&cast.office)?];
        let people: Vec<Value> = people.iter().filter_map(Value::as_array).flatten().cloned().collect();
        let orders = Orders {
            url: app.to_owned(),
            people: serde_json::from_value(people.into())?,
            reads: READS,
            writes: WRITES,
        };
        let mut baseline = Command::new(std::env::current_exe()?)
            .arg("baseline")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut orally = baseline.stdin.take().ok_or("no way to the baseline")?;
        orally.write_all(&serde_json::to_vec(&orders)?).await?;
        drop(orally);
        let said = BufReader::new(baseline.stdout.take().ok_or("no way from the baseline")?);
        let baseline_port = said.lines().next_line().await?.ok_or("the baseline did not start")?.parse()?;
        Ok(Rivals { concord, baseline, baseline_port })
    }

    fn memory(&self) -> Result<String, Trouble> {
        let id = self.concord.child.id().ok_or("concord has ended")?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
        let line = status.lines().find(|line| line.starts_with("VmHWM")).ok_or("no VmHWM")?;
        let kilobytes: f64 = line.split_whitespace().nth(1).unwrap_or_default().parse()?;
        Ok(format!("{:.0} MB", kilobytes / 1024.0))
    }
}

/// The access tokens of the readers, of the writers and of head office.
async fn sign_in(port: u16, cast: &Cast) -> Result<Vec<String>, Trouble> {
    let mut wire = Wire::connect(port).await?;
    let mut tokens = vec![];
    for person in cast.readers.iter().chain(&cast.writers).chain(&cast.office) {
        let document =
            "mutation ($input: SignInInput!) { signIn(input: $input) { accessToken errors { code } } }";
        let variables = json!({ "input": { "email": person.email, "password": PASSWORD } });
        let body: Value = serde_json::from_slice(wire.ask(&post(document, variables, "")).await?)?;
        let token = body["data"]["signIn"]["accessToken"].as_str().ok_or_else(|| body.to_string())?;
        tokens.push(token.to_owned());
    }
    Ok(tokens)
}

fn workloads(cast: &Cast, tokens: &[String]) -> Vec<Workload> {
    let readers = || cast.readers.iter().zip(tokens).enumerate();
    let writers = || cast.actions.iter().zip(&tokens[cast.readers.len()..]).enumerate();
    let others = cast.readers.len() + cast.writers.len();
    let office = || tokens[others..].iter().enumerate();
    let hung = |scripts: Vec<Script>| -> &'static [Script] { scripts.leak() };
    let by_client = |document: &str| {
        hung(
            readers()
                .map(|(_, (person, token))| asked::<client::Entity>(document, &person.clients, token))
                .collect(),
        )
    };
    let by_hand = |path: &'static str| {
        let script =
            |at: usize, ids: &[Uuid]| ids.iter().map(|id| fetch(&format!("{path}/{at}/{id}"))).collect();
        hung(readers().map(|(at, (person, _))| script(at, &person.clients)).collect())
    };
    vec![
        Workload {
            name: "Q1",
            mode: Mode::Again,
            concord: hung(readers().map(|(_, (_, token))| vec![post(Q1, json!({}), token)]).collect()),
            baseline: hung(readers().map(|(at, _)| vec![fetch(&format!("/Q1/{at}"))]).collect()),
        },
        Workload { name: "Q2", mode: Mode::Again, concord: by_client(Q2), baseline: by_hand("/Q2") },
        Workload {
            name: "Q3",
            mode: Mode::Again,
            concord: hung(office().map(|(_, token)| vec![post(Q3, json!({}), token)]).collect()),
            baseline: hung(office().map(|(at, _)| vec![fetch(&format!("/Q3/{}", others + at))]).collect()),
        },
        Workload { name: "Q4", mode: Mode::Again, concord: by_client(Q4), baseline: by_hand("/Q4") },
        Workload {
            name: "M1",
            mode: Mode::Once,
            concord: hung(
                writers().map(|(_, (ids, token))| asked::<action::Entity>(M1, ids, token)).collect(),
            ),
            baseline: hung(
                writers()
                    .map(|(at, (ids, _))| {
                        let at = at + cast.readers.len();
                        ids.iter().map(|id| fetch(&format!("/M1/{at}/{id}"))).collect()
                    })
                    .collect(),
            ),
        },
    ]
}

fn asked<N: entity::Noun>(document: &str, ids: &[Uuid], token: &str) -> Script {
    let id = |uuid: &Uuid| entity::Id::<N>::new(*uuid).to_string();
    ids.iter().map(|uuid| post(document, json!({ "id": id(uuid) }), token)).collect()
}

fn post(document: &str, variables: Value, token: &str) -> Vec<u8> {
    let body = json!({ "query": document, "variables": variables }).to_string();
    let bearer = if token.is_empty() { String::new() } else { format!("authorization: Bearer {token}\r\n") };
    format!(
        "POST /graphql HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n{bearer}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn fetch(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n").into_bytes()
}

/// Whether both give the same answers: to every read, and to everybody's first change.
async fn compare(
    workload: &Workload,
    rivals: &Rivals,
    cast: &Cast,
    database: &tokio_postgres::Client,
) -> Result<(), Trouble> {
    let most = if workload.mode == Mode::Once { 1 } else { usize::MAX };
    let ours = answers(rivals.concord.port, workload.concord, most).await?;
    if workload.mode == Mode::Once {
        cast.reset(database).await?;
    }
    let theirs = answers(rivals.baseline_port, workload.baseline, most).await?;
    if workload.mode == Mode::Once {
        cast.reset(database).await?;
    }
    for (ours, theirs) in ours.0.iter().zip(&theirs.0) {
        if ours != theirs {
            return Err(format!("{}: the answers differ at {}", workload.name, apart(ours, theirs)).into());
        }
    }
    let (name, count) = (workload.name, ours.0.len());
    writeln!(
        std::io::stdout(),
        "{name}: {count} equal answers, {} and {} bytes on average",
        ours.1 / count,
        theirs.1 / count
    )?;
    Ok(())
}

/// The first answers to each script, plain, and how many bytes they had.
async fn answers(port: u16, scripts: &[Script], most: usize) -> Result<(Vec<Value>, usize), Trouble> {
    let mut wire = Wire::connect(port).await?;
    let (mut answers, mut bytes) = (vec![], 0);
    for request in scripts.iter().flat_map(|script| script.iter().take(most)) {
        let body = wire.ask(request).await?;
        bytes += body.len();
        let answer: Value = serde_json::from_slice(body)?;
        answers.push(plain(&answer["data"]));
    }
    Ok((answers, bytes))
}

/// Where two values differ, and how.
fn apart(ours: &Value, theirs: &Value) -> String {
    let below: Vec<(String, &Value, &Value)> = match (ours, theirs) {
        (Value::Object(a), Value::Object(b)) if a.len() == b.len() => {
            a.iter().map(|(name, value)| (name.clone(), value, b.get(name).unwrap_or(&Value::Null))).collect()
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().map(|(at, (a, b))| (at.to_string(), a, b)).collect()
        }
        _ => return format!(": {ours} and {theirs}"),
    };
    let first = below.into_iter().find(|(_, ours, theirs)| ours != theirs);
    first.map_or_else(String::new, |(name, ours, theirs)| format!("/{name}{}", apart(ours, theirs)))
}

/// A value with ids as UUIDs, instants as numbers and constants in lower case, so that only what is said counts.
fn plain(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), plain(value))).collect(),
        Value::Array(items) => items.iter().map(plain).collect(),
        Value::String(text) => {
            if let Some((_, uuid)) = entity::split_id(text) {
                return uuid.to_string().into();
            }
            match chrono::DateTime::parse_from_rfc3339(text) {
                Ok(at) => at.timestamp_micros().into(),
                Err(_) => text.to_ascii_lowercase().into(),
            }
        }
        other => other.clone(),
    }
}

/// The medians of what rounds came to.
fn middle(paces: &[Pace]) -> Pace {
    let of = |part: fn(&Pace) -> f64| median(paces.iter().map(part).collect());
    Pace {
        speed: of(|pace| pace.speed),
        cpu: Cpu { server: of(|pace| pace.cpu.server), database: of(|pace| pace.cpu.database) },
    }
}

fn median(mut speeds: Vec<f64>) -> f64 {
    speeds.sort_by(f64::total_cmp);
    speeds.get(speeds.len() / 2).copied().unwrap_or_default()
}

fn setting<T: std::str::FromStr>(name: &str, otherwise: T) -> Result<T, Trouble> {
    match std::env::var(name) {
        Ok(text) => text.parse().map_err(|_| format!("{name}: {text} cannot be used").into()),
        Err(_) => Ok(otherwise),
    }
}
