//! Where the values come from that a table asks for beside the secret: the command line, the variables that it names, and
//! `./.env`.

use std::env;

use ckwh::provider::Provider;
use ckwh::scheme::Given;

use super::app::App;
use super::args::SecretArg;
use super::dotenv;
use super::exit::Failure;

impl App {
    /// Gives `provider` the values that its table asks for. What can't be found stays without one; what needs it says so.
    ///
    /// # Errors
    /// Where a file of variables can't be read.
    pub fn give(&mut self, flags: &[SecretArg], provider: &Provider) -> Result<(), Failure> {
        for given in provider.table.given.values() {
            if given.is_given() {
                continue;
            }
            let value = match typed(flags, given.name()) {
                Some(value) => Some(value.to_owned()),
                None => self.given_in_variable(flags, provider, given)?,
            };
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                given.give(value);
            }
        }
        Ok(())
    }

    /// Refuses a `--given` that none of `providers` asks for.
    ///
    /// # Errors
    /// Where there is one.
    pub fn check_given<'p>(
        &self,
        flags: &[SecretArg],
        providers: impl Iterator<Item = &'p Provider> + Clone,
    ) -> Result<(), Failure> {
        let asked = |name: &str| {
            let mut all = providers.clone();
            all.any(|provider| provider.table.given.contains_key(name))
        };
        for (name, _) in flags.iter().filter_map(SecretArg::given) {
            if asked(name) {
                continue;
            }
            let one = providers.clone().next().filter(|_| providers.clone().count() == 1);
            let Some(provider) = one else {
                return Err(Failure::usage(format!(
                    "no provider asks for `{name}`, which --given names"
                )));
            };
            let known: Vec<&str> = provider.table.given.keys().map(String::as_str).collect();
            return Err(Failure::usage(match known.as_slice() {
                [] => format!(
                    "{} asks for nothing beside its secret: leave --given {name} out",
                    provider.name
                ),
                known => format!(
                    "{} asks for no `{name}`: --given names {}",
                    provider.name,
                    known.join(" or ")
                ),
            }));
        }
        Ok(())
    }

    /// What stands in a variable that the table names. A project's own is not read because its table says so, unless the
    /// user trusts it; nor is a file that git tracks, whose author would choose what is valid.
    fn given_in_variable(
        &mut self,
        flags: &[SecretArg],
        provider: &Provider,
        given: &Given,
    ) -> Result<Option<String>, Failure> {
        let names = given.variables();
        if names.is_empty() {
            return Ok(None);
        }
        if !self.trusts_folder(&provider.folder)? {
            self.warn_once(&format!(
                "{} is this project's own, so {} is not read; give --given {}=VALUE, or trust it: {}",
                provider.name,
                names.join(" or "),
                given.name(),
                self.trust_command(provider.folder.path_of("")),
            ));
            return Ok(None);
        }
        for path in flags.iter().filter_map(SecretArg::env_file) {
            let text = super::secrets::env_file(path)?;
            if let Some(value) = names.iter().find_map(|name| dotenv::find(&text, name)) {
                return Ok(Some(value));
            }
        }
        if let Some(value) = names.iter().find_map(|name| env::var(name).ok()) {
            return Ok(Some(value));
        }
        let Some(file) = self.dot_env()? else { return Ok(None) };
        let Some((name, value)) = names
            .iter()
            .find_map(|name| Some((name, dotenv::find(&file.text, name)?)))
        else {
            return Ok(None);
        };
        if file.is_tracked() && !self.trusts(&file.subject)? {
            self.warn_once(&format!(
                "{name} in ./{} is passed over, since git tracks that file: give --given {}=VALUE, or trust it: {}",
                dotenv::NAME,
                given.name(),
                self.trust_command(dotenv::NAME),
            ));
            return Ok(None);
        }
        Ok(Some(value))
    }
}

/// What was typed for `name`; the last counts.
fn typed<'a>(flags: &'a [SecretArg], name: &str) -> Option<&'a str> {
    let given = flags.iter().rev().filter_map(SecretArg::given);
    given.filter(|(own, _)| *own == name).map(|(_, value)| value).next()
}
