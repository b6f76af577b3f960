//! One inbound request and its verdict: the store that keeps it, and the files that hold such requests: raw HTTP, HAR,
//! JSON lines and curl command lines.

pub mod credentials;
pub mod curl;
mod filter;
pub mod har;
pub mod http;
pub mod jsonl;
mod numbers;
pub mod resend;
mod select;
pub mod store;

use std::borrow::Cow;
use std::io::{self, Read as _};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::message::Message;
use crate::verify::{Reason, SignatureState};

pub use filter::{Filter, FilterError};
pub use numbers::Numbers;
pub use select::{Marks, Pattern, Selection, SelectionError};

/// Why a file holds no request.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// Broken HTTP.
    #[error("not an HTTP request: {0}")]
    Http(String),
    /// JSON of another shape.
    #[error("{place}: {message}")]
    Json {
        /// `HAR` or `line 3`.
        place: String,
        /// What is wrong.
        message: String,
    },
    /// A curl command line that is not understood, or that would do more than send a request.
    #[error("not a curl command line that can be taken in: {0}")]
    Curl(String),
    /// A file of requests without one.
    #[error("it holds no request")]
    Empty,
    /// A file of none of the formats.
    #[error("it is neither JSON lines of captures, nor HAR, nor a raw HTTP request")]
    Format,
    /// A file that can't be read to its end.
    #[error("it could not be read: {0}")]
    Read(#[from] io::Error),
}

/// One request that was received, with what is known of its reception. A file may hold the request alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The request. Its URL is the target as it came: a path with its query, or a whole URL.
    pub message: Message,
    /// When it arrived, in microseconds.
    pub received_at: Option<Timestamp>,
    /// Who sent it: an address and a port.
    pub peer: Option<String>,
    /// Whether it came as HTTP/1.0.
    pub http_1_0: bool,
    /// The verdict on it when it arrived.
    pub judgement: Option<Judgement>,
    /// The status that it was answered with; `None` also where the answer was a receiver's that is unknown.
    pub answer: Option<u16>,
    /// The deliveries of it, in their order: its forward, and replays.
    pub deliveries: Vec<Delivered>,
    /// What of it the file's format could not hold, each in a few words.
    pub lost: Vec<String>,
}

impl Recorded {
    /// A request of which nothing else is known.
    pub fn new(message: Message) -> Self {
        Self {
            message,
            received_at: None,
            peer: None,
            http_1_0: false,
            judgement: None,
            answer: None,
            deliveries: Vec::new(),
            lost: Vec::new(),
        }
    }

    /// The path and query of the request.
    pub fn target(&self) -> &str {
        let target = self.message.url.as_deref().unwrap_or("/");
        match target.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
            None => target,
        }
    }

    /// The same, with a `/` before one that is no path: behind a host, `@other.test/` would name another host.
    pub fn rooted_target(&self) -> Cow<'_, str> {
        match self.target() {
            target if target.starts_with(['/', '?']) => target.into(),
            other => format!("/{other}").into(),
        }
    }

    /// What the handler says of itself that it was passed on to.
    pub fn server(&self) -> Option<&str> {
        let mut answers = self
            .deliveries
            .iter()
            .rev()
            .filter_map(|delivered| delivered.outcome.as_ref());
        answers.find_map(|outcome| outcome.server.as_deref())
    }

    /// The URL that its sender signed, where the scheme signs one: `public` where it is given, with the request's
    /// target where it has no path of its own; else what the request itself says.
    pub fn signed_url(&self, public: Option<&str>) -> Option<String> {
        let target = self.message.url.as_deref()?;
        if let Some(public) = public {
            let after_scheme = public.split_once("://").map_or(public, |(_, rest)| rest);
            return Some(match after_scheme.find('/') {
                Some(at) if at + 1 < after_scheme.len() => public.to_owned(),
                _ => format!("{}{}", public.trim_end_matches('/'), self.rooted_target()),
            });
        }
        if target.contains("://") {
            return Some(target.to_owned());
        }
        let host = self.message.headers.text("host")?;
        Some(format!("http://{host}{}", self.rooted_target()))
    }
}

/// One request in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capture {
    /// Its number, from 1 on.
    pub id: i64,
    /// The first capture of the same event.
    pub duplicate_of: Option<i64>,
    /// The request.
    pub recorded: Arc<Recorded>,
}

