//! A running application: its parts, and the service that HTTP calls. [`crate::pipeline`] answers its requests.

use crate::{
    config::Config,
    features::benchmark,
    gate::Gate,
    http::{Answer, Call, Download, HttpSettings, Outcome, Service, Visit},
    identity::{
        refresh,
        ring::{self, KeyRing},
        service::SignInService,
    },
    kernel::{Kernel, Settings, zones},
    pipeline::points::Points,
    scalar,
    schema::{self, Computation, MutationWork},
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
    pub sign_in: Arc<SignInService>,
    pub gate: Gate,
    pub config: Config,
    /// The mutations by their names in the schema.
    pub(crate) mutations: HashMap<String, MutationWork>,
    /// The functions of query root fields that are computed in Rust, by field name.
    pub(crate) computed: HashMap<&'static str, Computation>,
    pub(crate) points: Points,
    pub(crate) telemetry: Telemetry,
    settings: HttpSettings,
    sdl: Bytes,
}

impl App {
    /// Seals the benchmark keys that a version without `secret_key` has stored. Runs before the signing keys are sealed, because
    /// sealed signing keys show that this is done.
    pub async fn seal_benchmark_keys(kernel: &Arc<Kernel>) -> Result<(), String> {
        let failed = |_| "the benchmark keys cannot be sealed; the log says why".to_owned();
        let sealed_before = ring::has_sealed(kernel).await.map_err(failed)?;
        benchmark::key::seal_plain(kernel, !sealed_before).await.map_err(failed)
    }

    /// Builds the application over an open and migrated database.
    pub async fn start(kernel: Arc<Kernel>, config: Config) -> Result<Arc<App>, String> {
        let mut limits = config.limits.clone();
        limits.introspection_for_all |= config.introspection;
        let sdl = schema::sdl(&schema::schema());
        let gate = Gate::new(&sdl, scalar::WRITINGS, limits)?;
        kernel.configure(Settings {
            public_url: config.public_url(),
            app_url: config.app_url(),
            invitation_days: i64::from(config.invitation_days),
        });
        zones::log_data();
        Self::seal_benchmark_keys(&kernel).await?;
        let ring = KeyRing::open(&kernel, &config).await?;
        let sign_in = Arc::new(SignInService::new(kernel.clone(), &config, ring));
        let settings = HttpSettings::try_from(&config)?;
        let points = Points::new(&config.rate);
        let mutations = schema::mutations();
        let mutations = mutations.into_iter().map(|mutation| (mutation.field(), mutation.work)).collect();
        let telemetry = Telemetry::new();
        let app = Arc::new(App {
            kernel,
            sign_in,
            gate,
            config,
            mutations,
            computed: schema::computed().into(),
            points,
            telemetry,
            settings,
            sdl: sdl.into(),
        });
        tokio::spawn(reload_keys(Arc::downgrade(&app)));
        tokio::spawn(write_first_uses(Arc::downgrade(&app)));
        Ok(app)
    }

    /// Counts a job's turn and its duration.
    pub fn record_job_turn(&self, job: &'static str, done: bool, took: Duration) {
        let outcome = if done { "done" } else { "failed" };
        self.telemetry.jobs.get_or_create(&JobLabel { job, outcome }).inc();
        self.telemetry.job_seconds.get_or_create(&JobName { job }).observe(took.as_secs_f64());
    }

    /// Counts a row that made its job fail.
    pub fn record_failed_row(&self, job: &'static str) {
        self.telemetry.job_rows_failed.get_or_create(&JobName { job }).inc();
    }

    /// Counts an e-mail by its outcome.
    pub fn record_email(&self, outcome: EmailOutcome) {
        let outcome = match outcome {
            EmailOutcome::Sent => "sent",
            EmailOutcome::Failed => "failed",
            EmailOutcome::Refused => "refused",
            EmailOutcome::GivenUp => "given_up",
            EmailOutcome::Dropped => "dropped",
        };
        self.telemetry.emails.get_or_create(&EmailLabel { outcome }).inc();
    }

    /// Sets the number of waiting e-mails, and of those that failed before.
    pub fn record_waiting_emails(&self, waiting: i64, failed: i64) {
        for (state, count) in [("waiting", waiting), ("failed", failed)] {
            self.telemetry.emails_waiting.get_or_create(&EmailStateLabel { state }).set(count);
        }
    }

    /// Sets the lag of a job.
    pub fn record_job_lag(&self, job: &'static str, seconds: i64) {
        self.telemetry.job_lag.get_or_create(&JobName { job }).set(seconds);
    }
}

impl Service for App {
    async fn check_head(&self, bearer: Option<&str>, request_id: &str) -> Result<bool, Answer> {
        self.admit_head(bearer, request_id).await
    }
    async fn answer(self: Arc<Self>, call: Call) -> Answer {
        self.respond(call).await
    }
    async fn jwks(&self) -> String {
        self.sign_in.ring.jwks()
    }
    async fn export(
        self: Arc<Self>,
        network: &str,
        token: &str,
        remote: IpAddr,
    ) -> Result<Option<Download>, Outcome> {
        self.open_export(network, token, remote).await
    }
    async fn unsubscribe(&self, token: &str, remote: IpAddr, confirmed: bool) -> Result<bool, Outcome> {
        self.end_emails(token, remote, confirmed).await
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
        for (pool, used, idle) in self.kernel.pools() {
            self.telemetry.pool.get_or_create(&PoolLabel { pool, state: "used" }).set(i64::from(used));
            self.telemetry.pool.get_or_create(&PoolLabel { pool, state: "idle" }).set(i64::from(idle));
        }
        self.telemetry.audit_events.clear();
        for (network, heads) in self.kernel.verified_chains() {
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

/// Reloads the signing keys regularly, for as long as the application lives: another process may have rotated them.
async fn reload_keys(app: Weak<App>) {
    loop {
        tokio::time::sleep(ring::RELOAD).await;
        let Some(app) = app.upgrade() else { return };
        match app.sign_in.ring.load().await {
            Ok(closed) if closed.is_empty() => {}
            Ok(closed) => tracing::error!(?closed, "secret_key does not open these signing keys"),
            Err(_) => tracing::warn!("the signing keys could not be read"),
        }
    }
}

/// Writes the first uses of access tokens regularly, for as long as the application lives.
async fn write_first_uses(app: Weak<App>) {
    loop {
        tokio::time::sleep(WRITE_USES_EVERY).await;
        let Some(app) = app.upgrade() else { return };
        if refresh::write_uses(&app.sign_in).await.is_err() {
            tracing::warn!("first uses of access tokens could not be written");
        }
    }
}

/// The interval between two writes of first uses.
const WRITE_USES_EVERY: Duration = Duration::from_secs(5);
