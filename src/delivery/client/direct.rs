//! Plain connections of our own, kept open from one request to the next: names of header fields go out in their case
//! and order, and targets byte for byte, which hyper's client can't write. Many deliveries to a server on this machine
//! are limited by what the client spends on each (`cargo bench --bench replay` prints it beside hyper's).

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite as _, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use super::answer::{Body, Head, Incoming};
use super::{Trouble, fields, resolve};
use crate::delivery::Endpoint;
use crate::message::{Message, can_carry};

/// Up to this length a body goes out in one write with its head, in bytes.
const TOGETHER: usize = 16 * 1024;
/// A connection may be gone without a word so long after the deadline of its last request.
const IDLE: Duration = Duration::from_secs(60);

type Connection = Box<Incoming<Link>>;

/// Connections to one address.
#[derive(Debug)]
pub struct Direct {
    host: String,
    port: u16,
    idle: Mutex<Vec<Connection>>,
}

/// A connection with what goes out over it. Reading from it sends on, so that neither waits for the other.
#[derive(Debug)]
pub struct Link {
    stream: TcpStream,
    /// A request's head, and its body where that is short.
    head: Vec<u8>,
    body: Bytes,
    /// How much of both went out.
    sent: usize,
    /// Why not all of it did.
    broken: Option<io::Error>,
    deadline: Instant,
    /// Set anew for each request, which costs less than another.
    alarm: Pin<Box<Sleep>>,
}

/// An answer whose body comes yet.
#[derive(Debug)]
pub struct Flow {
    connection: Option<Connection>,
    body: Body,
    home: Arc<Direct>,
}

impl Direct {
    pub fn new(endpoint: &Endpoint) -> Self {
        Self {
            host: endpoint.url().host_str().unwrap_or_default().to_owned(),
            port: endpoint.url().port_or_known_default().unwrap_or(80),
            idle: Mutex::default(),
        }
    }

    /// Sends a message over an idle connection or a new one, and reads the head of its answer, up to `deadline`. An
    /// answer that comes before all was sent counts.
    pub async fn open(
        self: &Arc<Self>,
        endpoint: &Endpoint,
        message: &Message,
        deadline: Instant,
    ) -> Result<(Head, Flow), Trouble> {
        let mut connection = match self.take() {
            Some(connection) => connection,
            None => match timeout_at(deadline, self.connect(deadline)).await {
                Ok(connected) => connected.map_err(Trouble::Connect)?,
                Err(_) => return Err(Trouble::Timeout),
            },
        };
        connection.clear();
        connection.from.load(endpoint, message, deadline);
        let head = connection.head(message.method == "HEAD").await;
        let head = head.map_err(|error| connection.from.trouble(error))?;
        let flow = Flow {
            body: head.body,
            connection: Some(connection),
            home: self.clone(),
        };
        Ok((head, flow))
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The idle connection that was used last, but for those that the other side has closed since.
    fn take(&self) -> Option<Connection> {
        loop {
            let connection = self.idle().pop()?;
            if connection.from.is_quiet() {
                return Some(connection);
            }
        }
    }

    async fn connect(&self, deadline: Instant) -> io::Result<Connection> {
        Ok(Box::new(Incoming::new(Link {
            stream: resolve::connect(&self.host, self.port).await?,
            head: Vec::new(),
            body: Bytes::new(),
            sent: 0,
            broken: None,
            deadline,
            alarm: Box::pin(sleep_until(deadline)),
        })))
    }
}

impl Flow {
    /// How long the body is, where that is known.
    pub fn length(&self) -> Option<u64> {
        self.body.length()
    }

    /// The next bytes of the body; `None` at its end, where the connection goes back to the others.
    pub async fn piece(&mut self) -> Result<Option<&[u8]>, Trouble> {
        let Some(connection) = &mut self.connection else {
            return Ok(None);
        };
        match connection.piece(&mut self.body).await {
            Err(error) => Err(connection.from.trouble(error)),
            Ok(Some(piece)) => Ok(self.connection.as_ref().map(|connection| connection.bytes(piece))),
            Ok(None) => {
                if let Some(connection) = self.connection.take()
                    && connection.is_reusable(&self.body)
                    && connection.from.is_sent()
                {
                    self.home.idle().push(connection);
                }
                Ok(None)
            }
        }
    }

    /// Gives the other side until then.
    pub fn set_deadline(&mut self, deadline: Instant) {
        if let Some(connection) = &mut self.connection {
            connection.from.set_deadline(deadline);
        }
    }
}

impl Link {
    /// Makes a message ready to go out.
    fn load(&mut self, endpoint: &Endpoint, message: &Message, deadline: Instant) {
        self.head.clear();
        write_head(&mut self.head, &message.method, endpoint.target(), |take| {
            fields(endpoint, message, take);
        });
        self.body = match message.body.len() {
            ..=TOGETHER => {
                self.head.extend_from_slice(&message.body);
                Bytes::new()
            }
            _ => message.body.clone(),
        };
        self.sent = 0;
        self.broken = None;
        self.set_deadline(deadline);
    }

    fn set_deadline(&mut self, deadline: Instant) {
        self.deadline = deadline;
        self.alarm.as_mut().reset(deadline);
    }

    /// Whether it is open and nothing came over it unasked.
    fn is_quiet(&self) -> bool {
        let read = self.stream.try_read(&mut [0]);
        read.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock) && self.deadline.elapsed() < IDLE
    }

    /// Whether everything went out.
    fn is_sent(&self) -> bool {
        self.sent == self.head.len() + self.body.len()
    }

    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.is_sent() {
            let rest = match self.sent.checked_sub(self.head.len()) {
                None => &self.head[self.sent..],
                Some(of_body) => &self.body[of_body..],
            };
            match ready!(Pin::new(&mut self.stream).poll_write(context, rest))? {
                0 => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                written => self.sent += written,
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Why nothing came: why the request could not be sent says more than that nothing came back.
    fn trouble(&mut self, error: io::Error) -> Trouble {
        match self.broken.take() {
            _ if error.get_ref().is_some_and(|inside| inside.is::<Late>()) => Trouble::Timeout,
            Some(broken) => Trouble::Exchange(broken),
            None => Trouble::Exchange(error),
        }
    }
}

/// The deadline passed.
#[derive(Debug, thiserror::Error)]
#[error("it took too long")]
struct Late;

impl AsyncRead for Link {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.broken.is_none()
            && let Poll::Ready(Err(error)) = self.poll_send(context)
        {
            // An answer may have come all the same.
            self.broken = Some(error);
        }
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let is_late = match &read {
            // Who always has something to read is late as well.
            Poll::Ready(_) => Instant::now() > self.deadline,
            Poll::Pending => self.alarm.as_mut().poll(context).is_ready(),
        };
        if is_late {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, Late)));
        }
        read
    }
}

/// The head of a request, whose fields `fields` gives one by one. Those that HTTP can't carry are refused before
/// ([`crate::message::Headers::check`]) and passed over here.
pub fn write_head(head: &mut Vec<u8>, method: &str, target: &str, fields: impl FnOnce(&mut dyn FnMut(&str, &[u8]))) {
    for part in [method, " ", target, " HTTP/1.1\r\n"] {
        head.extend_from_slice(part.as_bytes());
    }
    fields(&mut |name, value| {
        if can_carry(name, value) {
            for part in [name.as_bytes(), b": ", value, b"\r\n"] {
                head.extend_from_slice(part);
            }
        }
    });
    head.extend_from_slice(b"\r\n");
}
