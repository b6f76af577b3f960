//! What every store promises, held against each backend by the same tests; then what PostgreSQL alone can meet.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod contract;
mod order;
#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../support/rounds.rs"]
mod rounds;
mod server;
#[path = "../support/mod.rs"]
mod support;
mod team;
mod trouble;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ckwh::store::{Location, Store, wait};
use tempfile::TempDir;

/// The server of these tests; `None` where PostgreSQL is not installed, which is said.
fn shared() -> Option<&'static postgres::Server> {
    static SERVER: OnceLock<Option<postgres::Server>> = OnceLock::new();
    let server = SERVER.get_or_init(postgres::Server::start);
    if server.is_none() {
        support::missing("PostgreSQL");
    }
    server.as_ref()
}

/// A place for a store, made and empty.
struct Place {
    location: Location,
    _folder: Option<TempDir>,
}

impl Place {
    fn file() -> Self {
        let folder = TempDir::new().unwrap();
        Self {
            location: folder.path().join("data").join("captures.db").into(),
            _folder: Some(folder),
        }
    }

    /// A schema of its own on the shared server.
    fn schema() -> Option<Self> {
        let server = shared()?;
        let schema = format!("s{:x}", fastrand::u64(..));
        let url = server.whole_url(&format!("?schema={schema}"));
        let location = Location::parse(&PathBuf::from(url)).unwrap();
        assert!(wait(location.init()).unwrap());
        Some(Self {
            location,
            _folder: None,
        })
    }

    fn open(&self) -> Store {
        wait(Store::open(self.location.clone())).unwrap()
    }
}

/// A new place of every backend that is here, with its name.
fn places() -> impl Iterator<Item = (&'static str, Place)> {
    let all = [("SQLite", Some(Place::file())), ("PostgreSQL", Place::schema())];
    all.into_iter().filter_map(|(name, place)| Some((name, place?)))
}

/// A new place of one backend.
fn place_of(name: &str) -> Place {
    match name {
        "SQLite" => Place::file(),
        _ => Place::schema().unwrap(),
    }
}

/// A file's text.
fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}
