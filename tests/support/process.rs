//! A receiver of others, run for real: what its `receiver.toml` says of it, and its process.

use std::collections::BTreeMap;
use std::io::{Read as _, sink};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, io, thread};

use serde::Deserialize;

/// What each is started with. It is hex, which is base64 too: every provider's key can be made of it.
pub const SECRET: &str = "c0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ffeec0ff";

/// `receiver.toml`.
#[derive(Debug, Deserialize)]
pub struct Table {
    pub provider: String,
    /// The dialects whose events it takes, the provider's first one first.
    pub dialects: Vec<String>,
    pub secret_env: String,
    pub path: String,
    pub start: Vec<String>,
    /// The status of each fault, in the first of the dialects; `no-sign` is the one that leaves the signature out.
    pub r#break: BTreeMap<String, u16>,
    pub refused_dialects: BTreeMap<String, u16>,
}

/// A receiver's process; it ends with this value.
#[derive(Debug)]
pub struct Receiver {
    pub table: Table,
    process: Child,
    port: u16,
}

impl Receiver {
    /// Starts the one in that folder, with [`SECRET`].
    pub fn start(folder: &Path) -> Self {
        let table: Table = toml::from_str(&fs::read_to_string(folder.join("receiver.toml")).unwrap()).unwrap();
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
        let mut receiver = Self { table, process, port };
        receiver.wait();
        receiver
    }

    /// Where it takes its events.
    pub fn target(&self) -> String {
        format!("127.0.0.1:{}{}", self.port, self.table.path)
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
