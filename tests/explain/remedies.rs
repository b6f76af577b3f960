//! The remedies of the commonest causes, executed: a real handler makes each mistake and refuses the delivery, what it
//! logged is explained, and the same handler as the remedy has it takes the delivery.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::handlers::{Process, SECRET, express_app, flask_app, folder};
use crate::support::{Home, missing, run};
use crate::theirs;

const AT: [&str; 4] = ["--timestamp", "2026-05-08T12:00:00.250Z", "--id", "evt_1"];

/// A kind, and what its remedy says of the change that `right` is in the handlers' source.
const EXPRESS: &[(&str, &str)] = &[
    ("secret.whitespace", "trim what is read from a file"),
    ("secret.base64", "is no key to decode"),
    ("secret.hashed", "Use the secret itself as the key"),
    ("body.reserialised", "Hash the bytes of the body as they came"),
    ("body.empty", "Hash the bytes of the body as they came"),
    ("body.newline", "Hash the bytes of the body as they came"),
    ("content.timestamp-missing", "Put the timestamp's text into the content"),
    (
        "content.timestamp-unit",
        "Use the timestamp's text as it stands in the header",
    ),
    (
        "content.separator",
        "Join the parts of the content as the provider's documentation writes them",
    ),
    (
        "signature.encoding",
        "Write the MAC in the encoding that the provider uses",
    ),
    ("signature.prefix", "or put it before your own"),
    (
        "signature.algorithm",
        "Use the hash function that the provider's documentation names",
    ),
    ("signature.not-hmac", "Use HMAC with the secret as its key"),
];

const FLASK: &[(&str, &str)] = &[
    ("body.reserialised", "Hash the bytes of the body as they came"),
    ("body.double-encoded", "Hash the bytes of the body as they came"),
    ("secret.empty", "Set the secret's variable where the handler runs"),
    ("secret.quoted", "check the quotes"),
    ("secret.url-encoded", "neither URL-encoded nor decoded"),
    ("signature.case", "bring both texts to lower case"),
];

const GO: &[(&str, &str)] = &[("body.empty", "Give the body to the MAC's Write, and nothing to its Sum")];

#[test]
fn the_remedy_turns_go_right() {
    if !Command::new("go")
        .arg("version")
        .output()
        .is_ok_and(|ran| ran.status.success())
    {
        return missing("Go");
    }
    remedied(&folder().join("remedies.go"), go_app, GO);
}

/// Builds a program of one file, and runs it.
fn go_app(script: &Path) -> Command {
    let program = script.with_extension("");
    let mut build = Command::new("go");
    build
        .args(["build", "-o"])
        .arg(&program)
        .arg(script)
        .env("GO111MODULE", "off");
    assert!(build.status().unwrap().success());
    Command::new(program)
}

#[test]
fn the_remedies_turn_express_right() {
    remedied(&folder().join("remedies.cjs"), express_app, EXPRESS);
}

#[test]
fn the_remedies_turn_flask_right() {
    remedied(&folder().join("remedies.py"), flask_app, FLASK);
}

fn remedied(script: &Path, app: fn(&Path) -> Command, kinds: &[(&str, &str)]) {
    if let Err(problem) = theirs::installed() {
        return missing(problem);
    }
    let home = Home::new();
    // Beside the others it would be taken for their libraries: one has Flask's name.
    let own = home.work().join(script.file_name().unwrap());
    fs::copy(script, &own).unwrap();
    let handler = Process::of(app(&own).env("SECRET", SECRET));
    let send = |kind: &str, how: &str| {
        let target = format!("127.0.0.1:{}/{kind}/{how}", handler.port);
        let args = ["send", "cost.alert", "--dialect", "template", "--to", &target];
        let sent = run(home.ckwh(&[&args[..], &AT].concat()).env("WEBHOOK_SECRET", SECRET), b"");
        (sent.status, sent.stderr, handler.line())
    };
    let args = [
        "send",
        "cost.alert",
        "--dialect",
        "template",
        "--to",
        "127.0.0.1/hook",
        "--dry-run",
    ];
    let request = run(home.ckwh(&[&args[..], &AT].concat()).env("WEBHOOK_SECRET", SECRET), b"");
    fs::write(home.work().join("request.http"), request.stdout).unwrap();
    for (kind, remedy) in kinds {
        let (status, stderr, log) = send(kind, "wrong");
        assert_eq!(status, 1, "{kind}: {stderr}");
        assert!(stderr.contains("ckwh verify sent --computed -"), "{kind}: {stderr}");
        let args = ["verify", "request.http", "--json", "--at", AT[1], "--computed", "-"];
        let verdict = run(home.ckwh(&args).env("WEBHOOK_SECRET", SECRET), log.as_bytes());
        let verdict: Value = serde_json::from_slice(&verdict.stdout).unwrap();
        let causes = verdict["causes"].as_array().unwrap();
        let kinds: Vec<&str> = causes.iter().map(|cause| cause["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, [*kind], "{log}");
        let said = causes[0]["remedy"].as_str().unwrap();
        assert!(said.contains(remedy), "{kind}: {said}");
        let (status, stderr, log) = send(kind, "right");
        assert_eq!(status, 0, "{kind}: {stderr}\n{log}");
    }
}
