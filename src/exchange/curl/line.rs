//! One command line of curl: its options, and the requests that it would send.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::options::OPTIONS;
use super::url::{self, Parts};
use super::{Files, form};
use crate::capture::Recorded;
use crate::exchange::credentials;
use crate::message::{Headers, Message};

/// Options that change a request in a way that is not known here.
const CHANGING: [&str; 9] = [
    "aws-sigv4",
    "digest",
    "ntlm",
    "ntlm-wb",
    "negotiate",
    "anyauth",
    "netrc",
    "time-cond",
    "tr-encoding",
];
/// Options that stand for a file which is not opened.
const FILES: [&str; 5] = ["config", "netrc-file", "etag-compare", "crlf", "append"];

/// What one part of a command line, up to `--next`, says of its requests.
#[derive(Default)]
pub struct Line {
    method: Option<String>,
    urls: Vec<Vec<u8>>,
    /// Those that were given, which stand before what curl would say itself.
    headers: Headers,
    /// Headers that must not be there, whatever curl would add.
    without: Vec<String>,
    user: Option<Vec<u8>>,
    bearer: Option<Vec<u8>>,
    agent: Option<Vec<u8>>,
    referer: Option<Vec<u8>>,
    range: Option<Vec<u8>>,
    cookies: Vec<Vec<u8>>,
    data: Option<Vec<u8>>,
    is_json: bool,
    parts: Vec<form::Part>,
    query: Vec<Vec<u8>>,
    in_query: bool,
    target: Option<String>,
    upload: Option<Vec<u8>>,
    path_as_is: bool,
    globoff: bool,
    http_1_0: bool,
    lost: Vec<String>,
    notes: Vec<String>,
}

/// Gives an option's value.
struct Words<'w> {
    words: std::vec::IntoIter<Vec<u8>>,
    stdin: Option<Vec<u8>>,
    files: &'w Files<'w>,
}

