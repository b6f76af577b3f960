//! What is set outside the command line: the project's `ckwh.toml`, the user's settings, and which of them is trusted.

use std::env;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use serde::Deserialize;

use ckwh::capture::credentials::Credentials;
use ckwh::provider::Trust;

use super::exit::Failure;
use super::report::Report;

/// The project's file, looked for from here up to the repository's root.
const PROJECT_FILE: &str = "ckwh.toml";
/// Longer than any settings, in bytes.
const LONGEST: u64 = 1024 * 1024;

/// Every setting, the project's before the user's. A flag or a `CKWH_*` variable counts more than any of them.
#[derive(Debug, Default)]
pub struct Settings {
    pub provider: Option<String>,
    pub dialect: Option<String>,
    pub to: Option<String>,
    public_url: Option<String>,
    /// A variable's name, and whether a project's file gave it.
    pub secret_env: Option<(String, bool)>,
    pub secret_file: Option<PathBuf>,
    pub timeout: Option<String>,
    pub tolerance: Option<String>,
    pub insecure: bool,
    pub store: Option<PathBuf>,
    pub routes: Vec<Route>,
    /// What is masked where it is shown, and goes to no other machine.
    pub credentials: Credentials,
    /// The user's settings file, whether it is there or not.
    pub user_file: PathBuf,
    trusted: Vec<String>,
    user_dir: Option<PathBuf>,
    /// The folder that holds the project's `ckwh.toml` or `.ckwh`.
    project: Option<PathBuf>,
}

/// A settings file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    provider: Option<String>,
    dialect: Option<String>,
    to: Option<String>,
    public_url: Option<String>,
    secret_env: Option<String>,
    secret_file: Option<PathBuf>,
    timeout: Option<String>,
    tolerance: Option<String>,
    insecure: Option<bool>,
    store: Option<PathBuf>,
    #[serde(default)]
    route: Vec<Route>,
    trust: Option<Vec<String>>,
    /// Names of headers and parameters that hold credentials, beside those that are known.
    credentials: Option<Vec<String>>,
}

/// `[[route]]`: where `listen` passes some events on to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    /// A pattern such as `cost.*`.
    pub event: String,
    pub to: String,
}

impl Settings {
    /// Reads both files where they are there.
    pub fn load(report: &mut dyn Report) -> Result<Self, Failure> {
        let user_dir = user_dir();
        let user_file = user_dir.clone().unwrap_or_default().join("config.toml");
        let user = read(&user_file)?.unwrap_or_default();
        let here = env::current_dir().unwrap_or_default();
        let mut settings = Self {
            provider: user.provider,
            dialect: user.dialect,
            to: user.to,
            public_url: user.public_url,
            secret_env: user.secret_env.map(|name| (name, false)),
            secret_file: user.secret_file,
            timeout: user.timeout,
            tolerance: user.tolerance,
            insecure: user.insecure.unwrap_or_default(),
            store: user.store,
            routes: user.route,
            credentials: Credentials::with(user.credentials.unwrap_or_default()),
            trusted: user.trust.unwrap_or_default(),
            user_file,
            user_dir,
            project: None,
        };
        let found = project_root(&here);
        for marker in [PROJECT_FILE, ".ckwh"] {
            if let Some(path) = found.as_ref().map(|root| root.join(marker))
                && is_anothers(&path)
            {
                report.note(&format!(
                    "{} belongs to another user and is passed over",
                    path.display()
                ));
                return Ok(settings);
            }
        }
        settings.project = found;
        if let Some(file) = settings.project.as_ref().map(|root| root.join(PROJECT_FILE))
            && let Some(project) = read(&file)?
        {
            settings.lay_over(project, &file)?;
        }
        Ok(settings)
    }

