//! What `captures export` writes for programs of others: each is run, and what it sends is looked at on a raw socket.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::support::{Home, missing, run};
use crate::theirs;

/// A request as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wire {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl Wire {
    /// Every value of a header, with commas between.
    pub fn header(&self, name: &str) -> Option<Vec<u8>> {
        let own = self.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
        let values: Vec<&[u8]> = own.map(|(_, value)| &value[..]).collect();
        (!values.is_empty()).then(|| values.join(&b", "[..]))
    }
}

/// Answers each request with 200 and keeps it.
pub struct Socket {
    pub url: String,
    seen: std::sync::mpsc::Receiver<Wire>,
}

impl Socket {
    pub fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, seen) = std::sync::mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let sender = sender.clone();
                thread::spawn(move || {
                    while let Some(wire) = answer(&stream) {
                        if sender.send(wire).is_err() {
                            break;
                        }
                    }
                });
            }
        });
        Self { url, seen }
    }

    pub fn next(&self) -> Wire {
        self.seen
            .recv_timeout(Duration::from_secs(60))
            .expect("a request comes")
    }
}

fn answer(mut stream: &TcpStream) -> Option<Wire> {
    let mut read = Vec::new();
    let mut chunk = [0; 4096];
    let head = loop {
        if let Some(at) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        match stream.read(&mut chunk) {
            Ok(length) if length > 0 => read.extend_from_slice(&chunk[..length]),
            _ => return None,
        }
    };
    let text = read[..head].to_vec();
    let mut lines = text
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii_end)
        .filter(|line| !line.is_empty());
    let first = String::from_utf8_lossy(lines.next()?).into_owned();
    let mut words = first.split(' ');
    let headers: Vec<(String, Vec<u8>)> = lines
        .map(|line| {
            let at = line.iter().position(|byte| *byte == b':').unwrap();
            (
                String::from_utf8_lossy(&line[..at]).to_ascii_lowercase(),
                line[at + 1..].trim_ascii().to_vec(),
            )
        })
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(0, |(_, value)| std::str::from_utf8(value).unwrap().parse().unwrap());
    while read.len() < head + length {
        match stream.read(&mut chunk) {
            Ok(length) if length > 0 => read.extend_from_slice(&chunk[..length]),
            _ => return None,
        }
    }
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        .ok()?;
    Some(Wire {
        method: words.next()?.to_owned(),
        target: words.next()?.to_owned(),
        headers,
        body: read[head..head + length].to_vec(),
    })
}

/// Requests of every awkward kind, a line each.
const KINDS: [(&str, &str); 5] = [
    (
        "plain",
        r#"{"method":"POST","url":"/plain?a=1&b=%20","headers":[["Content-Type","application/json"],["X-Quote","it's \"$HOME\" `id` \\ !"]],"body":"{\"a\": \"it's $(id) `id` \\\\ \\\"q\\\"\"}"}"#,
    ),
    (
        "repeated",
        r#"{"method":"PUT","url":"/repeated","headers":[["X-A","1"],["X-B","x"],["X-A","2"],["Content-Type","text/plain"]],"body":"a=1"}"#,
    ),
    (
        "binary",
        r#"{"method":"POST","url":"/binary","headers":[["Content-Type","application/octet-stream"]],"body_base64":"AP/+gA0KJSc="}"#,
    ),
    (
        "unicode",
        r#"{"method":"POST","url":"/unicode","headers":[["Content-Type","application/json; charset=utf-8"]],"body":"{\"é\":\"日本 😀 \u2028\"}"}"#,
    ),
    (
        "empty",
        r#"{"method":"DELETE","url":"/empty","headers":[["X-A","b"]],"body":""}"#,
    ),
];

