//! The ways to read a signature's text: every tag that may be meant, and what is wrong with writing it so.

mod around;
mod words;

use std::borrow::Cow;

use super::cause::Kind;
use super::notation::{self, LONGEST};
use super::search::Target;
use super::values::{self, Where};
use super::{Question, Relation};
use crate::message::{Headers, Message, Place};
use crate::scheme::{Encoding, Facts, FoundSignature, Grammar, Scheme, Signature};
pub(super) use words::NOUGHT_LOST;

/// Shorter ones never count, in bytes: 128 bits.
pub(super) const SHORTEST: usize = 16;
/// So many readings are compared with what is computed.
const MOST: usize = 256;

/// Something that is wrong with a header: its kind, and a sentence.
pub(super) type Flaw = (Kind, String);

/// A tag with what is wrong with how it was written.
#[derive(Debug, Clone)]
pub(super) struct Reading {
    pub(super) tag: Vec<u8>,
    pub(super) encoding: &'static str,
    /// What is always wrong with it.
    pub(super) flaws: Vec<Flaw>,
    /// What is wrong with it where nothing else is.
    pub(super) otherwise: Option<Flaw>,
}

/// The readings of one signature, each tag once.
#[derive(Debug, Default)]
pub(super) struct Readings {
    pub(super) all: Vec<Reading>,
    /// The words that may be a MAC with a digit mistyped.
    pub(super) words: Vec<String>,
    /// Texts that hold replacement characters, as bytes have them that were taken for UTF-8.
    pub(super) lossy: Vec<String>,
}

impl Readings {
    fn push(&mut self, reading: Reading) {
        let is_known = |own: &Reading| own.tag == reading.tag;
        if reading.tag.len() >= SHORTEST && self.all.len() < MOST && !self.all.iter().any(is_known) {
            self.all.push(reading);
        }
    }

    fn word(&mut self, text: &str) {
        if self.words.len() < MOST && !self.words.iter().any(|own| own == text) {
            self.words.push(text.to_owned());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty() && self.lossy.is_empty()
    }
}

/// How a text is read.
struct Reader<'a> {
    signature: &'a Signature,
    /// Whether it is a header's value, where whatever stands around the MAC counts, and no line of a log.
    is_header: bool,
    /// What is wrong with where it stands.
    flaws: Vec<Flaw>,
}

impl Reader<'_> {
    /// The tags that the grammar reads.
    fn parsed(&self, text: &str, readings: &mut Readings) {
        let parsed = self.signature.grammar.parse(beginning(text).as_bytes());
        for own in parsed.unwrap_or_default().signatures {
            if let Some(tag) = self.signature.decode(&own) {
                readings.push(self.reading(tag, words::encoding_of(&own), Vec::new(), None));
            }
        }
    }

    /// Every other tag in `text`: each word, then every notation.
    fn loose(&self, text: &str, readings: &mut Readings) {
        let text = beginning(text);
        self.words(text, &[], readings);
        for shown in notation::all(text) {
            let flaw = (
                Kind::SignatureEncoding,
                format!("the MAC is written {}, and not {}", shown.what, form(self.signature)),
            );
            readings.push(self.noted(shown.tag, "bytes", flaw));
        }
        for (what, plain) in words::unescaped(text) {
            let flaw = (Kind::SignatureEncoding, format!("the signature is {what}"));
            self.words(&plain, &[flaw], readings);
        }
        if text.contains('\u{fffd}') {
            readings.lossy.push(text.to_owned());
        }
    }

    fn words(&self, text: &str, more: &[Flaw], readings: &mut Readings) {
        for word in words::all(text) {
            let whole = &text[word.range.clone()];
            if word.is_whole {
                readings.word(whole);
            }
            let around = around::flaw(text, &word.range, &self.signature.grammar);
            let of_notation = around::notation(text, &word.range);
            for (tag, encoding, wrong) in word.tags(self.signature.encoding) {
                let is_accepted = self.signature.accept.iter().any(|other| other.decode(whole).is_some());
                let wrong = wrong.filter(|_| !is_accepted);
                let mut flaws: Vec<Flaw> = more.iter().cloned().chain(wrong).collect();
                let mut otherwise = None;
                if let Some(what) = of_notation {
                    let flaw = format!("the MAC is written {what}, and not {}", form(self.signature));
                    let flaw = (Kind::SignatureEncoding, flaw);
                    if self.is_header {
                        flaws.push(flaw);
                    } else {
                        otherwise = Some(flaw);
                    }
                } else if self.is_header {
                    flaws.extend(around.clone());
                } else {
                    otherwise = around::missing(text, &word.range, &self.signature.grammar);
                }
                readings.push(self.reading(tag, encoding, flaws, otherwise));
            }
        }
    }

    /// A notation is wrong in a header, and in a log only where nothing else is.
    fn noted(&self, tag: Vec<u8>, encoding: &'static str, flaw: Flaw) -> Reading {
        if self.is_header {
            self.reading(tag, encoding, vec![flaw], None)
        } else {
            self.reading(tag, encoding, Vec::new(), Some(flaw))
        }
    }

    fn reading(&self, tag: Vec<u8>, encoding: &'static str, more: Vec<Flaw>, otherwise: Option<Flaw>) -> Reading {
        let mut flaws = self.flaws.clone();
        for flaw in more {
            if flaws.iter().all(|(kind, _)| *kind != flaw.0) {
                flaws.push(flaw);
            }
        }
        Reading {
            tag,
            encoding,
            flaws,
            otherwise,
        }
    }
}

