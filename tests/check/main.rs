//! `ckwh check` on receivers that are right, and on others that are wrong in one way each: `receivers/faults/faults.toml`.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod command;
mod explore;
mod receiver;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/receivers.rs"]
mod theirs;

use std::collections::BTreeSet;
use std::fs;

use receiver::{Receiver, SECRET};
use serde::Deserialize;
use serde_json::Value;
use support::{Home, missing, run};

#[derive(Debug, Deserialize)]
struct Table {
    receiver: Vec<Row>,
}

/// A receiver, and the cases that it breaks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    program: String,
    #[serde(default)]
    provider: Option<String>,
    #[serde(default)]
    fault: String,
    /// The cause that is named.
    #[serde(default)]
    root: Option<String>,
    /// Names of cases, or `family/*`.
    fails: Vec<String>,
    #[serde(default)]
    warns: Vec<String>,
}

fn rows(program: &str) -> Vec<Row> {
    let text = fs::read_to_string(theirs::folder().join("faults/faults.toml")).unwrap();
    let table: Table = toml::from_str(&text).unwrap();
    table
        .receiver
        .into_iter()
        .filter(|row| row.program == program)
        .collect()
}

/// The full names of the cases that ended so.
fn ended(cases: &[Value], outcome: &str) -> BTreeSet<String> {
    let of = cases.iter().filter(|case| case["outcome"] == outcome);
    of.map(|case| {
        format!(
            "{}/{}",
            case["family"].as_str().unwrap(),
            case["name"].as_str().unwrap()
        )
    })
    .collect()
}

fn named(patterns: &[String], cases: &[Value]) -> BTreeSet<String> {
    let all = cases.iter().map(|case| {
        format!(
            "{}/{}",
            case["family"].as_str().unwrap(),
            case["name"].as_str().unwrap()
        )
    });
    let matches = |name: &str| patterns.iter().any(|pattern| ckwh::check::matches(pattern, name));
    all.filter(|name| matches(name)).collect()
}

fn try_all(program: &str) {
    if let Err(problem) = receiver::installed(program) {
        return missing(problem);
    }
    let mut wrong = Vec::new();
    for row in rows(program) {
        let provider = row.provider.as_deref().unwrap_or("costkatana");
        let receiver = Receiver::start(program, &row.fault, provider);
        let home = Home::new();
        let (to, effects) = (receiver.target(), receiver.effects());
        let args = [
            "check",
            "--json",
            "--provider",
            provider,
            "--to",
            &to,
            "--observe-url",
            &effects,
            "--settle",
            "150ms",
        ];
        let checked = run(home.ckwh(&args).env("CKWH_SECRET", SECRET), b"");
        let items: Vec<Value> = checked
            .stdout
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect();
        let (summary, cases) = items
            .split_last()
            .unwrap_or_else(|| panic!("{program} {}: {}", row.fault, checked.stderr));
        let told = |case: &Value| {
            format!(
                "{}/{} {}: {}",
                case["family"], case["name"], case["outcome"], case["reason"]
            )
        };
        let broken = cases
            .iter()
            .filter(|case| case["outcome"] == "fail" || case["outcome"] == "warn");
        let told = format!(
            "{program} `{}`:\n{}",
            row.fault,
            broken.map(told).collect::<Vec<_>>().join("\n")
        );
        let warns = named(&row.warns, cases);
        let (skipped, failed) = (ended(cases, "skipped"), ended(cases, "fail"));
        let expected: BTreeSet<String> = named(&row.fails, cases)
            .into_iter()
            .filter(|name| !warns.contains(name) && !skipped.contains(name))
            .collect();
        let roots: BTreeSet<&str> = cases.iter().filter_map(|case| case["root"].as_str()).collect();
        let is_right = (&failed, ended(cases, "warn")) == (&expected, warns)
            && checked.status == i32::from(!expected.is_empty())
            && summary["ok"] == expected.is_empty()
            && roots == row.root.as_deref().into_iter().collect();
        if !is_right {
            wrong.push(format!("{told}\nexpected {expected:?}, roots {roots:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn express_receivers_break_what_they_break_and_nothing_else() {
    try_all("express");
}

#[test]
fn flask_receivers_break_what_they_break_and_nothing_else() {
    try_all("flask");
}

#[test]
fn go_receivers_break_what_they_break_and_nothing_else() {
    try_all("go");
}

#[test]
fn next_receivers_break_what_they_break_and_nothing_else() {
    try_all("next");
}

#[test]
fn there_are_thirty_faults() {
    let programs = ["express", "flask", "go", "next"];
    let faults = programs.into_iter().flat_map(rows).filter(|row| !row.fault.is_empty());
    assert!(faults.count() >= 30);
}