/// The given kinds as captures.
fn filled(kinds: &[&str]) -> (Home, Vec<Value>) {
    let home = Home::new();
    let lines: Vec<&str> = KINDS
        .iter()
        .filter(|(name, _)| kinds.contains(name))
        .map(|(_, line)| *line)
        .collect();
    home.write("lines.jsonl", lines.join("\n"));
    home.run(&["captures", "import", "lines.jsonl"]).text(0);
    let captures = home.run(&["captures", "export", "--all"]).lines(0);
    assert_eq!(captures.len(), kinds.len());
    (home, captures)
}

pub fn body(capture: &Value) -> Vec<u8> {
    use base64::Engine as _;
    match (capture["body"].as_str(), capture["body_base64"].as_str()) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (_, Some(base64)) => base64::engine::general_purpose::STANDARD.decode(base64).unwrap(),
        _ => Vec::new(),
    }
}

/// Compares what arrived with what was captured.
fn compare(captures: &[Value], socket: &Socket, what: &str) {
    for capture in captures {
        let wire = socket.next();
        assert_eq!(
            (&wire.method, &wire.target),
            (
                &capture["method"].as_str().unwrap().to_owned(),
                &capture["target"].as_str().unwrap().to_owned()
            ),
            "{what}"
        );
        assert_eq!(wire.body, body(capture), "{what} {}", wire.target);
        let mut names: Vec<String> = Vec::new();
        for pair in capture["headers"].as_array().unwrap() {
            names.push(pair[0].as_str().unwrap().to_ascii_lowercase());
        }
        names.dedup();
        for name in names {
            let own = capture["headers"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|pair| pair[0].as_str().unwrap().eq_ignore_ascii_case(&name));
            let values: Vec<&str> = own.map(|pair| pair[1].as_str().unwrap()).collect();
            let arrived = wire
                .header(&name)
                .map(|value| String::from_utf8_lossy(&value).into_owned());
            assert_eq!(arrived, Some(values.join(", ")), "{what} {} {name}", wire.target);
        }
    }
}

/// A program that `tests/receivers/setup.sh` installs.
fn tool(name: &str) -> Option<PathBuf> {
    if let Err(problem) = theirs::installed() {
        missing(problem);
        return None;
    }
    Some(theirs::folder().join("libraries").join(name))
}

