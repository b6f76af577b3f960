//! The catch-server: takes HTTP requests as they come, keeps them, and answers.
//!
//! The order is commit, forward, answer, record the outcome: a 2xx leaves only after the request is kept.

mod answer;
mod body;
mod forward;
mod handshake;
mod health;
mod limits;
mod serve;
mod socket;
mod visit;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, HeaderName, HeaderValue, RETRY_AFTER};
use hyper::{Request, Response, StatusCode, Version};
use jiff::Timestamp;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

use crate::capture::{Capture, Delivered, DeliveryKind, Excerpt, Outcome, Recorded};
use crate::delivery::Answer;
use crate::message::{Headers, Message};
use crate::store::{Kept, StoreError, WriterHandle};

use crate::exchange::credentials::Blanks;
use crate::judge::Judge;
pub use answer::{Answers, Reply};
use body::{AnswerBody, AnswerEnd, Passed};
use forward::RoutedRequest;
pub use forward::{Forward, Route};
use handshake::Answered;
pub use handshake::Handshakes;
pub use health::Health;
pub use limits::Limits;

/// What a receiver does with what it takes.
#[derive(Debug, Default)]
pub struct Config {
    /// The bounds.
    pub limits: Limits,
    /// Who is told.
    pub observer: Option<Arc<dyn Observer>>,
    /// Where requests are kept; `None` keeps none.
    pub store: Option<WriterHandle>,
    /// Who judges them; `None` leaves them without a verdict.
    pub judge: Option<Judge>,
    /// What senders are answered.
    pub answers: Answers,
    /// Where requests are passed on to.
    pub forward: Option<Forward>,
    /// The page for a person who opens the URL in a browser on this machine; such a visit is not kept.
    pub page: Option<Bytes>,
    /// Whether every connection is closed before anything is read from it.
    pub drop: bool,
    /// What is blanked out of the answers that are kept.
    pub blanks: Blanks,
}

/// Is told what happens, from the threads that answer: it must not take long.
pub trait Observer: Send + Sync + std::fmt::Debug {
    /// Something happened.
    fn event(&self, event: Event);
}

/// What happens at a receiver.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// A request was taken, kept where there is a store, and its answer is about to leave.
    Caught(Capture),
    /// A request was not taken.
    Refused {
        /// Who sent it.
        peer: SocketAddr,
        /// What it was answered with, where the answer is known.
        status: Option<u16>,
        /// Why.
        problem: String,
    },
    /// A request could not be kept, and was answered 503.
    Unkept {
        /// Who sent it.
        peer: SocketAddr,
        /// Why.
        error: StoreError,
    },
    /// A connection was closed before anything was read.
    Dropped {
        /// Whose.
        peer: SocketAddr,
    },
}

/// A server that catches what is sent to it. Dropping it ends it at once.
#[derive(Debug)]
pub struct Receiver {
    addresses: Vec<SocketAddr>,
    stop: watch::Sender<bool>,
    shared: Arc<Shared>,
    listeners: Vec<tokio::task::JoinHandle<()>>,
}

impl Receiver {
    /// Listens on `addresses`. Where the first has the port 0, all take the port it gets; one after the first whose
    /// kind the system does not have is passed over.
    ///
    /// # Errors
    /// Where an address can't be had.
    pub async fn start(addresses: &[SocketAddr], config: Config) -> io::Result<Self> {
        let mut bound: Vec<TcpListener> = Vec::new();
        for address in addresses {
            let mut address = *address;
            if let (0, Some(first)) = (address.port(), bound.first()) {
                address.set_port(first.local_addr()?.port());
            }
            match bind(address) {
                Ok(listener) => bound.push(listener),
                Err(error) if !bound.is_empty() && error.kind() != io::ErrorKind::AddrInUse => {}
                Err(error) => return Err(error),
            }
        }
        let own = bound.iter().map(TcpListener::local_addr).collect::<io::Result<_>>()?;
        let (stop, stopped) = watch::channel(false);
        let shared = Arc::new(Shared {
            memory: limits::Memory::new(&config.limits),
            connections: Arc::new(Semaphore::new(config.limits.connections)),
            config,
            count: AtomicU64::new(0),
        });
        let listeners = bound
            .into_iter()
            .map(|listener| tokio::spawn(accept(listener, shared.clone(), stopped.clone())))
            .collect();
        Ok(Self {
            addresses: own,
            stop,
            shared,
            listeners,
        })
    }

    /// Where it listens.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Takes nothing new, and waits until what is in flight is kept and answered, for at most as long as a body may
    /// take.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let all = u32::try_from(self.shared.config.limits.connections).unwrap_or(u32::MAX);
        let longest = self.shared.config.limits.body_time;
        let _ = timeout(longest, self.shared.connections.acquire_many(all)).await;
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.listeners.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv6() {
        TcpSocket::new_v6()?
    } else {
        TcpSocket::new_v4()?
    };
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // Answers are small and whole; waiting to fill a packet would only delay them. What is accepted inherits it.
    let _ = socket.set_nodelay(true);
    socket.bind(address)?;
    socket.listen(limits::BACKLOG)
}

