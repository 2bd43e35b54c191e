//! `concord`: serve, worker, demo, migrate, schema, admin, keys, zones, benchmark, seed.

use clap::{Args, Parser, Subcommand};
use concord::{
    app::App,
    bootstrap,
    config::{Config, DemoSignIns, Flags},
    features::benchmark::{self, mechanism::replay::replay},
    http,
    identity::{password, ring},
    jobs,
    kernel::{
        self, Kernel, data_folder,
        db::{Db, Pools},
        seal::SecretKeys,
        seams::Seams,
    },
    outbound::Mailer,
    schema, seed,
    telemetry::init_tracing,
};
use mimalloc::MiMalloc;
use std::{
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};
use tokio::net::TcpListener;

/// The backend of a consultancy network, behind one GraphQL endpoint.
#[derive(Parser)]
#[command(name = "concord", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    flags: Flags,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the API, with its jobs unless set otherwise.
    Serve,
    /// Runs the jobs alone, and serves their metrics and probes.
    Worker,
    /// Makes a realistic network in an embedded database, prints its sign-ins, and serves it with the explorer.
    Demo {
        /// Only makes the network.
        #[arg(long, hide = true)]
        make_only: bool,
    },
    /// Brings the database to this program's version, as the owner.
    Migrate {
        /// Undoes every migration instead, and with them all data.
        #[arg(long)]
        down: bool,
        /// Name of a network that `--down` may erase. Give it once for each network in the database.
        #[arg(long, value_name = "NETWORK-NAME", requires = "down")]
        erase: Vec<String>,
    },
    /// Writes a copy of the embedded database to a new file, also while it is served.
    Backup {
        /// The file to make. It must not exist.
        file: PathBuf,
    },
    /// Prints the schema.
    Schema,
    /// Head office's people.
    Admin {
        #[command(subcommand)]
        command: AdminCommand,
    },
    /// The audit log.
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Signing keys.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
    /// Time zones.
    Zones {
        #[command(subcommand)]
        command: ZonesCommand,
    },
    /// The anonymised benchmark.
    Benchmark {
        #[command(subcommand)]
        command: BenchmarkCommand,
    },
    /// Fills the database with synthetic networks, always the same for the same seed.
    Seed(SeedArgs),
}

#[derive(Subcommand)]
enum AdminCommand {
    /// Founds a network with its first head-office admin. The password is asked for, or taken from
    /// CONCORD_ADMIN_PASSWORD.
    Create {
        /// The admin's e-mail address.
        #[arg(long)]
        email: String,
        /// The admin's name.
        #[arg(long)]
        name: String,
        /// The network's name.
        #[arg(long)]
        network: String,
        /// Head office's IANA time zone.
        #[arg(long, default_value = "Europe/London")]
        time_zone: String,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Verifies the chains of every network, and prints the digest of their heads.
    Verify,
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Makes a new signing key. Tokens of the one before hold until they expire.
    Rotate {
        /// Ends the keys before at once, and with them every access token. For a key that leaked.
        #[arg(long)]
        now: bool,
    },
    /// Prints a new secret key, for the setting `secret_key`. Opens no database.
    Secret,
    /// Seals all secrets with the first of two secret keys, so that the second one can go. Every sign-in ends.
    Reseal,
}

#[derive(Subcommand)]
enum ZonesCommand {
    /// Computes the stored instants of all networks by the rules that time zones have now. The jobs do it by themselves
    /// when the time zone database has another version.
    Recompute,
}

#[derive(Subcommand)]
enum BenchmarkCommand {
    /// Prints what the releases of a file publish, decided exactly as production decides. Reads no database.
    Replay {
        /// JSON: the profile, a key in hex, and the clients of each release.
        file: PathBuf,
    },
}

#[derive(Args)]
struct SeedArgs {
    #[arg(long, default_value_t = 1)]
    networks: u32,
    /// Facilitators in each network.
    #[arg(long, default_value_t = 20)]
    facilitators: u32,
    #[arg(long, default_value_t = 20)]
    clients_per_facilitator: u32,
    /// How far back the programmes reach.
    #[arg(long, default_value_t = 15)]
    months: u32,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// It gives memory back that the C library keeps: hashing a password takes 7 MiB for a moment.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Command::Schema = cli.command {
        return exit_code(
            writeln!(std::io::stdout(), "{}", schema::sdl(&schema::schema()).trim_end())
                .map_err(|e| e.to_string()),
        );
    }
    if let Command::Benchmark { command: BenchmarkCommand::Replay { file } } = &cli.command {
        return exit_code(replay_file(file));
    }
    if let Command::Keys { command: KeysCommand::Secret } = &cli.command {
        return exit_code(print_line(&SecretKeys::make(&mut Seams::system().rng())));
    }
    let mut config = match Config::load(&cli.flags, std::env::vars()) {
        Ok(config) => config,
        Err(wrong) => return exit_code(Err(wrong.0.join("\n"))),
    };
    if let Command::Demo { .. } = cli.command {
        config.explorer = true;
        config.demo = Some(DemoSignIns { password: seed::PASSWORD, people: bootstrap::DEMO_SIGN_INS });
        config.introspection = true;
        config.database_url = None;
        config.metrics_listen = None;
    }
    if let Err(error) = init_tracing(config.log_json, &config.log_filter) {
        return exit_code(Err(error));
    }
    for warning in &config.warnings {
        tracing::warn!("{warning}");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return exit_code(Err(format!("no runtime: {error}"))),
    };
    exit_code(runtime.block_on(run(cli.command, config)))
}