fn ran(mut command: Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Exports every capture in a format, for the socket.
fn exported(home: &Home, format: &str, file: &str, socket: &Socket) -> PathBuf {
    let args = [
        "captures",
        "export",
        "--all",
        "--format",
        format,
        "--base-url",
        &socket.url,
        "-o",
        file,
    ];
    home.run(&args).text(0);
    home.work().join(file)
}

const TEXT: [&str; 4] = ["plain", "repeated", "unicode", "empty"];
const ALL: [&str; 5] = ["plain", "repeated", "binary", "unicode", "empty"];

#[test]
fn fetch_sends_the_same() {
    let (home, captures) = filled(&ALL);
    let socket = Socket::open();
    let file = exported(&home, "fetch", "x.mjs", &socket);
    let mut node = Command::new("node");
    node.arg(file);
    ran(node);
    compare(&captures, &socket, "fetch");
}

#[test]
fn python_sends_the_same() {
    let Some(python) = tool(".venv/bin/python") else { return };
    let (home, captures) = filled(&ALL);
    let socket = Socket::open();
    let file = exported(&home, "python", "x.py", &socket);
    let mut command = Command::new(python);
    command.arg(file);
    ran(command);
    compare(&captures, &socket, "python");
}

#[test]
fn httpie_sends_the_same() {
    let Some(folder) = tool(".venv/bin") else { return };
    let (home, captures) = filled(&ALL);
    let socket = Socket::open();
    let file = exported(&home, "httpie", "x.sh", &socket);
    for shell in ["sh", "bash"] {
        let mut command = Command::new(shell);
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
        command.arg(&file).env("PATH", path).env("HOME", home.work());
        ran(command);
        compare(&captures, &socket, "httpie");
    }
}

#[test]
fn a_http_file_sends_the_same() {
    let Some(httpyac) = tool("node_modules/.bin/httpyac") else {
        return;
    };
    let (home, captures) = filled(&TEXT);
    let socket = Socket::open();
    let file = exported(&home, "http-file", "x.http", &socket);
    let mut command = Command::new(httpyac);
    command
        .args(["send", "--all", "--silent"])
        .arg(file)
        .current_dir(home.work());
    ran(command);
    compare(&captures, &socket, "http-file");
}

#[test]
fn postman_sends_the_same() {
    let Some(newman) = tool("node_modules/.bin/newman") else {
        return;
    };
    let (home, captures) = filled(&TEXT);
    let socket = Socket::open();
    let file = exported(&home, "postman", "x.json", &socket);
    let mut command = Command::new(newman);
    command.arg("run").arg(file);
    ran(command);
    compare(&captures, &socket, "postman");
}

/// Tests are signed when they run: what arrives is verified.
fn signed(format: &str, file: &str, command: impl Fn(&std::path::Path) -> Command) {
    let home = Home::new();
    let socket = Socket::open();
    // A delivery that bears its provider's mark.
    let sent = home.run(&[
        "send",
        "push",
        "--provider",
        "github",
        "--dry-run",
        "--print",
        "http",
        "--secret",
        "old",
    ]);
    home.write("push.http", sent.text(0));
    let secret = ["--secret-env", "GITHUB_WEBHOOK_SECRET"];
    home.run(&["captures", "import", "push.http"]).text(0);
    let path = exported(&home, format, file, &socket);
    let mut test = command(&path);
    test.current_dir(home.work())
        .env("WEBHOOK_URL", &socket.url)
        .env("CKWH", env!("CARGO_BIN_EXE_ckwh"))
        .env("GITHUB_WEBHOOK_SECRET", "topsecret")
        .env("HOME", home.work());
    ran(test);
    let wire = socket.next();
    let original = home.run(&["captures", "export", "1"]).line(0);
    assert_eq!(wire.body, body(&original));
    let head: Vec<u8> = wire
        .headers
        .iter()
        .flat_map(|(name, value)| [name.as_bytes(), b": ", value, b"\r\n"].concat())
        .collect();
    home.write(
        "wire.http",
        [
            format!("{} {} HTTP/1.1\r\n", wire.method, wire.target).as_bytes(),
            &head,
            b"\r\n",
            &wire.body,
        ]
        .concat(),
    );
    let mut verify = home.ckwh(&[&["verify", "wire.http", "--json"], &secret[..]].concat());
    verify.env("GITHUB_WEBHOOK_SECRET", "topsecret");
    let verdict = run(&mut verify, b"").line(0);
    assert_eq!(verdict["valid"], true, "{verdict}");
}

#[test]
fn a_test_for_pytest_is_signed_when_it_runs() {
    let Some(python) = tool(".venv/bin/python") else { return };
    signed("pytest", "test_webhooks.py", |file| {
        let mut command = Command::new(&python);
        command.args(["-m", "pytest", "-q", "-p", "no:cacheprovider"]).arg(file);
        command
    });
}

#[test]
fn a_test_for_vitest_is_signed_when_it_runs() {
    let Some(folder) = tool("node_modules") else { return };
    signed("vitest", "webhooks.test.js", |file| {
        let modules = file.parent().unwrap().join("node_modules");
        std::os::unix::fs::symlink(&folder, modules).unwrap();
        let mut command = Command::new(folder.join(".bin/vitest"));
        command.args(["run", "webhooks.test.js"]);
        command
    });
}

#[test]
fn what_a_format_can_t_hold_is_said() {
    let (home, _) = filled(&ALL);
    for format in ["http-file", "postman"] {
        let ran = home.run(&["captures", "export", "--all", "--format", format, "-o", "out"]);
        assert_eq!(ran.status, 1, "{format}: {}", ran.stderr);
        assert!(ran.stderr.contains("#3 is not exported"), "{format}: {}", ran.stderr);
    }
}
