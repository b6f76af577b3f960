//! What a replay is asked for. The store keeps it with the run, so that the run can be resumed.

use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::ReplayError;
use crate::delivery::PaceOptions;
use crate::provider::fixture::Edit;
use crate::store::{Run, Selection};

/// How much of a file is hashed at a time, in bytes.
const CHUNK: usize = 64 * 1024;

/// The selection, the target and the options of a replay.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    /// The target's URL; without a path, each request keeps the path that it was captured with.
    pub target: String,
    /// Which captures, or which requests of the file.
    pub selection: Selection,
    /// Only captures whose last delivery to this target failed or is unknown.
    pub failed: bool,
    /// A jq filter that selects by the body.
    pub filter: Option<String>,
    /// The file that holds the requests, in place of the store; `-` is standard input.
    pub from: Option<PathBuf>,
    /// Whether requests keep the signature that they were captured with.
    pub keep_signature: bool,
    /// Whether each request gets a new id.
    pub fresh_id: bool,
    /// The edits of each body, in order.
    pub edits: Vec<Edit>,
    /// The URL to sign, for schemes that sign it.
    pub public_url: Option<String>,
    /// Whether captured credentials go to other machines too.
    pub with_credentials: bool,
    /// How fast, how many at a time, how often again.
    pub pace: PaceOptions,
    /// Keep the original spacing, so many times faster; above 0.
    pub speed: Option<f64>,
    /// How many times each request is delivered; at least once.
    pub times: u32,
    /// The `Host` that each request names.
    #[serde(default)]
    pub host: Option<String>,
    /// Whether each request names the host that it was captured with.
    #[serde(default)]
    pub preserve_host: bool,
    /// Whether a file's requests go out in its order rather than that of their times.
    #[serde(default)]
    pub file_order: bool,
    /// A JSON pointer into the body: requests with the same value there go out one after the other.
    #[serde(default)]
    pub ordered_by: Option<String>,
}

impl Plan {
    /// Reads the plan of a run that is to be resumed.
    ///
    /// # Errors
    /// [`ReplayError::OtherVersion`].
    pub fn of_run(run: &Run) -> Result<Self, ReplayError> {
        serde_json::from_str(&run.plan).map_err(|source| ReplayError::OtherVersion { run: run.id, source })
    }

    /// Whether what bore no right signature when it arrived gets one. Who sent it is not known, and might have waited for
    /// that: it is signed where it was asked for by its number or as what is invalid, or stands in a file of the user's.
    pub fn signs_unsigned(&self) -> bool {
        self.from.is_some() || self.selection.ids.is_some() || self.selection.invalid
    }

    /// The plan as the store keeps it.
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether the requests come from standard input, which can be read once.
    pub fn reads_stdin(&self) -> bool {
        self.from.as_deref().is_some_and(|from| from.as_os_str() == "-")
    }

    /// Whether every capture in the store is selected.
    pub fn is_everything(&self) -> bool {
        self.from.is_none() && self.filter.is_none() && !self.failed && self.selection == Selection::default()
    }

    /// The SHA-256 of the file that holds the requests; `None` without one, and for standard input.
    ///
    /// # Errors
    /// [`ReplayError::File`], [`ReplayError::Directory`].
    pub fn digest(&self) -> Result<Option<[u8; 32]>, ReplayError> {
        let Some(path) = self.from.as_ref().filter(|_| !self.reads_stdin()) else {
            return Ok(None);
        };
        let wrong = |source| ReplayError::File {
            path: path.clone(),
            source,
        };
        let mut file = File::open(path).map_err(wrong)?;
        if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
            return Err(ReplayError::Directory(path.clone()));
        }
        let mut digest = Sha256::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            match file.read(&mut chunk).map_err(wrong)? {
                0 => return Ok(Some(digest.finalize().into())),
                read => digest.update(&chunk[..read]),
            }
        }
    }
}
