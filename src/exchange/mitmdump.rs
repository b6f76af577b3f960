//! What mitmproxy's `mitmdump --flow-detail 3` shows: a line for each request, its head and body indented below.

use super::{CaptureError, Entry, Exchange, Files, Input, Take, http};

/// How far a head and a body are indented.
const INDENT: &[u8] = b"    ";

/// Flows as text.
#[derive(Debug)]
pub struct Mitmdump;

impl Exchange for Mitmdump {
    fn name(&self) -> &'static str {
        "mitmdump"
    }

    fn title(&self) -> &'static str {
        "what mitmdump shows"
    }

    fn remedy(&self) -> &'static str {
        "`mitmdump --set hardump=flows.har` keeps every byte"
    }

    fn detect(&self, input: &mut Input<'_>) -> Result<bool, CaptureError> {
        let mut lines = input.beginning().split(|byte| *byte == b'\n');
        Ok(lines.next().is_some_and(|line| request_line(line).is_some())
            && lines.next().is_some_and(|line| line.starts_with(INDENT)))
    }

    fn each(&self, input: &mut Input<'_>, _: &Files<'_>, take: &mut Take<'_>) -> Result<(), CaptureError> {
        let mut lines = input.text()?.split(|byte| *byte == b'\n').peekable();
        let mut number = 0;
        while let Some(line) = lines.next() {
            let Some(mut raw) = request_line(line) else { continue };
            number += 1;
            while let Some(line) = lines.next_if(|line| line.starts_with(INDENT) || line.trim_ascii().is_empty()) {
                raw.extend_from_slice(line.strip_prefix(INDENT).unwrap_or_default());
                raw.push(b'\n');
            }
            let raw = [raw.trim_ascii_end(), b"\n"].concat();
            let has_body = raw.windows(2).any(|pair| pair == b"\n\n");
            // The line end behind a body is none of its own; behind a head comes an empty line.
            let raw = if has_body {
                raw.trim_ascii_end().to_vec()
            } else {
                [&raw[..], b"\n"].concat()
            };
            if !take(Entry::new(format!("request {number}"), http::first(&raw))) {
                break;
            }
        }
        Ok(())
    }
}

/// `127.0.0.1:5000: POST https://h.test/x HTTP/2.0`, as a request line.
fn request_line(line: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(line).ok()?.trim_end();
    let (peer, rest) = text.split_once(": ")?;
    let mut words = rest.split(' ');
    let (method, url) = (words.next()?, words.next()?);
    let is_method = method.len() >= 3 && method.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_peer = !peer.contains(' ') && peer.contains(|char: char| char.is_ascii_digit());
    let is_url = url.starts_with("http://") || url.starts_with("https://");
    (is_method && is_peer && is_url).then(|| format!("{method} {url} HTTP/1.1\n").into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange;

    #[test]
    fn flows_are_read_without_their_answers() {
        // The shape that mitmproxy 10's dumper addon has.
        let text = "127.0.0.1:50436: POST https://h.test/hooks?a=1 HTTP/2.0\n    host: h.test\n    content-type: application/json\n    content-length: 7\n\n    {\n        \"a\": 1\n    }\n\n << HTTP/2.0 200 OK 2b\n    content-type: text/plain\n\n    ok\n127.0.0.1:50437: GET http://h.test/g\n    Host: h.test\n << HTTP/1.1 204 No Content 0b\n";
        let mut input = Input::new(text.as_bytes(), u64::MAX).unwrap();
        assert!(Mitmdump.detect(&mut input).unwrap());
        let found = exchange::read(&Mitmdump, text.as_bytes()).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].target(), found[0].message.body.as_ref()),
            ("/hooks?a=1", &br#"{"a":1}"#[..])
        );
        assert_eq!((found[1].message.method.as_str(), found[1].target()), ("GET", "/g"));
    }
}
