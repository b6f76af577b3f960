//! The files that hold captured requests: raw HTTP, HAR, JSON lines and curl command lines; and which of what they hold
//! are credentials.

pub mod credentials;
pub mod curl;
pub mod har;
pub mod http;
pub mod jsonl;

use std::io::{self, Read as _};

use crate::capture::Recorded;

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

/// How a file holds requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
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
