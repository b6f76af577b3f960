//! What a sender may take of us: bytes, connections, time and memory.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// The largest head of a request, in bytes.
pub const HEAD: usize = 64 * 1024;
/// How much is read of a connection that was silent, in bytes.
pub const FIRST_READ: usize = 2 * 1024;
/// How many bodies' bytes are held at once, unless one body may be larger.
const IN_FLIGHT: usize = 64 * 1024 * 1024;
/// How much memory is reckoned with at once, in bytes.
const PIECE: usize = 4 * 1024;
/// How much at least is read of a refused request before its connection is closed, in bytes.
const DRAINED: usize = 64 * 1024;
/// How long that may take.
pub const DRAIN_TIME: Duration = Duration::from_secs(5);
/// After so long without a request a connection's buffers are given back, at the latest after twice the time.
pub const QUIET: Duration = Duration::from_secs(1);
/// How long accepting waits after it failed: out of file descriptors, most likely, and some will be closed.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How many connections wait to be accepted.
pub const BACKLOG: u32 = 1024;

/// The bounds of a receiver.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// The largest body, in bytes.
    pub body: usize,
    /// How long a head may take, and how long a new connection may be silent before its first.
    pub head_time: Duration,
    /// How long a connection may be idle between two requests.
    pub idle_time: Duration,
    /// How long a body may take.
    pub body_time: Duration,
    /// How many connections are served at once; more wait.
    pub connections: usize,
}

impl Limits {
    /// How much is read of a refused request before its connection is closed, in bytes: many senders read no answer before
    /// they have sent all.
    pub fn drained(&self) -> usize {
        self.body.saturating_mul(2).max(DRAINED)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body: 10 * 1024 * 1024,
            head_time: Duration::from_secs(10),
            idle_time: Duration::from_secs(75),
            body_time: Duration::from_secs(30),
            connections: 8192,
        }
    }
}

/// Why a request was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// 400: its body is broken off or is no HTTP.
    Broken,
    /// 408.
    Slow,
    /// 413.
    Large,
    /// 501: its body is coded in a way that is not undone here.
    Coding,
    /// 503: too many bodies at once.
    Busy,
}

impl Refusal {
    /// The status it is answered with.
    pub fn status(self) -> u16 {
        match self {
            Self::Broken => 400,
            Self::Slow => 408,
            Self::Large => 413,
            Self::Coding => 501,
            Self::Busy => 503,
        }
    }

    /// In a few words.
    pub fn problem(self, limits: &Limits) -> String {
        match self {
            Self::Broken => "its body broke off or is not HTTP".into(),
            Self::Slow => format!("its body took longer than {}", crate::clock::shown(limits.body_time)),
            Self::Large => match limits.body {
                body if body > 0 && body % (1 << 20) == 0 => {
                    format!("its body is larger than {} MiB; --max-body takes more", body >> 20)
                }
                body => format!("its body is larger than {body} bytes; --max-body takes more"),
            },
            Self::Coding => "its Transfer-Encoding has more than chunked".into(),
            Self::Busy => "too many large bodies at once".into(),
        }
    }
}

/// The memory of all bodies in flight.
#[derive(Debug, Clone)]
pub struct Memory(Arc<Semaphore>);

impl Memory {
    pub fn new(limits: &Limits) -> Self {
        Self(Arc::new(Semaphore::new(IN_FLIGHT.max(limits.body))))
    }

    fn take(&self, bytes: usize) -> Option<OwnedSemaphorePermit> {
        let bytes = u32::try_from(bytes).ok()?;
        self.0.clone().try_acquire_many_owned(bytes).ok()
    }
}

/// Reads a body whole. The permit is for its memory. A body that announces more than is taken is not read at all, so
/// that no `100 Continue` goes out for it.
pub async fn read(
    body: Incoming,
    limits: &Limits,
    memory: &Memory,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Refusal> {
    if body.size_hint().lower() > limits.body as u64 {
        return Err(Refusal::Large);
    }
    // One alarm for all of it: a body may come in a million chunks.
    timeout(limits.body_time, gather(body, limits.body, memory))
        .await
        .unwrap_or(Err(Refusal::Slow))
}

async fn gather(
    mut body: Incoming,
    most: usize,
    memory: &Memory,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), Refusal> {
    let mut bytes = Vec::new();
    let mut held: Option<OwnedSemaphorePermit> = None;
    loop {
        let frame = match body.frame().await {
            None => return Ok((bytes.into(), held)),
            Some(Err(_)) => return Err(Refusal::Broken),
            Some(Ok(frame)) => frame,
        };
        // Trailers are part of how the body was sent.
        let Ok(chunk) = frame.into_data() else { continue };
        if bytes.len() + chunk.len() > most {
            return Err(Refusal::Large);
        }
        // Small chunks share a piece of memory, and a permit for it.
        let permitted = held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let needed = (bytes.len() + chunk.len()).saturating_sub(permitted);
        if needed > 0 {
            let wanted = needed.max(PIECE).min(most - permitted);
            let permit = memory.take(wanted).ok_or(Refusal::Busy)?;
            match &mut held {
                Some(held) => held.merge(permit),
                None => held = Some(permit),
            }
        }
        // A chunk is part of a larger buffer, which must not be kept alive by it.
        bytes.extend_from_slice(&chunk);
    }
}
