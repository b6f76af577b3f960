//! HTTPie's command lines (`http`, `https`), and those of xh, which has the same. Nothing is run.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::built::Built;
use super::curl::shell::{self, Command};
use super::curl::{ansi, url};
use super::{CaptureError, Entry, Exchange, Files, Input, Take};
use crate::capture::Recorded;
use crate::json;

/// Programs, and the scheme of a URL without one.
const PROGRAMS: [(&str, &str); 4] = [("http", "http"), ("https", "https"), ("xh", "http"), ("xhs", "https")];
/// Options with a value that change nothing about the request.
const VALUED: [&str; 19] = [
    "--output",
    "-o",
    "--print",
    "-p",
    "--pretty",
    "--style",
    "-s",
    "--session",
    "--session-read-only",
    "--timeout",
    "--verify",
    "--proxy",
    "--cert",
    "--cert-key",
    "--max-redirects",
    "--format-options",
    "--response-charset",
    "--response-mime",
    "--ssl",
];
/// What stands between a name and a value, the longest first.
const SEPARATORS: [&str; 8] = [":=@", "=@", ":@", "==@", ":=", "==", "@", "="];

/// Command lines of HTTPie.
#[derive(Debug)]
pub struct Httpie;

impl Exchange for Httpie {
    fn name(&self) -> &'static str {
        "httpie"
    }

    fn title(&self) -> &'static str {
        "HTTPie's command lines"
    }

    fn remedy(&self) -> &'static str {
        "a line is `http METHOD URL Name:value field=value`"
    }

    fn detect(&self, input: &mut Input<'_>) -> Result<bool, CaptureError> {
        let line = input.first_line();
        let mut words = line.split_whitespace().skip_while(|word| *word == "$");
        let first = words.next().unwrap_or_default();
        let is_fed = ["echo", "printf", "cat"].contains(&first)
            && line.split_once('|').is_some_and(|(_, behind)| {
                let program = behind.split_whitespace().next().unwrap_or_default();
                is_program(program)
            });
        let second = words.next().unwrap_or_default();
        Ok(is_fed || is_program(first) && (is_method(second) || second.starts_with('-') || is_url(second)))
    }

    fn each(&self, input: &mut Input<'_>, _: &Files<'_>, take: &mut Take<'_>) -> Result<(), CaptureError> {
        let before = input.lines_before();
        for (number, command) in shell::split(input.text()?, before + 1).into_iter().enumerate() {
            let place = format!("command {} (line {})", number + 1, command.line);
            if !take(Entry::new(place, request(command))) {
                break;
            }
        }
        Ok(())
    }
}

fn is_program(word: &str) -> bool {
    PROGRAMS.iter().any(|(name, _)| *name == word)
}

fn is_method(word: &str) -> bool {
    (3..=16).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'-')
}

fn is_url(word: &str) -> bool {
    let word = word.trim_matches(['\'', '"']);
    word.starts_with(':')
        || word.starts_with("localhost")
        || word.contains("://")
        || word.contains('.')
        || word.contains('/')
}

/// What a line says before its body is written.
#[derive(Default)]
struct Line {
    built: Built,
    query: Vec<(String, String)>,
    fields: Vec<(String, Value)>,
    raw: Option<Vec<u8>>,
    /// Headers that must not be there, whatever HTTPie would add.
    without: Vec<String>,
    is_form: bool,
    is_multipart: bool,
    method: Option<String>,
    scheme: &'static str,
}

fn request(command: Command) -> Result<Recorded, String> {
    if let Some(problem) = command.problem {
        return Err(problem.into());
    }
    let mut stdin = command.stdin;
    let mut unknown = Vec::new();
    let mut words = Vec::new();
    for word in command.words {
        unknown.extend(word.unknown);
        if word.is_operator && word.bytes == b"|" && stdin.is_none() {
            stdin = Some(fed(std::mem::take(&mut words))?);
            continue;
        }
        if word.is_operator {
            return Err(format!(
                "`{}` is for a shell, and nothing is run here",
                String::from_utf8_lossy(&word.bytes)
            ));
        }
        words.push(String::from_utf8(word.bytes).map_err(|_| "a word of it is not UTF-8")?);
    }
    let mut words = words.into_iter().skip_while(|word| word == "$");
    let program = words.next().unwrap_or_default();
    let Some((_, scheme)) = PROGRAMS.iter().find(|(name, _)| *name == program) else {
        return Err(format!(
            "it begins with `{}`, and nothing is run here",
            program.escape_debug()
        ));
    };
    let mut line = Line {
        scheme,
        raw: stdin,
        ..Line::default()
    };
    for written in unknown {
        line.built.not_known(written);
    }
    line.take(words)?;
    line.recorded()
}

