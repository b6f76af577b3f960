//! Every provider folder there is, and which of several of one name counts.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{LazyLock, OnceLock};

use super::built_in;
use super::project::Project;
use super::{Folder, Origin, Provider, ProviderError};
use crate::message::Place;
use crate::suggest::did_you_mean;
use crate::trust::{Records, State};

/// Where folders are looked for.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// `providers` in the user's configuration folder.
    pub user: Option<PathBuf>,
    /// `.ckwh/providers` in the project.
    pub project: Option<PathBuf>,
    /// What of a project the user trusts.
    pub records: Records,
}

/// A project's folder that takes the name of a provider which is not the project's.
#[derive(Debug, Clone)]
pub struct Shadow {
    /// The project's folder.
    pub folder: Folder,
    /// How far the user trusts it; unless it is trusted, it is passed over.
    pub state: State,
}

/// The providers that are known. Of several of one name the user's comes before the built-in one, and the project's
/// before both where the user trusts it.
#[derive(Debug, Clone)]
pub struct Registry {
    /// Those on disk that count.
    on_disk: Vec<Folder>,
    /// All that count, by name, once they are asked for: a short command asks for one.
    all: OnceLock<Vec<Folder>>,
    shadows: Vec<Shadow>,
    passed_over: Vec<String>,
}

impl Registry {
    /// Lists the folders; reads none of their files, but of a project's that take another's name.
    pub fn new(places: &Places) -> Self {
        let mut passed_over = Vec::new();
        let mut on_disk = places
            .user
            .as_deref()
            .map(|parent| Folder::users(parent, &mut passed_over))
            .unwrap_or_default();
        let mut shadows = Vec::new();
        let projects = places.project.as_deref().map(|parent| {
            // `.ckwh/providers` may itself be a link: what may not be left is told by the folder that it stands in.
            let folder = parent.ancestors().nth(2).unwrap_or(parent);
            let project = Project::new(folder, places.records.clone());
            Folder::projects(parent, &project, &mut passed_over)
        });
        for folder in projects.into_iter().flatten() {
            if names(&on_disk, &folder.name) || Folder::built_in_named(&folder.name).is_some() {
                let state = folder.state();
                shadows.push(Shadow {
                    folder: folder.clone(),
                    state,
                });
                if state != State::Trusted {
                    continue;
                }
                on_disk.retain(|other| other.name != folder.name);
            }
            on_disk.push(folder);
        }
        Self {
            on_disk,
            all: OnceLock::new(),
            shadows,
            passed_over,
        }
    }

    /// Why folders are passed over that hold a table, in sentences.
    pub fn passed_over(&self) -> &[String] {
        &self.passed_over
    }

    /// The variables that the built-in providers keep their secrets in.
    pub fn built_in_variables() -> &'static BTreeSet<String> {
        static VARIABLES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
            let folders = Folder::built_in();
            let dialects = folders
                .iter()
                .flat_map(|folder| Provider::load_all(folder).unwrap_or_default());
            dialects.flat_map(|provider| provider.table.secret_env).collect()
        });
        &VARIABLES
    }

    /// The folders that count, by name.
    pub fn folders(&self) -> &[Folder] {
        self.all.get_or_init(|| self.over(Folder::built_in()))
    }

    /// Those on disk, and those of `built_in` whose names they do not take; by name.
    pub(super) fn over(&self, built_in: Vec<Folder>) -> Vec<Folder> {
        let mut folders = built_in;
        folders.retain(|own| !names(&self.on_disk, &own.name));
        folders.extend(self.on_disk.iter().cloned());
        folders.sort_by(|a, b| a.name.cmp(&b.name));
        folders
    }

    /// Every folder of the project, those too that take another's name.
    pub fn of_project(&self) -> impl Iterator<Item = &Folder> {
        let is_projects = |folder: &&Folder| folder.origin == Origin::Project;
        let shadows = self.shadows.iter().filter(|shadow| shadow.state != State::Trusted);
        self.on_disk
            .iter()
            .filter(is_projects)
            .chain(shadows.map(|shadow| &shadow.folder))
    }

    /// The project's folders that take another's name, for the user to be told.
    pub fn shadows(&self) -> &[Shadow] {
        &self.shadows
    }

    /// Whether a folder of that name counts: a short command asks for one, and lists none.
    pub fn has(&self, name: &str) -> bool {
        names(&self.on_disk, name) || Folder::built_in_named(name).is_some()
    }

    /// The folder of that name.
    ///
    /// # Errors
    /// [`ProviderError::Unknown`].
    pub fn folder(&self, name: &str) -> Result<Folder, ProviderError> {
        let on_disk = self.on_disk.iter().find(|folder| folder.name == name).cloned();
        on_disk.or_else(|| Folder::built_in_named(name)).ok_or_else(|| {
            let over = self.passed_over.iter().find(|why| why.contains(&format!("/{name}`")));
            ProviderError::Unknown {
                name: name.to_owned(),
                hint: match over {
                    Some(why) => format!(" {}.", capital(why)),
                    None => did_you_mean(name, self.folders().iter().map(|folder| &*folder.name)),
                },
            }
        })
    }

    /// The provider of that name, in `dialect` or its first.
    ///
    /// # Errors
    /// [`ProviderError`].
    pub fn provider(&self, name: &str, dialect: Option<&str>) -> Result<Provider, ProviderError> {
        Provider::load(&self.folder(name)?, dialect)
    }

    /// Where the providers show their secrets. Of those on disk the tables are read that may say so.
    pub fn token_places(&self) -> Vec<(String, Place)> {
        let built_in = built_in::tokens().filter(|(name, _)| !names(&self.on_disk, name));
        let built_in =
            built_in.filter_map(|(name, text)| Some((name.to_owned(), Place::try_from(text.to_owned()).ok()?)));
        let on_disk = self.on_disk.iter().flat_map(|folder| {
            let dialects = Provider::load_all(folder).unwrap_or_default();
            let places: Vec<Place> = dialects.iter().flat_map(Provider::token_places).collect();
            places.into_iter().map(|place| (folder.name.to_string(), place))
        });
        built_in.chain(on_disk).collect()
    }

    /// Whether any folder has a fixture for `event_type`; no table is read.
    pub fn has_event(&self, event_type: &str) -> bool {
        self.beginning(event_type)
            .iter()
            .any(|folder| folder.has_event(event_type))
    }

    /// The folders that may have a fixture whose type begins with `word`, by name: a short command lists no others.
    pub fn beginning(&self, word: &str) -> Vec<Folder> {
        self.over(Folder::built_in_with(word))
    }

    /// The error for an event type that none of `folders` has.
    pub fn unknown_event(&self, event_type: &str, provider: Option<&str>) -> ProviderError {
        let types: BTreeSet<String> = self
            .folders()
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

/// A sentence with its first letter in upper case.
fn capital(sentence: &str) -> String {
    let (first, rest) = sentence.split_at(sentence.chars().next().map_or(0, char::len_utf8));
    first.to_uppercase() + rest
}

fn names(folders: &[Folder], name: &str) -> bool {
    folders.iter().any(|folder| folder.name == name)
}
