//! Files and folders that are for their owner alone.

use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// What was found open to others, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exposure {
    path: PathBuf,
    mode: u32,
    left: Option<&'static str>,
}

impl Exposure {
    /// Whether it is closed to others by now.
    pub fn is_closed(&self) -> bool {
        self.left.is_none()
    }
}

impl fmt::Display for Exposure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, mode, left } = self;
        let path = path.display();
        match left {
            None => write!(f, "{path} was open to others (mode {mode:04o}); now it is yours alone"),
            Some(why) => write!(f, "{path} is open to others (mode {mode:04o}): {why}"),
        }
    }
}

/// Takes the rights of others from a file or a folder, where it is this user's; says so where there were any. What is
/// not there, and what is neither file nor folder, is left alone.
///
/// The path is used and the file not opened: SQLite's locks end when its process closes any other handle of the file.
#[cfg(unix)]
pub fn close(path: &Path) -> Option<Exposure> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::metadata(path).ok()?;
    closed(path, &metadata, |mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
        fs::metadata(path)
    })
}

#[cfg(not(unix))]
pub fn close(_: &Path) -> Option<Exposure> {
    None
}

/// Says where others than its owner can put files into a folder.
#[cfg(unix)]
pub fn shared_folder(folder: &Path) -> Option<Exposure> {
    use std::os::unix::fs::MetadataExt as _;
    const OTHERS_WRITE: u32 = 0o002;
    let mode = fs::metadata(folder).ok()?.mode() & 0o7777;
    (mode & OTHERS_WRITE != 0).then(|| Exposure {
        path: folder.to_owned(),
        mode,
        left: Some("they can put files beside yours; a folder of your own is safer"),
    })
}

#[cfg(not(unix))]
pub fn shared_folder(_: &Path) -> Option<Exposure> {
    None
}

/// Opens a file for writing from its beginning, made for its owner alone; one that is there is closed to others before
/// anything is written to it, where it can be.
///
/// # Errors
/// Where it can't be opened.
pub fn create(path: &Path) -> io::Result<(File, Option<Exposure>)> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    owner_only(&mut options);
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    let exposure = close_open(path, &file, &metadata);
    if metadata.is_file() {
        file.set_len(0)?;
    }
    Ok((file, exposure))
}

/// Has the file that `options` make be for its owner alone.
pub fn owner_only(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

#[cfg(unix)]
fn close_open(path: &Path, file: &File, metadata: &Metadata) -> Option<Exposure> {
    use std::os::unix::fs::PermissionsExt as _;
    closed(path, metadata, |mode| {
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        file.metadata()
    })
}

#[cfg(not(unix))]
fn close_open(_: &Path, _: &File, _: &Metadata) -> Option<Exposure> {
    None
}

#[cfg(unix)]
fn closed(path: &Path, metadata: &Metadata, set: impl FnOnce(u32) -> io::Result<Metadata>) -> Option<Exposure> {
    use std::os::unix::fs::MetadataExt as _;
    const OTHERS: u32 = 0o077;
    let mode = metadata.mode() & 0o7777;
    // There are file systems that take every mode and keep their own.
    let is_closed = |metadata: Metadata| metadata.mode() & OTHERS == 0;
    let is_open = mode & OTHERS != 0 && (metadata.is_file() || metadata.is_dir());
    is_open.then(|| Exposure {
        path: path.to_owned(),
        mode,
        left: if metadata.uid() != rustix::process::geteuid().as_raw() {
            Some("it belongs to another user, so its mode is left as it is")
        } else if set(mode & !OTHERS).is_ok_and(is_closed) {
            None
        } else {
            Some("its mode can't be changed here")
        },
    })
}

/// Whether a link, or anything else that stands at `path`, is this user's or the system's.
#[cfg(unix)]
pub fn is_trusted_link(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let owner = fs::symlink_metadata(path).map(|metadata| metadata.uid());
    owner.is_ok_and(|owner| owner == 0 || owner == rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
pub fn is_trusted_link(_: &Path) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    use super::*;

    #[test]
    fn what_is_ours_is_closed_and_its_owner_keeps_it() {
        let folder = std::env::temp_dir().join(format!("ckwh-private-{}-{}", std::process::id(), fastrand::u64(..)));
        fs::create_dir(&folder).unwrap();
        let file = folder.join("file");
        for (before, after) in [(0o666, 0o600), (0o777, 0o700), (0o644, 0o600), (0o604, 0o600)] {
            fs::write(&file, "old").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(before)).unwrap();
            let exposure = close(&file).unwrap();
            assert!(exposure.is_closed(), "{exposure}");
            assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, after);
            assert_eq!(close(&file), None);
            fs::set_permissions(&file, fs::Permissions::from_mode(before)).unwrap();
            let (_, exposure) = create(&file).unwrap();
            assert!(exposure.unwrap().is_closed());
            assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, after);
            assert_eq!(fs::read(&file).unwrap(), b"");
        }
        assert_eq!(close(&folder.join("none")), None);
        // A device is no file of ours, and stays what it is for everyone.
        let (_, exposure) = create(Path::new("/dev/null")).unwrap();
        assert_eq!(exposure, None);
        assert_ne!(fs::metadata("/dev/null").unwrap().mode() & 0o077, 0);
        fs::remove_dir_all(folder).unwrap();
    }
}
