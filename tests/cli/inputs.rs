//! Files and lines that users have, from browsers, proxies, providers: taken in as they stand, or refused with a reason
//! that is so. `inputs/` holds them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{Home, Run};

/// The secret of the signed ones.
const SIGNED: [&str; 4] = ["--provider", "github", "--secret", "topsecret"];
/// The body of the signed ones.
const BODY: &str = r#"{"action":"opened","n":1}"#;

fn case(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/inputs");
    folder.join(name).to_str().unwrap().to_owned()
}

impl Home {
    /// Imports a file into a new store; gives what was taken in.
    pub fn import(&self, file: &str, status: i32) -> (Vec<Value>, Run) {
        let ran = self.run(&["captures", "import", file]);
        assert_eq!(ran.status, status, "{file}: {}", ran.stderr);
        let text = self.run(&["captures", "export", "--all", "--with-credentials"]);
        let lines = text.lines(0).into_iter();
        (lines.collect(), ran)
    }
}

/// What is taken in of a file, in a home of its own.
fn imported(name: &str, status: i32) -> (Vec<Value>, Run) {
    Home::new().import(&case(name), status)
}

fn verified(name: &str) -> (Value, Run) {
    let home = Home::new();
    let ran = home.run(&[&["verify", "--json", &case(name)], &SIGNED[..]].concat());
    let line = String::from_utf8_lossy(&ran.stdout).lines().next().map(str::to_owned);
    let verdict = line
        .and_then(|line| serde_json::from_str(&line).ok())
        .unwrap_or(Value::Null);
    (verdict, ran)
}

