//! Why the store can't be used.

use std::io;
use std::path::{Path, PathBuf};

const DAMAGED: &str = "it is damaged or no store; move it away, or name another with --store";

/// Why the store can't be used.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the store {}: {problem}", path.display())]
pub struct StoreError {
    pub(super) path: PathBuf,
    pub(super) problem: String,
    pub(super) retry: bool,
}

impl StoreError {
    pub(super) fn new(path: &Path, error: &rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let code = error.sqlite_error_code();
        let problem = match code {
            Some(Code::DiskFull) => "the disk is full; make room and it goes on".into(),
            Some(Code::ReadOnly) => {
                "it can't be written to; check its permissions, or name another with --store".into()
            }
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => {
                "another process holds it for too long; end that process, or name another with --store".into()
            }
            Some(Code::NotADatabase | Code::DatabaseCorrupt) => DAMAGED.into(),
            Some(Code::CannotOpen) => "it can't be opened; check that its folder is there and yours".into(),
            Some(Code::SystemIoFailure) => {
                format!("reading or writing failed ({error}); check the disk and its limits")
            }
            _ => error.to_string(),
        };
        let retry = matches!(code, Some(Code::DiskFull | Code::DatabaseBusy | Code::DatabaseLocked));
        Self {
            path: path.to_owned(),
            problem,
            retry,
        }
    }

    pub(super) fn damaged(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            problem: DAMAGED.into(),
            retry: false,
        }
    }

    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        Self {
            path: path.to_owned(),
            problem: format!("it can't be opened: {error}; name another with --store"),
            retry: false,
        }
    }

    /// What is wrong and what to do, without the path.
    pub fn problem(&self) -> &str {
        &self.problem
    }
}
