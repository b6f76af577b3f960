//! A receiver that keeps what arrives, on an HTTP implementation that is not ckwh's own. It can be taken away.

use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tiny_http::{Response, Server};

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Seen {
    pub at: Timestamp,
    pub target: String,
    pub headers: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(own, _)| own.eq_ignore_ascii_case(name))
            .and_then(|(_, value)| std::str::from_utf8(value).ok())
    }
}

#[derive(Default)]
struct Log {
    seen: Mutex<Vec<Seen>>,
    more: Condvar,
}

pub struct Receiver {
    server: Arc<Server>,
    log: Arc<Log>,
    threads: Vec<JoinHandle<()>>,
}

impl Receiver {
    /// Answers each request with the status that `answer` gives; `None` holds it without an answer for good.
    pub fn start(answer: impl Fn(&Seen) -> Option<u16> + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), answer)
    }

    pub fn at(address: SocketAddr, answer: impl Fn(&Seen) -> Option<u16> + Send + Sync + 'static) -> Self {
        let begun = Instant::now();
        let server = loop {
            match Server::http(address) {
                Ok(server) => break Arc::new(server),
                Err(error) if begun.elapsed() > Duration::from_secs(20) => panic!("{error}"),
                Err(_) => thread::sleep(Duration::from_millis(20)),
            }
        };
        let log = Arc::new(Log::default());
        let answer = Arc::new(answer);
        let serve = |_| {
            let (server, log, answer) = (server.clone(), log.clone(), answer.clone());
            thread::spawn(move || {
                let mut held = Vec::new();
                while let Ok(mut request) = server.recv() {
                    let mut body = Vec::new();
                    request.as_reader().read_to_end(&mut body).unwrap();
                    let seen = Seen {
                        at: Timestamp::now(),
                        target: request.url().to_owned(),
                        headers: request
                            .headers()
                            .iter()
                            .map(|field| (field.field.to_string(), field.value.as_bytes().to_vec()))
                            .collect(),
                        body,
                    };
                    let status = answer(&seen);
                    log.seen.lock().unwrap().push(seen);
                    log.more.notify_all();
                    match status {
                        Some(status) => drop(request.respond(Response::empty(status))),
                        None => held.push(request),
                    }
                }
            })
        };
        let threads = (0..4).map(serve).collect();
        Self { server, log, threads }
    }

    pub fn address(&self) -> SocketAddr {
        self.server.server_addr().to_ip().unwrap()
    }

    pub fn to(&self) -> String {
        self.address().to_string()
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.log.seen.lock().unwrap().clone()
    }

    /// Waits until so many requests arrived.
    pub fn wait_for(&self, count: usize) {
        let seen = self.log.seen.lock().unwrap();
        let enough = self
            .log
            .more
            .wait_timeout_while(seen, Duration::from_secs(60), |seen| seen.len() < count)
            .unwrap();
        assert!(!enough.1.timed_out(), "{} of {count} arrived", enough.0.len());
    }

    /// Takes it away; gives what arrived.
    pub fn stop(mut self) -> Vec<Seen> {
        self.end();
        self.seen()
    }

    fn end(&mut self) {
        for _ in &self.threads {
            self.server.unblock();
        }
        for thread in self.threads.drain(..) {
            let ended = thread.join();
            assert!(thread::panicking() || ended.is_ok(), "the receiver failed");
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.end();
    }
}
