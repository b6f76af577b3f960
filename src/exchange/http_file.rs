//! `.http` and `.rest` files, as Visual Studio Code's REST Client and JetBrains' HTTP Client have them. Nothing is run.

use super::built::Built;
use super::{CaptureError, Entry, Exchange, Files, Input, Take};
use crate::capture::{BodyHeld, Recorded};
use crate::message::Headers;

/// Methods that a request line may begin with.
const METHODS: [&str; 9] = [
    "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT",
];

/// Files of requests, one behind the other between lines of `###`.
#[derive(Debug)]
pub struct HttpFile;

impl Exchange for HttpFile {
    fn name(&self) -> &'static str {
        "http-file"
    }

    fn title(&self) -> &'static str {
        "a .http file"
    }

    fn remedy(&self) -> &'static str {
        "a request is `METHOD URL`, a line for each header, an empty line, and the body; `###` stands between two"
    }

    fn detect(&self, input: &mut Input<'_>) -> Result<bool, CaptureError> {
        let first = input.first_line();
        if first.starts_with("###") || variable(first.trim_end_matches('\r')).is_some() {
            return Ok(true);
        }
        let mut words = first.split_whitespace();
        let (method, url) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let has_version = words.next().is_some_and(|word| word.starts_with("HTTP/"));
        let is_whole = ["http://", "https://", "{{", "localhost"]
            .iter()
            .any(|start| url.starts_with(start));
        if !METHODS.contains(&method) || !(is_whole || url.starts_with('/')) {
            return Ok(false);
        }
        let text = input.beginning();
        let text = &text[..text.len().min(16 * 1024)];
        let begins = |line: &[u8], name: &str| {
            line.get(..name.len())
                .is_some_and(|own| own.eq_ignore_ascii_case(name.as_bytes()))
        };
        let has = |name: &str| {
            let lines = text.split(|byte| *byte == b'\n').skip(1);
            let mut head = lines.take_while(|line| !line.trim_ascii().is_empty());
            head.any(|line| begins(line, name))
        };
        let is_divided = || memchr::memmem::find(text, b"\n###").is_some();
        Ok((!has_version && (is_whole || has("host:"))) || (!has("content-length:") && is_divided()))
    }

    fn each(&self, input: &mut Input<'_>, files: &Files<'_>, take: &mut Take<'_>) -> Result<(), CaptureError> {
        let before = input.lines_before();
        let text = String::from_utf8_lossy(input.text()?).into_owned();
        let mut variables = Vec::new();
        for (number, block) in blocks(&text, before + 1).into_iter().enumerate() {
            let place = format!("request {} (line {})", number + 1, block.line);
            if let Some(request) = block.read(&mut variables, files)
                && !take(Entry::new(place, request))
            {
                break;
            }
        }
        Ok(())
    }
}

/// The lines between two lines of `###`.
struct Block<'t> {
    line: usize,
    lines: Vec<&'t str>,
}

fn blocks(text: &str, first: usize) -> Vec<Block<'_>> {
    let mut blocks = vec![Block {
        line: first,
        lines: Vec::new(),
    }];
    for (at, line) in text.split('\n').enumerate() {
        if line.starts_with("###") {
            blocks.push(Block {
                line: first + at + 1,
                lines: Vec::new(),
            });
        } else if let Some(block) = blocks.last_mut() {
            block.lines.push(line);
        }
    }
    blocks
}

/// `@name = value`.
fn variable(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix('@')?.split_once('=')?;
    let name = name.trim();
    let is_name = !name.is_empty() && name.chars().all(|char| char.is_alphanumeric() || "_-.".contains(char));
    is_name.then(|| (name, value.trim()))
}

fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('#') || line.starts_with("//")
}

type Variables = Vec<(String, String)>;

