//! Measures Concord, SQL written by hand and PostGraphile in turns on the same data: see `tests/bench`.

mod backlog;
mod baseline;
mod cast;
mod compare;
mod cpu;
mod points;
mod postgraphile;
mod table;
mod wire;

use baseline::Orders;
use cast::{Cast, Person};
use cpu::Meter;
use entity::{action, client};
use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    process::Stdio,
    time::Duration,
};
use table::{Measurement, Rounds};
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
  regionCode position stageTitle clientCount actionsOpen actionsOverdue actionsDone } } } } }";
const Q4: &str =
    "query ($id: ID!) { client(id: $id) { id name industry sizeBand timeZone status createdAt version } }";
const R1: &str =
    "{ clients(first: 20, filter: { risk: { gte: 3 } }, orderBy: [{ field: RISK, direction: DESC }]) {
  totalCount nodes { id name risk } } }";
const M1: &str = "mutation ($id: ID!) { actionComplete(input: { id: $id }) {
  action { id status version } errors { code } } }";

/// A workload, as requests to each side.
struct Workload {
    name: &'static str,
    mode: Mode,
    concord: &'static [Script],
    baseline: &'static [Script],
    postgraphile: Option<&'static [Script]>,
}

/// A running server.
struct Server {
    child: Child,
    port: u16,
}

struct Rivals {
    concord: Server,
    baseline: Server,
    /// `None` if PostGraphile could not be installed.
    postgraphile: Option<Server>,
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
        [concord, superuser, app, postgraphile @ ..] if postgraphile.len() < 2 => {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(measure(concord, superuser, app, postgraphile.first().map(String::as_str)))
        }
        _ => Err("bench CONCORD SUPERUSER_URL APP_URL [POSTGRAPHILE]: tests/bench calls it".into()),
    }
}

async fn measure(
    concord: &str,
    superuser: &str,
    app: &str,
    postgraphile: Option<&str>,
) -> Result<(), Trouble> {
    let (database, connection) = tokio_postgres::connect(superuser, tokio_postgres::NoTls).await?;
    tokio::spawn(connection);
    let cast = Cast::pick(&database, CONNECTIONS).await?;
    let rivals = Rivals::start(concord, app, superuser, postgraphile, &cast).await?;
    let tokens = sign_in(rivals.concord.port, &cast).await?;
    cast.reset(&database).await?;
    let workloads = workloads(&cast, &tokens);
    for workload in &workloads {
        cast.folded(&database).await?;
        compare::compare(workload, &rivals, &cast, &database).await?;
    }
    let rounds: usize = setting("BENCH_ROUNDS", 5)?;
    let lasting = Duration::from_secs_f64(setting("BENCH_SECONDS", 3.0)?);
    let only = std::env::var("BENCH_ONLY").unwrap_or_default();
    let chosen = |name: &str| only.is_empty() || only.split(' ').any(|one| one == name);
    let postmaster = cpu::postmaster(&database).await?;
    let mut found: Vec<Rounds> = workloads.iter().map(|_| Rounds::default()).collect();
    for round in 0..rounds {
        for (workload, found) in workloads.iter().zip(&mut found) {
            if !chosen(workload.name) {
                continue;
            }
            if workload.name == "Q3" {
                cast.folded(&database).await?;
            }
            let sides = workload.sides(&rivals);
            // by turns also who begins
            for side in (0..sides.len()).map(|turn| (round + turn) % sides.len()) {
                let Some((server, scripts)) = sides[side] else { continue };
                let meter = Meter::start(server.child.id().ok_or("a server has ended")?, postmaster)?;
                let done = wire::round(server.port, scripts, workload.mode, lasting).await?;
                found[side].push(Measurement { speed: done.speed, cpu: meter.per_request(done.requests)? });
                if workload.mode == Mode::Once {
                    cast.reset(&database).await?;
                }
            }
        }
    }
    let mut out = std::io::stdout();
    writeln!(out, "\n{CONNECTIONS} connections, medians of {rounds} rounds of {lasting:?}")?;
    writeln!(out, "{}", table::heading())?;
    for (workload, found) in workloads.iter().zip(found).filter(|(workload, _)| chosen(workload.name)) {
        writeln!(out, "{}", table::row(workload.name, &found))?;
    }
    writeln!(out, "concord's memory at its highest: {}", rivals.memory()?)?;
    Ok(())
}

impl Workload {
    /// The server and the requests of each side.
    fn sides<'a>(&self, rivals: &'a Rivals) -> [Option<(&'a Server, &'static [Script])>; 3] {
        [
            Some((&rivals.concord, self.concord)),
            Some((&rivals.baseline, self.baseline)),
            rivals.postgraphile.as_ref().zip(self.postgraphile),
        ]
    }
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

    /// Waits until the server prints its port.
    async fn from_printed_port(mut child: Child) -> Result<Server, Trouble> {
        let output = BufReader::new(child.stdout.take().ok_or("no way from the server")?);
        let port = output.lines().next_line().await?.ok_or("the server did not start")?.parse()?;
        Ok(Server { child, port })
    }
}

impl Rivals {
    async fn start(
        concord: &str,
        app: &str,
        superuser: &str,
        postgraphile: Option<&str>,
        cast: &Cast,
    ) -> Result<Rivals, Trouble> {
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
        let baseline = Server::from_printed_port(baseline).await?;
        let postgraphile = match postgraphile {
            Some(folder) => Some(postgraphile::start(folder, superuser, READS).await?),
            None => None,
        };
        Ok(Rivals { concord, baseline, postgraphile })
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
    let by_network = |name: &'static str, document: &str| Workload {
        name,
        mode: Mode::Again,
        concord: hung(office().map(|(_, token)| vec![post(document, json!({}), token)]).collect()),
        baseline: hung(office().map(|(at, _)| vec![fetch(&format!("/{name}/{}", others + at))]).collect()),
        postgraphile: None,
    };
    let generated = |name: &str| postgraphile::scripts(name, cast).map(hung);
    vec![
        Workload {
            name: "Q1",
            mode: Mode::Again,
            concord: hung(readers().map(|(_, (_, token))| vec![post(Q1, json!({}), token)]).collect()),
            baseline: hung(readers().map(|(at, _)| vec![fetch(&format!("/Q1/{at}"))]).collect()),
            postgraphile: generated("Q1"),
        },
        Workload {
            name: "Q2",
            mode: Mode::Again,
            concord: by_client(Q2),
            baseline: by_hand("/Q2"),
            postgraphile: generated("Q2"),
        },
        by_network("Q3", Q3),
        Workload {
            name: "Q4",
            mode: Mode::Again,
            concord: by_client(Q4),
            baseline: by_hand("/Q4"),
            postgraphile: generated("Q4"),
        },
        by_network("R1", R1),
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
            postgraphile: generated("M1"),
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
