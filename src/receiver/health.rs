//! `/healthz`: whether what arrives can be kept now, and nothing else.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Semaphore};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::limits::ACCEPT_PAUSE;
use crate::store::Store;

/// The only path.
const PATH: &str = "/healthz";
/// How long the store may take: what asks for health gives up soon.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long an answer counts, so that whoever asks often does not burden the store.
const FRESH: Duration = Duration::from_millis(500);
/// How long a request's head may take, and how long it may be.
const HEAD_TIME: Duration = Duration::from_secs(2);
const LONGEST_HEAD: usize = 8 * 1024;
/// How many are answered at a time.
const CONNECTIONS: usize = 32;

/// A server that answers whether the store can be written to. Dropping it ends it.
#[derive(Debug)]
pub struct Health {
    address: SocketAddr,
    listener: JoinHandle<()>,
}

/// What was found last, and when.
type Found = Arc<Mutex<Option<(Instant, bool)>>>;

impl Health {
    /// Listens, in a runtime.
    ///
    /// # Errors
    /// Where the address can't be had.
    pub async fn start(address: SocketAddr, store: Store) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self {
            address: listener.local_addr()?,
            listener: tokio::spawn(accept(listener, store)),
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Health {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

async fn accept(listener: TcpListener, store: Store) {
    let found = Found::default();
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    while let Ok(permit) = connections.clone().acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let (store, found) = (store.clone(), found.clone());
        tokio::spawn(async move {
            let _permit = permit;
            let _ = timeout(2 * HEAD_TIME + PATIENCE, answer(stream, &store, &found)).await;
        });
    }
}

async fn answer(mut stream: TcpStream, store: &Store, found: &Found) -> io::Result<()> {
    let mut head = Vec::new();
    let read = async {
        while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < LONGEST_HEAD {
            if stream.read_buf(&mut head).await? == 0 {
                break;
            }
        }
        io::Result::Ok(())
    };
    timeout(HEAD_TIME, read).await.map_err(|_| io::ErrorKind::TimedOut)??;
    let status = match asked(&head) {
        None => "404 Not Found",
        Some("GET" | "HEAD") if is_well(store, found).await => "200 OK",
        Some("GET" | "HEAD") => "503 Service Unavailable",
        Some(_) => "405 Method Not Allowed",
    };
    let text =
        format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n");
    stream.write_all(text.as_bytes()).await?;
    stream.shutdown().await
}

/// The method of a request for the only path.
fn asked(head: &[u8]) -> Option<&str> {
    let line = head.split(|byte| *byte == b'\r').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    let method = words.next()?;
    let path = words.next()?.split('?').next();
    (path == Some(PATH)).then_some(method)
}

/// Whether the store can be written to, now or a moment ago.
async fn is_well(store: &Store, found: &Found) -> bool {
    let mut found = found.lock().await;
    if let Some((at, well)) = *found
        && at.elapsed() < FRESH
    {
        return well;
    }
    let well = timeout(PATIENCE, store.probe())
        .await
        .is_ok_and(|probed| probed.is_ok());
    *found = Some((Instant::now(), well));
    well
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_path_is_known() {
        for (head, method) in [
            (&b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"[..], Some("GET")),
            (b"HEAD /healthz?a HTTP/1.0\r\n\r\n", Some("HEAD")),
            (b"GET / HTTP/1.1\r\n\r\n", None),
            (b"GET /healthz/captures HTTP/1.1\r\n\r\n", None),
            (b"\xff\xff /healthz HTTP/1.1\r\n\r\n", None),
            (b"", None),
        ] {
            assert_eq!(asked(head), method);
        }
    }
}
