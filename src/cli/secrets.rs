//! Where signing secrets come from.

use std::collections::HashMap;
use std::env;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use ckwh::exchange::credentials::Credentials;
use ckwh::foreign::ForeignError;
use ckwh::provider::{Origin, Provider, Registry};
use ckwh::scheme::{Given, is_key_file};
use ckwh::secret::{Secret, Source};

use ckwh::suggest::did_you_mean;

use super::app::App;
use super::args::SecretArg;
use super::dotenv::{self, DotEnv};
use super::exit::{Failure, OrUnavailable as _};
use super::settings::Setting;

/// Longer than any secret, in bytes.
const LONGEST: u64 = 64 * 1024;
/// The variable of whatever provider it is.
pub const GENERAL: &str = "CKWH_SECRET";

/// Words of names that hold secrets in an environment, beside those of headers.
const WORDS: [&str; 2] = ["PAT", "DSN"];

/// Where a provider's own secrets may be looked for.
struct Names {
    /// In the environment.
    variables: Vec<String>,
    in_dot_env: Vec<String>,
}

/// Whether a provider's secrets are asked for alone, or among those of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asked {
    Alone,
    Among,
}

impl Names {
    fn both(names: Vec<String>) -> Self {
        Self {
            variables: names.clone(),
            in_dot_env: names,
        }
    }
}

impl App {
    /// The secrets to sign or verify with, of the first of these that has any: the flags, in their order;
    /// `CKWH_SECRET`; the settings; the variables that the provider declares, in the environment, then in `./.env`.
    /// What else the provider's table asks for is given to it too.
    pub fn secrets(&mut self, flags: &[SecretArg], provider: &Provider) -> Result<Vec<Secret>, Failure> {
        self.check_given(flags, std::iter::once(provider))?;
        self.give(flags, provider)?;
        self.secrets_alone(flags, provider)
    }

    fn secrets_alone(&mut self, flags: &[SecretArg], provider: &Provider) -> Result<Vec<Secret>, Failure> {
        if flags.iter().any(SecretArg::is_of_provider) {
            return of_secrets(flags)
                .map(|flag| match flag {
                    SecretArg::EnvFile(path) => self.in_env_file(path, provider),
                    flag => self.secret_of(flag),
                })
                .collect();
        }
        match self.general_secrets(flags)? {
            Some(secrets) => Ok(secrets),
            None => self.own_secrets(provider, Asked::Alone),
        }
    }

