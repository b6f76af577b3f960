//! An answer as it is read from a plain connection: RFC 9112, 4 to 7.

use std::io;
use std::mem::MaybeUninit;
use std::ops::Range;

use tokio::io::{AsyncRead, AsyncReadExt as _};

#[cfg(feature = "check")]
use crate::capture::Excerpt;
use crate::message::Headers;

/// The longest head, chunk line or trailer, in bytes.
const LONGEST: usize = 64 * 1024;
/// The most header fields.
const FIELDS: usize = 128;
/// How much is read at once, in bytes.
const READ: usize = 8 * 1024;

/// Where answers come from, and what came of them.
#[derive(Debug)]
pub struct Incoming<R> {
    pub from: R,
    bytes: Vec<u8>,
    /// How many of them were taken.
    at: usize,
}

/// What stands before the body.
#[derive(Debug)]
pub struct Head {
    pub status: u16,
    pub headers: Headers,
    pub body: Body,
}

/// How far a body was read.
#[derive(Debug, Clone, Copy)]
pub struct Body {
    left: Left,
    /// Whether the connection may carry another request behind it.
    keeps_open: bool,
}

/// What is left of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Known(u64),
    /// So much of a chunk.
    Chunk(u64),
    /// Chunks, the next of which begins here.
    Chunks,
    UntilClose,
    Nothing,
}

impl Body {
    /// How long it is, where the head says so.
    pub fn length(&self) -> Option<u64> {
        match self.left {
            Left::Known(length) => Some(length),
            Left::Nothing => Some(0),
            Left::Chunk(_) | Left::Chunks | Left::UntilClose => None,
        }
    }
}

/// What came is TLS, and the connection is plain.
#[derive(Debug, thiserror::Error)]
#[error("what came back is TLS")]
pub struct IsTls;

impl<R: AsyncRead + Unpin> Incoming<R> {
    pub fn new(from: R) -> Self {
        Self {
            from,
            bytes: Vec::new(),
            at: 0,
        }
    }

    /// Forgets what came before the next answer.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.at = 0;
    }

    fn rest(&self) -> &[u8] {
        &self.bytes[self.at..]
    }

    /// Reads more behind the rest; `false` where nothing follows.
    async fn more(&mut self) -> io::Result<bool> {
        self.bytes.drain(..self.at);
        self.at = 0;
        self.bytes.reserve(READ);
        Ok(self.from.read_buf(&mut self.bytes).await? > 0)
    }

    /// Reads more of what must not end here, and may not grow for ever.
    async fn rest_of(&mut self, what: &str) -> io::Result<()> {
        if self.rest().len() > LONGEST {
            return Err(invalid(&format!("its {what} is too long")));
        }
        match self.more().await? {
            true => Ok(()),
            false => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "it was closed before the answer's end",
            )),
        }
    }

    /// Reads the head of an answer, to a `HEAD` request where `to_head`. Interim answers are passed over.
    pub async fn head(&mut self, to_head: bool) -> io::Result<Head> {
        loop {
            match parse_head(self.rest(), to_head)? {
                Some((head, length)) => {
                    self.at += length;
                    if head.status / 100 != 1 || head.status == 101 {
                        return Ok(head);
                    }
                }
                None => self.rest_of("head").await?,
            }
        }
    }

    /// Where the next bytes of a body are; `None` at its end.
    pub async fn piece(&mut self, body: &mut Body) -> io::Result<Option<Range<usize>>> {
        loop {
            match body.left {
                Left::Nothing | Left::Known(0) => {
                    body.left = Left::Nothing;
                    return Ok(None);
                }
                Left::Known(left) => {
                    let piece = self.up_to(left).await?;
                    body.left = Left::Known(left - piece.len() as u64);
                    return Ok(Some(piece));
                }
                Left::Chunk(0) => {
                    self.line_end().await?;
                    body.left = Left::Chunks;
                }
                Left::Chunk(left) => {
                    let piece = self.up_to(left).await?;
                    body.left = Left::Chunk(left - piece.len() as u64);
                    return Ok(Some(piece));
                }
                Left::Chunks => match self.chunk_size().await? {
                    0 => {
                        self.trailer().await?;
                        body.left = Left::Nothing;
                    }
                    size => body.left = Left::Chunk(size),
                },
                Left::UntilClose => {
                    if self.rest().is_empty() && !self.more().await? {
                        body.left = Left::Nothing;
                    } else {
                        let begin = self.at;
                        self.at = self.bytes.len();
                        return Ok(Some(begin..self.at));
                    }
                }
            }
        }
    }

    /// Reads an answer, to a `HEAD` request where `to_head`, and the beginning of its body; says whether the connection may
    /// carry another request.
    #[cfg(feature = "check")]
    pub async fn excerpt(&mut self, to_head: bool) -> io::Result<(Excerpt, bool)> {
        let Head {
            status,
            headers,
            mut body,
        } = self.head(to_head).await?;
        let mut excerpt = Excerpt::new(status, headers);
        while !excerpt.truncated
            && let Some(piece) = self.piece(&mut body).await?
        {
            excerpt.take(self.bytes(piece));
        }
        Ok((excerpt, self.is_reusable(&body)))
    }

    /// The bytes of a piece, until the next is read.
    pub fn bytes(&self, piece: Range<usize>) -> &[u8] {
        &self.bytes[piece]
    }

    /// Whether the body was read to its end, and another request may follow on this connection. What came unasked ends
    /// it.
    pub fn is_reusable(&self, body: &Body) -> bool {
        body.keeps_open && matches!(body.left, Left::Nothing | Left::Known(0)) && self.rest().is_empty()
    }

    /// Takes what is there, at most `left` bytes, or what comes next.
    async fn up_to(&mut self, left: u64) -> io::Result<Range<usize>> {
        if self.rest().is_empty() {
            self.rest_of("body").await?;
        }
        let begin = self.at;
        self.at += self.rest().len().min(usize::try_from(left).unwrap_or(usize::MAX));
        Ok(begin..self.at)
    }

    async fn chunk_size(&mut self) -> io::Result<u64> {
        loop {
            match httparse::parse_chunk_size(self.rest()) {
                Ok(httparse::Status::Complete((length, size))) => {
                    self.at += length;
                    return Ok(size);
                }
                Ok(httparse::Status::Partial) => self.rest_of("chunk's line").await?,
                Err(error) => return Err(invalid(&error.to_string())),
            }
        }
    }

    async fn line_end(&mut self) -> io::Result<()> {
        while self.rest().len() < 2 {
            self.rest_of("chunk").await?;
        }
        if !self.rest().starts_with(b"\r\n") {
            return Err(invalid("a chunk is longer than it says"));
        }
        self.at += 2;
        Ok(())
    }

    async fn trailer(&mut self) -> io::Result<()> {
        loop {
            if let Some(length) = trailer_length(self.rest())? {
                self.at += length;
                return Ok(());
            }
            self.rest_of("trailer").await?;
        }
    }
}

