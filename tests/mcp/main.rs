//! `ckwh mcp`, as an agent's client speaks to it: line by line, and with the official clients.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that can't go on fails")]

mod bounds;
mod clients;
#[path = "../check/receiver.rs"]
mod receiver;
mod repair;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/receivers.rs"]
mod theirs;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::thread;

use serde_json::{Value, json};
use support::Home;

const SECRET: &str = "correct horse battery staple";

/// A client that has begun its session; the server ends with it.
struct Client {
    child: Child,
    stdin: Option<ChildStdin>,
    out: BufReader<ChildStdout>,
    count: u64,
    /// The notifications that came.
    told: Vec<Value>,
}

impl Client {
    fn start(home: &Home, args: &[&str]) -> Self {
        Self::start_with(home, args, &[("WEBHOOK_SECRET", SECRET)])
    }

    fn start_with(home: &Home, args: &[&str], env: &[(&str, &str)]) -> Self {
        let mut child = home
            .ckwh(&[&["mcp"], args].concat())
            .envs(env.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut client = Self {
            stdin: child.stdin.take(),
            out: BufReader::new(child.stdout.take().unwrap()),
            child,
            count: 0,
            told: Vec::new(),
        };
        let begun = client.ask(
            "initialize",
            json!({ "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } }),
        );
        assert_eq!(begun["result"]["serverInfo"]["name"], "ckwh", "{begun}");
        client.write(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }).to_string());
        client
    }

    fn write(&mut self, line: &str) {
        writeln!(self.stdin.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Asks without waiting for the answer; its number.
    fn begin(&mut self, method: &str, params: Value) -> u64 {
        self.count += 1;
        let asked = json!({ "jsonrpc": "2.0", "id": self.count, "method": method, "params": params });
        self.write(&asked.to_string());
        self.count
    }

    /// The answer of that number.
    fn answer(&mut self, number: u64) -> Value {
        loop {
            let mut line = String::new();
            self.out.read_line(&mut line).unwrap();
            let message: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no message: {line:?}"));
            if message["id"] == number {
                return message;
            }
            self.told.push(message);
        }
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        let number = self.begin(method, params);
        self.answer(number)
    }

    /// The result of a tool.
    fn call(&mut self, name: &str, arguments: Value) -> Value {
        let answer = self.ask("tools/call", json!({ "name": name, "arguments": arguments }));
        assert!(answer["result"].is_object(), "{answer}");
        answer["result"].clone()
    }

    /// Why a tool was refused.
    fn refused(&mut self, name: &str, arguments: Value) -> String {
        let result = self.call(name, arguments);
        assert_eq!(result["isError"], true, "{result}");
        assert_eq!(result["structuredContent"]["type"], "error");
        result["structuredContent"]["message"].as_str().unwrap().to_owned()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        drop(self.stdin.take());
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A handler that answers every request in the same way; `{request}` in the answer's body stands for the whole request.
fn handler(status: u16, body: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut bytes = [0; 16 * 1024];
            let read = stream.read(&mut bytes).unwrap_or(0);
            let body = body.replace("{request}", &String::from_utf8_lossy(&bytes[..read]));
            let length = body.len();
            let _ = write!(
                stream,
                "HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
            );
        }
    });
    address
}