    /// The secrets that are for whatever provider it is.
    pub fn general_secrets(&mut self, flags: &[SecretArg]) -> Result<Option<Vec<Secret>>, Failure> {
        if flags.iter().any(SecretArg::is_of_provider) {
            return Ok(None);
        }
        if of_secrets(flags).next().is_some() {
            return of_secrets(flags)
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

    /// The secrets of each of `providers`, by name, and whether all that are set can be used. What concerns one of many
    /// is told, and does not keep the others from theirs.
    pub fn secrets_of_each(
        &mut self,
        flags: &[SecretArg],
        providers: &[Provider],
    ) -> Result<(HashMap<String, Vec<Secret>>, bool), Failure> {
        self.check_given(flags, providers.iter())?;
        let general = self.general_secrets(flags)?;
        // What concerns all of them is not one provider's matter.
        self.dot_env()?;
        if self.settings.secret_env.as_ref().is_some_and(|name| name.of_project) {
            self.trusts_settings()?;
        }
        let mut secrets: HashMap<String, Vec<Secret>> = HashMap::new();
        let mut all_usable = true;
        for provider in providers {
            if let Err(failure) = self.give(flags, provider) {
                self.warn_once(&format!("{} is not verified: {failure}", provider.name));
                all_usable = false;
            }
            if secrets.contains_key(&provider.name) {
                continue;
            }
            let own = match &general {
                // What the file holds for others is no mistake.
                None if flags.iter().any(SecretArg::is_of_provider) => {
                    self.secrets_alone(flags, provider).unwrap_or_default()
                }
                Some(secrets) => secrets.clone(),
                None => self.own_secrets(provider, Asked::Among).unwrap_or_else(|failure| {
                    self.warn_once(&format!("{} is not verified: {failure}", provider.name));
                    all_usable = false;
                    Vec::new()
                }),
            };
            secrets.insert(provider.name.clone(), own);
        }
        Ok((secrets, all_usable))
    }

    /// Whether a secret of this provider alone is set.
    pub fn has_own_secret(&mut self, provider: &Provider) -> bool {
        self.own_secrets(provider, Asked::Among)
            .is_ok_and(|found| !found.is_empty())
    }

    /// The secrets of this provider alone.
    fn own_secrets(&mut self, provider: &Provider, asked: Asked) -> Result<Vec<Secret>, Failure> {
        let names = self.names(provider, asked)?;
        for name in &names.variables {
            if let Some(secret) = self.variable(name)? {
                return Ok(vec![secret]);
            }
        }
        let Some(file) = self.dot_env()? else {
            return Ok(Vec::new());
        };
        for name in &names.in_dot_env {
            if let Some(value) = dotenv::find(&file.text, name) {
                let source = self.dot_env_source(&file, name)?;
                return Ok(vec![self.check(Secret::new(value.into_bytes(), source)?)]);
            }
        }
        Ok(Vec::new())
    }

    /// Other secrets that `provider` declares and that are at hand, in the environment or in `./.env`. What can't be
    /// read there is passed over.
    pub fn other_secrets(&mut self, provider: &Provider, used: &[Secret]) -> Vec<Secret> {
        let Ok(names) = self.names(provider, Asked::Alone) else {
            return Vec::new();
        };
        let file = self.dot_env().ok().flatten();
        let variables = names.variables.iter().filter_map(|name| {
            let value = env::var_os(name)?.into_encoded_bytes();
            Some((value, Source::Variable(name.clone())))
        });
        let mut others: Vec<_> = variables.collect();
        for name in &names.in_dot_env {
            if let Some(file) = &file
                && let Some(value) = dotenv::find(&file.text, name)
                && let Ok(source) = self.dot_env_source(file, name)
            {
                others.push((value.into_bytes(), source));
            }
        }
        let is_used = |source: &Source| used.iter().any(|secret| secret.source() == source);
        others.retain(|(_, source)| !is_used(source));
        let secrets = others.into_iter();
        secrets
            .filter_map(|(value, source)| Secret::new(value, source).ok())
            .collect()
    }

    /// The variables that may be read for `provider`. What a project names is not enough, unless the user trusts it: no
    /// value of the environment is used because a file in a cloned project says so.
    fn names(&mut self, provider: &Provider, asked: Asked) -> Result<Names, Failure> {
        let declared = &provider.table.secret_env;
        match self.settings.secret_env.clone() {
            Some(Setting {
                text,
                of_project: false,
            }) => return Ok(Names::both(vec![text])),
            Some(Setting { text, .. }) => {
                if self.trusts_settings()? {
                    return Ok(Names::both(vec![text]));
                }
                if provider.folder.origin != Origin::Project {
                    if declared.contains(&text) {
                        // The one that is named comes first; none is kept from being looked at.
                        let others = declared.iter().filter(|name| **name != text).cloned();
                        return Ok(Names::both([text.clone()].into_iter().chain(others).collect()));
                    }
                    if asked == Asked::Among {
                        return Ok(Names::both(declared.clone()));
                    }
                }
                return Err(Failure::usage(format!(
                    "{}: a project can't name {text} as the secret of {}, which keeps it in {}; name it with --secret-env, or in {}, or trust this project: {}",
                    self.settings.project_file(),
                    provider.name,
                    declared.join(" or "),
                    self.settings.user_file.display(),
                    self.trust_command(self.settings.project_file()),
                )));
            }
            None => {}
        }
        if self.trusts_folder(&provider.folder)? {
            return Ok(Names::both(declared.clone()));
        }
        self.warn_once(&format!(
            "{} is this project's own, so {} is not read from the environment; look at {} and trust it: {}",
            provider.name,
            declared.join(" or "),
            provider.folder.path_of("provider.toml"),
            self.trust_command(provider.folder.path_of("")),
        ));
        let known = Registry::built_in_variables();
        Ok(Names {
            variables: Vec::new(),
            in_dot_env: declared.iter().filter(|name| known.contains(*name)).cloned().collect(),
        })
    }

    /// `./.env`, read once; one of another user is passed over.
    pub fn dot_env(&mut self) -> Result<Option<Arc<DotEnv>>, Failure> {
        if let Some(known) = self.settings.dot_env.get() {
            return Ok(known.clone());
        }
        let read = self.read_dot_env()?.map(Arc::new);
        Ok(self.settings.dot_env.get_or_init(|| read).clone())
    }

    fn read_dot_env(&mut self) -> Result<Option<DotEnv>, Failure> {
        match dotenv::read(Path::new(".")) {
            Ok(found) => Ok(found),
            Err(error @ (ForeignError::Anothers | ForeignError::Outside(_))) => {
                self.warn_once(&format!("./{} is passed over: {error}", dotenv::NAME));
                Ok(None)
            }
            Err(error) => Err(Failure::usage(format!("./{}: {error}", dotenv::NAME))),
        }
    }

    /// Where a secret of `file` comes from: said so where git tracks the file and the user does not trust it.
    fn dot_env_source(&mut self, file: &DotEnv, name: &str) -> Result<Source, Failure> {
        if file.is_tracked() && !self.trusts(&file.subject)? {
            return Ok(Source::TrackedDotEnv(name.to_owned()));
        }
        Ok(Source::DotEnv(name.to_owned()))
    }

    fn secret_of(&mut self, flag: &SecretArg) -> Result<Secret, Failure> {
        match flag {
            SecretArg::Value(value) => {
                let secret = Secret::new(value.clone().into_bytes(), Source::Flag)?;
                Ok(self.check(secret))
            }
            SecretArg::Variable(name) => match self.variable(name)? {
                Some(secret) => Ok(secret),
                None => Err(unset(name)),
            },
            SecretArg::File(path) => self.file(path),
            SecretArg::EnvFile(path) => Err(Failure::usage(format!(
                "--env-file {} wants the provider whose variables it holds: name it with --provider",
                path.display()
            ))),
            SecretArg::Given(name, _) => Err(Failure::usage(format!("--given {name} is no secret"))),
        }
    }

    /// The provider's secret in a file that the user names: of the variables that it declares, the first.
    fn in_env_file(&mut self, path: &Path, provider: &Provider) -> Result<Secret, Failure> {
        let text = env_file(path)?;
        let set = self.settings.secret_env.iter().filter(|set| !set.of_project);
        let names = set.map(|set| set.text.as_str());
        let names: Vec<&str> = names
            .chain(provider.table.secret_env.iter().map(String::as_str))
            .chain([GENERAL])
            .collect();
        for name in &names {
            if let Some(value) = dotenv::find(&text, name) {
                let source = Source::EnvFile {
                    path: path.to_owned(),
                    name: (*name).to_owned(),
                };
                let secret = Secret::new(value.into_bytes(), source)?;
                return Ok(self.check(secret));
            }
        }
        Err(Failure::usage(format!(
            "{} has no {}, where {} keeps its secret",
            path.display(),
            names.join(" or "),
            provider.name
        )))
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
            (
                Source::Stdin,
                read(super::input::stdin(self, "the secret"), "standard input")?,
            )
        } else {
            let shown = path.display().to_string();
            let file = File::open(path)
                .with_context(|| format!("the secret file {shown}"))
                .or_unavailable()?;
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
        // A key in PEM or JSON ends as its form has it.
        if bytes.len() < whole && !is_key_file(&bytes) {
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
            self.report.warn(&format!(
                "the secret from {source} begins or ends with white space, and is used so"
            ));
        }
        if secret.is_quoted() {
            let source = secret.source();
            self.report.warn(&format!(
                "the secret from {source} stands in quotes, which are used as a part of it"
            ));
        }
        if secret.is_reference() {
            let source = secret.source();
            self.report.warn(&format!(
                "the secret from {source} is a variable's name that no shell replaced, and is used so"
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
        if provider.folder.is_strangers() {
            return Failure::usage(format!(
                "there is no secret for {}, which is this project's own and not trusted: give --secret-env NAME or --secret-file PATH, or trust it: {}",
                provider.name,
                self.trust_command(provider.folder.path_of("")),
            ));
        }
        Failure::of(
            "no-secret",
            anyhow!(
                "there is no secret for {}: set {}, or give --secret-file PATH or --secret-env NAME",
                provider.name,
                provider.table.secret_env.join(" or "),
            ),
        )
    }
}

/// The error for a variable that is not set; a secret in its name's place is not shown again where it looks like one.
fn unset(name: &str) -> Failure {
    let is_name = |char: char| char.is_ascii_alphanumeric() || char == '_';
    if !name.chars().all(is_name) {
        return Failure::usage(
            "--secret-env takes a variable's name, and this is none; a secret itself is --secret VALUE",
        );
    }
    let known = Registry::built_in_variables();
    let set = known
        .iter()
        .map(String::as_str)
        .filter(|known| env::var_os(known).is_some());
    let near = did_you_mean(name, set);
    Failure::usage(format!(
        "the variable {name} is not set.{near} --secret-env takes a variable's name, --secret the secret itself"
    ))
    .near(&near)
}

/// The text of a file of variables that the user names.
pub fn env_file(path: &Path) -> Result<String, Failure> {
    let text = super::input::read_bounded(path, "the file", LONGEST)?;
    String::from_utf8(text).map_err(|_| Failure::usage(format!("{}: not UTF-8", path.display())))
}

/// The flags that name a secret.
fn of_secrets(flags: &[SecretArg]) -> impl Iterator<Item = &SecretArg> {
    flags.iter().filter(|flag| flag.given().is_none())
}

fn read(from: impl Read, shown: &str) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    from.take(LONGEST + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("the secret from {shown}"))
        .or_unavailable()?;
    if bytes.len() as u64 > LONGEST {
        return Err(Failure::usage(format!(
            "{shown} is too long to be a secret: more than 64 KiB"
        )));
    }
    Ok(bytes)
}
/// The variables of the environment that a program of the user's must not have, since they hold secrets.
pub fn variables_with_secrets(app: &App, flags: &[SecretArg]) -> Vec<String> {
    let mut names = vec![GENERAL.to_owned(), "PGPASSWORD".to_owned()];
    for folder in app.registry.folders() {
        if let Ok(provider) = app.registry.provider(&folder.name, None) {
            names.extend(provider.table.given.values().flat_map(Given::variables).cloned());
            names.extend(provider.table.secret_env);
        }
    }
    names.extend(app.settings.secret_env.iter().map(|name| name.text.clone()));
    names.extend(flags.iter().filter_map(|secret| match secret {
        SecretArg::Variable(name) => Some(name.clone()),
        SecretArg::File(_) | SecretArg::EnvFile(_) | SecretArg::Value(_) | SecretArg::Given(..) => None,
    }));
    let holding = env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        holds_secret(&app.settings.credentials, &name, &value.to_string_lossy()).then_some(name)
    });
    names.extend(holding);
    names
}

/// Whether a variable of the environment holds a secret: by its name, or since it is a URL with a credential in it.
fn holds_secret(credentials: &Credentials, name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let mut words = name.split(|char: char| !char.is_ascii_alphanumeric());
    let is_url_with_one = || value.contains("://") && credentials.mask_url(value) != value;
    // The shell's own, for a folder.
    let is_named = name != "PWD" && credentials.is_header(&name);
    is_named || name.starts_with("AWS_") || words.any(|word| WORDS.contains(&word)) || is_url_with_one()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_a_secret_is_known_by_its_name_or_its_password() {
        let credentials = Credentials::default();
        for name in [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "GITHUB_TOKEN",
            "NPM_TOKEN",
            "PGPASSWORD",
            "MYSQL_PWD",
            "STRIPE_API_KEY",
            "SECRET_KEY_BASE",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "api_key",
            "CI_JOB_JWT",
        ] {
            assert!(holds_secret(&credentials, name, "x"), "{name}");
        }
        for name in [
            "PATH", "HOME", "PWD", "OLDPWD", "LANG", "KEYBOARD", "PORT", "TERM", "USER", "NODE_ENV",
        ] {
            assert!(!holds_secret(&credentials, name, "x"), "{name}");
        }
        assert!(holds_secret(
            &credentials,
            "DATABASE_URL",
            "postgres://me:hunter2@db.test/x"
        ));
        assert!(holds_secret(
            &credentials,
            "HTTPS_PROXY",
            "http://me:p@ss@proxy.test:8080"
        ));
        assert!(!holds_secret(
            &credentials,
            "DATABASE_URL",
            "postgres://db.test/x?a=b:c@d"
        ));
    }
}
