//! Reading curl command lines, as browsers copy them and as people write them. Nothing in them is run.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use crate::capture::Recorded;
use crate::exchange::{CaptureError, credentials};
use crate::message::{Headers, Message};

/// Options that change nothing about the request.
const PLAIN: [&str; 37] = [
    "compressed",
    "silent",
    "show-error",
    "insecure",
    "location",
    "include",
    "verbose",
    "fail",
    "globoff",
    "path-as-is",
    "http1.0",
    "http1.1",
    "http2",
    "http2-prior-knowledge",
    "http3",
    "no-buffer",
    "disable",
    "fail-with-body",
    "ipv4",
    "ipv6",
    "no-keepalive",
    "remote-name",
    "progress-bar",
    "no-progress-meter",
    "tlsv1.2",
    "tlsv1.3",
    "anyauth",
    "basic",
    "raw",
    "styled-output",
    "parallel",
    "remote-header-name",
    "tcp-nodelay",
    "no-sessionid",
    "create-dirs",
    "location-trusted",
    "compressed-ssh",
];
/// Options with a value that change nothing about the request.
const PLAIN_WITH_VALUE: [&str; 20] = [
    "output",
    "max-time",
    "connect-timeout",
    "write-out",
    "proxy",
    "cacert",
    "cert",
    "key",
    "resolve",
    "retry",
    "retry-delay",
    "dump-header",
    "interface",
    "max-redirs",
    "limit-rate",
    "ciphers",
    "noproxy",
    "cookie-jar",
    "connect-to",
    "dns-servers",
];
/// Options by their letter; those with a value are marked.
const LETTERS: [(char, &str, bool); 33] = [
    ('s', "silent", false),
    ('S', "show-error", false),
    ('k', "insecure", false),
    ('L', "location", false),
    ('i', "include", false),
    ('v', "verbose", false),
    ('f', "fail", false),
    ('g', "globoff", false),
    ('N', "no-buffer", false),
    ('q', "disable", false),
    ('K', "config", true),
    ('T', "upload-file", true),
    ('F', "form", true),
    ('c', "cookie-jar", true),
    ('4', "ipv4", false),
    ('6', "ipv6", false),
    ('O', "remote-name", false),
    ('#', "progress-bar", false),
    ('0', "http1.0", false),
    ('G', "get", false),
    ('I', "head", false),
    ('X', "request", true),
    ('H', "header", true),
    ('d', "data", true),
    ('u', "user", true),
    ('A', "user-agent", true),
    ('e', "referer", true),
    ('b', "cookie", true),
    ('o', "output", true),
    ('m', "max-time", true),
    ('w', "write-out", true),
    ('x', "proxy", true),
    ('D', "dump-header", true),
];
/// Words that are a shell's own.
const OPERATORS: [&str; 9] = ["|", "||", "&&", ">", ">>", "<", "<<", "<<<", "2>"];

/// Whether the files that a command line names may be opened.
#[expect(missing_debug_implementations, reason = "a function has none")]
pub enum Files<'a> {
    /// No: such a command line is an error.
    Refused,
    /// By this function, from their names.
    Opened(&'a dyn Fn(&str) -> Result<Vec<u8>, String>),
}

/// Whether `bytes` begin as a command line of curl, or as one that `printf` feeds.
pub fn looks_like(bytes: &[u8]) -> bool {
    let bytes = bytes.trim_ascii_start();
    let bytes = bytes.strip_prefix(b"$ ").unwrap_or(bytes);
    [&b"curl "[..], b"curl\t", b"curl \\", b"printf '"]
        .iter()
        .any(|start| bytes.starts_with(start))
}

/// The request of every command line.
///
/// # Errors
/// [`CaptureError::Curl`]: for an option that is unknown, and for everything that would open a file or run a program.
pub fn read(bytes: &[u8], files: &Files<'_>) -> Result<Vec<Recorded>, CaptureError> {
    let words = split(bytes).map_err(CaptureError::Curl)?;
    let mut words = words.into_iter().peekable();
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        let mut line = Line::default();
        match word.as_slice() {
            b"$" | b";" | b"&" => continue,
            b"printf" => {
                let format = words.next().unwrap_or_default();
                line.stdin = Some(octal(&format).map_err(CaptureError::Curl)?);
                if words.next().as_deref() != Some(b"|") || words.next().as_deref() != Some(b"curl") {
                    return Err(CaptureError::Curl("after printf comes `| curl`".into()));
                }
            }
            b"curl" => {}
            other => return Err(CaptureError::Curl(format!("it begins with `{}`", shown(other)))),
        }
        line.take(&mut words, files).map_err(CaptureError::Curl)?;
        found.push(line.recorded().map_err(CaptureError::Curl)?);
    }
    Ok(found)
}

