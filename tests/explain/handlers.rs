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

pub const SECRET: &str = "a secret that both sides know";
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
        file: "route.js",
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

    let failing = Process::start(&home, handler, "failing", handler.wrong, "");
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

    let mended = Process::start(&home, handler, "mended", handler.right, lines);
    let accepted = send(mended.port);
    assert_eq!(accepted.status, 0, "{}\n{}", accepted.stderr, mended.line());
}

/// A handler's process; it ends with this value.
pub struct Process {
    child: Child,
    pub port: u16,
    lines: Receiver<String>,
}

impl Process {
    fn start(home: &Home, handler: &Handler, name: &str, parts: &[(&str, &str)], lines: &str) -> Self {
        let mut source = fs::read_to_string(folder().join(handler.file)).unwrap();
        for (place, part) in parts {
            assert!(source.contains(place));
            source = source.replace(place, &part.replace("LINES", lines));
        }
        let script = |extension| {
            let path = home.work().join(format!("handler_{name}.{extension}"));
            fs::write(&path, &source).unwrap();
            path
        };
        let mut command = match handler.framework {
            "next" => next_app(name, &source),
            "express" => express_app(&script("cjs")),
            _ => flask_app(&script("py")),
        };
        Self::of(&mut command)
    }

    /// Runs a handler, and waits until it listens.
    pub fn of(command: &mut Command) -> Self {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        command
            .env("PORT", port.to_string())
            .env("SECRET", SECRET)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
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
    pub fn line(&self) -> String {
        self.lines.recv_timeout(Duration::from_secs(20)).unwrap()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a script with Express and what else is installed beside it.
pub fn express_app(script: &Path) -> Command {
    let mut node = Command::new("node");
    node.arg(script).env("NODE_PATH", theirs::folder().join("node_modules"));
    node
}

/// Runs a script with Flask, Django and what else is installed beside them.
pub fn flask_app(script: &Path) -> Command {
    let mut python = Command::new(theirs::folder().join(".venv/bin/python"));
    python.arg(script);
    python
}

/// Starts a Next.js app of one route, `/hook`. It is built before, where it is not yet from this source.
fn next_app(name: &str, source: &str) -> Command {
    const NEXT: &str = "../node_modules/next/dist/bin/next";
    // It must stand beside node_modules.
    let app = theirs::folder().join(format!(".handler-{name}"));
    let lock = fs::read_to_string(theirs::folder().join("package-lock.json")).unwrap();
    let built = format!("{lock}{source}");
    if fs::read_to_string(app.join("built")).ok().as_ref() != Some(&built) {
        let _ = fs::remove_dir_all(&app);
        fs::create_dir_all(app.join("app/hook")).unwrap();
        fs::copy(
            theirs::folder().join("costkatana-next/next.config.js"),
            app.join("next.config.js"),
        )
        .unwrap();
        fs::write(app.join("app/hook/route.js"), source).unwrap();
        let mut build = Command::new("node");
        build
            .args([NEXT, "build"])
            .current_dir(&app)
            .env("NEXT_TELEMETRY_DISABLED", "1");
        let log = build.output().unwrap();
        assert!(log.status.success(), "{}", String::from_utf8_lossy(&log.stdout));
        fs::write(app.join("built"), built).unwrap();
    }
    let mut start = Command::new("node");
    start
        .args([NEXT, "start", "-H", "127.0.0.1"])
        .current_dir(app)
        .env("NEXT_TELEMETRY_DISABLED", "1");
    start
}

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain/handlers")
}
