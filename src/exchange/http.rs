//! A raw HTTP/1.x request, as `nc` catches it and as `--print http` shows it.

use super::CaptureError;
use crate::message::{Headers, Message};

/// More header fields than any sender writes.
const MOST_HEADERS: usize = 256;

/// Whether `bytes` begin with a request line.
pub fn looks_like(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    line.ends_with(b" HTTP/1.1") || line.ends_with(b" HTTP/1.0")
}

/// Reads one request. The body is as long as `Content-Length` says, as the chunks say, or to the end of the bytes.
/// Lines may end in LF alone, as editors leave them.
///
/// # Errors
/// [`CaptureError::Http`].
pub fn read(bytes: &[u8]) -> Result<Message, CaptureError> {
    let wrong = |message: &str| CaptureError::Http(message.to_owned());
    let mut fields = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut fields);
    let body_at = match request.parse(bytes) {
        Ok(httparse::Status::Complete(at)) => at,
        Ok(httparse::Status::Partial) => return Err(wrong("the head does not end: an empty line is missing")),
        Err(error) => return Err(CaptureError::Http(error.to_string())),
    };
    let headers: Headers = request.headers.iter().map(|field| (field.name, field.value)).collect();
    let rest = &bytes[body_at..];
    let body = if headers
        .text("transfer-encoding")
        .is_some_and(|value| value.eq_ignore_ascii_case("chunked"))
    {
        join_chunks(rest)?
    } else if let Some(length) = headers.text("content-length") {
        let length: usize = length.parse().map_err(|_| wrong("Content-Length is not a number"))?;
        let body = rest.get(..length).ok_or_else(|| {
            CaptureError::Http(format!(
                "the body has {} bytes and Content-Length says {length}",
                rest.len()
            ))
        })?;
        body.to_vec()
    } else {
        rest.to_vec()
    };
    Ok(Message {
        method: request.method.unwrap_or_default().to_owned(),
        url: request.path.map(str::to_owned),
        headers,
        ..Message::new(body)
    })
}

fn join_chunks(mut rest: &[u8]) -> Result<Vec<u8>, CaptureError> {
    let wrong = || CaptureError::Http("the chunks of the body are broken".into());
    let mut body = Vec::new();
    loop {
        let Ok(httparse::Status::Complete((at, size))) = httparse::parse_chunk_size(rest) else {
            return Err(wrong());
        };
        let size = usize::try_from(size).map_err(|_| wrong())?;
        if size == 0 {
            return Ok(body);
        }
        let end = at.checked_add(size).ok_or_else(wrong)?;
        body.extend_from_slice(rest.get(at..end).ok_or_else(wrong)?);
        rest = rest[end..].strip_prefix(b"\r\n").ok_or_else(wrong)?;
    }
}

/// Writes `message` as a request for `target`, head and body.
pub fn write(method: &str, target: &str, headers: &Headers, body: &[u8]) -> Vec<u8> {
    let mut out = format!("{method} {target} HTTP/1.1\r\n").into_bytes();
    for (name, value) in headers.iter() {
        out.extend_from_slice(name.as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value);
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
    out.extend_from_slice(body);
    out
}

/// Writes a request so that it stands for itself: its body is as long as its head says, whatever it came as.
pub fn write_whole(method: &str, target: &str, headers: &Headers, body: &[u8]) -> Vec<u8> {
    let mut own = headers.clone();
    if own.contains("transfer-encoding") || own.contains("content-length") || !body.is_empty() {
        own.remove("transfer-encoding");
        own.set("content-length", body.len().to_string());
    }
    write(method, target, &own, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let headers: Headers = [
            ("Host", &b"x"[..]),
            ("X-A", b"\xff"),
            ("x-a", b"2"),
            ("Content-Length", b"4"),
        ]
        .into_iter()
        .collect();
        let raw = write("PUT", "/a?b=c", &headers, b"\0\r\n{");
        assert!(looks_like(&raw));
        let message = read(&raw).unwrap();
        assert_eq!(
            (message.method.as_str(), message.url.as_deref()),
            ("PUT", Some("/a?b=c"))
        );
        assert_eq!((message.headers, message.body.as_ref()), (headers, &b"\0\r\n{"[..]));
    }

    #[test]
    fn chunks_are_joined_and_broken_ones_refused() {
        let head = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        let with = |rest: &[u8]| read(&[head, rest].concat()).map(|message| message.body);
        assert_eq!(with(b"3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n").unwrap().as_ref(), b"abcd");
        for broken in [
            &b"3\r\nab"[..],
            b"zz\r\n",
            b"",
            b"ffffffffffffffff\r\na",
            b"1\r\nab0\r\n",
        ] {
            assert!(with(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn a_short_body_and_a_lone_head_are_errors() {
        assert!(read(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc").is_err());
        assert!(read(b"POST / HTTP/1.1\r\nHost: x\r\n").is_err());
        assert_eq!(read(b"POST / HTTP/1.1\nA: b\n\nabc").unwrap().body.as_ref(), b"abc");
        assert!(!looks_like(br#"{"a":" HTTP/1.1"}"#));
    }
}