fn exit_code(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let written = writeln!(std::io::stderr(), "{error}");
            if written.is_err() { ExitCode::from(2) } else { ExitCode::FAILURE }
        }
    }
}

fn print_line(line: &str) -> Result<(), String> {
    writeln!(std::io::stdout(), "{line}").map_err(|error| error.to_string())
}

fn replay_file(file: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    print_line(&replay(&text)?)
}

async fn run(command: Command, config: Config) -> Result<(), String> {
    match command {
        Command::Schema | Command::Benchmark { .. } | Command::Keys { command: KeysCommand::Secret } => {
            Ok(())
        }
        Command::Serve => serve(open(&config).await?, config).await,
        Command::Worker => run_worker(open(&config).await?, config).await,
        Command::Demo { make_only } => run_demo(config, make_only).await,
        Command::Migrate { down, erase } => migrate(&config, down, &erase).await,
        Command::Backup { file } => backup(&config, &file).await,
        Command::Admin { command: AdminCommand::Create { email, name, network, time_zone } } => {
            let kernel = open(&config).await?;
            let password = read_password()?;
            bootstrap::create_network(&kernel, &network, &time_zone, &name, &email, &password).await?;
            print_line(&format!("{name} <{email}> is head-office admin of {network}."))
        }
        Command::Audit { command: AuditCommand::Verify } => {
            let (lines, whole) = jobs::verify_all(&open(&config).await?)
                .await
                .map_err(|_| "the audit log cannot be read; the log says why".to_owned())?;
            print_line(&lines.join("\n"))?;
            if whole { Ok(()) } else { Err("an audit chain is broken".into()) }
        }
        Command::Keys { command: KeysCommand::Rotate { now } } => rotate_keys(&config, now).await,
        Command::Keys { command: KeysCommand::Reseal } => {
            let kernel = open(&config).await?;
            App::seal_benchmark_keys(&kernel).await?;
            let benchmarks = benchmark::key::reseal(&kernel).await?;
            let (signing, ended) = ring::reseal(&kernel).await?;
            let sealed = benchmarks + signing;
            print_line(&format!(
                "{sealed} secrets are sealed by the first secret key, and {ended} sign-ins have ended. Take the second key \
                 out of secret_key."
            ))
        }
        Command::Zones { command: ZonesCommand::Recompute } => recompute_zones(&open(&config).await?).await,
        Command::Seed(args) => seed_networks(config, args).await,
    }
}

async fn rotate_keys(config: &Config, now: bool) -> Result<(), String> {
    if config.signing_key.is_some() {
        return Err("signing_key is set, so there are no keys in the database to rotate. Set another signing_key, and \
                    list the `x` of the one before in verifying_keys until its last token has expired."
            .into());
    }
    let kernel = open(config).await?;
    App::seal_benchmark_keys(&kernel).await?;
    let lifetime = chrono::TimeDelta::seconds(i64::from(config.access_token_seconds));
    let rotated = ring::rotate(&kernel, lifetime, now).await?;
    let reload = ring::RELOAD.as_secs();
    print_line(&match now {
        true => format!(
            "The signing key {} is made and all others have ended. Running servers follow within {reload} seconds; the \
             access tokens of before no longer hold.",
            rotated.kid
        ),
        false => format!(
            "The signing key {} is made. Running servers know it within {reload} seconds and sign by it from {}.",
            rotated.kid,
            rotated.signs_from.format("%H:%M:%S UTC"),
        ),
    })
}

/// The keys that seal what is secret in the database.
fn secret_keys(config: &Config, seams: &Seams) -> Result<SecretKeys, String> {
    match (&config.secret_key, &config.database_url) {
        (Some(text), _) => SecretKeys::parse(text.expose()).map_err(|error| format!("secret_key: {error}")),
        (None, None) => {
            data_folder::prepare(&config.data)?;
            data_folder::secret_keys(&config.data, &mut seams.rng())
        }
        (None, Some(_)) => Err("secret_key: with PostgreSQL it must be set. `concord keys secret` prints a new key: keep it \
                                in the environment or a settings file, apart from the database and its backups."
            .into()),
    }
}