#[test]
fn signed_deliveries_are_valid_in_every_wrapper() {
    for name in [
        "jsonl-plain.jsonl",
        "jsonl-bom.jsonl",
        "jsonl-pretty.json",
        "raw-blank-line-first.http",
        "raw-http2.http",
        "har-hour-without-zero.har",
        "har-no-timezone.har",
        "har-one-bad-date-of-three.har",
        "wrapper-apigateway-v1.json",
        "wrapper-github-delivery.json",
        "wrapper-ngrok.json",
        "wrapper-postman-v21.json",
        "wrapper-smee.json",
        "wrapper-webhook-tester.json",
    ] {
        let (verdict, ran) = verified(name);
        assert_eq!(
            (ran.status, &verdict["valid"]),
            (0, &true.into()),
            "{name}: {verdict} {}",
            ran.stderr
        );
        let (found, _) = imported(name, 0);
        assert_eq!(
            (&found[0]["method"], &found[0]["body"]),
            (&"POST".into(), &BODY.into()),
            "{name}"
        );
    }
    let (verdict, ran) = verified("curl-crlf-body-last.txt");
    assert_eq!((ran.status, &verdict["valid"]), (0, &true.into()), "{verdict}");
    assert_eq!(imported("curl-crlf-body-last.txt", 0).0[0]["body"], r#"{"a":1}"#);
}

#[test]
fn targets_and_bodies_are_what_curl_sends() {
    for (name, target, body) in [
        (
            "curl-chrome-brackets.txt",
            "/stats?year=2020&groups[0]=agency&o={1}",
            "{}",
        ),
        (
            "curl-chrome-cmd.txt",
            "/webhooks/x?a=1&b=2",
            r#"{"name":"hello world","n":1}"#,
        ),
        (
            "curl-chrome-cmd-old.txt",
            "/1/cards",
            r#"{"name":"hello world","pos":65535,"idLabels":[]}"#,
        ),
        ("curl-crlf-url-last.txt", "/hooks", r#"{"a":1}"#),
        ("curl-exe.txt", "/hooks", r#"{"a":1}"#),
        ("curl-script-with-comment.txt", "/hooks", r#"{"a":1}"#),
        ("curl-ssl-no-revoke.txt", "/hooks", "a=1"),
    ] {
        let (found, _) = imported(name, 0);
        assert_eq!(
            (&found[0]["target"], &found[0]["body"]),
            (&target.into(), &body.into()),
            "{name}"
        );
    }
    let (found, ran) = imported("curl-env-var.txt", 0);
    assert!(ran.stderr.contains("$SIG, $URL is not known here"), "{}", ran.stderr);
    assert_eq!(found[0]["body"], r#"{"a":1}"#);
    let (found, _) = imported("curl-one-bad-line.txt", 0);
    assert_eq!(found.len(), 5);
    let parts = found[2]["body"].as_str().unwrap();
    assert!(parts.contains("name=\"from\"\r\n\r\na@b.test\r\n--"), "{parts}");
    assert_eq!(imported("curl-postman-form.txt", 0).0.len(), 1);
    let ran = Home::new().run(&["verify", &case("curl-at-file.txt")]);
    let error = ran.error(2);
    assert!(
        error.contains("captures import --allow-files") && error.contains("curl command lines"),
        "{error}"
    );
}

#[test]
fn one_bad_entry_does_not_lose_the_others() {
    let home = Home::new();
    home.write(
        "lines.sh",
        "curl http://h.test/a -d 1\ncurl http://h.test/b -F a=@b\ncurl --frob http://h.test\ncurl http://h.test/c\n",
    );
    let (found, ran) = home.import("lines.sh", 1);
    assert_eq!(found.len(), 2);
    assert!(
        ran.stderr
            .contains("command 2 (line 2) was skipped: it names the file b"),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("command 3 (line 3)") && ran.stderr.contains("2 of 4 entries were skipped"),
        "{}",
        ran.stderr
    );
    let home = Home::new();
    home.write("lines.jsonl", "{\"method\":\"POST\",\"url\":\"/a\",\"body\":\"1\"}\n{\"method\":\"POST\"\n{\"method\":\"POST\",\"url\":\"/b\",\"body\":\"2\"}\n");
    let (found, ran) = home.import("lines.jsonl", 1);
    assert_eq!(found.len(), 2);
    assert!(ran.stderr.contains("line 2 was skipped"), "{}", ran.stderr);
    let (found, ran) = imported("har-one-bad-date-of-three.har", 0);
    assert_eq!(found.len(), 3);
    assert!(
        ran.stderr
            .contains("#2: its time `2024-02-22T9:34:07.123Z` can't be read"),
        "{}",
        ran.stderr
    );
}

#[test]
fn nothing_is_cut_or_changed_in_silence() {
    let (found, ran) = imported("raw-body-longer-than-length.http", 0);
    assert_eq!(found[0]["body"], r#"{"action":"opened","n":12345}"#);
    assert!(
        ran.stderr.contains("its body has 29 bytes, and Content-Length says 25"),
        "{}",
        ran.stderr
    );
    let (found, _) = imported("raw-two-requests.http", 0);
    assert_eq!(
        (&found[0]["body"], &found[1]["body"]),
        (&r#"{"a":1}"#.into(), &r#"{"b":2}"#.into())
    );
    let (found, ran) = imported("har-params-only.har", 0);
    assert_eq!(
        (&found[0]["body"], &found[0]["body_held"]),
        (&"From=%2B1555&Body=hi+there".into(), &"rewritten".into())
    );
    assert!(ran.stderr.contains("written again from the fields"), "{}", ran.stderr);
}

#[test]
fn a_body_that_is_not_held_is_not_sent_and_not_judged() {
    let home = Home::new();
    let (found, _) = home.import(&case("har-body-not-held.har"), 0);
    assert_eq!(found[0]["body_held"], "missing");
    let ran = home.run(&["replay", "last", "--to", "127.0.0.1:9", "--dry-run", "--secret", "x"]);
    assert!(
        ran.text(1).is_empty() || ran.text(1).contains("not held"),
        "{}",
        ran.stderr
    );
    assert!(
        format!("{}{}", ran.text(1), ran.stderr).contains("body is not held"),
        "{}",
        ran.stderr
    );
    let ran = home.run(&[&["verify", "last"], &SIGNED[..]].concat());
    assert!(ran.text(1).contains("the body is not held"), "{}", ran.text(1));
    // It goes out and comes in again as what it is.
    for format in ["jsonl", "har"] {
        home.run(&["captures", "export", "1", "--format", format, "-o", "out"])
            .text(0);
        assert_eq!(
            Home::new().import(home.work().join("out").to_str().unwrap(), 0).0[0]["body_held"],
            "missing"
        );
    }
}

#[test]
fn every_encoding_is_read() {
    let text = std::fs::read_to_string(case("jsonl-plain.jsonl")).unwrap();
    let utf_16 = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    let curl = format!(
        "curl.exe http://localhost:3000/hooks -H 'x-github-event: pull_request' -H 'x-hub-signature-256: sha256=eb29500aba5acd97acf2ea72e730dc1ee4a55fc393f41cb258edcc3fb1c15104' -H 'content-type: application/json' -d '{BODY}'\r\n"
    );
    let raw = std::fs::read_to_string(case("raw-http2.http")).unwrap();
    for (name, bytes) in [
        ("utf-16 with a mark", [b"\xff\xfe", &utf_16(&text)[..]].concat()),
        ("utf-16", utf_16(&text)),
        ("CRLF", text.replace('\n', "\r\n").into_bytes()),
        (
            "an empty line and a comment",
            format!("\r\n# by hand\n{text}").into_bytes(),
        ),
        ("curl in utf-16", [b"\xff\xfe", &utf_16(&curl)[..]].concat()),
        ("raw with a mark", format!("\u{feff}{raw}").into_bytes()),
    ] {
        let home = Home::new();
        home.write("file", bytes);
        let ran = home.run(&[&["verify", "file"], &SIGNED[..]].concat());
        assert_eq!(
            ran.status,
            0,
            "{name}: {}{}",
            String::from_utf8_lossy(&ran.stdout),
            ran.stderr
        );
        let (found, _) = home.import("file", 0);
        assert_eq!(found[0]["body"], BODY, "{name}");
    }
}

#[test]
fn every_command_gives_the_same_error() {
    let home = Home::new();
    home.write(
        "broken.har",
        r#"{"log":{"version":"1.2","creator":{},"entries":[{"request":{"method":7}}]}}"#,
    );
    home.write("broken.http", "POST /a HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc");
    home.write("broken.sh", "curl --frob http://h.test\n");
    home.write("broken.jsonl", "{\"type\":\"request\",\"method\":7}\n");
    for (name, format, place) in [
        ("broken.har", "HAR", "entry 1"),
        ("broken.http", "raw HTTP", "request 1"),
        ("broken.sh", "curl command lines", "command 1 (line 1)"),
        ("broken.jsonl", "JSON lines", "line 1"),
    ] {
        for args in [
            &["verify", name][..],
            &["captures", "import", name],
            &["replay", "--from", name, "--to", "127.0.0.1:9"],
            &["providers", "new", "mine", "--learn", name, "--secret", "x"],
            &["sign", &format!("./{name}"), "--provider", "github", "--secret", "x"],
        ] {
            let ran = home.run(args);
            let error = ran.error(2);
            assert!(error.contains(format) && error.contains(place), "{args:?}: {error}");
        }
    }
}

#[test]
fn requests_of_a_file_go_out_by_their_times() {
    let home = Home::new();
    let file = case("har-unsorted.har");
    let targets = |more: &[&str], stdin: bool| -> Vec<String> {
        let from = if stdin { "-" } else { &file };
        let args = [
            &[
                "replay",
                "--json",
                "--dry-run",
                "--keep-signature",
                "--to",
                "127.0.0.1:9",
                "--from",
                from,
            ],
            more,
        ]
        .concat();
        let ran = home.run_with(&args, &std::fs::read(&file).unwrap());
        ran.lines(0)
            .iter()
            .map(|line| line["url"].as_str().unwrap().rsplit(':').next().unwrap()[1..].to_owned())
            .collect()
    };
    for stdin in [false, true] {
        assert_eq!(targets(&[], stdin), ["/o1", "/o2", "/o3"]);
        assert_eq!(targets(&["--file-order"], stdin), ["/o3", "/o1", "/o2"]);
    }
}

#[test]
fn a_request_in_a_file_is_signed_by_its_body() {
    let home = Home::new();
    let file = case("raw-http2.http");
    let args = ["sign", &file, "--provider", "github", "--secret", "topsecret"];
    let ran = home.run(&args);
    // The signature that the file itself bears.
    assert!(
        ran.text(0)
            .contains("sha256=eb29500aba5acd97acf2ea72e730dc1ee4a55fc393f41cb258edcc3fb1c15104"),
        "{}",
        ran.text(0)
    );
    assert!(ran.stderr.contains("looks like raw HTTP"), "{}", ran.stderr);
    let as_is = home.run(&[&args[..], &["--as-is"]].concat());
    assert_ne!(as_is.text(0), ran.text(0));
}

#[test]
fn a_compressed_body_is_edited_and_compressed_again() {
    let home = Home::new();
    let file = case("gzip-body.jsonl");
    let ran = home.run(&[
        "replay",
        "--from",
        &file,
        "--set",
        "number=8",
        "--to",
        "127.0.0.1:9",
        "--dry-run",
        "--json",
        "--secret",
        "x",
    ]);
    let line = ran.line(0);
    let body = base64::Engine::decode(
        &base64::engine::general_purpose::STANDARD,
        line["body_base64"].as_str().unwrap(),
    )
    .unwrap();
    let mut text = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&body[..]), &mut text).unwrap();
    assert!(text.contains("\"number\":8"), "{text}");
}

#[test]
fn a_form_is_sent_and_edited() {
    let home = Home::new();
    let sent = home.run(&[
        "send",
        "push",
        "--provider",
        "github",
        "--dialect",
        "form",
        "--dry-run",
        "--json",
        "--secret",
        "x",
    ]);
    let line = sent.line(0);
    assert_eq!(
        crate::header(&line, "content-type"),
        Some("application/x-www-form-urlencoded")
    );
    let body = line["body"].as_str().unwrap();
    assert!(body.starts_with("payload=%7B%22"), "{body}");
    home.write("form.http", format!("POST /h HTTP/1.1\r\nHost: h.test\r\nContent-Type: application/x-www-form-urlencoded\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: 1\r\nX-Hub-Signature-256: sha256=00\r\n\r\n{body}"));
    let edited = home.run(&[
        "replay",
        "--from",
        "form.http",
        "--set",
        "ref=refs/heads/x",
        "--host",
        "h2.test",
        "--to",
        "127.0.0.1:9",
        "--dry-run",
        "--json",
        "--secret",
        "x",
    ]);
    let line = edited.line(0);
    assert!(line["body"].as_str().unwrap().contains("refs%2Fheads%2Fx"), "{line}");
    assert_eq!(crate::header(&line, "host"), Some("h2.test"));
}

#[test]
fn captures_are_selected_by_what_they_are() {
    let home = Home::new();
    home.write("lines.sh", "curl http://h.test/a/1 -d '{\"n\":1}'\ncurl -X PUT http://h.test/a/2 -d '{\"n\":2}'\ncurl http://h.test/b/3 -d '{\"n\":3}'\n");
    home.import("lines.sh", 0);
    for (args, expected) in [
        (&["--method", "put"][..], &[2][..]),
        (&["--path", "/a/*"], &[1, 2]),
        (&["--where", ".n > 1"], &[2, 3]),
        (&["--where", ".n > 1", "--path", "/b*"], &[3]),
        (&["--status", "5xx"], &[]),
    ] {
        let ran = home.run(&[&["captures", "--json"], args].concat());
        let ids: Vec<i64> = ran.lines(0).iter().map(|line| line["id"].as_i64().unwrap()).collect();
        assert_eq!(ids, expected, "{args:?}");
    }
}

/// More memory than a stream takes, and less than the file has.
#[cfg(target_os = "linux")]
#[test]
fn a_long_archive_is_read_as_a_stream() {
    use std::io::Write as _;
    let home = Home::new();
    let path = home.write(
        "long.har",
        r#"{"log":{"version":"1.2","creator":{"name":"x"},"entries":["#,
    );
    let mut file = std::io::BufWriter::new(std::fs::File::options().append(true).open(path).unwrap());
    let content = "x".repeat(100_000);
    for number in 0..2000 {
        let comma = if number == 0 { "" } else { "," };
        write!(file, r#"{comma}{{"startedDateTime":"2026-05-08T12:00:00Z","request":{{"method":"POST","url":"http://h.test/{number}","headers":[],"postData":{{"text":"a"}}}},"response":{{"content":{{"text":"{content}"}}}}}}"#).unwrap();
    }
    file.write_all(b"]}}").unwrap();
    file.flush().unwrap();
    assert!(std::fs::metadata(home.work().join("long.har")).unwrap().len() > 200_000_000);
    let limited = "ulimit -v 180000; exec \"$0\" captures import long.har";
    let mut command = home.ckwh(&[]);
    let program = command.get_program().to_owned();
    let mut shell = std::process::Command::new("sh");
    shell
        .args(["-c", limited])
        .arg(program)
        .current_dir(home.work())
        .env_clear();
    shell.envs(
        command
            .env("MALLOC_ARENA_MAX", "1")
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let ran = crate::support::run(&mut shell, b"");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("2000 requests are now captures"), "{}", ran.stderr);
}

/// Every given file is in a test above.
#[test]
fn every_file_is_read() {
    let source = include_str!("inputs.rs");
    let names = std::fs::read_dir(case("")).unwrap().map(|entry| entry.unwrap().path());
    for path in names.filter(|path: &PathBuf| path.is_file()) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(source.contains(&name), "{name}");
    }
}