/// What deliveries of the same event share, as a digest.
pub type Identity = [u8; 16];

/// A verdict as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The reason.
    pub reason: Reason,
    /// The signature alone.
    pub signature: SignatureState,
    /// Whose request it is.
    pub provider: Option<String>,
    /// In which dialect.
    pub dialect: Option<String>,
    /// What it reports.
    pub event_type: Option<String>,
    /// What deliveries of the same event share, as a digest.
    pub identity: Option<Identity>,
    /// The signed time.
    pub signed_at: Option<Timestamp>,
    /// Where the secret that matched came from.
    pub matched_secret: Option<String>,
    /// What exactly is wrong, in one sentence.
    pub detail: Option<String>,
}

/// What came of delivering a capture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered {
    /// Its number in the store; 0 where it is from a file.
    pub id: i64,
    /// By what.
    pub kind: DeliveryKind,
    /// Where to.
    pub target: String,
    /// When it began.
    pub at: Timestamp,
    /// What came of it; `None` is unknown, and counts as not delivered.
    pub outcome: Option<Outcome>,
}

/// How a capture comes to be delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DeliveryKind {
    /// While its sender waited.
    Forward,
    /// Later.
    Replay,
}

/// The end of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The answer's status, where there was one.
    pub status: Option<u16>,
    /// How long it took.
    pub duration: Duration,
    /// Why there was no answer.
    pub failure: Option<String>,
    /// What the answer's `X-Powered-By` and `Server` say.
    pub server: Option<String>,
}

/// How a file holds requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One request as it goes over the wire.
    Http,
    /// An HTTP archive, HAR 1.2.
    Har,
    /// `--json` output: an object a line.
    Jsonl,
    /// curl command lines.
    Curl,
}

impl Format {
    /// The format that `bytes` are in; `None` means that they are a bare body.
    pub fn detect(bytes: &[u8]) -> Option<Self> {
        if http::looks_like(bytes) {
            Some(Self::Http)
        } else if jsonl::looks_like(bytes) {
            Some(Self::Jsonl)
        } else if har::looks_like(bytes) {
            Some(Self::Har)
        } else if curl::looks_like(bytes) {
            Some(Self::Curl)
        } else {
            None
        }
    }

    /// Gives every request in `from` to `take` as it is read, until it says no. JSON lines and HAR are held one request
    /// at a time, each of at most `longest` bytes; a raw HTTP request is held whole.
    ///
    /// # Errors
    /// [`CaptureError`].
    pub fn each(
        mut from: impl io::BufRead,
        longest: u64,
        take: &mut dyn FnMut(Recorded) -> bool,
    ) -> Result<(), CaptureError> {
        let beginning = from.fill_buf()?;
        let mark = b"\xef\xbb\xbf";
        if beginning.starts_with(mark) {
            from.consume(mark.len());
        }
        let beginning = from.fill_buf()?;
        if beginning.is_empty() {
            return Err(CaptureError::Empty);
        }
        let inside = beginning.trim_ascii_start().strip_prefix(b"{");
        if http::looks_like(beginning) {
            let mut bytes = Vec::new();
            from.take(longest).read_to_end(&mut bytes)?;
            take(Recorded::new(http::read(&bytes)?));
            Ok(())
        } else if inside.is_some_and(|inside| inside.trim_ascii_start().starts_with(b"\"log\"")) {
            har::each(from, take)
        } else if inside.is_some() {
            jsonl::each(from, longest, take)
        } else {
            Err(CaptureError::Format)
        }
    }

    /// The requests in `bytes`, in their order; at least one.
    ///
    /// # Errors
    /// [`CaptureError`].
    pub fn read(self, bytes: &[u8]) -> Result<Vec<Recorded>, CaptureError> {
        let found = match self {
            Self::Http => vec![Recorded::new(http::read(bytes)?)],
            Self::Har => har::read(bytes)?,
            Self::Jsonl => jsonl::read(bytes)?,
            Self::Curl => curl::read(bytes, &curl::Files::Refused)?,
        };
        if found.is_empty() {
            Err(CaptureError::Empty)
        } else {
            Ok(found)
        }
    }
}
