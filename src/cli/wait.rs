//! `--wait`: until the target takes connections.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::anyhow;
use ckwh::delivery::Endpoint;

use super::exit::Failure;

/// How long one attempt to connect may take.
const ATTEMPT: Duration = Duration::from_secs(2);
/// How long is waited between two.
const PAUSE: Duration = Duration::from_millis(50);

/// Tries until the target takes a connection, for `longest` at most.
pub fn until_it_listens(endpoint: &Endpoint, longest: Duration) -> Result<(), Failure> {
    let begun = Instant::now();
    loop {
        let left = longest.saturating_sub(begun.elapsed());
        if addresses(endpoint).iter().any(|address| takes(*address, left)) {
            return Ok(());
        }
        if begun.elapsed() >= longest {
            return Err(Failure::Unavailable(anyhow!(
                "nothing took a connection at {} within {}; is the receiver starting, and on that port?",
                endpoint.place(),
                ckwh::clock::shown(longest)
            )));
        }
        thread::sleep(PAUSE);
    }
}

/// Whether somebody listens on this machine's port now. Where the system says it, no connection is made: a handler may
/// be waiting for one alone.
pub fn listens(endpoint: &Endpoint) -> bool {
    let is_taken = |address: &SocketAddr| match cfg!(target_os = "linux") {
        true => TcpListener::bind(address).is_err_and(|error| error.kind() != io::ErrorKind::AddrNotAvailable),
        false => takes(*address, ATTEMPT),
    };
    addresses(endpoint).iter().any(is_taken)
}

/// Whether the address takes a connection.
pub fn takes(address: SocketAddr, longest: Duration) -> bool {
    let longest = longest.clamp(Duration::from_millis(1), ATTEMPT);
    TcpStream::connect_timeout(&address, longest).is_ok()
}

/// The addresses of the target; `localhost` is this machine, whatever a resolver says.
pub fn addresses(endpoint: &Endpoint) -> Vec<SocketAddr> {
    let url = endpoint.url();
    let Some(port) = url.port_or_known_default() else {
        return Vec::new();
    };
    let is_name = |host: &str| host.parse::<IpAddr>().is_err() && !host.starts_with('[');
    match url.host_str() {
        Some(host) if endpoint.is_loopback() && is_name(host) => ["::1", "127.0.0.1"]
            .map(|ip| SocketAddr::new(ip.parse().expect("an address"), port))
            .into(),
        Some(host) => (host.trim_matches(['[', ']']), port)
            .to_socket_addrs()
            .map(Iterator::collect)
            .unwrap_or_default(),
        None => Vec::new(),
    }
}
