//! `./.env`, as Node's `dotenv` reads it: without substituting variables, which would change a secret that holds `$`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ckwh::foreign::{self, ForeignError, git};
use ckwh::trust::Subject;

/// Longer than any `.env`, in bytes.
const LONGEST: u64 = 1024 * 1024;
/// Its name, in the current folder.
pub const NAME: &str = ".env";

/// What it holds.
#[derive(Debug)]
pub struct DotEnv {
    pub text: String,
    pub subject: Subject,
    path: PathBuf,
    is_tracked: OnceLock<bool>,
}

impl DotEnv {
    /// Whether git tracks it, the link or the file that it leads to: whoever has the repository has it too.
    pub fn is_tracked(&self) -> bool {
        *self.is_tracked.get_or_init(|| {
            let folder = self.path.parent().and_then(|folder| fs::canonicalize(folder).ok());
            git::tracks(&self.subject.path) || folder.is_some_and(|folder| git::tracks(&folder.join(NAME)))
        })
    }
}

/// The file in the current folder, where there is one. What is no file, a folder say, is none.
///
/// # Errors
/// [`ForeignError`].
pub fn read(folder: &Path) -> Result<Option<DotEnv>, ForeignError> {
    let path = folder.join(NAME);
    let bytes = match foreign::read(&path, &foreign::root_of(folder), LONGEST) {
        Ok(Some(bytes)) => bytes,
        Ok(None) | Err(ForeignError::NotAFile) => return Ok(None),
        Err(error) => return Err(error),
    };
    let text = String::from_utf8(bytes).map_err(|_| std::io::Error::other("not UTF-8"))?;
    let files = [(NAME.to_owned(), text.clone().into_bytes())];
    Ok(Some(DotEnv {
        subject: Subject::new(&path, files.into()),
        text,
        path,
        is_tracked: OnceLock::new(),
    }))
}

/// The last value that `text` gives `name`.
pub fn find(text: &str, name: &str) -> Option<String> {
    let mut found = None;
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    while !rest.is_empty() {
        let (line, behind) = rest.split_once('\n').unwrap_or((rest, ""));
        let entry = line.trim_start();
        let entry = entry.strip_prefix("export ").map_or(entry, str::trim_start);
        let Some((key, value)) = entry.split_once('=').filter(|(key, _)| !key.starts_with('#')) else {
            rest = behind;
            continue;
        };
        let value = value.trim_start_matches([' ', '\t']);
        let start = value.as_ptr() as usize - rest.as_ptr() as usize;
        let (value, next) = match quoted(&rest[start..]) {
            Some((value, behind)) => (value, behind.split_once('\n').map_or("", |(_, next)| next)),
            None => {
                let end = value.find('#').unwrap_or(value.len());
                (value[..end].trim().to_owned(), behind)
            }
        };
        if key.trim() == name {
            found = Some(value);
        }
        rest = next;
    }
    found
}

/// A quoted value, which may go over several lines, and what is behind it. Double quotes know `\n` and `\r`.
fn quoted(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|char| matches!(char, '"' | '\'' | '`'))?;
    let inside = &text[1..];
    let mut escaped = false;
    let end = inside.find(|char| {
        let closes = char == quote && !escaped;
        escaped = char == '\\' && !escaped;
        closes
    })?;
    let value = &inside[..end];
    let value = match quote {
        '"' => value.replace("\\n", "\n").replace("\\r", "\r"),
        _ => value.to_owned(),
    };
    Some((value, &inside[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_nodes_dotenv_reads_them() {
        // Each value is what `require('dotenv').parse(text).K` gives (dotenv 17.2).
        for (text, value) in [
            ("K=plain", Some("plain")),
            ("K = spaced out \r\nL=2", Some("spaced out")),
            ("export K=exported", Some("exported")),
            ("K=with # comment", Some("with")),
            ("K=a$b${L}", Some("a$b${L}")),
            ("K=\"a # b\\n\" # c", Some("a # b\n")),
            ("K='two\nlines'\nL=2", Some("two\nlines")),
            ("K='\\n'", Some("\\n")),
            ("#K=no\nK=", Some("")),
            ("K=1\nK=2", Some("2")),
            ("K=\"open", Some("\"open")),
            ("L=1", None),
            ("XK=1", None),
            ("\u{feff}K=bom", Some("bom")),
        ] {
            assert_eq!(find(text, "K").as_deref(), value, "{text:?}");
        }
    }
}
