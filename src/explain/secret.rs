//! The table of keys: what becomes of a secret between a dashboard and a MAC.

mod names;
mod placeholders;
mod recode;
mod rows;

use std::collections::HashSet;

use sha2::{Digest as _, Sha256};

use super::cause::Kind;
use super::search::Direction;
use super::values;
use super::{Effort, Question};
use crate::scheme::Signature;
use crate::secret::{Key, KeyStep, Secret, Source};
use placeholders::PLACEHOLDERS;
use recode::RECODED;
use rows::{LIKELY, RARE, Row};

/// One thing that a key deviates by.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) kind: Kind,
    /// What it is, in words.
    pub(super) what: String,
    /// The row's step, which its remedy goes by.
    pub(super) step: String,
}

/// A key with how it was made.
pub(super) struct Keyed {
    /// Nothing for the secret as it should be used.
    pub(super) changes: Vec<Change>,
    /// Where the secret came from.
    pub(super) source: String,
    /// The steps from its text, in order.
    pub(super) steps: Vec<String>,
    pub(super) key: Key,
}

/// Every key there is to try, by how likely it is.
pub(super) struct Keys {
    /// The secrets as they should be used.
    pub(super) right: Vec<Keyed>,
    /// The other secrets at hand, as they should be used.
    pub(super) near: Vec<Keyed>,
    /// None at all, which is the first, then what becomes of the secrets.
    pub(super) likely: Vec<Keyed>,
    /// What rarely becomes of the secrets.
    pub(super) rare: Vec<Keyed>,
    /// Placeholders, other values of the delivery, and what becomes of the other secrets.
    pub(super) unlikely: Vec<Keyed>,
    /// Whole lines of `.env` files, and variables' names in their values' place; nothing at low effort.
    pub(super) named: Vec<Keyed>,
}

impl Keys {
    pub(super) fn of(question: &Question<'_>, signature: &Signature, direction: Direction) -> Self {
        let steps = &signature.key[..];
        let mut seen = Seen::default();
        let mut all = Self {
            right: Vec::new(),
            near: Vec::new(),
            likely: vec![none(question.secrets, direction)],
            rare: Vec::new(),
            unlikely: Vec::new(),
            named: Vec::new(),
        };
        // Of a set of keys each is a secret; and nothing becomes of a key's file on its way.
        let key_id = signature
            .keys
            .id
            .as_ref()
            .and_then(|place| place.read(question.message));
        let apart = |secret| signature.apart(secret, key_id.as_deref());
        let files = |secret: &&Secret| signature.is_key_file(secret);
        for secret in &question.secrets.iter().flat_map(apart).collect::<Vec<_>>() {
            let mut maker = Maker::new(secret, signature.steps(secret), false, &mut seen);
            all.right.extend(maker.own());
            if !files(&secret) {
                all.likely.extend(maker.likely());
            }
        }
        for secret in &question.other_secrets.iter().flat_map(apart).collect::<Vec<_>>() {
            let mut maker = Maker::new(secret, signature.steps(secret), true, &mut seen);
            all.near.extend(maker.own());
        }
        for secret in question.secrets.iter().filter(|secret| !files(secret)) {
            all.rare.extend(Maker::new(secret, steps, false, &mut seen).rare());
        }
        all.unlikely.extend(placeholders(steps, &mut seen));
        all.unlikely.extend(of_delivery(question, &mut seen));
        for secret in question.other_secrets.iter().filter(|secret| !files(secret)) {
            let mut maker = Maker::new(secret, steps, true, &mut seen);
            all.unlikely.extend(maker.likely());
        }
        if question.effort != Effort::Low {
            all.named = named(question, steps, &mut seen);
        }
        all
    }
}

/// Makes keys of one secret; what gives a key that is in `seen` is left out.
struct Maker<'a> {
    secret: &'a Secret,
    steps: &'a [KeyStep],
    is_other: bool,
    seen: &'a mut Seen,
}

impl<'a> Maker<'a> {
    fn new(secret: &'a Secret, steps: &'a [KeyStep], is_other: bool, seen: &'a mut Seen) -> Self {
        Self {
            secret,
            steps,
            is_other,
            seen,
        }
    }

