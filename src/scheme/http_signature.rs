//! HTTP message signatures (RFC 9421), and those of the drafts before it (draft-cavage-http-signatures-12): a list of
//! components is signed, and the list itself stands in the request.
//!
//! The algorithm, and what must be covered, are the table's. What a signature says of its algorithm is only refused where
//! it is another.

mod cavage;
mod component;
pub(crate) mod digest;
mod rfc9421;
mod table;

use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

pub(crate) use component::{Component, Times};
pub(super) use table::HttpTable;

use super::content::{Content, ContentError, Facts};
use super::header::{GrammarError, Parsed};
use super::jws::{Validity, shown};
use super::part::Part;
use super::{FoundSignature, Signature};
use crate::clock::{Tolerance, Unit};
use crate::message::{Headers, Message, Place};

/// The header that lists what a signature of RFC 9421 covers.
pub(crate) const INPUT: &str = "Signature-Input";
/// What stands between the members of a dictionary (RFC 8941, section 3.2).
pub(crate) const BETWEEN_LABELS: &str = ", ";
/// Of signatures in a message, and of components of one.
const MOST_LABELS: usize = 8;
const MOST_COMPONENTS: usize = 64;

/// Which of the two it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Style {
    /// `Signature-Input` and `Signature`.
    Rfc9421,
    /// One header, with `keyId`, `headers` and `signature`.
    Cavage,
}

/// What of itself a signature says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parameter {
    Created,
    Expires,
    Nonce,
    Algorithm,
    KeyId,
    Tag,
    /// Of the cavage drafts, where these two are parameters too.
    Headers,
    Signature,
}

/// How a message is signed, beside the kind of the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpSignature {
    /// Which of the two it is.
    pub style: Style,
    /// The algorithm, as the table names it.
    pub algorithm: &'static str,
    /// What is signed, in this order, and what a signature has to cover at least.
    pub(crate) covers: Vec<Component>,
    /// What is written of the signature itself, each as it is spelled.
    pub(crate) parameters: Vec<(Parameter, String)>,
    /// The only label that is looked at.
    pub label: Option<String>,
    /// The only tag that is looked at.
    pub tag: Option<String>,
    /// The key's id that is written where the key has none.
    pub key_id: Option<String>,
    /// The only algorithm's name that is written and taken.
    pub(crate) says: Option<String>,
    /// How long a signature that is made here is valid.
    pub lifetime: Option<Duration>,
    /// The digest of the body that is written.
    pub(crate) digest: String,
    /// What separates the pairs, in the cavage drafts.
    pub(crate) separator: String,
}

/// A signature that was read.
#[derive(Debug, Clone)]
pub(crate) struct Read {
    pub(crate) covered: Vec<Component>,
    pub(crate) times: Times,
    pub(crate) key_id: Option<String>,
    pub(crate) tag: Vec<u8>,
    /// The last line of the base, where it has one.
    parameters: Option<String>,
}

/// A signature that is to be made.
pub(crate) struct Unsigned {
    /// What is signed.
    pub(crate) base: String,
    /// What stands around the signature, with the header of its input.
    parts: Around,
}

enum Around {
    Rfc9421 { label: String, input: String },
    Cavage { before: String, behind: String },
}

impl HttpSignature {
    /// What is signed of a message.
    pub(super) fn content(&self) -> Content {
        let mut parts: Vec<Part> = Vec::new();
        for part in self.covers.iter().flat_map(Component::parts) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
        Content::of(parts)
    }

