//! The inspector: what it lets in, and what a person does with it in a real browser.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod browser;
mod guard;
#[expect(dead_code, reason = "the store's own tests ask more of it")]
#[path = "../support/postgres.rs"]
mod postgres;
#[path = "../support/rounds.rs"]
mod rounds;
#[path = "../support/mod.rs"]
mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use support::Home;

/// What everything is signed with; hex, so that every provider's key can be made of it.
const SECRET: &str = "c0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ff";
/// Nothing here takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process with a page; it ends with this value.
struct Served {
    child: Child,
    /// Its first line.
    ready: Value,
}

impl Served {
    fn start(home: &Home, args: &[&str]) -> Self {
        let mut child = home
            .ckwh(args)
            .env("CKWH_SECRET", SECRET)
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let ready = serde_json::from_str(&line).unwrap();
        // A full pipe would hold it up.
        thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink()));
        Self { child, ready }
    }

    /// A catch-server with a page.
    fn listen(home: &Home, more: &[&str]) -> Self {
        Self::start(home, &[&["listen", "0", "--ui=0", "--json"], more].concat())
    }

    /// The page's address, with its token.
    fn ui(&self) -> &str {
        self.ready["ui"]
            .as_str()
            .unwrap_or_else(|| self.ready["url"].as_str().unwrap())
    }

    /// Where requests are caught.
    fn catching(&self) -> &str {
        self.ready["url"].as_str().unwrap()
    }

    fn token(&self) -> &str {
        self.ui().split_once('#').unwrap().1
    }

    fn address(&self) -> SocketAddr {
        address(self.ui())
    }

    fn end(mut self) -> i32 {
        let id = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn address(url: &str) -> SocketAddr {
    let behind = url.strip_prefix("http://").unwrap();
    behind.split(['/', '#']).next().unwrap().parse().unwrap()
}

/// What was answered to a request that is sent as it stands.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

fn ask(to: SocketAddr, start: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let mut text = format!("{start} HTTP/1.1\r\nConnection: close\r\n");
    if !body.is_empty() {
        text.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{text}\r\n{body}").as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    Answer {
        status: head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .unwrap_or(0),
        head: head.to_ascii_lowercase(),
        body: body.to_owned(),
    }
}

/// Keeps requests in the home's store without a browser.
fn import(home: &Home, lines: &str) {
    let run = support::run(
        &mut home.ckwh(&["captures", "import", "-", "--format", "jsonl"]),
        lines.as_bytes(),
    );
    assert_eq!(run.status, 0, "{}", run.stderr);
}

/// Runs a script of this folder to its end, with what it needs in its environment.
fn script(name: &str, env: &[(&str, &str)]) {
    let folder = browser::folder();
    let mut command = Command::new("node");
    command.arg(folder.join(name)).current_dir(&folder);
    command.envs(env.iter().copied());
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{name}\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_store_alone_is_shown_and_the_end_is_asked_for() {
    let home = Home::new();
    let served = Served::start(&home, &["ui", "0", "--json"]);
    assert_eq!(served.ready["type"], "ready");
    assert!(served.ready["url"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    let token = served.token().to_owned();
    let host = served.address().to_string();
    let answer = ask(
        served.address(),
        "GET /api/captures",
        &[("Host", &host), ("X-Ckwh-Token", &token)],
        "",
    );
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, r#"{"results":[],"before":null}"#)
    );
    assert_eq!(served.end(), 0);
}

#[test]
fn runs_are_told_as_the_command_line_tells_them() {
    let home = Home::new();
    let line = r#"{"type":"request","method":"POST","target":"/a?token=hush","headers":[],"body":"{\"a\":1}"}"#;
    import(&home, &format!("{line}\n").repeat(3));
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let to = format!("http://{nobody}");
    let replayed = support::run(&mut home.ckwh(&["replay", "--all", "--to", &to]), b"");
    assert_ne!(replayed.status, 2, "{}", replayed.stderr);
    let served = Served::start(&home, &["ui", "0", "--json"]);
    let host = served.address().to_string();
    let get = |path: &str| {
        let headers = [("Host", host.as_str()), ("X-Ckwh-Token", served.token())];
        ask(served.address(), &format!("GET {path}"), &headers, "")
    };
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let printed = |args: &[&str]| parsed(std::str::from_utf8(&support::run(&mut home.ckwh(args), b"").stdout).unwrap());
    let all = parsed(&get("/api/runs").body);
    assert_eq!(all["results"][0], printed(&["captures", "runs", "--json"]));
    let one = get("/api/runs/1");
    assert_eq!(parsed(&one.body), printed(&["captures", "runs", "1", "--json"]));
    assert!(!one.body.contains("hush"), "{}", one.body);
    assert_eq!(get("/api/runs?limit=x").status, 422);
    assert_eq!(get("/api/runs/2").status, 404);
    assert_eq!(get("/runs/2").status, 404);
}

#[test]
fn data_has_the_shapes_of_json_output() {
    let home = Home::new();
    import(
        &home,
        r#"{"type":"request","method":"POST","target":"/a?token=hush","headers":[["Authorization","Bearer hush"]],"body":"{\"a\":1}"}"#,
    );
    let served = Served::start(&home, &["ui", "0", "--json"]);
    let host = served.address().to_string();
    let get = |path: &str| {
        let headers = [("Host", host.as_str()), ("X-Ckwh-Token", served.token())];
        let answer = ask(served.address(), &format!("GET {path}"), &headers, "");
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(!answer.body.contains("hush"), "{path}: {}", answer.body);
        serde_json::from_str::<Value>(&answer.body).unwrap()
    };
    let printed = |args: &[&str]| -> Value {
        let run = support::run(&mut home.ckwh(args), b"");
        serde_json::from_slice(run.stdout.split(|byte| *byte == b'\n').next().unwrap()).unwrap()
    };
    assert_eq!(get("/api/captures")["results"][0], printed(&["captures", "--json"]));
    assert_eq!(get("/api/captures/1"), printed(&["captures", "show", "1", "--json"]));
    let export = get("/api/captures/1/export?format=curl");
    assert!(export["text"].as_str().unwrap().starts_with("curl "), "{export}");
    for text in ["fetch", "vitest", "pytest"] {
        get(&format!("/api/captures/1/export?format={text}"));
    }
}