    fn names(&self) -> Vec<String> {
        self.steps.iter().map(ToString::to_string).collect()
    }

    fn make(&mut self, change: Option<(Kind, &str, &str)>, steps: Vec<String>, key: Option<Key>) -> Option<Keyed> {
        let key = key.filter(|key| self.seen.is_new(key))?;
        let source = self.secret.source().to_string();
        let from = match self.secret.source() {
            Source::Flag => "the secret given".to_owned(),
            _ => format!("the secret from {source}"),
        };
        let other = Change {
            kind: Kind::SecretOther,
            what: format!("another secret, the one from {source}"),
            step: String::new(),
        };
        let change = change.map(|(kind, step, what)| Change {
            kind,
            what: format!("{from} {what}"),
            step: step.to_owned(),
        });
        Some(Keyed {
            changes: self.is_other.then_some(other).into_iter().chain(change).collect(),
            source,
            steps,
            key,
        })
    }

    /// The secret as it should be used.
    fn own(&mut self) -> Option<Keyed> {
        let key = self.secret.key(self.steps).ok();
        let names = self.names();
        self.make(None, names, key)
    }

    fn row(&mut self, row: &Row) -> Option<Keyed> {
        let text = self.secret.expose();
        let changed = (row.apply)(text).filter(|changed| !changed.is_empty() && changed != text)?;
        let key = Secret::new(changed, Source::ThrowAway).ok()?.key(self.steps).ok();
        let steps = std::iter::once(row.step.to_owned()).chain(self.names()).collect();
        self.make(Some((row.kind, row.step, row.what)), steps, key)
    }

    fn likely(&mut self) -> Vec<Keyed> {
        let mut all: Vec<Keyed> = LIKELY.iter().filter_map(|row| self.row(row)).collect();
        for (kind, pipeline, what) in pipelines(self.secret.expose(), self.steps) {
            let names: Vec<String> = pipeline.iter().map(ToString::to_string).collect();
            let key = self.secret.key(&pipeline).ok();
            let step = names.join(" then ");
            all.extend(self.make(Some((kind, &step, &what)), names, key));
        }
        for row in RECODED.iter().filter(|row| row.is_likely) {
            all.extend(self.recoded(row));
        }
        all
    }

    fn rare(&mut self) -> Vec<Keyed> {
        let mut all: Vec<Keyed> = RARE.iter().filter_map(|row| self.row(row)).collect();
        for row in RECODED.iter().filter(|row| !row.is_likely) {
            all.extend(self.recoded(row));
        }
        all
    }

    /// What a row makes of the secret's text, of that without its prefix, and of the key.
    fn recoded(&mut self, row: &recode::Row) -> Vec<Keyed> {
        let text = self.secret.expose().to_vec();
        let strips = self.steps.iter().filter(|step| matches!(step, KeyStep::Strip(_)));
        let strips: Vec<KeyStep> = strips.cloned().collect();
        let bare = self.secret.key(&strips).map(|key| key.expose().to_vec()).ok();
        let bare = bare.filter(|bare| *bare != text);
        let key = self.secret.key(self.steps).map(|key| key.expose().to_vec()).ok();
        let has_prefix = bare.is_some();
        let mut all = Vec::new();
        for (from, lead) in [
            (bare, Some(strips)),
            (Some(text), None),
            (key, Some(self.steps.to_vec())),
        ] {
            let Some(from) = from else { continue };
            let Some(made) = (row.apply)(&from).filter(|made| !made.is_empty() && *made != from) else {
                continue;
            };
            // A prefix that is decoded with the rest is what is wrong, and not the decoder.
            let with_prefix = has_prefix && lead.is_none() && row.kind == Kind::SecretBase64;
            let (kind, what) = if with_prefix {
                (Kind::SecretPrefix, format!("with its prefix kept, {}", row.what))
            } else {
                (row.kind, row.what.to_owned())
            };
            let step = if with_prefix { "decode-with-prefix" } else { row.step };
            let names = lead.iter().flatten().map(ToString::to_string);
            let names = names.chain([row.step.to_owned()]).collect();
            all.extend(self.make(Some((kind, step, &what)), names, Some(Key::new(made))));
        }
        all
    }
}