fn shown(word: &[u8]) -> String {
    let text: String = String::from_utf8_lossy(word).chars().take(40).collect();
    text.escape_debug().to_string()
}

/// One command line while it is read.
#[derive(Default)]
struct Line {
    method: Option<String>,
    url: Option<String>,
    headers: Headers,
    /// Headers that must not be there, whatever curl would add.
    without: Vec<String>,
    data: Option<Vec<u8>>,
    in_query: bool,
    stdin: Option<Vec<u8>>,
    lost: Vec<String>,
}

impl Line {
    fn take(
        &mut self,
        words: &mut std::iter::Peekable<impl Iterator<Item = Vec<u8>>>,
        files: &Files<'_>,
    ) -> Result<(), String> {
        while let Some(word) = words.next_if(|word| word != b"curl" && word != b"printf") {
            if word == b";" || word == b"&" {
                return Ok(());
            }
            let text = String::from_utf8_lossy(&word).into_owned();
            if OPERATORS.contains(&text.as_str()) || word.starts_with(b">") {
                return Err(format!("`{}` is for a shell, and nothing is run here", shown(&word)));
            }
            if let Some(long) = text.strip_prefix("--").filter(|long| !long.is_empty()) {
                if self.flag(long) {
                    continue;
                }
                let value = words.next().ok_or_else(|| format!("--{long} has no value"))?;
                self.option(long, value, files)?;
            } else if text.len() > 1 && text.starts_with('-') {
                for (at, letter) in text.char_indices().skip(1) {
                    let known = LETTERS.iter().find(|(own, ..)| *own == letter);
                    let (_, long, valued) =
                        known.ok_or_else(|| format!("the option -{} is not known", letter.escape_debug()))?;
                    if !valued {
                        self.flag(long);
                        continue;
                    }
                    let rest = &word[at + letter.len_utf8()..];
                    let value = if rest.is_empty() {
                        words.next().ok_or_else(|| format!("-{letter} has no value"))?
                    } else {
                        rest.to_vec()
                    };
                    self.option(long, value, files)?;
                    break;
                }
            } else {
                self.url(&word)?;
            }
        }
        Ok(())
    }

    /// Takes an option without a value, where it is one.
    fn flag(&mut self, long: &str) -> bool {
        match long {
            "get" => self.in_query = true,
            "head" => self.method = Some("HEAD".into()),
            _ => return PLAIN.contains(&long),
        }
        true
    }

