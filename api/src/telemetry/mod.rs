//! What operators see: metrics for Prometheus, spans, and logs on standard error.

mod span;

use crate::kernel::zones::{self, ZoneData};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use tracing_subscriber::EnvFilter;

pub use span::{RequestEnd, RequestSpan, record, turn_span};

/// All metric families of a process. Labels are closed sets, never what a client sends.
pub struct Telemetry {
    registry: Registry,
    /// HTTP answers, by status.
    pub requests: Family<StatusLabel, Counter>,
    /// Errors sent to clients, by code.
    pub errors: Family<CodeLabel, Counter>,
    /// Seconds from a request's head to its answer.
    pub latency: Histogram,
    /// Requests running now.
    pub running: Gauge,
    /// Database connections, by pool and state.
    pub pool: Family<PoolLabel, Gauge>,
    /// Look-ups in caches (`plan`, `document`, `token`), by result.
    pub cache: Family<CacheLabel, Counter>,
    /// Jobs done, by name and outcome.
    pub jobs: Family<JobLabel, Counter>,
    /// Seconds that a job took, by name.
    pub job_seconds: Family<JobName, Histogram, fn() -> Histogram>,
    /// Rows that made their job fail and were set aside, by the job's name.
    pub job_rows_failed: Family<JobName, Counter>,
    /// Audit events of a network when its chains were last verified here, with the digest of the chains' heads.
    pub audit_events: Family<HeadsLabel, Gauge>,
    /// Audit chains of a network that were found broken here.
    pub audit_broken: Family<NetworkLabel, Gauge>,
    /// Seconds since the turn that waits longest was due, by name.
    pub job_lag: Family<JobName, Gauge>,
    /// E-mails, by what became of them.
    pub emails: Family<EmailLabel, Counter>,
    /// E-mails in the outbox: all that wait, and of them those that failed before.
    pub emails_waiting: Family<EmailStateLabel, Gauge>,
}

/// What became of an e-mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailOutcome {
    /// The mail server took it.
    Sent,
    /// An attempt failed; more follow.
    Failed,
    /// The mail server refuses it for good.
    Refused,
    /// Its attempts or its link ended.
    GivenUp,
    /// Nothing of it was true any more.
    Dropped,
}

/// What became of e-mails.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct EmailLabel {
    /// `sent`, `failed`, `refused`, `given_up` or `dropped`.
    pub outcome: &'static str,
}

/// How e-mails in the outbox stand.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct EmailStateLabel {
    /// `waiting` or `failed`.
    pub state: &'static str,
}

/// An HTTP status.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct StatusLabel {
    /// The number.
    pub status: u16,
}

/// An error code of the API's closed list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct CodeLabel {
    /// The code.
    pub code: &'static str,
}

/// A pool and the state of its connections.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct PoolLabel {
    /// `read` or `write`.
    pub pool: &'static str,
    /// `idle`, `used` or `waiting`.
    pub state: &'static str,
}

/// A cache and whether it had the entry.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct CacheLabel {
    /// The cache.
    pub cache: &'static str,
    /// `hit` or `miss`.
    pub result: &'static str,
}

/// A job.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct JobName {
    /// Its name.
    pub job: &'static str,
}

/// A network.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct NetworkLabel {
    /// Its id.
    pub network: String,
}

/// A network and the digest of its audit chains' heads.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct HeadsLabel {
    /// The network's id.
    pub network: String,
    /// SHA-256 in hex.
    pub heads: String,
}

/// A job and how it went.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct JobLabel {
    /// The job.
    pub job: &'static str,
    /// `done` or `failed`.
    pub outcome: &'static str,
}

