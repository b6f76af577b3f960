//! Every event, every fault and every dialect against real receivers: see `receivers/README.md`.
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod support;
#[path = "support/receivers.rs"]
mod theirs;

use std::collections::BTreeMap;
use std::io::{Read as _, sink};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use serde::Deserialize;
use serde_json::Value;
use support::{Home, missing, run};

const SECRET: &str = "a secret that both sides know";

/// `receiver.toml`.
#[derive(Deserialize)]
struct Table {
    provider: String,
    /// The dialects whose events it takes, the provider's first one first.
    dialects: Vec<String>,
    secret_env: String,
    path: String,
    start: Vec<String>,
    /// The status of each fault, in the first of the dialects; `no-sign` is the one that leaves the signature out.
    r#break: BTreeMap<String, u16>,
    refused_dialects: BTreeMap<String, u16>,
}

#[test]
fn costkatana_express_json() {
    try_receiver("costkatana-express-json");
}

#[test]
fn costkatana_express_raw() {
    try_receiver("costkatana-express-raw");
}

#[test]
fn costkatana_next() {
    try_receiver("costkatana-next");
}

#[test]
fn quotawatch_express() {
    try_receiver("quotawatch-express");
}

#[test]
fn quotawatch_flask() {
    try_receiver("quotawatch-flask");
}

#[test]
fn no_receiver_is_left_out() {
    let here = include_str!("receivers.rs");
    for entry in fs::read_dir(theirs::folder()).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        if entry.path().join("receiver.toml").exists() {
            assert!(
                here.contains(&format!("try_receiver(\"{name}\")")),
                "{name} has no test"
            );
        }
    }
}

fn try_receiver(name: &str) {
    if let Err(problem) = theirs::installed() {
        return missing(problem);
    }
    let folder = theirs::folder().join(name);
    let table: Table = toml::from_str(&fs::read_to_string(folder.join("receiver.toml")).unwrap()).unwrap();
    let receiver = Receiver::start(&folder, &table);
    let home = Home::new();
    let target = format!("127.0.0.1:{}{}", receiver.port, table.path);
    let send = |event: &str, more: &[&str]| {
        let fixed = ["send", event, "--json", "--to", &target, "--provider", &table.provider];
        let sent = run(home.ckwh(&[&fixed, more].concat()).env(&table.secret_env, SECRET), b"");
        let delivery: Value = serde_json::from_slice(&sent.stdout).unwrap_or_else(|_| panic!("{}", sent.stderr));
        let got = &delivery["response"]["status"];
        assert!(
            sent.status == 0 && delivery["ok"] == true,
            "{name}: {event} {more:?}: got {got}, {}",
            delivery["unmet"]
        );
    };
    let events = run(
        &mut home.ckwh(&["events", "--json", "--provider", &table.provider]),
        b"",
    );
    let events: Vec<String> = String::from_utf8(events.stdout)
        .unwrap()
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["event_type"]
                .as_str()
                .unwrap()
                .to_owned()
        })
        .collect();
    let first = events.first().expect("a provider has events");
    for dialect in &table.dialects {
        for event in &events {
            send(event, &["--dialect", dialect]);
        }
    }
    for (fault, status) in &table.r#break {
        let status = status.to_string();
        match fault.as_str() {
            "no-sign" => send(first, &["--no-sign", "--expect", &status]),
            fault => send(first, &["--break", fault, "--expect", &status]),
        }
    }
    for (dialect, status) in &table.refused_dialects {
        send(first, &["--dialect", dialect, "--expect", &status.to_string()]);
    }
}

/// A receiver's process; it ends with this value.
struct Receiver {
    process: Child,
    port: u16,
}

impl Receiver {
    fn start(folder: &Path, table: &Table) -> Self {
        let program = match table.start[0].as_str() {
            // The link itself, not what it leads to: a virtual environment is found by the path of its Python.
            path if path.contains('/') => folder.join(path),
            name => name.into(),
        };
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let mut process = Command::new(program)
            .args(&table.start[1..])
            .current_dir(folder)
            .env("PORT", port.to_string())
            .env(&table.secret_env, SECRET)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdout = process.stdout.take().unwrap();
        thread::spawn(move || io::copy(&mut stdout.by_ref(), &mut sink()));
        let mut receiver = Self { process, port };
        receiver.wait();
        receiver
    }

    fn wait(&mut self) {
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            let ended = self.process.try_wait().unwrap();
            assert!(ended.is_none(), "the receiver ended by itself: {ended:?}");
            assert!(begun.elapsed() < Duration::from_secs(60), "the receiver never listened");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
