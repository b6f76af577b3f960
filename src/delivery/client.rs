//! The HTTP client: one attempt at a time, in bounded memory. How a request goes out is chosen here, by its target.

mod answer;
mod direct;
mod failure;
mod redirect;
mod resolve;
pub(crate) mod tls;

use std::error::Error;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

#[cfg(feature = "check")]
pub(crate) use answer::Incoming;
use bytes::Bytes;
#[cfg(feature = "check")]
pub(crate) use direct::write_head;
use direct::{Direct, Flow};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Proxy};
#[cfg(feature = "check")]
pub(crate) use resolve::connect;
use tokio::time::timeout_at;

use super::proxies::{Proxies, ProxyError};
use super::{Attempt, Endpoint, Failure, FailureCause};
use crate::capture::Excerpt;
use crate::exchange::credentials::Credentials;
use crate::message::{Headers, Message, is_token};

/// The longest time-out: a clock holds no more than so many years.
const LONGEST: Duration = Duration::from_hours(24 * 365);
/// Who reads an answer's pieces may be away for so long before that is taken off its time.
const AWAY: Duration = Duration::from_millis(5);

/// How connections are made.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// The time-out of an attempt.
    pub timeout: Duration,
    /// Whether redirects are followed.
    pub follow: bool,
    /// Certificates to trust besides the system's, in PEM: a CA's, or a server's own.
    pub ca_certificate: Option<Vec<u8>>,
    /// Whether certificates are not checked at all.
    pub insecure: bool,
    /// What requests go through.
    pub proxies: Proxies,
    /// What does not follow a redirect to another origin.
    pub credentials: Credentials,
}

impl Default for ClientOptions {
    /// 30 s, no redirects, the system's certificates, no proxy.
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(30),
            follow: false,
            ca_certificate: None,
            insecure: false,
            proxies: Proxies::default(),
            credentials: Credentials::default(),
        }
    }
}

/// Why a client can't be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The CA certificate.
    #[error("the CA certificate is not PEM: {0}")]
    Certificate(String),
    /// A file without one.
    #[error(
        "the CA certificate's file holds no certificate: give one in PEM, which begins with -----BEGIN CERTIFICATE-----"
    )]
    NoCertificate,
    /// The proxy.
    #[error(transparent)]
    Proxy(#[from] ProxyError),
    /// TLS can't be set up.
    #[error("TLS can't be set up: {0}")]
    Setup(#[source] SetupError),
}

/// What the HTTP client, or TLS, says of it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct SetupError(Box<dyn Error + Send + Sync>);

impl ClientError {
    fn setup(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Setup(SetupError(error.into()))
    }
}

/// Sends messages to one host.
#[derive(Debug, Clone)]
pub struct Client {
    way: Way,
    timeout: Duration,
    follow: bool,
    /// Host and port of the proxy that its requests go through.
    proxy: Option<String>,
    credentials: Credentials,
    /// Whether its server was asked which protocol it speaks.
    has_asked: Arc<AtomicBool>,
}

/// How requests go out.
#[derive(Debug, Clone)]
enum Way {
    /// Plain, straight to the target.
    Direct(Arc<Direct>),
    /// Through TLS, a proxy or redirects. Names are in lower case, and equal ones stand together.
    General(reqwest::Client),
}

/// A request as a socket receives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The URL that it goes to.
    pub url: String,
    /// What stands in the request line: a path and query, or a whole URL for a proxy of plain http.
    pub target: String,
    /// The headers.
    pub headers: Headers,
}

/// An answer whose body comes yet.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers, as they came.
    pub headers: Headers,
    body: Source,
    timeout: Duration,
    deadline: tokio::time::Instant,
    /// When the last piece was given away.
    given: tokio::time::Instant,
}

#[derive(Debug)]
enum Source {
    Direct(Flow),
    General(Box<reqwest::Response>),
}

/// Why nothing came of a request.
#[derive(Debug)]
enum Trouble {
    Timeout,
    Connect(io::Error),
    Exchange(io::Error),
    Client(reqwest::Error),
    /// So many redirects, the last of them to there.
    Redirects(Box<Endpoint>),
    /// On the way to where a redirect led.
    At(Box<Endpoint>, Box<Trouble>),
}

impl Trouble {
    /// Without the URL, which may hold a credential.
    fn of_client(error: reqwest::Error) -> Self {
        Self::Client(error.without_url())
    }
}