/// A text with the variables that are known.
pub(super) fn filled(text: &str, variables: &[(String, String)], built: &mut Built) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("{{") {
        let Some((name, after)) = behind.split_once("}}") else {
            break;
        };
        out.push_str(before);
        match variables.iter().rev().find(|(own, _)| own == name.trim()) {
            Some((_, value)) => out.push_str(value),
            None => {
                let written = format!("{{{{{name}}}}}");
                out.push_str(&written);
                built.not_known(written);
            }
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

impl Block<'_> {
    /// The request; `None` where the block holds none.
    fn read(&self, variables: &mut Variables, files: &Files<'_>) -> Option<Result<Recorded, String>> {
        let mut lines = self
            .lines
            .iter()
            .map(|line| line.strip_suffix('\r').unwrap_or(line))
            .peekable();
        let mut is_script = false;
        let first = loop {
            let line = lines.next()?;
            // A script before the request.
            if is_script || line.trim_start().starts_with("< {%") {
                is_script = !line.contains("%}");
            } else if let Some((name, value)) = variable(line) {
                let mut scratch = Built::default();
                let value = filled(value, variables, &mut scratch);
                variables.push((name.to_owned(), value));
            } else if !line.trim().is_empty() && !is_comment(line) {
                break line;
            }
        };
        if first.starts_with("curl ") {
            let mut scratch = Built::default();
            let line: Vec<&str> = std::iter::once(first).chain(lines).collect();
            return Some(curl_line(&filled(&line.join("\n"), variables, &mut scratch), files));
        }
        Some(request(first, &mut lines, variables, files))
    }
}

/// The request of a curl line, which may stand in place of a request line.
fn curl_line(text: &str, files: &Files<'_>) -> Result<Recorded, String> {
    let mut found = Err("it holds no request".to_owned());
    super::curl::each(text.as_bytes(), 0, files, &mut |entry| {
        found = entry.request;
        false
    });
    found
}

fn request<'l>(
    first: &str,
    lines: &mut std::iter::Peekable<impl Iterator<Item = &'l str>>,
    variables: &Variables,
    files: &Files<'_>,
) -> Result<Recorded, String> {
    let mut built = Built::default();
    let mut line = filled(first.trim(), variables, &mut built);
    // A query may go on in lines of its own.
    while let Some(more) =
        lines.next_if(|line| line.starts_with([' ', '\t']) && line.trim_start().starts_with(['?', '&', '/']))
    {
        line.push_str(&filled(more.trim(), variables, &mut built));
    }
    let line = match line.rsplit_once(' ') {
        Some((before, version)) if version.starts_with("HTTP/") => before.trim_end().to_owned(),
        _ => line,
    };
    let (method, url) = match line.split_once(char::is_whitespace) {
        Some((method, url)) if METHODS.contains(&method) || method.bytes().all(|byte| byte.is_ascii_uppercase()) => {
            (method, url.trim())
        }
        None if !line.contains(['/', ':', '.']) => return Err(format!("`{}` is no request line", line.escape_debug())),
        Some(_) if !line.contains("://") => return Err(format!("`{}` is no request line", line.escape_debug())),
        _ => ("GET", line.as_str()),
    };
    built.method = method.to_owned();
    built.url = url.to_owned();
    built.headers = headers(lines, variables, &mut built)?;
    if built.url.starts_with('/') {
        let host = built.headers.text("host").unwrap_or("localhost").to_owned();
        built.url = format!("http://{host}{}", built.url);
    }
    let body: Vec<&str> = lines.collect();
    take_body(&body, variables, files, &mut built)?;
    built.recorded()
}

fn headers<'l>(
    lines: &mut impl Iterator<Item = &'l str>,
    variables: &Variables,
    built: &mut Built,
) -> Result<Headers, String> {
    let mut headers = Headers::default();
    for line in lines {
        if line.trim().is_empty() {
            break;
        }
        if is_comment(line) {
            continue;
        }
        let line = filled(line, variables, built);
        let (name, value) = line
            .split_once(':')
            .ok_or_else(|| format!("`{}` is no header", line.escape_debug()))?;
        headers.append(name.trim(), value.trim());
    }
    Ok(headers)
}

/// Whether a line says what is done with the answer: a script, its file, the file that the answer goes to or is compared
/// with. A quotation of a body's own begins with `>` too.
fn is_about_answer(line: &str) -> bool {
    let is_path = |path: &str| !path.trim().is_empty() && !path.trim().contains(char::is_whitespace);
    let script = line.strip_prefix("> ").map(str::trim);
    script.is_some_and(|script| script.starts_with("{%") || script.ends_with(".js") && is_path(script))
        || [">> ", ">>! ", "<> "]
            .iter()
            .any(|start| line.strip_prefix(start).is_some_and(is_path))
}

