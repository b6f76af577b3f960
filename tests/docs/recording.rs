//! `docs/recording.svg`, the terminal that README shows.

use std::process::Command;

use super::root;
use super::support::missing;

/// README's recording is what the commands say today, small, and readable in light and dark.
#[test]
fn the_recording_is_what_the_commands_say() {
    let recorder = root().join("docs/recording.py");
    let recorded = Command::new("python3")
        .arg(recorder)
        .args(["--check", "--ckwh", env!("CARGO_BIN_EXE_ckwh")])
        .output();
    let Ok(recorded) = recorded else {
        return missing("Python");
    };
    let said = String::from_utf8_lossy(&recorded.stderr);
    assert!(recorded.status.success(), "{said}");
    let svg = std::fs::read_to_string(root().join("docs/recording.svg")).unwrap();
    assert!(svg.len() < 10_000 && svg.contains("prefers-color-scheme:dark"));
    // A drawing in a page of others runs nothing and asks for nothing.
    assert!(!svg.contains("<script") && !svg.contains("href"));
}