/// Opens the database, and migrates the embedded one.
async fn open(config: &Config) -> Result<Arc<Kernel>, String> {
    let seams = Seams::system();
    let secrets = secret_keys(config, &seams)?;
    let pools = |reads| Pools {
        reads,
        writes: config.pool.write,
        statement_timeout: config.statement_timeout,
        pooler: config.pooler,
    };
    let db = match &config.database_url {
        Some(url) => {
            let opened = Db::postgres(url.expose(), pools(config.pool.read)).await;
            opened.map_err(|error| format!("database_url: {error}"))?
        }
        None => {
            let db = Db::sqlite(&config.data, pools(config.pool.sqlite_read)).await?;
            migrate_up(&db).await?;
            db
        }
    };
    Ok(Kernel::new(db, seams, secrets, schema::program()))
}

async fn migrate_up(db: &Db) -> Result<(), String> {
    use migration::{Migrator, MigratorTrait};
    refuse_unreleased(db).await?;
    Migrator::up(db.migrations(), None).await.map_err(|error| format!("a migration failed: {error}"))
}

/// Refuses a database from before the first release: no migration leads from there to this program.
async fn refuse_unreleased(db: &Db) -> Result<(), String> {
    let applied = migration::applied(db.migrations()).await;
    let applied = applied.map_err(|error| format!("the database cannot be read: {error}"))?;
    if migration::fit(&applied) == migration::Fit::Unreleased {
        return Err(migration::UNRELEASED.to_owned());
    }
    Ok(())
}

async fn backup(config: &Config, file: &Path) -> Result<(), String> {
    if config.database_url.is_none() && !config.data.join("concord.db").exists() {
        return Err(format!("{}: there is no database here", config.data.display()));
    }
    let db = match &config.database_url {
        Some(url) => Db::postgres(url.expose(), Pools::default()).await?,
        None => Db::sqlite(&config.data, Pools::default()).await?,
    };
    db.backup(file).await?;
    print_line(&format!(
        "{} holds the whole database; keep it as safe as the database itself.",
        file.display()
    ))
}

async fn migrate(config: &Config, down: bool, erase: &[String]) -> Result<(), String> {
    use migration::{Migrator, MigratorTrait};
    let pools = Pools::default();
    let db = match config.owner_url()? {
        Some((name, url)) => {
            Db::postgres(url.expose(), pools).await.map_err(|error| format!("{name}: {error}"))?
        }
        None => Db::sqlite(&config.data, pools).await?,
    };
    refuse_unreleased(&db).await?;
    if down {
        check_named_networks(&db.networks().await?, erase)?;
    }
    let done = if down {
        Migrator::down(db.migrations(), None).await
    } else {
        Migrator::up(db.migrations(), None).await
    };
    done.map_err(|error| format!("a migration failed: {error}"))?;
    print_line(if down { "The database is empty." } else { "The database is up to date." })
}

async fn recompute_zones(kernel: &Arc<Kernel>) -> Result<(), String> {
    kernel.migrated().await?;
    let changed = jobs::time_zones::recompute(kernel).await;
    let changed = changed.map_err(|_| "not all could be recomputed; the log says why".to_owned())?;
    let data = kernel::zones::data();
    let version = data.version.as_deref().unwrap_or("unknown");
    print_line(&format!("{changed} rows follow the {} time zone database, version {version}.", data.source))
}

/// Fails if a network is not named, or a name is not that of a network.
fn check_named_networks(networks: &[String], named: &[String]) -> Result<(), String> {
    let missing: Vec<&String> = networks.iter().filter(|network| !named.contains(network)).collect();
    let unknown: Vec<&String> = named.iter().filter(|name| !networks.contains(name)).collect();
    if !unknown.is_empty() {
        return Err(format!("erase: the database has no network {unknown:?}; its networks are {networks:?}"));
    }
    if !missing.is_empty() {
        return Err(format!(
            "migrate --down erases all data, and the database has the networks {networks:?}. \
             To erase them, name each: --erase NETWORK-NAME"
        ));
    }
    Ok(())
}

async fn serve(kernel: Arc<Kernel>, config: Config) -> Result<(), String> {
    let listener =
        TcpListener::bind(config.listen).await.map_err(|error| format!("{}: {error}", config.listen))?;
    let mailer = Mailer::new(&config, false)?;
    run_server(kernel, config, mailer, listener).await
}

