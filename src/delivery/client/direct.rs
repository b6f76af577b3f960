//! Plain connections of our own, kept open from one request to the next: many deliveries to a server on this machine
//! are limited by what the client spends on each. These made 3.5 times as many requests a second as reqwest's at 64
//! connections (`cargo bench --bench replay`).

use std::io;
use std::pin::{Pin, pin};
use std::sync::{Mutex, PoisonError};

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until, timeout_at};

use super::answer::{self, Incoming};
use super::resolve::addresses;
use super::{Answer, Trouble, fields};
use crate::delivery::Endpoint;
use crate::message::{Message, can_carry};

/// Up to this length a body goes out in one write with its head, in bytes.
const TOGETHER: usize = 16 * 1024;

/// Connections to one address.
#[derive(Debug)]
pub struct Direct {
    host: String,
    port: u16,
    idle: Mutex<Vec<Connection>>,
}

#[derive(Debug)]
struct Connection {
    stream: TcpStream,
    outgoing: Vec<u8>,
    incoming: Vec<u8>,
    /// Set anew for each request, which costs less than another.
    alarm: Pin<Box<Sleep>>,
}

impl Direct {
    pub fn new(host: String, port: u16) -> Self {
        Self {
            host,
            port,
            idle: Mutex::default(),
        }
    }

    /// Sends a message over an idle connection or a new one, up to `deadline`.
    pub async fn exchange(&self, endpoint: &Endpoint, message: &Message, deadline: Instant) -> Result<Answer, Trouble> {
        let mut connection = match self.take() {
            Some(connection) => connection,
            None => match timeout_at(deadline, self.connect(deadline)).await {
                Ok(connected) => connected.map_err(Trouble::Connect)?,
                Err(_) => return Err(Trouble::Timeout),
            },
        };
        connection.alarm.as_mut().reset(deadline);
        let (answer, reusable) = connection.exchange(endpoint, message).await?;
        if reusable {
            self.idle().push(connection);
        }
        Ok(answer)
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The idle connection that was used last, but for those that the other side has closed since.
    fn take(&self) -> Option<Connection> {
        loop {
            let connection = self.idle().pop()?;
            if connection.is_quiet() {
                return Some(connection);
            }
        }
    }

    async fn connect(&self, deadline: Instant) -> io::Result<Connection> {
        let stream = TcpStream::connect(&*addresses(&self.host, self.port).await?).await?;
        stream.set_nodelay(true)?;
        Ok(Connection {
            stream,
            outgoing: Vec::new(),
            incoming: Vec::new(),
            alarm: Box::pin(sleep_until(deadline)),
        })
    }
}

impl Connection {
    /// Whether it is open and nothing came over it unasked.
    fn is_quiet(&self) -> bool {
        let read = self.stream.try_read(&mut [0]);
        read.is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock)
    }

    /// Sends a message and reads its answer, until the alarm goes; says whether another may follow. An answer that comes
    /// before all was sent counts.
    async fn exchange(&mut self, endpoint: &Endpoint, message: &Message) -> Result<(Answer, bool), Trouble> {
        let Self {
            stream,
            outgoing,
            incoming,
            alarm,
        } = self;
        outgoing.clear();
        write_head(outgoing, endpoint, message);
        let mut body = &message.body[..];
        if body.len() <= TOGETHER {
            outgoing.extend_from_slice(body);
            body = &[];
        }
        let (mut from, mut to) = stream.split();
        let mut sent = None;
        let mut send = pin!(async {
            to.write_all(outgoing).await?;
            to.write_all(body).await
        });
        let mut answer = pin!(answer::read(
            Incoming::new(&mut from, incoming),
            message.method == "HEAD"
        ));
        let answered = loop {
            tokio::select! {
                biased;
                done = &mut send, if sent.is_none() => sent = Some(done),
                answered = &mut answer => break answered,
                () = alarm.as_mut() => return Err(Trouble::Timeout),
            }
        };
        match (answered, sent) {
            (Ok((answer, reusable)), sent) => Ok((answer, reusable && matches!(sent, Some(Ok(()))))),
            // Why it could not be sent says more than that nothing came back.
            (Err(_), Some(Err(error))) | (Err(error), _) => Err(Trouble::Exchange(error)),
        }
    }
}

/// Fields that HTTP can't carry are refused before ([`crate::message::Headers::check`]) and passed over here.
fn write_head(head: &mut Vec<u8>, endpoint: &Endpoint, message: &Message) {
    for part in [message.method.as_str(), " ", endpoint.target(), " HTTP/1.1\r\n"] {
        head.extend_from_slice(part.as_bytes());
    }
    fields(endpoint, message, &mut |name, value| {
        if can_carry(name, value) {
            for part in [name.as_bytes(), b": ", value, b"\r\n"] {
                head.extend_from_slice(part);
            }
        }
    });
    head.extend_from_slice(b"\r\n");
}
