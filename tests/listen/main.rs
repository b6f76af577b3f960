//! `ckwh listen` and `ckwh captures` as a user has them: one binary, a store of its own for each test.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod answers;
mod challenges;
mod credentials;
mod exchange;
mod forward;
mod hostile;
mod kept;
mod leak;
mod people;
#[path = "../support/rounds.rs"]
mod rounds;
mod senders;
mod shown;
#[path = "../support/receivers.rs"]
mod theirs;
mod trust;

use std::fs;
use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// The secret of the tests that need one.
const SECRET: &str = "correct horse battery staple";
/// Nothing here takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A home, and a store in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn store(&self) -> PathBuf {
        self.path("data").join("captures.db")
    }

    /// `program` with nothing of this process's environment but its path.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.0.path())
            .env("TZ", "UTC")
            .env("CKWH_STORE", self.store())
            .env("WEBHOOK_SECRET", SECRET)
            .env("QUOTAWATCH_WEBHOOK_SECRET", SECRET)
            .current_dir(self.0.path());
        command
    }

    fn ckwh(&self, args: &[&str]) -> Command {
        let mut command = self.command(env!("CARGO_BIN_EXE_ckwh"));
        command.args(args);
        command
    }

    fn run(&self, args: &[&str]) -> Output {
        self.ckwh(args).stdin(Stdio::null()).output().unwrap()
    }

    /// The standard output of a run that ended with `status`.
    fn text(&self, args: &[&str], status: i32) -> String {
        let output = self.run(args);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(status), "{args:?}\n{out}{err}");
        out
    }

    /// The JSON lines of a run that ended with `status`.
    fn lines(&self, args: &[&str], status: i32) -> Vec<Value> {
        let args: Vec<&str> = args.iter().copied().chain(["--json"]).collect();
        let text = self.text(&args, status);
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The bodies of every capture, in order.
    fn bodies(&self) -> Vec<Vec<u8>> {
        let text = self.text(&["captures", "export", "--all"], 0);
        text.lines()
            .map(|line| body(&serde_json::from_str(line).unwrap()))
            .collect()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn body(capture: &Value) -> Vec<u8> {
    use base64::Engine as _;
    match (capture["body"].as_str(), capture["body_base64"].as_str()) {
        (Some(text), None) => text.into(),
        (None, Some(text)) => base64::engine::general_purpose::STANDARD.decode(text).unwrap(),
        _ => panic!("{capture}"),
    }
}

/// `ckwh listen --json` on a free port.
struct Listen {
    child: Child,
    out: BufReader<ChildStdout>,
    address: SocketAddr,
}

impl Listen {
    fn start(place: &Place, args: &[&str]) -> Self {
        let mut command = place.ckwh(&["listen", "0", "--json"]);
        command.args(args);
        Self::spawn(command)
    }

    /// With a limit of the shell in front, such as `ulimit -n 40`.
    fn limited(place: &Place, limit: &str) -> Self {
        let mut command = place.command("sh");
        command.args([
            "-c",
            &format!("{limit} && exec \"$0\" listen 0 --json"),
            env!("CARGO_BIN_EXE_ckwh"),
        ]);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not ready: {line:?}"));
        assert_eq!(ready["type"], "ready");
        let address = ready["url"]
            .as_str()
            .unwrap()
            .trim_start_matches("http://")
            .parse()
            .unwrap();
        Self { child, out, address }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// What comes back for these bytes until the connection is closed.
    fn exchange(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        // One that is refused early may be closed before all was sent.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        text(&answer)
    }

    fn post(&self, path: &str, body: &[u8]) -> u16 {
        status(&self.exchange(&request(path, body)))
    }

    /// The next line of its output.
    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no line: {line:?}"))
    }

    /// The lines that are left, once it ended with `status`; and what it said besides.
    fn end(mut self, status: i32) -> (Vec<Value>, String) {
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).unwrap();
        let mut said = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(status), "{rest}{said}");
        let lines = rest.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        (lines, said)
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// Stops it as Ctrl-C does.
    fn stop(self, status: i32) -> (Vec<Value>, String) {
        self.signal(rustix::process::Signal::INT);
        self.end(status)
    }

    /// A number of its line in `/proc/PID/status`.
    fn proc_status(&self, name: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }
}

impl Drop for Listen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A POST after which the connection is closed.
fn request(path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// The status of an answer; 0 where there is none.
fn status(answer: &str) -> u16 {
    answer
        .split_whitespace()
        .nth(1)
        .and_then(|status| status.parse().ok())
        .unwrap_or(0)
}

/// Reads one answer without a body from a connection that stays open.
fn read_answer(stream: &mut impl Read) -> Option<u16> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte).ok()? == 0 {
            return None;
        }
        head.push(byte[0]);
    }
    Some(status(&text(&head)))
}

/// Says that something is missing; fails where the environment asks for all of it.
fn missing(what: &str) {
    assert!(std::env::var_os("CKWH_REQUIRE_RUNTIMES").is_none(), "{what} is missing");
    eprintln!("not tested: {what} is missing");
}
