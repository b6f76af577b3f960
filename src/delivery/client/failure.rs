//! Why nothing came of a request, in a sentence that its evidence proves.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use jiff::Timestamp;
use rustls::pki_types::{ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, ClientConnection, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use super::answer::{IsTls, is_tls};
use super::{Client, Trouble, redirect, resolve};
use crate::clock;
use crate::delivery::{Endpoint, Failure, FailureCause};

/// How long a server may take to show which protocol it speaks.
const PROBE: Duration = Duration::from_millis(500);
/// How many names of a certificate are told.
const NAMES: usize = 4;

impl Trouble {
    /// The error and what caused it, the outermost first.
    fn chain(&self) -> impl Iterator<Item = &(dyn Error + 'static)> {
        let first: Option<&(dyn Error + 'static)> = match self {
            Self::Timeout | Self::Redirects(_) | Self::At(..) => None,
            Self::Connect(error) | Self::Exchange(error) => Some(error),
            Self::Client(error) => Some(error),
        };
        std::iter::successors(first, |error| (*error).source())
    }

    fn is_connect(&self) -> bool {
        match self {
            Self::Connect(_) => true,
            Self::Client(error) => error.is_connect(),
            Self::Timeout | Self::Exchange(_) | Self::Redirects(_) | Self::At(..) => false,
        }
    }

    fn is_timeout(&self) -> bool {
        match self {
            Self::Timeout => true,
            Self::Client(error) => error.is_timeout(),
            _ => false,
        }
    }

    /// The error of TLS in it.
    fn tls(&self) -> Option<&rustls::Error> {
        self.chain().find_map(inside::<rustls::Error>)
    }

    /// Whether an error of I/O of one of these kinds is in it.
    fn is_io(&self, kinds: &[io::ErrorKind]) -> bool {
        self.chain().any(|error| {
            let mut at = error.downcast_ref::<io::Error>();
            while let Some(error) = at {
                if kinds.contains(&error.kind()) {
                    return true;
                }
                at = error.get_ref().and_then(|inside| inside.downcast_ref());
            }
            false
        })
    }
}

/// The error of that kind that `error` is, or that stands inside one of I/O: such an error is no source of the one around
/// it.
fn inside<'e, T: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e T> {
    error.downcast_ref::<T>().or_else(|| {
        let around = error.downcast_ref::<io::Error>()?;
        inside(around.get_ref()?)
    })
}

/// What is at the bottom of it, in its own words.
pub fn root(trouble: &Trouble) -> String {
    trouble.chain().last().map_or_else(String::new, ToString::to_string)
}

impl Client {
    pub(super) async fn failure(&self, endpoint: &Endpoint, trouble: &Trouble) -> Failure {
        let (cause, message) = match trouble {
            Trouble::At(endpoint, trouble) => self.told(endpoint, trouble).await,
            Trouble::Redirects(to) => {
                let most = redirect::MOST;
                let message = format!(
                    "it was redirected more than {most} times, the last time to {}",
                    to.place()
                );
                (FailureCause::Broken, message)
            }
            _ => self.told(endpoint, trouble).await,
        };
        Failure { cause, message }
    }

    async fn told(&self, endpoint: &Endpoint, trouble: &Trouble) -> (FailureCause, String) {
        let host = endpoint.host_header();
        let root = root(trouble);
        if trouble.is_timeout() {
            let message = format!(
                "no answer from {} within {}; --timeout gives it longer",
                endpoint.place(),
                clock::shown(self.timeout)
            );
            return (FailureCause::Timeout, message);
        }
        if let Some(protocol) = self.other_protocol(endpoint, trouble).await {
            return (FailureCause::Tls, protocol);
        }
        if let Some(error) = trouble.tls() {
            return (FailureCause::Tls, of_tls(endpoint, error));
        }
        if let Some(proxy) = self.proxy.as_ref().filter(|_| trouble.is_connect()) {
            let message = format!("no connection to {host} through the proxy {proxy}: {root}");
            return (FailureCause::Broken, message);
        }
        if trouble.is_io(&[io::ErrorKind::ConnectionRefused]) {
            let at = addresses(endpoint).await;
            let message = format!("nothing listens at {at}; is the receiver running?");
            return (FailureCause::Refused, message);
        }
        if trouble.is_connect() && addresses_of(endpoint).await.is_empty() {
            let name = endpoint.url().host_str().unwrap_or_default();
            let message = format!("there is no host named {name}; check the target's spelling");
            return (FailureCause::Dns, message);
        }
        (FailureCause::Broken, format!("the connection to {host} broke: {root}"))
    }

