//! Requests as programs show them rather than as they went over the wire.

use crate::json;

/// The styles in which a body that was shown indented may have been sent.
const STYLES: [&str; 4] = ["python", "javascript", "as-written", "go"];

/// A head as it can be parsed.
pub struct Head {
    /// A head of HTTP/1.
    pub text: Vec<u8>,
    /// How long the head is that it was made from, with its empty line, in bytes.
    pub length: usize,
}

/// Whether a text begins with the pseudo-headers of HTTP/2.
pub fn begins_with_pseudo_headers(bytes: &[u8]) -> bool {
    let mut lines = bytes.split(|byte| *byte == b'\n').take(8).map(<[u8]>::trim_ascii);
    bytes.starts_with(b":") && lines.any(|line| line.starts_with(b":method:") || line.starts_with(b":method "))
}

/// The head that begins `bytes`, as one of HTTP/1: the text of a later version is told by its request line or by its
/// pseudo-headers.
pub fn head(bytes: &[u8]) -> Result<Head, String> {
    let length = length(bytes).ok_or("the head does not end: an empty line is missing")?;
    let mut lines: Vec<&[u8]> = bytes[..length].split(|byte| *byte == b'\n').map(without_cr).collect();
    while lines.last().is_some_and(|line| line.is_empty()) {
        lines.pop();
    }
    let pseudo = |name: &str| {
        let mut lines = lines.iter().copied();
        lines
            .find_map(|line| line.strip_prefix(format!(":{name}:").as_bytes()))
            .map(<[u8]>::trim_ascii)
    };
    let mut text = Vec::with_capacity(length + 16);
    let mut fields = &lines[..];
    match pseudo("method") {
        Some(method) => {
            text.extend_from_slice(method);
            text.push(b' ');
            text.extend_from_slice(pseudo("path").unwrap_or(b"/"));
            text.extend_from_slice(b" HTTP/1.1\r\n");
        }
        None => {
            let (first, rest) = lines.split_first().ok_or("it has no request line")?;
            let at = first.iter().rposition(|byte| *byte == b' ').unwrap_or(0);
            text.extend_from_slice(&first[..at]);
            text.extend_from_slice(if first.ends_with(b"/1.0") {
                b" HTTP/1.0\r\n"
            } else {
                b" HTTP/1.1\r\n"
            });
            fields = rest;
        }
    }
    let has_host = fields
        .iter()
        .any(|line| line.len() > 5 && line[..5].eq_ignore_ascii_case(b"host:"));
    if let Some(authority) = pseudo("authority").filter(|_| !has_host) {
        text.extend_from_slice(&[b"host: ", authority, b"\r\n"].concat());
    }
    let is_folded = |line: &[u8]| line.starts_with(b" ") || line.starts_with(b"\t");
    let mut lines = fields.iter().filter(|line| !line.starts_with(b":")).peekable();
    while let Some(line) = lines.next() {
        text.extend_from_slice(line);
        // A value that goes on in lines of its own (RFC 9112, 5.2).
        while let Some(more) = lines.next_if(|line| is_folded(line)) {
            text.push(b' ');
            text.extend_from_slice(more.trim_ascii());
        }
        text.extend_from_slice(b"\r\n");
    }
    text.extend_from_slice(b"\r\n");
    Ok(Head { text, length })
}

/// The first line of a head that is no header, for an error.
pub fn no_header(head: &[u8]) -> Option<String> {
    let mut lines = head.split(|byte| *byte == b'\n').map(without_cr).skip(1);
    let is_header = |line: &[u8]| {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        name.len() < line.len() && std::str::from_utf8(name).is_ok_and(crate::exchange::is_method)
    };
    let line = lines.find(|line| !line.is_empty() && !is_header(line))?;
    let shown: String = String::from_utf8_lossy(line).chars().take(60).collect();
    Some(shown.escape_debug().to_string())
}

fn without_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// How long the head is, with the empty line that ends it.
fn length(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = &bytes[at..];
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        at += end + 1;
        if without_cr(&rest[..end]).is_empty() {
            return Some(at);
        }
    }
}

/// A JSON body that was shown indented, written so that it has `length` bytes.
pub fn unformatted(shown: &[u8], length: usize) -> Option<Vec<u8>> {
    let value = json::parse(shown).ok()?;
    let mut styles = STYLES.iter().filter_map(|name| json::Style::named(name));
    styles.find_map(|style| json::rewrite(&value, style, length).filter(|written| written.len() == length))
}
