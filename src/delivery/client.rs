//! The HTTP client: one attempt at a time, in bounded memory.

mod answer;
mod direct;
mod resolve;

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use direct::Direct;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Certificate, Method, redirect};
pub(crate) use resolve::addresses;

use super::{Answer, Attempt, Endpoint, Failure, FailureCause};
use crate::message::{Headers, Message, is_token};

/// How much of an answer's body is kept, in bytes. What is beyond is not read.
const KEPT_BODY: usize = 64 * 1024;
/// The longest time-out: a clock holds no more than so many years.
const LONGEST: Duration = Duration::from_hours(24 * 365);
/// How many redirects are followed where that is asked for.
const REDIRECTS: usize = 5;

/// How connections are made.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// The time-out of an attempt.
    pub timeout: Duration,
    /// Whether redirects are followed.
    pub follow: bool,
    /// A CA certificate to trust besides the system's, in PEM.
    pub ca_certificate: Option<Vec<u8>>,
    /// Whether certificates are not checked at all.
    pub insecure: bool,
}

/// Why a client can't be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The CA certificate.
    #[error("the CA certificate is not PEM: {0}")]
    Certificate(#[source] SetupError),
    /// A file without one.
    #[error(
        "the CA certificate's file holds no certificate: give one in PEM, which begins with -----BEGIN CERTIFICATE-----"
    )]
    NoCertificate,
    /// TLS can't be set up.
    #[error("TLS can't be set up: {0}")]
    Setup(#[source] SetupError),
}

/// What the HTTP client says of it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SetupError(reqwest::Error);

/// Sends messages.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    timeout: Duration,
    follow: bool,
    direct: Option<Arc<Direct>>,
}

/// Why nothing came of a request.
#[derive(Debug)]
enum Trouble {
    Timeout,
    Connect(io::Error),
    Exchange(io::Error),
    Client(reqwest::Error),
}

impl Trouble {
    /// Without the URL, which may hold a credential.
    fn of_client(error: reqwest::Error) -> Self {
        Self::Client(error.without_url())
    }

    /// The error and what caused it, the outermost first.
    fn chain(&self) -> impl Iterator<Item = &(dyn Error + 'static)> {
        let first: Option<&(dyn Error + 'static)> = match self {
            Self::Timeout => None,
            Self::Connect(error) | Self::Exchange(error) => Some(error),
            Self::Client(error) => Some(error),
        };
        std::iter::successors(first, |error| (*error).source())
    }

    fn is_timeout(&self) -> bool {
        match self {
            Self::Timeout => true,
            Self::Client(error) => error.is_timeout(),
            Self::Connect(_) | Self::Exchange(_) => false,
        }
    }

    fn is_connect(&self) -> bool {
        match self {
            Self::Connect(_) => true,
            Self::Client(error) => error.is_connect(),
            Self::Timeout | Self::Exchange(_) => false,
        }
    }
}

