//! All settings, from one table: [`SETTINGS`] is the list of names, defaults, environment variables, flags and
//! the table in deploy/README.md.
//!
//! One precedence: flags > environment (`CONCORD_…`) > file (TOML, `--config` or `CONCORD_CONFIG`) > defaults.
//! A wrong or unknown setting stops the start, with its name and where it came from. A secret
//! may be in a file that a variable names (`CONCORD_SIGNING_KEY_FILE`).

mod environment;
mod flags;
#[cfg(test)]
mod tests;
mod values;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use serde::{Deserialize, Deserializer};

use crate::gate::Limits;

use environment::Variable;

pub use flags::Flags;
pub use values::{Cidr, Header, Origin};

/// Every setting of the process.
#[derive(Debug, Clone, Deserialize)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// Folder of the embedded SQLite database.
    pub data: PathBuf,
    /// PostgreSQL as the application's role; none means the embedded database.
    #[serde(default)]
    pub database_url: Option<Secret>,
    /// PostgreSQL as the owner, for migrations.
    #[serde(default)]
    pub database_owner_url: Option<Secret>,
    /// The password for `database_url`; in the URL once the settings are loaded.
    #[serde(default)]
    pub database_password: Option<Secret>,
    /// Whether `database_url` leads to a pooler in transaction mode.
    pub pooler: bool,
    /// Database connections.
    pub pool: PoolSettings,
    /// Longest a statement may take.
    #[serde(deserialize_with = "seconds")]
    pub statement_timeout: Duration,
    /// Longest a request may take.
    #[serde(deserialize_with = "seconds")]
    pub request_timeout: Duration,
    /// Longest to wait for running requests when stopping.
    #[serde(deserialize_with = "seconds")]
    pub shutdown: Duration,
    /// Largest body in bytes of a request with a valid token.
    pub body_limit: usize,
    /// Largest body in bytes of a request without one.
    pub body_limit_anonymous: usize,
    /// Connections at once; fewer where descriptors do not suffice.
    pub connections: usize,
    /// Connections of an address at once; trusted proxies have no such limit.
    pub connections_per_address: usize,
    /// Address and port of the listener for `/metrics`; none means that there is none.
    #[serde(deserialize_with = "address")]
    pub metrics_listen: Option<SocketAddr>,
    /// Log as JSON lines.
    pub log_json: bool,
    /// What to log, in tracing's filter syntax.
    pub log_filter: String,
    /// Serve the explorer.
    pub explorer: bool,
    /// Folder with the files of the explorer; none means that they come from a CDN.
    #[serde(default)]
    pub assets: Option<PathBuf>,
    /// What the explorer offers to sign in as; none but on the demo.
    #[serde(skip)]
    pub demo: Option<DemoSignIns>,
    /// Introspection for callers not signed in.
    pub introspection: bool,
    /// Origins whose pages may call the API; `*` for all.
    pub cors_origins: Vec<Origin>,
    /// Request headers that such pages may send, beside ours and those of clients' tools.
    pub cors_headers: Vec<Header>,
    /// Networks of proxies whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<Cidr>,
    /// `iss` of access tokens.
    pub issuer: String,
    /// `aud` of access tokens.
    pub audience: String,
    /// Life of an access token.
    pub access_token_seconds: u32,
    /// Life of a refresh token.
    pub refresh_token_days: u32,
    /// Life of an invitation.
    pub invitation_days: u32,
    /// Passwords of strangers hashed at once; 0 means as many as there are cores.
    pub hashing: u32,
    /// Seals secrets in the database: one key, or the new one and the old one.
    #[serde(default)]
    pub secret_key: Option<Secret>,
    /// PKCS#8 PEM of an Ed25519 key; none means keys in the database.
    #[serde(default)]
    pub signing_key: Option<Secret>,
    /// Public halves of further keys that verify beside `signing_key`.
    pub verifying_keys: Vec<String>,
    /// Where the API is reached from outside; none means at `listen`.
    #[serde(default)]
    public_url: Option<String>,
    /// Where links of e-mails lead; none means to `public_url`.
    #[serde(default)]
    app_url: Option<String>,
    /// SMTP server; none means that e-mails wait.
    #[serde(default)]
    pub smtp_url: Option<Secret>,
    /// Sender of mails.
    #[serde(default)]
    pub mail_from: Option<String>,
    /// Whether `serve` runs the jobs.
    pub jobs: bool,
    /// Rate limits.
    pub rate: RateSettings,
    /// Limits of documents.
    pub limits: Limits,
    /// What the operator should know of the environment, for the log.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// Sizes of connection pools.
