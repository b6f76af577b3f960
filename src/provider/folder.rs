//! A provider's folder, wherever it stands.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ProviderError;
use super::built_in::BuiltIn;
use super::project::{Project, ProjectFolder};
use crate::foreign::{self, ForeignError};
use crate::scheme::is_name;
use crate::trust::{State, Subject};

/// The file of a provider's table.
pub(crate) const TABLE: &str = "provider.toml";
pub(super) const VECTORS: &str = "vectors.toml";
/// More than any table or fixture needs, in bytes.
pub(super) const LARGEST_FILE: u64 = 16 * 1024 * 1024;

/// Who put a folder there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Origin {
    /// It is part of the program.
    BuiltIn,
    /// The user's configuration folder.
    User,
    /// The project's `.ckwh/providers`.
    Project,
}

/// A provider's folder.
#[derive(Debug, Clone)]
pub struct Folder {
    /// The provider's name: the folder's.
    pub name: Cow<'static, str>,
    /// Who put it there.
    pub origin: Origin,
    files: Files,
}

#[derive(Debug, Clone)]
enum Files {
    Embedded(BuiltIn),
    Disk(PathBuf),
    Project(Arc<ProjectFolder>),
    /// By their names; a `/` in one is a folder.
    Held(Arc<BTreeMap<String, Vec<u8>>>),
}

impl Folder {
    /// The built-in folders, by name.
    pub(super) fn built_in() -> Vec<Self> {
        BuiltIn::all().map(Self::embedded).collect()
    }

    /// The built-in folder of that name.
    pub(super) fn built_in_named(name: &str) -> Option<Self> {
        BuiltIn::named(name).map(Self::embedded)
    }

    /// The built-in folders that have a fixture whose type begins with `word`, by name.
    pub(super) fn built_in_with(word: &str) -> Vec<Self> {
        let beginning = escaped(word);
        BuiltIn::with_file(&beginning).into_iter().map(Self::embedded).collect()
    }