/// What the command before the pipe gives.
fn fed(words: Vec<String>) -> Result<Vec<u8>, String> {
    let mut words = words.into_iter();
    match words.next().as_deref() {
        Some("printf") => {
            let format = words.next().unwrap_or_default();
            match format.as_str() {
                "%s" => Ok(words.next().unwrap_or_default().into_bytes()),
                _ => Ok(ansi::printf(format.as_bytes())?),
            }
        }
        Some("echo") => {
            let words: Vec<String> = words.collect();
            Ok(match words.split_first() {
                Some((first, rest)) if first == "-n" => rest.join(" ").into_bytes(),
                _ => (words.join(" ") + "\n").into_bytes(),
            })
        }
        _ => Err("what stands before the pipe is not run here".into()),
    }
}

impl Line {
    fn take(&mut self, mut words: impl Iterator<Item = String>) -> Result<(), String> {
        let mut plain = Vec::new();
        let mut only_items = false;
        while let Some(word) = words.next() {
            if only_items || !word.starts_with('-') || word == "-" {
                plain.push(word);
                continue;
            }
            let (name, own) = match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name.to_owned(), Some(value.to_owned())),
                _ => (word, None),
            };
            let mut value = || {
                own.clone()
                    .or_else(|| words.next())
                    .ok_or_else(|| format!("{name} has no value"))
            };
            match name.as_str() {
                "--" => only_items = true,
                "--json" | "-j" => self.is_form = false,
                "--form" | "-f" => self.is_form = true,
                "--multipart" => self.is_multipart = true,
                "--raw" => self.raw = Some(value()?.into_bytes()),
                "--auth" | "-a" => {
                    let value = value()?;
                    self.built
                        .default_header("Authorization", format!("Basic {}", STANDARD.encode(value)));
                }
                "--auth-type" | "-A" => {
                    let kind = value()?;
                    if kind.eq_ignore_ascii_case("bearer") {
                        self.bearer();
                    }
                }
                "--bearer" => {
                    let token = value()?;
                    self.built.headers.set("Authorization", format!("Bearer {token}"));
                }
                "--default-scheme" => {
                    let scheme = value()?;
                    if scheme == "https" {
                        self.scheme = "https";
                    }
                }
                name if VALUED.contains(&name) => drop(value()?),
                _ => {}
            }
        }
        self.positional(plain)
    }

    /// `-A bearer` says that the value of `-a` is a token.
    fn bearer(&mut self) {
        let given = self
            .built
            .headers
            .text("authorization")
            .and_then(|value| value.strip_prefix("Basic "));
        let token = given.and_then(|value| STANDARD.decode(value).ok());
        if let Some(token) = token {
            self.built
                .headers
                .set("Authorization", [b"Bearer ", &token[..]].concat());
        }
    }

    fn positional(&mut self, plain: Vec<String>) -> Result<(), String> {
        let mut plain = plain.into_iter().peekable();
        let first = plain.next().ok_or("it has no URL")?;
        let is_first_method = first.bytes().all(|byte| byte.is_ascii_alphabetic())
            && plain.peek().is_some_and(|next| {
                is_url(next) && separator(next).is_none_or(|(at, _)| at == 0 || next.contains("://"))
            });
        let typed = if is_first_method || is_method(&first) && plain.peek().is_some() {
            self.method = Some(first.to_ascii_uppercase());
            plain.next().unwrap_or_default()
        } else {
            first
        };
        self.built.url = match typed.strip_prefix(':') {
            Some(port) => {
                let port = port.trim_start_matches(':');
                let is_number = port.starts_with(|char: char| char.is_ascii_digit());
                format!("{}://localhost{}{port}", self.scheme, if is_number { ":" } else { "" })
            }
            None if typed.contains("://") => typed,
            None => format!("{}://{typed}", self.scheme),
        };
        plain.try_for_each(|item| self.item(&item))
    }

    fn item(&mut self, item: &str) -> Result<(), String> {
        let (at, separator) = separator(item).ok_or_else(|| format!("`{}` is no item", item.escape_debug()))?;
        let name = unescaped(&item[..at]);
        let value = unescaped(&item[at + separator.len()..]);
        match separator {
            ":" if value.is_empty() => self.without.push(name),
            ":" => self.built.headers.append(name, value.trim_start()),
            ";" => self.built.headers.append(name, ""),
            "==" => self.query.push((name, value)),
            "=" => self.fields.push((name, Value::String(value))),
            ":=" => {
                let value =
                    json::parse(value.as_bytes()).map_err(|error| format!("`{}`: {error}", item.escape_debug()))?;
                self.fields.push((name, value));
            }
            _ => return Err(format!("`{}` names a file, which is not opened", item.escape_debug())),
        }
        Ok(())
    }

    fn recorded(mut self) -> Result<Recorded, String> {
        for (name, value) in std::mem::take(&mut self.query) {
            self.built
                .url
                .push(if self.built.url.contains('?') { '&' } else { '?' });
            self.built.url.push_str(&format!(
                "{}={}",
                url::encode_form(name.as_bytes()),
                url::encode_form(value.as_bytes())
            ));
        }
        let mut has_body = true;
        if self.is_multipart {
            let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let parts: Vec<_> = self
                .fields
                .iter()
                .map(|(name, value)| super::curl::form::Part::text(name, &text(value)))
                .collect();
            let (body, boundary) = super::curl::form::write(&parts);
            self.built
                .default_header("Content-Type", format!("multipart/form-data; boundary={boundary}"));
            self.built.body = body;
        } else if self.is_form && !self.fields.is_empty() {
            let mut form = form_urlencoded::Serializer::new(String::new());
            for (name, value) in &self.fields {
                form.append_pair(name, &value.as_str().map_or_else(|| value.to_string(), str::to_owned));
            }
            self.built.body = form.finish().into_bytes();
            self.built
                .default_header("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        } else if !self.fields.is_empty() {
            self.built.body = self.json()?;
            self.built.default_header("Content-Type", "application/json");
            self.built.default_header("Accept", "application/json, */*;q=0.5");
        } else if let Some(raw) = self.raw.take() {
            self.built.body = raw;
            self.built.default_header("Content-Type", "application/json");
            self.built.default_header("Accept", "application/json, */*;q=0.5");
        } else {
            has_body = false;
        }
        self.built.method = self
            .method
            .unwrap_or_else(|| if has_body { "POST" } else { "GET" }.into());
        for name in &self.without {
            self.built.headers.remove(name);
        }
        self.built.recorded()
    }

    /// The fields as Python's `json.dumps` writes them.
    fn json(&self) -> Result<Vec<u8>, String> {
        let mut object = Map::new();
        for (name, value) in &self.fields {
            if name.contains('[') {
                return Err(format!(
                    "the nested field `{}` is not supported; give the body with --raw",
                    name.escape_debug()
                ));
            }
            object.insert(name.clone(), value.clone());
        }
        let style = json::Style::named("python").ok_or("its way of writing is not known")?;
        json::write(&Value::Object(object), style).map_err(|error| error.to_string())
    }
}