    /// What is wrong where one side speaks TLS and the other does not. Where the failure alone does not prove it, the
    /// server is asked to show what it speaks.
    async fn other_protocol(&self, endpoint: &Endpoint, trouble: &Trouble) -> Option<String> {
        let host = endpoint.host_header();
        let swapped = |scheme: &str| format!("{scheme}://{}{}", swapped_host(endpoint), endpoint.url().path());
        if !endpoint.is_https() {
            let has_shown_it = trouble.chain().any(|error| inside::<IsTls>(error).is_some());
            // Once a client: a receiver that breaks off is no rare thing.
            let may_be = matches!(trouble, Trouble::Exchange(_))
                && is_cut(trouble)
                && !self.has_asked.swap(true, Ordering::Relaxed);
            let is_it = has_shown_it || may_be && speaks_tls(endpoint).await;
            return is_it.then(|| format!("{host} speaks TLS, not plain http: write {}", swapped("https")));
        }
        let is_no_tls = matches!(trouble.tls(), Some(rustls::Error::InvalidMessage(_)));
        let has_closed = trouble.tls().is_none() && trouble.is_connect() && is_cut(trouble);
        if self.proxy.is_some() || !(is_no_tls || has_closed) {
            return None;
        }
        if speaks_http(endpoint).await {
            return Some(format!("{host} speaks plain http, not TLS: write {}", swapped("http")));
        }
        is_no_tls.then(|| {
            format!(
                "what {host} answers is not TLS; where it is a server of plain http, write {}",
                swapped("http")
            )
        })
    }
}

/// Whether the other side closed the connection.
fn is_cut(trouble: &Trouble) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    trouble.is_io(&[UnexpectedEof, ConnectionReset, ConnectionAborted, BrokenPipe])
}

/// Host and port for the other scheme: a port that was left out is the own scheme's.
fn swapped_host(endpoint: &Endpoint) -> String {
    let url = endpoint.url();
    match url.port_or_known_default() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
        None => endpoint.host_header().to_owned(),
    }
}

/// What is wrong with a certificate, or with the handshake.
fn of_tls(endpoint: &Endpoint, error: &rustls::Error) -> String {
    let place = endpoint.place();
    let host = endpoint.url().host_str().unwrap_or_default();
    match error {
        rustls::Error::InvalidCertificate(error) => match error {
            CertificateError::ExpiredContext { not_after, .. } => format!(
                "the certificate of {place} ended on {}; it must be renewed (--insecure checks none)",
                day(*not_after)
            ),
            CertificateError::Expired => {
                format!("the certificate of {place} has ended; it must be renewed (--insecure checks none)")
            }
            CertificateError::NotValidYetContext { time, not_before } => format!(
                "the certificate of {place} begins on {}, and by this machine's clock it is {}",
                day(*not_before),
                day(*time)
            ),
            CertificateError::NotValidYet => {
                format!("the certificate of {place} is not valid yet by this machine's clock")
            }
            CertificateError::NotValidForNameContext { presented, .. } => {
                format!("the certificate of {place} is {}, not for {host}", names(presented))
            }
            CertificateError::NotValidForName => format!("the certificate of {place} is not for {host}"),
            CertificateError::UnknownIssuer => format!(
                "{place} has no certificate that is trusted here: its issuer is unknown; --cacert names its CA, or the certificate itself"
            ),
            other => {
                let why = match other.to_string() {
                    // The one that webpki gives no name of its own here.
                    text if text.contains("CaUsedAsEndEntity") => {
                        "it is a CA's own, and of none that is known here".into()
                    }
                    text => text,
                };
                format!(
                    "{place} has no certificate that is trusted here: {why}; --cacert names its CA, or the certificate itself"
                )
            }
        },
        rustls::Error::AlertReceived(alert) => {
            format!("{} broke off TLS with the alert {alert:?}", endpoint.host_header())
        }
        other => format!("no TLS with {}: {other}", endpoint.host_header()),
    }
}

