//! Every event, every fault and every dialect against real receivers: see `receivers/README.md`.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

#[path = "support/process.rs"]
mod process;
mod support;
#[path = "support/receivers.rs"]
mod theirs;

use std::fs;

use process::{Receiver, SECRET};
use serde_json::Value;
use support::{Home, missing, run};

#[test]
fn costkatana_express_json() {
    try_receiver("costkatana-express-json");
}

#[test]
fn costkatana_express_raw() {
    try_receiver("costkatana-express-raw");
}

#[test]
fn costkatana_next() {
    try_receiver("costkatana-next");
}

#[test]
fn quotawatch_express() {
    try_receiver("quotawatch-express");
}

#[test]
fn quotawatch_flask() {
    try_receiver("quotawatch-flask");
}

#[test]
fn no_receiver_is_left_out() {
    let here = include_str!("receivers.rs");
    for entry in fs::read_dir(theirs::folder()).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().join("receiver.toml").exists() {
            assert!(
                here.contains(&format!("try_receiver(\"{name}\")")),
                "{name} has no test"
            );
        }
    }
}

fn try_receiver(name: &str) {
    if let Err(problem) = theirs::installed() {
        return missing(problem);
    }
    let receiver = Receiver::start(&theirs::folder().join(name));
    let table = &receiver.table;
    let home = Home::new();
    let target = receiver.target();
    let send = |event: &str, more: &[&str]| {
        let fixed = ["send", event, "--json", "--to", &target, "--provider", &table.provider];
        let sent = run(home.ckwh(&[&fixed, more].concat()).env(&table.secret_env, SECRET), b"");
        let delivery: Value = serde_json::from_slice(&sent.stdout).unwrap_or_else(|_| panic!("{}", sent.stderr));
        let got = &delivery["response"]["status"];
        assert!(
            sent.status == 0 && delivery["ok"] == true,
            "{name}: {event} {more:?}: got {got}, {}",
            delivery["unmet"]
        );
    };
    let events = run(
        &mut home.ckwh(&["events", "--json", "--provider", &table.provider]),
        b"",
    );
    let events: Vec<String> = String::from_utf8(events.stdout)
        .unwrap()
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["event_type"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    let first = events.first().expect("a provider has events");
    for dialect in &table.dialects {
        for event in &events {
            send(event, &["--dialect", dialect]);
        }
    }
    for (fault, status) in &table.r#break {
        let status = status.to_string();
        match fault.as_str() {
            "no-sign" => send(first, &["--no-sign", "--expect", &status]),
            fault => send(first, &["--break", fault, "--expect", &status]),
        }
    }
    for (dialect, status) in &table.refused_dialects {
        send(first, &["--dialect", dialect, "--expect", &status.to_string()]);
    }
}

/// What `docs/check.md` shows of two handlers is what they get, finding by finding.
#[test]
fn documented_handlers_get_the_report_that_the_docs_show() {
    if let Err(problem) = theirs::installed() {
        return missing(problem);
    }
    let docs = include_str!("../docs/check.md");
    for name in ["costkatana-express-json", "quotawatch-express"] {
        let receiver = Receiver::start(&theirs::folder().join(name));
        let home = Home::new();
        let args = [
            "check",
            "--provider",
            &receiver.table.provider,
            "--to",
            &receiver.target(),
        ];
        let checked = run(home.ckwh(&args).env("CKWH_SECRET", SECRET), b"");
        let told = String::from_utf8(checked.stdout).unwrap();
        let findings: Vec<&str> = told.lines().filter(|line| line.starts_with("✗ The ")).collect();
        assert!(findings.len() > 1, "{told}{}", checked.stderr);
        for finding in findings {
            let cases = told.split(finding).nth(1).unwrap();
            let cases = cases.split("  sent").next().unwrap();
            let shown = docs.contains(finding) && docs.contains(cases.trim_end());
            assert!(
                shown,
                "docs/check.md does not show of {name}:\n{finding}{cases}\n{told}"
            );
        }
    }
}
