//! Which of a project's files the user trusts, as they stood when that was said.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{foreign, private};

/// How a digest is written.
const PREFIX: &str = "sha256:";
/// More than any record needs, in bytes.
const LONGEST_RECORD: u64 = 8 * 1024 * 1024;

/// SHA-256 over the names and the bytes of files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of files by their names, each name and each text with its length before it.
    pub fn of<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        let mut digest = Sha256::new();
        for (name, bytes) in files {
            for part in [name.as_bytes(), bytes] {
                digest.update((part.len() as u64).to_le_bytes());
                digest.update(part);
            }
        }
        Self(digest.finalize().into())
    }
}

impl std::fmt::Display for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{PREFIX}{}", hex::encode(self.0))
    }
}

impl FromStr for Digest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = text.strip_prefix(PREFIX).and_then(|text| hex::decode(text).ok());
        let digest = bytes.and_then(|bytes| bytes.try_into().ok());
        digest
            .map(Self)
            .ok_or_else(|| format!("`{}` is no digest: {PREFIX} and 64 hex digits", text.escape_debug()))
    }
}

/// Something of a project that may be trusted: a provider's folder, or a file.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Where it stands, without links.
    pub path: PathBuf,
    /// What it holds, by the files' names.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Of these files.
    pub digest: Digest,
}

impl Subject {
    /// What stands at `path` and holds `files`.
    pub fn new(path: &Path, files: BTreeMap<String, Vec<u8>>) -> Self {
        // A folder's name is the provider's: the same files under another are another thing.
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let own = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
        let digest = Digest::of([(name.as_ref(), &b""[..])].into_iter().chain(own));
        Self {
            path: fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
            files,
            digest,
        }
    }
}

/// How far something is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// As it stands.
    Trusted,
    /// As it stood; it has changed.
    Changed,
    /// Nobody said so.
    Untrusted,
}

/// What a verdict rests on that the user does not trust: it is shown, and nothing is done because of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Caveat {
    /// A provider of a project's own.
    ProjectProvider,
    /// A secret in a `.env` that git tracks: whoever has the repository has it.
    TrackedSecret,
    /// A provider that nobody named, and whose secret covers no bytes: the sender chose how it is judged.
    SenderChosen,
}

/// What a user said to trust: a file for each subject in a folder of the user's.
#[derive(Debug, Clone, Default)]
pub struct Records {
    folder: Option<PathBuf>,
    given: Vec<Digest>,
}

/// One record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// Where the subject stands, for people.
    path: String,
    digest: String,
    /// For each file, its digest.
    files: BTreeMap<String, String>,
    /// The tables and settings as they were, to show what has changed since. They hold no secret.
    texts: BTreeMap<String, String>,
}

impl Records {
    /// The records in `folder`, and digests that are trusted wherever they are met.
    pub fn new(folder: Option<PathBuf>, given: Vec<Digest>) -> Self {
        Self { folder, given }
    }

    /// How far the subject at `path` is trusted with that digest.
    pub fn state(&self, path: &Path, digest: Digest) -> State {
        if self.given.contains(&digest) {
            return State::Trusted;
        }
        match self.record(path) {
            None => State::Untrusted,
            Some(record) if record.digest == digest.to_string() => State::Trusted,
            Some(_) => State::Changed,
        }
    }

    /// Records that `subject` is trusted as it stands.
    ///
    /// # Errors
    /// Where that can't be written.
    pub fn remember(&self, subject: &Subject) -> io::Result<()> {
        let Some(file) = self.file(&subject.path) else {
            return Err(io::Error::new(
                io::ErrorKind::NotFound,
                "there is no home folder to keep it in",
            ));
        };
        let digest = |(name, bytes): (&String, &Vec<u8>)| (name.clone(), Digest::of([(name.as_str(), &bytes[..])]));
        let text = |(name, bytes): (&String, &Vec<u8>)| {
            let text = name.ends_with(".toml").then(|| String::from_utf8(bytes.clone()).ok());
            Some((name.clone(), text??))
        };
        let record = Record {
            path: subject.path.display().to_string(),
            digest: subject.digest.to_string(),
            files: subject
                .files
                .iter()
                .map(digest)
                .map(|(name, digest)| (name, digest.to_string()))
                .collect(),
            texts: subject.files.iter().filter_map(text).collect(),
        };
        let folder = file.parent().unwrap_or(Path::new("."));
        private_folder(folder)?;
        private::close(folder);
        // Whole or not at all: another process may read it now.
        let new = file.with_extension(format!("{}.new", std::process::id()));
        let (mut to, _) = private::create(&new)?;
        to.write_all(&serde_json::to_vec_pretty(&record)?)?;
        fs::rename(&new, &file)
    }

