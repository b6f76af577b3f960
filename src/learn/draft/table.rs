//! The text of `provider.toml`.

use std::fmt::Write as _;

use serde::Serialize;
use uuid::Uuid;

use super::event::Event;
use super::{Sender, Writing};
use crate::clock::Unit;
use crate::learn::Fit;
use crate::message::{Headers, Place};
use crate::scheme::{Encoding, Given, Grammar, Signature};

/// Headers that tell of the way of a request, and not of its sender, by the beginnings of their names.
const OF_THE_WAY: &[&str] = &[
    "x-forwarded-",
    "forwarded",
    "cf-",
    "x-amz",
    "x-b3-",
    "via",
    "x-real-ip",
    "true-client-ip",
    "trace",
    "baggage",
    "x-request-id",
    "x-correlation-id",
    "host",
    "date",
    "accept-encoding",
];

/// Everything that the table tells.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    pub(super) sender: &'a Sender<'a>,
    pub(super) path: &'a str,
    pub(super) headers: &'a Headers,
    pub(super) fit: &'a Fit,
    pub(super) event: &'a Event,
    /// What is signed, and no request holds.
    pub(super) given: &'a [Given],
    /// `None` where there is no fixture.
    pub(super) writing: Option<&'a Writing>,
}

impl Table<'_> {
    pub(super) fn text(&self) -> String {
        let mut out = String::from(
            "# Learned from one delivery. What a single delivery can't show is marked: its sender's documentation tells.\n",
        );
        self.head(&mut out);
        self.given.iter().for_each(|given| write_given(&mut out, given));
        self.request(&mut out);
        for signature in &self.fit.scheme.signatures {
            write_signature(&mut out, signature);
        }
        self.timestamp(&mut out);
        self.event(&mut out);
        self.recognise(&mut out);
        if self.writing.is_some() {
            let _ = write!(
                out,
                "\n[events]\n{} = \"As it was delivered\"\n",
                quoted(self.event.name())
            );
        }
        out
    }

    fn head(&self, out: &mut String) {
        let is_path = self.path.starts_with('/') && self.path.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
        let path = if is_path { self.path } else { "/webhook" };
        let _ = write!(
            out,
            "version = 1\ntitle = {}\nabout = \"learned from one delivery\"\npath = {}\nsecret_env = {}\n",
            quoted(self.sender.name),
            quoted(path),
            quoted([self.sender.secret_env]),
        );
    }

    fn request(&self, out: &mut String) {
        out.push_str("\n[request]\n");
        match self.writing {
            Some(Writing { form: true, .. }) => out.push_str("body = \"form\"\n"),
            Some(writing) => {
                if !writing.exact {
                    out.push_str("# A guess: no known style gives the delivery's bytes.\n");
                }
                let _ = writeln!(out, "style = {}", quoted(writing.style.name));
            }
            None => {}
        }
        out.push_str("\n[request.headers]\n");
        let mut seen: Vec<String> = Vec::new();
        for (name, value) in self.headers.iter() {
            let lower = name.to_ascii_lowercase();
            if self.is_constant_or_known(&lower)
                && !seen.contains(&lower)
                && let Some(template) = self.template(value)
            {
                let _ = writeln!(out, "{} = {}", basic(name), quoted(template));
                seen.push(lower);
            }
        }
    }

    /// Whether a header of that name is the sender's own, and not written by signing.
    fn is_constant_or_known(&self, lower: &str) -> bool {
        let signatures = &self.fit.scheme.signatures;
        let is_written = signatures
            .iter()
            .any(|signature| signature.headers().any(|own| own.eq_ignore_ascii_case(lower)))
            || matches!(self.fit.scheme.timestamp.as_ref().map(|rule| &rule.from), Some(Place::Header(own)) if own.eq_ignore_ascii_case(lower));
        !is_written && !OF_THE_WAY.iter().any(|start| lower.starts_with(start))
    }

    /// The value with what is another one each time as a `{part}`; `None` where it can't be written so.
    fn template(&self, value: &[u8]) -> Option<String> {
        let text = std::str::from_utf8(value).ok()?;
        if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte) && byte != b'{') {
            return None;
        }
        Some(if self.event.id_text.as_deref() == Some(text) {
            "{id}".into()
        } else if self.event.text.as_deref() == Some(text) {
            "{event_type}".into()
        } else if Uuid::try_parse(text).is_ok() {
            "{uuid}".into()
        } else if let Some(unit) = Unit::of(text) {
            format!("{{timestamp:{}}}", name_of(unit))
        } else {
            text.to_owned()
        })
    }

    fn timestamp(&self, out: &mut String) {
        let Some(rule) = &self.fit.scheme.timestamp else {
            return;
        };
        let _ = write!(
            out,
            "\n[timestamp]\nfrom = {}\nunit = {}\n",
            quoted(&rule.from),
            quoted(rule.unit)
        );
        let (past, future) = (rule.tolerance.past, rule.tolerance.future);
        if past.0.is_some() || future.0.is_some() {
            out.push_str("# A guess: what is usual.\n");
            let _ = writeln!(out, "tolerance = {{ past = \"{past}\", future = \"{future}\" }}");
        } else {
            out.push_str("# Whether a receiver looks at it, and how far off it may be, is not known.\n");
            out.push_str("# tolerance = { past = \"5m\", future = \"5m\" }\n");
        }
    }

    fn event(&self, out: &mut String) {
        out.push_str("\n# Where the type and the id stand is a guess by their names.\n[event]\n");
        if let Some(kind) = &self.event.kind {
            let _ = writeln!(out, "type = {}", quoted(kind));
        }
        if let Some(id) = &self.event.id {
            let _ = writeln!(out, "id = {}", quoted(id));
            if let Some(new_id) = self.event.new_id() {
                let _ = writeln!(out, "new_id = {}", quoted(new_id));
            }
            let _ = writeln!(out, "identity = {}", quoted([id]));
        }
        if !self.event.fresh.is_empty() {
            let pairs = self.event.fresh.iter();
            let pairs = pairs.map(|(pointer, fresh)| format!("{} = {}", basic(pointer), quoted(fresh)));
            let _ = writeln!(out, "fresh = {{ {} }}", pairs.collect::<Vec<_>>().join(", "));
        }
    }

    fn recognise(&self, out: &mut String) {
        let scheme = &self.fit.scheme;
        let mut conditions: Vec<(&str, String)> = Vec::new();
        let mut pointers: Vec<&str> = Vec::new();
        for signature in &scheme.signatures {
            let names = signature.headers().take(1);
            conditions.extend(names.map(|name| (name, pattern(signature))));
            pointers.extend(signature.places.iter().filter_map(Place::pointer));
        }
        if let Some((Place::Header(name), unit)) = scheme.timestamp.as_ref().map(|rule| (&rule.from, rule.unit)) {
            let is_number = matches!(unit, Unit::Seconds | Unit::Milliseconds);
            conditions.push((name, if is_number { "^[0-9]+$" } else { "." }.to_owned()));
        }
        for place in [&scheme.id, &self.event.kind].into_iter().flatten() {
            if let Place::Header(name) = place {
                conditions.push((name, ".".into()));
            }
        }
        out.push_str("\n[recognise]\n");
        if !pointers.is_empty() {
            let _ = writeln!(out, "body = {}", quoted(pointers));
        }
        out.push_str("\n[recognise.header]\n");
        let mut seen: Vec<String> = Vec::new();
        for (name, pattern) in conditions {
            let lower = name.to_ascii_lowercase();
            if !seen.contains(&lower) {
                let _ = writeln!(out, "{} = {}", basic(name), quoted(pattern));
                seen.push(lower);
            }
        }
    }
}