    fn lay_over(&mut self, project: File, path: &Path) -> Result<(), Failure> {
        let forbidden = [
            ("insecure", project.insecure.is_some()),
            ("trust", project.trust.is_some()),
            ("secret_file", project.secret_file.is_some()),
            ("store", project.store.is_some()),
            ("credentials", project.credentials.is_some()),
        ];
        if let Some((key, _)) = forbidden.into_iter().find(|(_, there)| *there) {
            return Err(Failure::usage(format!(
                "{}: a project's file can't set `{key}`; put it into {}",
                path.display(),
                self.user_file.display()
            )));
        }
        let over = |mine: &mut Option<String>, theirs: Option<String>| *mine = theirs.or(mine.take());
        over(&mut self.provider, project.provider);
        over(&mut self.dialect, project.dialect);
        over(&mut self.to, project.to);
        over(&mut self.public_url, project.public_url);
        over(&mut self.timeout, project.timeout);
        over(&mut self.tolerance, project.tolerance);
        self.routes.splice(0..0, project.route);
        if let Some(name) = project.secret_env {
            self.secret_env = Some((name, true));
        }
        Ok(())
    }

    /// Where provider folders are, and which of the project's may stand in for others.
    pub fn trust(&self) -> Trust {
        Trust {
            user: self.user_dir.as_ref().map(|dir| dir.join("providers")),
            project: self.project.as_ref().map(|root| root.join(".ckwh").join("providers")),
            trusted: self.trusted.clone(),
        }
    }

    /// What is masked in what is shown: nothing where credentials were asked for.
    pub fn masked(&self, with_credentials: bool) -> Option<&Credentials> {
        (!with_credentials).then_some(&self.credentials)
    }

    /// The URL that the sender signs: the one that was typed, else the one that is set.
    pub fn public_url_or<'a>(&'a self, typed: Option<&'a str>) -> Option<&'a str> {
        typed.or(self.public_url.as_deref())
    }

    /// The project's settings file, for messages.
    pub fn project_file(&self) -> String {
        self.project
            .clone()
            .unwrap_or_default()
            .join(PROJECT_FILE)
            .display()
            .to_string()
    }

    /// Where a new provider's folder goes: the project's, or the user's.
    pub fn new_provider_dir(&self, user: bool) -> PathBuf {
        let parent = if user {
            self.user_dir.clone().unwrap_or_default()
        } else {
            self.project.clone().unwrap_or_default().join(".ckwh")
        };
        parent.join("providers")
    }
}

/// Where captures are kept where nothing else is said.
pub fn default_store() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.data_dir().join("ckwh").join("captures.db"))
}

fn user_dir() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.config_dir().join("ckwh"))
}

/// The nearest folder from `here` up that holds `ckwh.toml` or `.ckwh`, up to the root of the repository. Outside a
/// repository only `here` itself is looked at.
fn project_root(here: &Path) -> Option<PathBuf> {
    let repository = here.ancestors().find(|folder| folder.join(".git").exists());
    let last = repository.unwrap_or(here);
    here.ancestors()
        .take_while(|folder| folder.starts_with(last))
        .find(|folder| folder.join(PROJECT_FILE).is_file() || folder.join(".ckwh").is_dir())
        .map(Path::to_owned)
}

/// Whether another user owns `path`: in a shared folder anyone could have put it there.
#[cfg(unix)]
fn is_anothers(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.uid() != rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn is_anothers(_: &Path) -> bool {
    false
}

fn read(path: &Path) -> Result<Option<File>, Failure> {
    let shown = path.display();
    match fs::metadata(path) {
        Ok(metadata) if metadata.len() > LONGEST => return Err(Failure::usage(format!("{shown}: larger than 1 MiB"))),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::usage(format!("{shown}: {error}"))),
    }
    let text = fs::read_to_string(path).map_err(|error| Failure::usage(format!("{shown}: {error}")))?;
    toml::from_str(&text).map(Some).map_err(|error| {
        let line = error
            .span()
            .map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        Failure::usage(format!("{shown}:{line}: {}", error.message().trim()))
    })
}