/// How the scheme writes a MAC.
fn form(signature: &Signature) -> &'static str {
    match signature.encoding {
        Encoding::Hex => "in lower-case hex",
        Encoding::HexUpper => "in upper-case hex",
        Encoding::Base64 => "in base64",
        Encoding::Base64Url => "in base64url",
        Encoding::Base64UrlPadded => "in base64url, padded",
        Encoding::Text => "as it is",
    }
}

/// The beginning of a text that is not too long to be looked into.
pub(super) fn beginning(text: &str) -> &str {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// What a delivery holds: one target, of the expected headers first, then of the other schemes', then of everything.
pub(super) fn of_message(question: &Question<'_>) -> Vec<Target> {
    let message = question.message;
    let mut readings = Readings::default();
    for read in [Reader::parsed, Reader::loose] {
        for signature in &question.scheme.signatures {
            for place in &signature.places {
                let mut values = place.values(message);
                if let Some(item) = failing_item(question, signature).filter(|_| place.is_each()) {
                    values = values.drain(..).skip(item).take(1).collect();
                }
                of_values(&values, signature, &[], read, &mut readings);
            }
        }
    }
    // A header that another provider has too says nothing of that provider.
    let dialects = question
        .others
        .iter()
        .filter(|other| other.relation == Relation::Dialect);
    for other in dialects {
        for signature in &other.scheme.signatures {
            for place in &signature.places {
                let is_read = |value: &Cow<'_, [u8]>| signature.grammar.parse(value).is_ok();
                let values = place.values(message);
                if values.iter().any(is_read) && !expects(question.scheme, place) {
                    let detail = format!(
                        "the signature stands as {} writes it, in {}",
                        other.says(),
                        place.label()
                    );
                    let flaws = [(other.kind(), detail)];
                    of_values(&values, signature, &flaws, Reader::parsed, &mut readings);
                }
            }
        }
    }
    elsewhere(question, &mut readings);
    if readings.is_empty() {
        return Vec::new();
    }
    vec![Target::new(readings)]
}

/// The first item of a list whose signature is not right under any secret, where each item is signed on its own.
pub(super) fn failing_item(question: &Question<'_>, signature: &Signature) -> Option<usize> {
    let begun: Vec<_> = question
        .secrets
        .iter()
        .flat_map(|secret| signature.mac(secret))
        .collect();
    let is_right = |found: &FoundSignature<'_>| {
        let facts = Facts {
            message: Some(question.message),
            item: found.item,
            ..Facts::default()
        };
        let texts = found.parsed.as_ref().map_or(&[][..], |parsed| &parsed.signatures);
        let tags: Vec<_> = texts.iter().filter_map(|text| signature.decode(text)).collect();
        begun.iter().any(|begun| {
            let mut mac = begun.mac.clone();
            let fed = signature.content.feed(&facts, &question.message.body, &mut mac);
            fed.is_ok() && tags.iter().any(|tag| mac.clone().verify(tag))
        })
    };
    let mut found = signature.found(question.message).filter(|found| found.item.is_some());
    found.find(|found| !is_right(found)).and_then(|found| found.item)
}

fn expects(scheme: &Scheme, place: &Place) -> bool {
    let mut places = scheme.signatures.iter().flat_map(|signature| &signature.places);
    places.any(|own| own.is(place))
}

