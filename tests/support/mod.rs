//! The built `ckwh`, in a home of its own.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::{fs, thread};

use tempfile::TempDir;

/// A temporary home and working folder. Nothing of the real environment gets in.
pub struct Home(TempDir);

impl Home {
    pub fn new() -> Self {
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join("home")).unwrap();
        fs::create_dir(dir.path().join("work")).unwrap();
        Self(dir)
    }

    /// The working folder.
    pub fn work(&self) -> PathBuf {
        self.0.path().join("work")
    }

    /// `ckwh` with these arguments, ready to run in the working folder.
    pub fn ckwh(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ckwh"));
        command
            .args(args)
            .env_clear()
            .env("HOME", self.0.path().join("home"))
            .current_dir(self.work());
        command
    }
}

/// What a run came to.
#[derive(Debug)]
pub struct Run {
    pub status: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

/// Runs `command` to its end, with `stdin` on its standard input.
pub fn run(command: &mut Command, stdin: &[u8]) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let stdin = stdin.to_vec();
    // One that does not read its input closes it, which is its right.
    let writer = thread::spawn(move || drop(pipe.write_all(&stdin)));
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let stderr = String::from_utf8(stderr).unwrap();
    assert!(!stderr.contains("panicked"), "{stderr}");
    Run {
        status: status.code().expect("it ended by itself"),
        stdout,
        stderr,
    }
}

/// Says that a runtime is missing; fails where the environment asks for all of them.
pub fn missing(what: &str) {
    let text = format!("{what} is missing, so this is not tested; CKWH_REQUIRE_RUNTIMES makes that a failure");
    assert!(std::env::var_os("CKWH_REQUIRE_RUNTIMES").is_none(), "{text}");
    eprintln!("{text}");
}