    /// The names of the headers that hold a digest of the body, which is signed.
    pub(crate) fn digest_headers(&self) -> impl Iterator<Item = &'static str> {
        let headers = self.covers.iter().filter_map(Component::digest_header);
        headers.map(digest::as_sent)
    }

    /// What is signed, and must be covered.
    pub(crate) fn components(&self) -> &[Component] {
        &self.covers
    }

    /// A header's name as it stands in the base.
    pub(crate) fn header_name(&self, name: &str) -> String {
        match self.style {
            Style::Rfc9421 => format!("\"{name}\""),
            Style::Cavage => name.to_owned(),
        }
    }

    /// Every value that the digest header `name` may have for `body`.
    pub(crate) fn all_digests(&self, name: &str, body: &[u8]) -> Vec<String> {
        let upper = digest::NAMES.map(str::to_ascii_uppercase);
        let names = digest::NAMES.into_iter().chain(upper.iter().map(String::as_str));
        names.filter_map(|own| digest::written(name, own, body)).collect()
    }

    /// Those headers, each with its value for `body`.
    pub(crate) fn digests(&self, body: &[u8]) -> impl Iterator<Item = (&'static str, String)> {
        let made = |name: &'static str| digest::written(name, &self.digest, body).map(|value| (name, value));
        self.digest_headers().filter_map(made)
    }

    /// The signatures in `message`, of which one stands at `place` with `value`.
    pub(super) fn found<'s>(&self, signature: &'s Signature, message: &Message) -> Vec<FoundSignature<'s>> {
        let mut all = Vec::new();
        for place in &signature.places {
            let values = place.values(message);
            let texts: Vec<Result<String, GrammarError>> = match self.style {
                Style::Rfc9421 if values.is_empty() => Vec::new(),
                Style::Rfc9421 => rfc9421::texts(self, message, &values.join(&b", "[..])),
                Style::Cavage => {
                    let of_value = |value: &[u8]| {
                        let parsed = signature.grammar.parse(value)?;
                        Ok(parsed.signatures.into_iter().next().unwrap_or_default())
                    };
                    values.iter().take(MOST_LABELS).map(|value| of_value(value)).collect()
                }
            };
            all.extend(texts.into_iter().map(|text| {
                let (parsed, http) = match text.and_then(|text| self.parsed(text)) {
                    Ok((parsed, read)) => (Ok(parsed), Some(read)),
                    Err(error) => (Err(error), None),
                };
                FoundSignature {
                    signature,
                    place,
                    item: None,
                    parsed,
                    http,
                }
            }));
        }
        all
    }

    fn parsed(&self, text: String) -> Result<(Parsed, Read), GrammarError> {
        let read = self.read(&text)?;
        self.accepts(&read)?;
        let parsed = Parsed {
            timestamp: read.times.created.map(|created| created.to_string()),
            signatures: vec![text],
        };
        Ok((parsed, read))
    }

    /// Reads the text of one signature.
    ///
    /// # Errors
    /// What is wrong with it, in words that follow where it stands.
    pub(super) fn read(&self, text: &str) -> Result<Read, GrammarError> {
        let read = match self.style {
            Style::Rfc9421 => rfc9421::read(self, text),
            Style::Cavage => cavage::read(self, text),
        }?;
        let covered = &read.covered;
        if covered.len() > MOST_COMPONENTS {
            return Err(refused(format!("covers more than {MOST_COMPONENTS} components")));
        }
        if let Some(twice) = (1..covered.len()).find(|index| covered[..*index].contains(&covered[*index])) {
            return Err(refused(format!(
                "covers `{}` twice",
                shown(&covered[twice].to_string())
            )));
        }
        Ok(read)
    }

    /// Refuses a signature that covers less than the table demands.
    fn accepts(&self, read: &Read) -> Result<(), GrammarError> {
        let missing = self.covers.iter().filter(|own| !read.covered.contains(own));
        let missing: Vec<String> = missing.map(|own| format!("`{own}`")).collect();
        match missing.as_slice() {
            [] => Ok(()),
            missing => Err(GrammarError::Uncovered(missing.join(", "))),
        }
    }

    /// Refuses what a signature says of its algorithm, where that is another. It never chooses one.
    fn accepts_algorithm(&self, says: Option<&str>) -> Result<(), GrammarError> {
        let Some(says) = says else { return Ok(()) };
        let is_right = match &self.says {
            Some(own) => own == says,
            None => says == self.algorithm || self.style == Style::Cavage && says == cavage::ANY,
        };
        if is_right {
            return Ok(());
        }
        let own = self.says.as_deref().unwrap_or(self.algorithm);
        Err(GrammarError::Algorithm(format!(
            "has a signature that names the algorithm {}, and {own} is the only one that this provider signs by: it is refused",
            shown(says)
        )))
    }

    /// What the signature `read` is over.
    ///
    /// # Errors
    /// [`ContentError`] where a component is not there.
    pub(crate) fn base(&self, read: &Read, facts: &Facts<'_>) -> Result<String, ContentError> {
        self.base_of(&read.lines(facts)?, read.parameters.as_deref())
    }

    /// The base of these lines.
    pub(crate) fn base_of(&self, lines: &[(String, String)], parameters: Option<&str>) -> Result<String, ContentError> {
        let lines = lines.iter().map(|(name, value)| format!("{name}: {value}"));
        let last = parameters.map(|parameters| format!("\"@signature-params\": {parameters}"));
        Ok(lines.chain(last).collect::<Vec<_>>().join("\n"))
    }

    /// A signature of a message, but for the signature itself.
    ///
    /// # Errors
    /// [`ContentError`] where a component is not there.
    pub(crate) fn unsigned(&self, key_id: Option<&str>, facts: &Facts<'_>) -> Result<Unsigned, ContentError> {
        let created = facts.timestamp.and_then(seconds);
        let lifetime = self
            .lifetime
            .and_then(|lifetime| i64::try_from(lifetime.as_secs()).ok());
        let expires = created
            .zip(lifetime)
            .and_then(|(created, more)| created.checked_add(more));
        let times = Times { created, expires };
        let key_id = key_id.or(self.key_id.as_deref());
        let parameters = self.stated(facts, times, key_id)?;
        match self.style {
            Style::Rfc9421 => rfc9421::unsigned(self, &parameters, facts, times),
            Style::Cavage => cavage::unsigned(self, &parameters, facts, times),
        }
    }

    /// What the signature says of itself: each parameter that has a value, with its name.
    fn stated(
        &self,
        facts: &Facts<'_>,
        times: Times,
        key_id: Option<&str>,
    ) -> Result<Vec<(Parameter, String, Stated)>, ContentError> {
        let mut all = Vec::new();
        for (parameter, name) in &self.parameters {
            let text = |text: &str| Stated::Text(text.to_owned());
            let value = match parameter {
                Parameter::Created => times.created.map(Stated::Seconds),
                Parameter::Expires => times.expires.map(Stated::Seconds),
                Parameter::Nonce => Some(text(facts.id.ok_or(ContentError::Id)?)),
                Parameter::Algorithm => Some(text(self.says.as_deref().unwrap_or(self.algorithm))),
                Parameter::KeyId => key_id.map(text),
                Parameter::Tag => self.tag.as_deref().map(text),
                Parameter::Headers | Parameter::Signature => Some(text("")),
            };
            all.extend(value.map(|value| (*parameter, name.clone(), value)));
        }
        Ok(all)
    }

    /// Whether `read` is to be used at `at`, by its `expires`. It may be so much off as the tolerance has it.
    pub(crate) fn validity(&self, read: &Read, at: Timestamp, allowed: Option<Tolerance>) -> Validity {
        let leeway = match allowed.map(|tolerance| tolerance.past.0) {
            Some(None) => return Validity::Valid,
            Some(Some(past)) => SignedDuration::try_from(past).unwrap_or_default(),
            None => SignedDuration::ZERO,
        };
        let end = read.times.expires.and_then(|end| Timestamp::from_second(end).ok());
        match end {
            Some(end) if at.duration_since(end) > leeway => Validity::Expired(end),
            _ => Validity::Valid,
        }
    }

    /// The digests that are signed and are not those of `body`, in words; `None` where they are.
    pub(crate) fn difference(&self, read: &Read, message: &Message) -> Option<String> {
        let headers = read.covered.iter().filter_map(Component::digest_header);
        let mut wrong = headers.filter_map(|header| digest::difference(message, header, &message.body));
        wrong.next().map(|wrong| format!("the signature is right, and {wrong}"))
    }

    /// Where the signature's own text stands in the header's `value`.
    pub(super) fn signature_range(&self, value: &str) -> Option<std::ops::Range<usize>> {
        let (before, end) = match self.style {
            Style::Rfc9421 => (format!("{}=:", self.label.as_deref().unwrap_or_default()), ':'),
            Style::Cavage => ("signature=\"".to_owned(), '"'),
        };
        let start = value.find(&before)? + before.len();
        let length = value[start..].find(end)?;
        (length > 0).then_some(start..start + length)
    }

    /// Changes the time that a signature of `message` says it was made at, and nothing else; `false` where it says none.
    pub(crate) fn set_created(&self, place: &Place, message: &mut Message, seconds: &str) -> bool {
        let (place, name) = match self.style {
            Style::Rfc9421 => (Place::Header(INPUT.into()), "created="),
            Style::Cavage => (place.clone(), "created="),
        };
        let Some(value) = place.read(message) else { return false };
        let Some(at) = value.find(name).map(|at| at + name.len()) else {
            return false;
        };
        let digits = value[at..].bytes().take_while(u8::is_ascii_digit).count();
        let changed = format!("{}{seconds}{}", &value[..at], &value[at + digits..]);
        place.write(message, &changed)
    }

    /// Whether it says when it was made.
    pub(crate) fn writes_created(&self) -> bool {
        self.parameters
            .iter()
            .any(|(parameter, _)| *parameter == Parameter::Created)
    }

    /// The header that lists what is covered, where it is not in the one of the signature.
    pub(crate) fn input(&self) -> Option<&'static str> {
        (self.style == Style::Rfc9421).then_some(INPUT)
    }
}

