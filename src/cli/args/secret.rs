//! `--secret`, `--secret-env` and `--secret-file`, kept in the order in which they were typed, and `--given`.

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
    /// A value beside the secret, with its name in the provider's table.
    Given(String, String),
}

impl SecretArg {
    /// Whether it is another for each provider.
    pub fn is_of_provider(&self) -> bool {
        self.env_file().is_some()
    }

    /// The file of variables.
    pub fn env_file(&self) -> Option<&Path> {
        match self {
            Self::EnvFile(path) => Some(path),
            _ => None,
        }
    }

    /// The name and the value of what stands beside the secret.
    pub fn given(&self) -> Option<(&str, &str)> {
        match self {
            Self::Given(name, value) => Some((name, value)),
            _ => None,
        }
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
            SecretArg::Variable(_) | SecretArg::Value(_) | SecretArg::Given(..) => None,
        })
    }
}

const FILE: &str = "secret_file";
const VARIABLE: &str = "secret_env";
const VALUE: &str = "secret";
const ENV_FILE: &str = "env_file";
const GIVEN: &str = "given";

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
        collect(GIVEN, &|matches| {
            let pairs = matches.get_many::<(String, String)>(GIVEN).into_iter().flatten();
            pairs
                .cloned()
                .map(|(name, value)| SecretArg::Given(name, value))
                .collect()
        });
        found.sort_by_key(|(index, _)| *index);
        Ok(Self(found.into_iter().map(|(_, secret)| secret).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("give NAME=VALUE, such as webhook-id=8PT597110X687430LKGECATA".into()),
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
            .arg(
                arg(
                    GIVEN,
                    "given",
                    "NAME=VALUE",
                    "What a provider signs beside the secret and no request holds, such as PayPal's webhook-id",
                )
                .value_parser(pair),
            )
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
