//! The shapes of `--json`: their fields are documented, and only ever added to.

use serde_json::Value;

use super::support::Home;
use crate::FIXED;
use crate::receiver::{Receiver, Reply, status};

/// The keys of an object, in order.
fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

const DELIVERY: [&str; 10] = [
    "type",
    "provider",
    "dialect",
    "event_type",
    "event_id",
    "url",
    "ok",
    "attempts",
    "response",
    "unmet",
];
const SUMMARY: [&str; 15] = [
    "type",
    "deliveries",
    "ok",
    "failed",
    "skipped",
    "not_sent",
    "statuses",
    "failures",
    "duration_ms",
    "p50_ms",
    "p90_ms",
    "p99_ms",
    "max_ms",
    "histogram",
    "slowest",
];
const VERDICT: [&str; 11] = [
    "type",
    "valid",
    "reason",
    "signature",
    "provider",
    "dialect",
    "timestamp_age_ms",
    "matched_secret",
    "causes",
    "detail",
    "tried",
];

#[test]
fn every_object_has_its_documented_fields() {
    let home = Home::new();
    let receiver = Receiver::start(|_| Reply {
        headers: vec![("X-Answer", "42".into())],
        body: b"done".to_vec(),
        ..status(200)
    });
    let to = format!("{}/hook", receiver.address());
    let delivery = home
        .run(&["send", "cost.alert", "--to", &to, "--id", "evt_1", "--json"])
        .line(0);
    assert_eq!(keys(&delivery), DELIVERY);
    assert_eq!(delivery["type"], "delivery");
    assert_eq!(delivery["url"], format!("http://{to}"));
    assert_eq!(
        (&delivery["event_type"], &delivery["event_id"]),
        (&"cost.alert".into(), &"evt_1".into())
    );
    assert_eq!(keys(&delivery["attempts"][0]), ["status", "duration_ms", "error"]);
    assert!(delivery["attempts"][0]["duration_ms"].as_f64().unwrap() > 0.0);
    assert_eq!(keys(&delivery["response"]), ["status", "headers", "body"]);
    assert_eq!(
        (&delivery["response"]["status"], &delivery["response"]["body"]),
        (&200.into(), &"done".into())
    );
    assert_eq!(crate::header(&delivery["response"], "x-answer"), Some("42"));

    let lines = home
        .run(&["send", "cost.alert", "--to", &to, "--count", "3", "--json"])
        .lines(0);
    assert_eq!(lines.len(), 4);
    assert!(lines[..3].iter().all(|line| keys(line) == DELIVERY));
    let summary = &lines[3];
    assert_eq!((keys(summary), &summary["type"]), (SUMMARY.to_vec(), &"summary".into()));
    assert_eq!(
        (&summary["deliveries"], &summary["ok"], &summary["failed"]),
        (&3.into(), &3.into(), &0.into())
    );
    assert_eq!(summary["statuses"], serde_json::json!({"200": 3}));

    let refused = home
        .run(&["send", "cost.alert", "--to", "127.0.0.1:1", "--count", "2", "--json"])
        .lines(3);
    assert_eq!(refused[2]["failures"], serde_json::json!({"refused": 2}));
    assert_eq!(
        (&refused[0]["attempts"][0]["status"], &refused[2]["p50_ms"]),
        (&Value::Null, &Value::Null)
    );

    let request = home
        .run(&[&["send", "cost.alert", "--dry-run", "--json"], &FIXED[..]].concat())
        .line(0);
    assert_eq!(keys(&request), ["type", "method", "url", "headers", "body"]);
    assert_eq!(
        (&request["type"], &request["method"]),
        (&"request".into(), &"POST".into())
    );
    let printed = home
        .run(&[&["send", "cost.alert", "--dry-run", "--print", "json"], &FIXED[..]].concat())
        .line(0);
    assert_eq!(printed, request);

    home.write("body", b"\xff");
    let request = home
        .run(&["send", "./body", "--provider", "costkatana", "--dry-run", "--json"])
        .line(0);
    assert_eq!(request["body_base64"], "/w==");

    let signature = home
        .run(&[&["sign", "body", "--provider", "costkatana", "--json"], &FIXED[..]].concat())
        .line(0);
    assert_eq!(
        keys(&signature),
        ["type", "provider", "dialect", "timestamp", "headers", "signed_bytes"]
    );
    assert_eq!(
        (&signature["timestamp"], &signature["signed_bytes"]),
        (&"1778241600000".into(), &15.into())
    );

    let verdict = home
        .run(&["verify", "body", "--provider", "costkatana", "--json"])
        .line(1);
    assert_eq!(
        (keys(&verdict), &verdict["type"]),
        (VERDICT.to_vec(), &"verdict".into())
    );

    let event = &home.run(&["events", "--json"]).lines(0)[0];
    assert_eq!(
        keys(event),
        ["type", "event_type", "provider", "documented", "description"]
    );
    let payload = home.run(&["events", "cost.alert", "--json"]).line(0);
    assert_eq!(
        keys(&payload),
        ["type", "event_type", "provider", "dialect", "documented", "body"]
    );
    let provider = &home.run(&["providers", "--json"]).lines(0)[0];
    assert_eq!(
        keys(provider),
        [
            "type",
            "provider",
            "dialect",
            "title",
            "about",
            "docs",
            "checked",
            "origin",
            "dialects",
            "events",
            "path",
            "secret_env",
            "signature_headers"
        ]
    );
    let check = &home.run(&["providers", "test", "quotawatch", "--json"]).lines(0)[0];
    assert_eq!(keys(check), ["type", "provider", "dialect", "subject", "ok", "detail"]);
}

#[test]
fn talk_stays_off_stdout_and_colour_off_pipes() {
    let home = Home::new();
    for args in [
        &["send", "cost.alert"][..],
        &["events"],
        &["providers"],
        &["send", "cost.alert", "--dry-run"],
        &["send", "no.event"],
    ] {
        let plain = home.run(args);
        assert!(
            !plain.stdout.contains(&0x1b) && !plain.stderr.contains('\u{1b}'),
            "{args:?}"
        );
        assert!(!String::from_utf8_lossy(&plain.stdout).contains("note:"));
        let coloured = home.run(&[args, &["--color", "always"]].concat());
        let exact = args.contains(&"--dry-run");
        assert_eq!(
            coloured.stdout.contains(&0x1b) || coloured.stderr.contains('\u{1b}'),
            !exact,
            "{args:?}"
        );
        let forced = home
            .ckwh(args)
            .env("CLICOLOR_FORCE", "1")
            .env("WEBHOOK_SECRET", "x")
            .output()
            .unwrap();
        assert_eq!(
            forced.stdout.contains(&0x1b) || forced.stderr.contains(&0x1b),
            !exact,
            "{args:?}"
        );
        let never = home
            .ckwh(&[args, &["--color", "never"]].concat())
            .env("CLICOLOR_FORCE", "1")
            .output()
            .unwrap();
        assert!(
            !never.stdout.contains(&0x1b) && !never.stderr.contains(&0x1b),
            "{args:?}"
        );
    }
}
