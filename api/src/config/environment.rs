//! Which variables of the environment are settings, and which only look like them.

use std::path::PathBuf;

use super::{Layer, SETTINGS, Setting, SettingKind};

/// What a variable of the environment is to the settings.
pub(super) enum Variable {
    /// Not theirs, or left empty.
    Nothing,
    /// The file with further settings.
    File(PathBuf),
    Setting(Layer),
    /// Not theirs, though it looks like it; the operator is told.
    Ignored(String),
    Wrong(String),
}

/// Reads a variable, and the file that it names, if that is what it does.
pub(super) fn read(name: &str, text: &str) -> Variable {
    let Some(own) = name.strip_prefix("CONCORD_") else { return Variable::Nothing };
    if ELSEWHERE.contains(&name) || own.starts_with("TEST_") || (own == "CONFIG" && text.is_empty()) {
        return Variable::Nothing;
    }
    if own == "CONFIG" {
        return Variable::File(PathBuf::from(text));
    }
    if let Some(setting) = SETTINGS.iter().find(|setting| setting.variable() == name) {
        // what may be left out may be left empty
        return match text.is_empty() && setting.default.is_none() {
            true => Variable::Nothing,
            false => Variable::Setting(setting.layer(text, format!("environment variable {name}"))),
        };
    }
    if let Some(setting) = secret_in_file(name) {
        return if text.is_empty() { Variable::Nothing } else { read_secret(setting, name, text) };
    }
    if is_service_link(name, text) {
        return Variable::Ignored(format!(
            "{name} is ignored: an orchestrator made it, and it is no setting"
        ));
    }
    Variable::Wrong(format!("{name}: no such setting (from the environment)"))
}

/// The setting whose secret is in the file that a variable names: `CONCORD_SMTP_URL_FILE`.
fn secret_in_file(name: &str) -> Option<&'static Setting> {
    let variable = name.strip_suffix("_FILE")?;
    SETTINGS.iter().find(|setting| setting.kind == SettingKind::Secret && setting.variable() == variable)
}

fn read_secret(setting: &Setting, name: &str, path: &str) -> Variable {
    let source = format!("file {path} of environment variable {name}");
    match std::fs::read_to_string(path) {
        Ok(secret) => Variable::Setting(setting.layer(secret.trim_end_matches(['\r', '\n']), source)),
        Err(error) => Variable::Wrong(format!("{}: {error} (from {source})", setting.name)),
    }
}

/// Variables of ours that other parts read: commands, deploy/compose.yaml with its `.env`, the tests.
const ELSEWHERE: &[&str] = &[
    "CONCORD_ADMIN_PASSWORD",
    "CONCORD_APP_PASSWORD",
    "CONCORD_BACKUP_PASSWORD",
    "CONCORD_BIN",
    "CONCORD_OWNER_PASSWORD",
    "CONCORD_PUBLISH",
];

/// Whether an orchestrator made the variable, to say where a service of the name is: Kubernetes for every service of the
/// namespace (`CONCORD_SERVICE_HOST`, `CONCORD_PORT_8080_TCP_ADDR`), Compose for a link (`CONCORD_PORT=tcp://…`).
fn is_service_link(name: &str, text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let protocols = ["TCP", "UDP", "SCTP"];
    let schemes = ["tcp://", "udp://", "sctp://"];
    let is_address = schemes.iter().any(|scheme| text.starts_with(scheme));
    let has_port = || {
        name.match_indices("_PORT_").any(|(at, found)| {
            let rest = &name[at + found.len()..];
            let mut parts = rest.split('_');
            let (number, protocol, last) = (parts.next(), parts.next(), parts.next());
            number.is_some_and(is_number)
                && protocol.is_some_and(|protocol| protocols.contains(&protocol))
                && last.is_none_or(|last| ["ADDR", "PORT", "PROTO", "START", "END"].contains(&last))
        })
    };
    name.ends_with("_SERVICE_HOST")
        || name.ends_with("_SERVICE_PORT")
        || name.contains("_SERVICE_PORT_")
        || (name.ends_with("_PORT") && is_address)
        || (name.ends_with("_NAME") && text.starts_with('/'))
        || name.contains("_ENV_")
        || has_port()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_links_are_known() {
        for (name, text) in [
            ("CONCORD_PORT", "tcp://10.96.0.7:8080"),
            ("CONCORD_SERVICE_HOST", "10.96.0.7"),
            ("CONCORD_SERVICE_PORT", "8080"),
            ("CONCORD_SERVICE_PORT_HTTP", "8080"),
            ("CONCORD_PORT_8080_TCP", "tcp://10.96.0.7:8080"),
            ("CONCORD_PORT_8080_TCP_ADDR", "10.96.0.7"),
            ("CONCORD_PORT_8080_TCP_PROTO", "tcp"),
            ("CONCORD_PORT_8080_TCP_PORT", "8080"),
            ("CONCORD_API_SERVICE_HOST", "10.96.0.8"),
            ("CONCORD_API_PORT_9464_UDP", "udp://10.96.0.8:9464"),
            ("CONCORD_POSTGRES_PORT", "tcp://10.96.0.9:5432"),
            ("CONCORD_POSTGRES_1_PORT_5432_TCP_ADDR", "172.18.0.2"),
            ("CONCORD_NAME", "/api/concord"),
            ("CONCORD_ENV_PGDATA", "/var/lib/postgresql/data"),
        ] {
            assert!(is_service_link(name, text), "{name}={text}");
        }
        for (name, text) in [
            ("CONCORD_PORT", "8080"),
            ("CONCORD_COLOUR", "tcp://10.96.0.7:8080"),
            ("CONCORD_LISTEN", "0.0.0.0:8080"),
            ("CONCORD_POOL__READS", "16"),
            ("CONCORD_PORT_TCP", "8080"),
            ("CONCORD_NAME", "api"),
        ] {
            assert!(!is_service_link(name, text), "{name}={text}");
        }
    }

    #[test]
    fn the_variables_of_compose_do_not_stop_the_start() {
        let example = include_str!("../../../deploy/.env.example");
        let named = example.lines().filter_map(|line| line.trim_start_matches('#').split_once('='));
        let ours: Vec<&str> =
            named.map(|(name, _)| name.trim()).filter(|name| name.starts_with("CONCORD_")).collect();
        assert!(!ours.is_empty());
        for name in ours {
            let is_setting = SETTINGS.iter().any(|setting| setting.variable() == name);
            assert!(is_setting || ELSEWHERE.contains(&name), "{name}");
        }
    }
}
