//! `send` over real HTTP: what arrives, how often, and how the run ends.

use std::collections::BTreeSet;
use std::fs;

use super::support::Home;
use crate::receiver::{Receiver, Reply, status};
use crate::{FIXED, header};

/// Every way of sending one message, with the provider and the event.
const EVENTS: [(&str, &str, &str); 6] = [
    ("costkatana", "documented", "cost.alert"),
    ("costkatana", "template", "budget.exceeded"),
    ("costkatana", "current", "optimization.suggested"),
    ("costkatana", "examples", "agent.task_failed"),
    ("quotawatch", "default", "quota.threshold_reached"),
    ("quotawatch", "docs", "quota.threshold_reached"),
];

#[test]
fn what_arrives_is_what_a_dry_run_shows() {
    let home = Home::new();
    for (provider, dialect, event) in EVENTS {
        let receiver = Receiver::start(|seen| {
            assert_eq!(seen.method, "POST");
            status(200)
        });
        let to = format!("{}/some/path?a=b", receiver.address());
        let args = [
            &["send", event, "--provider", provider, "--dialect", dialect, "--to", &to][..],
            &FIXED,
        ]
        .concat();
        let shown = home
            .run(&[&args[..], &["--dry-run", "--print", "json"]].concat())
            .line(0);
        home.run(&args).text(0);
        let [seen] = &receiver.seen()[..] else {
            panic!("one delivery, one request")
        };
        assert_eq!(seen.target, "/some/path?a=b");
        assert_eq!(
            seen.body,
            shown["body"].as_str().unwrap().as_bytes(),
            "{provider} {dialect}"
        );
        let arrived: BTreeSet<(String, String)> = seen
            .headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
            .collect();
        let announced: BTreeSet<(String, String)> = shown["headers"]
            .as_array()
            .unwrap()
            .iter()
            .map(|pair| {
                (
                    pair[0].as_str().unwrap().to_ascii_lowercase(),
                    pair[1].as_str().unwrap().into(),
                )
            })
            .collect();
        assert_eq!(arrived, announced, "{provider} {dialect}");
        assert_eq!(arrived.len(), seen.headers.len(), "no header twice");
    }
}

#[test]
fn a_printed_request_and_a_printed_curl_line_are_the_same_request() {
    let home = Home::new();
    let dry = ["send", "cost.alert", "--to", "127.0.0.1:1", "--dry-run", "--print"];
    let print = |format| home.run(&[&dry[..], &[format], &FIXED].concat());
    let json = print("json").line(0);
    let http = print("http");
    let http = http.text(0);
    let (head, body) = http.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, json["body"].as_str().unwrap());
    assert_eq!(head.lines().next(), Some("POST /webhooks/costkatana HTTP/1.1"));
    let words = shlex::split(print("curl").text(0)).unwrap();
    assert_eq!(words.last().unwrap(), body);
    for line in head.lines().skip(1) {
        let is_own = line.starts_with("Content-Length:");
        assert_eq!(words.iter().any(|word| word == line), !is_own, "{line}");
        let (name, value) = line.split_once(": ").unwrap();
        assert_eq!(header(&json, name), Some(value));
    }
}

#[test]
fn a_file_is_sent_byte_for_byte() {
    let home = Home::new();
    for bytes in [
        &b""[..],
        b"{\"a\": 1}\r\n",
        b"\xff\0\xfe",
        "\u{feff}{}".as_bytes(),
        &[b'x'; 300_000],
    ] {
        let receiver = Receiver::start(|_| status(204));
        home.write("body", bytes);
        let to = receiver.address();
        home.run(&["send", "./body", "--provider", "quotawatch", "--to", &to])
            .text(0);
        home.run_with(&["send", "-", "--provider", "quotawatch", "--to", &to], bytes)
            .text(0);
        for seen in receiver.seen() {
            assert_eq!(seen.body, bytes);
        }
        assert_eq!(receiver.seen().len(), 2);
    }
}

