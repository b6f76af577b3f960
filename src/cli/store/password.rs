//! The password of a store in PostgreSQL, from where libpq would take it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::cli::exit::{Failure, OrUnavailable as _};
use ckwh::store::Server;

/// The password that a file holds, without the line's end.
pub fn of_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = fs::read(path)
        .with_context(|| format!("--store-password-file {}", path.display()))
        .or_unavailable()?;
    while bytes.last().is_some_and(|last| matches!(last, b'\n' | b'\r')) {
        bytes.pop();
    }
    match bytes.is_empty() {
        true => Err(Failure::usage(format!(
            "--store-password-file {}: it is empty",
            path.display()
        ))),
        false => Ok(bytes),
    }
}

/// The password of `PGPASSWORD`, or of the file of passwords.
pub fn of_surroundings(server: &Server) -> Option<Vec<u8>> {
    if let Some(password) = env::var_os("PGPASSWORD").filter(|password| !password.is_empty()) {
        return Some(password.into_encoded_bytes());
    }
    let path = file().filter(|path| !is_exposed(path))?;
    let text = fs::read_to_string(path).ok()?;
    let (host, port, database, user) = server.place();
    find(&text, [&host, &port.to_string(), &database, &user]).map(String::into_bytes)
}

/// Why the file of passwords does not count, where it does not.
pub fn problem() -> Option<String> {
    let path = file().filter(|path| is_exposed(path))?;
    Some(format!(
        "{} is open to others, so it is passed over: chmod 600 it",
        path.display()
    ))
}

/// `PGPASSFILE`, or the file of libpq's in the user's home.
fn file() -> Option<PathBuf> {
    if let Some(path) = env::var_os("PGPASSFILE").filter(|path| !path.is_empty()) {
        return Some(path.into());
    }
    match cfg!(windows) {
        true => env::var_os("APPDATA").map(|data| Path::new(&data).join("postgresql").join("pgpass.conf")),
        false => env::home_dir().map(|home| home.join(".pgpass")),
    }
}

#[cfg(unix)]
fn is_exposed(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_exposed(_: &Path) -> bool {
    false
}

/// The password of the first line that fits: `host:port:database:user:password`, where `*` is any, and `\` stands
/// before a `:` or a `\` that is meant.
fn find(text: &str, wanted: [&str; 4]) -> Option<String> {
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let mut rest = line;
        for wanted in wanted {
            let (field, behind) = field(rest)?;
            if field != "*" && unescaped(field) != wanted {
                return None;
            }
            rest = behind;
        }
        Some(unescaped(field(rest).map_or(rest, |(field, _)| field)))
    })
}

/// Up to the next `:` that is not escaped, and what stands behind it.
fn field(text: &str) -> Option<(&str, &str)> {
    let mut escaped = false;
    let end = text.bytes().position(|byte| {
        let ends = byte == b':' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    Some((&text[..end], &text[end + 1..]))
}

fn unescaped(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut chars = field.chars();
    while let Some(char) = chars.next() {
        text.push(match char {
            '\\' => chars.next().unwrap_or('\\'),
            other => other,
        });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rules of "The Password File" in PostgreSQL's documentation.
    #[test]
    fn the_first_line_that_fits_has_the_password() {
        let text = "# a comment\nh:5432:d:u:one\nh:*:*:u:two\n*:*:*:o\\:r:p\\:w\\\\d\nbroken\n*:1:*:*:three:rest\n";
        for (wanted, password) in [
            (["h", "5432", "d", "u"], Some("one")),
            (["h", "5433", "d", "u"], Some("two")),
            (["x", "5432", "d", "o:r"], Some("p:w\\d")),
            (["x", "1", "d", "y"], Some("three")),
            (["x", "2", "d", "y"], None),
        ] {
            assert_eq!(find(text, wanted).as_deref(), password, "{wanted:?}");
        }
    }
}