/// What all connections share.
#[derive(Debug)]
struct Shared {
    config: Config,
    memory: limits::Memory,
    connections: Arc<Semaphore>,
    /// How many requests were taken.
    count: AtomicU64,
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, mut stopped: watch::Receiver<bool>) {
    loop {
        let accepted = async {
            let permit = shared.connections.clone().acquire_owned().await.ok()?;
            Some((permit, listener.accept().await))
        };
        let accepted = tokio::select! {
            accepted = accepted => accepted,
            () = ordered(&mut stopped) => return,
        };
        match accepted {
            None => return,
            Some((_, Err(_))) => tokio::time::sleep(limits::ACCEPT_PAUSE).await,
            Some((_, Ok((_, peer)))) if shared.config.drop => shared.tell(Event::Dropped { peer }),
            Some((permit, Ok((stream, peer)))) => {
                tokio::spawn(serve::connection(stream, peer, permit, shared.clone(), stopped.clone()));
            }
        }
    }
}

/// Ends when the receiver is to stop.
async fn ordered(stopped: &mut watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

impl Shared {
    fn tell(&self, event: Event) {
        if let Some(observer) = &self.config.observer {
            observer.event(event);
        }
    }

    /// Takes a request and answers it. What waits for its body holds no more than that.
    fn answer(
        self: &Arc<Self>,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> impl Future<Output = Response<AnswerBody>> + use<'_> {
        let (head, body) = request.into_parts();
        let mut recorded = Arc::new(Recorded {
            received_at: Some(now()),
            peer: Some(peer.to_string()),
            http_1_0: head.version == Version::HTTP_10,
            ..Recorded::new(Message {
                method: head.method.as_str().to_owned(),
                url: Some(head.uri.to_string()),
                headers: head
                    .headers
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_bytes()))
                    .collect(),
                ..Message::new(Bytes::new())
            })
        });
        async move {
            let limits = &self.config.limits;
            let read = match has_other_coding(&recorded.message.headers) {
                true => Err(limits::Refusal::Coding),
                false => limits::read(body, limits, &self.memory).await,
            };
            match read {
                Ok((body, _memory)) => {
                    Arc::make_mut(&mut recorded).message.body = body;
                    self.take(recorded, peer).await
                }
                Err(refusal) => {
                    let (status, problem) = (refusal.status(), refusal.problem(limits));
                    let response = closing(status, &problem);
                    self.tell(Event::Refused {
                        peer,
                        status: Some(status),
                        problem,
                    });
                    response
                }
            }
        }
    }

    /// Commit, forward, answer, record the outcome.
    async fn take(self: &Arc<Self>, mut recorded: Arc<Recorded>, peer: SocketAddr) -> Response<AnswerBody> {
        let config = &self.config;
        if let Some(page) = &config.page
            && let Some(reply) = visit::answer(&recorded.message, peer, page)
        {
            return respond(&reply);
        }
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let (mut reply, routed) = self.judge(Arc::make_mut(&mut recorded), number);
        let kept = match &config.store {
            Some(store) => match store.keep(recorded.clone()).await {
                Ok(kept) => Some(kept),
                Err(error) => {
                    self.tell(Event::Unkept { peer, error });
                    return unkept();
                }
            },
            None => None,
        };
        if let (Some(forward), Some(routed)) = (&config.forward, routed) {
            // Boxed: otherwise its size is part of every request's future, also where nothing is passed on.
            match Box::pin(forward.pass(&routed, &recorded.message)).await {
                Ok((mut answer, duration)) => {
                    if answer.length() == Some(0) {
                        // Its connection may be used again at once.
                        let _ = answer.piece().await;
                    }
                    self.hold_back().await;
                    return self.pass_on(answer, duration, recorded, kept);
                }
                Err((outcome, answer)) => {
                    self.record(&mut recorded, kept.as_ref(), outcome, answer.status);
                    reply = answer;
                }
            }
        }
        self.hold_back().await;
        self.caught(recorded, kept);
        respond(&reply)
    }

    async fn hold_back(&self) {
        let delay = self.config.answers.delay;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
    }

    /// A receiver's answer, which is recorded when its body ends.
    fn pass_on(
        self: &Arc<Self>,
        mut answer: Answer,
        duration: Duration,
        mut recorded: Arc<Recorded>,
        kept: Option<Kept>,
    ) -> Response<AnswerBody> {
        let (status, headers) = (answer.status, std::mem::take(&mut answer.headers));
        let to_head = recorded.message.method == "HEAD";
        let passed_on = forward::passed_on(&headers, to_head);
        let http_1_0 = recorded.http_1_0;
        let shared = self.clone();
        let ended = move |ended: AnswerEnd| {
            let mut excerpt = ended.excerpt;
            shared.config.blanks.blank(&mut excerpt);
            let failure = ended.failure.map(|failure| failure.message);
            let outcome = forward::outcome(Some(excerpt), ended.duration, failure);
            shared.record(&mut recorded, kept.as_ref(), outcome, status);
            shared.caught(recorded, kept);
        };
        let excerpt = Excerpt::new(status, headers);
        let body = AnswerBody::passed(Passed::new(answer, excerpt, http_1_0, duration, ended));
        response(status, &passed_on, body)
    }

    /// Records what came of a forward, beside the answer, which does not wait for it.
    fn record(&self, recorded: &mut Arc<Recorded>, kept: Option<&Kept>, outcome: Outcome, status: u16) {
        let passed_on = Arc::make_mut(recorded);
        passed_on.answer = Some(status);
        if let Some(delivered) = passed_on.deliveries.last_mut() {
            delivered.outcome = Some(outcome.clone());
        }
        if let (Some(store), Some(kept)) = (&self.config.store, kept) {
            store.finish(kept, outcome);
            store.answered(kept, status);
        }
    }

    fn caught(&self, recorded: Arc<Recorded>, kept: Option<Kept>) {
        self.tell(Event::Caught(Capture {
            id: kept.as_ref().map_or(0, |kept| kept.id),
            duplicate_of: kept.and_then(|kept| kept.duplicate_of),
            recorded,
        }));
    }

    /// Judges a request; gives what it is answered where nobody else does, and where it is passed on to.
    fn judge(&self, recorded: &mut Recorded, number: u64) -> (Reply, Option<Box<RoutedRequest<'_>>>) {
        let config = &self.config;
        recorded.judgement = config.judge.as_ref().map(|judge| judge.judge(recorded, now()));
        let local = self.local_reply(recorded, number);
        let event_type = recorded
            .judgement
            .as_ref()
            .and_then(|judgement| judgement.event_type.as_deref());
        let routed = match (&local, &config.forward) {
            (None, Some(forward)) => forward.route(recorded, event_type).map(Box::new),
            _ => None,
        };
        let reply = local.unwrap_or_else(|| config.answers.reply(number));
        match &routed {
            Some(routed) => recorded.deliveries.push(Delivered {
                id: 0,
                kind: DeliveryKind::Forward,
                target: routed.url(),
                at: now(),
                outcome: None,
            }),
            None => recorded.answer = Some(reply.status),
        }
        (reply, routed)
    }

    /// What is answered here, whatever a receiver behind would say.
    fn local_reply(&self, recorded: &mut Recorded, number: u64) -> Option<Reply> {
        let answers = &self.config.answers;
        let handshake = self.handshake(recorded);
        let (asks_for_valid, handshake) = match handshake {
            Some(found) => (found.asks_for_valid, Some(found.reply)),
            None => (false, None),
        };
        if !asks_for_valid && let Some(reply) = handshake {
            return Some(reply);
        }
        let valid = recorded
            .judgement
            .as_ref()
            .is_some_and(|judgement| judgement.reason.is_authentic());
        if answers.reject_invalid && !valid {
            return Some(Reply::text(401, "the signature is not valid"));
        }
        if let Some(reply) = handshake {
            return Some(reply);
        }
        match &self.config.forward {
            Some(_) if recorded.message.method == "CONNECT" => Some(Reply::text(501, "a tunnel is not passed on")),
            Some(forward) if forward.is_loop(&recorded.message) => {
                Some(Reply::text(508, "this request was forwarded by the same ckwh before"))
            }
            Some(_) => None,
            None => Some(answers.reply(number)),
        }
    }

    /// The answer to a handshake. Where it delivers a secret, the verdict says what to do with it.
    fn handshake(&self, recorded: &mut Recorded) -> Option<Answered> {
        let handshakes = self.config.answers.handshakes.as_ref()?;
        let whose = recorded.judgement.as_ref()?.provider.as_deref();
        let answered = handshakes.answer(recorded, whose)?;
        if let (Some(judgement), Some(delivered)) = (&mut recorded.judgement, &answered.delivered) {
            judgement.detail = Some(delivered.clone());
        }
        Some(answered)
    }
}

/// Whether a body is coded for its transfer in another way than in chunks, which is not undone here: it would be taken
/// for the body itself (RFC 9112, 6.1).
fn has_other_coding(headers: &Headers) -> bool {
    let mut codings = headers
        .get_all("transfer-encoding")
        .flat_map(|value| value.split(|byte| *byte == b','));
    let is_chunked = |coding: &[u8]| coding.trim_ascii().eq_ignore_ascii_case(b"chunked");
    codings.next().is_some_and(|first| !is_chunked(first)) || codings.next().is_some()
}

/// In microseconds, as it is kept.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
}

fn respond(reply: &Reply) -> Response<AnswerBody> {
    response(reply.status, &reply.headers, AnswerBody::own(reply.body.clone()))
}

fn response(status: u16, headers: &Headers, body: AnswerBody) -> Response<AnswerBody> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    for (name, value) in headers.iter() {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// An answer after which the connection is closed.
fn closing(status: u16, problem: &str) -> Response<AnswerBody> {
    let mut response = respond(&Reply::text(status, problem));
    response
        .headers_mut()
        .insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

fn unkept() -> Response<AnswerBody> {
    let mut response = respond(&Reply::text(503, "it could not be kept"));
    response
        .headers_mut()
        .insert(RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
