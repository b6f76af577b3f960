//! What is set outside the command line: the project's `ckwh.toml`, the user's settings, and which of them is trusted.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use etcetera::BaseStrategy as _;
use serde::Deserialize;

use ckwh::exchange::credentials::Credentials;
use ckwh::foreign::{self, ForeignError};
use ckwh::provider::Places;
use ckwh::trust::{Digest, Records, Subject};

use super::dotenv::DotEnv;
use super::exit::Failure;
use super::report::Report;

/// The project's file, looked for from here up to the repository's root.
pub const PROJECT_FILE: &str = "ckwh.toml";
/// Digests that are trusted wherever they are met: for CI.
const TRUST: &str = "CKWH_TRUST";
/// Longer than any settings, in bytes.
pub const LONGEST: u64 = 1024 * 1024;

/// Every setting, the project's before the user's. A flag or a `CKWH_*` variable counts more than any of them.
#[derive(Debug, Default)]
pub struct Settings {
    pub provider: Option<Setting>,
    pub dialect: Option<Setting>,
    pub to: Option<Setting>,
    pub public_url: Option<Setting>,
    /// A variable's name.
    pub secret_env: Option<Setting>,
    pub secret_file: Option<PathBuf>,
    pub timeout: Option<String>,
    pub tolerance: Option<Setting>,
    pub insecure: bool,
    pub store: Option<PathBuf>,
    pub routes: Vec<Route>,
    /// What is masked where it is shown, and goes to no other machine.
    pub credentials: Credentials,
    /// The user's settings file, whether it is there or not.
    pub user_file: PathBuf,
    /// What of a project the user trusts.
    pub records: Records,
    /// The project's settings file as it was read.
    pub project_settings: Option<Subject>,
    /// `./.env`, once it was asked for.
    pub dot_env: OnceLock<Option<Arc<DotEnv>>>,
    user_dir: Option<PathBuf>,
    /// The folder that holds the project's `ckwh.toml` or `.ckwh`.
    pub project: Option<PathBuf>,
}

/// A setting that is not taken from just any file.
#[derive(Debug, Clone)]
pub struct Setting {
    pub text: String,
    /// Whether a project's file gave it.
    pub of_project: bool,
}

impl Setting {
    fn users(text: String) -> Self {
        Self {
            text,
            of_project: false,
        }
    }

    fn projects(text: String) -> Self {
        Self { text, of_project: true }
    }
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
    trust: Option<toml::Value>,
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
    /// Whether a project's file gave it.
    #[serde(skip)]
    pub of_project: bool,
}

impl Settings {
    /// Reads both files where they are there.
    pub fn load(report: &mut dyn Report) -> Result<Self, Failure> {
        let user_dir = user_dir();
        let user_file = user_dir.clone().unwrap_or_default().join("config.toml");
        let user = match foreign::read_regular(&user_file, LONGEST) {
            Ok(bytes) => parse(&bytes, &user_file)?,
            Err(ForeignError::Io(error)) if foreign::is_missing(&error) => File::default(),
            Err(error) => return Err(Failure::usage(format!("{}: {error}", user_file.display()))),
        };
        if user.trust.is_some() {
            return Err(Failure::usage(format!(
                "{}: `trust` no longer counts: in each project that you trust, run `ckwh trust`",
                user_file.display()
            )));
        }
        let here = env::current_dir().unwrap_or_default();
        let mut settings = Self {
            provider: user.provider.map(Setting::users),
            dialect: user.dialect.map(Setting::users),
            to: user.to.map(Setting::users),
            public_url: user.public_url.map(Setting::users),
            secret_env: user.secret_env.map(Setting::users),
            secret_file: user.secret_file,
            timeout: user.timeout,
            tolerance: user.tolerance.map(Setting::users),
            insecure: user.insecure.unwrap_or_default(),
            store: user.store,
            routes: user.route,
            credentials: Credentials::with(user.credentials.unwrap_or_default()),
            user_file,
            user_dir,
            records: Records::new(records_dir(), given_digests()?),
            project_settings: None,
            dot_env: OnceLock::new(),
            project: None,
        };
        let found = project_root(&here);
        if let Some(folder) = found.as_ref().map(|root| root.join(".ckwh"))
            && foreign::is_anothers(&folder)
        {
            passed_over(report, &folder, &ForeignError::Anothers);
            return Ok(settings);
        }
        if let Some(file) = found.as_ref().map(|root| root.join(PROJECT_FILE)) {
            match foreign::read(&file, &foreign::root_of(&here), LONGEST) {
                Ok(None) => {}
                Ok(Some(bytes)) => settings.lay_over(bytes, &file)?,
                Err(error @ ForeignError::Anothers) => {
                    passed_over(report, &file, &error);
                    return Ok(settings);
                }
                Err(error) => return Err(Failure::usage(format!("{}: {error}", file.display()))),
            }
        }
        settings.project = found;
        Ok(settings)
    }

