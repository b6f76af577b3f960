//! Where a store's files are, and whether they are still those that were opened.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::private;

/// How many links lead to a file at most.
const LINKS: usize = 8;
/// What SQLite puts beside a file.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A store's file, links followed.
#[derive(Debug, Clone)]
pub struct Place {
    path: PathBuf,
    file: PathBuf,
    was_empty: bool,
}

/// Which files a store consists of, and how long the first two are.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    file: FileId,
    log: Option<FileId>,
    index: Option<FileId>,
    length: u64,
    log_length: u64,
}

/// What happened to the files of an open store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// The file is gone, or another is in its place.
    File,
    /// The file is there and empty.
    Emptied,
    /// The log that its newest captures are in is gone or is another.
    Log,
    /// That log's index is, which is made anew of it.
    Index,
    /// The log is shorter than it was: all of it may be in the file, or some of it is lost.
    ShorterLog,
    /// The file is shorter than it was: captures were removed, or a part of it is lost.
    Shorter,
}

impl Place {
    /// Makes the file and its folder where they are not there, with their modes from the start.
    pub fn make(path: &Path) -> io::Result<Self> {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty() && !folder.exists())
        {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(folder)?;
        }
        let was_there = make_file(path, LINKS)?;
        let file = path.canonicalize()?;
        Ok(Self {
            path: path.to_owned(),
            was_empty: was_there && is_empty(&file),
            file,
        })
    }

    pub fn file(&self) -> &Path {
        &self.file
    }

    pub fn was_empty(&self) -> bool {
        self.was_empty
    }

    /// What SQLite puts beside the file.
    pub fn beside(&self) -> impl Iterator<Item = PathBuf> + '_ {
        BESIDE.iter().map(|suffix| self.with(suffix))
    }

    fn with(&self, suffix: &str) -> PathBuf {
        let mut path = self.file.clone().into_os_string();
        path.push(suffix);
        path.into()
    }

    /// Which files it consists of now; `None` where its file is not there or is empty.
    pub fn standing(&self) -> Option<Standing> {
        let (file, length) = file_id(&self.path)?;
        let log = file_id(&self.with("-wal"));
        (length > 0).then(|| Standing {
            file,
            log: log.map(|(id, _)| id),
            index: file_id(&self.with("-shm")).map(|(id, _)| id),
            length,
            log_length: log.map_or(0, |(_, length)| length),
        })
    }

    /// The files as they are now, or what is not as it was when `opened` was asked for: a file that was taken away keeps
    /// nothing.
    pub fn look(&self, opened: Option<Standing>) -> Result<Standing, Loss> {
        let opened = opened.ok_or(Loss::File)?;
        match self.standing() {
            Some(now) if now.ids() == opened.ids() => now.shorter_than(&opened).map_or(Ok(now), Err),
            Some(now) if now.file == opened.file && now.log == opened.log => Err(Loss::Index),
            Some(now) if now.file == opened.file => Err(Loss::Log),
            Some(_) => Err(Loss::File),
            None if file_id(&self.path).is_some_and(|(id, _)| id == opened.file) => Err(Loss::Emptied),
            None => Err(Loss::File),
        }
    }

    /// Takes away what stands beside a file that is gone, or was emptied and goes with it: who has it open goes on as if
    /// nothing were there, and would mix its log with that of a new file.
    pub fn clear(&self, loss: Loss) -> io::Result<()> {
        match loss {
            Loss::Emptied => removed(&self.file)?,
            Loss::File if !self.path.exists() => {}
            Loss::ShorterLog => {}
            Loss::File | Loss::Log | Loss::Index | Loss::Shorter => return Ok(()),
        }
        self.beside().try_for_each(|beside| removed(&beside))
    }
}

impl Standing {
    fn ids(&self) -> (FileId, Option<FileId>, Option<FileId>) {
        (self.file, self.log, self.index)
    }

    fn shorter_than(&self, before: &Self) -> Option<Loss> {
        if self.log_length < before.log_length {
            Some(Loss::ShorterLog)
        } else if self.length < before.length {
            Some(Loss::Shorter)
        } else {
            None
        }
    }

    /// How long its file is, in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Whether both are of one file.
    pub fn is_same_file(&self, other: &Self) -> bool {
        self.file == other.file
    }
}

fn removed(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Makes a file for its owner alone; says whether it was there. A link to a file that is not there leads to a new one
/// where it is the user's own or the system's: another could point it at anything.
fn make_file(path: &Path, links: usize) -> io::Result<bool> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    private::owner_only(&mut options);
    match options.open(path) {
        Ok(file) => {
            file.sync_all()?;
            sync_folder(path)?;
            Ok(false)
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match fs::metadata(path) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Err(_) if links == 0 => Err(io::Error::other("too many links lead on from it")),
            Err(_) if !private::is_trusted_link(path) => Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "it is another user's link to a file that is not there",
            )),
            Err(_) => {
                let to = fs::read_link(path)?;
                make_file(&path.parent().unwrap_or(Path::new("")).join(to), links - 1)
            }
        },
        Err(error) => Err(error),
    }
}

fn is_empty(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0)
}

/// Makes the name of a new file last through a crash of the system.
#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// The device and the number of a file.
type FileId = (u64, u64);

/// Which file it is, and how long.
#[cfg(unix)]
pub fn file_id(path: &Path) -> Option<(FileId, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = fs::metadata(path).ok()?;
    Some(((metadata.dev(), metadata.ino()), metadata.len()))
}

#[cfg(not(unix))]
pub fn file_id(path: &Path) -> Option<(FileId, u64)> {
    let metadata = fs::metadata(path).ok()?;
    Some(((0, 0), metadata.len()))
}
