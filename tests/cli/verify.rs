//! `verify`: every verdict, from every form of input.

use serde_json::json;

use super::support::Home;
use crate::{FIXED, SECRET, header};

const AT: [&str; 2] = ["--at", "2026-05-08T12:00:00Z"];

/// The signed request of an event as raw HTTP.
fn signed(home: &Home, event: &str, more: &[&str]) -> String {
    let args = ["send", event, "--to", "127.0.0.1:1", "--dry-run", "--print", "http"];
    home.run(&[&args[..], &FIXED, more].concat()).text(0).to_owned()
}

#[test]
fn every_reason_is_told_with_what_is_known_of_the_signature() {
    let home = Home::new();
    let right = signed(&home, "cost.alert", &[]);
    let signature = right
        .lines()
        .find(|line| line.starts_with("X-CostKatana-Signature"))
        .unwrap();
    let without = |line: &str| right.replace(&format!("{line}\r\n"), "");
    let edited = |from: &str, to: &str| right.replacen(from, to, 1);
    let timestamp = "X-CostKatana-Timestamp: 1778241600000";
    let other = ["--secret", "another secret"];
    for (name, request, more, status, reason, state) in [
        ("right", right.clone(), &AT[..], 0, "valid", "match"),
        (
            "at the limit",
            right.clone(),
            &["--at", "2026-05-08T12:05:00Z"],
            0,
            "valid",
            "match",
        ),
        (
            "no tolerance",
            right.clone(),
            &["--at", "2036-01-01T00:00:00Z", "--tolerance", "0"],
            0,
            "valid",
            "match",
        ),
        (
            "old",
            right.clone(),
            &["--at", "2026-05-08T12:05:01Z"],
            1,
            "stale",
            "match",
        ),
        (
            "strict",
            right.clone(),
            &["--at", "2026-05-08T12:00:02Z", "--tolerance", "1s"],
            1,
            "stale",
            "match",
        ),
        (
            "ahead",
            right.clone(),
            &["--at", "2026-05-08T11:54:59Z"],
            1,
            "future",
            "match",
        ),
        (
            "old and wrong",
            edited("high", "higj"),
            &["--at", "2030-01-01T00:00:00Z"],
            1,
            "mismatch",
            "mismatch",
        ),
        ("body", edited("high", "higj"), &AT, 1, "mismatch", "mismatch"),
        (
            "time",
            edited("1778241600000", "1778241600001"),
            &AT,
            1,
            "mismatch",
            "mismatch",
        ),
        (
            "secret",
            right.clone(),
            &[AT[0], AT[1], other[0], other[1]],
            1,
            "mismatch",
            "mismatch",
        ),
        (
            "unsigned",
            without(signature),
            &["--provider", "costkatana"],
            1,
            "missing-header",
            "absent",
        ),
        ("no time", without(timestamp), &AT, 1, "missing-header", "unchecked"),
        (
            "no prefix",
            edited("sha256=", ""),
            &["--provider", "costkatana", "--dialect", "documented"],
            1,
            "malformed-header",
            "unchecked",
        ),
        (
            "bad time",
            edited("1778241600000", "soon"),
            &AT,
            1,
            "malformed-header",
            "unchecked",
        ),
        (
            "cut short",
            edited(signature, &signature[..signature.len() - 2]),
            &AT,
            1,
            "mismatch",
            "mismatch",
        ),
        (
            "upper case",
            edited(signature, &signature.to_uppercase().replace("SHA256", "sha256")),
            &AT,
            1,
            "mismatch",
            "mismatch",
        ),
        ("stranger", without(signature), &AT, 1, "unrecognised", "unchecked"),
    ] {
        home.write("request", &request);
        let args = [&["verify", "request"][..], more].concat();
        let verdict = home.run(&[&args[..], &["--json"]].concat()).line(status);
        assert_eq!(
            (&verdict["reason"], &verdict["signature"]),
            (&json!(reason), &json!(state)),
            "{name}: {verdict}"
        );
        assert_eq!(verdict["valid"], status == 0);
        let told = ["mismatch", "stale", "future", "missing-header", "malformed-header"].contains(&reason);
        let causes = verdict["causes"].as_array().unwrap();
        assert_eq!(told, !causes.is_empty(), "{name}: {causes:?}");
        let human = home.run(&args);
        assert!(
            human.text(status).contains(&reason.replace('-', " ")),
            "{name}: {human:?}"
        );
    }
    home.write("request", &right);
    let verdict = crate::run(&mut home.ckwh(&["verify", "request", "--json"]), b"").line(1);
    assert_eq!(
        (&verdict["reason"], &verdict["signature"]),
        (&json!("no-secret"), &json!("unchecked"))
    );
    assert!(verdict["detail"].as_str().unwrap().contains("WEBHOOK_SECRET"));
}