#[test]
fn a_header_of_the_user_replaces_the_providers() {
    let home = Home::new();
    let receiver = Receiver::start(|_| status(200));
    let more = [
        "-H",
        "user-agent: mine",
        "-H",
        "X-New: 1",
        "-H",
        "X-New:2",
        "-H",
        "X-CostKatana-Signature: sha256=00",
    ];
    home.run(&[&["send", "cost.alert", "--to", &receiver.address()], &more[..]].concat())
        .text(0);
    let seen = &receiver.seen()[0];
    let of = |name: &str| {
        let own = seen.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        own.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(of("User-Agent"), ["mine"]);
    assert_eq!(of("X-New"), ["1", "2"]);
    assert_eq!(of("X-CostKatana-Signature"), ["sha256=00"]);
}

#[test]
fn targets_are_understood_and_a_path_that_was_chosen_is_said() {
    let home = Home::new();
    let receiver = Receiver::start(|_| status(200));
    let address = receiver.address();
    let port = address.rsplit(':').next().unwrap();
    let long = format!("http://{address}/hook?x=%20#part");
    for (to, target, says) in [
        (port, "/webhooks/costkatana", true),
        (&format!("localhost:{port}"), "/webhooks/costkatana", true),
        (&format!("localhost:{port}/"), "/", false),
        (&format!(":{port}/a/b"), "/a/b", false),
        (&long, "/hook?x=%20", false),
        (&format!("{address}?x=1"), "/webhooks/costkatana?x=1", true),
    ] {
        let sent = home.run(&["send", "cost.alert", "--to", to]);
        sent.text(0);
        assert_eq!(sent.stderr.contains("documented one"), says, "{to}: {}", sent.stderr);
        let seen = receiver.seen().pop().unwrap();
        assert_eq!(seen.target, target, "{to}");
        assert!(seen.header("host").unwrap().ends_with(port), "{to}");
    }
}

#[test]
fn every_delivery_of_many_is_an_event_of_its_own() {
    let home = Home::new();
    let receiver = Receiver::start(|_| status(200));
    let to = receiver.address();
    let sent = home.run(&[
        "send",
        "cost.alert",
        "--to",
        &to,
        "--count",
        "5",
        "--rate",
        "1000/s",
        "--json",
    ]);
    let lines = sent.lines(0);
    let ids: BTreeSet<_> = lines[..5].iter().map(|line| line["event_id"].to_string()).collect();
    assert_eq!(ids.len(), 5);
    assert_eq!((&lines[5]["type"], &lines[5]["ok"]), (&"summary".into(), &5.into()));
    let bodies: BTreeSet<_> = receiver.seen().into_iter().map(|seen| seen.body).collect();
    assert_eq!(bodies.len(), 5);
}

#[test]
fn as_many_are_under_way_as_asked() {
    let home = Home::new();
    // Nothing is answered before three are there: two at a time would wait for ever.
    let receiver = Receiver::in_groups(3, |group| group.iter().map(|_| status(200)).collect());
    let to = receiver.address();
    let args = ["--count", "6", "--concurrency", "3", "--timeout", "20s", "--json"];
    let sent = home.run(&[&["send", "cost.alert", "--to", &to], &args[..]].concat());
    assert_eq!(sent.lines(0)[6]["ok"], 6);
}

#[test]
fn the_run_ends_as_the_worst_delivery_did() {
    let home = Home::new();
    for (statuses, more, expected) in [
        ([200, 204], &[][..], 0),
        ([200, 500], &[], 1),
        ([401, 401], &["--expect", "401"], 0),
        ([401, 200], &["--expect", "4xx|200"], 0),
        ([302, 302], &[], 1),
    ] {
        let mut script = statuses.into_iter();
        let receiver = Receiver::start(move |_| status(script.next().unwrap()));
        let to = receiver.address();
        let sent = home.run(&[&["send", "cost.alert", "--to", &to, "--count", "2"], more].concat());
        sent.text(expected);
        assert_eq!(receiver.seen().len(), 2);
    }
}

#[test]
fn expectations_are_met_or_named() {
    let home = Home::new();
    for (more, expected, says) in [
        (&["--expect", "2xx"][..], 0, ""),
        (&["--expect", "201|200"], 0, ""),
        (&["--expect", "404"], 1, "expected 404, got 200"),
        (&["--expect-body", "hello"], 0, ""),
        (&["--expect-body", "nothing like it"], 1, "nothing like it"),
        (&["--expect-within", "10m"], 0, ""),
        (&["--expect-within", "0"], 1, "0"),
    ] {
        let receiver = Receiver::start(|_| Reply {
            body: b"oh hello there".to_vec(),
            ..status(200)
        });
        let to = receiver.address();
        let args = [&["send", "cost.alert", "--to", &to], more].concat();
        let delivery = home.run(&[&args[..], &["--json"]].concat()).line(expected);
        assert_eq!(delivery["ok"], expected == 0, "{more:?}");
        let unmet = delivery["unmet"].as_array().unwrap();
        assert_eq!(unmet.is_empty(), expected == 0, "{more:?}");
        assert!(
            unmet.iter().all(|text| text.as_str().unwrap().contains(says)),
            "{more:?} {unmet:?}"
        );
        let human = home.run(&args);
        assert!(human.text(expected).contains(says), "{more:?}");
    }
}

#[test]
fn redirects_are_followed_only_where_asked() {
    let home = Home::new();
    let handler = |seen: &crate::receiver::Seen| match seen.target.as_str() {
        "/old" => Reply {
            headers: vec![("Location", "/new".into())],
            ..status(307)
        },
        "/new" => status(200),
        other => panic!("{other}"),
    };
    let receiver = Receiver::start(handler);
    let to = format!("{}/old", receiver.address());
    home.run(&["send", "cost.alert", "--to", &to, "--expect", "307"])
        .text(0);
    assert_eq!(receiver.seen().len(), 1);
    home.run(&["send", "cost.alert", "--to", &to, "--follow"]).text(0);
    let seen = receiver.seen();
    assert_eq!((seen.len(), &seen[1].body), (3, &seen[2].body));
}

/// Copies of the providers that wait a moment only before they try again.
fn impatient(home: &Home) {
    for (from, slow, quick) in [
        ("quotawatch", r#"["2s", "4s", "8s"]"#, r#"["1ms"]"#),
        ("costkatana", r#"first = "5s""#, r#"first = "1ms""#),
    ] {
        let name = format!("quick-{from}");
        home.run(&["providers", "new", &name, "--from", from]).text(0);
        let table = home.work().join(format!(".ckwh/providers/{name}/provider.toml"));
        let text = fs::read_to_string(&table).unwrap();
        assert!(text.contains(slow));
        fs::write(&table, text.replace(slow, quick)).unwrap();
        home.run(&["trust", table.parent().unwrap().to_str().unwrap()]).text(0);
    }
}

#[test]
fn what_is_tried_again_is_what_the_provider_tries_again() {
    let home = Home::new();
    impatient(&home);
    let (costkatana, quotawatch) = (
        ("quick-costkatana", "cost.alert"),
        ("quick-quotawatch", "quota.threshold_reached"),
    );
    for ((provider, event), answers, retry, expected, attempts) in [
        (quotawatch, &[500, 200][..], "--retry", 0, 2),
        (quotawatch, &[401, 302, 404, 200], "--retry", 0, 4),
        (quotawatch, &[400, 400, 400, 400, 200], "--retry", 1, 4),
        (quotawatch, &[400, 400, 200], "--retry=1", 1, 2),
        (quotawatch, &[500, 500, 500, 500, 500, 200], "--retry=5", 0, 6),
        (quotawatch, &[500], "--retry=0", 1, 1),
        (costkatana, &[503, 500, 200], "--retry", 0, 3),
        (costkatana, &[401], "--retry", 1, 1),
        (costkatana, &[302], "--retry=3", 1, 1),
        (costkatana, &[500, 404], "--retry", 1, 2),
        (costkatana, &[500, 500], "--retry=1", 1, 2),
    ] {
        let mut script = answers.iter().copied();
        let receiver = Receiver::start(move |_| status(script.next().expect("no attempt too many")));
        let to = receiver.address();
        let sent = home.run(&["send", event, "--provider", provider, "--to", &to, retry, "--json"]);
        let delivery = sent.line(expected);
        let told: Vec<u64> = delivery["attempts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|attempt| attempt["status"].as_u64().unwrap())
            .collect();
        assert_eq!(
            told,
            answers[..attempts]
                .iter()
                .map(|status| u64::from(*status))
                .collect::<Vec<_>>()
        );
        let seen = receiver.seen();
        assert_eq!(seen.len(), attempts, "{provider} {answers:?} {retry}");
        // Both providers send the same headers and body again, the signature included.
        assert!(seen.iter().all(|other| *other == seen[0]), "{provider} {answers:?}");
    }
}

#[test]
fn a_refused_connection_is_tried_again_where_the_provider_does() {
    let home = Home::new();
    impatient(&home);
    for (provider, event, attempts) in [
        ("quick-quotawatch", "quota.threshold_reached", 4),
        ("quick-costkatana", "cost.alert", 1),
    ] {
        let sent = home.run(&[
            "send",
            event,
            "--provider",
            provider,
            "--to",
            "127.0.0.1:1",
            "--retry",
            "--json",
        ]);
        assert_eq!(
            sent.line(3)["attempts"].as_array().unwrap().len(),
            attempts,
            "{provider}"
        );
    }
}

#[test]
fn without_retry_nothing_is_tried_again() {
    let home = Home::new();
    let receiver = Receiver::start(|_| status(500));
    let to = receiver.address();
    home.run(&["send", "quota.threshold_reached", "--to", &to]).text(1);
    assert_eq!(receiver.seen().len(), 1);
}

#[test]
fn a_fresh_signature_is_made_where_the_provider_makes_one() {
    let home = Home::new();
    impatient(&home);
    let table = home.work().join(".ckwh/providers/quick-costkatana/provider.toml");
    let text = fs::read_to_string(&table).unwrap();
    fs::write(&table, text.replace(r#"signature = "same""#, r#"signature = "fresh""#)).unwrap();
    home.run(&["trust"]).text(0);
    let mut script = [500, 500, 200].into_iter();
    let receiver = Receiver::start(move |_| status(script.next().unwrap()));
    let to = receiver.address();
    home.run(&[
        "send",
        "cost.alert",
        "--provider",
        "quick-costkatana",
        "--to",
        &to,
        "--retry",
    ])
    .text(0);
    let seen = receiver.seen();
    assert!(seen.iter().all(|other| other.body == seen[0].body));
    let timestamps: Vec<u64> = seen
        .iter()
        .map(|seen| seen.header("x-costkatana-timestamp").unwrap().parse().unwrap())
        .collect();
    let signatures: BTreeSet<_> = seen.iter().map(|seen| seen.header("x-costkatana-signature")).collect();
    assert!(
        timestamps.is_sorted() && timestamps[0] < timestamps[2],
        "{timestamps:?}"
    );
    assert!(signatures.len() > 1);
}

#[test]
fn each_fault_is_one_fault() {
    let home = Home::new();
    let receiver = Receiver::start(|_| status(200));
    let to = receiver.address();
    let send = |more: &[&str]| {
        home.run(&[&["send", "cost.alert", "--to", &to], &FIXED[..], more].concat())
            .text(0);
        receiver.seen().pop().unwrap()
    };
    let right = send(&[]);
    for (fault, changed) in [
        ("signature", &["x-costkatana-signature"][..]),
        ("body", &["body"]),
        ("timestamp", &["x-costkatana-timestamp"]),
        ("secret", &["x-costkatana-signature"]),
        ("header", &["x-costkatana-signature"]),
    ] {
        let broken = send(&["--break", fault]);
        let mut different: Vec<&str> = Vec::new();
        if broken.body != right.body {
            different.push("body");
            assert!(serde_json::from_slice::<serde_json::Value>(&broken.body).is_ok());
            assert_eq!(broken.body.len(), right.body.len());
        }
        for (name, value) in &right.headers {
            if broken.header(name) != Some(value) {
                different.push(name);
            }
        }
        let different: Vec<String> = different.iter().map(|name| name.to_ascii_lowercase()).collect();
        assert_eq!(different, changed, "{fault}");
        let there = broken.header("x-costkatana-signature").is_some();
        assert_eq!(there, fault != "header");
    }
    assert_eq!(send(&["--no-sign"]).header("x-costkatana-signature"), None);
    let stale = send(&["--break", "stale"]);
    assert_eq!(
        stale.header("x-costkatana-timestamp"),
        Some("1778238000000"),
        "an hour before"
    );
}

#[test]
fn without_a_target_what_arrived_is_shown_with_its_verdict() {
    let home = Home::new();
    let sent = home.run(&["send", "cost.alert", "--json"]);
    let lines = sent.lines(0);
    let types: Vec<_> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["delivery", "request", "verdict"]);
    assert_eq!(
        (&lines[2]["valid"], &lines[2]["reason"]),
        (&true.into(), &"valid".into())
    );
    assert_eq!(lines[2]["matched_secret"], "WEBHOOK_SECRET");
    let broken = home.run(&["send", "cost.alert", "--json", "--break", "body"]);
    assert_eq!(broken.lines(1)[2]["reason"], "mismatch");
    let mut bare = home.ckwh(&["send", "cost.alert"]);
    let first = crate::run(&mut bare, b"");
    assert!(first.text(0).contains("the signature matches"));
    assert!(first.stderr.contains("throw-away"));
}
