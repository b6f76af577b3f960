//! The official clients in TypeScript and Python (`receivers/agents`): every tool, and a call that is cancelled.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::support::{Home, missing, run};
use super::{SECRET, handler, theirs};

#[test]
fn the_client_in_typescript_gets_on_with_it() {
    try_client(Path::new("node"), "client.mjs");
}

#[test]
fn the_client_in_python_gets_on_with_it() {
    try_client(&theirs::folder().join("agents/.venv/bin/python"), "client.py");
}

fn try_client(program: &Path, script: &str) {
    if let Err(problem) = theirs::installed() {
        return missing(problem);
    }
    let home = Home::new();
    let target = handler(200, "ok").to_string();
    let calls = json!([
        { "name": "list_events", "arguments": { "provider": "stripe" } },
        { "name": "providers", "arguments": {} },
        { "name": "send", "arguments": { "event": "cost.alert" } },
        { "name": "get_capture", "arguments": { "capture": "sent" } },
        { "name": "explain", "arguments": { "capture": "sent" } },
        { "name": "diff", "arguments": { "a": "sent", "b": "sent" } },
        { "name": "replay", "arguments": { "captures": ["sent"] } },
        { "name": "list_captures", "arguments": {} },
        { "name": "wait_for_capture", "arguments": { "seconds": 0 } },
        { "name": "check", "arguments": { "provider": "costkatana", "only": ["refuses/unsigned"] } },
        { "name": "send", "arguments": { "event": "no.such.event" } },
    ]);
    let given = json!({
        "command": env!("CARGO_BIN_EXE_ckwh"),
        "args": ["mcp", "--to", target],
        "env": { "HOME": home.work().join("../home"), "WEBHOOK_SECRET": SECRET },
        "cwd": home.work(),
        "calls": calls,
        "cancelled": { "name": "wait_for_capture", "arguments": { "seconds": 60 } },
    });
    let mut client = Command::new(program);
    client.arg(script).current_dir(theirs::folder().join("agents"));
    let ran = run(&mut client, given.to_string().as_bytes());
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let came: Value = serde_json::from_slice(&ran.stdout).unwrap();
    let names: Vec<&str> = came["tools"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    for name in calls
        .as_array()
        .unwrap()
        .iter()
        .map(|call| call["name"].as_str().unwrap())
    {
        assert!(names.contains(&name), "{name} is in {names:?}");
        assert_eq!(
            came["hints"][name],
            !["send", "replay", "check"].contains(&name),
            "{name}"
        );
    }
    assert_eq!(names.len(), 10);
    assert!(came["prompt"].as_str().unwrap().contains("explain"));
    assert!(came["resource"].as_str().unwrap().contains("cost.alert"));
    assert_eq!(came["ended"], "cancelled");
    assert!(came["took"].as_f64().unwrap() < 10_000.0);
    assert_eq!(came["after"], false);
    let results = came["results"].as_array().unwrap();
    let (last, others) = results.split_last().unwrap();
    for (call, result) in calls.as_array().unwrap().iter().zip(others) {
        assert_eq!(result["isError"], false, "{call}: {result}");
        assert!(result["structured"]["results"].is_array(), "{call}: {result}");
    }
    assert_eq!(last["isError"], true);
    assert_eq!(last["structured"]["kind"], "usage");
}
