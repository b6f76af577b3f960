//! What `tests/receivers/setup.sh` installs: receivers and libraries of others.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The folder of the receivers.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/receivers")
}

/// Runs `setup.sh`, once for all tests; or says what is missing.
pub fn installed() -> Result<(), &'static str> {
    static DONE: OnceLock<Result<(), &'static str>> = OnceLock::new();
    *DONE.get_or_init(|| {
        for runtime in ["node", "python3"] {
            let there = Command::new(runtime).arg("--version").output();
            if !there.is_ok_and(|output| output.status.success()) {
                return Err("Node or Python");
            }
        }
        match Command::new("bash").arg(folder().join("setup.sh")).status() {
            Ok(status) if status.success() => Ok(()),
            _ => Err("what tests/receivers/setup.sh installs"),
        }
    })
}
