//! A receiver that keeps what arrives, on an HTTP implementation that is not ckwh's own. It can be taken away.

use std::future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
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

#[derive(Default)]
struct Log {
    seen: Mutex<Vec<Seen>>,
    more: Condvar,
}

pub struct Receiver {
    address: SocketAddr,
    log: Arc<Log>,
    /// Gone once it is taken away.
    runtime: Option<Runtime>,
}

impl Receiver {
    /// Answers each request with the status that `answer` gives; `None` holds it without an answer for good.
    pub fn start(answer: impl Fn(&Seen) -> Option<u16> + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), answer)
    }

    pub fn at(address: SocketAddr, answer: impl Fn(&Seen) -> Option<u16> + Send + Sync + 'static) -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(bound(address));
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Log::default());
        runtime.spawn(serve(listener, log.clone(), Arc::new(answer)));
        Self {
            address,
            log,
            runtime: Some(runtime),
        }
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
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(10));
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.end();
    }
}

/// Another may have left the address just now.
async fn bound(address: SocketAddr) -> TcpListener {
    let begun = Instant::now();
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return listener,
            Err(error) if begun.elapsed() > Duration::from_secs(20) => panic!("{error}"),
            Err(_) => thread::sleep(Duration::from_millis(20)),
        }
    }
}

async fn serve(
    listener: TcpListener,
    log: Arc<Log>,
    answer: Arc<impl Fn(&Seen) -> Option<u16> + Send + Sync + 'static>,
) -> io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        let (log, answer) = (log.clone(), answer.clone());
        tokio::spawn(async move {
            let service = service_fn(|request| one(request, &log, &*answer));
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn one(
    request: Request<Incoming>,
    log: &Log,
    answer: &impl Fn(&Seen) -> Option<u16>,
) -> hyper::Result<Response<Empty<Bytes>>> {
    let (head, body) = request.into_parts();
    let fields = head.headers.iter();
    let seen = Seen {
        at: Timestamp::now(),
        target: head.uri.to_string(),
        headers: fields
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .collect(),
        body: body.collect().await?.to_bytes().to_vec(),
    };
    let status = answer(&seen);
    log.seen.lock().unwrap().push(seen);
    log.more.notify_all();
    let Some(status) = status else {
        return future::pending().await;
    };
    let mut response = Response::new(Empty::new());
    *response.status_mut() = status.try_into().unwrap();
    Ok(response)
}