fn take_body(lines: &[&str], variables: &Variables, files: &Files<'_>, built: &mut Built) -> Result<(), String> {
    let end = lines
        .iter()
        .position(|line| is_about_answer(line))
        .unwrap_or(lines.len());
    let text = lines[..end].join("\n");
    let text = text.trim_matches('\n');
    if let Some(name) = text
        .strip_prefix("<@ ")
        .or(text.strip_prefix("< "))
        .filter(|name| !name.contains('\n'))
    {
        match files {
            Files::Opened(open) => built.body = open(name.trim())?,
            Files::Refused => {
                built.body_held = BodyHeld::Missing;
                built.lost.push(format!(
                    "the body: it stands in the file {}, which is not opened without --allow-files",
                    name.trim().escape_debug()
                ));
            }
        }
        return Ok(());
    }
    let mut text = filled(text, variables, built);
    let is_form = built
        .headers
        .text("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let is_multipart = built
        .headers
        .text("content-type")
        .is_some_and(|kind| kind.starts_with("multipart/"));
    if is_multipart {
        // Lines of its parts end in CRLF (RFC 2046, 4.1.1), and the programs write them so.
        text = text.replace('\n', "\r\n");
    }
    if is_form {
        // Fields may stand on lines of their own.
        text = text.split('\n').map(str::trim).collect();
    }
    built.body = text.into_bytes();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange;

    #[test]
    fn requests_stand_between_lines_of_hashes() {
        let text = "@host = localhost:3000\n@base = http://{{host}}\n\n### one\n# @name one\nPOST {{base}}/hooks?a=1\n    &b=2 HTTP/1.1\nContent-Type: application/json\nX-A: {{missing}}\n\n{\"a\":\n 1}\n\n> {%\n client.log(1)\n%}\n\n###\nGET http://h.test/g\n\n### three\nPOST /h HTTP/1.1\nHost: h.test\nContent-Type: application/x-www-form-urlencoded\n\na=1\n&b=2\n###\nPOST http://h.test/f\n\n< ./body.json\n";
        let mut input = Input::new(text.as_bytes(), u64::MAX).unwrap();
        assert!(HttpFile.detect(&mut input).unwrap());
        let found = exchange::read(&HttpFile, text.as_bytes()).unwrap();
        let targets: Vec<_> = found
            .iter()
            .map(|one| (one.message.method.as_str(), one.target()))
            .collect();
        assert_eq!(
            targets,
            [
                ("POST", "/hooks?a=1&b=2"),
                ("GET", "/g"),
                ("POST", "/h"),
                ("POST", "/f")
            ]
        );
        assert_eq!(found[0].message.body.as_ref(), b"{\"a\":\n 1}");
        assert_eq!(found[0].message.headers.text("host"), Some("localhost:3000"));
        assert!(
            found[0].notes.iter().any(|note| note.contains("{{missing}}")),
            "{:?}",
            found[0].notes
        );
        assert_eq!(found[2].message.body.as_ref(), b"a=1&b=2");
        assert_eq!(found[3].body_held, BodyHeld::Missing);
    }

    #[test]
    fn a_target_may_stand_with_its_host_and_a_body_may_quote() {
        // A request line of the REST Client needs no version, and a path has its host in a header.
        let text = "POST /hooks\nHost: h.test\n\nfirst\n> quote\nlast\n\n> ./after.js\n";
        let mut input = Input::new(text.as_bytes(), u64::MAX).unwrap();
        assert!(HttpFile.detect(&mut input).unwrap());
        let found = exchange::read(&HttpFile, text.as_bytes()).unwrap();
        assert_eq!(found[0].target(), "/hooks");
        assert_eq!(found[0].message.body.as_ref(), b"first\n> quote\nlast");
    }

    #[test]
    fn the_path_behind_an_unknown_variable_is_the_target() {
        let text = "POST {{base}}/hooks?u=http://a\n\nx\n###\nGET {{scheme}}://{{host}}:{{port}}/y\n###\nGET {{all}}\n";
        let found = exchange::read(&HttpFile, text.as_bytes()).unwrap();
        let heads = found.iter().map(|one| (one.target(), one.message.headers.text("host")));
        assert_eq!(
            heads.collect::<Vec<_>>(),
            [
                ("/hooks?u=http://a", Some("{{base}}")),
                ("/y", Some("{{host}}:{{port}}")),
                ("/", Some("{{all}}"))
            ]
        );
        assert!(found.iter().all(|one| one.notes[0].contains("not known here")));
    }

    #[test]
    fn a_curl_line_and_parts_are_read() {
        let text = "@base = http://h.test\n\n### one\ncurl {{base}}/x -d a=1 \\\n  -H 'A: b'\n\n### two\nPOST {{base}}/y\nContent-Type: multipart/form-data; boundary=X\n\n--X\nContent-Disposition: form-data; name=\"a\"\n\n1\n--X--\n";
        let found = exchange::read(&HttpFile, text.as_bytes()).unwrap();
        assert_eq!((found[0].target(), found[0].message.body.as_ref()), ("/x", &b"a=1"[..]));
        assert_eq!(found[0].message.headers.text("a"), Some("b"));
        let parts = b"--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--X--";
        assert_eq!(found[1].message.body.as_ref(), parts);
    }
}
