//! Every provider folder there is, and which of several of one name counts.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::{Folder, Origin, Provider, ProviderError};
use crate::suggest::did_you_mean;

/// Where folders are looked for, and which of a project's may stand in for others.
#[derive(Debug, Clone, Default)]
pub struct Trust {
    /// `providers` in the user's configuration folder.
    pub user: Option<PathBuf>,
    /// `.ckwh/providers` in the project.
    pub project: Option<PathBuf>,
    /// Names that the user's settings allow a project to stand in for.
    pub trusted: Vec<String>,
}

/// A project's folder that takes the name of a provider which is not the project's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shadow {
    /// The name.
    pub name: String,
    /// The project's folder.
    pub path: String,
    /// Whether the user's settings allow it; else it is passed over.
    pub trusted: bool,
}

/// The providers that are known. Of several of one name the user's comes before the built-in one, and the project's
/// before both where the user trusts it.
#[derive(Debug, Clone)]
pub struct Registry {
    folders: Vec<Folder>,
    shadows: Vec<Shadow>,
}

impl Registry {
    /// Lists the folders; reads none of their files.
    pub fn new(trust: &Trust) -> Self {
        let below = |parent: &Option<PathBuf>, origin| match parent {
            Some(parent) => Folder::below(parent, origin),
            None => Vec::new(),
        };
        let mut folders = below(&trust.user, Origin::User);
        let built_in = Folder::built_in();
        folders.extend(
            built_in
                .into_iter()
                .filter(|own| !names(&folders, &own.name))
                .collect::<Vec<_>>(),
        );
        let mut shadows = Vec::new();
        for folder in below(&trust.project, Origin::Project) {
            if names(&folders, &folder.name) {
                let trusted = trust.trusted.contains(&folder.name);
                shadows.push(Shadow {
                    name: folder.name.clone(),
                    path: folder.path_of(""),
                    trusted,
                });
                if !trusted {
                    continue;
                }
                folders.retain(|other| other.name != folder.name);
            }
            folders.push(folder);
        }
        folders.sort_by(|a, b| a.name.cmp(&b.name));
        Self { folders, shadows }
    }

    /// The folders that count, by name.
    pub fn folders(&self) -> &[Folder] {
        &self.folders
    }

    /// The project's folders that take another's name, for the user to be told.
    pub fn shadows(&self) -> &[Shadow] {
        &self.shadows
    }

    /// The folder of that name.
    ///
    /// # Errors
    /// [`ProviderError::Unknown`].
    pub fn folder(&self, name: &str) -> Result<&Folder, ProviderError> {
        let found = self.folders.iter().find(|folder| folder.name == name);
        found.ok_or_else(|| ProviderError::Unknown {
            name: name.to_owned(),
            hint: did_you_mean(name, self.folders.iter().map(|folder| folder.name.as_str())),
        })
    }

    /// The provider of that name, in `dialect` or its first.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub fn provider(&self, name: &str, dialect: Option<&str>) -> Result<Provider, ProviderError> {
        Provider::load(self.folder(name)?, dialect)
    }

    /// The folders that have a fixture for `event_type`; no table is read.
    pub fn with_event(&self, event_type: &str) -> Vec<&Folder> {
        self.folders
            .iter()
            .filter(|folder| folder.has_event(event_type))
            .collect()
    }

    /// The error for an event type that none of `folders` has.
    pub fn unknown_event(&self, event_type: &str, provider: Option<&str>) -> ProviderError {
        let types: BTreeSet<String> = self
            .folders
            .iter()
            .filter(|folder| provider.is_none_or(|name| name == folder.name))
            .flat_map(|folder| folder.event_types())
            .collect();
        ProviderError::Event {
            provider: provider.map(str::to_owned),
            event_type: event_type.to_owned(),
            hint: did_you_mean(event_type, types.iter().map(String::as_str)),
        }
    }
}

fn names(folders: &[Folder], name: &str) -> bool {
    folders.iter().any(|folder| folder.name == name)
}
