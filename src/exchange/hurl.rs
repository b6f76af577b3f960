//! Files of Hurl (<https://hurl.dev/docs/hurl-file.html>). Nothing is run.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::built::Built;
use super::curl::url;
use super::http_file::filled;
use super::{CaptureError, Entry, Exchange, Files, Input, Take};
use crate::capture::{BodyHeld, Recorded};

/// Sections of a request, and those of an answer, which are passed over.
const SECTIONS: [&str; 12] = [
    "[QueryStringParams]",
    "[Query]",
    "[FormParams]",
    "[Form]",
    "[MultipartFormData]",
    "[Multipart]",
    "[Cookies]",
    "[BasicAuth]",
    "[Options]",
    "[Asserts]",
    "[Captures]",
    "[Headers]",
];

/// Files of Hurl.
#[derive(Debug)]
pub struct Hurl;

impl Exchange for Hurl {
    fn name(&self) -> &'static str {
        "hurl"
    }

    fn title(&self) -> &'static str {
        "a file of Hurl"
    }

    fn remedy(&self) -> &'static str {
        "an entry is `METHOD URL`, a line for each header, sections, and the body"
    }

    fn detect(&self, input: &mut Input<'_>) -> Result<bool, CaptureError> {
        if !begins_entry(&input.first_line()) {
            return Ok(false);
        }
        let text = input.beginning();
        let text = String::from_utf8_lossy(&text[..text.len().min(64 * 1024)]);
        let mark = |line: &str| SECTIONS.contains(&line.trim()) || begins_answer(line) || line.starts_with("```");
        Ok(!text.lines().any(|line| line.starts_with("###")) && text.lines().skip(1).any(mark))
    }

    fn each(&self, input: &mut Input<'_>, files: &Files<'_>, take: &mut Take<'_>) -> Result<(), CaptureError> {
        let before = input.lines_before();
        let text = String::from_utf8_lossy(input.text()?).replace("\r\n", "\n");
        let lines: Vec<&str> = text.split('\n').collect();
        let mut at = 0;
        for number in 1.. {
            let Some(begin) = (at..lines.len()).find(|at| begins_entry(lines[*at])) else {
                break;
            };
            let mut reader = Reader {
                lines: &lines,
                at: begin,
                files,
                built: Built::default(),
            };
            let request = reader.request();
            at = reader.at.max(begin + 1);
            let place = format!("entry {number} (line {})", before + begin + 1);
            if !take(Entry::new(place, request)) {
                break;
            }
        }
        Ok(())
    }
}

/// Whether a line is `METHOD URL`, without a version behind it.
fn begins_entry(line: &str) -> bool {
    let Some((method, url)) = line.trim_end().split_once(' ') else {
        return false;
    };
    let is_method = method.len() >= 3 && method.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_url = url.starts_with("http://") || url.starts_with("https://") || url.starts_with("{{");
    is_method && method != "HTTP" && is_url && !url.contains(" HTTP/")
}

/// Whether a line is `HTTP 200`, `HTTP/1.1 200` or `HTTP *`.
fn begins_answer(line: &str) -> bool {
    let Some((version, status)) = line.trim_end().split_once(' ') else {
        return false;
    };
    let status = status.split_whitespace().next().unwrap_or_default();
    (version == "HTTP" || version.starts_with("HTTP/"))
        && (status == "*" || status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit()))
}

