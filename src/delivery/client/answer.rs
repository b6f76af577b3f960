//! An answer as it is read from a plain connection: RFC 9112, 4 to 7.

use std::io;
use std::mem::MaybeUninit;

use tokio::io::{AsyncRead, AsyncReadExt as _};

use super::{Answer, KEPT_BODY};
use crate::message::Headers;

/// The longest head, chunk line or trailer, in bytes.
const LONGEST: usize = 64 * 1024;
/// The most header fields.
const FIELDS: usize = 128;
/// How much is read at once, in bytes.
const READ: usize = 8 * 1024;

/// Bytes that came, and where more come from.
pub struct Incoming<'c, R> {
    from: &'c mut R,
    bytes: &'c mut Vec<u8>,
    /// How many of them were taken.
    at: usize,
}

/// Where an answer's body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Length {
    Known(u64),
    Chunked,
    UntilClose,
}

/// What stands before the body.
struct Head {
    answer: Answer,
    length: Length,
    keeps_open: bool,
}

impl<'c, R: AsyncRead + Unpin> Incoming<'c, R> {
    /// Nothing is left in `bytes` from before; it is there to be used again.
    pub fn new(from: &'c mut R, bytes: &'c mut Vec<u8>) -> Self {
        bytes.clear();
        Self { from, bytes, at: 0 }
    }

    fn rest(&self) -> &[u8] {
        &self.bytes[self.at..]
    }

    /// Reads more behind the rest; `false` where nothing follows.
    async fn more(&mut self) -> io::Result<bool> {
        self.bytes.drain(..self.at);
        self.at = 0;
        self.bytes.reserve(READ);
        Ok(self.from.read_buf(self.bytes).await? > 0)
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

    async fn head(&mut self, to_head: bool) -> io::Result<Head> {
        loop {
            if let Some((head, length)) = parse_head(self.rest(), to_head)? {
                self.at += length;
                return Ok(head);
            }
            self.rest_of("head").await?;
        }
    }

    /// Takes `left` bytes of a body, as far as they are kept.
    async fn body(&mut self, mut left: u64, answer: &mut Answer) -> io::Result<()> {
        while left > 0 && !answer.truncated {
            let rest = self.rest();
            let here = rest.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            answer.take(&rest[..here], KEPT_BODY);
            self.at += here;
            left -= here as u64;
            if left > 0 {
                self.rest_of("body").await?;
            }
        }
        Ok(())
    }

    async fn chunks(&mut self, answer: &mut Answer) -> io::Result<()> {
        while !answer.truncated {
            let size = loop {
                match httparse::parse_chunk_size(self.rest()) {
                    Ok(httparse::Status::Complete((length, size))) => {
                        self.at += length;
                        break size;
                    }
                    Ok(httparse::Status::Partial) => self.rest_of("chunk's line").await?,
                    Err(error) => return Err(invalid(&error.to_string())),
                }
            };
            if size == 0 {
                return self.trailer().await;
            }
            self.body(size, answer).await?;
            if !answer.truncated {
                self.line_end().await?;
            }
        }
        Ok(())
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
    let mut fields = [MaybeUninit::uninit(); FIELDS];
    let mut parsed = httparse::Response::new(&mut []);
    let read = httparse::ParserConfig::default()
        .parse_response_with_uninit_headers(&mut parsed, bytes, &mut fields)
        .map_err(|error| invalid(&format!("what came back is not HTTP: {error}")))?;
    let (httparse::Status::Complete(length), Some(status)) = (read, parsed.code) else {
        return Ok(None);
    };
    let headers: Headers = parsed.headers.iter().map(|field| (field.name, field.value)).collect();
    let head = Head {
        length: length_of(status, &headers, to_head)?,
        keeps_open: parsed.version == Some(1) && status != 101 && !has_token(&headers, "connection", "close"),
        answer: Answer {
            status,
            headers,
            body: Vec::new(),
            truncated: false,
        },
    };
    Ok(Some((head, length)))
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

/// Reads an answer, to a `HEAD` request where `to_head`; says whether the connection may carry another request. Interim
/// answers are passed over.
pub async fn read<R: AsyncRead + Unpin>(mut incoming: Incoming<'_, R>, to_head: bool) -> io::Result<(Answer, bool)> {
    let Head {
        mut answer,
        length,
        keeps_open,
    } = loop {
        let head = incoming.head(to_head).await?;
        if head.answer.status / 100 != 1 || head.answer.status == 101 {
            break head;
        }
    };
    match length {
        Length::Known(length) => incoming.body(length, &mut answer).await?,
        Length::Chunked => incoming.chunks(&mut answer).await?,
        Length::UntilClose => loop {
            answer.take(incoming.rest(), KEPT_BODY);
            incoming.at = incoming.bytes.len();
            if answer.truncated || !incoming.more().await? {
                break;
            }
        },
    }
    let ended = length != Length::UntilClose && !answer.truncated && incoming.rest().is_empty();
    Ok((answer, keeps_open && ended))
}

fn length_of(status: u16, headers: &Headers, to_head: bool) -> io::Result<Length> {
    if to_head || status / 100 == 1 || matches!(status, 204 | 304) {
        return Ok(Length::Known(0));
    }
    if headers.contains("transfer-encoding") {
        return Ok(match has_token(headers, "transfer-encoding", "chunked") {
            true => Length::Chunked,
            false => Length::UntilClose,
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
    Ok(known.map_or(Length::UntilClose, Length::Known))
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

    /// What is read of `bytes`, whole and byte by byte.
    async fn answers(bytes: &[u8], to_head: bool) -> io::Result<(u16, String, bool)> {
        let mut results = Vec::new();
        for piece in [bytes.len().max(1), 1] {
            let (mut from, mut to) = tokio::io::duplex(piece);
            let bytes = bytes.to_vec();
            let feed = tokio::spawn(async move {
                let _ = tokio::io::AsyncWriteExt::write_all(&mut to, &bytes).await;
            });
            let mut buffer = Vec::new();
            let read = read(Incoming::new(&mut from, &mut buffer), to_head).await;
            drop(from);
            feed.await.unwrap();
            results.push(read.map(|(answer, open)| {
                let body = String::from_utf8(answer.body).unwrap();
                (answer.status, body, open)
            }));
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
        let mut bytes = endless.as_bytes();
        let read = read(Incoming::new(&mut bytes, &mut Vec::new()), false).await;
        assert!(read.unwrap_err().to_string().contains("too long"));
    }

    #[tokio::test]
    async fn what_is_kept_of_a_body_is_bounded() {
        for head in [
            "Content-Length: 1000000\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\nF4240\r\n",
            "\r\n",
        ] {
            let bytes = format!("HTTP/1.1 200 OK\r\n{head}{}", "x".repeat(1_000_000));
            let mut bytes = bytes.as_bytes();
            let (answer, open) = read(Incoming::new(&mut bytes, &mut Vec::new()), false).await.unwrap();
            assert_eq!(
                (answer.body.len(), answer.truncated, open),
                (KEPT_BODY, true, false),
                "{head}"
            );
        }
    }

    #[tokio::test]
    async fn what_came_unasked_ends_the_connection() {
        let (_, _, open) = answers(b"HTTP/1.1 204 No\r\n\r\n", false).await.unwrap();
        assert!(open);
        let mut bytes = &b"HTTP/1.1 204 No\r\n\r\nHTTP/1.1 200 OK\r\n"[..];
        let (_, open) = read(Incoming::new(&mut bytes, &mut Vec::new()), false).await.unwrap();
        assert!(!open);
    }
}