/// No secret at all. An empty key says no more than that it was empty: which of its stories is told first goes by
/// whether the secret looks like what one would decode from hex.
fn none(secrets: &[Secret], direction: Direction) -> Keyed {
    let unset = "an empty secret, as from a variable that is not set";
    let is_token = |secret: &Secret| {
        let text = secret.expose();
        text.len() >= 16 && text.iter().all(u8::is_ascii_alphanumeric)
    };
    let no_hex = |secret: &Secret| recode::leading_hex(secret.expose()).is_empty();
    let decoded = "what decoding from hex leaves of a secret that is no hex (Node's Buffer.from, PHP's hex2bin)";
    let (kind, what) = match secrets {
        [] => (Kind::SecretEmpty, unset.to_owned()),
        all if direction == Direction::Forward && all.iter().all(|own| is_token(own) && no_hex(own)) => (
            Kind::SecretHex,
            format!("an empty key: {decoded}, or {unset}; both give the same"),
        ),
        all if all.iter().all(no_hex) => (
            Kind::SecretEmpty,
            format!("{unset}; or {decoded}, which gives the same"),
        ),
        _ => (Kind::SecretEmpty, unset.to_owned()),
    };
    Keyed {
        changes: vec![Change {
            kind,
            what,
            step: "empty".to_owned(),
        }],
        source: "an empty text".to_owned(),
        steps: Vec::new(),
        key: Key::new(Vec::new()),
    }
}

/// What is nobody's secret.
fn placeholders(steps: &[KeyStep], seen: &mut Seen) -> Vec<Keyed> {
    let mut all = Vec::new();
    for text in PLACEHOLDERS {
        let raw = Key::new(text.as_bytes().to_vec());
        let made = Secret::new(text.as_bytes().to_vec(), Source::ThrowAway).ok();
        let made = made.and_then(|secret| secret.key(steps).ok());
        for key in [Some(raw), made].into_iter().flatten().filter(|key| seen.is_new(key)) {
            all.push(Keyed {
                changes: vec![Change {
                    kind: Kind::SecretPlaceholder,
                    what: format!("the text `{text}` in the secret's place"),
                    step: String::new(),
                }],
                source: format!("the text `{text}`"),
                steps: Vec::new(),
                key,
            });
        }
    }
    all
}

/// The secrets' whole lines, and what stands for their variables' names.
fn named(question: &Question<'_>, steps: &[KeyStep], seen: &mut Seen) -> Vec<Keyed> {
    let length = question.message.body.len();
    let mut all = Vec::new();
    let mut push = |named: names::Named, source: String, what: String| {
        let key = Secret::new(named.text, Source::ThrowAway).and_then(|secret| secret.key(steps));
        if let Some(key) = key.ok().filter(|key| seen.is_new(key)) {
            let own = steps.iter().map(ToString::to_string);
            all.push(Keyed {
                changes: vec![Change {
                    kind: named.kind,
                    what,
                    step: named.step.clone(),
                }],
                source,
                steps: std::iter::once(named.step).chain(own).collect(),
                key,
            });
        }
    };
    for secret in question.secrets {
        let own = match secret.source() {
            Source::Variable(name) | Source::DotEnv(name) | Source::TrackedDotEnv(name) => Some(name.as_str()),
            _ => None,
        };
        let own: Vec<&str> = own
            .into_iter()
            .chain(question.variables.iter().map(String::as_str))
            .collect();
        let source = secret.source().to_string();
        for name in names::names(&own, length) {
            for named in names::lines(name, secret.expose()) {
                let what = format!("the secret from {source} {}", named.what);
                push(named, source.clone(), what);
            }
            for named in names::references(name) {
                let (source, what) = (format!("the text `{}`", &named.step[5..]), named.what.clone());
                push(named, source, what);
            }
        }
    }
    all
}