fn of_values<'a>(
    values: &[Cow<'_, [u8]>],
    signature: &'a Signature,
    flaws: &[Flaw],
    read: fn(&Reader<'a>, &str, &mut Readings),
    readings: &mut Readings,
) {
    let reader = Reader {
        signature,
        is_header: true,
        flaws: flaws.to_vec(),
    };
    for value in values {
        match std::str::from_utf8(value) {
            Ok(text) => read(&reader, text, readings),
            // A header may hold raw bytes.
            Err(_) => {
                let latin: String = value.iter().take(LONGEST).map(|byte| char::from(*byte)).collect();
                read(&reader, &latin, readings);
            }
        }
    }
}

/// A MAC in any other header, elsewhere in the query or in the body.
fn elsewhere(question: &Question<'_>, readings: &mut Readings) {
    let Some(signature) = question.scheme.signatures.first() else {
        return;
    };
    let expected = signature.place();
    for value in values::of_message(question.message) {
        let detail = match &value.place {
            place if expects(question.scheme, &place.in_message()) => continue,
            Where::Header(name) => {
                let who = expected.header().and_then(|expected| alias(name, expected));
                let who = who.map_or(String::new(), |who| format!(" {who},"));
                let expected = match expected {
                    Place::Header(name) => name.clone(),
                    place => place.to_string(),
                };
                format!("the signature stands in the header `{name}`,{who} and not in {expected}")
            }
            place => format!("the signature stands in {place}, and not in {expected}"),
        };
        let reader = Reader {
            signature,
            is_header: true,
            flaws: vec![(Kind::SignatureHeader, detail)],
        };
        if value.text.len() >= SHORTEST {
            reader.parsed(&value.text, readings);
            reader.loose(&value.text, readings);
        }
    }
}

/// What a handler's own signature is, in any form it may be logged in.
pub(super) fn of_text(text: &str, scheme: &Scheme) -> Readings {
    let mut readings = Readings::default();
    let text = text.trim();
    for read in [Reader::parsed, Reader::loose] {
        for signature in &scheme.signatures {
            let reader = Reader {
                signature,
                is_header: false,
                flaws: Vec::new(),
            };
            read(&reader, text, &mut readings);
        }
    }
    readings
}

/// Whether `text` holds 128 bits or more of what may be a MAC.
pub(super) fn holds(text: &str, signature: &Signature) -> bool {
    let reader = Reader {
        signature,
        is_header: false,
        flaws: Vec::new(),
    };
    let mut readings = Readings::default();
    reader.loose(text, &mut readings);
    !readings.is_empty()
}

/// How a header is called by what stands between a server and a handler: CGI and what is like it, and proxies.
const PREFIXES: &[(&str, &str)] = &[
    ("http-", "as CGI, WSGI, Rack and PHP's $_SERVER name it"),
    ("x-forwarded-", "with a proxy's prefix"),
    ("x-original-", "with a proxy's prefix"),
    ("x-amzn-remapped-", "as API Gateway renames it"),
    ("x-amz-meta-", "with a prefix of AWS"),
    ("x-", "with `X-` before it"),
];

/// Who calls the header `expected` by the other name `name`, where it is one.
pub(super) fn alias(name: &str, expected: &str) -> Option<&'static str> {
    let plain = |name: &str| name.to_ascii_lowercase().replace('_', "-");
    let (own, expected) = (plain(name), plain(expected));
    if own == expected {
        return Some("with `_` for `-`");
    }
    let bare = |name: &str| name.replace('-', "");
    let prefixed = PREFIXES.iter().find_map(|(prefix, who)| {
        let rest = own.strip_prefix(prefix)?;
        (rest == expected || rest == expected.strip_prefix("x-").unwrap_or(&expected)).then_some(*who)
    });
    prefixed
        .or_else(|| (expected.strip_prefix("x-") == Some(&own)).then_some("without `X-`"))
        .or_else(|| (bare(&own) == bare(&expected)).then_some("without the `-` in it"))
}

/// The value of the header `name`, or of one that is it under another name.
pub(super) fn header(headers: &Headers, name: &str) -> Option<String> {
    if let Some(text) = headers.text(name) {
        return Some(text.to_owned());
    }
    let mut renamed = headers.iter().filter(|(own, _)| alias(own, name).is_some());
    renamed.find_map(|(_, value)| String::from_utf8(value.to_vec()).ok())
}

/// The timestamp in a signature header, whatever else is wrong with that.
pub(super) fn timestamp(message: &Message, scheme: &Scheme) -> Option<String> {
    if scheme.signatures.iter().any(|own| own.http.is_some()) {
        return scheme.found(message).find_map(|found| found.parsed.ok()?.timestamp);
    }
    let places = scheme.signatures.iter().flat_map(|signature| {
        let grammar = &signature.grammar;
        signature.places.iter().map(move |place| (grammar, place))
    });
    for (grammar, place) in places {
        for value in place.values(message) {
            if let Some(text) = grammar.parse(&value).unwrap_or_default().timestamp {
                return Some(text.trim_matches(|char: char| !char.is_ascii_alphanumeric()).to_owned());
            }
        }
        let text = match place {
            Place::Header(name) => header(&message.headers, name),
            place => place.read(message),
        };
        if let Some(found) = text.and_then(|text| around::timestamp(&text, grammar)) {
            return Some(found);
        }
    }
    None
}

/// What stands in the signature's place in `text`, whatever else is wrong with that.
pub(super) fn without_form(text: &str, grammar: &Grammar) -> Vec<String> {
    around::signatures(beginning(text), grammar)
}