    /// The built-in folders whose requests are recognised by one of these headers, among other things; by name.
    pub(super) fn built_in_told_by<'m>(headers: impl Iterator<Item = &'m str>) -> Vec<Self> {
        let mut found: Vec<BuiltIn> = headers.flat_map(BuiltIn::told_by).collect();
        found.sort_by_key(|own| own.name());
        found.dedup();
        found.into_iter().map(Self::embedded).collect()
    }

    fn embedded(own: BuiltIn) -> Self {
        Self {
            name: own.name().into(),
            origin: Origin::BuiltIn,
            files: Files::Embedded(own),
        }
    }

    /// The user's folders below `parent` that hold a table; none where it can't be read.
    pub(super) fn users(parent: &Path, passed_over: &mut Vec<String>) -> Vec<Self> {
        Self::below(parent, Origin::User, Files::Disk, passed_over)
    }

    /// The text of the built-in table of that name.
    pub(super) fn built_in_table(name: &str) -> Option<String> {
        let text = BuiltIn::named(name)?.file(TABLE)?;
        String::from_utf8(text).ok()
    }

    /// The folders below `parent` that hold a table, in a project.
    pub(super) fn projects(parent: &Path, project: &Project, passed_over: &mut Vec<String>) -> Vec<Self> {
        let files = |path| Files::Project(Arc::new(ProjectFolder::new(path, project.clone())));
        Self::below(parent, Origin::Project, files, passed_over)
    }

    fn below(
        parent: &Path,
        origin: Origin,
        files: impl Fn(PathBuf) -> Files,
        passed_over: &mut Vec<String>,
    ) -> Vec<Self> {
        let Ok(entries) = fs::read_dir(parent) else {
            return Vec::new();
        };
        let mut folders: Vec<_> = entries
            .flatten()
            .filter_map(|entry| {
                let path = entry.path();
                if !path.join(TABLE).is_file() {
                    return None;
                }
                let name = entry.file_name().to_string_lossy().into_owned();
                if !is_name(&name) {
                    passed_over.push(format!(
                        "the folder `{}` is passed over: a provider's name begins with a lower-case letter, and has such letters, digits and `-` alone",
                        path.display().to_string().escape_debug()
                    ));
                    return None;
                }
                Some(Self {
                    name: name.into(),
                    origin,
                    files: files(path),
                })
            })
            .collect();
        folders.sort_by(|a, b| a.name.cmp(&b.name));
        folders
    }

    /// How far the user trusts it: all but a project's is.
    pub fn state(&self) -> State {
        match &self.files {
            Files::Project(folder) => folder.state(),
            Files::Embedded(_) | Files::Disk(_) | Files::Held(_) => State::Trusted,
        }
    }

    /// Trusts what was read of it, in every copy of this value.
    pub fn trust(&self) {
        if let Files::Project(folder) = &self.files {
            folder.trust();
        }
    }

    /// Whether it is a project's that the user does not trust.
    pub fn is_strangers(&self) -> bool {
        self.state() != State::Trusted
    }

    /// What the user may trust, where it is a project's.
    pub fn subject(&self) -> Option<&Subject> {
        match &self.files {
            Files::Project(folder) => Some(folder.subject()),
            Files::Embedded(_) | Files::Disk(_) | Files::Held(_) => None,
        }
    }

    /// A folder on disk.
    pub fn at(path: PathBuf, origin: Origin) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_owned();
        Some(Self {
            name: name.into(),
            origin,
            files: Files::Disk(path),
        })
    }

    /// A folder that stands nowhere yet: its files by their names, in which a `/` is a folder.
    pub fn held(name: &str, origin: Origin, files: BTreeMap<String, Vec<u8>>) -> Self {
        Self {
            name: name.to_owned().into(),
            origin,
            files: Files::Held(Arc::new(files)),
        }
    }

    /// The types of the events that have a fixture, sorted.
    pub fn event_types(&self) -> Vec<String> {
        let mut names = Vec::new();
        match &self.files {
            Files::Embedded(own) => names.extend(own.files().filter_map(|name| event_type("", name))),
            Files::Disk(path) => types_below(path, "", &mut names),
            Files::Project(folder) => names = folder.event_types(),
            Files::Held(files) => names.extend(files.keys().filter_map(|name| event_type("", name))),
        }
        names.sort();
        names
    }

    /// Whether there is a fixture for `event_type`.
    pub fn has_event(&self, event_type: &str) -> bool {
        self.fixture_file(event_type).is_some()
    }

    /// Whether there is a fixture for a type that begins with `word` and a dot.
    pub fn begins_event(&self, word: &str) -> bool {
        match &self.files {
            Files::Embedded(own) => {
                let word = escaped(word);
                let mut files = own.files();
                files.any(|file| {
                    file.strip_prefix(&*word)
                        .is_some_and(|rest| rest.starts_with('.') && rest != ".json")
                })
            }
            _ => {
                let begins = |own: &String| own.strip_prefix(word).is_some_and(|rest| rest.starts_with('.'));
                self.event_types().iter().any(begins)
            }
        }
    }

    /// The bytes of the fixture for `event_type`, or `None` where there is none.
    ///
    /// # Errors
    /// [`ProviderError::File`] where it can't be read.
    pub fn fixture(&self, event_type: &str) -> Result<Option<Vec<u8>>, ProviderError> {
        match self.fixture_file(event_type) {
            Some(file) => self.read(&file),
            None => Ok(None),
        }
    }

    /// The file of the fixture for `event_type`, where there is one. A `:` may stand in its name as it is, where the
    /// system allows that.
    fn fixture_file(&self, event_type: &str) -> Option<String> {
        if !is_event_type(event_type) {
            return None;
        }
        let names = [fixture_file(event_type), format!("{event_type}.json")];
        names.into_iter().find(|name| match &self.files {
            Files::Embedded(own) => own.files().any(|file| file == name),
            Files::Disk(path) => path.join(name).is_file(),
            Files::Project(folder) => folder.has_file(name),
            Files::Held(files) => files.contains_key(name),
        })
    }

    /// The text of the known answers, where there are any.
    ///
    /// # Errors
    /// [`ProviderError::File`].
    pub fn vectors(&self) -> Result<Option<String>, ProviderError> {
        self.read(VECTORS)?.map(|bytes| self.text(VECTORS, bytes)).transpose()
    }

    /// The text of the table.
    ///
    /// # Errors
    /// [`ProviderError::File`].
    pub fn table(&self) -> Result<String, ProviderError> {
        match self.read(TABLE)? {
            Some(bytes) => self.text(TABLE, bytes),
            None => Err(self.unreadable(TABLE, "no such file")),
        }
    }

    /// What was read of it when the program was built.
    pub(super) fn read_before(&self) -> Option<BuiltIn> {
        match self.files {
            Files::Embedded(own) => Some(own),
            _ => None,
        }
    }

    /// Where a file of this folder stands, for messages.
    pub fn path_of(&self, file: &str) -> String {
        match &self.files {
            Files::Embedded(own) => format!("fixtures/{}/{file}", own.name()),
            Files::Disk(path) => path.join(file).display().to_string(),
            Files::Project(folder) => folder.path.join(file).display().to_string(),
            Files::Held(_) => format!("{}/{file}", self.name),
        }
    }

    /// Every file of the folder with its bytes.
    ///
    /// # Errors
    /// [`ProviderError::File`].
    pub fn files(&self) -> Result<Vec<(String, Vec<u8>)>, ProviderError> {
        let mut files = Vec::new();
        for event_type in self.event_types() {
            if let Some(bytes) = self.fixture(&event_type)? {
                files.push((fixture_file(&event_type), bytes));
            }
        }
        for name in [TABLE, VECTORS] {
            if let Some(bytes) = self.read(name)? {
                files.push((name.to_owned(), bytes));
            }
        }
        Ok(files)
    }

    fn read(&self, file: &str) -> Result<Option<Vec<u8>>, ProviderError> {
        match &self.files {
            Files::Embedded(own) => Ok(own.file(file)),
            Files::Held(files) => Ok(files.get(file).cloned()),
            Files::Project(folder) => folder.read(file).map_err(|reason| self.unreadable(file, reason)),
            Files::Disk(path) => match foreign::read_regular(&path.join(file), LARGEST_FILE) {
                Ok(bytes) => Ok(Some(bytes)),
                Err(ForeignError::Io(error)) if foreign::is_missing(&error) => Ok(None),
                Err(error) => Err(self.unreadable(file, error)),
            },
        }
    }

    fn text(&self, file: &str, bytes: Vec<u8>) -> Result<String, ProviderError> {
        String::from_utf8(bytes).map_err(|_| self.unreadable(file, "not UTF-8"))
    }

    fn unreadable(&self, file: &str, message: impl ToString) -> ProviderError {
        ProviderError::File {
            path: self.path_of(file),
            message: message.to_string(),
        }
    }
}