#[test]
fn two_timestamps_are_never_trusted() {
    let home = Home::new();
    let right = signed(&home, "cost.alert", &[]);
    for extra in ["X-CostKatana-Timestamp: 1778241600001", "x-costkatana-timestamp: 1"] {
        home.write("request", right.replacen("\r\n", &format!("\r\n{extra}\r\n"), 1));
        let verdict = home.run(&[&["verify", "request", "--json"], &AT[..]].concat()).line(1);
        assert_eq!(verdict["reason"], "malformed-header");
    }
}

#[test]
fn the_dialect_is_found_in_the_request() {
    let home = Home::new();
    for (event, dialect, provider) in [
        ("cost.alert", "documented", "costkatana"),
        ("cost.alert", "template", "costkatana"),
        ("cost.alert", "current", "costkatana"),
        ("cost.alert", "examples", "costkatana"),
        ("quota.threshold_reached", "default", "quotawatch"),
    ] {
        let request = signed(&home, event, &["--dialect", dialect]);
        let verdict = home
            .run_with(&[&["verify", "-", "--json"], &AT[..]].concat(), request.as_bytes())
            .line(0);
        assert_eq!(
            (&verdict["provider"], &verdict["dialect"]),
            (&json!(provider), &json!(dialect))
        );
        assert_eq!(
            verdict["matched_secret"]
                .as_str()
                .map(|name| name.ends_with("WEBHOOK_SECRET")),
            Some(true)
        );
    }
}

#[test]
fn one_request_is_the_same_in_every_form() {
    let home = Home::new();
    let raw = signed(&home, "cost.alert", &["--set", "title=naïve ☕"]);
    let (head, body) = raw.split_once("\r\n\r\n").unwrap();
    let fields: Vec<(&str, &str)> = head
        .lines()
        .skip(1)
        .map(|line| line.split_once(": ").unwrap())
        .collect();
    let dry = [
        "send",
        "cost.alert",
        "--to",
        "127.0.0.1:1",
        "--dry-run",
        "--json",
        "--set",
        "title=naïve ☕",
    ];
    let jsonl = home.run(&[&dry[..], &FIXED].concat());
    let har_fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| json!({"name": name, "value": value}))
        .collect();
    let har = json!({"log": {"version": "1.2", "entries": [{"startedDateTime": "2026-05-08T12:00:00Z", "request": {
        "method": "POST", "url": "http://127.0.0.1:1/x", "headers": har_fields,
        "postData": {"mimeType": "application/json", "text": body}}}]}});
    let chunked: String = head
        .lines()
        .map(|line| {
            if line.starts_with("Content-Length") {
                "Transfer-Encoding: chunked"
            } else {
                line
            }
        })
        .map(|line| format!("{line}\r\n"))
        .collect();
    let (first, second) = body.as_bytes().split_at(7);
    let chunks = [
        chunked.as_bytes(),
        b"\r\n7\r\n",
        first,
        format!("\r\n{:x}\r\n", second.len()).as_bytes(),
        second,
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    let lf = format!("{}\n\n{body}", head.replace("\r\n", "\n"));
    for (form, bytes) in [
        ("raw HTTP", raw.as_bytes()),
        ("raw HTTP as an editor saves it", lf.as_bytes()),
        ("chunks", &chunks),
        ("JSON lines", &jsonl.stdout),
        ("HAR", har.to_string().as_bytes()),
    ] {
        let verdict = home
            .run_with(&[&["verify", "-", "--json"], &AT[..]].concat(), bytes)
            .line(0);
        assert_eq!(verdict["valid"], true, "{form}");
    }
    let lines: Vec<String> = fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let headers: Vec<&str> = lines.iter().flat_map(|line| ["-H", line]).collect();
    home.write("body.json", body);
    home.run(&[&["verify", "body.json"], &AT[..], &headers].concat())
        .text(0);
    home.write("body.json", format!("{body}\n"));
    let verdict = home
        .run(&[&["verify", "body.json", "--json"], &AT[..], &headers].concat())
        .line(1);
    assert_eq!(verdict["reason"], "mismatch", "a line break at the end counts");
}

#[test]
fn every_request_of_a_file_is_judged_and_one_bad_one_is_a_no() {
    let home = Home::new();
    let dry = [
        "send",
        "cost.alert",
        "--to",
        "127.0.0.1:1",
        "--dry-run",
        "--json",
        "--timestamp",
        FIXED[1],
    ];
    let right = home.run(&dry).text(0).to_owned();
    let wrong = home
        .run(&[&dry[..], &["--break", "secret"]].concat())
        .text(0)
        .to_owned();
    let verdicts = |text: String, status| {
        let run = home.run_with(&[&["verify", "-", "--json"], &AT[..]].concat(), text.as_bytes());
        run.lines(status)
            .iter()
            .map(|line| line["valid"] == true)
            .collect::<Vec<_>>()
    };
    assert_eq!(verdicts(right.repeat(3), 0), [true; 3]);
    assert_eq!(verdicts(format!("{right}{wrong}{right}"), 1), [true, false, true]);
}

