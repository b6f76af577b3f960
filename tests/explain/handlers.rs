//! Real handlers that hash what they wrote again: `send` is refused, `verify --computed` says why, and the lines it
//! gives turn the handler right.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use ckwh::explain::Framework;
use serde_json::Value;

use crate::support::{Home, missing, run};
use crate::theirs;

const SECRET: &str = "a secret that both sides know";
const FIXED: [&str; 4] = ["--timestamp", "2026-05-08T12:00:00Z", "--id", "evt_1"];

/// A handler's source: where it is wrong, and how the remedy's lines are put in.
struct Handler {
    framework: &'static str,
    file: &'static str,
    /// What stands in the source and what it is in the handler that fails.
    wrong: &'static [(&'static str, &'static str)],
    /// The same with `LINES` for the remedy.
    right: &'static [(&'static str, &'static str)],
    /// The style that the failing handler's runtime writes.
    writer: &'static str,
    /// A file by which the project shows what it is written with.
    project: (&'static str, &'static str),
}

#[test]
fn express() {
    fails_and_is_put_right(&Handler {
        framework: "express",
        file: "express.js",
        wrong: &[
            ("/*PARSER*/", "app.use(express.json());"),
            ("/*BODY*/", "JSON.stringify(req.body)"),
        ],
        right: &[("/*PARSER*/", "LINES"), ("/*BODY*/", "req.rawBody")],
        writer: "javascript",
        project: ("package.json", r#"{"dependencies":{"express":"5"}}"#),
    });
}

#[test]
fn next() {
    fails_and_is_put_right(&Handler {
        framework: "next",
        file: "next.mjs",
        wrong: &[(
            "/*HANDLER*/",
            "export async function POST(request) {\n  const body = JSON.stringify(await request.json());",
        )],
        right: &[("/*HANDLER*/", "LINES")],
        writer: "javascript",
        project: ("package.json", r#"{"dependencies":{"next":"16","express":"5"}}"#),
    });
}

#[test]
fn flask() {
    fails_and_is_put_right(&Handler {
        framework: "flask",
        file: "flask.py",
        wrong: &[("#BODY", "body = json.dumps(request.get_json()).encode()")],
        right: &[("#BODY", "LINES\n    request.get_json()")],
        writer: "python",
        project: ("requirements.txt", "Flask==3.1.3\n"),
    });
}

#[test]
fn django() {
    fails_and_is_put_right(&Handler {
        framework: "django",
        file: "django.py",
        wrong: &[("#BODY", "body = json.dumps(json.loads(request.body)).encode()")],
        right: &[("#BODY", "LINES")],
        writer: "python",
        project: ("requirements.txt", "Django==5.2\n"),
    });
}

fn fails_and_is_put_right(handler: &Handler) {
    if let Err(problem) = theirs::installed() {
        return missing(problem);
    }
    let home = Home::new();
    let (file, text) = handler.project;
    fs::write(home.work().join(file), text).unwrap();
    let send = |port: u16| {
        let target = format!("127.0.0.1:{port}/hook");
        let args = ["send", "cost.alert", "--dialect", "template", "--to", &target];
        run(
            home.ckwh(&[&args[..], &FIXED].concat()).env("WEBHOOK_SECRET", SECRET),
            b"",
        )
    };

    let failing = Process::start(&home, handler, handler.wrong, "");
    let refused = send(failing.port);
    assert_eq!(refused.status, 1, "{}", refused.stderr);
    assert!(refused.stderr.contains("--computed"), "{}", refused.stderr);
    let log = failing.line();
    drop(failing);

    let args = [
        "send",
        "cost.alert",
        "--dialect",
        "template",
        "--to",
        "127.0.0.1/hook",
        "--dry-run",
    ];
    let request = run(
        home.ckwh(&[&args[..], &FIXED].concat()).env("WEBHOOK_SECRET", SECRET),
        b"",
    );
    fs::write(home.work().join("request.http"), request.stdout).unwrap();
    let args = [
        "verify",
        "request.http",
        "--json",
        "--at",
        "2026-05-08T12:00:00Z",
        "--computed",
        "-",
    ];
    let verdict = run(home.ckwh(&args).env("WEBHOOK_SECRET", SECRET), log.as_bytes());
    assert_eq!(verdict.status, 1, "{}", verdict.stderr);
    let shown = String::from_utf8(verdict.stdout).unwrap();
    assert!(!shown.contains(SECRET), "{shown}");
    let verdict: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!(verdict["valid"], true, "{verdict:#}");
    let cause = &verdict["causes"][0];
    assert_eq!(cause["kind"], "body.reserialised", "{verdict:#}");
    let writers = cause["writers"].as_array().unwrap();
    assert!(writers.iter().any(|writer| writer == handler.writer), "{cause:#}");
    let lines = cause["remedy"].as_str().unwrap();
    assert_eq!(lines, handler.framework.parse::<Framework>().unwrap().lines());

    let mended = Process::start(&home, handler, handler.right, lines);
    let accepted = send(mended.port);
    assert_eq!(accepted.status, 0, "{}\n{}", accepted.stderr, mended.line());
}

/// A handler's process; it ends with this value.
struct Process {
    child: Child,
    port: u16,
    lines: Receiver<String>,
}

impl Process {
    fn start(home: &Home, handler: &Handler, parts: &[(&str, &str)], lines: &str) -> Self {
        let mut source = fs::read_to_string(folder().join(handler.file)).unwrap();
        for (place, part) in parts {
            assert!(source.contains(place));
            source = source.replace(place, &part.replace("LINES", lines));
        }
        let path = home
            .work()
            .join(format!("handler_{}", handler.file.replace(".js", ".cjs")));
        fs::write(&path, source).unwrap();
        let (program, modules) = if handler.file.ends_with(".py") {
            (theirs::folder().join(".venv/bin/python"), None)
        } else {
            (PathBuf::from("node"), Some(theirs::folder().join("node_modules")))
        };
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let mut command = Command::new(program);
        command
            .arg(&path)
            .env("PORT", port.to_string())
            .env("SECRET", SECRET)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        if let Some(modules) = modules {
            command.env("NODE_PATH", modules);
        }
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                if line.starts_with("computed") && sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut process = Self { child, port, lines };
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            let ended = process.child.try_wait().unwrap();
            assert!(ended.is_none(), "the handler ended by itself: {ended:?}");
            assert!(begun.elapsed() < Duration::from_secs(60), "the handler never listened");
            thread::sleep(Duration::from_millis(20));
        }
        process
    }

    /// The next line that it logged.
    fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(20)).unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain/handlers")
}
