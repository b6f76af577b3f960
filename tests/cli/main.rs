//! What a user sees of `ckwh`: one binary, a home of its own for each test, receivers in this process.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod bad_input;
mod code;
mod complete;
mod curl_lines;
mod delivery;
mod desk;
mod ed25519;
mod elsewhere;
mod formats;
mod given;
mod http_signatures;
mod inputs;
mod javascript;
mod keys;
mod learn;
mod looks;
mod openapi;
mod payload;
mod providers;
mod receiver;
mod reports;
mod schema;
mod secrets;
mod settings;
mod slips;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/table.rs"]
mod table;
mod targets;
mod texts;
#[path = "../support/receivers.rs"]
mod theirs;
mod tls;
mod tokens;
mod trust;
mod verify;
mod whose;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Home, Run, run};

/// The secret of the tests that need any.
const SECRET: &str = "correct horse battery staple";
/// A moment and an id that make output the same on every run.
const FIXED: [&str; 4] = ["--timestamp", "2026-05-08T12:00:00Z", "--id", "evt_fixed"];

impl Home {
    /// Writes a file, by its path in the working folder.
    pub fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work().join(path);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// Runs `ckwh` with Cost Katana's and QuotaWatch's secrets in its environment.
    fn run(&self, args: &[&str]) -> Run {
        self.run_with(args, b"")
    }

    fn run_with(&self, args: &[&str], stdin: &[u8]) -> Run {
        let mut command = self.ckwh(args);
        command
            .env("WEBHOOK_SECRET", SECRET)
            .env("QUOTAWATCH_WEBHOOK_SECRET", SECRET);
        run(&mut command, stdin)
    }
}

impl Run {
    /// The standard output, of a run that ended with `status`.
    fn text(&self, status: i32) -> &str {
        let stdout = std::str::from_utf8(&self.stdout).unwrap();
        assert_eq!(self.status, status, "{stdout}{}", self.stderr);
        stdout
    }

    /// The JSON lines of the standard output, of a run that ended with `status`.
    fn lines(&self, status: i32) -> Vec<Value> {
        let lines = self.text(status).lines();
        lines.map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The one JSON line.
    fn line(&self, status: i32) -> Value {
        let lines = self.lines(status);
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines.into_iter().next().unwrap()
    }

    /// What stands in the one error on stderr, of a run that printed nothing else and ended with `status`.
    fn error(&self, status: i32) -> &str {
        let stdout = self.text(status);
        assert!(
            stdout.is_empty() || stdout.starts_with("{\"type\":\"error\","),
            "{stdout}"
        );
        let mut errors = self.stderr.lines().filter(|line| line.starts_with("error: "));
        let error = errors.next().unwrap_or_else(|| panic!("no error in {:?}", self.stderr));
        assert_eq!(errors.next(), None, "{}", self.stderr);
        error
    }
}

/// A header's value in `[["Name", "value"], …]`.
fn header<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    let pairs = object["headers"].as_array().unwrap().iter();
    let mut found = pairs.filter(|pair| pair[0].as_str().is_some_and(|own| own.eq_ignore_ascii_case(name)));
    found.next().and_then(|pair| pair[1].as_str())
}
