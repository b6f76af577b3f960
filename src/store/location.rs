//! Where a store is.

use std::fmt;
use std::path::{Path, PathBuf};

#[cfg(feature = "postgres")]
use super::postgres::{Server, ServerError};

/// Where a store is, and by that which backend keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Location {
    /// An SQLite file.
    File(PathBuf),
    /// A schema of a PostgreSQL database.
    #[cfg(feature = "postgres")]
    Postgres(Box<Server>),
}

/// What names no store.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LocationError {
    /// A URL of something else.
    #[error("a store is a file, or postgres://USER@HOST/DATABASE: `{}://` is neither", .0.escape_debug())]
    Scheme(String),
    /// A URL of PostgreSQL that can't be used.
    #[cfg(feature = "postgres")]
    #[error(transparent)]
    Server(#[from] ServerError),
}

impl Location {
    /// Reads what was typed: a URL, or a file's path.
    ///
    /// # Errors
    /// [`LocationError`] for a URL that is none of a store.
    pub fn parse(typed: &Path) -> Result<Self, LocationError> {
        let text = typed.to_string_lossy();
        let Some(scheme) = scheme(&text) else {
            return Ok(Self::File(typed.to_owned()));
        };
        match scheme.to_ascii_lowercase().as_str() {
            #[cfg(feature = "postgres")]
            "postgres" | "postgresql" => Ok(Self::Postgres(Box::new(Server::parse(&text)?))),
            _ => Err(LocationError::Scheme(scheme.to_owned())),
        }
    }

    /// The file, where it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            #[cfg(feature = "postgres")]
            Self::Postgres(_) => None,
        }
    }
}

/// The scheme of a URL; a path has none.
fn scheme(text: &str) -> Option<&str> {
    let (scheme, _) = text.split_once("://")?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme.then_some(scheme)
}

impl From<PathBuf> for Location {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<&PathBuf> for Location {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            #[cfg(feature = "postgres")]
            Self::Postgres(server) => server.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_no_path() {
        for path in ["captures.db", "/a/b.db", "a:b", "./x://y", "C:\\a.db", "://x", "1a://x"] {
            let location = Location::parse(Path::new(path)).unwrap();
            assert_eq!(location, Location::File(path.into()));
        }
        for url in ["mysql://h/d", "redis://h", "sqlite:///a.db", "https://h/", "PG+x://h"] {
            let refused = Location::parse(Path::new(url)).unwrap_err().to_string();
            assert!(refused.contains(url.split(':').next().unwrap()), "{refused}");
        }
    }
}