/// Where the first separator of an item stands, and which it is. A backslash before one takes its meaning away.
fn separator(item: &str) -> Option<(usize, &'static str)> {
    let mut escaped = false;
    for (at, char) in item.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        if char == '\\' {
            escaped = true;
            continue;
        }
        let rest = &item[at..];
        if let Some(found) = SEPARATORS.iter().find(|separator| rest.starts_with(**separator)) {
            return Some((at, found));
        }
        match rest {
            ";" => return Some((at, ";")),
            _ if char == ':' => return Some((at, ":")),
            _ => {}
        }
    }
    None
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        match char {
            // A backslash takes the meaning of what follows away, and is gone where that had one.
            '\\' => match chars.next() {
                Some(next) if matches!(next, ':' | '=' | '@' | ';') => out.push(next),
                next => out.extend(std::iter::once('\\').chain(next)),
            },
            _ => out.push(char),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange;

    #[test]
    fn lines_are_read_as_people_write_them() {
        // What HTTPie 3.2.4 sends for each.
        for (line, method, target, body) in [
            (
                "http POST :3000/hooks X-A:b a=1 n:=2 q==v",
                "POST",
                "/hooks?q=v",
                r#"{"a": "1", "n": 2}"#,
            ),
            ("http localhost:3000", "GET", "/", ""),
            ("https x.test/h a=é", "POST", "/h", r#"{"a": "\u00e9"}"#),
            (
                "http --form post http://x.test/h a='b c' d=e",
                "POST",
                "/h",
                "a=b+c&d=e",
            ),
            ("echo -n '{\"a\":1}' | http PUT x.test/h", "PUT", "/h", r#"{"a":1}"#),
            ("http --raw '{\"a\":1}' x.test/h", "POST", "/h", r#"{"a":1}"#),
            ("http x.test/h 'a\\:b=c'", "POST", "/h", r#"{"a:b": "c"}"#),
        ] {
            let message = exchange::read(&Httpie, line.as_bytes()).unwrap().remove(0).message;
            assert_eq!(
                (message.method.as_str(), message.url.as_deref()),
                (method, Some(target)),
                "{line}"
            );
            assert_eq!(String::from_utf8_lossy(&message.body), body, "{line}");
        }
        for (line, part) in [
            ("http POST x.test a@b.json", "not opened"),
            ("http x.test > out", "for a shell"),
            ("http", "no URL"),
        ] {
            let error = exchange::read(&Httpie, line.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
