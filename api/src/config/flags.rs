//! Settings as flags of the command line.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;

use super::{SETTINGS, Setting};

/// Settings given as flags: one `--flag` for each setting, and `--config`. Flatten it into a clap command.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// The settings file.
    pub config: Option<PathBuf>,
    /// Name of a setting to its text.
    pub values: BTreeMap<&'static str, String>,
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
