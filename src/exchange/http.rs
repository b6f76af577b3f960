//! Raw HTTP requests, as they go over the wire and as they are shown.

mod text;

use super::{CaptureError, Entry, Exchange, Files, Input, Take};
use crate::capture::{BodyHeld, Recorded};
use crate::message::{Headers, Message};

/// Versions as they stand in a request line; the later ones in the text that proxies show.
const VERSIONS: [&[u8]; 6] = [b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2", b"HTTP/2.0", b"HTTP/3", b"HTTP/3.0"];

/// More header fields than any sender writes.
const MOST_HEADERS: usize = 256;

/// Raw HTTP: requests one behind the other, as `nc` catches them, proxies show them and `--print http` writes them. A
/// request may be in the text of HTTP/2 and 3, lines may end in LF alone, and answers between requests are passed over.
#[derive(Debug)]
pub struct Http;

impl Exchange for Http {
    fn name(&self) -> &'static str {
        "http"
    }

    fn title(&self) -> &'static str {
        "raw HTTP"
    }

    fn remedy(&self) -> &'static str {
        "a request is its request line, a line for each header, an empty line, and the body"
    }

    fn detect(&self, input: &mut Input<'_>) -> Result<bool, CaptureError> {
        Ok(looks_like(input.beginning()))
    }

    fn each(&self, input: &mut Input<'_>, _: &Files<'_>, take: &mut Take<'_>) -> Result<(), CaptureError> {
        each(input.text()?, take);
        Ok(())
    }
}

/// Whether `bytes` begin with a request line.
pub fn looks_like(bytes: &[u8]) -> bool {
    is_request_line(first_line(bytes)) || text::begins_with_pseudo_headers(bytes)
}

fn first_line(bytes: &[u8]) -> &[u8] {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Whether a line is `METHOD target HTTP/version`.
fn is_request_line(line: &[u8]) -> bool {
    let Some(at) = line.iter().rposition(|byte| *byte == b' ') else {
        return false;
    };
    let (before, version) = (&line[..at], &line[at + 1..]);
    let Some(space) = before.iter().position(|byte| *byte == b' ') else {
        return false;
    };
    let method = &before[..space];
    VERSIONS.contains(&version)
        && !method.is_empty()
        && method.len() < 32
        && method
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte))
}

/// Whether a line is `HTTP/version status …`.
fn is_status_line(line: &[u8]) -> bool {
    let mut words = line.splitn(3, |byte| *byte == b' ');
    let version = words.next().unwrap_or_default();
    let status = words.next().unwrap_or_default();
    VERSIONS.contains(&version) && status.len() == 3 && status.iter().all(u8::is_ascii_digit)
}

/// Where the first line from `from` on begins that `is` says yes to.
fn find_line(bytes: &[u8], is: fn(&[u8]) -> bool) -> Option<usize> {
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        if is(first_line(rest)) {
            return Some(at);
        }
        at += rest.iter().position(|byte| *byte == b'\n')? + 1;
    }
    None
}

/// Gives every request in `bytes` to `take`.
pub(super) fn each(mut bytes: &[u8], take: &mut Take<'_>) {
    for number in 1.. {
        bytes = bytes.trim_ascii_start();
        if is_status_line(first_line(bytes)) {
            let next = find_line(bytes, is_request_line);
            bytes = next.map_or(&[][..], |at| &bytes[at..]);
        }
        if bytes.is_empty() {
            return;
        }
        let place = format!("request {number}");
        match one(bytes) {
            Ok((recorded, length)) => {
                if !take(Entry::new(place, Ok(recorded))) {
                    return;
                }
                bytes = &bytes[length..];
            }
            Err(problem) => {
                if !take(Entry::new(place, Err(problem))) {
                    return;
                }
                // The next line that begins a request may be whole.
                let rest = &bytes[first_line(bytes).len()..];
                match find_line(rest, is_request_line) {
                    Some(at) => bytes = &rest[at..],
                    None => return,
                }
            }
        }
    }
}

/// Reads one request. The body is as long as `Content-Length` says, as the chunks say, or to the end of the bytes.
///
/// # Errors
/// [`CaptureError`].
pub fn read(bytes: &[u8]) -> Result<Message, CaptureError> {
    one(bytes)
        .map(|(recorded, _)| recorded.message)
        .map_err(|problem| super::broken(&Http, "request 1", problem))
}

/// The first request in `bytes`, as a file or a member of one holds it.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn first(bytes: &[u8]) -> Result<Recorded, String> {
    one(bytes).map(|(recorded, _)| recorded)
}

