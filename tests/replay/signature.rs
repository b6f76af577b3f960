//! Bytes, headers and signatures.

use std::fs;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ckwh::capture::{Delivered, DeliveryKind, Outcome};
use ckwh::store::wait;

use crate::receiver::Receiver;
use crate::support::{Home, run};
use crate::{is_signed, number};

#[test]
fn every_body_arrives_byte_for_byte_signed_anew_and_in_order() {
    let home = Home::new();
    let captures = home.fill(1000);
    let receiver = Receiver::start(|_| Some(200));
    let ran = home.replay(&["--json", "--all", "--to", &receiver.to()]);
    let summary = ran.summary(0);
    assert_eq!([&summary["ok"], &summary["failed"], &summary["skipped"]], [1000, 0, 0]);
    let seen = receiver.stop();
    assert_eq!(seen.len(), captures.len());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    for (index, (seen, capture)) in seen.iter().zip(&captures).enumerate() {
        assert_eq!(number(seen), index + 1, "order");
        assert_eq!(seen.target, capture.target());
        assert_eq!(seen.body, capture.message.body);
        assert!(is_signed(seen), "{seen:?}");
        if let Some(timestamp) = seen.header("x-costkatana-timestamp") {
            let timestamp: u128 = timestamp.parse().unwrap();
            assert!(now.abs_diff(timestamp) < 300_000, "{timestamp}");
            let several = seen.headers.iter().filter(|(name, _)| name == "x-several");
            assert_eq!(
                several.map(|(_, value)| value.as_slice()).collect::<Vec<_>>(),
                [b"1", b"2"]
            );
        }
        assert_eq!(seen.header("host").unwrap(), receiver_host(seen), "made anew");
        assert_eq!(seen.header("content-length").unwrap(), seen.body.len().to_string());
        assert!(seen.header("x-hop").is_none() && seen.header("transfer-encoding").is_none());
    }
}

#[test]
fn what_waits_for_a_slow_receiver_is_signed_when_it_goes_out() {
    let home = Home::new();
    home.fill(5);
    let receiver = Receiver::start(|_| {
        thread::sleep(Duration::from_millis(300));
        Some(200)
    });
    home.replay(&["--json", "--all", "--to", &receiver.to()]).summary(0);
    let seen = receiver.stop();
    for pair in seen.windows(2).filter(|pair| number(&pair[1]) % 2 == 1) {
        assert!(is_signed(&pair[1]), "{:?}", pair[1]);
        let timestamp: i64 = pair[1].header("x-costkatana-timestamp").unwrap().parse().unwrap();
        assert!(timestamp >= pair[0].at.as_millisecond(), "{pair:?}");
    }
}

fn receiver_host(seen: &crate::receiver::Seen) -> &str {
    let host = seen.header("host").unwrap();
    assert!(host.starts_with("127.0.0.1:"), "{host}");
    host
}

#[test]
fn a_kept_signature_goes_out_as_it_came_with_a_warning() {
    let home = Home::new();
    home.fill(4);
    let receiver = Receiver::start(|_| Some(200));
    let mut command = home.replaying(&["replay", "--all", "--keep-signature", "--to", &receiver.to()]);
    command
        .env_remove("WEBHOOK_SECRET")
        .env_remove("QUOTAWATCH_WEBHOOK_SECRET");
    let ran = run(&mut command, b"");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("2 signatures are outside their tolerance"),
        "{}",
        ran.stderr
    );
    let seen = receiver.stop();
    assert_eq!(seen[0].header("x-costkatana-signature"), Some("sha256=00"));
    assert_eq!(seen[0].header("x-costkatana-timestamp"), Some("1700000000000"));
    assert_eq!(seen[1].header("x-quotawatch-signature"), Some("sha256=00"));
}

