//! A receiver that keeps what arrives, on an HTTP implementation that is not ckwh's own. It can be taken away.

use std::convert::Infallible;
use std::future;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tiny_http::{Response, Server};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

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

/// What a request is answered with; `None` holds it without an answer for good.
type Answer = dyn Fn(&Seen) -> Option<u16> + Send + Sync;

struct Log {
    answer: Box<Answer>,
    seen: Mutex<Vec<Seen>>,
    more: Condvar,
    /// Whether `answer` panicked where that ends no thread.
    failed: AtomicBool,
}

impl Log {
    fn take(&self, seen: Seen) -> Option<u16> {
        let status = (self.answer)(&seen);
        self.seen.lock().unwrap().push(seen);
        self.more.notify_all();
        status
    }
}

/// Takes a receiver away; whether all went well with it.
type End = Box<dyn FnOnce() -> bool>;

pub struct Receiver {
    address: SocketAddr,
    log: Arc<Log>,
    end: Option<End>,
}

impl Receiver {
    pub fn start(answer: impl Fn(&Seen) -> Option<u16> + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), answer)
    }

    pub fn at(address: SocketAddr, answer: impl Fn(&Seen) -> Option<u16> + Send + Sync + 'static) -> Self {
        Self::of(tiny, address, answer)
    }

    /// On hyper: the other leaves some of many connections unanswered that are opened at once.
    pub fn of_many(address: SocketAddr, answer: impl Fn(&Seen) -> Option<u16> + Send + Sync + 'static) -> Self {
        Self::of(many, address, answer)
    }

    fn of(
        serve: fn(SocketAddr, &Arc<Log>) -> (SocketAddr, End),
        address: SocketAddr,
        answer: impl Fn(&Seen) -> Option<u16> + Send + Sync + 'static,
    ) -> Self {
        let log = Arc::new(Log {
            answer: Box::new(answer),
            seen: Mutex::default(),
            more: Condvar::new(),
            failed: AtomicBool::new(false),
        });
        let (address, end) = serve(address, &log);
        let end = Some(end);
        Self { address, log, end }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
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
        if let Some(end) = self.end.take() {
            let well = end();
            assert!(thread::panicking() || well, "the receiver failed");
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.end();
    }
}

/// Another may have left the address just now.
fn patiently<T, E: std::fmt::Display>(mut bind: impl FnMut() -> Result<T, E>) -> T {
    let begun = Instant::now();
    loop {
        match bind() {
            Ok(bound) => return bound,
            Err(error) if begun.elapsed() > Duration::from_secs(20) => panic!("{error}"),
            Err(_) => thread::sleep(Duration::from_millis(20)),
        }
    }
}

fn tiny(address: SocketAddr, log: &Arc<Log>) -> (SocketAddr, End) {
    let server = Arc::new(patiently(|| Server::http(address)));
    let address = server.server_addr().to_ip().unwrap();
    let serve = |_| {
        let (server, log) = (server.clone(), log.clone());
        thread::spawn(move || {
            let mut held = Vec::new();
            while let Ok(mut request) = server.recv() {
                let mut body = Vec::new();
                request.as_reader().read_to_end(&mut body).unwrap();
                let fields = request.headers().iter();
                let seen = Seen {
                    at: Timestamp::now(),
                    target: request.url().to_owned(),
                    headers: fields
                        .map(|field| (field.field.to_string(), field.value.as_bytes().to_vec()))
                        .collect(),
                    body,
                };
                match log.take(seen) {
                    Some(status) => drop(request.respond(Response::empty(status))),
                    None => held.push(request),
                }
            }
        })
    };
    let threads: Vec<_> = (0..4).map(serve).collect();
    let end = move || {
        for _ in &threads {
            server.unblock();
        }
        threads.into_iter().all(|thread| thread.join().is_ok())
    };
    (address, Box::new(end))
}

fn many(address: SocketAddr, log: &Arc<Log>) -> (SocketAddr, End) {
    let runtime = Runtime::new().unwrap();
    let listener = patiently(|| runtime.block_on(TcpListener::bind(address)));
    let address = listener.local_addr().unwrap();
    let (serving, log) = (log.clone(), log.clone());
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let log = serving.clone();
            let service = service_fn(move |request| one(request, log.clone()));
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    let end = move || {
        runtime.shutdown_timeout(Duration::from_secs(10));
        !log.failed.load(Ordering::SeqCst)
    };
    (address, Box::new(end))
}

async fn one(request: hyper::Request<Incoming>, log: Arc<Log>) -> Result<hyper::Response<Empty<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    // Who sent it may have been killed.
    let Ok(body) = body.collect().await else {
        return future::pending().await;
    };
    let fields = head.headers.iter();
    let seen = Seen {
        at: Timestamp::now(),
        target: head.uri.to_string(),
        headers: fields
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .collect(),
        body: body.to_bytes().to_vec(),
    };
    let status = catch_unwind(AssertUnwindSafe(|| log.take(seen))).unwrap_or_else(|_| {
        log.failed.store(true, Ordering::SeqCst);
        None
    });
    let Some(status) = status else {
        return future::pending().await;
    };
    let mut response = hyper::Response::new(Empty::new());
    *response.status_mut() = status.try_into().unwrap();
    Ok(response)
}
