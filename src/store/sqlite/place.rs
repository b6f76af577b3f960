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

/// Which files a store consists of, and how much the first two hold.
#[derive(Debug, Clone, Copy)]
pub struct Standing {
    file: FileId,
    log: Option<FileId>,
    index: Option<FileId>,
    /// What the file takes of the disk, in bytes: one that was cut and written to again may be as long as before.
    allocated: u64,
    length: u64,
    /// How much of the log is there from its beginning on.
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
    /// The log is shorter than it was, or has a hole: all of it may be in the file, or some of it is lost.
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
        let file = found(&self.path)?;
        let log_path = self.with("-wal");
        let log = found(&log_path);
        (file.length > 0).then(|| Standing {
            file: file.id,
            log: log.as_ref().map(|log| log.id),
            index: found(&self.with("-shm")).map(|index| index.id),
            length: file.length,
            allocated: file.allocated,
            log_length: log.map_or(0, |log| whole(&log_path).unwrap_or(log.length)),
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
            None if found(&self.path).is_some_and(|now| now.id == opened.file) => Err(Loss::Emptied),
            None => Err(Loss::File),
        }
    }

    /// Takes away what stands beside a file that is gone, or was emptied and goes with it: who has it open goes on as if
    /// nothing were there, and would mix its log with that of a new file.
    pub fn clear(&self, loss: Loss) -> io::Result<()> {
        match loss {
            Loss::Emptied => removed(&self.file)?,
            Loss::File if !self.path.exists() => {}
            // The log is read again by a new one.
            Loss::ShorterLog => return removed(&self.with("-shm")),
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
        } else if self.length < before.length || self.allocated < before.allocated {
            Some(Loss::Shorter)
        } else {
            None
        }
    }

    /// How much of its file is there for certain, in bytes.
    pub fn at_hand(&self) -> u64 {
        self.length.min(self.allocated)
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
pub type FileId = (u64, u64);

/// A file as it is found.
pub struct FileState {
    pub id: FileId,
    length: u64,
    /// What it takes of the disk, in bytes.
    allocated: u64,
}

#[cfg(unix)]
pub fn found(path: &Path) -> Option<FileState> {
    use std::os::unix::fs::MetadataExt as _;
    /// What `st_blocks` counts in, in bytes.
    const BLOCK: u64 = 512;
    let metadata = fs::metadata(path).ok()?;
    Some(FileState {
        id: (metadata.dev(), metadata.ino()),
        length: metadata.len(),
        allocated: metadata.blocks().saturating_mul(BLOCK),
    })
}

#[cfg(not(unix))]
pub fn found(path: &Path) -> Option<FileState> {
    let metadata = fs::metadata(path).ok()?;
    Some(FileState {
        id: (0, 0),
        length: metadata.len(),
        allocated: metadata.len(),
    })
}

/// How long a file is up to its first hole: where it was cut and written to behind that. It is no file that SQLite
/// locks.
#[cfg(any(target_os = "linux", target_os = "android", target_os = "freebsd"))]
fn whole(path: &Path) -> Option<u64> {
    let file = fs::File::open(path).ok()?;
    rustix::fs::seek(file, rustix::fs::SeekFrom::Hole(0)).ok()
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "freebsd")))]
fn whole(_: &Path) -> Option<u64> {
    None
}
