//! Export and import: what goes out comes back, and nothing is run or opened.

use std::fs;
use std::process::Stdio;

use serde_json::Value;

use super::{Listen, Place, text};

/// A store with a request of every awkward kind.
fn filled() -> Place {
    let place = Place::new();
    let listen = Listen::start(&place, &[]);
    for (head, body) in [
        (
            "POST /a/../b?c=[1]'&d HTTP/1.1\r\nHost: h.test\r\nContent-Type: application/json\r\nX-A: 1\r\nX-A: 2",
            &b"{\"a\":\"$(id) `id` 'x'\"}"[..],
        ),
        (
            "PUT / HTTP/1.1\r\nHost: h.test\r\nX-Empty:\r\nX-Quote: it's \"$HOME\" \\ !",
            b"@/etc/passwd",
        ),
        ("DELETE /%00?%FF HTTP/1.1\r\nHost: h.test", b"\x00\xff%\n\r\n"),
        ("GET /get HTTP/1.1\r\nHost: h.test\r\nUser-Agent: x", b""),
    ] {
        let length = if body.is_empty() {
            String::new()
        } else {
            format!("Content-Length: {}\r\n", body.len())
        };
        let request = [format!("{head}\r\nConnection: close\r\n{length}\r\n").as_bytes(), body].concat();
        assert_eq!(super::status(&listen.exchange(&request)), 200, "{head}");
    }
    place.text(&["send", "cost.alert", "--to", &listen.url("/x")], 0);
    listen.stop(0);
    place
}

/// By name, which has no case.
fn sorted_headers(capture: &Value) -> Vec<String> {
    let pairs = capture["headers"].as_array().unwrap().iter();
    let mut headers: Vec<String> = pairs
        .map(|pair| format!("{}: {}", pair[0].as_str().unwrap().to_ascii_lowercase(), pair[1]))
        .collect();
    headers.sort();
    headers
}

