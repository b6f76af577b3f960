//! `--secret`, `--secret-env` and `--secret-file`, kept in the order in which they were typed.

use std::path::{Path, PathBuf};

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command, Error, FromArgMatches};

/// One secret that was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretArg {
    File(PathBuf),
    Variable(String),
    Value(String),
    /// The provider's variables in a file as `.env`.
    EnvFile(PathBuf),
}

impl SecretArg {
    /// Whether it is another for each provider.
    pub fn is_of_provider(&self) -> bool {
        matches!(self, Self::EnvFile(_))
    }
}

/// Every secret that was named; the first signs.
#[derive(Debug, Clone, Default)]
pub struct SecretArgs(pub Vec<SecretArg>);

impl SecretArgs {
    /// The files among them; `-` is standard input.
    pub fn files(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().filter_map(|secret| match secret {
            SecretArg::File(path) | SecretArg::EnvFile(path) => Some(path.as_path()),
            SecretArg::Variable(_) | SecretArg::Value(_) => None,
        })
    }
}

const FILE: &str = "secret_file";
const VARIABLE: &str = "secret_env";
const VALUE: &str = "secret";
const ENV_FILE: &str = "env_file";

impl FromArgMatches for SecretArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let mut found: Vec<(usize, SecretArg)> = Vec::new();
        let mut collect = |id: &str, make: &dyn Fn(&ArgMatches) -> Vec<SecretArg>| {
            let indices = matches.indices_of(id).into_iter().flatten();
            found.extend(indices.zip(make(matches)));
        };
        collect(FILE, &|matches| {
            let paths = matches.get_many::<PathBuf>(FILE).into_iter().flatten();
            paths.cloned().map(SecretArg::File).collect()
        });
        collect(VARIABLE, &|matches| {
            let names = matches.get_many::<String>(VARIABLE).into_iter().flatten();
            names.cloned().map(SecretArg::Variable).collect()
        });
        collect(VALUE, &|matches| {
            let values = matches.get_many::<String>(VALUE).into_iter().flatten();
            values.cloned().map(SecretArg::Value).collect()
        });
        collect(ENV_FILE, &|matches| {
            let paths = matches.get_many::<PathBuf>(ENV_FILE).into_iter().flatten();
            paths.cloned().map(SecretArg::EnvFile).collect()
        });
        found.sort_by_key(|(index, _)| *index);
        Ok(Self(found.into_iter().map(|(_, secret)| secret).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl clap::Args for SecretArgs {
    fn augment_args(command: Command) -> Command {
        let arg = |id: &'static str, long: &'static str, value: &'static str, help: &'static str| {
            Arg::new(id)
                .long(long)
                .value_name(value)
                .help(help)
                .help_heading("Secret")
                .action(ArgAction::Append)
        };
        command
            .arg(
                arg(
                    FILE,
                    "secret-file",
                    "PATH|-",
                    "Read a signing secret from a file, without its last line break",
                )
                .value_parser(ValueParser::path_buf()),
            )
            .arg(arg(
                VARIABLE,
                "secret-env",
                "NAME",
                "Take a signing secret from a variable",
            ))
            .arg(
                arg(
                    ENV_FILE,
                    "env-file",
                    "PATH",
                    "Take the provider's variables from this file instead of ./.env",
                )
                .value_parser(ValueParser::path_buf()),
            )
            .arg(arg(
                VALUE,
                "secret",
                "VALUE",
                "A signing secret, for a quick try: other users of the machine can see it",
            ))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