#[test]
fn what_sign_prints_verifies() {
    let home = Home::new();
    home.write("body", b"\xff any bytes \0");
    for (provider, dialect) in [
        ("costkatana", "documented"),
        ("costkatana", "current"),
        ("costkatana", "examples"),
        ("quotawatch", "default"),
    ] {
        let named = ["--provider", provider, "--dialect", dialect];
        let signed = home.run(&[&["sign", "body"], &named[..]].concat());
        let headers: Vec<&str> = signed.text(0).lines().flat_map(|line| ["-H", line]).collect();
        home.run(&[&["verify", "body"], &named[..], &headers].concat()).text(0);
        let json = home
            .run(&[&["sign", "body", "--json"], &named[..], &FIXED].concat())
            .line(0);
        let value = home.run(&[&["sign", "body", "--print", "value"], &named[..], &FIXED].concat());
        let name = value_header(dialect, provider);
        assert_eq!(header(&json, name), Some(value.text(0).trim_end()), "{dialect}");
    }
}

fn value_header(dialect: &str, provider: &str) -> &'static str {
    match (provider, dialect) {
        ("quotawatch", _) => "X-QuotaWatch-Signature",
        (_, "current") => "X-Webhook-Signature",
        _ => "X-CostKatana-Signature",
    }
}

#[test]
fn an_event_is_signed_with_the_body_that_is_written_out() {
    let home = Home::new();
    let signed = home.run(&["sign", "cost.alert", "--body-out", "out.json"]);
    let headers: Vec<&str> = signed.text(0).lines().flat_map(|line| ["-H", line]).collect();
    home.run(&[&["verify", "out.json"][..], &headers].concat()).text(0);
    // What comes in by a pipe is gone once it is signed, unless it is kept.
    let piped = home.run_with(
        &["sign", "-", "--provider", "costkatana", "--body-out", "kept"],
        b"\xff{}",
    );
    let headers: Vec<&str> = piped.text(0).lines().flat_map(|line| ["-H", line]).collect();
    home.run(&[&["verify", "kept"][..], &headers].concat()).text(0);
    assert_eq!(std::fs::read(home.work().join("kept")).unwrap(), b"\xff{}");
}

#[test]
fn the_age_is_told_at_the_time_of_judging() {
    let home = Home::new();
    let request = signed(&home, "cost.alert", &[]);
    for (at, age) in [("2026-05-08T12:00:01.5Z", 1500), ("2026-05-08T11:59:00Z", -60_000)] {
        let verdict = home
            .run_with(&["verify", "-", "--json", "--at", at], request.as_bytes())
            .line(0);
        assert_eq!(verdict["timestamp_age_ms"], age);
    }
}

#[test]
fn the_url_that_was_signed_can_be_named() {
    let home = Home::new();
    home.write(
        ".ckwh/providers/urls/provider.toml",
        crate::providers::TABLE.replace("[\"{body}\"]", "[\"{url}\", \"{body}\"]"),
    );
    home.write(".ckwh/providers/urls/thing.done.json", r#"{"a":1}"#);
    let public = "https://example.com/in?x=1";
    let sign = |url: &str| {
        let signed = home.run(&[
            "send",
            "thing.done",
            "--to",
            "127.0.0.1:1",
            "--dry-run",
            "--public-url",
            url,
            "--secret",
            SECRET,
        ]);
        signed.text(0).to_owned()
    };
    let request = sign(public);
    let verify = |url: &str| {
        let args = [
            "verify",
            "-",
            "--provider",
            "urls",
            "--secret",
            SECRET,
            "--json",
            "--public-url",
            url,
        ];
        home.run_with(&args, request.as_bytes())
    };
    assert_eq!(verify(public).line(0)["valid"], true);
    assert_eq!(verify("https://example.com/in").line(1)["reason"], "mismatch");
}

/// A whole line of an `.env` file as the key, with a name that its provider's table has and no list of common ones.
#[test]
fn a_line_of_the_providers_own_variable_is_told() {
    let home = Home::new();
    let sent = [
        "send",
        "tally",
        "FORM_RESPONSE",
        "--dry-run",
        "--secret",
        "TALLY_SIGNING_SECRET=abc123",
    ];
    let sent = home.run(&sent);
    let verified = home
        .run_with(&["verify", "-", "--json", "--secret", "abc123"], &sent.stdout)
        .line(1);
    let cause = &verified["causes"][0];
    assert_eq!(cause["kind"], "secret.prefix", "{verified}");
    assert!(
        cause["detail"].as_str().unwrap().contains("TALLY_SIGNING_SECRET=…"),
        "{verified}"
    );
}