impl Client {
    /// A client for `endpoint`. No certificate store is read where nothing is served over TLS.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn new(endpoint: &Endpoint, options: &ClientOptions) -> Result<Self, ClientError> {
        // A second client in the same process finds the provider installed, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .dns_resolver(resolve::Resolver)
            .danger_accept_invalid_certs(options.insecure)
            .redirect(if options.follow {
                redirect::Policy::limited(REDIRECTS)
            } else {
                redirect::Policy::none()
            });
        if endpoint.is_loopback() {
            builder = builder.no_proxy();
        }
        builder = match &options.ca_certificate {
            _ if !endpoint.is_https() && !options.follow => builder.tls_certs_only([]),
            Some(pem) => {
                match Certificate::from_pem_bundle(pem).map_err(|error| ClientError::Certificate(SetupError(error)))? {
                    none if none.is_empty() => return Err(ClientError::NoCertificate),
                    certificates => builder.tls_certs_merge(certificates),
                }
            }
            None => builder,
        };
        Ok(Self {
            http: builder.build().map_err(|error| ClientError::Setup(SetupError(error)))?,
            timeout: options.timeout,
            follow: options.follow,
            direct: None,
        })
    }

    /// The same client, connections and all, with another time-out.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self {
            timeout,
            ..self.clone()
        }
    }

    /// The same client for many deliveries to `endpoint`'s host alone: plain ones on this machine go over connections
    /// of its own, with their targets byte for byte. Others are tidied: `/a/../b` goes out as `/b`.
    #[must_use]
    pub fn for_many(self, endpoint: &Endpoint) -> Self {
        let is_own = endpoint.is_plain_loopback() && !self.follow;
        let direct = is_own.then(|| {
            let port = endpoint.url().port_or_known_default().unwrap_or(80);
            Arc::new(Direct::new(
                endpoint.url().host_str().unwrap_or_default().to_owned(),
                port,
            ))
        });
        Self { direct, ..self }
    }

    /// One attempt. What went wrong is in the attempt; the answer's body is kept up to 64 KiB.
    pub async fn attempt(&self, endpoint: &Endpoint, message: &Message) -> (Attempt, Option<Answer>) {
        let started = Instant::now();
        match self.exchange(endpoint, message, started).await {
            Ok(answer) => {
                let attempt = Attempt {
                    status: Some(answer.status),
                    duration: started.elapsed(),
                    failure: None,
                };
                (attempt, Some(answer))
            }
            Err(error) => {
                let duration = started.elapsed();
                let attempt = Attempt {
                    status: None,
                    duration,
                    failure: Some(Box::pin(self.failure(endpoint, &error)).await),
                };
                (attempt, None)
            }
        }
    }

    /// The connections of its own that a request for `endpoint` goes over. A target out of a file may hold anything; what
    /// is no target is tidied.
    fn direct(&self, endpoint: &Endpoint) -> Option<&Direct> {
        let is_target = endpoint.target().bytes().all(|byte| byte.is_ascii_graphic());
        self.direct.as_deref().filter(|_| is_target)
    }

    /// The URL that a request for `endpoint` goes to, with its target as it stands in the request.
    pub fn url_sent(&self, endpoint: &Endpoint) -> String {
        match self.direct(endpoint) {
            Some(_) => endpoint.untidied(),
            None => endpoint.to_string(),
        }
    }

    async fn exchange(&self, endpoint: &Endpoint, message: &Message, started: Instant) -> Result<Answer, Trouble> {
        if !is_token(&message.method) {
            let problem = format!("`{}` is no HTTP method", message.method.escape_debug());
            return Err(Trouble::Exchange(io::Error::new(io::ErrorKind::InvalidInput, problem)));
        }
        if let Some(direct) = self.direct(endpoint) {
            let deadline = started + self.timeout.min(LONGEST);
            return direct.exchange(endpoint, message, deadline.into()).await;
        }
        // Boxed: otherwise this future's size is part of every direct delivery's.
        Box::pin(self.request(endpoint, message)).await
    }

    async fn request(&self, endpoint: &Endpoint, message: &Message) -> Result<Answer, Trouble> {
        let method = Method::from_bytes(message.method.as_bytes()).unwrap_or(Method::POST);
        let headers = header_map(endpoint, message);
        let request = self
            .http
            .request(method, endpoint.url().clone())
            .timeout(self.timeout)
            .headers(headers)
            .body(message.body.clone());
        let mut response = request.send().await.map_err(Trouble::of_client)?;
        let mut answer = Answer {
            status: response.status().as_u16(),
            headers: response
                .headers()
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_bytes()))
                .collect(),
            body: Vec::new(),
            truncated: false,
        };
        while let Some(chunk) = response.chunk().await.map_err(Trouble::of_client)? {
            answer.take(&chunk, KEPT_BODY);
            if answer.truncated {
                break;
            }
        }
        Ok(answer)
    }

    async fn failure(&self, endpoint: &Endpoint, error: &Trouble) -> Failure {
        let io_kind = error
            .chain()
            .find_map(|source| source.downcast_ref::<io::Error>())
            .map(io::Error::kind);
        let root = error.chain().last().map_or_else(String::new, ToString::to_string);
        let tls = error.chain().any(is_tls);
        let (cause, message) = if error.is_timeout() {
            let message = format!(
                "no answer from {} within {}; --timeout gives it longer",
                endpoint.place(),
                crate::clock::shown(self.timeout)
            );
            (FailureCause::Timeout, message)
        } else if tls {
            let message = format!(
                "{} has no certificate that is trusted here ({root}); --cacert names its CA",
                endpoint.place()
            );
            (FailureCause::Tls, message)
        } else if io_kind == Some(io::ErrorKind::ConnectionRefused) {
            let message = format!(
                "nothing listens at {}; is the receiver running?",
                addresses_text(endpoint).await
            );
            (FailureCause::Refused, message)
        } else if error.is_connect() && addresses_of(endpoint).await.is_empty() {
            let host = endpoint.url().host_str().unwrap_or_default();
            (
                FailureCause::Dns,
                format!("there is no host named {host}; check the target's spelling"),
            )
        } else {
            let message = format!("the connection to {} broke: {root}", endpoint.host_header());
            (FailureCause::Broken, message)
        };
        Failure { cause, message }
    }
}

