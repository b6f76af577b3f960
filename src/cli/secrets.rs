//! Where signing secrets come from.

mod dotenv;

use std::collections::HashMap;
use std::env;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use ckwh::provider::{Origin, Provider};
use ckwh::secret::{Secret, Source};

use super::App;
use super::args::SecretArg;
use super::exit::{Failure, Undone as _};

/// Longer than any secret, in bytes.
const LONGEST: u64 = 64 * 1024;
/// The variable of whatever provider it is.
pub const GENERAL: &str = "CKWH_SECRET";

impl App {
    /// The secrets to sign or verify with, of the first of these that has any: the flags, in their order;
    /// `CKWH_SECRET`; the settings; the variables that the provider declares, in the environment, then in `./.env`.
    pub fn secrets(&mut self, flags: &[SecretArg], provider: &Provider) -> Result<Vec<Secret>, Failure> {
        match self.general_secrets(flags)? {
            Some(secrets) => Ok(secrets),
            None => self.own_secrets(provider),
        }
    }

    /// The secrets that are for whatever provider it is.
    pub fn general_secrets(&mut self, flags: &[SecretArg]) -> Result<Option<Vec<Secret>>, Failure> {
        if !flags.is_empty() {
            return flags
                .iter()
                .map(|flag| self.secret_of(flag))
                .collect::<Result<_, _>>()
                .map(Some);
        }
        if let Some(secret) = self.variable(GENERAL)? {
            return Ok(Some(vec![secret]));
        }
        match self.settings.secret_file.clone() {
            Some(path) => Ok(Some(vec![self.file(&path)?])),
            None => Ok(None),
        }
    }

    /// The secrets of each of `providers`, by name. What concerns one of many does not keep the others from theirs.
    pub fn secrets_of_each(
        &mut self,
        flags: &[SecretArg],
        providers: &[Provider],
    ) -> Result<HashMap<String, Vec<Secret>>, Failure> {
        let general = self.general_secrets(flags)?;
        let mut secrets: HashMap<String, Vec<Secret>> = HashMap::new();
        for provider in providers {
            if !secrets.contains_key(&provider.name) {
                let own = match &general {
                    Some(secrets) => secrets.clone(),
                    None => self.own_secrets(provider).unwrap_or_default(),
                };
                secrets.insert(provider.name.clone(), own);
            }
        }
        Ok(secrets)
    }

    /// The secrets of this provider alone.
    pub fn own_secrets(&mut self, provider: &Provider) -> Result<Vec<Secret>, Failure> {
        let named = match self.settings.secret_env.clone() {
            Some((name, false)) => vec![name],
            Some((name, true))
                if provider.table.secret_env.contains(&name) && provider.folder.origin != Origin::Project =>
            {
                vec![name]
            }
            Some((name, true)) => {
                return Err(Failure::usage(format!(
                    "{}: a project can't name {name} as the secret of {}, which keeps it in {}; name it with --secret-env, or in {}",
                    self.settings.project_file(),
                    provider.name,
                    provider.table.secret_env.join(" or "),
                    self.settings.user_file.display(),
                )));
            }
            None => provider.table.secret_env.clone(),
        };
        for name in &named {
            if let Some(secret) = self.variable(name)? {
                return Ok(vec![secret]);
            }
        }
        let file = dotenv::read(Path::new(".env")).map_err(|message| Failure::usage(format!("./.env: {message}")))?;
        for name in &named {
            if let Some(value) = dotenv::find(&file, name) {
                return Ok(vec![
                    self.check(Secret::new(value.into_bytes(), Source::DotEnv(name.clone()))?),
                ]);
            }
        }
        Ok(Vec::new())
    }

    /// Other secrets that `provider` declares and that are at hand, in the environment or in `./.env`. What can't be
    /// read there is passed over.
    pub fn other_secrets(&self, provider: &Provider, used: &[Secret]) -> Vec<Secret> {
        let file = dotenv::read(Path::new(".env")).unwrap_or_default();
        let mut others = Vec::new();
        for name in &provider.table.secret_env {
            let variable = env::var_os(name).map(|value| (value.into_encoded_bytes(), Source::Variable(name.clone())));
            let entry = dotenv::find(&file, name).map(|value| (value.into_bytes(), Source::DotEnv(name.clone())));
            for (value, source) in variable.into_iter().chain(entry) {
                let is_used = used.iter().any(|secret| *secret.source() == source);
                if !is_used && let Ok(secret) = Secret::new(value, source) {
                    others.push(secret);
                }
            }
        }
        others
    }

    fn secret_of(&mut self, flag: &SecretArg) -> Result<Secret, Failure> {
        match flag {
            SecretArg::Value(value) => {
                let secret = Secret::new(value.clone().into_bytes(), Source::Flag)?;
                Ok(self.check(secret))
            }
            SecretArg::Variable(name) => match self.variable(name)? {
                Some(secret) => Ok(secret),
                None => Err(Failure::usage(format!("the variable {name} is not set"))),
            },
            SecretArg::File(path) => self.file(path),
        }
    }

    fn variable(&mut self, name: &str) -> Result<Option<Secret>, Failure> {
        let Some(value) = env::var_os(name) else {
            return Ok(None);
        };
        let secret = Secret::new(value.into_encoded_bytes(), Source::Variable(name.to_owned()))?;
        Ok(Some(self.check(secret)))
    }

    fn file(&mut self, path: &Path) -> Result<Secret, Failure> {
        let (source, mut bytes) = if path == Path::new("-") {
            (Source::Stdin, read(std::io::stdin().lock(), "standard input")?)
        } else {
            let shown = path.display().to_string();
            let file = File::open(path)
                .with_context(|| format!("the secret file {shown}"))
                .undone()?;
            if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
                return Err(Failure::usage(format!("the secret file {shown} is a directory")));
            }
            (Source::File(path.to_owned()), read(file, &shown)?)
        };
        let whole = bytes.len();
        if bytes.ends_with(b"\n") {
            bytes.pop();
            if bytes.ends_with(b"\r") {
                bytes.pop();
            }
        }
        if bytes.len() < whole {
            self.report.note(&format!(
                "the line break at the end of {source} is not part of the secret"
            ));
        }
        Ok(Secret::new(bytes, source)?)
    }

    /// Mentions white space in a secret that was given as it stands.
    fn check(&mut self, secret: Secret) -> Secret {
        if secret.has_outer_white_space() {
            let source = secret.source();
            self.report.note(&format!(
                "the secret from {source} begins or ends with white space, and is used so"
            ));
        }
        secret
    }

    /// [`Self::secrets`], of which there must be one.
    pub fn signing_secrets(&mut self, flags: &[SecretArg], provider: &Provider) -> Result<Vec<Secret>, Failure> {
        let secrets = self.secrets(flags, provider)?;
        if secrets.is_empty() {
            Err(self.no_secret(provider))
        } else {
            Ok(secrets)
        }
    }

    /// The error where there is no secret, naming every place to put one.
    pub fn no_secret(&self, provider: &Provider) -> Failure {
        Failure::Usage(anyhow!(
            "there is no secret for {}: set {}, or give --secret-file PATH or --secret-env NAME",
            provider.name,
            provider.table.secret_env.join(" or "),
        ))
    }
}

fn read(from: impl Read, shown: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    from.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("the secret from {shown}"))
        .undone()?;
    if bytes.len() as u64 > LONGEST {
        return Err(Failure::usage(format!(
            "{shown} is too long to be a secret: more than 64 KiB"
        )));
    }
    Ok(bytes)
}
