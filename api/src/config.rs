//! All settings, from one table: [`SETTINGS`] is the list of names, defaults, environment variables, flags and
//! the README's table.
//!
//! One precedence: flags > environment (`CONCORD_…`) > file (TOML, `--config` or `CONCORD_CONFIG`) > defaults.
//! A wrong or unknown setting stops the start, with its name and where it came from.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use figment::providers::{Format, Toml};
use figment::value::{Dict, Map, Value};
use figment::{Figment, Metadata, Profile, Provider};

use serde::{Deserialize, Deserializer};

use crate::gate::Limits;

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
    /// Largest request body in bytes.
    pub body_limit: usize,
    /// Log as JSON lines.
    pub log_json: bool,
    /// What to log, in tracing's filter syntax.
    pub log_filter: String,
    /// Serve GraphiQL.
    pub explorer: bool,
    /// Introspection for callers not signed in.
    pub introspection: bool,
    /// Origins whose pages may call the API; `*` for all.
    pub cors_origins: Vec<String>,
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
    /// Passwords hashed at once.
    pub hashing: u32,
    /// Seals secrets in the database: one key, or the new one and the old one.
    #[serde(default)]
    pub secret_key: Option<Secret>,
    /// PKCS#8 PEM of an Ed25519 key; none means keys in the database.
    #[serde(default)]
    pub signing_key: Option<Secret>,
    /// Public halves of further keys that verify beside `signing_key`.
    pub verifying_keys: Vec<String>,
    /// How the service is reached from outside.
    pub public_url: String,
    /// SMTP server; none means that no mail is sent.
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
    /// Points of a full bucket of a token.
    pub points: u32,
    /// Points regained each second.
    pub refill_per_second: u32,
    /// A tenant's bucket is this many times a token's.
    pub tenant_factor: u32,
    /// Requests a minute of an address not signed in.
    pub anonymous_per_minute: u32,
    /// Failed sign-ins in 15 minutes for an account.
    pub sign_in_per_account: u32,
    /// Failed sign-ins in 15 minutes from an address.
    pub sign_in_per_address: u32,
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

/// A network: `10.0.0.0/8`, `::1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Cidr {
    address: IpAddr,
    bits: u8,
}

impl Cidr {
    /// Whether the address lies in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let differ = match (self.address, address.to_canonical()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => u128::from(u32::from(a) ^ u32::from(b)) << 96,
            (IpAddr::V6(a), IpAddr::V6(b)) => u128::from(a) ^ u128::from(b),
            _ => return false,
        };
        differ.leading_zeros() >= u32::from(self.bits)
    }
}

impl TryFrom<String> for Cidr {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no network such as 10.0.0.0/8 or ::1");
        let (address, bits) = text.split_once('/').map_or((text.as_str(), None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.trim().parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Ok(most), |bits| bits.trim().parse().map_err(|_| wrong()))?;
        if bits > most {
            return Err(wrong());
        }
        Ok(Self { address, bits })
    }
}