    fn url(&mut self, word: &[u8]) -> Result<(), String> {
        if self.url.is_some() {
            return Err("it has more than one URL; give each its own command line".into());
        }
        let text = std::str::from_utf8(word).map_err(|_| "its URL is not UTF-8")?;
        self.url = Some(if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        });
        Ok(())
    }

    fn option(&mut self, long: &str, value: Vec<u8>, files: &Files<'_>) -> Result<(), String> {
        let text = || String::from_utf8(value.clone()).map_err(|_| format!("the value of --{long} is not UTF-8"));
        match long {
            "request" => self.method = Some(text()?),
            "url" => self.url(&value)?,
            "header" => self.header(&value, files)?,
            "user-agent" => self.headers.set("User-Agent", value),
            "referer" => self.headers.set("Referer", value),
            "user" => self
                .headers
                .set("Authorization", format!("Basic {}", STANDARD.encode(&value))),
            "cookie" if value.contains(&b'=') => self.headers.set("Cookie", value),
            "cookie" => return Err("--cookie names a file, which is not opened".into()),
            "data-raw" => self.add(&value),
            "data" | "data-ascii" | "data-binary" => {
                let bytes = self.content(&value, files)?;
                if long == "data-binary" || !value.starts_with(b"@") {
                    self.add(&bytes);
                } else {
                    // As curl reads text from a file.
                    let bytes: Vec<u8> = bytes.into_iter().filter(|byte| !b"\r\n\0".contains(byte)).collect();
                    self.add(&bytes);
                }
            }
            "data-urlencode" => self.add_encoded(&value)?,
            "json" => {
                let bytes = self.content(&value, files)?;
                match &mut self.data {
                    Some(data) => data.extend_from_slice(&bytes),
                    None => self.data = Some(bytes),
                }
                for (name, value) in [("Content-Type", "application/json"), ("Accept", "application/json")] {
                    if !self.headers.contains(name) {
                        self.headers.set(name, value);
                    }
                }
            }
            "form" | "form-string" => return Err("--form makes a body of parts, which is not supported".into()),
            "upload-file" | "config" => return Err(format!("--{long} names a file, which is not opened")),
            _ if PLAIN_WITH_VALUE.contains(&long) => self.lost.push(format!("--{long}")),
            _ => return Err(format!("the option --{} is not known", shown(long.as_bytes()))),
        }
        Ok(())
    }

    /// `Name: value`, `Name;` for an empty one, `Name:` for none.
    fn header(&mut self, field: &[u8], files: &Files<'_>) -> Result<(), String> {
        if field.starts_with(b"@") {
            let bytes = self.content(field, files)?;
            for line in bytes
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.trim_ascii().is_empty())
            {
                self.header(line.trim_ascii_end(), &Files::Refused)?;
            }
            return Ok(());
        }
        let at = field.iter().position(|byte| *byte == b':');
        let (name, value) = match at {
            Some(at) => (&field[..at], Some(field[at + 1..].trim_ascii())),
            None => (field.strip_suffix(b";").unwrap_or(field), None),
        };
        let name = String::from_utf8_lossy(name).into_owned();
        // A pseudo-header of HTTP/2, as some browsers copy them.
        if name.is_empty() {
            return Ok(());
        }
        match value {
            Some([]) => self.without.push(name),
            Some(value) => self.headers.append(name, value),
            None => self.headers.append(name, ""),
        }
        Ok(())
    }

    /// A value, or the file that it names with `@`.
    fn content(&mut self, value: &[u8], files: &Files<'_>) -> Result<Vec<u8>, String> {
        let Some(name) = value.strip_prefix(b"@") else {
            return Ok(value.to_vec());
        };
        if name == b"-" {
            return self
                .stdin
                .take()
                .ok_or_else(|| "it reads standard input (@-), which it has none of here".into());
        }
        let name = String::from_utf8_lossy(name);
        match files {
            Files::Refused => Err(format!(
                "it names the file {}, which is not opened; --allow-files does",
                shown(name.as_bytes())
            )),
            Files::Opened(open) => open(&name),
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        match &mut self.data {
            Some(data) => {
                data.push(b'&');
                data.extend_from_slice(bytes);
            }
            None => self.data = Some(bytes.to_vec()),
        }
    }

    /// `content`, `=content` or `name=content`.
    fn add_encoded(&mut self, value: &[u8]) -> Result<(), String> {
        let text = std::str::from_utf8(value).map_err(|_| "the value of --data-urlencode is not UTF-8")?;
        let (name, content) = match text.split_once('=') {
            Some((name, content)) => (name, content),
            None if text.contains('@') => return Err("--data-urlencode names a file, which is not opened".into()),
            None => ("", text),
        };
        // curl leaves RFC 3986's unreserved characters alone, and writes a space as %20.
        let encoded: String = content
            .bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect();
        let pair = if name.is_empty() {
            encoded
        } else {
            format!("{name}={encoded}")
        };
        self.add(pair.as_bytes());
        Ok(())
    }

    fn recorded(self) -> Result<Recorded, String> {
        let mut url = self.url.ok_or("it has no URL")?;
        let parsed = Url::parse(&url).map_err(|error| format!("its URL: {error}"))?;
        let mut headers = self.headers;
        let mut data = self.data;
        if let Some(query) = data.take_if(|_| self.in_query) {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&String::from_utf8_lossy(&query));
        }
        let gone = |name: &str| self.without.iter().any(|own| own.eq_ignore_ascii_case(name));
        if !headers.contains("host") && !gone("host") {
            let host = parsed.host_str().unwrap_or_default();
            let host = match parsed.port() {
                Some(port) => format!("{host}:{port}"),
                None => host.to_owned(),
            };
            headers.append("Host", host);
        }
        if let Some(data) = &data {
            if !headers.contains("content-type") && !gone("content-type") {
                headers.append("Content-Type", "application/x-www-form-urlencoded");
            }
            if !gone("content-length") {
                headers.set("Content-Length", data.len().to_string());
            }
        }
        headers.check().map_err(|error| error.to_string())?;
        let mut lost = self.lost;
        // The target as it was typed; a parser would tidy it.
        let after_scheme = url.split_once("://").map_or("", |(_, rest)| rest);
        let target = match after_scheme.find(['/', '?']) {
            Some(at) if after_scheme[at..].starts_with('?') => format!("/{}", &after_scheme[at..]),
            Some(at) => after_scheme[at..].to_owned(),
            None => "/".into(),
        };
        let target = target.split('#').next().unwrap_or("/").to_owned();
        let method = self
            .method
            .unwrap_or_else(|| if data.is_some() { "POST" } else { "GET" }.into());
        let message = Message {
            method,
            url: Some(target),
            headers,
            ..Message::new(data.unwrap_or_default())
        };
        lost.extend(credentials::loss(&message));
        Ok(Recorded {
            lost,
            ..Recorded::new(message)
        })
    }
}

