//! Errors of SQLite and of the file system, as a user is told them.

use std::io;
use std::path::Path;

use crate::store::StoreError;

const DAMAGED: &str = "it is damaged or no store; move it away, or name another with --store";

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
        Self {
            store: path.into(),
            problem,
            retry: matches!(code, Some(Code::DiskFull | Code::DatabaseBusy | Code::DatabaseLocked)),
            passes: false,
        }
    }

    pub(super) fn damaged(path: &Path) -> Self {
        Self::refused(path, DAMAGED)
    }

    pub(super) fn io(path: &Path, error: &io::Error) -> Self {
        Self::refused(path, format!("it can't be opened: {error}; name another with --store"))
    }
}
