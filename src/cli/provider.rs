//! The providers that a command works with, and what is said about a project's own.

use ckwh::provider::{Provider, Recogniser, Registry, Shadow};
use ckwh::trust::State;

use super::app::App;
use super::args::ProviderArgs;
use super::exit::Failure;

impl App {
    /// The provider that was asked for, in the dialect that was asked for.
    pub fn provider(&mut self, name: &str, dialect: Option<&str>) -> Result<Provider, Failure> {
        self.announce_shadow(name)?;
        let dialect = self.dialect(dialect);
        Ok(self.registry.provider(name, dialect.as_deref())?)
    }

    /// Says that a project's folder has the name of another provider, whether it is used or not.
    pub fn announce_shadow(&mut self, name: &str) -> Result<(), Failure> {
        let is_it = |shadow: &&Shadow| shadow.folder.name == name;
        let Some(shadow) = self.registry.shadows().iter().find(is_it).cloned() else {
            return Ok(());
        };
        let path = shadow.folder.path_of("");
        if !self.trusts_folder(&shadow.folder)? {
            let command = self.trust_command(&path);
            self.warn_once(&format!(
                "{path} is passed over: it takes the name of the provider {name}; where you trust it: {command}"
            ));
            return Ok(());
        }
        if shadow.state != State::Trusted {
            self.registry = Registry::new(&self.settings.places());
        }
        self.warn_once(&format!("{name} is this project's own, from {path}"));
        Ok(())
    }

    /// Says what takes another's name, and asks about what has changed since it was trusted: where any provider of the
    /// project may be the one that a request is of.
    pub fn announce_project(&mut self) -> Result<(), Failure> {
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
    pub fn recogniser(&mut self, only: Option<&str>) -> Result<Recogniser, Failure> {
        let recogniser = self.registry.recogniser(only)?;
        for problem in recogniser.problems() {
            self.warn_once(&format!("a provider is passed over: {problem}"));
        }
        Ok(recogniser)
    }

    /// The provider that signs a file, which can't say so itself.
    pub fn signer(&mut self, args: &ProviderArgs) -> Result<Provider, Failure> {
        let Some(name) = args.provider.clone().or_else(|| self.proposed_provider(None)) else {
            return Err(Failure::usage(
                "a file does not say whose webhook it is; name its provider with --provider; `ckwh providers` lists them",
            ));
        };
        self.provider(&name, args.dialect.as_deref())
    }
}