/// For whom a certificate is.
fn names(presented: &[String]) -> String {
    // As `DnsName("a.test")`, `IpAddress(127.0.0.1)`.
    let bare = |name: &String| {
        let inside = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
        inside.unwrap_or(name).trim_matches('"').to_owned()
    };
    let told: Vec<String> = presented.iter().take(NAMES).map(bare).collect();
    match (told.is_empty(), presented.len() - told.len()) {
        (true, _) => "for no host (it has no subjectAltName)".to_owned(),
        (false, 0) => format!("for {}", told.join(", ")),
        (false, more) => format!("for {} and {more} more", told.join(", ")),
    }
}

fn day(time: UnixTime) -> String {
    let seconds = i64::try_from(time.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_second(seconds).map_or_else(|_| "another day".to_owned(), |at| at.strftime("%F").to_string())
}

/// Whether the server answers the first message of a TLS handshake in TLS.
async fn speaks_tls(endpoint: &Endpoint) -> bool {
    let hello = || {
        let host = endpoint.url().host_str().unwrap_or_default();
        let name = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let name = ServerName::try_from(name).ok()?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .ok()?
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let mut connection = ClientConnection::new(Arc::new(config), name).ok()?;
        let mut bytes = Vec::new();
        connection.write_tls(&mut bytes).ok()?;
        Some(bytes)
    };
    match hello() {
        Some(hello) => is_tls(&first_bytes(endpoint, &hello).await),
        None => false,
    }
}

/// Whether the server answers a request that changes nothing (RFC 9110, 9.3.7) in HTTP.
async fn speaks_http(endpoint: &Endpoint) -> bool {
    let request = format!(
        "OPTIONS * HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
        endpoint.host_header()
    );
    first_bytes(endpoint, request.as_bytes()).await.starts_with(b"HTTP/1.")
}

/// What a server says first to these bytes; nothing where it says nothing soon.
async fn first_bytes(endpoint: &Endpoint, bytes: &[u8]) -> Vec<u8> {
    let asked = async {
        let port = endpoint.url().port_or_known_default().unwrap_or(80);
        let mut stream = resolve::connect(endpoint.url().host_str().unwrap_or_default(), port).await?;
        stream.write_all(bytes).await?;
        let mut answer = Vec::new();
        // What came before it was reset counts.
        let _ = stream.take(8).read_to_end(&mut answer).await;
        io::Result::Ok(answer)
    };
    match timeout(PROBE, asked).await {
        Ok(Ok(answer)) => answer,
        _ => Vec::new(),
    }
}

async fn addresses_of(endpoint: &Endpoint) -> Vec<SocketAddr> {
    let host = endpoint.url().host_str().unwrap_or_default();
    let port = endpoint.url().port_or_known_default().unwrap_or(80);
    resolve::addresses(host, port).await.unwrap_or_default()
}

async fn addresses(endpoint: &Endpoint) -> String {
    let found: Vec<String> = addresses_of(endpoint).await.iter().map(ToString::to_string).collect();
    match found.as_slice() {
        [] => endpoint.host_header().to_owned(),
        [one] if one == endpoint.host_header() => one.clone(),
        several => format!("{} ({})", endpoint.host_header(), several.join(" and ")),
    }
}
