//! The table of signature bases: the same message as its signer may have seen it, or written it.

use std::borrow::Cow;

use super::super::cause::{Basis, Cause, Kind};
use super::super::content::{local, other_urls, rewritten};
use super::super::remedy;
use super::super::search::Direction;
use crate::message::Message;
use crate::scheme::http_signature::{Component, Read};
use crate::scheme::{Facts, HttpSignature};
use crate::verify::facts;

/// So much of a value is shown, in characters.
const SHOWN: usize = 80;
/// Of a message's headers, so many are tried for another.
const MOST: usize = 64;
/// And so many bytes of bases together.
const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Words in the names of headers that hold credentials.
const SECRET: [&str; 5] = ["authorization", "cookie", "token", "secret", "key"];
const METHODS: [&str; 6] = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"];
/// Headers that a signer may have signed without naming them.
const COMMON: [&str; 5] = ["host", "date", "digest", "content-type", "content-length"];

/// A base that may have been signed.
pub(super) struct Tried {
    kind: Kind,
    detail: String,
    pub(super) base: String,
}

impl Tried {
    /// The cause that it is, where it gives the signature.
    pub(super) fn cause(&self, direction: Direction) -> Cause {
        Cause {
            detail: self.detail.clone(),
            remedy: remedy::of(self.kind, "", direction, None),
            ..Cause::new(self.kind, Basis::Mac)
        }
    }
}

type Lines = Vec<(String, String)>;

/// What is tried with one signature.
struct Table<'a> {
    message: &'a Message,
    http: &'a HttpSignature,
    read: &'a Read,
    direction: Direction,
    all: Vec<Tried>,
    /// How long all of them are together.
    bytes: usize,
}

/// Every base that is tried, the likeliest first.
pub(super) fn all(message: &Message, http: &HttpSignature, read: &Read, direction: Direction) -> Vec<Tried> {
    let mut table = Table {
        message,
        http,
        read,
        direction,
        all: Vec::new(),
        bytes: 0,
    };
    table.methods();
    table.headers();
    table.urls();
    table.lists();
    table.writings();
    table.all
}

