//! One request on a connection of its own, exactly as a case wants it.

use std::io;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::Barrier;
use tokio::time::{Instant, timeout, timeout_at};

use super::CheckOptions;
use super::case::Wire;
use super::subject::Subject;
use crate::capture::Excerpt;
use crate::delivery::{self, Client, Endpoint, Incoming};
use crate::message::{Headers, Message};

/// How many headers are many.
const MANY: usize = 1000;
/// How long the last bytes of requests wait for each other.
const HELD: Duration = Duration::from_millis(500);

/// What came of a request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Reply {
    /// An answer, and how long it took from the last byte out.
    Answer(Excerpt, Duration),
    /// The connection was closed without one.
    Closed(String),
    /// What came is no answer of HTTP.
    Unreadable(String),
    /// None came in time.
    Late,
    /// There was no connection.
    Unreachable(String),
}

impl Reply {
    /// Whether it is a 2xx.
    pub fn is_accepted(&self) -> bool {
        self.status().is_some_and(|status| status / 100 == 2)
    }

    /// The status, where there is an answer.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Answer(answer, _) => Some(answer.status),
            _ => None,
        }
    }
}

/// Makes requests.
#[derive(Debug)]
pub(super) struct Caller {
    pub endpoint: Endpoint,
    /// For what does not go straight to the handler over plain HTTP.
    pub client: Client,
    pub longest: Duration,
}

impl Caller {
    pub fn new(subject: &Subject, options: &CheckOptions) -> Self {
        Self {
            endpoint: subject.endpoint.clone(),
            client: options.client.clone(),
            longest: options.timeout,
        }
    }

    /// Makes one request.
    pub async fn call(&self, message: &Message, how: Wire) -> Reply {
        if !self.client.is_plain(&self.endpoint) {
            return self.call_by_client(message).await;
        }
        let bytes = written(&self.endpoint, message, how);
        let mut open = match self.open().await {
            Ok(open) => open,
            Err(error) => return Reply::Unreachable(error.to_string()),
        };
        self.exchange(&mut open, &bytes, message.method == "HEAD").await.0
    }

    /// Makes one after the other, over one connection for as long as the handler keeps it open.
    pub async fn call_over_one(&self, messages: &[&Message]) -> Vec<Reply> {
        let mut replies = Vec::new();
        let mut kept: Option<TcpStream> = None;
        for message in messages {
            if !self.client.is_plain(&self.endpoint) {
                replies.push(self.call_by_client(message).await);
                continue;
            }
            let opened = match kept.take() {
                Some(open) => Ok(open),
                None => self.open().await,
            };
            let mut open = match opened {
                Ok(open) => open,
                Err(error) => {
                    replies.push(Reply::Unreachable(error.to_string()));
                    continue;
                }
            };
            let bytes = written(&self.endpoint, message, Wire::Usual);
            let (reply, stays_open) = self.exchange(&mut open, &bytes, false).await;
            replies.push(reply);
            kept = stays_open.then_some(open);
        }
        replies
    }

    /// Makes all of them at once: the last byte of each waits until all others are written, or for [`HELD`]: a handler
    /// that takes one connection at a time reads no second one before the first is whole.
    pub async fn call_together(&self, messages: &[&Message]) -> Vec<Reply> {
        let (all_written, longest) = (Barrier::new(messages.len()), Instant::now() + HELD);
        let replies = messages.iter().map(async |message| {
            let bytes = written(&self.endpoint, message, Wire::Usual);
            let (first, last) = bytes.split_at(bytes.len() - 1);
            let mut open = match self.open().await {
                Ok(open) => open,
                Err(error) => return Reply::Unreachable(error.to_string()),
            };
            // What can't be written shows as a closed connection when the answer is read.
            let _ = timeout_at(longest, open.write_all(first)).await;
            let _ = timeout_at(longest, all_written.wait()).await;
            self.exchange(&mut open, last, false).await.0
        });
        join_all(replies).await
    }

    /// Sends a whole request and hangs up without waiting for the answer.
    pub async fn hang_up(&self, message: &Message) -> io::Result<()> {
        let mut open = self.open().await?;
        open.write_all(&written(&self.endpoint, message, Wire::Usual)).await?;
        open.shutdown().await
    }

    async fn open(&self) -> io::Result<TcpStream> {
        let url = self.endpoint.url();
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or(80);
        let connected = timeout(self.longest, delivery::connect(host, port)).await;
        connected.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
    }

