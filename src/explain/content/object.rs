//! The signed parts as the members of a JSON object or the items of a list, where they should stand one behind the other.

use super::{Content, Kind, Part, Signed};
use crate::json::{self, Style, compact};

/// Bodies beyond this size stand in no object, in bytes.
const LONGEST: usize = 16 * 1024;

/// Languages that write the object, each with its style.
const LANGUAGES: [(&str, &str); 3] = [("JavaScript", "javascript"), ("Python", "python"), ("PHP", "php")];

/// The keys of an object's members, in its order; `None` is a list.
struct Shape {
    keys: Option<&'static [&'static str]>,
    parts: &'static [Fact],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fact {
    Id,
    Timestamp,
    Body,
}
use Fact::{Body, Id, Timestamp};

const fn object(keys: &'static [&'static str], parts: &'static [Fact]) -> Shape {
    let keys = Some(keys);
    Shape { keys, parts }
}

const fn list(parts: &'static [Fact]) -> Shape {
    Shape { keys: None, parts }
}

/// The likeliest first.
const SHAPES: &[Shape] = &[
    object(&["timestamp", "body"], &[Timestamp, Body]),
    object(&["timestamp", "payload"], &[Timestamp, Body]),
    object(&["timestamp", "data"], &[Timestamp, Body]),
    object(&["timestamp", "event"], &[Timestamp, Body]),
    object(&["timestamp", "rawBody"], &[Timestamp, Body]),
    object(&["ts", "body"], &[Timestamp, Body]),
    object(&["ts", "payload"], &[Timestamp, Body]),
    object(&["t", "body"], &[Timestamp, Body]),
    object(&["t", "payload"], &[Timestamp, Body]),
    object(&["time", "body"], &[Timestamp, Body]),
    object(&["time", "payload"], &[Timestamp, Body]),
    object(&["body", "timestamp"], &[Body, Timestamp]),
    object(&["payload", "timestamp"], &[Body, Timestamp]),
    object(&["data", "timestamp"], &[Body, Timestamp]),
    object(&["rawBody", "timestamp"], &[Body, Timestamp]),
    object(&["body", "ts"], &[Body, Timestamp]),
    object(&["payload", "ts"], &[Body, Timestamp]),
    object(&["payload", "t"], &[Body, Timestamp]),
    object(&["id", "timestamp", "body"], &[Id, Timestamp, Body]),
    object(&["id", "timestamp", "payload"], &[Id, Timestamp, Body]),
    object(&["id", "timestamp", "data"], &[Id, Timestamp, Body]),
    object(&["msgId", "timestamp", "payload"], &[Id, Timestamp, Body]),
    object(&["timestamp", "id", "body"], &[Timestamp, Id, Body]),
    object(&["id", "body"], &[Id, Body]),
    object(&["id", "payload"], &[Id, Body]),
    object(&["id", "data"], &[Id, Body]),
    list(&[Timestamp, Body]),
    list(&[Body, Timestamp]),
    list(&[Id, Timestamp, Body]),
];

/// A body as a member of the object: how, and its text; no text is the body as it stands.
type Written = (&'static str, Option<String>);

/// Every object of the parts that `own` signs.
pub(super) fn objects(own: &Signed, body: &[u8], all: &mut Vec<Signed>) {
    let signs = |part: Part| own.content.signs(&part);
    let Some(text) = std::str::from_utf8(body).ok().filter(|text| text.len() <= LONGEST) else {
        return;
    };
    if !signs(Part::Body) || !(signs(Part::Timestamp) || signs(Part::Id)) {
        return;
    }
    for (language, style) in LANGUAGES {
        let Some(style) = Style::named(style) else { continue };
        for (how, written) in bodies(text, style) {
            for shape in SHAPES {
                for quoted in [false, true] {
                    let Some(parts) = shape.written(style, own, quoted) else {
                        continue;
                    };
                    let shown: Vec<Part> = parts.iter().map(|part| part.clone().unwrap_or(Part::Body)).collect();
                    let made = parts.into_iter().map(|part| match (part, &written) {
                        (None, Some(text)) => Part::Text(text.clone()),
                        (part, _) => part.unwrap_or(Part::Body),
                    });
                    all.push(Signed {
                        kind: Some(Kind::ContentSeparator),
                        what: format!(
                            "`{}`, JSON of the parts as {language} writes it, with the body in it {how}",
                            Content::of(shown)
                        ),
                        content: Content::of(made.collect()),
                        known: own.known.clone(),
                    });
                }
            }
        }
    }
}

/// The body as it came, as a text, and written again where it is JSON.
fn bodies(body: &str, style: &Style) -> Vec<Written> {
    let mut quoted = Vec::new();
    json::text_writer(style)(body, &mut quoted);
    let value = compact::read(body.as_bytes());
    let again = value.and_then(|value| compact::rewrite(&value, style, usize::MAX));
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).ok();
    let mut all: Vec<Written> = vec![("as it came", None), ("as a text", text(quoted))];
    all.extend(
        again
            .and_then(text)
            .filter(|again| again != body)
            .map(|again| ("written again", Some(again))),
    );
    all
}

impl Shape {
    /// The parts of the object in `style`, and nothing where its body stands; numbers in quotes where `quoted` says so.
    fn written(&self, style: &Style, own: &Signed, quoted: bool) -> Option<Vec<Option<Part>>> {
        let [open, close] = if self.keys.is_some() { ["{", "}"] } else { ["[", "]"] };
        let mut parts = Vec::new();
        let mut lead = open.to_owned();
        for (at, fact) in self.parts.iter().enumerate() {
            if at > 0 {
                lead.push(',');
                lead.push_str(style.behind_comma());
            }
            if let Some(keys) = self.keys {
                lead.push_str(&format!("\"{}\"{}", keys.get(at)?, style.colon()));
            }
            let (part, text) = match fact {
                Body => (None, false),
                Timestamp => {
                    let number = own.known.timestamp.as_ref()?.bytes().all(|byte| byte.is_ascii_digit());
                    (Some(Part::Timestamp), quoted || !number)
                }
                Id => (Some(Part::Id), own.known.id.is_some()),
            };
            if part.as_ref().is_some_and(|part| !own.content.signs(part)) {
                return None;
            }
            let quote = if text { "\"" } else { "" };
            lead.push_str(quote);
            parts.push(Some(Part::Text(std::mem::take(&mut lead))));
            parts.push(part);
            lead.push_str(quote);
        }
        parts.push(Some(Part::Text(lead + close)));
        Some(parts)
    }
}