/// The first request in `bytes`, and how many bytes are its own.
fn one(bytes: &[u8]) -> Result<(Recorded, usize), String> {
    let head = text::head(bytes)?;
    let mut fields = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let mut request = httparse::Request::new(&mut fields);
    match request.parse(&head.text) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) => return Err("the head does not end: an empty line is missing".into()),
        Err(httparse::Error::TooManyHeaders) => {
            return Err(format!("it has more than {MOST_HEADERS} headers"));
        }
        Err(error) => {
            return Err(match text::no_header(&head.text) {
                Some(line) => format!("`{line}` is no header"),
                None => error.to_string(),
            });
        }
    }
    let headers: Headers = request.headers.iter().map(|field| (field.name, field.value)).collect();
    let mut recorded = Recorded::new(Message {
        method: request.method.unwrap_or_default().to_owned(),
        url: request.path.map(str::to_owned),
        headers,
        ..Message::new("")
    });
    recorded.http_1_0 = request.version == Some(0);
    let rest = &bytes[head.length..];
    let (body, length) = body(rest, &mut recorded)?;
    recorded.message.body = body.into();
    Ok((recorded, head.length + length))
}

/// The body that begins `rest`, and how much of `rest` it takes up.
fn body(rest: &[u8], recorded: &mut Recorded) -> Result<(Vec<u8>, usize), String> {
    let headers = &recorded.message.headers;
    let chunked = headers
        .text("transfer-encoding")
        .is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
    if chunked && !rest.is_empty() && !rest[0].is_ascii_hexdigit() && find_line(rest, is_chunk_end).is_none() {
        if !matches!(rest[0], b'{' | b'[' | b'<') {
            return Err("the chunks of the body are broken".into());
        }
        recorded
            .notes
            .push("its head says that it comes in chunks, and its body has none: it is taken as it stands".into());
        let end = end_of(rest);
        return Ok((rest[..end].to_vec(), end));
    }
    if chunked {
        let (body, length, has_trailers) = join_chunks(rest)?;
        if has_trailers {
            recorded.lost.push("the trailers behind its chunks".into());
        }
        return Ok((body, length));
    }
    let Some(length) = headers.text("content-length") else {
        let end = end_of(rest);
        if end < rest.len() {
            recorded
                .notes
                .push("it has no Content-Length, and its body ends where another message begins".into());
        }
        let body = &rest[..end];
        let body = if end < rest.len() { trim_line_end(body) } else { body };
        return Ok((body.to_vec(), end));
    };
    let length: usize = length.trim().parse().map_err(|_| "Content-Length is not a number")?;
    let Some(body) = rest.get(..length) else {
        return Err(format!(
            "the body has {} bytes and Content-Length says {length}; without that line it is taken as it stands",
            rest.len()
        ));
    };
    let behind = &rest[length..];
    let next = behind.trim_ascii_start();
    if next.is_empty() || is_request_line(first_line(next)) || is_status_line(first_line(next)) {
        if next.is_empty() && !behind.is_empty() {
            recorded.notes.push(format!(
                "{} of white space stood behind the body's {length}, which is left out",
                bytes_text(behind.len())
            ));
        }
        return Ok((body.to_vec(), rest.len() - next.len()));
    }
    let end = end_of(rest);
    let whole = if end < rest.len() {
        trim_line_end(&rest[..end])
    } else {
        rest
    };
    if let Some(written) = text::unformatted(whole, length) {
        recorded.body_held = BodyHeld::Rewritten;
        recorded
            .notes
            .push("its body was shown indented; it is taken as it is written in Content-Length's bytes".into());
        return Ok((written, end));
    }
    recorded.notes.push(format!(
        "its body has {}, and Content-Length says {length}: all are taken in",
        bytes_text(whole.len())
    ));
    Ok((whole.to_vec(), end))
}

fn bytes_text(count: usize) -> String {
    if count == 1 {
        "1 byte".into()
    } else {
        format!("{count} bytes")
    }
}

/// Where the next request or answer begins in `rest`, or its end.
fn end_of(rest: &[u8]) -> usize {
    find_line(rest, |line| is_request_line(line) || is_status_line(line)).unwrap_or(rest.len())
}

fn trim_line_end(body: &[u8]) -> &[u8] {
    body.trim_ascii_end()
}

fn is_chunk_end(line: &[u8]) -> bool {
    line == b"0"
}