impl Client {
    /// A client for `endpoint` and other targets on its host. No certificate store is read where nothing is served over
    /// TLS.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn new(endpoint: &Endpoint, options: &ClientOptions) -> Result<Self, ClientError> {
        let proxy = options.proxies.of(endpoint)?;
        // Asked for, it is read and told of, also where no TLS needs it.
        let named = options.ca_certificate.as_deref().map(tls::certificates).transpose()?;
        let way = if proxy.is_none() && !endpoint.is_https() && !options.follow {
            Way::Direct(Arc::new(Direct::new(endpoint)))
        } else {
            let proxy_is_https = proxy.as_ref().is_some_and(|proxy| proxy.scheme() == "https");
            let needs_tls = endpoint.is_https() || options.follow || proxy_is_https;
            let tls = tls::config(named.unwrap_or_default(), options.insecure, needs_tls)?;
            let mut builder = reqwest::Client::builder()
                .dns_resolver(resolve::Resolver)
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .tls_backend_preconfigured(tls);
            if proxy.is_some() || options.follow {
                let proxies = options.proxies.clone();
                let of = move |url: &url::Url| proxies.of(&Endpoint::of_url(url.clone())).ok().flatten();
                builder = builder.proxy(Proxy::custom(of));
            }
            Way::General(builder.build().map_err(ClientError::setup)?)
        };
        Ok(Self {
            way,
            timeout: options.timeout,
            follow: options.follow,
            proxy: proxy.map(|proxy| {
                let host = proxy.host_str().unwrap_or_default();
                let port = proxy.port_or_known_default();
                port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
            }),
            credentials: options.credentials.clone(),
            has_asked: Arc::default(),
        })
    }

    /// How long an attempt may take.
    pub fn timeout(&self) -> Duration {
        self.timeout.min(LONGEST)
    }

    /// The same client, connections and all, with another time-out.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        Self {
            timeout,
            ..self.clone()
        }
    }

    /// One attempt. What went wrong is in the attempt; of the answer's body the beginning is read.
    pub async fn attempt(&self, endpoint: &Endpoint, message: &Message) -> (Attempt, Option<Excerpt>) {
        let started = Instant::now();
        let read = async {
            let mut answer = self.exchange(endpoint, message, started).await?;
            let mut excerpt = Excerpt::new(answer.status, std::mem::take(&mut answer.headers));
            while !excerpt.truncated
                && let Some(piece) = answer.next().await?
            {
                excerpt.take(&piece);
            }
            Ok(excerpt)
        };
        match read.await {
            Ok(excerpt) => {
                let attempt = Attempt {
                    status: Some(excerpt.status),
                    duration: started.elapsed(),
                    failure: None,
                };
                (attempt, Some(excerpt))
            }
            Err(trouble) => {
                let duration = started.elapsed();
                let attempt = Attempt {
                    status: None,
                    duration,
                    failure: Some(Box::pin(self.failure(endpoint, &trouble)).await),
                };
                (attempt, None)
            }
        }
    }

    /// Sends a message and reads the head of its answer.
    ///
    /// # Errors
    /// Why there is none.
    pub async fn open(&self, endpoint: &Endpoint, message: &Message) -> Result<Answer, Failure> {
        match self.exchange(endpoint, message, Instant::now()).await {
            Ok(answer) => Ok(answer),
            Err(trouble) => Err(Box::pin(self.failure(endpoint, &trouble)).await),
        }
    }

    /// Whether requests for `endpoint` go straight to it over plain connections.
    pub fn is_plain(&self, endpoint: &Endpoint) -> bool {
        self.proxy.is_none() && !endpoint.is_https()
    }

    /// A message for `endpoint` as the first socket on its way receives it.
    pub fn on_the_wire(&self, endpoint: &Endpoint, message: &Message) -> Outgoing {
        let endpoint = &*endpoint.of_message(message);
        let mut headers = Headers::default();
        match &self.way {
            Way::Direct(_) => fields(endpoint, message, &mut |name, value| headers.append(name, value)),
            Way::General(_) => {
                for (name, value) in &header_map(endpoint, message) {
                    headers.append(name.as_str(), value.as_bytes());
                }
                if !headers.contains("accept") {
                    headers.append("accept", "*/*");
                }
            }
        }
        Outgoing {
            url: self.url_sent(endpoint),
            target: match &self.way {
                Way::Direct(_) => endpoint.target().to_owned(),
                Way::General(_) if self.proxy.is_some() && !endpoint.is_https() => endpoint.url().to_string(),
                Way::General(_) => endpoint.tidied_target(),
            },
            headers,
        }
    }

    /// The URL that a request for `endpoint` goes to, with its target as it goes out.
    pub fn url_sent(&self, endpoint: &Endpoint) -> String {
        match self.way {
            Way::Direct(_) => endpoint.untidied(),
            Way::General(_) => endpoint.to_string(),
        }
    }

    async fn exchange(&self, endpoint: &Endpoint, message: &Message, started: Instant) -> Result<Answer, Trouble> {
        if !is_token(&message.method) {
            let problem = format!("`{}` is no HTTP method", message.method.escape_debug());
            return Err(Trouble::Exchange(io::Error::new(io::ErrorKind::InvalidInput, problem)));
        }
        let endpoint = &*endpoint.of_message(message);
        let deadline = (started + self.timeout.min(LONGEST)).into();
        let (status, headers, body) = match &self.way {
            Way::Direct(direct) => {
                let (head, flow) = direct.open(endpoint, message, deadline).await?;
                (head.status, head.headers, Source::Direct(flow))
            }
            Way::General(http) => {
                // Boxed: otherwise this future's size is part of every direct delivery's.
                let response = Box::pin(self.request(http, endpoint, message, deadline)).await?;
                let headers = response.headers().iter();
                (
                    response.status().as_u16(),
                    headers.map(|(name, value)| (name.as_str(), value.as_bytes())).collect(),
                    Source::General(Box::new(response)),
                )
            }
        };
        Ok(Answer {
            status,
            headers,
            body,
            timeout: self.timeout,
            deadline,
            given: tokio::time::Instant::now(),
        })
    }

    /// Goes where redirects lead, where that is asked for.
    async fn request(
        &self,
        http: &reqwest::Client,
        endpoint: &Endpoint,
        message: &Message,
        deadline: tokio::time::Instant,
    ) -> Result<reqwest::Response, Trouble> {
        let mut response = one_request(http, endpoint, message, deadline).await?;
        if !self.follow {
            return Ok(response);
        }
        let mut hop = redirect::next(endpoint, message, &response, &self.credentials);
        for _ in 0..redirect::MOST {
            let Some((endpoint, message)) = hop else {
                return Ok(response);
            };
            response = one_request(http, &endpoint, &message, deadline)
                .await
                .map_err(|trouble| Trouble::At(Box::new(endpoint.clone()), Box::new(trouble)))?;
            hop = redirect::next(&endpoint, &message, &response, &self.credentials);
        }
        match hop {
            None => Ok(response),
            Some((endpoint, _)) => Err(Trouble::Redirects(Box::new(endpoint))),
        }
    }
}

