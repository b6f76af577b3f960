//! Names to addresses. `localhost` and what ends in it is this machine whatever a resolver says, which is not asked
//! (RFC 6761, section 6.3).

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

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