fn all(place: &Place) -> Vec<Value> {
    let text = place.text(&["captures", "export", "--all", "--with-credentials"], 0);
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_format_comes_back_as_it_went() {
    let place = filled();
    let originals = all(&place);
    for format in ["jsonl", "har", "curl"] {
        let file = place.path("export");
        let file = file.to_str().unwrap();
        place.text(
            &["captures", "export", "--all", "--format", format, "--output", file],
            0,
        );
        let other = Place::new();
        other.text(&["captures", "import", file], 0);
        let back = all(&other);
        assert_eq!(back.len(), originals.len(), "{format}");
        for (original, back) in originals.iter().zip(&back) {
            for field in ["method", "target", "body", "body_base64"] {
                assert_eq!(original[field], back[field], "{format} {field}");
            }
            assert_eq!(sorted_headers(original), sorted_headers(back), "{format}");
            if format == "jsonl" {
                for field in ["received_at", "peer", "verdict", "event_type", "identity", "response"] {
                    assert_eq!(original[field], back[field], "{field}");
                }
            }
        }
    }
    for original in &originals {
        let id = original["id"].to_string();
        let file = place.path("one.http");
        let file = file.to_str().unwrap();
        place.text(&["captures", "export", &id, "--format", "http", "--output", file], 0);
        let other = Place::new();
        other.text(&["captures", "import", file], 0);
        let back = all(&other).remove(0);
        for field in ["method", "target", "body", "body_base64"] {
            assert_eq!(original[field], back[field], "http {field}");
        }
        assert_eq!(sorted_headers(original), sorted_headers(&back), "http");
    }
}

#[test]
fn an_exported_curl_line_sends_the_same_and_does_nothing_else() {
    let place = filled();
    let originals = all(&place);
    let listen = Listen::start(&place, &[]);
    let base = listen.url("");
    let script = place.text(
        &["captures", "export", "1..4", "--format", "curl", "--base-url", &base],
        0,
    );
    fs::write(place.path("script.sh"), &script).unwrap();
    for shell in ["sh", "bash"] {
        let before = fs::read_dir(place.path("")).unwrap().count();
        let output = place.command(shell).arg("script.sh").stdin(Stdio::null()).output();
        let Ok(output) = output else { continue };
        assert!(output.status.success(), "{shell}: {}", text(&output.stderr));
        assert_eq!(
            fs::read_dir(place.path("")).unwrap().count(),
            before,
            "no file was made"
        );
        let now = all(&place);
        for (original, sent) in originals[..4].iter().zip(&now[now.len() - 4..]) {
            for field in ["method", "target", "body", "body_base64"] {
                assert_eq!(original[field], sent[field], "{shell} {field}");
            }
        }
    }
    listen.stop(0);
}

#[test]
fn an_import_runs_and_opens_nothing() {
    let place = Place::new();
    fs::write(place.path("private"), "private bytes").unwrap();
    let import = |line: &str, args: &[&str]| {
        fs::write(place.path("line.sh"), line).unwrap();
        let args: Vec<&str> = ["captures", "import", "line.sh"].iter().chain(args).copied().collect();
        let output = place.run(&args);
        (output.status.code(), text(&output.stderr))
    };
    let (status, said) = import("curl http://x.test -d @private", &[]);
    assert_eq!(status, Some(2));
    assert!(said.contains("--allow-files"), "{said}");
    let (status, said) = import("curl http://x.test -d a | sh", &[]);
    assert_eq!(status, Some(2), "{said}");
    let (status, _) = import("curl http://x.test -d \"$(touch made)`touch made`\"", &[]);
    assert_eq!(status, Some(0));
    assert!(!place.path("made").exists());
    let (status, _) = import("curl http://x.test -d @private", &["--allow-files"]);
    assert_eq!(status, Some(0));
    assert_eq!(place.bodies(), [&b"$(touch made)`touch made`"[..], b"private bytes"]);
}

#[test]
fn files_of_others_are_read() {
    let place = Place::new();
    // As Chromium's developer tools write it: HTTP/2 pseudo-headers, no Host, a body as text.
    fs::write(
        place.path("browser.har"),
        r#"{"log":{"version":"1.2","creator":{"name":"WebInspector","version":"537.36"},"pages":[],"entries":[{"_initiator":{"type":"other"},"startedDateTime":"2026-05-08T12:00:00.123Z","time":1,"request":{"method":"POST","url":"https://x.test/hooks?a=b","httpVersion":"http/2.0","headers":[{"name":":authority","value":"x.test"},{"name":":method","value":"POST"},{"name":"content-type","value":"application/json"}],"queryString":[],"cookies":[],"headersSize":-1,"bodySize":7,"postData":{"mimeType":"application/json","text":"{\"a\":1}"}},"response":{},"cache":{},"timings":{}},{"startedDateTime":"2026-05-08T12:00:00Z","request":{"method":"POST","url":"https://x.test/lost","headers":[],"bodySize":9}}]}}"#,
    )
    .unwrap();
    let output = place.run(&["captures", "import", "browser.har"]);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.contains("#2 lost the body"), "{said}");
    // As nc catches it, with LF alone and without a length.
    fs::write(place.path("nc.txt"), b"POST /nc HTTP/1.1\nHost: x\nX-A: b\n\n{\"a\":1}").unwrap();
    place.text(&["captures", "import", "nc.txt"], 0);
    let captures = all(&place);
    assert_eq!(captures[0]["received_at"], "2026-05-08T12:00:00.123Z");
    assert_eq!(
        (&captures[0]["body"], &captures[2]["body"]),
        (&r#"{"a":1}"#.into(), &r#"{"a":1}"#.into())
    );
    assert_eq!(captures[2]["target"], "/nc");
}

#[test]
fn credentials_are_masked_unless_asked_for() {
    let place = Place::new();
    let listen = Listen::start(&place, &[]);
    listen.exchange(b"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nAuthorization: Bearer hunter2\r\nCookie: hunter2\r\nX-Api-Key: hunter2\r\nContent-Length: 0\r\n\r\n");
    let (lines, said) = listen.stop(0);
    assert!(!format!("{lines:?}{said}").contains("hunter2"));
    for args in [
        &["captures", "show", "1"][..],
        &["captures", "show", "1", "--json"],
        &["captures", "list", "--json"],
        &["captures", "diff", "1", "1"],
        &["captures", "export", "--all"],
        &["captures", "export", "--all", "--format", "har"],
        &["captures", "export", "--all", "--format", "curl"],
        &["captures", "export", "1", "--format", "http"],
    ] {
        assert!(!place.text(args, 0).contains("hunter2"), "{args:?}");
    }
    for args in [
        &["captures", "show", "1", "--with-credentials"][..],
        &["captures", "export", "--all", "--with-credentials"],
    ] {
        assert!(place.text(args, 0).contains("hunter2"), "{args:?}");
    }
}