/// The head that `bytes` begin with, and how long it is; `None` where more belongs to it.
fn parse_head(bytes: &[u8], to_head: bool) -> io::Result<Option<(Head, usize)>> {
    if is_tls(bytes) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, IsTls));
    }
    let mut fields = [MaybeUninit::uninit(); FIELDS];
    let mut parsed = httparse::Response::new(&mut []);
    let read = httparse::ParserConfig::default()
        .parse_response_with_uninit_headers(&mut parsed, bytes, &mut fields)
        .map_err(|error| invalid(&format!("what came back is not HTTP: {error}")))?;
    let (httparse::Status::Complete(length), Some(status)) = (read, parsed.code) else {
        return Ok(None);
    };
    let headers: Headers = parsed.headers.iter().map(|field| (field.name, field.value)).collect();
    let body = Body {
        left: length_of(status, &headers, to_head)?,
        keeps_open: parsed.version == Some(1) && status != 101 && !has_token(&headers, "connection", "close"),
    };
    // What ends with the connection leaves none for another request.
    let body = Body {
        keeps_open: body.keeps_open && body.left != Left::UntilClose,
        ..body
    };
    Ok(Some((Head { status, headers, body }, length)))
}

/// Whether `bytes` begin as a record of TLS does: an alert or a handshake, of version 3 (RFC 8446, 5.1).
pub fn is_tls(bytes: &[u8]) -> bool {
    matches!(bytes, [0x15 | 0x16, 0x03, ..])
}

/// How long the trailer is that `bytes` begin with; `None` where more belongs to it.
fn trailer_length(bytes: &[u8]) -> io::Result<Option<usize>> {
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    match httparse::parse_headers(bytes, &mut fields) {
        Ok(httparse::Status::Complete((length, _))) => Ok(Some(length)),
        Ok(httparse::Status::Partial) => Ok(None),
        Err(error) => Err(invalid(&error.to_string())),
    }
}

fn length_of(status: u16, headers: &Headers, to_head: bool) -> io::Result<Left> {
    if to_head || status / 100 == 1 || matches!(status, 204 | 304) {
        return Ok(Left::Known(0));
    }
    if headers.contains("transfer-encoding") {
        return Ok(match has_token(headers, "transfer-encoding", "chunked") {
            true => Left::Chunks,
            false => Left::UntilClose,
        });
    }
    let mut known = None;
    for length in tokens(headers, "content-length") {
        let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        match length
            .parse()
            .ok()
            .filter(|length| digits && known.is_none_or(|known| known == *length))
        {
            Some(length) => known = Some(length),
            None => return Err(invalid("its Content-Length is not one length")),
        }
    }
    Ok(known.map_or(Left::UntilClose, Left::Known))
}

fn tokens<'h>(headers: &'h Headers, name: &'static str) -> impl Iterator<Item = &'h str> {
    headers
        .get_all(name)
        .flat_map(|value| std::str::from_utf8(value).unwrap_or_default().split(','))
        .map(str::trim)
}