fn write_given(out: &mut String, given: &Given) {
    let _ = write!(
        out,
        "\n[given.{}]\nabout = {}\nenv = {}\n",
        given.name(),
        quoted(given.about()),
        quoted(given.variables())
    );
}

fn write_signature(out: &mut String, signature: &Signature) {
    let _ = write!(out, "\n[[signature]]\nkind = {}\n", quoted(signature.kind));
    let headers: Vec<&str> = signature.headers().collect();
    let _ = match signature.places.as_slice() {
        [place] if headers.is_empty() => writeln!(out, "from = {}", quoted(place)),
        _ => writeln!(out, "headers = {}", quoted(headers)),
    };
    match &signature.grammar {
        Grammar::Items { prefix, suffix, list } => {
            let _ = writeln!(out, "item = {}", quoted(format!("{prefix}{{sig}}{suffix}")));
            if let Some(list) = list {
                let _ = writeln!(out, "list = {}", quoted(list));
            }
        }
        // What is learnt from one delivery is none.
        Grammar::Packed { .. } => {}
        grammar @ Grammar::Positions { .. } => {
            let _ = writeln!(out, "positions = {}", quoted(grammar.to_string()));
        }
        grammar @ Grammar::Fields { .. } => {
            let _ = writeln!(out, "fields = {}", quoted(grammar.to_string()));
        }
    }
    if signature.kind.is_shown() {
        return;
    }
    let key: Vec<String> = signature.key.iter().map(ToString::to_string).collect();
    let _ = write!(
        out,
        "encoding = {}\ncontent = {}\nkey = {}\n",
        quoted(signature.encoding),
        quoted(signature.content.parts()),
        quoted(key)
    );
    if !signature.accept.is_empty() {
        out.push_str("# Nothing in the delivery's signature tells the two alphabets of base64 apart.\n");
        let _ = writeln!(out, "accept = {}", quoted(&signature.accept));
    }
    if let Some(digest) = &signature.digest {
        let _ = writeln!(out, "digest = {{ query = {} }}", quoted(&digest.query));
    }
}

