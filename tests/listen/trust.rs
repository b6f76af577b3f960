//! What a project that is not trusted can't have done: run a program, or meet an expectation.

use std::fs;
use std::process::Command;

use super::{Listen, Place, SECRET, text};

/// A provider that anyone can sign for: its secret is the empty project's own.
fn table() -> String {
    let table = include_str!("../support/provider.toml");
    table
        .replace("MY_SECRET", "WEBHOOK_SECRET")
        .replace("^[0-9a-f]{64}$", ".")
}

fn delivery(secret: &str) -> Vec<u8> {
    let mut openssl = Command::new("sh");
    openssl.args([
        "-c",
        &format!("printf '{{}}' | openssl dgst -sha256 -hmac '{secret}' -r | cut -d' ' -f1"),
    ]);
    let mac = text(&openssl.output().unwrap().stdout);
    format!(
        "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-Mine: {}\r\nContent-Length: 2\r\n\r\n{{}}",
        mac.trim()
    )
    .into_bytes()
}

#[test]
fn what_an_untrusted_project_says_is_valid_runs_nothing_and_meets_nothing() {
    let place = Place::new();
    let folder = place.path(".ckwh/providers/mine");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("provider.toml"), table()).unwrap();
    let ran = place.path("ran");
    let exec = format!("touch {}", ran.display());
    for (trusted, status) in [(false, 1), (true, 0)] {
        if trusted {
            place.text(&["trust"], 0);
        }
        let args = [
            "--exec",
            &exec,
            "--expect-event",
            "thing.done",
            "--for",
            "2s",
            "--secret",
            SECRET,
        ];
        let mut listen = Listen::start(&place, &args);
        listen.exchange(&delivery(SECRET));
        let caught = listen.line();
        assert_eq!(caught["verdict"]["valid"], true, "{caught}");
        assert_eq!(
            caught["verdict"]["caveat"].as_str(),
            (!trusted).then_some("project-provider"),
            "{caught}"
        );
        listen.end(status);
        assert_eq!(ran.exists(), trusted);
    }
    let listed = place.text(&["captures"], 0);
    assert_eq!(listed.matches("(this project's)").count(), 1, "{listed}");
    assert!(
        place
            .text(&["captures", "show", "1"], 0)
            .contains("mine (this project's)")
    );
}

#[test]
fn a_secret_that_git_tracks_runs_nothing_and_meets_nothing() {
    let place = Place::new();
    let home = place.path("");
    let git = |args: &[&str]| {
        assert!(
            Command::new("git")
                .args(args)
                .current_dir(&home)
                .status()
                .unwrap()
                .success()
        )
    };
    git(&["init", "-q"]);
    fs::write(place.path(".env"), format!("WEBHOOK_SECRET=\"{SECRET}\"\n")).unwrap();
    git(&["add", "-f", ".env"]);
    let ran = place.path("ran");
    let exec = format!("touch {}", ran.display());
    for (trusted, status) in [(false, 1), (true, 0)] {
        if trusted {
            place.text(&["trust"], 0);
        }
        let mut command = place.ckwh(&[
            "listen",
            "0",
            "--json",
            "--exec",
            &exec,
            "--expect-event",
            "cost.alert",
            "--for",
            "2s",
        ]);
        command.env_remove("WEBHOOK_SECRET");
        let mut listen = Listen::spawn(command);
        place.text(&["send", "cost.alert", "--to", &listen.url("/")], 0);
        let caught = listen.line();
        assert_eq!(caught["verdict"]["valid"], true, "{caught}");
        assert_eq!(
            caught["verdict"]["caveat"].as_str(),
            (!trusted).then_some("tracked-secret"),
            "{caught}"
        );
        listen.end(status);
        assert_eq!(ran.exists(), trusted);
    }
}

/// Pushes of GitHub's that nobody signed, to a listener in a project with these settings; what `listen` says, which ends
/// with `status`.
fn unsigned_push(settings: &str, variables: &[(&str, &str)], status: i32) -> String {
    let place = Place::new();
    let folder = place.path(".ckwh/providers/mine");
    fs::create_dir_all(&folder).unwrap();
    let table = table().replace("\"thing.done\"", "\"header:X-GitHub-Event\"");
    fs::write(folder.join("provider.toml"), table).unwrap();
    fs::write(place.path("ckwh.toml"), settings).unwrap();
    let mut command = place.ckwh(&["listen", "0", "--json", "--expect-event", "push", "--for", "1s"]);
    command
        .env_remove("WEBHOOK_SECRET")
        .env_remove("QUOTAWATCH_WEBHOOK_SECRET")
        .envs(variables.iter().copied());
    let listen = Listen::spawn(command);
    for headers in ["X-Hub-Signature-256: sha256=00\r\n", "", "X-Mine: 00\r\n"] {
        let head = format!(
            "POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nX-GitHub-Event: push\r\n{headers}Content-Length: 2\r\n\r\n{{}}"
        );
        listen.exchange(head.as_bytes());
    }
    listen.end(status).1
}

#[test]
fn no_project_switches_verification_off() {
    const REAL: &[(&str, &str)] = &[("GITHUB_WEBHOOK_SECRET", "real")];
    for settings in [
        "",
        "secret_env = \"NOBODYS\"",
        "secret_env = \"WEBHOOK_SECRET\"",
        "provider = \"mine\"",
        "provider = \"stripe\"",
        "provider = \"mine\"\ndialect = \"default\"",
    ] {
        unsigned_push(settings, REAL, 1);
    }
    // A secret that is set and can't be used is one.
    let said = unsigned_push("", &[("GITHUB_WEBHOOK_SECRET", "")], 1);
    assert!(said.contains("github is not verified"), "{said}");
}

#[test]
fn a_project_does_not_choose_what_is_rejected() {
    let place = Place::new();
    fs::write(place.path("ckwh.toml"), "provider = \"github\"").unwrap();
    let output = place.run(&["listen", "0", "--reject-invalid", "--secret", SECRET]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--provider NAME"));
}

#[test]
fn a_forgery_is_not_signed_because_it_failed() {
    let place = Place::new();
    let listen = Listen::start(&place, &[]);
    let to = listen.url("/");
    place.text(&["send", "cost.alert", "--to", &to, "--break", "signature"], 0);
    place.text(&["send", "cost.alert", "--to", &to], 0);
    listen.stop(0);
    let target = Listen::start(&place, &[]);
    for selection in [&["1..2"][..], &["--invalid"]] {
        place.text(&[&["replay", "--to", &target.url("/")], selection].concat(), 0);
    }
    let args = [
        "replay",
        "--to",
        &target.url("/other"),
        "--json",
        "--until",
        "2999-01-01T00:00:00Z",
        "--event",
        "cost.*",
    ];
    let output = place.run(&args);
    let shown = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{shown}");
    assert_eq!(shown.matches("\"type\":\"skipped\"").count(), 1, "{shown}");
    target.stop(0);
}
