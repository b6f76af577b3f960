//! Requests from files.

use std::fs;

use serde_json::json;

use crate::receiver::Receiver;
use crate::support::{Home, run};
use crate::{is_signed, number};

#[test]
fn a_har_with_a_base64_body_replays_its_bytes() {
    let home = Home::new();
    // The shape that the draft of HAR 1.3 has for a body of bytes, and that of 1.2 for text.
    let har = json!({"log": {"version": "1.2", "creator": {"name": "x"}, "pages": [], "entries": [
        {"startedDateTime": "2026-05-08T12:00:00.000Z", "request": {"method": "POST", "url": "https://from.test/a?n=1", "httpVersion": "HTTP/2.0",
         "headers": [{"name": ":authority", "value": "from.test"}, {"name": "x-a", "value": "b"}],
         "postData": {"mimeType": "application/octet-stream", "text": "AP/+DQo=", "encoding": "base64", "params": []}}, "response": {}},
        {"startedDateTime": "2026-05-08T12:00:01.000+02:00", "_initiator": {"type": "fetch"}, "request": {"method": "PUT", "url": "https://from.test/b?n=2",
         "headers": [{"name": "Content-Type", "value": "text/plain"}],
         "postData": {"mimeType": "text/plain", "text": "é\r\n"}}, "cache": {}},
    ]}});
    fs::write(home.work().join("x.har"), har.to_string()).unwrap();
    let receiver = Receiver::start(|_| Some(200));
    let ran = home.replay(&[
        "--json",
        "--from",
        "x.har",
        "--file-order",
        "--keep-signature",
        "--to",
        &receiver.to(),
    ]);
    assert_eq!(ran.summary(0)["ok"], 2);
    let seen = receiver.stop();
    assert_eq!(seen[0].body, b"\0\xff\xfe\r\n");
    assert_eq!((seen[0].target.as_str(), seen[0].header("x-a")), ("/a?n=1", Some("b")));
    assert_eq!(seen[1].body, "é\r\n".as_bytes());
}

/// A byte-order mark, CR LF, an escape beside what it stands for, and a number that no writer writes.
const TEXT: &[u8] =
    b"\xef\xbb\xbf{ \"event_id\":\"evt_1\",\r\n \"title\":\"caf\xc3\xa9 \\u00e9 \xf0\x9f\x98\x80\", \"n\": 1.0e0 }\n";
const BINARY: &[u8] = b"{\"event\":\"\0\xff\xfe\x80\r\n\xc3\"}";

/// Replays an archive of `archives/`, which says itself how it was made; gives the bodies that arrived and the notes.
fn bodies(archive: &str, more: &[&str]) -> (Vec<Vec<u8>>, String) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/replay/archives/").to_owned() + archive;
    let receiver = Receiver::start(|_| Some(200));
    let ran = Home::new().replay(&[&["--from", &path, "--to", &receiver.to()], more].concat());
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let seen = receiver.stop();
    if !more.contains(&"--keep-signature") {
        assert!(seen.iter().all(is_signed));
    }
    assert!(
        seen.iter().enumerate().all(|(index, seen)| number(seen) == index + 1),
        "order"
    );
    (seen.into_iter().map(|seen| seen.body).collect(), ran.stderr)
}

#[test]
fn an_archive_of_mitmproxy_replays_its_bytes() {
    let (seen, notes) = bodies("mitmproxy.har", &["1..3"]);
    // Text; bytes sent as application/octet-stream, a character each; the same as JSON, as surrogates.
    assert_eq!(seen, [TEXT, BINARY, BINARY]);
    assert!(!notes.contains("lost"), "{notes}");
    // It unpacks a body that was sent with gzip.
    let (seen, notes) = bodies("mitmproxy.har", &["--keep-signature"]);
    assert_eq!(seen, [TEXT, BINARY, BINARY, TEXT]);
    assert!(
        notes.contains("1 of the file's requests lost the body as it came"),
        "{notes}"
    );
}

#[test]
fn an_archive_of_chromium_replays_its_text() {
    let (seen, notes) = bodies("chromium.har", &["--keep-signature"]);
    assert_eq!(seen[0], TEXT);
    assert_eq!(seen[2], "{\"a\":\"é\\u00e9\",\"n\":1.0}\r\n".as_bytes());
    assert!(seen[3].starts_with(b"------WebKitFormBoundary") && seen[3].ends_with(b"--\r\n"));
    assert_eq!(seen[3].len(), 133, "the Content-Length that it recorded");
    // The bytes of the second are not in it, and it says so.
    assert!(
        notes.contains("1 of the file's requests lost the body as it came"),
        "{notes}"
    );
    let (seen, _) = bodies("chromium.har", &["1"]);
    assert_eq!(seen, [TEXT]);
}

#[test]
fn what_was_exported_is_replayed_and_signed_anew() {
    let home = Home::new();
    let captures = home.fill(6);
    for format in ["jsonl", "har"] {
        let exported = run(
            &mut home.replaying(&["captures", "export", "--all", "--format", format]),
            b"",
        );
        assert_eq!(exported.status, 0, "{}", exported.stderr);
        let receiver = Receiver::start(|_| Some(200));
        let mut command = home.replaying(&[
            "replay",
            "--from",
            "-",
            "--provider",
            "costkatana",
            "--to",
            &receiver.to(),
        ]);
        let ran = run(&mut command, &exported.stdout);
        assert_eq!(ran.status, 0, "{format}: {}", ran.stderr);
        let seen = receiver.stop();
        assert_eq!(seen.iter().map(number).collect::<Vec<_>>(), [1, 3, 5], "{format}");
        for seen in &seen {
            assert!(is_signed(seen));
            assert_eq!(seen.body, captures[number(seen) - 1].message.body);
        }
    }
}

#[test]
fn a_file_of_something_else_says_so() {
    let home = Home::new();
    for (name, text, part) in [
        ("a.txt", "hello", "no known format"),
        ("b.jsonl", "{\"type\":\"request\"}\n", "line 1"),
        ("c.har", "{\"log\":{\"entries\":[{}]}}", "HAR"),
        ("d.http", "", "holds no request"),
    ] {
        fs::write(home.work().join(name), text).unwrap();
        let ran = home.replay(&["--from", name, "--to", "127.0.0.1:9"]);
        assert_eq!(ran.status, 2, "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains(part), "{name}: {}", ran.stderr);
    }
    assert_eq!(home.replay(&["--from", "none.har", "--to", "127.0.0.1:9"]).status, 3);
}