/// Reads an answer, to a `HEAD` request where `to_head`; says whether the connection may carry another request. `buffer` is
/// there to be used again.
///
/// # Errors
/// What comes is no answer, or breaks off.
#[cfg(feature = "check")]
pub(crate) async fn read_answer<R: tokio::io::AsyncRead + Unpin>(
    from: &mut R,
    buffer: &mut Vec<u8>,
    to_head: bool,
) -> io::Result<(Answer, bool)> {
    answer::read(answer::Incoming::new(from, buffer), to_head).await
}

/// The headers that go out: the message's own, and what HTTP adds to them.
pub fn on_the_wire(endpoint: &Endpoint, message: &Message) -> Headers {
    let mut headers = Headers::default();
    fields(endpoint, message, &mut |name, value| headers.append(name, value));
    headers
}

/// Gives every field that goes out to `take`.
fn fields(endpoint: &Endpoint, message: &Message, take: &mut dyn FnMut(&str, &[u8])) {
    if !message.headers.contains("host") {
        take("Host", endpoint.host_header().as_bytes());
    }
    for (name, value) in message.headers.iter() {
        if !name.eq_ignore_ascii_case("content-length") {
            take(name, value);
        }
    }
    if !message.headers.contains("accept") {
        take("Accept", b"*/*");
    }
    take("Content-Length", message.body.len().to_string().as_bytes());
}

/// Fields that HTTP can't carry are refused before ([`Headers::check`]) and passed over here.
fn header_map(endpoint: &Endpoint, message: &Message) -> HeaderMap {
    let mut map = HeaderMap::with_capacity(message.headers.len() + 3);
    fields(endpoint, message, &mut |name, value| {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value)) {
            map.append(name, value);
        }
    });
    map
}

/// Whether this is a TLS error. rustls hides it in [`io::Error::get_ref`], which `source()` skips.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.is::<rustls::Error>() || inside.is_some_and(|inside| is_tls(inside))
}

async fn addresses_of(endpoint: &Endpoint) -> Vec<std::net::SocketAddr> {
    let host = endpoint.url().host_str().unwrap_or_default();
    let port = endpoint.url().port_or_known_default().unwrap_or(80);
    addresses(host, port).await.unwrap_or_default()
}

async fn addresses_text(endpoint: &Endpoint) -> String {
    let found: Vec<String> = addresses_of(endpoint).await.iter().map(ToString::to_string).collect();
    match found.as_slice() {
        [] => endpoint.host_header().to_owned(),
        [one] if one == endpoint.host_header() => one.clone(),
        several => format!("{} ({})", endpoint.host_header(), several.join(" and ")),
    }
}