impl Telemetry {
    /// All families, at zero.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("concord");
        let latency = Histogram::new(LATENCY_BUCKETS);
        let telemetry = Self {
            requests: Family::default(),
            errors: Family::default(),
            latency,
            running: Gauge::default(),
            pool: Family::default(),
            cache: Family::default(),
            jobs: Family::default(),
            job_seconds: Family::new_with_constructor(|| Histogram::new(JOB_BUCKETS)),
            job_rows_failed: Family::default(),
            audit_events: Family::default(),
            audit_broken: Family::default(),
            job_lag: Family::default(),
            emails: Family::default(),
            emails_waiting: Family::default(),
            registry: Registry::default(),
        };
        registry.register("http_requests", "HTTP answers by status", telemetry.requests.clone());
        registry.register("errors", "Errors sent to clients by code", telemetry.errors.clone());
        registry.register("http_request_seconds", "Time to answer", telemetry.latency.clone());
        registry.register("http_requests_running", "Requests running now", telemetry.running.clone());
        registry.register("pool_connections", "Database connections", telemetry.pool.clone());
        registry.register("cache_lookups", "Look-ups in caches", telemetry.cache.clone());
        registry.register("jobs", "Jobs by outcome", telemetry.jobs.clone());
        let events = telemetry.audit_events.clone();
        registry.register(
            "audit_events",
            "Audit events when their chains were verified, and the heads' digest",
            events,
        );
        registry.register("audit_chains_broken", "Audit chains found broken", telemetry.audit_broken.clone());
        let failed = telemetry.job_rows_failed.clone();
        registry.register("job_rows_failed", "Rows that made their job fail and were set aside", failed);
        registry.register("job_seconds", "Time that a step of a job takes", telemetry.job_seconds.clone());
        registry.register(
            "job_lag_seconds",
            "How long the job's turn that waits longest is due",
            telemetry.job_lag.clone(),
        );
        let ZoneData { version, source } = zones::data();
        let version = version.as_deref().unwrap_or("unknown");
        let data = Info::new([("version", version), ("source", *source)]);
        registry.register("time_zone_data", "The time zone database that instants are computed by", data);
        registry.register("emails", "E-mails by what became of them", telemetry.emails.clone());
        registry.register(
            "emails_waiting",
            "E-mails in the outbox: all that wait, and those that failed before",
            telemetry.emails_waiting.clone(),
        );
        Self { registry, ..telemetry }
    }

    /// Counts a look-up in a cache.
    pub fn looked_up(&self, cache: &'static str, hit: bool) {
        let result = if hit { "hit" } else { "miss" };
        self.cache.get_or_create(&CacheLabel { cache, result }).inc();
    }

    /// The text that `/metrics` answers (OpenMetrics).
    pub fn encode(&self) -> String {
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = prometheus_client::encoding::text::encode(&mut text, &self.registry);
        text
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        Self::new()
    }
}

/// Starts logging to standard error; a second call changes nothing. Fails on a filter that does not parse.
pub fn init_tracing(json: bool, filter: &str) -> Result<(), String> {
    let filter = EnvFilter::try_new(filter).map_err(|error| format!("log_filter: {error}"))?;
    // at its debug level it tells the values of statements, which are clients' content
    let quiet = "tokio_postgres=info".parse().map_err(|error| format!("log_filter: {error}"))?;
    let filter = filter.add_directive(quiet);
    let logs = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // An error means that logging has started already, as in tests.
    let _ = if json { logs.json().try_init() } else { logs.try_init() };
    Ok(())
}

/// From well under a cached read to the request's time limit.
const LATENCY_BUCKETS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// From an empty look to a statement's time limit many times over.
const JOB_BUCKETS: [f64; 9] = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 60.0, 300.0];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_counted_is_told() {
        let telemetry = Telemetry::new();
        telemetry.requests.get_or_create(&StatusLabel { status: 200 }).inc();
        telemetry.looked_up("plan", true);
        telemetry.latency.observe(0.002);
        telemetry.job_seconds.get_or_create(&JobName { job: "retain" }).observe(0.002);
        telemetry.job_lag.get_or_create(&JobName { job: "retain" }).set(7);
        let text = telemetry.encode();
        for line in [
            "concord_http_requests_total{status=\"200\"} 1",
            "concord_cache_lookups_total{cache=\"plan\",result=\"hit\"} 1",
            "concord_http_request_seconds_bucket{le=\"0.0025\"} 1",
            "concord_job_seconds_bucket{le=\"0.005\",job=\"retain\"} 1",
            "concord_job_lag_seconds{job=\"retain\"} 7",
            "# EOF",
        ] {
            assert!(text.contains(line), "{line}\nnot in\n{text}");
        }
    }

    #[test]
    fn a_wrong_filter_is_named() {
        assert!(init_tracing(false, "info,=,").is_err_and(|message| message.starts_with("log_filter")));
    }
}
