//! Settings from all their sources.

use super::*;
use clap::{Args, FromArgMatches};
use std::collections::BTreeMap;

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
    assert_eq!((config.rate.points, config.limits.documents, config.pool.sqlite_read), (60_000, 1_000, 2));
    assert!(config.database_url.is_none() && config.owner_url().is_ok_and(|url| url.is_none()));
    assert!(!config.explorer && config.cors_origins.is_empty());
}

#[test]
fn flags_beat_environment_beats_file_beats_defaults() {
    let path =
        file("layers", "issuer = 'file'\naudience = 'file'\nlisten = '[::1]:1'\n[rate]\npoints = 1007\n");
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
    assert_eq!((config.rate.points, config.limits.depth, config.limits.cost), (1_007, 9, 5_000));
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
        "rate.points: expected a whole number from 1000 to 4294967295 (from flag --rate-points)".to_owned(),
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
        let ConfigError(lines) = Config::load(&Flags::default(), variables(&[(variable, text)])).unwrap_err();
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
    let matches = command.try_get_matches_from(["concord", "--rate-points", "5", "--config", "x"]).unwrap();
    let flags = Flags::from_arg_matches(&matches).unwrap();
    assert_eq!((flags.values["rate.points"].as_str(), flags.values.len()), ("5", 1));
    assert_eq!(settings_table().lines().count(), SETTINGS.len() + 2);
}

#[test]
fn what_orchestrators_and_compose_make_does_not_stop_the_start() {
    let environment = variables(&[
        ("CONCORD_PORT", "tcp://10.96.0.7:8080"),
        ("CONCORD_SERVICE_HOST", "10.96.0.7"),
        ("CONCORD_PORT_8080_TCP_ADDR", "10.96.0.7"),
        ("CONCORD_APP_PASSWORD", "secret"),
        ("CONCORD_SMTP_URL", ""),
        ("CONCORD_MAIL_FROM", ""),
        ("CONCORD_SIGNING_KEY", ""),
        ("CONCORD_DATABASE_URL", ""),
        ("CONCORD_CORS_ORIGINS", ""),
        ("CONCORD_METRICS_LISTEN", ""),
        ("CONCORD_CONFIG", ""),
    ]);
    let config = Config::load(&Flags::default(), environment).unwrap();
    assert_eq!(config.warnings.len(), 3, "{:?}", config.warnings);
    assert!(config.warnings[0].starts_with("CONCORD_PORT is ignored"), "{:?}", config.warnings);
    assert!(config.smtp_url.is_none() && config.database_url.is_none() && config.signing_key.is_none());
    assert!(config.metrics_listen.is_none() && Config::defaults().unwrap().metrics_listen.is_some());
    // a misspelt one stops it
    for (name, text) in
        [("CONCORD_PORTS", "8080"), ("CONCORD_PORT", "8080"), ("CONCORD_SMTP", "x"), ("CONCORD_ISSUER", "")]
    {
        assert!(Config::load(&Flags::default(), variables(&[(name, text)])).is_err(), "{name}");
    }
}

#[test]
fn wrong_origins_headers_and_addresses_are_named() {
    for (variable, text, wanted) in [
        ("CONCORD_CORS_ORIGINS", "[\"http://localhost:3000\"]", "no brackets or quotes"),
        ("CONCORD_CORS_ORIGINS", "https://a.example, https://b.example/", "without a slash"),
        ("CONCORD_CORS_ORIGINS", "localhost:3000", "begins with https://"),
        ("CONCORD_CORS_HEADERS", "x-client, a b", "no name of a header"),
        ("CONCORD_METRICS_LISTEN", "9464", "no address with a port"),
    ] {
        let ConfigError(lines) = Config::load(&Flags::default(), variables(&[(variable, text)])).unwrap_err();
        assert!(lines[0].contains(wanted) && lines[0].contains(variable), "{lines:?}");
    }
}

#[test]
fn secrets_may_be_in_files() {
    let path = file("secret", "hunter/2\n");
    let path = path.display().to_string();
    let environment = variables(&[
        ("CONCORD_DATABASE_URL", "postgres://app@db/concord"),
        ("CONCORD_DATABASE_PASSWORD_FILE", &path),
        ("CONCORD_SMTP_URL_FILE", ""),
    ]);
    let config = Config::load(&Flags::default(), environment).unwrap();
    assert_eq!(
        config.database_url.as_ref().map(Secret::expose),
        Some("postgres://app:hunter%2F2@db/concord")
    );
    assert!(!format!("{config:?}").contains("hunter"));
    for wrong in [("CONCORD_SIGNING_KEY_FILE", "/nowhere/key"), ("CONCORD_ISSUER_FILE", &path)] {
        assert!(Config::load(&Flags::default(), variables(&[wrong])).is_err(), "{wrong:?}");
    }
    let twice = variables(&[
        ("CONCORD_DATABASE_URL", "postgres://app:x@db/concord"),
        ("CONCORD_DATABASE_PASSWORD", "y"),
    ]);
    let ConfigError(lines) = Config::load(&Flags::default(), twice).unwrap_err();
    assert!(lines[0].starts_with("database_password: "), "{lines:?}");
}

#[test]
fn links_lead_to_where_the_server_listens_unless_told_otherwise() {
    for (given, public, app) in [
        (vec![], "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        (vec![("CONCORD_LISTEN", "127.0.0.1:18090")], "http://127.0.0.1:18090", "http://127.0.0.1:18090"),
        (vec![("CONCORD_LISTEN", "0.0.0.0:80")], "http://127.0.0.1:80", "http://127.0.0.1:80"),
        (vec![("CONCORD_LISTEN", "[::]:80")], "http://[::1]:80", "http://[::1]:80"),
        (vec![("CONCORD_PUBLIC_URL", "https://api.example/")], "https://api.example", "https://api.example"),
        (vec![("CONCORD_APP_URL", "https://app.example/")], "http://127.0.0.1:8080", "https://app.example"),
    ] {
        let config = Config::load(&Flags::default(), variables(&given)).unwrap();
        assert_eq!((config.public_url().as_str(), config.app_url().as_str()), (public, app), "{given:?}");
    }
}
