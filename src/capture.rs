//! Requests as files hold them: raw HTTP, HAR, JSON lines and curl command lines.

pub mod curl;
pub mod har;
pub mod http;
pub mod jsonl;

use jiff::Timestamp;

use crate::message::Message;

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
    /// A file of requests without one.
    #[error("it holds no request")]
    Empty,
}

/// One request from a file, with when it arrived where the file says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// The request.
    pub message: Message,
    /// When it arrived.
    pub received_at: Option<Timestamp>,
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
        } else {
            None
        }
    }

    /// The requests in `bytes`, in their order; at least one.
    ///
    /// # Errors
    /// [`CaptureError`].
    pub fn read(self, bytes: &[u8]) -> Result<Vec<Recorded>, CaptureError> {
        let found = match self {
            Self::Http => vec![Recorded {
                message: http::read(bytes)?,
                received_at: None,
            }],
            Self::Har => har::read(bytes)?,
            Self::Jsonl => jsonl::read(bytes)?,
        };
        if found.is_empty() {
            Err(CaptureError::Empty)
        } else {
            Ok(found)
        }
    }
}