    /// Forgets everything that stands at `path` or below it, whether it is still there or not; gives what it was.
    ///
    /// # Errors
    /// Where a record can't be removed.
    pub fn forget_below(&self, path: &Path) -> io::Result<Vec<Record>> {
        let mut forgotten: Vec<Record> = self.record(path).into_iter().collect();
        self.forget(path)?;
        for entry in self
            .folder
            .iter()
            .filter_map(|folder| fs::read_dir(folder).ok())
            .flatten()
            .flatten()
        {
            let file = entry.path();
            if let Some(record) = self.read(&file)
                && Path::new(&record.path).starts_with(path)
            {
                fs::remove_file(file)?;
                forgotten.push(record);
            }
        }
        Ok(forgotten)
    }

    /// Forgets what stands at `path`; says whether it was trusted.
    ///
    /// # Errors
    /// Where the record can't be removed.
    pub fn forget(&self, path: &Path) -> io::Result<bool> {
        let Some(file) = self.file(path) else { return Ok(false) };
        match fs::remove_file(file) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The record of what stands at `path`.
    pub fn record(&self, path: &Path) -> Option<Record> {
        self.read(&self.file(path)?)
    }

    /// A record in its file; another user's is none.
    fn read(&self, file: &Path) -> Option<Record> {
        let folder = self.folder.as_ref().filter(|folder| !foreign::is_anothers(folder))?;
        let root = fs::canonicalize(folder).ok()?;
        let bytes = foreign::read(file, &root, LONGEST_RECORD).ok()??;
        serde_json::from_slice(&bytes).ok()
    }

    /// Where the record of `path` is kept: a path may hold what no file's name can, so its digest names it.
    fn file(&self, path: &Path) -> Option<PathBuf> {
        let name = hex::encode(Sha256::digest(path.as_os_str().as_encoded_bytes()));
        Some(self.folder.as_ref()?.join(name + ".json"))
    }
}

impl Record {
    /// Where it stands, for people.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Of what it held.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The names of the files that are others now, or new, or gone.
    pub fn changed(&self, subject: &Subject) -> Vec<String> {
        let now = |name: &str| {
            let bytes = subject.files.get(name)?;
            Some(Digest::of([(name, bytes.as_slice())]).to_string())
        };
        let mut names: Vec<&String> = self.files.keys().chain(subject.files.keys()).collect();
        names.sort();
        names.dedup();
        names.retain(|name| self.files.get(*name).cloned() != now(name));
        names.into_iter().cloned().collect()
    }

    /// A table or settings as they were when they were trusted.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(String::as_str)
    }
}

#[cfg(unix)]
fn private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subject(path: &Path, text: &str) -> Subject {
        Subject::new(path, [("ckwh.toml".to_owned(), text.as_bytes().to_vec())].into())
    }

    #[test]
    fn what_is_trusted_is_trusted_as_it_stood() {
        let home = tempfile::tempdir().unwrap();
        let records = Records::new(Some(home.path().join("trust")), Vec::new());
        let (one, other) = (
            subject(home.path(), "to = \"a\"\n"),
            subject(home.path(), "to = \"b\"\n"),
        );
        let state = |subject: &Subject| records.state(&subject.path, subject.digest);
        assert_eq!(state(&one), State::Untrusted);
        records.remember(&one).unwrap();
        assert_eq!((state(&one), state(&other)), (State::Trusted, State::Changed));
        let record = records.record(&one.path).unwrap();
        assert_eq!(record.changed(&one), Vec::<String>::new());
        assert_eq!(record.changed(&other), ["ckwh.toml"]);
        assert_eq!(record.text("ckwh.toml"), Some("to = \"a\"\n"));
        assert!(records.forget(&one.path).unwrap() && !records.forget(&one.path).unwrap());
        assert_eq!(state(&one), State::Untrusted);
        let given: Digest = other.digest.to_string().parse().unwrap();
        let records = Records::new(None, vec![given]);
        assert_eq!(records.state(&other.path, other.digest), State::Trusted);
        assert_eq!(records.state(&one.path, one.digest), State::Untrusted);
    }

    #[test]
    fn a_digest_tells_names_and_texts_apart() {
        let of = |files: &[(&str, &str)]| Digest::of(files.iter().map(|(name, text)| (*name, text.as_bytes())));
        assert_ne!(of(&[("a", "bc")]), of(&[("ab", "c")]));
        assert_ne!(of(&[("a", "b"), ("c", "")]), of(&[("a", ""), ("c", "b")]));
        assert!("sha256:00".parse::<Digest>().is_err() && "x".parse::<Digest>().is_err());
    }
}