#[derive(Debug, Clone, Deserialize)]
pub struct PoolSettings {
    /// PostgreSQL connections for reads.
    pub read: u32,
    /// PostgreSQL connections for writes.
    pub write: u32,
    /// SQLite connections for reads; there is one for writes.
    pub sqlite_read: u32,
}

/// Rate limits, of each process.
#[derive(Debug, Clone, Deserialize)]
pub struct RateSettings {
    /// Points of a person's full bucket.
    pub points: u32,
    /// Points that a person regains each second.
    pub refill_per_second: u32,
    /// A network's bucket is at least this many times a person's.
    pub tenant_factor: u32,
    /// Requests a minute of an address not signed in.
    pub anonymous_per_minute: u32,
    /// Failed sign-ins in 15 minutes for an account.
    pub sign_in_per_account: u32,
    /// Failed sign-ins in 15 minutes from an address.
    pub sign_in_per_address: u32,
}

/// The sign-ins of the demo.
#[derive(Debug, Clone, Copy)]
pub struct DemoSignIns {
    /// The password of all of them.
    pub password: &'static str,
    /// E-mail address and role of each.
    pub people: &'static [(&'static str, &'static str)],
}

/// A setting that nobody may read in a log.
#[derive(Clone, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Why the process does not start, for its operator: one line for each wrong setting.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError(pub Vec<String>);

impl Config {
    /// Layers flags, environment, file and defaults.
    pub fn load(
        flags: &Flags,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let (mut wrong, mut warnings) = (Vec::new(), Vec::new());
        let mut layers = Vec::new();
        let mut file = flags.config.clone();
        for (name, text) in environment {
            match environment::read(&name, &text) {
                Variable::Nothing => {}
                Variable::File(path) => file = file.or(Some(path)),
                Variable::Setting(layer) => layers.push(layer),
                Variable::Ignored(warning) => warnings.push(warning),
                Variable::Wrong(why) => wrong.push(why),
            }
        }
        for (name, text) in &flags.values {
            match SETTINGS.iter().find(|setting| setting.name == *name) {
                Some(setting) => layers.push(setting.layer(text, format!("flag --{}", setting.flag()))),
                None => wrong.push(format!("{name}: no such setting (from the flags)")),
            }
        }
        let mut figment = Figment::new().merge(Toml::string(&default_toml()));
        if let Some(path) = file {
            figment = figment.merge(file_layer(&path, &mut wrong));
        }
        let figment = layers.into_iter().fold(figment, Figment::merge);
        wrong.extend(SETTINGS.iter().filter_map(|setting| setting.check_value(&figment)));
        if !wrong.is_empty() {
            return Err(ConfigError(wrong));
        }
        let read = figment.extract::<Self>();
        let config =
            read.map_err(|errors| ConfigError(errors.into_iter().map(|e| describe_error(&e)).collect()))?;
        Self { warnings, ..config }.with_password()
    }

    /// Puts the database's password into its URL.
    fn with_password(mut self) -> Result<Self, ConfigError> {
        if let (Some(url), Some(password)) = (&self.database_url, &self.database_password) {
            let whole = values::with_password(url.expose(), password.expose()).ok_or_else(|| {
                let why = "the URL must name a user and hold no password of its own";
                ConfigError(vec![format!("database_password: {why}")])
            })?;
            self.database_url = Some(Secret::new(whole));
        }
        Ok(self)
    }

    /// The defaults alone.
    pub fn defaults() -> Result<Self, ConfigError> {
        Self::load(&Flags::default(), [])
    }

    /// Where the API is reached from outside, without a slash at the end.
    pub fn public_url(&self) -> String {
        let here = || match self.listen.ip().is_unspecified() {
            // every address, this machine's own among them
            true if self.listen.is_ipv4() => format!("http://127.0.0.1:{}", self.listen.port()),
            true => format!("http://[::1]:{}", self.listen.port()),
            false => format!("http://{}", self.listen),
        };
        self.public_url.as_ref().map_or_else(here, |url| url.trim_end_matches('/').to_owned())
    }

    /// Where links of e-mails lead, without a slash at the end.
    pub fn app_url(&self) -> String {
        self.app_url.as_ref().map_or_else(|| self.public_url(), |url| url.trim_end_matches('/').to_owned())
    }