/// The body of the chunks that begin `rest`, how much of `rest` they take up, and whether trailers follow them.
fn join_chunks(mut rest: &[u8]) -> Result<(Vec<u8>, usize, bool), String> {
    let wrong = || String::from("the chunks of the body are broken");
    let (all, mut body) = (rest.len(), Vec::new());
    loop {
        let Ok(httparse::Status::Complete((at, size))) = httparse::parse_chunk_size(rest) else {
            return Err(wrong());
        };
        let size = usize::try_from(size).map_err(|_| wrong())?;
        if size == 0 {
            // Trailers, to the empty line.
            rest = &rest[at..];
            let mut has_trailers = false;
            while !first_line(rest).is_empty() && !is_request_line(first_line(rest)) {
                let end = rest
                    .iter()
                    .position(|byte| *byte == b'\n')
                    .map_or(rest.len(), |end| end + 1);
                rest = &rest[end..];
                has_trailers = true;
            }
            return Ok((body, all - rest.len(), has_trailers));
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

    #[test]
    fn a_head_is_read_as_senders_write_it_or_its_line_is_named() {
        let found = all(b"POST / HTTP/1.1\r\nX-A: one\r\n two\r\n\tthree\r\nX-B:\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-T: 1\r\n\r\n");
        let only = found[0].as_ref().unwrap();
        assert_eq!(only.message.headers.text("x-a"), Some("one two three"));
        assert_eq!(only.lost, ["the trailers behind its chunks"]);
        for line in ["Host x.test", "bad name: 1"] {
            let text = format!("POST / HTTP/1.1\r\nA: b\r\n{line}\r\n\r\n");
            let error = all(text.as_bytes()).remove(0).unwrap_err();
            assert_eq!(error, format!("`{line}` is no header"));
        }
    }

    fn all(text: &[u8]) -> Vec<Result<Recorded, String>> {
        let mut found = Vec::new();
        each(text, &mut |entry| {
            found.push(entry.request);
            true
        });
        found
    }

    #[test]
    fn nothing_behind_a_body_is_cut_in_silence() {
        let head = "POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n";
        for (behind, body, count) in [
            ("", "{\"a\":1}", 1),
            ("\n", "{\"a\":1}", 1),
            ("23", "{\"a\":1}23", 1),
            ("POST /b HTTP/1.1\r\n\r\n", "{\"a\":1}", 2),
            ("\n\nHTTP/1.1 200 OK\n\nok\nGET /c HTTP/2\n\n", "{\"a\":1}", 2),
        ] {
            let found = all(format!("{head}{{\"a\":1}}{behind}").as_bytes());
            assert_eq!(found.len(), count, "{behind}");
            let first = found[0].as_ref().unwrap();
            assert_eq!(first.message.body.as_ref(), body.as_bytes());
            let is_noted = behind == "\n" || behind == "23";
            assert_eq!(!first.notes.is_empty(), is_noted, "{behind}: {:?}", first.notes);
        }
    }

    #[test]
    fn the_text_of_later_versions_is_read() {
        // As Burp and mitmproxy show it, and as developer tools show pseudo-headers.
        for text in [
            "POST /h?a=1 HTTP/2\r\nHost: x.test\r\nA: b\r\n\r\n{}",
            "POST /h?a=1 HTTP/2.0\nhost: x.test\na: b\n\n{}",
            ":method: POST\n:scheme: https\n:authority: x.test\n:path: /h?a=1\na: b\n\n{}",
        ] {
            assert!(looks_like(text.as_bytes()), "{text}");
            let found = all(text.as_bytes());
            let message = &found[0].as_ref().unwrap().message;
            assert_eq!(
                (message.method.as_str(), message.url.as_deref()),
                ("POST", Some("/h?a=1"))
            );
            assert_eq!(
                (message.headers.text("host"), message.headers.text("a")),
                (Some("x.test"), Some("b"))
            );
            assert_eq!(message.body.as_ref(), b"{}");
        }
    }

    #[test]
    fn a_body_that_was_shown_indented_is_written_as_long_as_it_was() {
        // As HTTPie 3.2.4 shows `http -v POST :3000 a:=1 b=x`, which sends Python's own way of writing.
        let shown = "POST / HTTP/1.1\nContent-Length: 18\nContent-Type: application/json\n\n{\n    \"a\": 1,\n    \"b\": \"x\"\n}\n\n\nHTTP/1.1 200 OK\n\nok\n";
        let found = all(shown.as_bytes());
        let only = found[0].as_ref().unwrap();
        assert_eq!(
            (found.len(), only.message.body.as_ref()),
            (1, &br#"{"a": 1, "b": "x"}"#[..])
        );
        assert_eq!(only.body_held, BodyHeld::Rewritten);
    }
}