/// Settings given as flags: one `--flag` for each setting, and `--config`. Flatten it into a clap command.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// The settings file.
    pub config: Option<PathBuf>,
    /// Name of a setting to its text.
    pub values: BTreeMap<&'static str, String>,
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
        let mut wrong = Vec::new();
        let mut layers = Vec::new();
        let mut file = flags.config.clone();
        for (name, text) in environment {
            match name.strip_prefix("CONCORD_") {
                None => {}
                Some("CONFIG") => file = file.or(Some(PathBuf::from(text))),
                Some(_) => match SETTINGS.iter().find(|setting| setting.variable() == name) {
                    Some(setting) => {
                        layers.push(setting.layer(&text, format!("environment variable {name}")))
                    }
                    None => wrong.push(format!("{name}: no such setting (from the environment)")),
                },
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
        wrong.extend(SETTINGS.iter().filter_map(|setting| setting.complaint(&figment)));
        if !wrong.is_empty() {
            return Err(ConfigError(wrong));
        }
        figment.extract().map_err(|errors| ConfigError(errors.into_iter().map(|e| say(&e)).collect()))
    }

    /// The defaults alone.
    pub fn defaults() -> Result<Self, ConfigError> {
        Self::load(&Flags::default(), [])
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

/// The README's table of all settings.
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
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Text,
    Secret,
    /// A whole number, at least this.
    Number(u32),
    Flag,
    List,
}

const fn setting(
    name: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    meaning: &'static str,
) -> Setting {
    Setting { name, default, meaning, kind }
}

use Kind::{Flag, List, Number, Text};

/// The one list.
#[rustfmt::skip]
pub const SETTINGS: &[Setting] = &[
    setting("listen", Text, Some("\"127.0.0.1:8080\""), "address and port to listen on"),
    setting("data", Text, Some("\"./concord-data\""), "folder of the embedded SQLite database"),
    setting("database_url", Kind::Secret, None, "PostgreSQL as the application's role; without it the embedded database is used"),
    setting("database_owner_url", Kind::Secret, None, "PostgreSQL as the owner of the tables, for `migrate`; else `database_url`"),
    setting("pooler", Flag, Some("false"), "whether `database_url` leads to a pooler in transaction mode, such as PgBouncer; `database_owner_url` must then lead to PostgreSQL itself"),
    setting("pool.read", Number(1), Some("16"), "PostgreSQL connections for reads"),
    setting("pool.write", Number(1), Some("8"), "PostgreSQL connections for writes"),
    setting("pool.sqlite_read", Number(1), Some("2"), "SQLite connections for reads, each with a cache of its own"),
    setting("statement_timeout", Number(1), Some("5"), "seconds a statement may take"),
    setting("request_timeout", Number(1), Some("10"), "seconds a request may take"),
    setting("shutdown", Number(0), Some("20"), "seconds to wait for running requests when stopping"),
    setting("body_limit", Number(1_024), Some("262144"), "largest request body in bytes"),
    setting("log_json", Flag, Some("false"), "log as JSON lines"),
    setting("log_filter", Text, Some("\"info,sea_orm_migration=warn\""), "what to log (tracing filter)"),
    setting("explorer", Flag, Some("false"), "serve GraphiQL at `/` and `/explorer`"),
    setting("introspection", Flag, Some("false"), "introspection for callers who are not signed in"),
    setting("cors_origins", List, Some("[]"), "origins whose pages may call the API; `*` for all"),
    setting("trusted_proxies", List, Some("[]"), "networks of proxies whose `X-Forwarded-For` is believed"),
    setting("issuer", Text, Some("\"concord\""), "`iss` of access tokens"),
    setting("audience", Text, Some("\"concord\""), "`aud` of access tokens"),
    setting("access_token_seconds", Number(10), Some("300"), "life of an access token"),
    setting("refresh_token_days", Number(1), Some("30"), "life of a refresh token"),
    setting("invitation_days", Number(1), Some("14"), "life of an invitation"),
    setting("hashing", Number(1), Some("1"), "passwords hashed at once, each some 20 ms on 7 MiB; others wait"),
    setting("secret_key", Kind::Secret, None, "64 hexadecimal digits (`concord keys secret` prints some) that seal the secrets in the database, or two such keys, the new one and the old one, separated by a comma. PostgreSQL needs it; beside the embedded database it is made at the first start, in `<data>.key`"),
    setting("signing_key", Kind::Secret, None, "Ed25519 key (PKCS#8 PEM) that signs access tokens; without it keys live in the database"),
    setting("verifying_keys", List, Some("[]"), "with `signing_key`: the `x` of the JWKS of further keys whose access tokens hold, such as the one before"),
    setting("public_url", Text, Some("\"http://127.0.0.1:8080\""), "how the service is reached from outside; letters link to `/invitation#…` and `/password#…` there"),
    setting("smtp_url", Kind::Secret, None, "SMTP server for mail; without it none is sent"),
    setting("mail_from", Text, None, "sender of mail"),
    setting("jobs", Flag, Some("true"), "whether `serve` runs the jobs; without, `worker` must"),
    setting("rate.points", Number(1), Some("2000"), "points of a full bucket of a token"),
    setting("rate.refill_per_second", Number(1), Some("50"), "points regained each second"),
    setting("rate.tenant_factor", Number(1), Some("5"), "a tenant's bucket is this many times a token's"),
    setting("rate.anonymous_per_minute", Number(1), Some("60"), "requests a minute of an address that is not signed in"),
    setting("rate.sign_in_per_account", Number(1), Some("5"), "failed sign-ins in 15 minutes for an account"),
    setting("rate.sign_in_per_address", Number(1), Some("50"), "failed sign-ins in 15 minutes from an address"),
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
            Text | Kind::Secret => raw(),
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

    fn complaint(&self, figment: &Figment) -> Option<String> {
        let value = figment.find_value(self.name).ok()?;
        let expected = match (self.kind, &value) {
            (Text | Kind::Secret, Value::String(_, text)) if !text.is_empty() => return None,
            (Text | Kind::Secret, _) => "a text that is not empty".to_owned(),
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
fn say(error: &figment::Error) -> String {
    format!("{}: {} (from {})", error.path.join("."), error.kind, origin(error.metadata.as_ref()))
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u32::deserialize(deserializer).map(|seconds| Duration::from_secs(seconds.into()))
}

static FLAG_NAMES: LazyLock<Vec<String>> = LazyLock::new(|| SETTINGS.iter().map(Setting::flag).collect());

impl clap::Args for Flags {
    fn augment_args(command: clap::Command) -> clap::Command {
        let config = clap::Arg::new("config")
            .long("config")
            .global(true)
            .value_parser(clap::value_parser!(PathBuf))
            .help("Settings file (TOML); also CONCORD_CONFIG");
        SETTINGS.iter().zip(FLAG_NAMES.iter()).fold(command.arg(config), |command, (setting, flag)| {
            let argument =
                clap::Arg::new(setting.name).long(flag.as_str()).global(true).help(setting.meaning);
            // Many settings and few that matter to a first reader: only the short help is kept short.
            command.arg(argument.value_name("VALUE").hide_short_help(setting.name.contains('.')))
        })
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl clap::FromArgMatches for Flags {
    fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self { config: matches.get_one::<PathBuf>("config").cloned(), ..Self::default() };
        for setting in SETTINGS {
            if let Some(text) = matches.get_one::<String>(setting.name) {
                flags.values.insert(setting.name, text.clone());
            }
        }
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{Args, FromArgMatches};

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    }

    fn file(name: &str, text: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("concord-config-{}-{name}.toml", std::process::id()));
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn the_defaults_hold() {
        let config = Config::defaults().unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.request_timeout, Duration::from_secs(10));
        assert_eq!((config.rate.points, config.limits.documents, config.pool.sqlite_read), (2_000, 1_000, 2));
        assert!(config.database_url.is_none() && config.owner_url().is_ok_and(|url| url.is_none()));
        assert!(!config.explorer && config.cors_origins.is_empty());
    }

    #[test]
    fn flags_beat_environment_beats_file_beats_defaults() {
        let path =
            file("layers", "issuer = 'file'\naudience = 'file'\nlisten = '[::1]:1'\n[rate]\npoints = 7\n");
        let flags = Flags { config: Some(path), values: BTreeMap::from([("issuer", "flag".to_owned())]) };
        let environment = variables(&[
            ("CONCORD_ISSUER", "environment"),
            ("CONCORD_AUDIENCE", "123"),
            ("CONCORD_LIMITS__DEPTH", "9"),
            ("CONCORD_EXPLORER", "true"),
            ("CONCORD_TRUSTED_PROXIES", "10.0.0.0/8, ::1"),
            ("HOME", "/root"),
        ]);
        let config = Config::load(&flags, environment).unwrap();
        assert_eq!((config.issuer.as_str(), config.audience.as_str()), ("flag", "123"));
        assert_eq!((config.rate.points, config.limits.depth, config.limits.cost), (7, 9, 5_000));
        assert_eq!((config.listen.to_string().as_str(), config.explorer), ("[::1]:1", true));
        assert!(config.trusted_proxies[0].contains("10.9.9.9".parse().unwrap()));
    }

    #[test]
    fn wrong_settings_are_named_with_their_source() {
        let path = file("wrong", "colour = 'blue'\nrate = 5\n[pool]\nread = 'many'\nsize = 1\n");
        let flags = Flags {
            config: Some(path.clone()),
            values: BTreeMap::from([("rate.points", "0".to_owned()), ("log_json", "yes".to_owned())]),
        };
        let environment =
            variables(&[("CONCORD_SHUTDOWN", "-1"), ("CONCORD_COLOUR", "blue"), ("CONCORD_ISSUER", "")]);
        let ConfigError(lines) = Config::load(&flags, environment).unwrap_err();
        let from_file = format!("(from file {})", path.display());
        for wanted in [
            "CONCORD_COLOUR: no such setting (from the environment)".to_owned(),
            format!("colour: no such setting {from_file}"),
            format!("rate: expected a section {from_file}"),
            format!("pool.size: no such setting {from_file}"),
            format!("pool.read: expected a whole number from 1 to 4294967295 {from_file}"),
            "rate.points: expected a whole number from 1 to 4294967295 (from flag --rate-points)".to_owned(),
            "log_json: expected true or false (from flag --log-json)".to_owned(),
            "shutdown: expected a whole number from 0 to 4294967295 (from environment variable CONCORD_SHUTDOWN)"
                .to_owned(),
            "issuer: expected a text that is not empty (from environment variable CONCORD_ISSUER)".to_owned(),
        ] {
            assert!(lines.contains(&wanted), "{wanted}\nnot in {lines:#?}");
        }
        assert_eq!(lines.len(), 9, "{lines:#?}");
    }

    #[test]
    fn addresses_are_checked_by_their_types() {
        for (variable, text) in [("CONCORD_LISTEN", "nowhere"), ("CONCORD_TRUSTED_PROXIES", "10.0.0.0/33")] {
            let ConfigError(lines) =
                Config::load(&Flags::default(), variables(&[(variable, text)])).unwrap_err();
            assert!(lines[0].contains(&format!("(from environment variable {variable})")), "{lines:?}");
        }
        let missing = Flags { config: Some("/nowhere/concord.toml".into()), ..Flags::default() };
        let ConfigError(lines) = Config::load(&missing, []).unwrap_err();
        assert!(lines[0].starts_with("file /nowhere/concord.toml: "), "{lines:?}");
    }

    #[test]
    fn secrets_stay_out_of_debug_output() {
        let url = "postgres://app:hunter2@db/concord";
        let config = Config::load(&Flags::default(), variables(&[("CONCORD_DATABASE_URL", url)])).unwrap();
        let owner = config.owner_url().unwrap();
        assert_eq!(owner.map(|(name, url)| (name, url.expose())), Some(("database_url", url)));
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn every_setting_has_a_flag_and_a_line() {
        let command = Flags::augment_args(clap::Command::new("concord"));
        let matches =
            command.try_get_matches_from(["concord", "--rate-points", "5", "--config", "x"]).unwrap();
        let flags = Flags::from_arg_matches(&matches).unwrap();
        assert_eq!((flags.values["rate.points"].as_str(), flags.values.len()), ("5", 1));
        assert_eq!(settings_table().lines().count(), SETTINGS.len() + 2);
    }

    #[test]
    fn networks_contain_their_addresses() {
        for (network, address, inside) in [
            ("10.0.0.0/8", "10.1.2.3", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("10.0.0.0/8", "::ffff:10.1.2.3", true),
            ("192.0.2.1", "192.0.2.1", true),
            ("192.0.2.1", "192.0.2.2", false),
            ("0.0.0.0/0", "203.0.113.9", true),
            ("2001:db8::/32", "2001:db8:1::1", true),
            ("::/0", "10.0.0.1", false),
        ] {
            let cidr = Cidr::try_from(network.to_owned()).unwrap();
            assert_eq!(cidr.contains(address.parse().unwrap()), inside, "{address} in {network}");
        }
    }
}
