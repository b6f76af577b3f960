//! A provider is a folder: a table, its fixtures and its known answers. Built-in folders are embedded; the user's and
//! the project's add to them.

mod built_in;
mod events;
pub mod fixture;
mod folder;
mod handshake;
mod own;
mod pattern;
mod project;
mod recognise;
mod registry;
pub mod selftest;
mod table;
mod template;

use crate::message::Place;
use crate::scheme::Scheme;
use crate::secret::Source;
use crate::trust::Caveat;
use crate::verify::{Reason, Verdict};

pub use crate::scheme::is_name;
pub use events::Events;
pub(crate) use folder::TABLE;
pub use folder::{Folder, Origin, fixture_file, is_event_type};
pub use handshake::{Handshake, HandshakeAnswer};
pub use recognise::{Recogniser, Recognition};
pub(crate) use recognise::{decided, several};
pub use registry::{Places, Registry, Shadow};
pub use table::{
    BodyKind, Chain, Delay, DeliveryPolicy, Documented, Event, Fresh, Growth, Request, RetryClass, RetrySignature,
    Table,
};
pub use template::{Template, TemplateFacts};

/// What marks a provider of a project's own that the user does not trust, behind its name.
pub const STRANGERS: &str = "(this project's)";

/// Why a provider, a dialect or an event can't be had.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// No folder has that name.
    #[error("there is no provider `{name}`.{hint} `ckwh providers` lists them")]
    Unknown {
        /// As it was given.
        name: String,
        /// The nearest real names.
        hint: String,
    },
    /// The provider has no such dialect.
    #[error("{provider} has no dialect `{dialect}`: it has {known}")]
    Dialect {
        /// The provider.
        provider: String,
        /// As it was given.
        dialect: String,
        /// Those it has.
        known: String,
    },
    /// The provider has no such event type.
    #[error(
        "{} `{event_type}`.{hint} `ckwh events` lists them; a file is named by its path, as ./{event_type}",
        .provider.as_ref().map_or("no provider has the event".into(), |name| format!("{name} has no event"))
    )]
    Event {
        /// The provider; `None` where any was meant.
        provider: Option<String>,
        /// As it was given.
        event_type: String,
        /// The nearest real names.
        hint: String,
    },
    /// A table that can't be read.
    #[error("{place}: {message}")]
    Table {
        /// The file, with its line where that is known.
        place: String,
        /// What is wrong, and what is allowed.
        message: String,
    },
    /// A file of the folder that can't be read.
    #[error("{path}: {message}")]
    File {
        /// The file.
        path: String,
        /// Why not.
        message: String,
    },
}

/// One provider in one dialect, ready for use.
#[derive(Debug, Clone)]
pub struct Provider {
    /// The folder's name.
    pub name: String,
    /// The dialect's name.
    pub dialect: String,
    /// Its table, with the dialect laid over it.
    pub table: Table,
    /// How it signs.
    pub scheme: Scheme,
    /// Where it comes from.
    pub folder: Folder,
}

impl Provider {
    /// Reads the folder's table in `dialect`, or in the one its table begins with.
    ///
    /// # Errors
    /// [`ProviderError`], with file, line and what is allowed.
    pub fn load(folder: &Folder, dialect: Option<&str>) -> Result<Self, ProviderError> {
        if let Some(own) = folder.read_before() {
            let (dialect, table) = table::read_before(own, dialect)?;
            return Ok(Self::new(folder, dialect, table));
        }
        let text = folder.table()?;
        let base = extended(folder, &text)?;
        let source = table::Source::read(&text, base.as_deref(), folder.path_of(TABLE))?;
        let (dialect, table) = source.table(dialect, &folder.name)?;
        Ok(Self::new(folder, dialect, table))
    }

    /// Every dialect of the folder, the one its table begins with first.
    ///
    /// # Errors
    /// As [`Self::load`].
    pub fn load_all(folder: &Folder) -> Result<Vec<Self>, ProviderError> {
        if let Some(own) = folder.read_before() {
            let names = own.tables().map(|(dialect, _)| dialect);
            return names.map(|dialect| Self::load(folder, Some(dialect))).collect();
        }
        let text = folder.table()?;
        let base = extended(folder, &text)?;
        let source = table::Source::read(&text, base.as_deref(), folder.path_of(TABLE))?;
        let load = |dialect| {
            let (dialect, table) = source.clone().table(Some(dialect), &folder.name)?;
            Ok(Self::new(folder, dialect, table))
        };
        source.dialects().map(load).collect()
    }

    /// Its name for people, with a mark where it is a project's that the user does not trust.
    pub fn label(&self) -> String {
        match self.folder.is_strangers() {
            true => format!("{} {STRANGERS}", self.name),
            false => self.name.clone(),
        }
    }

    /// What a verdict by this provider's table rests on that the user does not trust. `is_named` says whether the user
    /// named the provider, and not the request's headers alone.
    pub fn caveat(&self, verdict: &Verdict, is_named: bool) -> Option<Caveat> {
        let is_chosen = verdict.reason == Reason::Authenticated && !is_named;
        self.caveat_of(verdict.matched_secret.as_ref())
            .or(is_chosen.then_some(Caveat::SenderChosen))
    }

    /// What a verdict rests on that the user does not trust, where `secret` is the source of the one that matched.
    pub fn caveat_of(&self, secret: Option<&Source>) -> Option<Caveat> {
        match secret {
            _ if self.folder.is_strangers() => Some(Caveat::ProjectProvider),
            Some(Source::TrackedDotEnv(_)) => Some(Caveat::TrackedSecret),
            _ => None,
        }
    }

    /// Where it shows its secret, and where a handshake delivers it.
    pub fn token_places(&self) -> Vec<Place> {
        let delivered = self.table.handshake.iter().filter_map(Handshake::delivers);
        self.scheme.shown().chain(delivered).cloned().collect()
    }

    fn new(folder: &Folder, dialect: String, mut table: Table) -> Self {
        // A name that no table describes is an error of the table, which is told where it is read.
        let _ = table.link_given();
        let scheme = Scheme {
            signatures: table.signature.clone(),
            timestamp: table.timestamp.clone(),
            id: table.event.id.clone(),
        };
        Self {
            name: folder.name.to_string(),
            dialect,
            table,
            scheme,
            folder: folder.clone(),
        }
    }
}

/// The text of the built-in table that `text` extends, where it does.
fn extended(folder: &Folder, text: &str) -> Result<Option<String>, ProviderError> {
    let Some((name, line)) = table::extends(text) else {
        return Ok(None);
    };
    let found = Folder::built_in_table(&name).filter(|base| table::extends(base).is_none());
    found.map(Some).ok_or_else(|| ProviderError::Table {
        place: format!("{}:{line}", folder.path_of(TABLE)),
        message: format!("`extends` names a built-in provider that extends none itself, and not `{name}`"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_built_in_table_is_what_its_text_says_in_every_dialect() {
        for folder in Folder::built_in() {
            let files = folder.files().unwrap().into_iter().collect();
            let as_text = Provider::load_all(&Folder::held(&folder.name, folder.origin, files)).unwrap();
            let built_in = Provider::load_all(&folder).unwrap();
            let said = |provider: &Provider| (provider.dialect.clone(), format!("{:?}", provider.table));
            let both = [&as_text, &built_in].map(|providers| providers.iter().map(said).collect::<Vec<_>>());
            assert_eq!(both[0], both[1], "{}", folder.name);
            assert!(Provider::load(&folder, Some("no such")).is_err(), "{}", folder.name);
        }
    }
}
