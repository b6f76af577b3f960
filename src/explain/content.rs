//! The table of signed contents: what is put together with the body before it is signed.

mod url;

use crate::clock::Unit;
use crate::message::{Message, Place};
use crate::scheme::{Content, Facts, Part, Scheme, Signature};

use super::cause::Kind;
use super::reading;
pub(crate) use url::other_urls;

/// A body is read for what stands in it up to this size, in bytes: parsed JSON takes many times its own.
pub(crate) const LONGEST_READ: usize = 256 * 1024;

/// What the parts of a content are made of.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    pub(crate) method: String,
    pub(crate) url: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) timestamp: Option<String>,
    pub(crate) form: bool,
}

impl Known {
    /// What `message` says, where `scheme` looks for it.
    pub(super) fn of(message: &Message, scheme: &Scheme) -> Self {
        let read = |place: &Place| match place {
            Place::Body(_) if message.body.len() > LONGEST_READ => None,
            Place::Signature => reading::timestamp(message, scheme),
            place => place.read(message),
        };
        let timestamp = scheme.timestamp.as_ref().and_then(|rule| read(&rule.from));
        Self {
            method: message.method.clone(),
            url: message.url.clone(),
            id: scheme.id.as_ref().and_then(read),
            timestamp,
            form: message.is_form(),
        }
    }

    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            method: &self.method,
            url: self.url.as_deref(),
            id: self.id.as_deref(),
            timestamp: self.timestamp.as_deref(),
            form: self.form,
        }
    }
}

/// A content that may have been signed.
#[derive(Debug, Clone)]
pub(super) struct Signed {
    /// Nothing for the content as it should be.
    pub(super) kind: Option<Kind>,
    pub(super) what: String,
    pub(super) content: Content,
    pub(super) known: Known,
}

/// What stands between the parts.
pub(crate) const SEPARATORS: &[(&str, &str)] = &[
    ("", "nothing"),
    (".", "`.`"),
    (":", "`:`"),
    ("\n", "a line break"),
    ("|", "`|`"),
    ("-", "`-`"),
    ("_", "`_`"),
    (",", "`,`"),
    (" ", "a space"),
    (";", "`;`"),
    ("&", "`&`"),
    ("/", "`/`"),
    ("\\n", "`\\n` as two characters"),
    ("\r\n", "a Windows line break"),
];

/// The content as the scheme has it, then every other, the likeliest first.
pub(super) fn variants(message: &Message, scheme: &Scheme, signature: &Signature) -> Vec<Signed> {
    let known = Known::of(message, scheme);
    let own = signature.content.clone();
    let mut all = vec![Signed {
        kind: None,
        what: format!("`{own}`"),
        content: own.clone(),
        known: known.clone(),
    }];
    let parts = own.parts().to_vec();
    let mut push = |kind, what: String, parts: Vec<Part>, known: Known| {
        if parts.iter().all(|part| matches!(part, Part::Text(_))) {
            return;
        }
        let content = Content::of(parts);
        let what = what.replace("{content}", &content.to_string());
        all.push(Signed {
            kind: Some(kind),
            what,
            content,
            known,
        });
    };
    if own.signs(&Part::Timestamp) {
        let without = without(&parts, &Part::Timestamp);
        let what = "`{content}`, without the timestamp".to_owned();
        push(Kind::ContentTimestampMissing, what, without, known.clone());
        for (text, unit) in known.timestamp.as_deref().map(other_units).unwrap_or_default() {
            let what = format!("`{{content}}` with the timestamp in {unit}, as {text}");
            let known = Known {
                timestamp: Some(text),
                ..known.clone()
            };
            push(Kind::ContentTimestampUnit, what, parts.clone(), known);
        }
    }
    if own.signs(&Part::Id) {
        let what = "`{content}`, without the id".to_owned();
        push(Kind::ContentIdMissing, what, without(&parts, &Part::Id), known.clone());
    }
    if own.signs(&Part::Id) && own.signs(&Part::Timestamp) {
        let both = without(&without(&parts, &Part::Id), &Part::Timestamp);
        let what = "`{content}`, without the id and the timestamp".to_owned();
        push(Kind::ContentIdMissing, what, both, known.clone());
    }
    let is_separator = |part: &Part| matches!(part, Part::Text(text) if text.len() <= 2);
    for (text, name) in SEPARATORS {
        let separated: Vec<Part> = parts
            .iter()
            .filter(|part| !text.is_empty() || !is_separator(part))
            .map(|part| {
                if is_separator(part) {
                    Part::Text((*text).to_owned())
                } else {
                    part.clone()
                }
            })
            .collect();
        if separated != parts {
            let what = format!("the parts with {name} between them");
            push(Kind::ContentSeparator, what, separated, known.clone());
        }
    }
    if parts.len() > 1 {
        let reversed = parts.iter().rev().cloned().collect();
        let what = "`{content}`, with the parts the other way round".to_owned();
        push(Kind::ContentSeparator, what, reversed, known.clone());
    }
    if own.signs(&Part::Url) {
        for (url, what) in other_urls(message, known.url.as_deref()) {
            let known = Known {
                url: Some(url),
                ..known.clone()
            };
            push(Kind::ContentUrl, what, parts.clone(), known);
        }
        let what = "`{content}`, without the URL".to_owned();
        push(Kind::ContentUrl, what, without(&parts, &Part::Url), known.clone());
    }
    for (name, parts) in elsewhere() {
        let stamps = match (&known.timestamp, parts.contains(&Part::Timestamp)) {
            (Some(own), true) => vec![own.clone()],
            (None, true) => timestamps(message),
            (_, false) => vec![String::new()],
        };
        for stamp in stamps {
            let known = Known {
                timestamp: Some(stamp)
                    .filter(|stamp| !stamp.is_empty())
                    .or(known.timestamp.clone()),
                id: known.id.clone().or_else(|| id(message)),
                ..known.clone()
            };
            if parts != own.parts() {
                let what = format!("`{{content}}`, as {name}");
                push(Kind::ContentOtherScheme, what, parts.clone(), known);
            }
        }
    }
    if own.signs(&Part::FormSorted) {
        for (part, what) in [
            (
                Part::Body,
                "with the body as it came in place of the form's sorted fields",
            ),
            (Part::Text(String::new()), "without the form's fields"),
        ] {
            let other = |own: &Part| {
                if *own == Part::FormSorted {
                    part.clone()
                } else {
                    own.clone()
                }
            };
            all.push(Signed {
                kind: Some(Kind::ContentSeparator),
                what: format!("`{own}`, {what}"),
                content: Content::of(parts.iter().map(other).collect()),
                known: known.clone(),
            });
        }
    }
    if own.signs(&Part::Url) {
        for (url, what) in url::rewritten(message, known.url.as_deref()) {
            let known = Known {
                url: Some(url),
                ..known.clone()
            };
            push_url(what, &parts, known, &mut all);
        }
    }
    all
}