    /// Sends `bytes` and reads the answer; says whether the connection may carry another request.
    async fn exchange(&self, open: &mut TcpStream, bytes: &[u8], to_head: bool) -> (Reply, bool) {
        let (from, mut to) = open.split();
        let mut incoming = Incoming::new(from);
        let started = Instant::now();
        let exchange = async {
            // An answer that comes before all is sent counts.
            let send = async {
                let _ = to.write_all(bytes).await;
                std::future::pending::<()>().await;
            };
            tokio::select! {
                answer = incoming.excerpt(to_head) => answer,
                () = send => Err(io::ErrorKind::BrokenPipe.into()),
            }
        };
        match timeout(self.longest, exchange).await {
            Ok(Ok((answer, stays_open))) => (Reply::Answer(answer, started.elapsed()), stays_open),
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                (Reply::Unreadable(error.to_string()), false)
            }
            Ok(Err(error)) => (Reply::Closed(error.to_string()), false),
            Err(_) => (Reply::Late, false),
        }
    }

    async fn call_by_client(&self, message: &Message) -> Reply {
        let (attempt, answer) = self.client.attempt(&self.endpoint, message).await;
        match (answer, attempt.failure) {
            (Some(answer), _) => Reply::Answer(answer, attempt.duration),
            (None, Some(failure)) if failure.cause == delivery::FailureCause::Timeout => Reply::Late,
            (None, Some(failure)) if failure.cause == delivery::FailureCause::Broken => Reply::Closed(failure.message),
            (None, failure) => Reply::Unreachable(failure.map(|failure| failure.message).unwrap_or_default()),
        }
    }
}

/// The request's bytes, of which there is one at least.
fn written(endpoint: &Endpoint, message: &Message, how: Wire) -> Vec<u8> {
    let mut headers = Headers::default();
    delivery::fields(endpoint, message, &mut |name, value| headers.append(name, value));
    if how == Wire::Chunked {
        headers.remove("content-length");
        headers.append("Transfer-Encoding", "chunked");
    }
    if how == Wire::ManyHeaders {
        (0..MANY).for_each(|number| headers.append(format!("X-Test-{number}"), "1"));
    }
    let mut bytes = Vec::new();
    delivery::write_head(&mut bytes, &message.method, endpoint.target(), |take| {
        for (name, value) in headers.iter() {
            match how {
                Wire::LowerCase => take(&name.to_ascii_lowercase(), value),
                Wire::UpperCase => take(&name.to_ascii_uppercase(), value),
                _ => take(name, value),
            }
        }
    });
    match how {
        Wire::Chunked => {
            for chunk in message.body.chunks(message.body.len().div_ceil(3).max(1)) {
                bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend_from_slice(b"\r\n");
            }
            bytes.extend_from_slice(b"0\r\n\r\n");
        }
        _ => bytes.extend_from_slice(&message.body),
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncReadExt as _;

    #[tokio::test]
    async fn a_handler_that_takes_one_connection_at_a_time_gets_them_all() {
        let handler = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = handler.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut open, _)) = handler.accept().await {
                let mut request = Vec::new();
                while !request.ends_with(b"body") {
                    open.read_buf(&mut request).await.unwrap();
                }
                open.write_all(b"HTTP/1.0 200 OK\r\n\r\nok").await.unwrap();
            }
        });
        let endpoint = Endpoint::parse(&format!("{address}/hook"), "/").unwrap();
        let client = Client::new(&endpoint, &delivery::ClientOptions::default()).unwrap();
        let longest = Duration::from_secs(10);
        let caller = Caller {
            endpoint,
            client,
            longest,
        };
        let begun = Instant::now();
        let message = Message::new("body");
        let replies = caller.call_together(&[&message; 20]).await;
        assert!(replies.iter().all(|reply| reply.status() == Some(200)), "{replies:?}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }

    #[test]
    fn a_body_in_chunks_is_the_same_body() {
        let endpoint = Endpoint::parse("localhost:3000/hook", "/").unwrap();
        let message = Message::new("abcdefg");
        let text = String::from_utf8(written(&endpoint, &message, Wire::Chunked)).unwrap();
        assert!(
            text.ends_with("\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n1\r\ng\r\n0\r\n\r\n"),
            "{text}"
        );
        assert!(!text.to_ascii_lowercase().contains("content-length"));
        let upper = String::from_utf8(written(&endpoint, &message, Wire::UpperCase)).unwrap();
        assert!(upper.contains("\r\nCONTENT-LENGTH: 7\r\n"), "{upper}");
    }
}