/// Splits as a POSIX shell does; `$'…'` (bash, ksh, zsh) is understood too. Nothing is expanded.
fn split(bytes: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let plain = without_ansi_quotes(bytes)?;
    let mut words = shlex::bytes::Shlex::new(&plain);
    let found: Vec<Vec<u8>> = words.by_ref().collect();
    if words.had_error {
        return Err("a quote is not closed".into());
    }
    let mut split = Vec::with_capacity(found.len());
    for word in found {
        // A semicolon that ends a word ends a command; quoted ones stand inside of longer words.
        match word.strip_suffix(b";") {
            Some(rest) if rest.starts_with(b"http") => {
                split.push(rest.to_vec());
                split.push(b";".to_vec());
            }
            _ => split.push(word),
        }
    }
    Ok(split)
}

/// `bytes` with every `$'…'` written as a word in single quotes.
fn without_ansi_quotes(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    let mut quote: Option<u8> = None;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (quote, byte) {
            (None, b'$') if rest.first() == Some(&b'\'') => {
                let (text, after) = ansi(&rest[1..])?;
                out.push(b'\'');
                for byte in text {
                    match byte {
                        b'\'' => out.extend_from_slice(b"'\\''"),
                        0 => return Err("a word holds a NUL".into()),
                        _ => out.push(byte),
                    }
                }
                out.push(b'\'');
                rest = after;
            }
            (None, b'\'' | b'"') => {
                quote = Some(byte);
                out.push(byte);
            }
            (Some(open), _) if open == byte => {
                quote = None;
                out.push(byte);
            }
            // A line that goes on in the next; shlex takes one behind a space for an empty word.
            (None | Some(b'"'), b'\\') if rest.starts_with(b"\n") => rest = &rest[1..],
            (None, b'\\') if rest.starts_with(b"\r\n") => rest = &rest[2..],
            (None | Some(b'"'), b'\\') => {
                out.push(byte);
                if let Some((&next, after)) = rest.split_first() {
                    out.push(next);
                    rest = after;
                }
            }
            _ => out.push(byte),
        }
    }
    Ok(out)
}

