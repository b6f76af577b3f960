//! `ckwh schema`, and that everything `--json` prints is as it says: judged by a validator of others (ajv).

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::support::{Home, missing, run};
use super::theirs;
use crate::receiver::{Receiver, status};
use crate::{FIXED, SECRET};

fn schema(home: &Home) -> Value {
    serde_json::from_str(home.run(&["schema"]).text(0)).unwrap()
}

/// The types of object in a schema.
fn types(schema: &Value) -> BTreeSet<String> {
    let all = schema["oneOf"].as_array().unwrap().iter();
    all.map(|one| one["properties"]["type"]["const"].as_str().unwrap().to_owned())
        .collect()
}

/// What `ckwh listen --json` prints while it catches a delivery, refuses a long one, and loses its store.
fn listened(home: &Home, lines: &mut Vec<String>) {
    let mut listen = home.ckwh(&[
        "listen",
        "0",
        "--json",
        "--max-body",
        "2KiB",
        "--store",
        "kept/store.db",
        "--exit-after",
        "3",
    ]);
    let mut child = listen
        .env("WEBHOOK_SECRET", SECRET)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let ready = said.next().unwrap();
    let address = serde_json::from_str::<Value>(&ready).unwrap()["addresses"][0]
        .as_str()
        .unwrap()
        .to_owned();
    lines.push(ready);
    let send = |more: &[&str]| home.run(&[&["send", "cost.alert", "--to", &address, "--no-keep"], more].concat());
    send(&["--id", "evt_1"]).text(0);
    send(&["--id", "evt_1", "--set", "cost.amount=900"]).text(0);
    let mut long = TcpStream::connect(&address).unwrap();
    let body = "x".repeat(4096);
    write!(
        long,
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    lines.extend(said.by_ref().take(3));
    for entry in fs::read_dir(home.work().join("kept")).unwrap().flatten() {
        fs::remove_file(entry.path()).unwrap();
    }
    send(&[]).text(0);
    lines.extend(said);
    assert!(child.wait().unwrap().success());
}

#[test]
fn everything_that_is_printed_is_as_the_schema_says() {
    if let Err(problem) = theirs::installed() {
        return missing(problem);
    }
    let home = Home::new();
    let effects = home.write("effects", "");
    let receiver = Receiver::start(move |seen| {
        let is_signed = |name: &&str| seen.header(name).is_some();
        if !["x-costkatana-signature", "stripe-signature"].iter().any(is_signed) {
            return status(401);
        }
        let before = fs::read_to_string(&effects).unwrap_or_default();
        fs::write(&effects, before + "booked\n").unwrap();
        status(200)
    });
    let to = receiver.address();
    let store = ["--store", "kept/store.db"];
    let mut lines = Vec::new();
    listened(&home, &mut lines);
    // A second capture, which no provider is known to have sent.
    home.write(
        "plain.http",
        "POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}",
    );
    home.run(&[&["captures", "import", "plain.http"], &store[..]].concat())
        .text(0);
    home.write("body.json", home.run(&["events", "cost.alert", "--raw"]).stdout);
    let request = home.run(&[&["send", "budget.exceeded", "--dry-run"], &FIXED[..]].concat());
    home.write("request.http", &request.stdout);
    let changed = String::from_utf8(request.stdout).unwrap().replace("\":", "\": ");
    let (head, body) = changed.split_once("\r\n\r\n").unwrap();
    let head: Vec<&str> = head
        .lines()
        .filter(|line| !line.to_lowercase().starts_with("content-length"))
        .collect();
    home.write(
        "changed.http",
        format!("{}\r\nContent-Length: {}\r\n\r\n{body}", head.join("\r\n"), body.len()),
    );
    home.write("ckwh.toml", "timeout = \"20s\"\n");
    let check = ["check", "--to", &to, "--provider", "costkatana", "--only", "refuses"];
    let explore = [
        "check",
        "--to",
        &to,
        "--provider",
        "stripe",
        "--secret",
        "whsec_c2VjcmV0",
        "--explore",
        "2",
    ];
    for args in [
        &["send", "cost.alert", "--to", &to][..],
        &["send", "cost.alert", "--to", "127.0.0.1:1"],
        &["send", "cost.alert", "budget.exceeded", "--to", &to],
        &["send", "cost.alert", "--to", &to, "--no-sign"],
        &["send", "cost.alert", "--to", &to, "--no-sign"],
        &["send", "cost.alert"],
        &["send", "cost.alert", "--dry-run"],
        &["send", "cost.alrt"],
        &["sign", "body.json", "--provider", "costkatana"],
        &[&["verify", "request.http", "--at"], &FIXED[1..2]].concat(),
        &["verify", "request.http"],
        &[&["verify", "changed.http", "--at"], &FIXED[1..2]].concat(),
        &[
            "verify",
            "request.http",
            "--computed",
            &"ab".repeat(32),
            "--effort",
            "low",
        ],
        &["verify", "request.http", "--secret", "another", "--effort", "low"],
        &["verify", "plain.http"],
        &["fingerprint"],
        &["doctor", "--to", &to],
        &["events", "costkatana"],
        &["events", "cost.alert"],
        &["providers"],
        &["providers", "show", "stripe"],
        &["providers", "test", "quotawatch"],
        &[
            "providers",
            "new",
            "learnt",
            "--learn",
            "request.http",
            "--secret",
            SECRET,
        ],
        &[
            "providers",
            "new",
            "unlearnt",
            "--learn",
            "request.http",
            "--secret",
            "another",
            "--effort",
            "low",
        ],
        &["trust", "--show"],
        &[&["captures"], &store[..]].concat(),
        &[&["captures", "show", "1"], &store[..]].concat(),
        &[&["captures", "show", "sent"], &store[..]].concat(),
        &[&["captures", "diff", "1", "2"], &store[..]].concat(),
        &[&["replay", "--all", "--to", &to], &store[..]].concat(),
        &[&["captures", "show", "1"], &store[..]].concat(),
        &[&["captures", "runs", "last"], &store[..]].concat(),
        &check,
        &[
            &explore[..],
            &[
                "--observe",
                "cat effects",
                "--reset",
                "cp /dev/null effects",
                "--settle",
                "1ms",
                "--orders",
                "3",
            ],
        ]
        .concat(),
        &[&["store", "status"], &store[..]].concat(),
        &["store", "copy", store[1], "kept/copy.db"],
        &["man"],
        &["schema", "delivery"],
    ] {
        let mut command = home.ckwh(&[args, &["--json"]].concat());
        command
            .env("WEBHOOK_SECRET", SECRET)
            .env("PATH", std::env::var_os("PATH").unwrap());
        let printed = run(&mut command, b"");
        let text = String::from_utf8(printed.stdout).unwrap();
        assert!(!text.is_empty(), "{args:?} prints nothing: {}", printed.stderr);
        lines.extend(text.lines().map(str::to_owned));
    }
    let schema = schema(&home);
    let seen: BTreeSet<String> = lines
        .iter()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["type"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    assert_eq!(seen, types(&schema), "each type is printed by one of these commands");
    let judge = |lines: &[String]| -> Vec<String> {
        let mut node = Command::new("node");
        node.arg("results.mjs").current_dir(theirs::folder().join("libraries"));
        let judged = run(
            &mut node,
            json!({ "schema": schema, "lines": lines }).to_string().as_bytes(),
        );
        serde_json::from_slice(&judged.stdout).unwrap_or_else(|_| panic!("{}", judged.stderr))
    };
    assert_eq!(judge(&lines), Vec::<String>::new());
    // What is not described is no result.
    let wrong = [
        r#"{"type":"nonsense"}"#,
        r#"{"type":"fingerprint","secret":"A","fingerprint":1}"#,
        r#"{"type":"fingerprint","secret":"A"}"#,
        r#"{"type":"fingerprint","secret":"A","fingerprint":"00","more":1}"#,
        r#"{"secret":"A","fingerprint":"00"}"#,
    ];
    assert_eq!(judge(&wrong.map(str::to_owned)).len(), wrong.len());
}

#[test]
fn a_type_has_a_schema_of_its_own() {
    let home = Home::new();
    for name in types(&schema(&home)) {
        let one: Value = serde_json::from_str(home.run(&["schema", &name]).text(0)).unwrap();
        assert_eq!(one["properties"]["type"]["const"], name.as_str());
        // Every reference leads somewhere, and nothing else is there.
        let text = one.to_string();
        let defs = one["$defs"].as_object().unwrap();
        for reference in text.split("\"#/$defs/").skip(1) {
            let target = reference.split('"').next().unwrap();
            assert!(defs.contains_key(target), "{name}: {target}");
        }
        assert!(
            defs.keys().all(|key| text.contains(&format!("\"#/$defs/{key}\""))),
            "{name}"
        );
    }
    let failed = home.run(&["schema", "deliveri"]);
    assert!(failed.error(2).contains("Did you mean delivery?"), "{}", failed.stderr);
    let listed = home.run(&["schema", "zzz"]);
    assert!(listed.error(2).contains("verdict"), "{}", listed.stderr);
}
