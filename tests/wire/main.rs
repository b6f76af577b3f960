//! What goes over the wire and comes back: sockets in this process that see every byte, and nginx, mitmproxy, OpenSSL,
//! Node, Python and curl at the other end.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod early;
mod hostile;
mod proxies;
mod raw;
mod redirects;
mod sent;
mod servers;
mod sides;
#[path = "../support/mod.rs"]
mod support;
mod tls;
mod whole;

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use support::{Home, Run, run};

const SECRET: &str = "correct horse battery staple";
/// Nothing here takes so long.
const PATIENCE: Duration = Duration::from_secs(60);

impl Home {
    fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.work().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    /// `ckwh` with the secrets of Cost Katana and QuotaWatch.
    fn signing(&self, args: &[&str]) -> Command {
        let mut command = self.ckwh(args);
        command
            .env("WEBHOOK_SECRET", SECRET)
            .env("QUOTAWATCH_WEBHOOK_SECRET", SECRET);
        command
    }

    fn run(&self, args: &[&str]) -> Run {
        run(&mut self.signing(args), b"")
    }
}

impl Run {
    fn text(&self) -> String {
        format!("{}{}", String::from_utf8_lossy(&self.stdout), self.stderr)
    }

    /// The JSON lines of the standard output.
    fn lines(&self) -> Vec<Value> {
        let text = String::from_utf8_lossy(&self.stdout);
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

/// `ckwh listen --json` on a free port; it ends with this value.
struct Listen {
    child: Child,
    out: BufReader<ChildStdout>,
    address: String,
}

impl Listen {
    fn start(home: &Home, args: &[&str]) -> Self {
        let mut command = home.signing(&["listen", "0", "--json"]);
        let mut child = command
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line).unwrap();
        let address = ready["url"].as_str().unwrap().trim_start_matches("http://").to_owned();
        Self { child, out, address }
    }

    /// The next line of its output.
    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no line: {line:?}"))
    }

    /// What it holds of memory, in bytes.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Listen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