/// Another value of the delivery, where the arguments of a function were given in another order.
fn of_delivery(question: &Question<'_>, seen: &mut Seen) -> Vec<Keyed> {
    let message = question.message;
    let mut texts: Vec<(String, String)> = values::of_message(message)
        .into_iter()
        .map(|value| (value.place.to_string(), value.text))
        .collect();
    for found in question.scheme.found(message) {
        let (name, parsed) = (found.place.label(), found.parsed.unwrap_or_default());
        texts.extend(parsed.timestamp.map(|text| (format!("the timestamp in {name}"), text)));
        let each = parsed.signatures.into_iter();
        texts.extend(each.map(|text| (format!("the signature in {name}"), text)));
    }
    texts.extend(message.url.clone().map(|url| ("the URL".to_owned(), url)));
    let mut all = Vec::new();
    for (place, text) in texts.into_iter().filter(|(_, text)| !text.is_empty()) {
        let key = Key::new(text.into_bytes());
        if seen.is_new(&key) {
            all.push(Keyed {
                changes: vec![Change {
                    kind: Kind::SecretSwapped,
                    what: format!("{place} for the key, as where arguments are given in another order"),
                    step: String::new(),
                }],
                source: place,
                steps: Vec::new(),
                key,
            });
        }
    }
    all
}

/// Other orders of steps than the scheme's.
pub(crate) fn pipelines(text: &[u8], own: &[KeyStep]) -> Vec<(Kind, Vec<KeyStep>, String)> {
    let declared: Vec<KeyStep> = own
        .iter()
        .filter(|step| matches!(step, KeyStep::Strip(_)))
        .cloned()
        .collect();
    let found = text.iter().position(|byte| *byte == b'_').filter(|at| *at < 12);
    let found = found.and_then(|at| String::from_utf8(text[..=at].to_vec()).ok());
    let prefix = match declared.as_slice() {
        [] => found.map(KeyStep::Strip).into_iter().collect(),
        _ => declared,
    };
    let mut all = Vec::new();
    for decode in [None, Some(KeyStep::Base64), Some(KeyStep::Hex)] {
        for strip in [&[][..], &prefix] {
            let pipeline: Vec<KeyStep> = strip.iter().cloned().chain(decode.clone()).collect();
            let own_decode = own.iter().find(|step| !matches!(step, KeyStep::Strip(_)));
            let (kind, what) = match (&decode, own_decode) {
                (decode, own) if decode.as_ref() == own => match strip.first() {
                    Some(KeyStep::Strip(prefix)) => (Kind::SecretPrefix, format!("without `{prefix}` before it")),
                    _ => (Kind::SecretPrefix, "with its prefix kept".to_owned()),
                },
                (Some(KeyStep::Hex), _) => (Kind::SecretHex, "decoded from hex".to_owned()),
                (Some(_), _) => (Kind::SecretBase64, "decoded from base64".to_owned()),
                (None, Some(KeyStep::Hex)) => (Kind::SecretHex, "as its text, not decoded from hex".to_owned()),
                (None, Some(step @ (KeyStep::Sha1 | KeyStep::Sha256))) => {
                    (Kind::SecretHashed, format!("as its text, not {}", step.says()))
                }
                (None, Some(step @ KeyStep::Suffix(_))) => {
                    (Kind::SecretTruncated, format!("as its text, not {}", step.says()))
                }
                (None, Some(step)) => (Kind::SecretBase64, format!("as its text, not {}", step.says())),
                (None, None) => (Kind::SecretBase64, "as its text, not decoded from base64".to_owned()),
            };
            all.push((kind, pipeline, what));
        }
    }
    all
}

/// Which keys were made before, by their digests.
#[derive(Default)]
pub(crate) struct Seen(HashSet<[u8; 32]>);

impl Seen {
    pub(crate) fn is_new(&mut self, key: &Key) -> bool {
        self.0.insert(Sha256::digest(key.expose()).into())
    }
}

/// Percent-encodes all but the unreserved characters (RFC 3986, section 2.3).
pub(super) fn url_encode(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    out
}

pub(super) fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(behind) = rest.strip_prefix(from) {
            out.extend_from_slice(to);
            rest = behind;
        } else {
            out.push(rest[0]);
            rest = &rest[1..];
        }
    }
    Some(out)
}
