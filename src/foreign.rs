//! Opens files that others put where we look: a project's settings, its `.env`, its provider folders.

pub mod git;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

/// Why such a file is not read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ForeignError {
    /// A link leads out of the project.
    #[error("a link leads out of {}", .0.display())]
    Outside(PathBuf),
    /// A device, a pipe, a socket or a folder.
    #[error("not a regular file")]
    NotAFile,
    /// Somebody else owns it: in a shared folder anyone could have put it there.
    #[error("it belongs to another user")]
    Anothers,
    /// More bytes than such a file needs.
    #[error("larger than {0} KiB")]
    TooLong(u64),
    /// It can't be read.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// The folder that what is read from `folder` may not leave: the root of its repository, or itself where it is in none.
/// Links are resolved.
pub fn root_of(folder: &Path) -> PathBuf {
    let here = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let folder = fs::canonicalize(here).unwrap_or_else(|_| folder.to_owned());
    let root = folder.ancestors().find(|parent| parent.join(".git").exists());
    root.map(Path::to_owned).unwrap_or(folder)
}

/// Whether what is made at `path` would stand outside of `root`, which is one of [`root_of`].
pub fn leads_out(path: &Path, root: &Path) -> bool {
    let Ok(path) = std::path::absolute(path) else {
        return false;
    };
    let nearest = path.ancestors().find_map(|parent| fs::canonicalize(parent).ok());
    nearest.is_some_and(|nearest| !nearest.starts_with(root))
}

/// The bytes of the file at `path`, at most `longest`; `None` where there is none. It stays below `root`, which is one
/// of [`root_of`], and belongs to the user who runs this. Nothing but a regular file is opened, and nothing is waited
/// for.
///
/// # Errors
/// [`ForeignError`].
pub fn read(path: &Path, root: &Path, longest: u64) -> Result<Option<Vec<u8>>, ForeignError> {
    let path = match fs::canonicalize(path) {
        Ok(path) => path,
        Err(error) if is_missing(&error) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if !path.starts_with(root) {
        return Err(ForeignError::Outside(root.to_owned()));
    }
    if is_anothers(&path) {
        return Err(ForeignError::Anothers);
    }
    read_regular(&path, longest).map(Some)
}

/// The bytes of the regular file at `path`, at most `longest`; nothing is waited for. The file may be anywhere.
///
/// # Errors
/// [`ForeignError`].
pub fn read_regular(path: &Path, longest: u64) -> Result<Vec<u8>, ForeignError> {
    // To open some devices is to use them.
    if !fs::metadata(path)?.is_file() {
        return Err(ForeignError::NotAFile);
    }
    let file = open(path)?;
    if !file.metadata()?.is_file() {
        return Err(ForeignError::NotAFile);
    }
    let mut bytes = Vec::new();
    file.take(longest + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > longest {
        return Err(ForeignError::TooLong(longest / 1024));
    }
    Ok(bytes)
}

/// Whether there is no such file, rather than one that can't be read.
pub fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    let flags = i32::try_from(flags.bits()).unwrap_or_default();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

/// Whether another user owns `path`.
#[cfg(unix)]
pub fn is_anothers(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.uid() != rustix::process::geteuid().as_raw())
}

/// Whether another user owns `path`.
#[cfg(not(unix))]
pub fn is_anothers(_: &Path) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn nothing_is_read_but_a_projects_own_regular_files() {
        let home = tempfile::tempdir().unwrap();
        let project = home.path().join("project");
        fs::create_dir_all(project.join("deep")).unwrap();
        fs::write(home.path().join("outside"), "theirs").unwrap();
        fs::write(project.join("inside"), "ours").unwrap();
        fs::write(project.join("long"), "123456789").unwrap();
        symlink(home.path().join("outside"), project.join("out")).unwrap();
        symlink("../outside", project.join("relative")).unwrap();
        symlink("..", project.join("up")).unwrap();
        symlink("../inside", project.join("deep/in")).unwrap();
        symlink("loop", project.join("loop")).unwrap();
        symlink("/dev/zero", project.join("zero")).unwrap();
        let pipe = project.join("pipe");
        assert!(
            std::process::Command::new("mkfifo")
                .arg(&pipe)
                .status()
                .unwrap()
                .success()
        );
        let root = root_of(&project);
        let read = |name: &str| read(&project.join(name), &root, 8);
        assert_eq!(read("inside").unwrap().unwrap(), b"ours");
        assert_eq!(read("deep/in").unwrap().unwrap(), b"ours");
        assert!(read("nothing").unwrap().is_none());
        assert!(read("inside/below").unwrap().is_none());
        for name in ["out", "relative", "up/outside", "zero"] {
            assert!(matches!(read(name), Err(ForeignError::Outside(_))), "{name}");
        }
        for name in ["pipe", "deep"] {
            assert!(matches!(read(name), Err(ForeignError::NotAFile)), "{name}");
        }
        assert!(matches!(read("long"), Err(ForeignError::TooLong(_))));
        assert!(matches!(read("loop"), Err(ForeignError::Io(_))));
        // In a repository, its root counts.
        fs::create_dir(home.path().join(".git")).unwrap();
        let root = root_of(&project);
        assert_eq!(super::read(&project.join("out"), &root, 8).unwrap().unwrap(), b"theirs");
    }
}
