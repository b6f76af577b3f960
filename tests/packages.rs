//! The packages, made of the program of these tests: each is installed from its file and does its work.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

#[expect(dead_code, reason = "of a run, only whether a runtime is missing is asked here")]
#[path = "support/mod.rs"]
mod support;

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The project's folder.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `packages/build.py` with the program of these tests.
fn build(out: &Path, more: &[&str]) -> Output {
    Command::new("python3")
        .arg(root().join("packages/build.py"))
        .args(["--binary", env!("CARGO_BIN_EXE_ckwh"), "--fast", "--out"])
        .arg(out)
        .args(more)
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn every_package_is_installed_from_its_file_and_works() {
    if Command::new("python3").arg("--version").output().is_err() {
        return support::missing("Python");
    }
    let folder = TempDir::new().unwrap();
    let built = build(folder.path(), &[]);
    assert!(built.status.success(), "{}", said(&built));
    let tried = Command::new("bash")
        .arg(root().join("packages/try.sh"))
        .arg(folder.path())
        .output()
        .unwrap();
    let tried_of = said(&tried);
    assert!(tried.status.success(), "{tried_of}");
    for name in ["npm", "pypi", "deb", "installed"] {
        if !tried_of.contains(&format!("{name}: works")) {
            support::missing(name);
        }
    }
    for name in ["npm", "pypi"] {
        let has_delivered = tried_of.contains(&format!("{name}: a handler of the user's own accepts a delivery"));
        assert_eq!(
            has_delivered,
            tried_of.contains(&format!("{name}: works")),
            "{tried_of}"
        );
    }
}

/// This system's own glibc is later than 2.2, as any that Rust links against is.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[test]
fn a_program_that_needs_a_later_glibc_is_not_packed() {
    if Command::new("readelf").arg("--version").output().is_err() {
        return support::missing("readelf");
    }
    let folder = TempDir::new().unwrap();
    let refused = build(folder.path(), &["--glibc", "2.2"]);
    assert!(!refused.status.success());
    assert!(said(&refused).contains("needs glibc 2."), "{}", said(&refused));
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

/// What `packages/describe.py` writes for package managers is of their form; they are not here to run it.
#[test]
fn descriptions_for_others_are_of_their_form() {
    let is_there = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !is_there("python3") || !is_there("ruby") {
        return support::missing("Python or Ruby");
    }
    let folder = TempDir::new().unwrap();
    let built = build(folder.path(), &[]);
    assert!(built.status.success(), "{}", said(&built));
    let described = Command::new("python3")
        .arg(root().join("packages/describe.py"))
        .arg(folder.path())
        .output()
        .unwrap();
    assert!(described.status.success(), "{}", said(&described));
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let formula = Command::new("ruby")
        .arg("-c")
        .arg(folder.path().join("ckwh.rb"))
        .output()
        .unwrap();
    assert!(formula.status.success(), "{}", said(&formula));
    let scoop: serde_json::Value = serde_json::from_str(&read("ckwh.json")).unwrap();
    assert_eq!(scoop["version"], env!("CARGO_PKG_VERSION"));
    let sums = read("SHA256SUMS");
    let archive = sums.lines().find(|line| line.ends_with("linux-gnu.tar.gz")).unwrap();
    let digest = archive.split(' ').next().unwrap();
    assert!(read("ckwh.rb").contains(digest), "{}", read("ckwh.rb"));
}

/// The action's script against a handler that refuses what is not rightly signed: `ckwh listen` itself.
#[test]
fn the_action_starts_a_server_and_tries_it() {
    let folder = TempDir::new().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let program = Path::new(env!("CARGO_BIN_EXE_ckwh")).parent().unwrap();
    let action = |run: &str| {
        Command::new("bash")
            .arg(root().join("packages/action.sh"))
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", program.display()))
            .env("HOME", folder.path())
            .env("WEBHOOK_SECRET", "for-tests")
            .env("GITHUB_STEP_SUMMARY", folder.path().join("summary.md"))
            .env(
                "START",
                format!("ckwh listen {port} --provider costkatana --reject-invalid & wait"),
            )
            .env("TO", format!("localhost:{port}/webhooks/costkatana"))
            .env("RUN", run)
            .current_dir(folder.path())
            .output()
            .unwrap()
    };
    let sent = action("send cost.alert 'budget.*'");
    assert_eq!(sent.status.code(), Some(0), "{}", said(&sent));
    assert!(
        std::fs::read_to_string(folder.path().join("summary.md"))
            .unwrap()
            .contains("cost.alert")
    );
    // The server and what it started end.
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(60), "the server is still there");
        thread::sleep(Duration::from_millis(50));
    }
    let checked = action("check --provider costkatana --only fast/*");
    assert_eq!(checked.status.code(), Some(0), "{}", said(&checked));
    let failed = action("send cost.alert --expect 500");
    assert_eq!(failed.status.code(), Some(1), "{}", said(&failed));
    assert!(said(&failed).contains("::error"), "{}", said(&failed));
    assert_eq!(action("listen").status.code(), Some(2));
}
