//! What came of each event at each target the last time, in a file of the user's data folder or in a baseline.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{fs, process};

use ckwh::delivery::run::Delivered;
use ckwh::private;
use serde::Deserialize;

use super::exit::Failure;
use super::report::VerdictChange;
use super::{sent, settings};

/// How many are remembered.
const KEPT: usize = 2000;
/// A longer baseline is none, in bytes.
const LONGEST: u64 = 64 * 1024 * 1024;

/// What came of what.
#[derive(Debug, Default)]
pub struct Memory {
    /// What was expected besides, such as a fault: the same event with another is another.
    how: String,
    before: BTreeMap<String, bool>,
    now: BTreeMap<String, bool>,
    /// Whether `before` is a baseline, whose failures are known.
    is_baseline: bool,
}

/// A line of an earlier `--json` output.
#[derive(Deserialize)]
struct Line {
    r#type: String,
    provider: Option<String>,
    event_type: Option<String>,
    ok: Option<serde_json::Value>,
}

impl Memory {
    /// What is remembered of deliveries made in this way.
    pub fn load(how: String) -> Self {
        let before = path().and_then(|path| fs::read(path).ok());
        let before = before.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self {
            how,
            before: before.unwrap_or_default(),
            ..Self::default()
        }
    }

    /// What an earlier output says.
    pub fn baseline(path: &Path) -> Result<Self, Failure> {
        let bytes = super::input::read_bounded(path, "the baseline", LONGEST)?;
        let mut before = BTreeMap::new();
        for (number, text) in bytes.split(|byte| *byte == b'\n').enumerate() {
            if text.trim_ascii().is_empty() {
                continue;
            }
            let line: Line = serde_json::from_slice(text).map_err(|error| {
                Failure::usage(format!(
                    "{}, line {}: {error}; a baseline is what ckwh send --json printed",
                    path.display(),
                    number + 1
                ))
            })?;
            if let Some(ok) = line
                .ok
                .as_ref()
                .and_then(serde_json::Value::as_bool)
                .filter(|_| line.r#type == "delivery")
            {
                let key = short_key(line.provider.as_deref(), line.event_type.as_deref());
                let all = before.entry(key).or_insert(true);
                *all &= ok;
            }
        }
        Ok(Self {
            before,
            is_baseline: true,
            ..Self::default()
        })
    }

    /// What changed since, where it is known.
    pub fn compare(&mut self, delivered: &Delivered<'_>) -> Option<VerdictChange> {
        let provider = delivered.provider.map(|provider| provider.name.as_str());
        let event = delivered.message.event_type.as_deref();
        let key = match self.is_baseline {
            true => short_key(provider, event),
            false => {
                let dialect = delivered.provider.map_or("", |provider| &provider.dialect);
                let what = short_key(provider, event);
                format!("{} {what} {dialect} {}", without_query(delivered), self.how)
            }
        };
        let ok = delivered.is_ok();
        let change = VerdictChange::of(self.before.get(&key).copied(), ok);
        let all = self.now.entry(key).or_insert(true);
        *all &= ok;
        change
    }

    /// Whether everything that failed now is known from the baseline.
    pub fn knows_all_failures(&self) -> bool {
        let is_known = |(key, ok): (&String, &bool)| *ok || self.before.get(key) == Some(&false);
        self.is_baseline && self.now.iter().all(is_known)
    }

    /// Remembers what came now. What can't be written is forgotten.
    pub fn keep(mut self) {
        let Some(path) = path().filter(|_| !self.is_baseline && !self.now.is_empty()) else {
            return;
        };
        self.before.append(&mut self.now);
        while self.before.len() > KEPT {
            self.before.pop_first();
        }
        let write = || -> io::Result<()> {
            path.parent().map(sent::make_folder).transpose()?;
            let text = serde_json::to_vec(&self.before)?;
            // Whole or not at all, whoever else writes.
            let waiting = path.with_extension(format!("json.{}", process::id()));
            private::create(&waiting)?.0.write_all(&text)?;
            fs::rename(&waiting, &path)
        };
        let _ = write();
    }
}

fn path() -> Option<PathBuf> {
    settings::default_store().map(|store| store.with_file_name("verdicts.json"))
}

fn short_key(provider: Option<&str>, event: Option<&str>) -> String {
    format!("{}/{}", provider.unwrap_or("-"), event.unwrap_or("-"))
}

/// Where it went, without what may be a credential.
fn without_query(delivered: &Delivered<'_>) -> String {
    let mut url = delivered.endpoint.url().clone();
    url.set_query(None);
    url.to_string()
}