impl Answer {
    /// How long the body is, where that is known before it was read.
    pub fn length(&self) -> Option<u64> {
        match &self.body {
            Source::Direct(flow) => flow.length(),
            Source::General(response) => response.content_length(),
        }
    }

    /// The next bytes of the body; `None` at its end. The time between two calls is not the receiver's.
    ///
    /// # Errors
    /// Why the rest of it does not come.
    pub async fn piece(&mut self) -> Result<Option<Bytes>, Failure> {
        let piece = self.next().await;
        piece.map_err(|trouble| match trouble {
            Trouble::Timeout => Failure {
                cause: FailureCause::Timeout,
                message: format!(
                    "the rest of its answer did not come within {}; --timeout gives it longer",
                    crate::clock::shown(self.timeout)
                ),
            },
            other => Failure {
                cause: FailureCause::Broken,
                message: format!("its answer broke off: {}", failure::root(&other)),
            },
        })
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Trouble> {
        let away = self.given.elapsed();
        if away > AWAY {
            self.deadline += away;
            if let Source::Direct(flow) = &mut self.body {
                flow.set_deadline(self.deadline);
            }
        }
        let piece = match &mut self.body {
            Source::Direct(flow) => flow.piece().await?.map(Bytes::copy_from_slice),
            Source::General(response) => match timeout_at(self.deadline, response.chunk()).await {
                Ok(chunk) => chunk.map_err(Trouble::of_client)?,
                Err(_) => return Err(Trouble::Timeout),
            },
        };
        self.given = tokio::time::Instant::now();
        Ok(piece)
    }
}

async fn one_request(
    http: &reqwest::Client,
    endpoint: &Endpoint,
    message: &Message,
    deadline: tokio::time::Instant,
) -> Result<reqwest::Response, Trouble> {
    let method = Method::from_bytes(message.method.as_bytes()).unwrap_or(Method::POST);
    let request = http
        .request(method, endpoint.url().clone())
        .headers(header_map(endpoint, message))
        .body(message.body.clone());
    match timeout_at(deadline, request.send()).await {
        Ok(sent) => sent.map_err(Trouble::of_client),
        Err(_) => Err(Trouble::Timeout),
    }
}

/// Gives every field that goes out to `take`: the message's own, and `Host` and the body's length, which HTTP wants.
pub(crate) fn fields(endpoint: &Endpoint, message: &Message, take: &mut dyn FnMut(&str, &[u8])) {
    if !message.headers.contains("host") {
        take("Host", endpoint.host_header().as_bytes());
    }
    for (name, value) in message.headers.iter() {
        // The body goes out whole, whatever it was once announced as.
        let frames = ["content-length", "transfer-encoding"];
        if !frames.iter().any(|frame| name.eq_ignore_ascii_case(frame)) {
            take(name, value);
        }
    }
    if !message.body.is_empty() || has_body(&message.method) {
        take("Content-Length", message.body.len().to_string().as_bytes());
    }
}

/// Whether a request of that method is expected to have a body, so that none has the length 0 (RFC 9110, 8.6).
fn has_body(method: &str) -> bool {
    matches!(method, "POST" | "PUT" | "PATCH")
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