/// A value of a parameter.
enum Stated {
    Seconds(i64),
    Text(String),
}

impl Read {
    /// The name and the value of each component.
    ///
    /// # Errors
    /// [`ContentError`] where one is not there.
    pub(crate) fn lines(&self, facts: &Facts<'_>) -> Result<Vec<(String, String)>, ContentError> {
        let line = |own: &Component| Ok((own.base_name().to_owned(), own.value(facts, self.times)?));
        self.covered.iter().map(line).collect()
    }

    /// The last line of the base, where it has one.
    pub(crate) fn parameters(&self) -> Option<&str> {
        self.parameters.as_deref()
    }
}

impl Unsigned {
    /// Puts the input into `headers`, where it has a header of its own; gives the text of the signature.
    pub(crate) fn finish(&self, signature: &str, headers: &mut Headers) -> String {
        match &self.parts {
            Around::Rfc9421 { label, input } => {
                let before = headers.text(INPUT).map(|before| format!("{before}{BETWEEN_LABELS}"));
                headers.set(INPUT, format!("{}{label}={input}", before.unwrap_or_default()));
                format!("{label}=:{signature}:")
            }
            Around::Cavage { before, behind } => format!("{before}{signature}{behind}"),
        }
    }
}

fn refused(what: String) -> GrammarError {
    GrammarError::Token(format!("has a signature that {what}"))
}

/// A signed time in seconds, however the provider writes it.
fn seconds(text: &str) -> Option<i64> {
    let units = [Unit::Seconds, Unit::HttpDate, Unit::Milliseconds];
    Unit::read(text, &units).ok().map(Timestamp::as_second)
}

impl fmt::Display for HttpSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let by = match self.style {
            Style::Rfc9421 => "RFC 9421",
            Style::Cavage => "draft-cavage-http-signatures",
        };
        let covers: Vec<String> = self.covers.iter().map(ToString::to_string).collect();
        write!(f, "as {by} has it, by {}, of ", self.algorithm)?;
        f.write_str(if covers.is_empty() { "no component" } else { "" })?;
        f.write_str(&covers.join(" "))
    }
}
