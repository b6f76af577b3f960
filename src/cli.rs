//! The command line: arguments, settings, one module a command, and the reports.

pub mod args;
mod captures;
mod compose;
mod deliveries;
mod events;
mod exit;
mod explain;
mod input;
mod listen;
mod pages;
mod providers;
mod replay;
mod report;
mod secrets;
mod send;
mod settings;
pub mod sieve;
mod sign;
mod trust;
mod verify;

use std::collections::HashSet;

use anyhow::Context as _;

use args::{Args, Command};
pub use exit::Status;
use exit::{Failure, Undone as _};
use report::{Item, Junit, Report};
use settings::Settings;

use ckwh::provider::{Provider, Recogniser, Registry, Shadow};
use ckwh::trust::State;

/// What every command works with.
struct App {
    settings: Settings,
    registry: Registry,
    report: Box<dyn Report + Send>,
    /// A report in a file, beside.
    beside: Option<Junit>,
    /// The notes that are said once.
    noted: HashSet<String>,
}

/// Runs the command that was typed.
pub fn run(args: &Args) -> Status {
    let mut report = report::new(&args.global);
    let settings = match &args.command {
        Command::Completions { .. } | Command::Man { .. } | Command::ExitCodes => Ok(Settings::default()),
        _ => Settings::load(report.as_mut()),
    };
    let settings = match settings {
        Ok(settings) => settings,
        Err(failure) => return exit::status(Err(failure), report.as_mut()),
    };
    let registry = Registry::new(&settings.places());
    let mut app = App {
        settings,
        registry,
        report,
        beside: None,
        noted: HashSet::new(),
    };
    let outcome = app.run(&args.command);
    exit::status(outcome, app.report.as_mut())
}

impl App {
    fn run(&mut self, command: &Command) -> Result<Status, Failure> {
        match command {
            Command::Send(args) => send::run(self, args),
            Command::Sign(args) => sign::run(self, args),
            Command::Verify(args) => verify::run(self, args),
            Command::Listen(args) => listen::run(self, args),
            Command::Captures(args) => captures::run(self, args),
            Command::Replay(args) => replay::run(self, args),
            Command::Events(args) => events::run(self, args),
            Command::Providers(args) => providers::run(self, args),
            Command::Trust(args) => trust::trust(self, args),
            Command::Untrust { path } => trust::untrust(self, path.as_deref()),
            Command::Completions { shell } => pages::completions(self, *shell),
            Command::Man { command } => pages::man(self, command.as_deref()),
            Command::ExitCodes => pages::exit_codes(self),
        }
    }

    /// The provider that was asked for, in the dialect that was asked for.
    fn provider(&mut self, name: &str, dialect: Option<&str>) -> Result<Provider, Failure> {
        self.announce_shadow(name)?;
        let dialect = dialect.or(self.settings.dialect.as_deref());
        Ok(self.registry.provider(name, dialect)?)
    }

    /// Says that a project's folder has the name of another provider, whether it is used or not.
    fn announce_shadow(&mut self, name: &str) -> Result<(), Failure> {
        let is_it = |shadow: &&Shadow| shadow.folder.name == name;
        let Some(shadow) = self.registry.shadows().iter().find(is_it).cloned() else {
            return Ok(());
        };
        let path = shadow.folder.path_of("");
        if !self.trusts_folder(&shadow.folder)? {
            let command = self.trust_command(&path);
            self.note_once(&format!(
                "{path} is passed over: it takes the name of the provider {name}; where you trust it: {command}"
            ));
            return Ok(());
        }
        if shadow.state != State::Trusted {
            self.registry = Registry::new(&self.settings.places());
        }
        self.note_once(&format!("{name} is this project's own, from {path}"));
        Ok(())
    }

    /// Says what takes another's name, and asks about what has changed since it was trusted: where any provider of the
    /// project may be the one that a request is of.
    fn announce_project(&mut self) -> Result<(), Failure> {
        let folders: Vec<_> = self.registry.of_project().cloned().collect();
        for folder in folders {
            self.trusts_folder(&folder)?;
        }
        let names: Vec<_> = self
            .registry
            .shadows()
            .iter()
            .map(|shadow| shadow.folder.name.clone())
            .collect();
        names.iter().try_for_each(|name| self.announce_shadow(name))
    }

    /// Reads every provider, or the one named by `only`; says which folders are passed over.
    fn recogniser(&mut self, only: Option<&str>) -> Result<Recogniser, Failure> {
        let recogniser = self.registry.recogniser(only)?;
        for problem in recogniser.problems() {
            self.note_once(&format!("a provider is passed over: {problem}"));
        }
        Ok(recogniser)
    }

    /// Whether deliveries that went well are results too, where many are made.
    fn wants_all(&self) -> bool {
        self.beside.is_some() || self.report.wants_all()
    }

    fn result(&mut self, mut item: Item) -> Result<(), Failure> {
        item.mask(&self.settings.credentials);
        if let Some(beside) = &mut self.beside {
            beside.result(&item)?;
        }
        self.report.result(&item).map_err(Failure::from_output)
    }
}

/// Runs `work` on this thread; connections are few and the work between them is short.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    runtime(&mut tokio::runtime::Builder::new_current_thread())?.block_on(work)
}

fn runtime(builder: &mut tokio::runtime::Builder) -> Result<tokio::runtime::Runtime, Failure> {
    ckwh::delivery::runtime::start(builder)
        .context("the network can't be used")
        .undone()
}
