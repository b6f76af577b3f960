//! What is kept of an answer.

use crate::message::Headers;

/// How much of an answer's body is kept, in bytes.
pub const KEPT_BODY: usize = 64 * 1024;

/// As much is told of what an answer says of its server, in characters.
const LONGEST_SERVER: usize = 128;

/// An answer's head, and the beginning of its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Headers,
    /// The body, up to [`KEPT_BODY`] bytes.
    pub body: Vec<u8>,
    /// Whether there was more of it, or it broke off.
    pub truncated: bool,
}

impl Excerpt {
    /// One whose body comes yet.
    pub fn new(status: u16, headers: Headers) -> Self {
        Self {
            status,
            headers,
            body: Vec::new(),
            truncated: false,
        }
    }

    /// What it says of the program that gave it: its `X-Powered-By` and `Server`.
    pub fn server(&self) -> Option<String> {
        let named = ["x-powered-by", "server"]
            .into_iter()
            .flat_map(|name| self.headers.get_all(name));
        let texts: Vec<String> = named.map(|value| String::from_utf8_lossy(value).into_owned()).collect();
        (!texts.is_empty()).then(|| texts.join(", ").chars().take(LONGEST_SERVER).collect())
    }

    /// Adds to the body as far as it is kept.
    pub fn take(&mut self, piece: &[u8]) {
        let left = KEPT_BODY - self.body.len();
        self.body.extend_from_slice(&piece[..piece.len().min(left)]);
        self.truncated |= piece.len() > left;
    }
}
