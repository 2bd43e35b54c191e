//! A running application: its parts, and what it does for HTTP. A request's way through it is [`crate::pipeline`].

use crate::{
    config::Config,
    features::benchmark,
    gate::Gate,
    http::{Answer, Call, Download, HttpSettings, Outcome, Service, Visit},
    identity::{
        refresh,
        ring::{self, KeyRing},
        sign_in::Doorkeeper,
    },
    kernel::{Kernel, Settings, zones},
    pipeline::points::Points,
    scalar,
    schema::{self, Work},
    telemetry::{
        EmailLabel, EmailOutcome, EmailStateLabel, HeadsLabel, JobLabel, JobName, NetworkLabel, PoolLabel,
        Telemetry,
    },
};
use bytes::Bytes;
use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Weak},
    time::Duration,
};

/// A running application.
pub struct App {
    pub kernel: Arc<Kernel>,
    pub door: Arc<Doorkeeper>,
    pub gate: Gate,
    pub config: Config,
    /// The mutations by their names in the schema.
    pub(crate) mutations: HashMap<String, Work>,
    pub(crate) points: Points,
    pub(crate) telemetry: Telemetry,
    settings: HttpSettings,
    sdl: Bytes,
}

impl App {
    /// Builds the application over an open and migrated database.
    pub async fn start(kernel: Arc<Kernel>, config: Config) -> Result<Arc<App>, String> {
        let mut limits = config.limits.clone();
        limits.introspection_for_all |= config.introspection;
        let sdl = schema::sdl(&schema::schema());
        let gate = Gate::new(&sdl, scalar::WRITINGS, limits)?;
        kernel.settle(Settings {
            public_url: config.public_url(),
            app_url: config.app_url(),
            invitation_days: i64::from(config.invitation_days),
        });
        zones::log_data();
        let ring = KeyRing::open(&kernel, &config).await?;
        benchmark::key::seal_plain(&kernel)
            .await
            .map_err(|_| "the benchmark keys cannot be sealed; the log says why".to_owned())?;
        let door = Arc::new(Doorkeeper::new(kernel.clone(), &config, ring));
        let settings = HttpSettings::from(&config);
        let points = Points::new(&config.rate);
        let mutations = schema::mutations();
        let mutations = mutations.into_iter().map(|mutation| (mutation.field(), mutation.work)).collect();
        let telemetry = Telemetry::new();
        let app = Arc::new(App {
            kernel,
            door,
            gate,
            config,
            mutations,
            points,
            telemetry,
            settings,
            sdl: sdl.into(),
        });
        tokio::spawn(watch_keys(Arc::downgrade(&app)));
        tokio::spawn(write_uses(Arc::downgrade(&app)));
        Ok(app)
    }

    /// Counts a job's run, and how long it took.
    pub fn job_ran(&self, job: &'static str, done: bool, took: Duration) {
        let outcome = if done { "done" } else { "failed" };
        self.telemetry.jobs.get_or_create(&JobLabel { job, outcome }).inc();
        self.telemetry.job_seconds.get_or_create(&JobName { job }).observe(took.as_secs_f64());
    }

    /// Counts a row that made its job fail.
    pub fn job_row_failed(&self, job: &'static str) {
        self.telemetry.job_rows_failed.get_or_create(&JobName { job }).inc();
    }

    /// Counts what became of an e-mail.
    pub fn email_went(&self, outcome: EmailOutcome) {
        let outcome = match outcome {
            EmailOutcome::Sent => "sent",
            EmailOutcome::Failed => "failed",
            EmailOutcome::Refused => "refused",
            EmailOutcome::GivenUp => "given_up",
            EmailOutcome::Dropped => "dropped",
        };
        self.telemetry.emails.get_or_create(&EmailLabel { outcome }).inc();
    }

    /// Notes how many e-mails wait, and how many of them failed before.
    pub fn emails_wait(&self, waiting: i64, failed: i64) {
        for (state, count) in [("waiting", waiting), ("failed", failed)] {
            self.telemetry.emails_waiting.get_or_create(&EmailStateLabel { state }).set(count);
        }
    }

    /// Notes how late a job is.
    pub fn job_waits(&self, job: &'static str, seconds: i64) {
        self.telemetry.job_lag.get_or_create(&JobName { job }).set(seconds);
    }
}

impl Service for App {
    async fn greet(&self, bearer: Option<&str>, request_id: &str) -> Result<bool, Answer> {
        self.greeted(bearer, request_id).await
    }
    async fn answer(self: Arc<Self>, call: Call) -> Answer {
        self.respond(call).await
    }
    async fn jwks(&self) -> String {
        self.door.ring.jwks()
    }
    async fn export(
        self: Arc<Self>,
        network: &str,
        token: &str,
        remote: IpAddr,
    ) -> Result<Option<Download>, Outcome> {
        self.exported(network, token, remote).await
    }
    async fn ready(&self) -> Result<(), String> {
        self.kernel.ready().await
    }
    fn visit(&self, remote: IpAddr, visit: Visit) -> Result<(), u32> {
        self.points
            .visit(remote, visit == Visit::Probe, self.kernel.seams.instant())
            .map(drop)
            .map_err(|spent| spent.retry_after)
    }
    fn schema(&self) -> Bytes {
        self.sdl.clone()
    }
    fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }
    fn metrics(&self) -> String {
        for (pool, used, idle) in self.kernel.db.pools() {
            self.telemetry.pool.get_or_create(&PoolLabel { pool, state: "used" }).set(i64::from(used));
            self.telemetry.pool.get_or_create(&PoolLabel { pool, state: "idle" }).set(i64::from(idle));
        }
        self.telemetry.audit_events.clear();
        for (network, heads) in self.kernel.verified.lock().iter() {
            let (network, digest) = (network.to_string(), heads.digest.clone());
            let label = HeadsLabel { network: network.clone(), heads: digest };
            self.telemetry.audit_events.get_or_create(&label).set(heads.events);
            let broken = i64::try_from(heads.broken.len()).unwrap_or(i64::MAX);
            self.telemetry.audit_broken.get_or_create(&NetworkLabel { network }).set(broken);
        }
        self.telemetry.encode()
    }
    fn request_id(&self) -> String {
        self.kernel.seams.id::<()>().uuid().to_string()
    }
    fn settings(&self) -> &HttpSettings {
        &self.settings
    }
}

/// Reads the signing keys again and again, for as long as the application lives: another process may have rotated them.
async fn watch_keys(app: Weak<App>) {
    loop {
        tokio::time::sleep(ring::RELOAD).await;
        let Some(app) = app.upgrade() else { return };
        match app.door.ring.load().await {
            Ok(closed) if closed.is_empty() => {}
            Ok(closed) => tracing::error!(?closed, "secret_key does not open these signing keys"),
            Err(_) => tracing::warn!("the signing keys could not be read"),
        }
    }
}

/// Writes again and again which refresh tokens are used, for as long as the application lives.
async fn write_uses(app: Weak<App>) {
    loop {
        tokio::time::sleep(USES_EVERY).await;
        let Some(app) = app.upgrade() else { return };
        if refresh::write_uses(&app.door).await.is_err() {
            tracing::warn!("first uses of access tokens could not be written");
        }
    }
}

/// How long the first use of an access token waits to be written.
const USES_EVERY: Duration = Duration::from_secs(5);