/// A regular expression for a header's value.
fn pattern(signature: &Signature) -> String {
    let kind = signature.kind;
    let bytes = kind.longest();
    let is_of_one_length = !kind.is_shown() && !kind.fits(bytes - 1);
    let tag = match signature.encoding {
        // As long as the key, or as its numbers happen to be.
        Encoding::Hex | Encoding::HexUpper if !is_of_one_length => "[0-9A-Fa-f]+".into(),
        Encoding::Base64 if !is_of_one_length => "[0-9A-Za-z+/]+={0,2}".into(),
        Encoding::Base64Url if !is_of_one_length => "[0-9A-Za-z_-]+".into(),
        Encoding::Hex => format!("[0-9a-f]{{{}}}", bytes * 2),
        Encoding::HexUpper => format!("[0-9A-F]{{{}}}", bytes * 2),
        Encoding::Base64 => {
            let padding = "=".repeat((3 - bytes % 3) % 3);
            let more = if signature.accept.is_empty() { "" } else { "_-" };
            format!("[0-9A-Za-z+/{more}]{{{}}}{padding}", (bytes * 4).div_ceil(3))
        }
        Encoding::Base64Url | Encoding::Base64UrlPadded => format!("[0-9A-Za-z_-]{{{}}}", (bytes * 4).div_ceil(3)),
        Encoding::Text => "[ -~]+".to_owned(),
    };
    let escape = regex_lite::escape;
    match &signature.grammar {
        Grammar::Items {
            prefix,
            suffix,
            list: None,
        } => format!("^{}{tag}{}$", escape(prefix), escape(suffix)),
        Grammar::Items {
            prefix,
            list: Some(list),
            ..
        } => format!("(^|{}) *{}{tag}", escape(list), escape(prefix)),
        Grammar::Positions { separator, .. } => format!("(^|{separator}) *{tag}"),
        Grammar::Packed { .. } => "^ey".to_owned(),
        Grammar::Fields { separator, pairs } => {
            let own = pairs.iter().find(|(_, slot)| *slot == crate::scheme::Slot::Signature);
            let own = own.map_or("", |(key, _)| key.as_str());
            format!("(^|{separator}) *{}={tag}", escape(own))
        }
    }
}

fn name_of(unit: Unit) -> &'static str {
    Unit::NAMED
        .into_iter()
        .find(|(_, own)| *own == unit)
        .map_or("s", |(name, _)| name)
}

/// A text, a list or a table with bare keys as TOML writes it, on one line.
fn quoted(value: impl Serialize) -> String {
    match toml::Value::try_from(value) {
        Ok(toml::Value::String(text)) => basic(&text),
        Ok(toml::Value::Array(items)) => {
            let items: Vec<String> = items.into_iter().map(quoted).collect();
            format!("[{}]", items.join(", "))
        }
        Ok(toml::Value::Table(members)) => {
            let members = members
                .into_iter()
                .map(|(name, value)| format!("{name} = {}", quoted(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// A basic string (TOML 1.0): on one line, whatever is in it.
fn basic(text: &str) -> String {
    let mut out = String::from("\"");
    for char in text.chars() {
        match char {
            '"' | '\\' => out.extend(['\\', char]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            _ if char.is_ascii_graphic() || char == ' ' || char.is_alphanumeric() => out.push(char),
            _ => {
                let _ = write!(out, "\\U{:08X}", u32::from(char));
            }
        }
    }
    out + "\""
}
