//! Names to addresses. `localhost` and what ends in it is this machine whatever a resolver says, which is not asked
//! (RFC 6761, section 6.3).

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::net::TcpStream;
use tokio::time::sleep;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::delivery::endpoint::is_localhost;

/// The addresses of `host`, a name or a number, in the order in which they are tried.
pub async fn addresses(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    if is_localhost(host) {
        return Ok(vec![
            SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
            SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        ]);
    }
    let host = host.trim_start_matches('[').trim_end_matches(']');
    Ok(tokio::net::lookup_host((host, port)).await?.collect())
}

/// How long an address is tried alone (RFC 8305, section 5).
const ALONE: Duration = Duration::from_millis(250);

/// Connects to the first address of `host` that takes it. One that does not answer does not keep the next from being
/// tried.
pub async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut left = addresses(host, port).await?.into_iter();
    let mut tried: FuturesUnordered<_> = left.next().map(TcpStream::connect).into_iter().collect();
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    loop {
        let connected = tokio::select! {
            connected = tried.next() => connected,
            () = sleep(ALONE), if left.len() > 0 => {
                tried.extend(left.next().map(TcpStream::connect));
                continue;
            }
        };
        match connected {
            Some(Ok(stream)) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Some(Err(error)) => {
                failure = error;
                tried.extend(left.next().map(TcpStream::connect));
            }
            None => return Err(failure),
        }
    }
}

/// [`addresses`] for a client that asks for them.
pub struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = addresses(name.as_str(), 0).await?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn localhost_is_this_machine_and_nobody_is_asked() {
        for name in ["localhost", "LocalHost", "localhost.", "a.localhost", "a.b.localhost."] {
            let found = addresses(name, 3000).await.unwrap();
            assert!(
                found.len() == 2
                    && found
                        .iter()
                        .all(|address| address.ip().is_loopback() && address.port() == 3000),
                "{name}: {found:?}"
            );
        }
        assert_eq!(
            addresses("[::1]", 1).await.unwrap(),
            [SocketAddr::from((Ipv6Addr::LOCALHOST, 1))]
        );
    }
}