    /// What of projects is trusted, and where this one is: nothing of the project is read.
    pub fn of_records() -> Self {
        Self {
            records: Records::new(records_dir(), Vec::new()),
            project: project_root(&env::current_dir().unwrap_or_default()),
            ..Self::default()
        }
    }

    fn lay_over(&mut self, bytes: Vec<u8>, path: &Path) -> Result<(), Failure> {
        let project = parse(&bytes, path)?;
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
        over(&mut self.timeout, project.timeout);
        let over = |mine: &mut Option<Setting>, theirs: Option<String>| {
            *mine = theirs.map(Setting::projects).or(mine.take());
        };
        over(&mut self.provider, project.provider);
        over(&mut self.dialect, project.dialect);
        over(&mut self.to, project.to);
        over(&mut self.public_url, project.public_url);
        over(&mut self.tolerance, project.tolerance);
        over(&mut self.secret_env, project.secret_env);
        let routes = project.route.into_iter().map(|route| Route {
            of_project: true,
            ..route
        });
        self.routes.splice(0..0, routes);
        let files = BTreeMap::from([(PROJECT_FILE.to_owned(), bytes)]);
        self.project_settings = Some(Subject::new(path, files));
        Ok(())
    }

    /// Where provider folders are, and what of a project's is trusted.
    pub fn places(&self) -> Places {
        Places {
            user: self.user_dir.as_ref().map(|dir| dir.join("providers")),
            project: self.project.as_ref().map(|root| providers_of(root)),
            records: self.records.clone(),
        }
    }

    /// What is masked in what is shown: nothing where credentials were asked for.
    pub fn masked(&self, with_credentials: bool) -> Option<&Credentials> {
        (!with_credentials).then_some(&self.credentials)
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
        if user {
            self.user_dir.clone().unwrap_or_default().join("providers")
        } else {
            providers_of(&self.project.clone().unwrap_or_default())
        }
    }
}

/// Where the provider folders of the project in `root` are.
pub fn providers_of(root: &Path) -> PathBuf {
    root.join(".ckwh").join("providers")
}

/// What a project's settings in `bytes` may do where they are trusted, in words.
///
/// # Errors
/// Where they can't be read.
pub fn allows(bytes: &[u8], path: &Path) -> Result<Vec<String>, Failure> {
    let file = parse(bytes, path)?;
    let targets = file.to.iter().chain(file.route.iter().map(|route| &route.to));
    let mut allows: Vec<String> = targets.map(|target| format!("it sends to {target}")).collect();
    allows.extend(file.secret_env.map(|name| format!("it reads {name}")));
    allows.extend(file.provider.map(|name| format!("it has requests judged as {name}'s")));
    allows.extend(
        file.dialect
            .map(|name| format!("it has them judged in the dialect {name}")),
    );
    allows.extend(file.public_url.map(|url| format!("it says that {url} is signed")));
    allows.extend(file.tolerance.map(|time| format!("it tolerates {time}")));
    Ok(allows)
}

/// Says why a project's file is not read, and that it does no harm.
fn passed_over(report: &mut dyn Report, path: &Path, error: &ForeignError) {
    report.warn(&format!("{} is passed over: {error}", path.display()));
}

/// The digests in [`TRUST`].
fn given_digests() -> Result<Vec<Digest>, Failure> {
    let Some(given) = env::var_os(TRUST) else {
        return Ok(Vec::new());
    };
    let given = given.to_string_lossy();
    let digests = given.split([',', ' ', '\n']).filter(|text| !text.is_empty());
    let digests: Result<_, _> = digests.map(str::parse).collect();
    digests.map_err(|error: String| Failure::usage(format!("{TRUST}: {error}; `ckwh trust --show` prints them")))
}

/// Where it is recorded what of projects the user trusts.
fn records_dir() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.data_dir().join("ckwh").join("trust"))
}

/// Where captures are kept where nothing else is said.
pub fn default_store() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.data_dir().join("ckwh").join("captures.db"))
}

/// Where provider folders are, and what of a project's is trusted, without a word about it.
pub fn places() -> Places {
    let settings = Settings {
        user_dir: user_dir(),
        ..Settings::of_records()
    };
    settings.places()
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

fn parse(bytes: &[u8], path: &Path) -> Result<File, Failure> {
    let shown = path.display();
    let text = std::str::from_utf8(bytes).map_err(|_| Failure::usage(format!("{shown}: not UTF-8")))?;
    toml::from_str(text).map_err(|error| {
        let line = error
            .span()
            .map_or(1, |span| text[..span.start].matches('\n').count() + 1);
        Failure::usage(format!("{shown}:{line}: {}", error.message().trim()))
    })
}