fn has_token(headers: &Headers, name: &'static str, token: &str) -> bool {
    tokens(headers, name).any(|own| own.eq_ignore_ascii_case(token))
}

fn invalid(message: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A whole answer: its status, its body, and whether the connection may be used again.
    async fn whole(from: impl AsyncRead + Unpin, to_head: bool) -> io::Result<(u16, String, bool)> {
        let mut incoming = Incoming::new(from);
        let Head { status, mut body, .. } = incoming.head(to_head).await?;
        let mut text = Vec::new();
        while let Some(piece) = incoming.piece(&mut body).await? {
            text.extend_from_slice(incoming.bytes(piece));
        }
        Ok((status, String::from_utf8(text).unwrap(), incoming.is_reusable(&body)))
    }

    /// What is read of `bytes`, whole and byte by byte.
    async fn answers(bytes: &[u8], to_head: bool) -> io::Result<(u16, String, bool)> {
        let mut results = Vec::new();
        for piece in [bytes.len().max(1), 1] {
            let (mut from, mut to) = tokio::io::duplex(piece);
            let bytes = bytes.to_vec();
            let feed = tokio::spawn(async move {
                let _ = tokio::io::AsyncWriteExt::write_all(&mut to, &bytes).await;
            });
            let read = whole(&mut from, to_head).await;
            drop(from);
            feed.await.unwrap();
            results.push(read);
        }
        let by_byte = results.pop().unwrap();
        let whole = results.pop().unwrap();
        assert_eq!(whole.as_ref().ok(), by_byte.as_ref().ok());
        whole
    }

    #[tokio::test]
    async fn a_body_ends_where_its_head_says() {
        for (bytes, status, body, open) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", 200, "ok", true),
            ("HTTP/1.1 204 No Content\r\n\r\n", 204, "", true),
            ("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304, "", true),
            ("HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok", 200, "ok", true),
            (
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n",
                201,
                "",
                true,
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\n\r\n\r\n0\r\n\r\n",
                200,
                "abc\r\n",
                true,
            ),
            (
                "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\nContent-Length: 9\r\n\r\n1\r\na\r\n0\r\nX-T: 1\r\n\r\n",
                200,
                "a",
                true,
            ),
            ("HTTP/1.1 500 Oh\r\n\r\nuntil the end", 500, "until the end", false),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx", 200, "x", false),
            (
                "HTTP/1.1 200 OK\r\nConnection: a, Close\r\nContent-Length: 1\r\n\r\nx",
                200,
                "x",
                false,
            ),
            ("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", false),
            ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", 101, "", false),
        ] {
            assert_eq!(
                answers(bytes.as_bytes(), false).await.unwrap(),
                (status, body.to_owned(), open),
                "{bytes}"
            );
        }
        let to_head = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
        assert_eq!(
            answers(to_head.as_bytes(), true).await.unwrap(),
            (200, String::new(), true)
        );
    }

    #[tokio::test]
    async fn what_is_no_answer_says_so() {
        for bytes in [
            "",
            "HTTP/1.1 200 OK\r\n",
            "SSH-2.0-x\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok",
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            "HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nabc",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        ] {
            assert!(answers(bytes.as_bytes(), false).await.is_err(), "{bytes}");
        }
        let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(2 * LONGEST));
        assert!(
            whole(endless.as_bytes(), false)
                .await
                .unwrap_err()
                .to_string()
                .contains("too long")
        );
        let alert = whole(&b"\x15\x03\x01\x00\x02\x02\x46"[..], false).await.unwrap_err();
        assert!(alert.get_ref().unwrap().is::<IsTls>());
    }

    #[tokio::test]
    async fn a_long_body_comes_in_pieces_that_are_bounded() {
        for head in [
            "Content-Length: 1000000\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\nF4240\r\n",
            "\r\n",
        ] {
            let tail = if head.contains("chunked") { "\r\n0\r\n\r\n" } else { "" };
            let bytes = format!("HTTP/1.1 200 OK\r\n{head}{}{tail}", "x".repeat(1_000_000));
            let mut incoming = Incoming::new(bytes.as_bytes());
            let mut body = incoming.head(false).await.unwrap().body;
            let mut length = 0;
            while let Some(piece) = incoming.piece(&mut body).await.unwrap() {
                length += piece.len();
                assert!(incoming.bytes.capacity() < 4 * READ, "{head}");
            }
            assert_eq!(length, 1_000_000, "{head}");
        }
    }

    #[tokio::test]
    async fn what_came_unasked_ends_the_connection() {
        let (_, _, open) = answers(b"HTTP/1.1 204 No\r\n\r\n", false).await.unwrap();
        assert!(open);
        let twice = &b"HTTP/1.1 204 No\r\n\r\nHTTP/1.1 200 OK\r\n"[..];
        assert!(!whole(twice, false).await.unwrap().2);
    }
}
