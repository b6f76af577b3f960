//! README and `docs`: every link leads somewhere, every command runs, and every handler that can run does what its page
//! says of it.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod commands;
mod frameworks;
mod languages;
mod links;
mod notify;
mod process;
mod recording;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/receivers.rs"]
mod theirs;

use std::fs;
use std::path::{Path, PathBuf};

/// The project's folder.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every page for people, by its path in the project's folder, with its text.
fn pages() -> Vec<(String, String)> {
    let mut paths = vec![root().join("docs")];
    let mut pages: Vec<PathBuf> = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "ARCHITECTURE.md"]
        .map(|name| root().join(name))
        .into();
    while let Some(folder) = paths.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => paths.push(path),
                false => pages.push(path),
            }
        }
    }
    pages.retain(|path| path.extension().is_some_and(|own| own == "md"));
    pages.sort();
    assert!(pages.len() > 40, "{pages:?}");
    let read = |path: PathBuf| {
        let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    pages.into_iter().map(read).collect()
}

/// The blocks of a page between fences that are marked with `language`.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut rest = page;
    while let Some((_, behind)) = rest.split_once("\n```") {
        let (mark, behind) = behind.split_once('\n').unwrap();
        let (block, behind) = behind.split_once("```").expect("a fence is closed");
        if mark == language {
            found.push(block);
        }
        rest = behind;
    }
    found
}