#[test]
fn without_its_secret_a_capture_is_listed_and_not_sent() {
    let home = Home::new();
    home.fill(4);
    let receiver = Receiver::start(|_| Some(200));
    let mut command = home.replaying(&["replay", "--json", "--all", "--to", &receiver.to()]);
    command.env_remove("QUOTAWATCH_WEBHOOK_SECRET");
    let ran = run(&mut command, b"");
    let skipped: Vec<_> = ran
        .lines(1)
        .into_iter()
        .filter(|line| line["type"] == "skipped")
        .collect();
    assert_eq!(skipped.iter().map(|line| &line["capture"]).collect::<Vec<_>>(), [2, 4]);
    assert!(
        skipped[0]["reason"]
            .as_str()
            .unwrap()
            .contains("QUOTAWATCH_WEBHOOK_SECRET")
    );
    assert_eq!(receiver.stop().iter().map(number).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn an_edited_body_and_a_fresh_id_are_signed() {
    let home = Home::new();
    home.fill(1);
    let receiver = Receiver::start(|_| Some(200));
    let ran = home.replay(&[
        "1",
        "--set",
        "n=7",
        "--unset",
        "t",
        "--fresh-id",
        "--to",
        &receiver.to(),
    ]);
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let seen = receiver.stop().remove(0);
    assert!(is_signed(&seen));
    let body: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
    assert_eq!((&body["n"], &body["t"]), (&7.into(), &serde_json::Value::Null));
    let id = body["event_id"].as_str().unwrap();
    assert!(id.starts_with("evt_") && id != "evt_1", "{id}");
}

#[test]
fn what_is_set_and_merged_is_written_as_the_provider_writes_it_and_signed() {
    let home = Home::new();
    home.fill(1);
    fs::write(
        home.work().join("more.json"),
        r#"{"cost": {"amount": 12.0, "currency": "USD"}, "t": null, "n": 3}"#,
    )
    .unwrap();
    let receiver = Receiver::start(|_| Some(200));
    let edits = [
        "--merge",
        "more.json",
        "--set",
        "n=8",
        "--set",
        r#"list:=[1, "\u00e9"]"#,
        "--set",
        "event_id=evt_\u{e9}",
    ];
    let ran = home.replay(&[&["1", "--to", &receiver.to()], &edits[..]].concat());
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let seen = receiver.stop().remove(0);
    assert!(is_signed(&seen));
    // As JSON.stringify writes what JSON.parse makes of it, node 20: `1.0e0` and `12.0` are whole, no escape is needed.
    let expected =
        r#"{"event_id":"evt_é","event_type":"cost.alert","n":8,"cost":{"amount":12,"currency":"USD"},"list":[1,"é"]}"#;
    assert_eq!(String::from_utf8_lossy(&seen.body), expected);
}

#[test]
fn a_run_that_goes_on_keeps_its_edits() {
    let home = Home::new();
    home.fill(1);
    let gone = Receiver::start(|_| Some(200));
    let address = gone.address();
    gone.stop();
    let ran = home.replay(&["1", "--set", "n=7", "--to", &address.to_string()]);
    assert_eq!(ran.status, 3, "{}", ran.stderr);
    let receiver = Receiver::at(address, |_| Some(200));
    assert_eq!(home.replay(&["--resume"]).status, 0);
    let seen = receiver.stop().remove(0);
    let body: serde_json::Value = serde_json::from_slice(&seen.body).unwrap();
    assert!(is_signed(&seen) && body["n"] == 7, "{body}");
}

#[test]
fn what_can_not_be_edited_is_listed_and_not_sent() {
    let home = Home::new();
    home.fill(3);
    let receiver = Receiver::start(|_| Some(200));
    let ran = home.replay(&["--json", "--all", "--set", "n=7", "--to", &receiver.to()]);
    let skipped: Vec<_> = ran
        .lines(1)
        .into_iter()
        .filter(|line| line["type"] == "skipped")
        .collect();
    assert_eq!(skipped.len(), 1);
    assert_eq!(skipped[0]["capture"], 2);
    assert!(
        skipped[0]["reason"].as_str().unwrap().contains("can't be edited"),
        "{skipped:?}"
    );
    assert_eq!(receiver.stop().iter().map(number).collect::<Vec<_>>(), [1, 3]);
}

#[test]
fn credentials_leave_this_machine_only_where_that_is_asked_for() {
    let home = Home::new();
    let mut capture = crate::capture(1);
    capture.message.headers.append("Authorization", "Bearer t0ken");
    capture.message.headers.append("Cookie", "a=t0ken");
    capture.message.headers.append("X-Functions-Key", "t0ken");
    capture
        .message
        .headers
        .append("Referer", "https://h.test/?code=t0ken&page=1");
    capture.message.url = Some("/hooks?page=1&token=t0ken&sig=t0ken".into());
    capture.deliveries.push(Delivered {
        id: 0,
        kind: DeliveryKind::Forward,
        target: "http://elsewhere.test/hooks?page=1&token=t0ken&sig=t0ken".into(),
        at: "2026-05-08T12:00:00Z".parse().unwrap(),
        outcome: Some(Outcome {
            status: Some(500),
            duration: Duration::from_millis(1),
            failure: None,
            server: None,
            answer: None,
        }),
    });
    wait(home.store().add(vec![capture])).unwrap();
    let shown = |more: &[&str]| {
        let ran = home.replay(&[&["1", "--dry-run"], more].concat());
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        (String::from_utf8(ran.stdout).unwrap(), ran.stderr)
    };
    let (away, said) = shown(&["--to", "http://elsewhere.test"]);
    assert!(
        !away.contains("t0ken") && !away.contains("Cookie") && !away.contains("[masked]"),
        "{away}"
    );
    assert!(away.starts_with("POST /hooks?page=1 HTTP/1.1"), "{away}");
    assert!(away.contains("https://h.test/?page=1"), "{away}");
    assert!(said.contains("6 captured credentials"), "{said}");
    assert!(
        away.to_lowercase().contains("x-costkatana-signature: sha256="),
        "{away}"
    );
    let (asked, _) = shown(&["--to", "http://elsewhere.test", "--with-credentials"]);
    assert_eq!(asked.matches("t0ken").count(), 6, "{asked}");
    // What a forward did not deliver is known to have failed, though its target held a credential.
    let failed = home.replay(&["--failed", "--to", "http://elsewhere.test", "--dry-run"]);
    assert_eq!(failed.status, 0, "{}", failed.stderr);
    let (masked, said) = shown(&["--to", "3000"]);
    assert!(
        !masked.contains("t0ken") && masked.contains("/hooks?page=1&token=[masked]&sig=[masked]"),
        "{masked}"
    );
    assert!(said.contains("--with-credentials shows them"), "{said}");
    // To this machine they go as they came.
    let receiver = Receiver::start(|_| Some(200));
    assert_eq!(home.replay(&["1", "--to", &receiver.to()]).status, 0);
    let seen = receiver.stop();
    assert_eq!(seen[0].target, "/hooks?page=1&token=t0ken&sig=t0ken");
    assert_eq!(
        seen[0]
            .headers
            .iter()
            .filter(|(_, value)| value.windows(5).any(|five| five == b"t0ken"))
            .count(),
        4
    );
}