impl Table<'_> {
    fn facts(&self) -> Facts<'_> {
        facts(self.message)
    }

    fn push(&mut self, kind: Kind, detail: String, lines: &Lines) {
        if let Ok(base) = self.http.base_of(lines, self.read.parameters()) {
            self.keep(Tried { kind, detail, base });
        }
    }

    /// Takes a base, unless there is enough of them.
    fn keep(&mut self, tried: Tried) {
        self.bytes += tried.base.len();
        if self.bytes <= MOST_BYTES {
            self.all.push(tried);
        }
    }

    /// That a component was another, in words.
    fn other(&self, name: &str, was: &str, is: Option<&str>) -> String {
        // A credential is not shown.
        let is_secret = SECRET.iter().any(|word| name.contains(word));
        let value = |text: &str, hidden: &str| if is_secret { hidden.to_owned() } else { shown(text) };
        let was = value(was, "another");
        let is = is.map_or_else(
            || "is not there".to_owned(),
            |is| format!("is {}", value(is, "this one")),
        );
        match self.direction {
            Direction::Reverse => format!("`{name}` was {was} when it was signed, and {is} here"),
            Direction::Forward => format!("the handler took {was} for `{name}`, which {is}"),
        }
    }

    /// Who put a base together otherwise.
    fn who(&self) -> &'static str {
        match self.direction {
            Direction::Reverse => "the signer",
            Direction::Forward => "the handler",
        }
    }

    /// The lines with these facts; what of them differs, in words.
    fn with(&self, other: &Facts<'_>) -> Option<(Lines, String)> {
        let own = self.facts();
        let mut differs = Vec::new();
        for component in &self.read.covered {
            let was = component.value(other, self.read.times).ok()?;
            let is = component.value(&own, self.read.times).ok();
            if is.as_deref() != Some(&was) {
                differs.push(self.other(&component.to_string(), &was, is.as_deref()));
            }
        }
        let lines = self.read.lines(other).ok()?;
        (!differs.is_empty()).then(|| (lines, differs.join("; ")))
    }

    fn methods(&mut self) {
        if !self.read.covered.iter().any(Component::is_method) {
            return;
        }
        let lower = self.message.method.to_ascii_lowercase();
        for method in METHODS.into_iter().chain([lower.as_str()]) {
            let other = Facts { method, ..self.facts() };
            if let Some((lines, detail)) = self.with(&other) {
                self.push(Kind::ContentMethod, detail, &lines);
            }
        }
    }

    fn urls(&mut self) {
        if !self.read.covered.iter().any(Component::is_of_url) {
            return;
        }
        let url = self.url();
        let mut urls = other_urls(self.message, Some(&url));
        urls.extend(rewritten(self.message, Some(&url)));
        urls.extend(local(&url));
        for (other, _) in urls.into_iter().filter(|(other, _)| other.contains("://")) {
            let other = Facts {
                url: Some(&other),
                ..self.facts()
            };
            if let Some((lines, detail)) = self.with(&other) {
                self.push(Kind::ContentUrl, detail, &lines);
            }
        }
    }

    /// The URL as it is known, or as the headers have it.
    fn url(&self) -> Cow<'_, str> {
        match &self.message.url {
            Some(url) => Cow::Borrowed(url),
            None => {
                let host = self.message.headers.text("host").unwrap_or("localhost");
                let target = self.message.target.as_deref().filter(|target| target.starts_with('/'));
                Cow::Owned(format!("http://{host}{}", target.unwrap_or("/")))
            }
        }
    }

    /// One header with another value, or left out.
    fn headers(&mut self) {
        // The lines as they stand; those that are not there have no value.
        let own = self.facts();
        let values = self
            .read
            .covered
            .iter()
            .map(|component| component.value(&own, self.read.times).ok());
        let values: Vec<Option<String>> = values.collect();
        for (index, component) in self.read.covered.iter().enumerate() {
            let Some(name) = component.header() else { continue };
            let line = |at: usize, value: &str| (self.read.covered[at].base_name().to_owned(), value.to_owned());
            let others_are_there = values
                .iter()
                .enumerate()
                .all(|(at, value)| at == index || value.is_some());
            if !others_are_there {
                continue;
            }
            let lines = |value: Option<&str>| -> Lines {
                let each = values.iter().enumerate();
                let each = each.filter_map(|(at, own)| match (at == index, value) {
                    (true, value) => value.map(|value| line(at, value)),
                    (false, _) => own.as_deref().map(|own| line(at, own)),
                });
                each.collect()
            };
            let is = values[index].as_deref();
            let mut found: Vec<(String, Lines)> = Vec::new();
            for was in self.values(name, is).into_iter().filter(|was| Some(was.as_str()) != is) {
                found.push((self.other(name, &was, is), lines(Some(&was))));
            }
            let left_out = format!("{} left `{name}` out, and the signature's list names it", self.who());
            found.push((left_out, lines(None)));
            for (detail, lines) in found {
                self.push(Kind::ContentHeader, detail, &lines);
            }
        }
    }

    /// What a header may have been.
    fn values(&self, name: &str, is: Option<&str>) -> Vec<String> {
        let mut all = vec![String::new()];
        let body = &self.message.body;
        match name {
            "content-length" => all.push(body.len().to_string()),
            "content-digest" | "digest" => all.extend(self.http.all_digests(name, body)),
            "content-type" => {
                let essence = is
                    .unwrap_or("application/json")
                    .split(';')
                    .next()
                    .unwrap_or_default()
                    .trim();
                let charsets = [
                    "",
                    "; charset=utf-8",
                    ";charset=utf-8",
                    "; charset=UTF-8",
                    ";charset=UTF-8",
                ];
                all.extend(charsets.iter().map(|charset| format!("{essence}{charset}")));
            }
            _ => {}
        }
        if let Some(is) = is {
            all.extend([is.to_ascii_lowercase(), is.to_ascii_uppercase(), is.replace(", ", ",")]);
        }
        // A proxy keeps what it changes under another name.
        let short = name.strip_prefix("x-").unwrap_or(name);
        for (own, value) in self.message.headers.iter().take(MOST) {
            let is_like = own.len() != name.len() && own.to_ascii_lowercase().ends_with(short);
            if is_like || own.eq_ignore_ascii_case(name) {
                all.extend(std::str::from_utf8(value).ok().map(|value| value.trim().to_owned()));
            }
        }
        all
    }

    /// The components in another order, or more of them.
    fn lists(&mut self) {
        let Ok(lines) = self.read.lines(&self.facts()) else {
            return;
        };
        let who = self.who();
        let mut sorted = lines.clone();
        sorted.sort();
        let reversed: Lines = lines.iter().rev().cloned().collect();
        for (what, other) in [("sorted by name", sorted), ("in the reverse order", reversed)] {
            let detail = format!("{who} took the components {what}, and the signature's list has another order");
            self.push(Kind::ContentHeader, detail, &other);
        }
        let mut of_table = self.read.clone();
        of_table.covered = self.http.components().to_vec();
        if let Ok(lines) = of_table.lines(&self.facts()) {
            let detail = format!("{who} took the components of the provider's table, and the signature lists others");
            self.push(Kind::ContentHeader, detail, &lines);
        }
        for name in COMMON {
            let is_named = self.read.covered.iter().any(|own| own.header() == Some(name));
            let Some(value) = self.message.headers.text(name).filter(|_| !is_named) else {
                continue;
            };
            let more = (self.http.header_name(name), value.trim().to_owned());
            let behind: Lines = lines.iter().cloned().chain([more.clone()]).collect();
            let before: Lines = std::iter::once(more).chain(lines.iter().cloned()).collect();
            for lines in [behind, before] {
                let detail = format!("{who} took `{name}` too, which the signature's list does not name");
                self.push(Kind::ContentHeader, detail, &lines);
            }
        }
    }

    /// The same components, put together otherwise.
    fn writings(&mut self) {
        let Ok(base) = self.http.base(self.read, &self.facts()) else {
            return;
        };
        let capital = |base: &str| {
            let line = |line: &str| match line.split_once(": ") {
                Some((name, value)) => format!("{}: {value}", capitals(name)),
                None => line.to_owned(),
            };
            base.split('\n').map(line).collect::<Vec<_>>().join("\n")
        };
        let unquoted = |base: &str| {
            let line = |line: &str| match line.split_once(": ") {
                Some((name, value)) => format!("{}: {value}", name.replace('"', "")),
                None => line.to_owned(),
            };
            base.split('\n').map(line).collect::<Vec<_>>().join("\n")
        };
        let without_last = |base: &str| {
            base.rsplit_once('\n')
                .map_or(String::new(), |(before, _)| before.to_owned())
        };
        let values = |base: &str| {
            let each = base
                .split('\n')
                .map(|line| line.split_once(": ").map_or(line, |(_, value)| value));
            each.collect::<Vec<_>>().join("\n")
        };
        let made = [
            ("ends the base with a line break", format!("{base}\n")),
            ("has Windows line breaks in the base", base.replace('\n', "\r\n")),
            (
                "has `\\n` as two characters for each line break",
                base.replace('\n', "\\n"),
            ),
            ("has no space behind the colons", base.replace(": ", ":")),
            ("has nothing between the lines", base.replace('\n', "")),
            ("has the names in capitals as they are sent", capital(&base)),
            ("has the names without quotes", unquoted(&base)),
            ("has the values without their names", values(&base)),
            ("leaves the last line out", without_last(&base)),
        ];
        for (what, made) in made.into_iter().filter(|(_, made)| *made != base) {
            let detail = format!("{} {what}", self.who());
            self.keep(Tried {
                kind: Kind::ContentSeparator,
                detail,
                base: made,
            });
        }
        if let Ok(body) = std::str::from_utf8(&self.message.body) {
            let detail = format!("{} took the body alone, and no component", self.who());
            self.keep(Tried {
                kind: Kind::ContentOtherScheme,
                detail,
                base: body.to_owned(),
            });
        }
    }
}

/// `content-type` as `Content-Type`.
fn capitals(name: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        let first = chars.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(chars).collect::<String>()
    };
    name.split('-').map(word).collect::<Vec<_>>().join("-")
}

/// A value from outside, so far as it is shown.
fn shown(text: &str) -> String {
    if text.is_empty() {
        return "empty".to_owned();
    }
    let mut shown: String = text.escape_debug().take(SHOWN).collect();
    if text.chars().count() > SHOWN {
        shown.push('…');
    }
    format!("`{shown}`")
}