    /// Where migrations connect, and the setting that says so: as the owner, else as the application. They need a
    /// session of their own, which a pooler does not give.
    pub fn owner_url(&self) -> Result<Option<(&'static str, &Secret)>, String> {
        match (&self.database_owner_url, &self.database_url) {
            (Some(url), _) => Ok(Some(("database_owner_url", url))),
            (None, Some(_)) if self.pooler => {
                Err("database_owner_url: with `pooler`, set it to the URL of PostgreSQL itself".into())
            }
            (None, url) => Ok(url.as_ref().map(|url| ("database_url", url))),
        }
    }
}

/// The table of all settings in deploy/README.md.
pub fn settings_table() -> String {
    let mut table = String::from("| setting | environment | default | meaning |\n|---|---|---|---|\n");
    for setting in SETTINGS {
        let default = setting.default.map_or("–".to_owned(), |text| format!("`{text}`"));
        let (name, variable) = (setting.name, setting.variable());
        table.push_str(&format!("| `{name}` | `{variable}` | {default} | {} |\n", setting.meaning));
    }
    table
}

/// One setting, as everything else is derived from.
pub struct Setting {
    /// Its path in the file.
    pub name: &'static str,
    /// Its default as TOML; none for optional ones.
    pub default: Option<&'static str>,
    /// What it means.
    pub meaning: &'static str,
    kind: SettingKind,
}

#[derive(Clone, Copy, PartialEq)]
enum SettingKind {
    Text,
    Secret,
    /// A text that may be empty.
    OptionalText,
    /// A whole number, at least this.
    Number(u32),
    Flag,
    List,
}

const fn setting(
    name: &'static str,
    kind: SettingKind,
    default: Option<&'static str>,
    meaning: &'static str,
) -> Setting {
    Setting { name, default, meaning, kind }
}

use SettingKind::{Flag, List, Number, Text};