struct Reader<'t> {
    lines: &'t [&'t str],
    at: usize,
    files: &'t Files<'t>,
    built: Built,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<String> {
        let line = self.lines.get(self.at)?;
        self.at += 1;
        Some(filled(line, &[], &mut self.built))
    }

    fn peek(&self) -> &str {
        self.lines.get(self.at).copied().unwrap_or_default()
    }

    /// Whether the entry's request is over.
    fn is_end(&self) -> bool {
        self.at >= self.lines.len() || begins_entry(self.peek()) || begins_answer(self.peek())
    }

    fn request(&mut self) -> Result<Recorded, String> {
        let first = self.next().unwrap_or_default();
        let (method, url) = first.trim_end().split_once(' ').unwrap_or_default();
        self.built.method = method.to_owned();
        self.built.url = url.split(" #").next().unwrap_or(url).trim().to_owned();
        self.headers();
        while !self.is_end() {
            let line = self.peek().trim().to_owned();
            if line.is_empty() || line.starts_with('#') {
                self.at += 1;
            } else if SECTIONS.contains(&line.as_str()) {
                self.at += 1;
                self.section(&line)?;
            } else {
                self.body()?;
                break;
            }
        }
        // What the answer must be.
        while self.at < self.lines.len() && !begins_entry(self.peek()) {
            self.at += 1;
        }
        std::mem::take(&mut self.built).recorded()
    }

    fn headers(&mut self) {
        while !self.is_end() {
            let line = self.peek().trim();
            if line.starts_with('#') {
                self.at += 1;
                continue;
            }
            let is_body = line.starts_with(['{', '[', '`', '"', '<'])
                || line.starts_with("base64,")
                || line.starts_with("hex,")
                || line.starts_with("file,");
            if is_body || !line.contains(':') {
                break;
            }
            let line = self.next().unwrap_or_default();
            if let Some((name, value)) = line.split_once(':') {
                self.built.headers.append(name.trim(), value.trim());
            }
        }
    }

    /// The fields of a section, to its end.
    fn section(&mut self, name: &str) -> Result<(), String> {
        let mut fields = Vec::new();
        while !self.is_end() && !SECTIONS.contains(&self.peek().trim()) {
            let line = self.peek().trim();
            if line.is_empty() {
                self.at += 1;
                // A body may follow an empty line.
                if !self.peek().contains(':') || self.peek().trim_start().starts_with(['{', '[', '`', '<', '"']) {
                    break;
                }
                continue;
            }
            if line.starts_with(['{', '`', '<']) && !line.starts_with("{{") {
                break;
            }
            let line = self.next().unwrap_or_default();
            if let Some((name, value)) = line.split_once(':').filter(|_| !line.trim_start().starts_with('#')) {
                fields.push((name.trim().to_owned(), value.trim().to_owned()));
            }
        }
        self.take_fields(name, fields)
    }

    fn take_fields(&mut self, name: &str, fields: Vec<(String, String)>) -> Result<(), String> {
        let built = &mut self.built;
        match name {
            "[QueryStringParams]" | "[Query]" => {
                for (name, value) in fields {
                    built.url.push(if built.url.contains('?') { '&' } else { '?' });
                    built.url.push_str(&format!(
                        "{}={}",
                        url::encode(name.as_bytes()),
                        url::encode(value.as_bytes())
                    ));
                }
            }
            "[FormParams]" | "[Form]" => {
                let pairs = fields
                    .iter()
                    .map(|(name, value)| format!("{}={}", url::encode(name.as_bytes()), url::encode(value.as_bytes())));
                built.body = pairs.collect::<Vec<_>>().join("&").into_bytes();
                built.default_header("Content-Type", "application/x-www-form-urlencoded");
            }
            "[MultipartFormData]" | "[Multipart]" => {
                if fields.iter().any(|(_, value)| value.starts_with("file,")) {
                    built.body_held = BodyHeld::Missing;
                    built
                        .lost
                        .push("the body: a part of it stands in a file, which is not opened".into());
                    return Ok(());
                }
                let parts: Vec<_> = fields
                    .iter()
                    .map(|(name, value)| super::curl::form::Part::text(name, value))
                    .collect();
                let (body, boundary) = super::curl::form::write(&parts);
                built.body = body;
                built.default_header("Content-Type", format!("multipart/form-data; boundary={boundary}"));
            }
            "[Cookies]" => {
                let pairs = fields.iter().map(|(name, value)| format!("{name}={value}"));
                built.default_header("Cookie", pairs.collect::<Vec<_>>().join("; "));
            }
            "[BasicAuth]" => {
                if let Some((user, password)) = fields.first() {
                    built.default_header(
                        "Authorization",
                        format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))),
                    );
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn body(&mut self) -> Result<(), String> {
        let line = self.peek().trim().to_owned();
        if let Some(kind) = line.strip_prefix("```") {
            return self.several_lines(kind);
        }
        if let Some(inside) = line.strip_prefix('`') {
            self.at += 1;
            let text = inside
                .strip_suffix('`')
                .ok_or("a text between backticks is not closed")?;
            self.built.body = filled(text, &[], &mut self.built).into_bytes();
            return Ok(());
        }
        let inside = |name: &str| {
            line.strip_prefix(name)
                .map(|rest| rest.trim_end_matches(';').to_owned())
        };
        if let Some(name) = inside("file,") {
            self.at += 1;
            match self.files {
                Files::Opened(open) => self.built.body = open(&name)?,
                Files::Refused => {
                    self.built.body_held = BodyHeld::Missing;
                    self.built.lost.push(format!(
                        "the body: it stands in the file {}, which is not opened without --allow-files",
                        name.escape_debug()
                    ));
                }
            }
            return Ok(());
        }
        if line.starts_with("base64,") || line.starts_with("hex,") {
            let mut text = String::new();
            while !self.is_end() && !text.ends_with(';') {
                text.push_str(self.peek().trim());
                self.at += 1;
            }
            let text = text.trim_end_matches(';');
            self.built.body = match text.strip_prefix("base64,") {
                Some(text) => STANDARD.decode(text).map_err(|_| "its body is not base64")?,
                None => hex::decode(text.trim_start_matches("hex,")).map_err(|_| "its body is not hex")?,
            };
            return Ok(());
        }
        self.plain_body();
        Ok(())
    }

    /// JSON or XML, to the answer's line.
    fn plain_body(&mut self) {
        let begin = self.at;
        while !self.is_end() {
            self.at += 1;
        }
        let text = self.lines[begin..self.at].join("\n");
        let text = filled(text.trim_end(), &[], &mut self.built);
        if text.starts_with(['{', '[', '"']) {
            self.built.default_header("Content-Type", "application/json");
        } else if text.starts_with('<') {
            self.built.default_header("Content-Type", "application/xml");
        }
        self.built.body = text.into_bytes();
    }

    /// A text between lines of three backticks.
    fn several_lines(&mut self, kind: &str) -> Result<(), String> {
        let (kind, one_line) = match kind.strip_suffix("```") {
            Some(text) => ("", Some(text.to_owned())),
            None => (kind, None),
        };
        self.at += 1;
        let text = match one_line {
            Some(text) => text,
            None => {
                let begin = self.at;
                let end = (begin..self.lines.len()).find(|at| self.lines[*at].trim() == "```");
                let end = end.ok_or("its closing ``` is missing")?;
                self.at = end + 1;
                self.lines[begin..end].iter().map(|line| format!("{line}\n")).collect()
            }
        };
        match kind.split(',').next().unwrap_or_default().trim() {
            "json" => self.built.default_header("Content-Type", "application/json"),
            "xml" => self.built.default_header("Content-Type", "application/xml"),
            "graphql" => return Err("a body of GraphQL is not supported; write it as JSON".into()),
            _ => {}
        }
        self.built.body = filled(&text, &[], &mut self.built).into_bytes();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange;

    #[test]
    fn entries_are_read_without_their_answers() {
        // The forms of Hurl's own documentation.
        let text = "POST https://x.test/a\nX-A: b\n[Query]\nq: a b\n{\n  \"a\": 1\n}\nHTTP 200\n[Asserts]\njsonpath \"$.a\" == 1\n\n# next\nPOST https://x.test/b\nContent-Type: application/json\n```json\n{\"b\":2}\n```\nHTTP/1.1 *\n\nPOST https://x.test/c\n[Form]\nx: y z\n\nPUT https://x.test/d\nbase64,AP8=;\nHTTP 204\nPOST https://x.test/e\n`one {{line}}`\nPOST https://x.test/f\nfile,data.bin;\n";
        let mut input = Input::new(text.as_bytes(), u64::MAX).unwrap();
        assert!(Hurl.detect(&mut input).unwrap());
        let found = exchange::read(&Hurl, text.as_bytes()).unwrap();
        let bodies: Vec<_> = found
            .iter()
            .map(|one| (one.target(), one.message.body.as_ref()))
            .collect();
        assert_eq!(
            bodies,
            [
                ("/a?q=a%20b", &b"{\n  \"a\": 1\n}"[..]),
                ("/b", b"{\"b\":2}\n"),
                ("/c", b"x=y%20z"),
                ("/d", b"\0\xff"),
                ("/e", b"one {{line}}"),
                ("/f", b""),
            ]
        );
        assert_eq!(found[0].message.headers.text("x-a"), Some("b"));
        assert_eq!(found[0].message.headers.text("content-type"), Some("application/json"));
        assert!(found[4].notes[0].contains("{{line}}"));
        assert_eq!(found[5].body_held, BodyHeld::Missing);
    }
}
