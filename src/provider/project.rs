//! A provider's folder in a project, whose files are a stranger's: read once, bounded, and never from elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use super::folder::{LARGEST_FILE, TABLE, VECTORS, deeper, event_type, file_name};
use crate::foreign::{self, ForeignError};
use crate::trust::{Records, State, Subject};

/// How many bytes of a project's provider folders are held at once.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// How many fixtures a folder may have.
const MOST_FIXTURES: usize = 10_000;

/// What the provider folders of one project share.
#[derive(Debug, Clone)]
pub(super) struct Project {
    root: PathBuf,
    records: Records,
    /// How many bytes may still be held.
    left: Arc<AtomicU64>,
}

impl Project {
    /// The project that `folder` is of.
    pub(super) fn new(folder: &Path, records: Records) -> Self {
        Self {
            root: foreign::root_of(folder),
            records,
            left: Arc::new(AtomicU64::new(MOST_BYTES)),
        }
    }
}

/// One of its folders.
#[derive(Debug)]
pub(super) struct ProjectFolder {
    pub(super) path: PathBuf,
    project: Project,
    contents: OnceLock<Contents>,
    /// Set when the user trusts what was read.
    trusted: OnceLock<()>,
}

/// What was in it when it was first asked for.
#[derive(Debug)]
struct Contents {
    /// The files that can't be read, with the reason.
    unreadable: BTreeMap<String, String>,
    subject: Subject,
    state: State,
}

impl ProjectFolder {
    pub(super) fn new(path: PathBuf, project: Project) -> Self {
        Self {
            path,
            project,
            contents: OnceLock::new(),
            trusted: OnceLock::new(),
        }
    }

    /// The bytes of a file; `None` where there is none.
    pub(super) fn read(&self, file: &str) -> Result<Option<Vec<u8>>, String> {
        let contents = self.contents();
        match contents.unreadable.get(file) {
            Some(reason) => Err(reason.clone()),
            None => Ok(contents.subject.files.get(file).cloned()),
        }
    }

    /// Every fixture's name, readable or not.
    pub(super) fn event_types(&self) -> Vec<String> {
        let contents = self.contents();
        let names = contents.subject.files.keys().chain(contents.unreadable.keys());
        names.filter_map(|name| event_type("", name)).collect()
    }

    /// Whether a fixture's file is there; it is not read.
    pub(super) fn has_file(&self, file: &str) -> bool {
        self.path.join(file).is_file()
    }

    /// What is trusted, or not.
    pub(super) fn subject(&self) -> &Subject {
        &self.contents().subject
    }

    pub(super) fn state(&self) -> State {
        match self.trusted.get() {
            Some(()) => State::Trusted,
            None => self.contents().state,
        }
    }

    pub(super) fn trust(&self) {
        self.trusted.get_or_init(|| ());
    }

    fn contents(&self) -> &Contents {
        self.contents.get_or_init(|| {
            let mut files = BTreeMap::new();
            let mut unreadable = BTreeMap::new();
            let mut names = vec![TABLE.to_owned(), VECTORS.to_owned()];
            self.fixtures(&self.path, "", &mut names);
            for name in names {
                match self.read_now(&name) {
                    Ok(Some(bytes)) => drop(files.insert(name, bytes)),
                    Ok(None) => {}
                    Err(reason) => drop(unreadable.insert(name, reason)),
                }
            }
            // What can't be read is a change too: it may be another thing the next time.
            let unread = unreadable
                .iter()
                .map(|(name, reason)| (format!("{name} (not read)"), reason.clone().into_bytes()));
            let subject = Subject::new(&self.path, files.into_iter().chain(unread).collect());
            Contents {
                state: self.project.records.state(&subject.path, subject.digest),
                unreadable,
                subject,
            }
        })
    }

    fn read_now(&self, file: &str) -> Result<Option<Vec<u8>>, String> {
        let left = self.project.left.load(Ordering::Relaxed);
        match foreign::read(&self.path.join(file), &self.project.root, LARGEST_FILE.min(left)) {
            Ok(Some(bytes)) => {
                self.project.left.fetch_sub(bytes.len() as u64, Ordering::Relaxed);
                Ok(Some(bytes))
            }
            Err(ForeignError::TooLong(_)) if left < LARGEST_FILE => {
                Err("this project's provider folders hold more than 64 MiB".into())
            }
            Ok(None) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Adds the fixtures below `folder`. Links to folders are not followed: no provider needs one.
    fn fixtures(&self, folder: &Path, prefix: &str, names: &mut Vec<String>) {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut deep = Vec::new();
        for entry in entries {
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                deep.extend(deeper(prefix, &path).map(|prefix| (path, prefix)));
            } else if let Some(name) = file_name(&path)
                && event_type(prefix, name).is_some()
                && names.len() < MOST_FIXTURES
            {
                names.push(format!("{prefix}{name}"));
            }
        }
        for (path, prefix) in deep {
            self.fixtures(&path, &prefix, names);
        }
    }
}