/// The one list.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    setting("listen", Text, Some("\"127.0.0.1:8080\""), "address and port to listen on"),
    setting("data", Text, Some("\"./concord-data\""), "folder of the embedded SQLite database"),
    setting("database_url", SettingKind::Secret, None, "PostgreSQL as the application's role; without it the embedded database is used"),
    setting("database_owner_url", SettingKind::Secret, None, "PostgreSQL as the owner of the tables, for `migrate`; else `database_url`"),
    setting("database_password", SettingKind::Secret, None, "password for `database_url`, where the URL has none"),
    setting("pooler", Flag, Some("false"), "whether `database_url` leads to a pooler in transaction mode, such as PgBouncer; `database_owner_url` must then lead to PostgreSQL itself"),
    setting("pool.read", Number(1), Some("16"), "PostgreSQL connections for reads"),
    setting("pool.write", Number(1), Some("8"), "PostgreSQL connections for writes"),
    setting("pool.sqlite_read", Number(1), Some("2"), "SQLite connections for reads, each with a cache of its own"),
    setting("statement_timeout", Number(1), Some("5"), "seconds a statement may take"),
    setting("request_timeout", Number(1), Some("10"), "seconds a request may take"),
    setting("shutdown", Number(0), Some("20"), "seconds to wait for running requests when stopping"),
    setting("body_limit", Number(1_024), Some("1048576"), "largest body in bytes of a request with a valid access token"),
    setting("body_limit_anonymous", Number(1_024), Some("65536"), "largest body in bytes of a request without one"),
    setting("connections", Number(1), Some("10000"), "connections at once; fewer where file descriptors do not suffice"),
    setting("connections_per_address", Number(1), Some("256"), "connections of one address at once; `trusted_proxies` have no such limit"),
    setting("metrics_listen", SettingKind::OptionalText, Some("\"127.0.0.1:9464\""), "address and port of the listener for `/metrics`; empty: there is none"),
    setting("log_json", Flag, Some("false"), "log as JSON lines"),
    setting("log_filter", Text, Some("\"info,sea_orm_migration=warn\""), "what to log (tracing filter)"),
    setting("explorer", Flag, Some("false"), "serve the explorer (GraphiQL with a sign-in form) at `/` and `/explorer`"),
    setting("assets", Text, None, "folder with the files of the explorer, so that it needs no internet; without it browsers load them from a CDN"),
    setting("introspection", Flag, Some("false"), "introspection for callers who are not signed in"),
    setting("cors_origins", List, Some("[]"), "origins whose pages may call the API, such as `https://app.example.com`; `*` for all"),
    setting("cors_headers", List, Some("[]"), "request headers that such pages may send, beside those of Apollo, Sentry and OpenTelemetry"),
    setting("trusted_proxies", List, Some("[]"), "networks of proxies whose `X-Forwarded-For` is believed"),
    setting("issuer", Text, Some("\"concord\""), "`iss` of access tokens"),
    setting("audience", Text, Some("\"concord\""), "`aud` of access tokens"),
    setting("access_token_seconds", Number(10), Some("300"), "life of an access token"),
    setting("refresh_token_days", Number(1), Some("30"), "life of a refresh token"),
    setting("invitation_days", Number(1), Some("14"), "life of an invitation"),
    setting("hashing", Number(0), Some("0"), "passwords hashed at once, each some 20 ms on 7 MiB; others wait; 0: as many as there are cores"),
    setting("secret_key", SettingKind::Secret, None, "64 hexadecimal digits (`concord keys secret` prints some) that seal the secrets in the database, or two such keys, the new one and the old one, separated by a comma. PostgreSQL needs it; beside the embedded database it is made at the first start, in `<data>.key`"),
    setting("signing_key", SettingKind::Secret, None, "Ed25519 key (PKCS#8 PEM) that signs access tokens; without it keys live in the database"),
    setting("verifying_keys", List, Some("[]"), "with `signing_key`: the `x` of the JWKS of further keys whose access tokens hold, such as the one before"),
    setting("public_url", Text, None, "URL at which the API is reached from outside, for links to downloads and links that unsubscribe; without it `http://` and `listen`"),
    setting("app_url", Text, None, "URL of your pages: e-mails link to `/invitation#…`, `/password#…`, `/actions/…` and others there; without it `public_url`, which has a plain page for each"),
    setting("smtp_url", SettingKind::Secret, None, "SMTP server for e-mails; without it they wait in the outbox"),
    setting("mail_from", Text, None, "sender of e-mails"),
    setting("jobs", Flag, Some("true"), "whether `serve` runs the jobs; without, `worker` must"),
    setting("rate.points", Number(1_000), Some("60000"), "points that a person may have saved up: 1,000 are 10 ms of CPU, of the server and the database together"),
    setting("rate.refill_per_second", Number(1), Some("2000"), "points that a person regains each second"),
    setting("rate.tenant_factor", Number(1), Some("5"), "a network may spend as much as this many people; from twice as many active people on, as much as half of them"),
    setting("rate.anonymous_per_minute", Number(1), Some("60"), "requests a minute of an address that is not signed in, and five times as many at once; refreshes of tokens: twenty times"),
    setting("rate.sign_in_per_account", Number(1), Some("5"), "failed sign-ins in 15 minutes for an account"),
    setting("rate.sign_in_per_address", Number(1), Some("100"), "failed sign-ins in 15 minutes from an address"),
    setting("limits.tokens", Number(1), Some("5000"), "tokens of a document"),
    setting("limits.nesting", Number(1), Some("64"), "brackets inside brackets"),
    setting("limits.depth", Number(1), Some("15"), "fields inside fields"),
    setting("limits.cost", Number(1), Some("5000"), "points one request may cost"),
    setting("limits.fields", Number(1), Some("2000"), "fields once fragments are spread"),
    setting("limits.root_fields", Number(1), Some("20"), "fields of the root"),
    setting("limits.aliases", Number(0), Some("30"), "aliases"),
    setting("limits.directives", Number(0), Some("50"), "directives"),
    setting("limits.fragments", Number(0), Some("50"), "fragments"),
    setting("limits.list", Number(1), Some("100"), "items of a page or of a list argument"),
    setting("limits.documents", Number(1), Some("1000"), "documents remembered as checked"),
];

impl Setting {
    /// `rate.points` → `CONCORD_RATE__POINTS`.
    pub fn variable(&self) -> String {
        format!("CONCORD_{}", self.name.replace('.', "__").to_uppercase())
    }

    /// `rate.points` → `rate-points`.
    pub fn flag(&self) -> String {
        self.name.replace(['.', '_'], "-")
    }