impl Line {
    /// The requests of a command line, without the word `curl`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn requests(
        words: Vec<Vec<u8>>,
        stdin: Option<Vec<u8>>,
        files: &Files<'_>,
    ) -> Result<Vec<Result<Recorded, String>>, String> {
        let mut words = Words {
            words: words.into_iter(),
            stdin,
            files,
        };
        let mut lines = vec![Self::default()];
        while let Some(word) = words.words.next() {
            let Some(line) = lines.last_mut() else { break };
            if line.take(word, &mut words)? {
                lines.push(Self::default());
            }
        }
        let mut found = Vec::new();
        for mut line in lines {
            if line.urls.is_empty() {
                return Err("it has no URL".into());
            }
            for url in std::mem::take(&mut line.urls) {
                found.push(line.recorded(&url));
            }
        }
        Ok(found)
    }

    /// Takes a word, and the value behind it; whether a new part begins.
    fn take(&mut self, word: Vec<u8>, words: &mut Words<'_>) -> Result<bool, String> {
        if let Some(long) = word.strip_prefix(b"--").filter(|long| !long.is_empty()) {
            let (name, valued, on) = long_option(long)?;
            if name == "next" {
                return Ok(true);
            }
            if valued {
                let value = words.words.next().ok_or_else(|| format!("--{name} has no value"))?;
                self.option(name, value, words)?;
            } else {
                self.flag(name, on);
            }
            return Ok(false);
        }
        if word.len() < 2 || word[0] != b'-' {
            self.urls.push(word);
            return Ok(false);
        }
        for at in 1..word.len() {
            let letter = char::from(word[at]);
            let known = OPTIONS.iter().find(|(_, own, _)| *own == Some(letter));
            let (name, _, valued) =
                known.ok_or_else(|| format!("the option -{} is not known", letter.escape_debug()))?;
            if *name == "next" {
                return Ok(true);
            }
            if !valued {
                self.flag(name, true);
                continue;
            }
            let rest = &word[at + 1..];
            let value = match rest.is_empty() {
                true => words.words.next().ok_or_else(|| format!("-{letter} has no value"))?,
                false => rest.to_vec(),
            };
            self.option(name, value, words)?;
            break;
        }
        Ok(false)
    }

    fn flag(&mut self, name: &str, on: bool) {
        match name {
            "get" => self.in_query = on,
            "head" => self.method = on.then(|| "HEAD".into()),
            "path-as-is" => self.path_as_is = on,
            "globoff" => self.globoff = on,
            "http1.0" => self.http_1_0 = on,
            name if on && CHANGING.contains(&name) => self.lost.push(format!("what --{name} adds")),
            _ => {}
        }
    }

    fn option(&mut self, name: &str, value: Vec<u8>, words: &mut Words<'_>) -> Result<(), String> {
        let text =
            |value: &[u8]| String::from_utf8(value.to_vec()).map_err(|_| format!("the value of --{name} is not UTF-8"));
        match name {
            "request" => self.method = Some(text(&value)?),
            "url" => self.urls.push(value),
            "header" => self.header(&value, words)?,
            "user-agent" if value.is_empty() => self.without.push("User-Agent".into()),
            "user-agent" => self.agent = Some(value),
            "referer" => self.referer = Some(value.strip_suffix(b";auto").unwrap_or(&value).to_vec()),
            "user" => self.user = Some(value),
            "oauth2-bearer" => self.bearer = Some(value),
            "range" => self.range = Some(value),
            "request-target" => self.target = Some(text(&value)?),
            "cookie" if value.contains(&b'=') || value.is_empty() => self.cookies.push(value),
            "cookie" => return Err("--cookie names a file, which is not opened".into()),
            "data-raw" => self.add(&value),
            "data" | "data-ascii" | "data-binary" => {
                let mut bytes = words.content(&value)?;
                if name != "data-binary" && value.starts_with(b"@") {
                    // As curl reads text from a file.
                    bytes.retain(|byte| !b"\r\n\0".contains(byte));
                }
                self.add(&bytes);
            }
            "data-urlencode" => {
                let pair = words.encoded(&value)?;
                self.add(&pair);
            }
            "url-query" => {
                let pair = match value.strip_prefix(b"+") {
                    Some(plain) => plain.to_vec(),
                    None => words.encoded(&value)?,
                };
                self.query.push(pair);
            }
            "json" => {
                let bytes = words.content(&value)?;
                self.data.get_or_insert_default().extend_from_slice(&bytes);
                self.is_json = true;
            }
            "form" | "form-string" => {
                let part = form::Part::read(&value, name == "form-string", |file| words.content(file))?;
                self.parts.push(part);
            }
            "upload-file" => {
                let named = [b"@", &value[..]].concat();
                self.upload = Some(words.content(&named)?);
            }
            _ if FILES.contains(&name) => return Err(format!("--{name} names a file, which is not opened")),
            _ if name == "variable" || name.starts_with("expand-") => {
                return Err(format!("--{name} stands for what curl puts in, which is not done here"));
            }
            _ if CHANGING.contains(&name) => self.lost.push(format!("what --{name} adds")),
            _ => {}
        }
        Ok(())
    }

    /// `Name: value`, `Name;` for an empty one, `Name:` for none.
    fn header(&mut self, field: &[u8], words: &mut Words<'_>) -> Result<(), String> {
        if field.starts_with(b"@") {
            let bytes = words.content(field)?;
            let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
            for line in lines.filter(|line| !line.trim_ascii().is_empty() && !line.starts_with(b"@")) {
                self.header(line, words)?;
            }
            return Ok(());
        }
        let at = field.iter().position(|byte| *byte == b':');
        let (name, value) = match at {
            Some(at) => (&field[..at], Some(field[at + 1..].trim_ascii())),
            None => match field.trim_ascii_end().strip_suffix(b";") {
                Some(name) => (name, None),
                None => {
                    let shown: String = String::from_utf8_lossy(field).chars().take(40).collect();
                    self.notes.push(format!(
                        "`{}` is no header, and curl leaves it out",
                        shown.escape_debug()
                    ));
                    return Ok(());
                }
            },
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

    fn add(&mut self, bytes: &[u8]) {
        match &mut self.data {
            Some(data) => {
                data.push(b'&');
                data.extend_from_slice(bytes);
            }
            None => self.data = Some(bytes.to_vec()),
        }
    }

    fn recorded(&self, typed: &[u8]) -> Result<Recorded, String> {
        let Parts { host, user, mut target } = url::parse(typed, self.globoff, self.path_as_is)?;
        let mut notes = self.notes.clone();
        let (mut data, kind) = self.content(&mut notes);
        let mut query: Vec<Vec<u8>> = self.query.clone();
        query.extend(data.take_if(|_| self.in_query).filter(|data| !data.is_empty()));
        for part in query {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str(&String::from_utf8_lossy(&part));
        }
        let mut headers = self.fields(&host, self.user.clone().or(user));
        let has_data = data.is_some();
        if let Some(data) = &data {
            self.add_field(&mut headers, "Content-Type", kind.as_bytes());
            let length = data.len().to_string();
            self.set_length(&mut headers, &length, &mut notes);
        } else if let Some(upload) = &self.upload {
            self.set_length(&mut headers, &upload.len().to_string(), &mut notes);
        }
        headers.check().map_err(|error| error.to_string())?;
        let by_default = match (has_data, &self.upload) {
            (true, _) => "POST",
            (false, Some(_)) => "PUT",
            _ => "GET",
        };
        let message = Message {
            method: self.method.clone().unwrap_or_else(|| by_default.into()),
            url: Some(self.target.clone().unwrap_or(target)),
            headers,
            ..Message::new(data.or_else(|| self.upload.clone()).unwrap_or_default())
        };
        let mut lost = self.lost.clone();
        lost.extend(credentials::loss(&message));
        Ok(Recorded {
            lost,
            notes,
            http_1_0: self.http_1_0,
            ..Recorded::new(message)
        })
    }

    /// The data, where there is any, and its type.
    fn content(&self, notes: &mut Vec<String>) -> (Option<Vec<u8>>, String) {
        if !self.parts.is_empty() {
            let (body, boundary) = form::write(&self.parts);
            notes.push("the boundary of its parts is made up, as curl makes one up for each request".into());
            return (Some(body), format!("multipart/form-data; boundary={boundary}"));
        }
        let kind = match self.is_json {
            true => "application/json",
            false => "application/x-www-form-urlencoded",
        };
        (self.data.clone(), kind.to_owned())
    }

    /// The headers that were given, and those that curl adds to them for what was asked.
    fn fields(&self, host: &str, user: Option<Vec<u8>>) -> Headers {
        let mut headers = self.headers.clone();
        let mut add = |name: &str, value: &[u8]| self.add_field(&mut headers, name, value);
        add("Host", host.as_bytes());
        let unsure = self.lost.iter().any(|lost| {
            ["--digest", "--ntlm", "--negotiate", "--anyauth"]
                .iter()
                .any(|name| lost.contains(name))
        });
        match (&self.bearer, user) {
            (Some(token), _) => add("Authorization", &[b"Bearer ", &token[..]].concat()),
            (None, Some(user)) if !unsure => {
                add("Authorization", format!("Basic {}", STANDARD.encode(user)).as_bytes());
            }
            _ => {}
        }
        let given = [("User-Agent", &self.agent), ("Referer", &self.referer)];
        for (name, value) in given {
            if let Some(value) = value {
                add(name, value);
            }
        }
        if let Some(range) = &self.range {
            add("Range", &[b"bytes=", &range[..]].concat());
        }
        if !self.cookies.is_empty() {
            add("Cookie", &self.cookies.join(&b";"[..]));
        }
        if self.is_json {
            add("Accept", b"application/json");
        }
        headers
    }

    /// Adds a field, unless it was given or taken away.
    fn add_field(&self, headers: &mut Headers, name: &str, value: &[u8]) {
        let gone = self.without.iter().any(|own| own.eq_ignore_ascii_case(name));
        if !gone && !headers.contains(name) {
            headers.append(name, value);
        }
    }

    /// A body's length; one that was copied with another body is not kept.
    fn set_length(&self, headers: &mut Headers, length: &str, notes: &mut Vec<String>) {
        let chunked = headers
            .text("transfer-encoding")
            .is_some_and(|value| value.eq_ignore_ascii_case("chunked"));
        if chunked
            || self
                .without
                .iter()
                .any(|own| own.eq_ignore_ascii_case("content-length"))
        {
            return;
        }
        if let Some(given) = headers.text("content-length").filter(|given| *given != length) {
            notes.push(format!(
                "its Content-Length says {}, and its body has {length} bytes, which it says now",
                given.escape_debug()
            ));
        }
        headers.set("Content-Length", length);
    }
}

/// The option of this name, or of the one name that it begins; whether it has a value, and whether it is on.
fn long_option(typed: &[u8]) -> Result<(&'static str, bool, bool), String> {
    let text = String::from_utf8_lossy(typed);
    let unknown = || {
        let shown: String = text.chars().take(40).collect();
        format!("the option --{} is not known", shown.escape_debug())
    };
    let find = |text: &str| OPTIONS.iter().find(|(name, ..)| *name == text);
    if let Some((name, _, valued)) = find(&text) {
        return Ok((name, *valued, true));
    }
    if let Some(rest) = text.strip_prefix("no-")
        && let Some((name, ..)) = find(rest).filter(|(_, _, valued)| !valued)
    {
        return Ok((name, false, false));
    }
    if let Some(name) = text.strip_prefix("expand-").and_then(find) {
        return Err(format!(
            "--expand-{} stands for what curl puts in, which is not done here",
            name.0
        ));
    }
    let mut begins = OPTIONS.iter().filter(|(name, ..)| name.starts_with(&*text));
    match (begins.next(), begins.next()) {
        (Some((name, _, valued)), None) => Ok((name, *valued, true)),
        (Some((first, ..)), Some((second, ..))) => Err(format!(
            "the option --{} is short for several: --{first}, --{second}",
            text.escape_debug()
        )),
        _ => Err(unknown()),
    }
}

impl Words<'_> {
    /// A value, or what the file holds that it names with `@`.
    fn content(&mut self, value: &[u8]) -> Result<Vec<u8>, String> {
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
        match self.files {
            Files::Refused => {
                let shown: String = name.chars().take(80).collect();
                Err(format!(
                    "it names the file {}, which is not opened; `ckwh captures import --allow-files` does",
                    shown.escape_debug()
                ))
            }
            Files::Opened(open) => open(&name),
        }
    }

    /// `content`, `=content`, `name=content`, `@file` or `name@file`, encoded as curl does.
    fn encoded(&mut self, value: &[u8]) -> Result<Vec<u8>, String> {
        let at = value.iter().position(|byte| matches!(byte, b'=' | b'@'));
        let (name, content) = match at {
            Some(at) if value[at] == b'=' => (&value[..at], value[at + 1..].to_vec()),
            Some(at) => (&value[..at], self.content(&value[at..])?),
            None => (&b""[..], value.to_vec()),
        };
        let mut pair = name.to_vec();
        if !name.is_empty() {
            pair.push(b'=');
        }
        pair.extend_from_slice(url::encode_form(&content).as_bytes());
        Ok(pair)
    }
}
