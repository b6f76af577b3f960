//! A scripted agent mends broken handlers by what `check` tells it alone, until nothing fails.

use std::thread;

use serde_json::{Value, json};

use super::Client;
use super::receiver::{self, Receiver};
use super::support::{Home, missing};

/// The handlers, each wrong in one way: what makes it so is not told to the agent.
const BROKEN: [&str; 6] = [
    "verifies-nothing",
    "verifies-if-signed",
    "writes-json-again",
    "compares-the-beginning",
    "throws-on-length",
    "no-time",
];

/// How each cause that a check may name is mended: the change of the handler, by the name of what it takes away.
const MENDED: [(&str, &str); 6] = [
    ("verifies-nothing", "verifies-nothing"),
    ("verifies-if-signed", "verifies-if-signed"),
    ("verifies-json-written-again", "writes-json-again"),
    ("compares-the-beginning", "compares-the-beginning"),
    ("fails-on-bad-signatures", "throws-on-length"),
    ("verifies-no-time", "no-time"),
];

#[test]
fn an_agent_mends_six_broken_handlers_by_what_it_is_told() {
    if let Err(problem) = receiver::installed("express") {
        return missing(problem);
    }
    // A check waits for most of its time.
    thread::scope(|scope| {
        for broken in BROKEN {
            scope.spawn(move || mend(broken));
        }
    });
}

fn mend(broken: &str) {
    let found = findings(&Receiver::start("express", broken, "costkatana"));
    let failed: Vec<&Value> = found.iter().filter(|finding| finding["outcome"] == "fail").collect();
    let root = failed.first().unwrap_or_else(|| panic!("{broken}: {found:?}"))["root"].as_str();
    let root = root.unwrap_or_else(|| panic!("{broken}: no cause is named: {failed:?}"));
    for told in ["says", "why", "remedy"] {
        assert!(!failed[0][told].as_str().unwrap().is_empty(), "{broken}: {told}");
    }
    let mended = MENDED.iter().find(|(cause, _)| *cause == root);
    let (_, fault) = mended.unwrap_or_else(|| panic!("{broken}: `{root}` is not known"));
    // What the handler is left with: the fault goes where it was the one that was named.
    let left = if *fault == broken { "" } else { broken };
    let found = findings(&Receiver::start("express", left, "costkatana"));
    let failed = found.iter().find(|finding| finding["outcome"] == "fail");
    assert!(failed.is_none(), "{broken}, mended as `{root}` says: {failed:?}");
}

/// What a check says of it.
fn findings(receiver: &Receiver) -> Vec<Value> {
    let home = Home::new();
    let (target, effects) = (receiver.target(), receiver.effects());
    let args = ["--to", &target, "--observe-url", &effects];
    let mut client = Client::start_with(&home, &args, &[("WEBHOOK_SECRET", receiver::SECRET)]);
    let checked = client.call("check", json!({ "provider": "costkatana" }));
    let results = checked["structuredContent"]["results"].as_array().unwrap();
    let summary = results.iter().find(|result| result["type"] == "check_summary");
    let summary = summary.unwrap_or_else(|| panic!("no summary: {checked}"));
    summary["findings"].as_array().unwrap().clone()
}