/// The content as it should be, with another URL.
fn push_url(what: String, parts: &[Part], known: Known, all: &mut Vec<Signed>) {
    all.push(Signed {
        kind: Some(Kind::ContentUrl),
        what,
        content: Content::of(parts.to_vec()),
        known,
    });
}

/// Contents that are signed in other places.
fn elsewhere() -> Vec<(&'static str, Vec<Part>)> {
    let text = |text: &str| Part::Text(text.to_owned());
    vec![
        ("schemes without a timestamp sign it", vec![Part::Body]),
        ("Stripe signs it", vec![Part::Timestamp, text("."), Part::Body]),
        (
            "Standard Webhooks signs it",
            vec![Part::Id, text("."), Part::Timestamp, text("."), Part::Body],
        ),
        (
            "Slack signs it",
            vec![text("v0:"), Part::Timestamp, text(":"), Part::Body],
        ),
        ("Paddle signs it", vec![Part::Timestamp, text(":"), Part::Body]),
        ("Square signs it", vec![Part::Url, Part::Body]),
        (
            "HubSpot signs it",
            vec![Part::Method, Part::Url, Part::Body, Part::Timestamp],
        ),
    ]
}

/// `parts` without `part`, and without the separator that then has nothing to separate.
fn without(parts: &[Part], part: &Part) -> Vec<Part> {
    let Some(at) = parts.iter().position(|own| own == part) else {
        return parts.to_vec();
    };
    let mut left = parts.to_vec();
    left.remove(at);
    let separator = if at < left.len() { at } else { at.saturating_sub(1) };
    if matches!(left.get(separator), Some(Part::Text(_))) {
        left.remove(separator);
    }
    left
}

/// The same moment in other units.
fn other_units(text: &str) -> Vec<(String, &'static str)> {
    let all = [
        (Unit::Seconds, "seconds"),
        (Unit::Milliseconds, "milliseconds"),
        (Unit::Rfc3339Seconds, "RFC 3339"),
        (Unit::Rfc3339Millis, "RFC 3339 with milliseconds"),
    ];
    let accepted = all.map(|(unit, _)| unit);
    let Ok(at) = Unit::read(text, &accepted) else {
        return Vec::new();
    };
    let mut units: Vec<(String, &'static str)> = all.into_iter().map(|(unit, name)| (unit.write(at), name)).collect();
    let milliseconds = at.as_millisecond();
    let fraction = format!("{}.{:03}", milliseconds.div_euclid(1000), milliseconds.rem_euclid(1000));
    let trimmed = fraction.trim_end_matches('0').trim_end_matches('.').to_owned();
    units.push((trimmed, "seconds with a fraction"));
    units.push((fraction, "seconds with three decimals"));
    units.push((((milliseconds + 500).div_euclid(1000)).to_string(), "rounded seconds"));
    units.push((format!("{}.0", at.as_second()), "seconds as a float"));
    units.push((format!("{milliseconds}000"), "microseconds"));
    let mut seen = vec![text.to_owned()];
    units.retain(|(unit, _)| {
        let new = !seen.contains(unit);
        seen.push(unit.clone());
        new
    });
    units
}

/// Timestamps in headers that no rule of the scheme names.
fn timestamps(message: &Message) -> Vec<String> {
    let named = message.headers.iter().filter(|(name, _)| {
        let name = name.to_ascii_lowercase();
        name.contains("timestamp") || name.ends_with("-time") || name == "date"
    });
    let texts = named.filter_map(|(_, value)| std::str::from_utf8(value).ok());
    texts.map(str::to_owned).take(4).collect()
}

/// An id in a header that no rule of the scheme names.
fn id(message: &Message) -> Option<String> {
    let mut named = message.headers.iter().filter(|(name, _)| {
        let name = name.to_ascii_lowercase();
        name == "webhook-id"
            || name.ends_with("-delivery")
            || name.ends_with("-event-id")
            || name.ends_with("-delivery-id")
    });
    named
        .find_map(|(_, value)| std::str::from_utf8(value).ok())
        .map(str::to_owned)
}