    /// A text from outside as a layer of its own, so that a complaint names its source. What does not parse
    /// stays a text and is complained of later.
    fn layer(&self, text: &str, source: String) -> Layer {
        let raw = || Value::from(text);
        let value = match self.kind {
            Text | SettingKind::Secret | SettingKind::OptionalText => raw(),
            Number(_) => text.trim().parse::<u64>().map_or_else(|_| raw(), Value::from),
            Flag => text.trim().parse::<bool>().map_or_else(|_| raw(), Value::from),
            List => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Value::from(items.map(Value::from).collect::<Vec<_>>())
            }
        };
        let dict = self
            .name
            .rsplit('.')
            .fold(value, |inner, key| Value::from(Dict::from([(key.to_owned(), inner)])));
        Layer { source, dict: dict.into_dict().unwrap_or_default() }
    }

    fn check_value(&self, figment: &Figment) -> Option<String> {
        let value = figment.find_value(self.name).ok()?;
        let expected = match (self.kind, &value) {
            (Text | SettingKind::Secret, Value::String(_, text)) if !text.is_empty() => return None,
            (Text | SettingKind::Secret, _) => "a text that is not empty".to_owned(),
            (SettingKind::OptionalText, Value::String(..)) => return None,
            (SettingKind::OptionalText, _) => "a text".to_owned(),
            (Flag, Value::Bool(..)) => return None,
            (Flag, _) => "true or false".to_owned(),
            (List, Value::Array(_, items)) if items.iter().all(|item| item.as_str().is_some()) => {
                return None;
            }
            (List, _) => "a list of texts".to_owned(),
            (Number(least), value) => {
                let unsigned = || value.to_u128().and_then(|number| i128::try_from(number).ok());
                let number = value.to_i128().or_else(unsigned).unwrap_or(-1);
                if (i128::from(least)..=i128::from(u32::MAX)).contains(&number) {
                    return None;
                }
                format!("a whole number from {least} to {}", u32::MAX)
            }
        };
        Some(format!(
            "{}: expected {expected} (from {})",
            self.name,
            origin(figment.find_metadata(self.name))
        ))
    }
}

struct Layer {
    source: String,
    dict: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.source.clone())
    }

    fn data(&self) -> figment::Result<Map<Profile, Dict>> {
        Ok(Map::from([(Profile::Default, self.dict.clone())]))
    }
}

fn default_toml() -> String {
    let defaults = SETTINGS.iter().filter_map(|setting| Some((setting.name, setting.default?)));
    defaults.map(|(name, text)| format!("{name} = {text}\n")).collect()
}

fn file_layer(path: &Path, wrong: &mut Vec<String>) -> Layer {
    let source = format!("file {}", path.display());
    let read = std::fs::read_to_string(path).map_err(|error| error.to_string());
    let dict = read.and_then(|text| Toml::from_str::<Dict>(&text).map_err(|error| error.to_string()));
    match dict {
        Ok(dict) => {
            unknown_keys("", &dict, &source, wrong);
            Layer { source, dict }
        }
        Err(error) => {
            wrong.push(format!("{source}: {}", error.trim()));
            Layer { source, dict: Dict::new() }
        }
    }
}

fn unknown_keys(above: &str, dict: &Dict, source: &str, wrong: &mut Vec<String>) {
    for (key, value) in dict {
        let name = format!("{above}{key}");
        let section = format!("{name}.");
        let is_section = SETTINGS.iter().any(|setting| setting.name.starts_with(&section));
        match value {
            Value::Dict(_, inner) if is_section => unknown_keys(&section, inner, source, wrong),
            _ if is_section => wrong.push(format!("{name}: expected a section (from {source})")),
            _ if SETTINGS.iter().any(|setting| setting.name == name) => {}
            _ => wrong.push(format!("{name}: no such setting (from {source})")),
        }
    }
}

fn origin(metadata: Option<&Metadata>) -> String {
    metadata.map_or("the defaults".to_owned(), |metadata| metadata.name.to_string())
}

/// What the types refuse beyond the table (an address, a network). Only plain settings have such types, so the
/// value may be shown.
fn describe_error(error: &figment::Error) -> String {
    format!("{}: {} (from {})", error.path.join("."), error.kind, origin(error.metadata.as_ref()))
}

/// An address, or none for an empty text.
fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SocketAddr>, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.is_empty() {
        return Ok(None);
    }
    let wrong =
        |_| serde::de::Error::custom(format!("`{text}` is no address with a port such as 127.0.0.1:9464"));
    text.parse().map(Some).map_err(wrong)
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u32::deserialize(deserializer).map(|seconds| Duration::from_secs(seconds.into()))
}
