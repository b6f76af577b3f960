//! Whether git tracks a file, by the repository's index alone: no program is run in a folder that is not ours.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use super::read_regular;

/// More than a `.git` file that names another folder needs, in bytes.
const LONGEST_LINK: u64 = 4096;
/// What stands before an entry's object name: times, device, inode, mode, owner and size.
const STAT: usize = 40;
/// The longest path of an entry, in bytes.
const LONGEST_PATH: usize = 64 * 1024;

/// Whether git tracks the file at `path`, whose links are resolved. Where an index is there that can't be read, it may:
/// then the answer is yes.
pub fn tracks(path: &Path) -> bool {
    let Some((root, index)) = path.ancestors().skip(1).find_map(|root| Some((root, index_of(root)?))) else {
        return false;
    };
    let Ok(relative) = path.strip_prefix(root) else {
        return false;
    };
    if !index.exists() {
        return false;
    }
    let wanted = relative.as_os_str().as_encoded_bytes();
    // A repository's object names are SHA-1's as a rule, and may be SHA-256's. An index that somebody made to be readable
    // as both is believed where it says yes.
    let read = [20, 32].map(|length| holds(&index, wanted, length).ok());
    read.contains(&Some(true)) || read == [None, None]
}

/// Where the index of the repository with that root is.
fn index_of(root: &Path) -> Option<PathBuf> {
    let git = root.join(".git");
    if git.is_dir() {
        return Some(git.join("index"));
    }
    // A work tree beside its repository, or a submodule.
    let link = String::from_utf8(read_regular(&git, LONGEST_LINK).ok()?).ok()?;
    Some(root.join(link.strip_prefix("gitdir:")?.trim()).join("index"))
}

/// Whether the index has an entry of that path (gitformat-index, versions 2 to 4).
fn holds(index: &Path, wanted: &[u8], object_name: usize) -> io::Result<bool> {
    let broken = || io::Error::from(io::ErrorKind::InvalidData);
    if !fs::metadata(index)?.is_file() {
        return Err(broken());
    }
    let mut from = BufReader::new(File::open(index)?);
    let head: [u8; 12] = take(&mut from)?;
    let number = |at: usize| u32::from_be_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    let version = number(4);
    if &head[..4] != b"DIRC" || !(2..=4).contains(&version) {
        return Err(broken());
    }
    let mut path: Vec<u8> = Vec::new();
    for _ in 0..number(8) {
        let mut fixed = vec![0; STAT + object_name + 2];
        from.read_exact(&mut fixed)?;
        let flags = u16::from_be_bytes([fixed[fixed.len() - 2], fixed[fixed.len() - 1]]);
        let mut before = fixed.len();
        if flags & 0x4000 != 0 {
            let _: [u8; 2] = take(&mut from)?;
            before += 2;
        }
        if version == 4 {
            let dropped = variable_width(&mut from)?;
            path.truncate(path.len().checked_sub(dropped).ok_or_else(broken)?);
        } else {
            path.clear();
        }
        until_zero(&mut from, &mut path)?;
        // The flags hold the length, which tells an index of other object names.
        let length = usize::from(flags & 0xfff);
        if path.is_empty() || (length < 0xfff && length != path.len()) {
            return Err(broken());
        }
        if path == wanted {
            return Ok(true);
        }
        if version < 4 {
            let padding = (8 - (before + path.len()) % 8) % 8;
            // One zero of at least one was read with the path.
            let mut rest = vec![0; if padding == 0 { 7 } else { padding - 1 }];
            from.read_exact(&mut rest)?;
        }
    }
    let mut extension = [0; 4];
    // A split index keeps most entries in another file, and a sparse one folders for their files.
    match from.read_exact(&mut extension) {
        Ok(()) if &extension == b"link" || &extension == b"sdir" => Err(broken()),
        _ => Ok(false),
    }
}

fn take<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// A number as pack files write an offset: seven bits a byte, the highest says that more follow.
fn variable_width(from: &mut impl Read) -> io::Result<usize> {
    let mut value = 0_usize;
    for index in 0..9 {
        let [byte] = take(from)?;
        value = (value << 7) | usize::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
        if index < 8 {
            value += 1;
        }
    }
    Err(io::ErrorKind::InvalidData.into())
}

fn until_zero(from: &mut impl Read, path: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let [byte] = take(from)?;
        if byte == 0 {
            return Ok(());
        }
        if path.len() == LONGEST_PATH {
            return Err(io::ErrorKind::InvalidData.into());
        }
        path.push(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    /// Runs git, whose own writing of its index is what is read here.
    fn git(folder: &Path, args: &[&str]) -> bool {
        let mut command = Command::new("git");
        command.args(["-c", "user.name=a", "-c", "user.email=a@b.c"]).args(args);
        command.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null");
        let output = command.output().expect("git");
        assert!(
            output.status.success(),
            "{args:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        true
    }

    #[test]
    fn what_git_writes_into_its_index_is_found_there() {
        for (version, format) in [
            ("2", "sha1"),
            ("3", "sha1"),
            ("4", "sha1"),
            ("2", "sha256"),
            ("4", "sha256"),
        ] {
            let home = tempfile::tempdir().unwrap();
            let root = fs::canonicalize(home.path()).unwrap();
            git(&root, &["init", "-q", &format!("--object-format={format}")]);
            assert!(!tracks(&root.join(".env")), "nothing is added yet");
            fs::create_dir_all(root.join("app/deep")).unwrap();
            for name in [
                ".env",
                "app/.env",
                "app/deep/a-long-name-that-is-no-multiple-of-eight",
                "z",
            ] {
                fs::write(root.join(name), name).unwrap();
                assert!(!tracks(&root.join(name)), "{name}");
                git(&root, &["add", "-f", name]);
            }
            fs::write(root.join("later"), "").unwrap();
            git(&root, &["add", "--intent-to-add", "later"]);
            git(&root, &["update-index", "--index-version", version]);
            for name in [
                ".env",
                "app/.env",
                "app/deep/a-long-name-that-is-no-multiple-of-eight",
                "z",
                "later",
            ] {
                assert!(tracks(&root.join(name)), "{name}, version {version}, {format}");
            }
            for name in ["app/deep/.env", "env", "app/deep", "x"] {
                assert!(!tracks(&root.join(name)), "{name}, version {version}, {format}");
            }
            git(&root, &["commit", "-qm", "a"]);
            git(&root, &["worktree", "add", "-q", "beside"]);
            assert!(tracks(&root.join("beside/app/.env")) && !tracks(&root.join("beside/.envy")));
            git(&root, &["update-index", "--split-index"]);
            assert!(tracks(&root.join("unknown")), "a split index is not read whole");
        }
    }

    #[test]
    fn an_index_that_cant_be_read_may_track_anything() {
        let home = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(home.path()).unwrap();
        fs::create_dir(root.join(".git")).unwrap();
        for bytes in [
            &b""[..],
            b"DIRC",
            b"DIRC\0\0\0\x02\0\0\0\x09",
            b"DIRC\0\0\0\x07\0\0\0\0",
        ] {
            fs::write(root.join(".git/index"), bytes).unwrap();
            assert!(tracks(&root.join(".env")), "{bytes:?}");
        }
        fs::write(root.join(".git/index"), b"DIRC\0\0\0\x02\0\0\0\0").unwrap();
        assert!(!tracks(&root.join(".env")));
    }
}
