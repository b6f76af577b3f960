//! The receivers of `receivers/faults`, run for real.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use super::theirs;

/// What each is started with.
pub const SECRET: &str = "c0ffeec0ffeec0ffeec0ffeec0ffeec0ff";

/// A receiver's processes; they end with this value.
pub struct Receiver {
    process: Child,
    port: u16,
    effects: u16,
    path: &'static str,
    effects_path: &'static str,
}

/// What `program` needs; or says what is missing.
pub fn installed(program: &str) -> Result<(), &'static str> {
    match program {
        "go" => go().map(drop),
        _ => theirs::installed(),
    }
}

/// The receiver in Go, built once.
fn go() -> Result<PathBuf, &'static str> {
    static BUILT: OnceLock<Option<PathBuf>> = OnceLock::new();
    let built = BUILT.get_or_init(|| {
        let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("faulty-receiver");
        let mut build = Command::new("go");
        build.args(["build", "-o"]).arg(&program).arg("main.go");
        build.current_dir(theirs::folder().join("faults"));
        build.status().is_ok_and(|status| status.success()).then_some(program)
    });
    built.clone().ok_or("Go")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

impl Receiver {
    pub fn start(program: &str, fault: &str, provider: &str) -> Self {
        let folder = theirs::folder();
        let (port, other) = (free_port(), free_port());
        let mut command = match program {
            "express" => {
                let mut command = Command::new("node");
                command.arg("express.mjs").current_dir(folder.join("faults"));
                command
            }
            "flask" => {
                let mut command = Command::new(folder.join(".venv/bin/python"));
                command.arg("flask_app.py").current_dir(folder.join("faults"));
                command
            }
            "go" => Command::new(go().unwrap()),
            "next" => {
                let mut command = Command::new("node");
                let next = ["../node_modules/next/dist/bin/next", "start", "-H", "127.0.0.1"];
                command.args(next).current_dir(folder.join("costkatana-next"));
                command
            }
            other => panic!("{other} is no program"),
        };
        let process = command
            .env("PORT", port.to_string())
            .env("EFFECTS_PORT", other.to_string())
            .env("FAULT", fault)
            .env("PROVIDER", provider)
            .env("HANDLER_SECRET", SECRET)
            .env("NODE_ENV", "production")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap();
        let is_next = program == "next";
        let mut receiver = Self {
            process,
            port,
            effects: if fault == "state-per-worker" { other } else { port },
            path: if is_next { "/api/faults" } else { "/hook" },
            effects_path: if is_next { "/api/faults" } else { "/effects" },
        };
        receiver.wait();
        receiver
    }

    pub fn target(&self) -> String {
        format!("127.0.0.1:{}{}", self.port, self.path)
    }

    pub fn effects(&self) -> String {
        format!("127.0.0.1:{}{}", self.effects, self.effects_path)
    }

    fn wait(&mut self) {
        let begun = Instant::now();
        for port in [self.port, self.effects] {
            while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
                let ended = self.process.try_wait().unwrap();
                assert!(ended.is_none(), "the receiver ended by itself: {ended:?}");
                assert!(
                    begun.elapsed() < Duration::from_secs(120),
                    "the receiver never listened"
                );
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // Workers end with their group.
        if let Some(group) = i32::try_from(self.process.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.process.wait();
    }
}