async fn run_server(
    kernel: Arc<Kernel>,
    config: Config,
    mailer: Mailer,
    listener: TcpListener,
) -> Result<(), String> {
    kernel.migrated().await?;
    let app = App::start(kernel, config).await?;
    tracing::info!(address = %app.config.listen, "serving");
    let running = if app.config.jobs { Some(jobs::start(&app, mailer)) } else { None };
    serve_metrics(&app).await;
    http::serve(listener, app, shutdown_signal())
        .await
        .map_err(|error| format!("serving failed: {error}"))?;
    if let Some(running) = running {
        running.stop().await;
    }
    Ok(())
}

async fn run_worker(kernel: Arc<Kernel>, config: Config) -> Result<(), String> {
    let listener =
        TcpListener::bind(config.listen).await.map_err(|error| format!("{}: {error}", config.listen))?;
    kernel.migrated().await?;
    let mailer = Mailer::new(&config, false)?;
    let app = App::start(kernel, config).await?;
    tracing::info!(address = %app.config.listen, "working");
    let running = jobs::start(&app, mailer);
    serve_metrics(&app).await;
    http::serve_probes(listener, app, shutdown_signal())
        .await
        .map_err(|error| format!("serving the probes failed: {error}"))?;
    running.stop().await;
    Ok(())
}

/// Serves `/metrics` beside everything else. An address that is taken is no reason not to start.
async fn serve_metrics(app: &Arc<App>) {
    let Some(address) = app.config.metrics_listen else { return };
    match TcpListener::bind(address).await {
        Ok(listener) => {
            tracing::info!(%address, "serving metrics");
            tokio::spawn(http::serve_metrics(listener, app.clone(), shutdown_signal()));
        }
        Err(error) => {
            tracing::warn!(%address, %error, "metrics are not served: set metrics_listen to a free address")
        }
    }
}

/// Waits for SIGTERM or Ctrl-C.
async fn shutdown_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

async fn run_demo(config: Config, make_only: bool) -> Result<(), String> {
    let listener =
        TcpListener::bind(config.listen).await.map_err(|error| format!("{}: {error}", config.listen))?;
    let kernel = open(&config).await?;
    if bootstrap::has_no_sign_ins(&kernel).await? {
        print_line("Making the demo network …")?;
        let made = seed::demo(&kernel, &hash_password).await;
        made.map_err(|_| "the demo network could not be made; the log says why".to_owned())?;
    }
    if make_only {
        return Ok(());
    }
    print_line("Sign in with the password concord-demo as")?;
    for (email, what) in bootstrap::DEMO_SIGN_INS {
        print_line(&format!("  {email:<38} {what}"))?;
    }
    let address = config.listen;
    print_line(&format!("GraphQL http://{address}/graphql · explorer http://{address}/explorer"))?;
    let mailer = Mailer::new(&config, true)?;
    run_server(kernel, config, mailer, listener).await
}

async fn seed_networks(config: Config, args: SeedArgs) -> Result<(), String> {
    let kernel = open(&config).await?;
    if bootstrap::has_networks(&kernel).await? {
        return Err("The database has networks already. `seed` makes sign-ins with a known password, so it fills empty \
                    databases only."
            .into());
    }
    let plan = seed::Plan {
        networks: args.networks,
        facilitators: args.facilitators,
        clients_per_facilitator: args.clients_per_facilitator,
        months: args.months,
        seed: args.seed,
    };
    let bar = indicatif::ProgressBar::new(0);
    bar.set_style(
        indicatif::ProgressStyle::with_template("{bar:40} {pos}/{len} clients, {elapsed}")
            .map_err(|e| e.to_string())?,
    );
    let tick = |done: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let summary = seed::seed(&kernel, &plan, &hash_password, &tick)
        .await
        .map_err(|_| "the networks could not be made; the log says why".to_owned())?;
    bar.finish();
    print_line(&format!(
        "{} clients with {} actions in {} networks.",
        summary.clients,
        summary.actions,
        summary.networks.len()
    ))?;
    for sign_in in &summary.sign_ins {
        print_line(&format!("  {:<40} {:?}", sign_in.email, sign_in.role))?;
    }
    Ok(())
}

fn hash_password(text: &str) -> String {
    password::hash(text, &mut Seams::system().rng()).expect("memory for a hash")
}

fn read_password() -> Result<String, String> {
    if let Ok(password) = std::env::var("CONCORD_ADMIN_PASSWORD") {
        return Ok(password);
    }
    if !std::io::stdin().is_terminal() {
        return Err("admin_password: set CONCORD_ADMIN_PASSWORD, or run this on a terminal".into());
    }
    rpassword::prompt_password("Password: ").map_err(|error| format!("no password: {error}"))
}