/// The text behind `$'`, and what follows its closing quote.
fn ansi(mut rest: &[u8]) -> Result<(Vec<u8>, &[u8]), String> {
    let mut text = Vec::new();
    loop {
        let (&byte, after) = rest.split_first().ok_or("a quote is not closed")?;
        rest = after;
        match byte {
            b'\'' => return Ok((text, rest)),
            b'\\' => {
                let escape = rest;
                let (&kind, after) = rest.split_first().ok_or("a quote is not closed")?;
                rest = after;
                match kind {
                    b'n' => text.push(b'\n'),
                    b't' => text.push(b'\t'),
                    b'r' => text.push(b'\r'),
                    b'a' => text.push(7),
                    b'b' => text.push(8),
                    b'e' | b'E' => text.push(27),
                    b'f' => text.push(12),
                    b'v' => text.push(11),
                    b'x' => text.push(digits(&mut rest, 16, 2)? as u8),
                    b'u' | b'U' => {
                        let code = digits(&mut rest, 16, if kind == b'u' { 4 } else { 8 })?;
                        let char = char::from_u32(code).ok_or("an escape is no character")?;
                        text.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                    b'0'..=b'7' => {
                        rest = escape;
                        text.push(digits(&mut rest, 8, 3)? as u8);
                    }
                    other => text.push(other),
                }
            }
            _ => text.push(byte),
        }
    }
}

/// A number of at most `most` digits.
fn digits(rest: &mut &[u8], base: u32, most: usize) -> Result<u32, String> {
    let length = rest
        .iter()
        .take(most)
        .take_while(|byte| char::from(**byte).is_digit(base))
        .count();
    let (digits, after) = rest.split_at(length);
    *rest = after;
    let digits = String::from_utf8_lossy(digits);
    u32::from_str_radix(&digits, base).map_err(|_| "an escape has no digits".into())
}

/// What `printf` makes of a format of octal escapes and plain characters.
fn octal(mut format: &[u8]) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    while let Some((&byte, after)) = format.split_first() {
        format = after;
        match byte {
            b'\\' => bytes.push(digits(&mut format, 8, 3)? as u8),
            b'%' => return Err("its printf holds a %, which stands for something else".into()),
            _ => bytes.push(byte),
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::curl::write_exactly;

    fn one(line: &str) -> Message {
        let mut found = read(line.as_bytes(), &Files::Refused).unwrap();
        assert_eq!(found.len(), 1, "{line}");
        found.remove(0).message
    }

    #[test]
    fn lines_are_read_as_browsers_copy_them() {
        // The shape of Chromium's and Firefox's "Copy as cURL (POSIX)".
        let message = one(concat!(
            "curl 'https://x.test/hooks?a=b' \\\n  -H 'accept: */*' \\\n  -H 'content-type: application/json' \\\n",
            "  -b 'sid=1; t=2' \\\n  --data-raw $'{\"a\":\"it\\'s \\u0021\"}' \\\n  --compressed --insecure",
        ));
        assert_eq!(
            (message.method.as_str(), message.url.as_deref()),
            ("POST", Some("/hooks?a=b"))
        );
        assert_eq!(message.body.as_ref(), br#"{"a":"it's !"}"#);
        assert_eq!(message.headers.text("cookie"), Some("sid=1; t=2"));
        assert_eq!(message.headers.text("host"), Some("x.test"));
    }

    #[test]
    fn lines_are_read_as_people_write_them() {
        let message = one("curl -sSX PUT -d a=1 -d 'b=2 3' -u me:pw x.test:3000 -HX-A:b");
        assert_eq!((message.method.as_str(), message.url.as_deref()), ("PUT", Some("/")));
        assert_eq!(message.body.as_ref(), b"a=1&b=2 3");
        assert_eq!(message.headers.text("authorization"), Some("Basic bWU6cHc="));
        assert_eq!(message.headers.text("x-a"), Some("b"));
        assert_eq!(message.headers.text("host"), Some("x.test:3000"));
        let get = one("curl -G http://x.test/s -d q=1 --data-urlencode 'n=a b'");
        assert_eq!(
            (get.method.as_str(), get.url.as_deref()),
            ("GET", Some("/s?q=1&n=a%20b"))
        );
        let two = read(b"curl http://a.test ;\ncurl http://b.test/ -d x", &Files::Refused).unwrap();
        assert_eq!(two.len(), 2);
    }

    #[test]
    fn nothing_is_opened_and_nothing_is_run() {
        for (line, part) in [
            ("curl http://x.test -d @/etc/passwd", "--allow-files"),
            ("curl http://x.test --data-binary @-", "standard input"),
            ("curl http://x.test -H @headers", "--allow-files"),
            ("curl http://x.test -K config", "not opened"),
            ("curl http://x.test -T file", "not opened"),
            ("curl http://x.test -b jar", "not opened"),
            ("curl http://x.test -F a=@b", "not supported"),
            ("curl http://x.test | sh", "nothing is run"),
            ("curl http://x.test > /tmp/x", "nothing is run"),
            ("curl http://x.test && rm -rf /", "nothing is run"),
            ("rm -rf /", "begins with"),
            ("printf 'a' | sh", "curl"),
            ("curl 'http://x.test", "not closed"),
            ("curl --frobnicate http://x.test", "not known"),
            ("curl", "no URL"),
        ] {
            let error = read(line.as_bytes(), &Files::Refused).unwrap_err().to_string();
            assert!(error.contains(part), "{line}: {error}");
        }
        let message = one("curl http://x.test -d \"$(id)\" -d '`id`'");
        assert_eq!(message.body.as_ref(), b"$(id)&`id`");
    }

    #[test]
    fn what_is_written_is_read_back() {
        let headers: Headers = [
            ("host", &b"x.test:1"[..]),
            ("x-a", b"$(id) 'q' \"d\" \\ !"),
            ("x-bytes", b"a\xff'\\\tb"),
            ("x-empty", b""),
            ("x-a", b"2"),
        ]
        .into_iter()
        .collect();
        for (method, body) in [("POST", &b"@f'\n$(x)"[..]), ("PATCH", b"\0\xff%"), ("GET", b"")] {
            let line = write_exactly(method, "http://x.test:1/a/../b?c=[1]'&d", &headers, body);
            let message = one(&line);
            assert_eq!(message.method, method);
            assert_eq!(message.url.as_deref(), Some("/a/../b?c=[1]'&d"));
            assert_eq!(message.body.as_ref(), body);
            for name in ["x-a", "x-bytes", "x-empty", "host", "content-type"] {
                let values = |headers: &Headers| headers.get_all(name).map(<[u8]>::to_vec).collect::<Vec<_>>();
                assert_eq!(values(&message.headers), values(&headers), "{name}: {line}");
            }
        }
    }
}