fn types_below(parent: &Path, prefix: &str, names: &mut Vec<String>) {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let path = entry.path();
        if !path.is_dir() {
            names.extend(file_name(&path).and_then(|name| event_type(prefix, name)));
        } else if let Some(prefix) = deeper(prefix, &path) {
            types_below(&path, &prefix, names);
        }
    }
}

pub(super) fn file_name(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()
}

/// The file of an event's fixture: `%3A` stands for a `:`, which Windows has in no file's name.
pub fn fixture_file(event_type: &str) -> String {
    format!("{}.json", escaped(event_type))
}

/// An event type as it stands in a file's name: not every system has a `:` there.
fn escaped(event_type: &str) -> String {
    event_type.replace(':', "%3A")
}

pub(super) fn event_type(prefix: &str, name: &str) -> Option<String> {
    let name = name.strip_suffix(".json")?.replace("%3A", ":");
    Some(format!("{prefix}{name}")).filter(|name| is_event_type(name))
}

/// The beginning of the types in a folder, where they can have one more part.
pub(super) fn deeper(prefix: &str, path: &Path) -> Option<String> {
    let prefix = format!("{prefix}{}/", path.file_name()?.to_str()?);
    is_event_type(&format!("{prefix}x")).then_some(prefix)
}

/// Whether `text` can name an event type: up to three parts of printable characters. A `/` in it (Shopify's
/// `orders/create`) is a folder, and a space (GitLab's `Push Hook`) stands between words.
pub fn is_event_type(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.trim() == part
            && part
                .chars()
                .all(|char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-' | ':' | '#' | ' '))
    };
    text.split('/').count() <= 3 && text.split('/').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_event_has_a_file_that_every_system_can_hold() {
        for folder in Folder::built_in() {
            for event in folder.event_types() {
                assert!(
                    folder.has_event(&event) && folder.fixture(&event).unwrap().is_some(),
                    "{event}"
                );
                let file = fixture_file(&event);
                assert!(!file.contains([':', '*', '?', '"', '<', '>', '|', '\\']), "{file}");
            }
        }
    }

    #[test]
    fn a_slash_in_a_type_is_a_folder_and_nothing_leads_out_of_it() {
        for good in ["orders/create", "a/b/c", "push", "a.b:c"] {
            assert!(is_event_type(good), "{good}");
        }
        for bad in [
            "", "/", "a/", "/a", "../a", "a/../b", ".git/a", "a\\b", "a/b/c/d", "a\tb",
        ] {
            assert!(!is_event_type(bad), "{bad}");
        }
        let dir = std::env::temp_dir().join(format!("ckwh-folder-{}", std::process::id()));
        fs::create_dir_all(dir.join("orders/a/b/c")).unwrap();
        for file in [
            "push.json",
            "orders/create.json",
            "item%3Aadded.json",
            "orders/a/b/c/deep.json",
            "orders/.hidden.json",
        ] {
            fs::write(dir.join(file), "{}").unwrap();
        }
        let folder = Folder::at(dir.clone(), Origin::User).unwrap();
        assert_eq!(folder.event_types(), ["item:added", "orders/create", "push"]);
        assert_eq!(folder.fixture("item:added").unwrap().as_deref(), Some(&b"{}"[..]));
        assert!(folder.has_event("orders/create") && !folder.has_event("orders"));
        fs::remove_dir_all(dir).unwrap();
    }
}
