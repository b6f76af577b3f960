//! A signature scheme as data: what is signed, with which MAC, and how the header writes it.

mod begin;
mod change;
mod content;
mod each;
mod fingerprint;
mod given;
mod hash;
mod header;
pub mod http_signature;
pub mod jws;
pub(crate) mod keys;
mod mac;
mod part;
mod url;

use std::ops::Range;

use indexmap::IndexMap;
use serde::Deserialize;

use crate::clock::{Tolerance, Unit};
use crate::message::{Message, Place, Places};
use crate::secret::KeyStep;

pub use begin::Begun;
pub use change::{Canonical, Change, Digest};
pub(crate) use content::feed;
pub use content::{Content, ContentError, Facts, Sink};
pub use each::{Each, Values};
pub use fingerprint::{fingerprint, is_key};
pub(crate) use given::table as given_table;
pub use given::{Given, NotGiven, is_name};
pub(crate) use hash::{HASHES, HashFunction, Running as Hashing};
pub use header::{Encoding, Grammar, GrammarError, Parsed, Position, Slot};
pub use http_signature::HttpSignature;
use http_signature::{HttpTable, Style};
pub use jws::Jws;
use jws::{JwsTable, Lasting};
pub use keys::is_file as is_key_file;
pub(crate) use keys::private_parts;
pub use mac::{Curve, Form, Hash, KeyError, Kind, Mac, Padding};
pub use part::Part;
pub use url::{BodyDigest, UrlRule};

/// How a provider signs its messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    /// Every one is written; any one that verifies counts.
    pub signatures: Vec<Signature>,
    /// The signed time, where there is one.
    pub timestamp: Option<TimestampRule>,
    /// Where the message's id stands.
    pub id: Option<Place>,
}

/// What a scheme proves of a request, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Nothing.
    Nothing,
    /// That its sender knows the secret.
    Shown,
    /// That its bytes are the sender's.
    Signed,
}

impl Scheme {
    /// What it proves.
    pub fn strength(&self) -> Strength {
        match (self.signatures.is_empty(), self.covers()) {
            (true, _) => Strength::Nothing,
            (false, false) => Strength::Shown,
            (false, true) => Strength::Signed,
        }
    }

    /// Whether any signature is over `part`.
    pub fn signs(&self, part: &Part) -> bool {
        self.signatures.iter().any(|signature| signature.content.signs(part))
    }

    /// Whether any signature is over the URL, or a part of it.
    pub fn signs_url(&self) -> bool {
        // An HTTP message signature may cover more than its table demands.
        self.signatures
            .iter()
            .any(|own| own.http.is_some() || own.content.signs_url())
    }

    /// Whether any signature is over the body, or over all that stands in it.
    pub fn covers_body(&self) -> bool {
        self.signatures.iter().any(Signature::covers_body)
    }

    /// Whether a signature or a fact that it signs is written into the URL's query.
    pub fn writes_query(&self) -> bool {
        let places = self.signatures.iter().map(Signature::place);
        let facts = self.timestamp.iter().map(|rule| &rule.from).chain(&self.id);
        places.chain(facts).any(|place| matches!(place, Place::Query(_)))
    }

    /// The signatures that are there, in the order of the scheme.
    pub fn found<'a>(&'a self, message: &'a Message) -> impl Iterator<Item = FoundSignature<'a>> {
        self.signatures.iter().flat_map(|signature| signature.found(message))
    }

    /// The names of the headers that a signature may stand in.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.signatures.iter().flat_map(Signature::headers)
    }

    /// Where the secret itself is shown.
    pub fn shown(&self) -> impl Iterator<Item = &Place> {
        let shown = self.signatures.iter().filter(|signature| signature.kind.is_shown());
        shown.flat_map(|signature| &signature.places)
    }

    /// Whether any signature covers bytes: none does where the provider shows its secret or signs nothing.
    pub fn covers(&self) -> bool {
        self.signatures.iter().any(|signature| !signature.kind.is_shown())
    }
}

/// A signature that is there.
#[derive(Debug)]
#[non_exhaustive]
pub struct FoundSignature<'a> {
    /// Which of the scheme's signatures it is.
    pub signature: &'a Signature,
    /// Where it stands, as the scheme has it.
    pub place: &'a Place,
    /// The item of the list that it signs, where `place` is in each.
    pub item: Option<usize>,
    /// What stands there says, or why it can't be read.
    pub parsed: Result<Parsed, GrammarError>,
    /// The same of an HTTP message signature that can be read, taken apart.
    pub(crate) http: Option<http_signature::Read>,
}

/// One signature.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "SignatureTable")]
pub struct Signature {
    /// The MAC.
    pub kind: Kind,
    /// Where it stands: the first is written, all are read.
    pub places: Vec<Place>,
    /// How what stands there is put together.
    pub grammar: Grammar,
    /// The encoding that is written, and read.
    pub encoding: Encoding,
    /// Other encodings that are read.
    pub accept: Vec<Encoding>,
    /// What is signed.
    pub content: Content,
    /// How a secret becomes the key.
    pub key: Vec<KeyStep>,
    /// Which writings of the URL are tried.
    pub url: UrlRule,
    /// A digest of the body in the URL's query, for senders that sign the URL alone.
    pub digest: Option<BodyDigest>,
    /// Which of several keys is used, for signatures by a key pair.
    pub keys: KeyRule,
    /// The token that the signature is part of, where it is one.
    pub jws: Option<Box<Jws>>,
    /// The list of components that it signs, where it is an HTTP message signature.
    pub http: Option<Box<HttpSignature>>,
}

/// Where a sender with several keys says which one it used, and where it publishes them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyRule {
    /// Where the key's id stands.
    pub id: Option<Place>,
    /// Where the provider publishes the keys. Nothing is fetched from there.
    pub published: Option<String>,
}

/// `[[signature]]` as it stands in a provider's table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SignatureTable {
    kind: KindName,
    headers: Option<Vec<String>>,
    from: Option<Places>,
    item: Option<String>,
    list: Option<String>,
    fields: Option<String>,
    positions: Option<String>,
    packed: Option<String>,
    encoding: Option<Encoding>,
    #[serde(default)]
    accept: Vec<Encoding>,
    content: Option<Content>,
    #[serde(default)]
    key: Vec<KeyStep>,
    #[serde(default)]
    url: UrlRule,
    digest: Option<BodyDigest>,
    key_id: Option<Place>,
    published: Option<String>,
    algorithm: Option<String>,
    claims: Option<IndexMap<String, Part>>,
    also: Option<IndexMap<String, Part>>,
    time: Option<String>,
    lifetime: Option<Lasting>,
    not_before: Option<bool>,
    leeway: Option<Lasting>,
    b64: Option<bool>,
    covers: Option<Vec<String>>,
    parameters: Option<Vec<String>>,
    label: Option<String>,
    tag: Option<String>,
    keyid: Option<String>,
    says: Option<String>,
    body_digest: Option<String>,
}

/// The kinds that are tokens.
const TOKENS: [&str; 2] = ["jwt", "jws"];
/// The kinds of whose signatures the algorithm is another field.
const WITH_ALGORITHM: [&str; 4] = ["jwt", "jws", "rfc9421", "cavage"];

/// `kind`, of which it is known at its own line that there is such a one.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct KindName(String);

impl TryFrom<String> for KindName {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        match Kind::try_from(name.clone()) {
            Err(problem) if !WITH_ALGORITHM.contains(&name.as_str()) => {
                Err(format!("{problem}, `{}`", WITH_ALGORITHM.join("`, `")))
            }
            _ => Ok(Self(name)),
        }
    }
}

/// What the kind decides of a signature.
struct ByKind {
    kind: Kind,
    jws: Option<Box<Jws>>,
    http: Option<Box<HttpSignature>>,
    encoding: Encoding,
    content: Content,
}

impl SignatureTable {
    /// Takes out what the kind decides.
    fn by_kind(&mut self) -> Result<ByKind, String> {
        if let Some(style) = HttpTable::style(&self.kind.0) {
            return self.http(style);
        }
        if !self.take_http().is_empty() {
            return Err(format!(
                "`covers`, `parameters` and what belongs to them are of the kinds rfc9421 and cavage, and not of `{}`",
                self.kind.0
            ));
        }
        let tokens = JwsTable {
            algorithm: self.algorithm.take(),
            claims: self.claims.take(),
            also: self.also.take(),
            time: self.time.take(),
            lifetime: self.lifetime.take(),
            not_before: self.not_before.take(),
            leeway: self.leeway.take(),
            b64: self.b64.take(),
        };
        let name = std::mem::take(&mut self.kind.0);
        if let Some(kind) = Kind::try_from(name.clone()).ok().filter(|kind| kind.is_shown())
            && tokens.is_empty()
        {
            return self.shown(kind);
        }
        let content = self.content.take();
        let missing = |what: &str| format!("missing field `{what}`");
        if !TOKENS.contains(&name.as_str()) {
            if !tokens.is_empty() {
                return Err(format!(
                    "`{name}` has none of a token's fields, such as `algorithm` and `claims`"
                ));
            }
            return Ok(ByKind {
                kind: Kind::try_from(name)?,
                jws: None,
                http: None,
                encoding: self.encoding.ok_or_else(|| missing("encoding"))?,
                content: content.ok_or_else(|| missing("content"))?,
            });
        }
        if self.encoding.is_some() || !self.accept.is_empty() {
            return Err("a token has its own encoding: leave `encoding` and `accept` out".into());
        }
        let (kind, jws, signed) = tokens.read(&name)?;
        let content = match (signed, content) {
            (Some(signed), None) => signed,
            (Some(_), Some(_)) => return Err("a `jwt` signs what its `claims` say, and has no `content`".into()),
            (None, content) => content.ok_or_else(|| missing("content"))?,
        };
        self.item.get_or_insert_with(|| "{sig}".into());
        Ok(ByKind {
            kind,
            jws: Some(Box::new(jws)),
            http: None,
            encoding: Encoding::Base64Url,
            content,
        })
    }
}

impl SignatureTable {
    /// The fields of an HTTP message signature alone.
    fn take_http(&mut self) -> HttpTable {
        HttpTable {
            covers: self.covers.take(),
            parameters: self.parameters.take(),
            label: self.label.take(),
            tag: self.tag.take(),
            keyid: self.keyid.take(),
            says: self.says.take(),
            body_digest: self.body_digest.take(),
            ..HttpTable::default()
        }
    }

    /// An HTTP message signature says what it covers, and stands where its specification has it.
    fn http(&mut self, style: Style) -> Result<ByKind, String> {
        let table = HttpTable {
            algorithm: self.algorithm.take(),
            lifetime: self.lifetime.take(),
            separator: self.list.take(),
            ..self.take_http()
        };
        let is_own = self.content.is_none() && self.encoding.is_none() && self.accept.is_empty();
        let is_token = self.claims.is_some() || self.also.is_some() || self.b64.is_some() || self.time.is_some();
        if !is_own || is_token || self.leeway.is_some() || self.not_before.is_some() || self.digest.is_some() {
            return Err(format!(
                "`{}` says with `covers` what is signed, and is base64: it has no `content`, `encoding`, `digest` or claims",
                self.kind.0
            ));
        }
        if self.key_id.is_some() || self.from.is_some() || self.fields.is_some() || self.positions.is_some() {
            return Err(format!(
                "`{}` has its own form, with the key's id in it: it has no `from`, `fields`, `positions` or `key_id`",
                self.kind.0
            ));
        }
        if style == Style::Rfc9421 && (self.headers.is_some() || self.item.is_some()) {
            return Err(
                "an `rfc9421` stands in Signature and Signature-Input: it has no `headers` and no `item`".into(),
            );
        }
        self.headers.get_or_insert_with(|| vec!["Signature".into()]);
        self.item.get_or_insert_with(|| "{sig}".into());
        let (kind, http) = table.read(style)?;
        Ok(ByKind {
            kind,
            jws: None,
            encoding: Encoding::Base64,
            content: http.content(),
            http: Some(Box::new(http)),
        })
    }

    /// How what stands in its place is put together.
    fn grammar(&self) -> Result<Grammar, String> {
        let list = self.list.as_deref();
        match (&self.item, &self.fields, &self.positions, &self.packed) {
            (Some(item), None, None, None) => Grammar::items(item, list),
            (None, Some(fields), None, None) if list.is_none() => Grammar::fields(fields),
            (None, None, Some(positions), None) if list.is_none() => Grammar::positions(positions),
            (None, None, None, Some(packed)) if list.is_none() => Grammar::packed(packed),
            _ => Err("a signature has either `item` (and perhaps `list`), `fields`, `positions` or `packed`".into()),
        }
    }

    /// A secret that is shown signs nothing, and has its usual form where none is given.
    fn shown(&mut self, kind: Kind) -> Result<ByKind, String> {
        if self.content.is_some() || self.digest.is_some() {
            return Err(format!(
                "a `{}` shows the secret and signs nothing: it has no `content` and no `digest`",
                kind.name()
            ));
        }
        let is_basic = kind == Kind::Basic;
        if is_basic && self.headers.is_none() && self.from.is_none() {
            self.headers = Some(vec!["Authorization".into()]);
        }
        if self.item.is_none() && self.fields.is_none() {
            self.item = Some(if is_basic { "Basic {sig}" } else { "{sig}" }.into());
        }
        let usual = if is_basic { Encoding::Base64 } else { Encoding::Text };
        Ok(ByKind {
            kind,
            jws: None,
            http: None,
            encoding: self.encoding.unwrap_or(usual),
            content: Content::of(Vec::new()),
        })
    }
}

impl TryFrom<SignatureTable> for Signature {
    type Error = String;

    fn try_from(mut table: SignatureTable) -> Result<Self, Self::Error> {
        let ByKind {
            kind,
            jws,
            http,
            encoding,
            content,
        } = table.by_kind()?;
        let grammar = table.grammar()?;
        let places = match (table.headers, table.from) {
            (Some(headers), None) => headers
                .into_iter()
                .map(|name| Place::try_from(format!("header:{name}")))
                .collect::<Result<Vec<_>, _>>()?,
            (None, Some(from)) => from.0,
            _ => return Err("a signature has either `headers` or `from`, which says where it stands".into()),
        };
        let nowhere = |place: &&Place| {
            matches!(
                place,
                Place::Signature | Place::Constant(_) | Place::Claim(_) | Place::Xml(_)
            )
        };
        if let Some(place) = places.iter().find(nowhere) {
            return Err(format!(
                "a signature's `from` is header:NAME, body:/pointer, form:NAME, query:NAME or body, and not `{}`",
                place.name()
            ));
        }
        if places.is_empty() {
            return Err("`headers` names no header".into());
        }
        let jws = of_place(jws, &places[0])?;
        if (table.key_id.is_some() || table.published.is_some()) && !kind.is_by_pair() {
            return Err(format!(
                "`key_id` and `published` are for key pairs, and {} has a shared secret",
                kind
            ));
        }
        if content.has_secret() != kind.is_plain() {
            return Err(match kind.is_plain() {
                true => format!("{} signs nothing without {{secret}} in `content`", kind),
                false => "{secret} stands in what a plain hash takes; a MAC has it as its key".into(),
            });
        }
        if content.reads_each() && !places.iter().all(Place::is_each) {
            return Err("`content` has a `*`, and where the signature stands does not".into());
        }
        if places[0].is_in_body() && content.covers_body() {
            return Err("a signature in the body can't be over the whole body".into());
        }
        Ok(Self {
            kind,
            places,
            grammar,
            encoding,
            accept: table.accept,
            content,
            key: table.key,
            url: table.url,
            digest: table.digest,
            keys: KeyRule {
                id: table.key_id,
                published: table.published,
            },
            jws,
            http,
        })
    }
}

/// The token of a signature that stands in `place`: where that is the whole body, the body is its claims.
fn of_place(mut jws: Option<Box<Jws>>, place: &Place) -> Result<Option<Box<Jws>>, String> {
    if *place == Place::Whole {
        let claims = jws.as_mut().and_then(|jws| jws.claims_mut());
        let claims = claims.ok_or("what is the whole body is a token: `from = \"body\"` is of `kind = \"jwt\"`")?;
        claims.is_body = true;
    }
    Ok(jws)
}

impl Signature {
    /// The label of a signature of RFC 9421, where it is one and has one.
    pub(crate) fn label(&self) -> Option<Option<&str>> {
        let http = self.http.as_ref()?;
        (http.style == Style::Rfc9421).then_some(http.label.as_deref())
    }

    /// Where it stands, each value that is there parsed.
    pub fn found<'a>(&'a self, message: &'a Message) -> impl Iterator<Item = FoundSignature<'a>> {
        let of_http = self.http.iter().flat_map(|http| http.found(self, message));
        let places = if self.http.is_some() { &[] } else { &self.places[..] };
        let others = places.iter().flat_map(move |place| {
            let values = place.values(message).into_iter().enumerate();
            values.map(move |(index, value)| FoundSignature {
                signature: self,
                place,
                item: place.is_each().then_some(index),
                parsed: self.parse(&value),
                http: None,
            })
        });
        of_http.chain(others)
    }

    /// Reads what stands in its place. A token that no key can make right is refused, unless there are others.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(&self, value: &[u8]) -> Result<Parsed, GrammarError> {
        let mut parsed = self.grammar.parse(value)?;
        let Some(jws) = &self.jws else { return Ok(parsed) };
        let mut wrong = None;
        let mut time = None;
        parsed.signatures.retain(|text| match jws.read(text) {
            Ok(token) => {
                time = time.take().or_else(|| jws.time(&token));
                true
            }
            Err(error) => {
                wrong = wrong.take().or(Some(error));
                false
            }
        });
        match wrong.filter(|_| parsed.signatures.is_empty()) {
            Some(error) => Err(error),
            None => {
                parsed.timestamp = time;
                Ok(parsed)
            }
        }
    }

    /// Shows `see` each given value that it signs.
    pub(crate) fn givens(&mut self, see: &mut dyn FnMut(&mut Given)) {
        self.content.givens(see);
        if let Some(jws) = &mut self.jws {
            jws.givens(see);
        }
    }

    /// `value` with what `change`, which is never given an empty text, makes of the signature in it; the rest stays.
    pub(crate) fn changed(&self, value: &str, change: impl Fn(&[u8]) -> Vec<u8>) -> Option<Vec<u8>> {
        if matches!(self.grammar, Grammar::Packed { .. }) {
            let mut parsed = self.grammar.parse(value.as_bytes()).ok()?;
            let text = parsed.signatures.first_mut()?;
            *text = String::from_utf8_lossy(&change(text.as_bytes())).into_owned();
            return Some(self.grammar.format(&parsed).into_bytes());
        }
        let range = self.signature_range(value)?;
        let mut whole = value.as_bytes().to_vec();
        let changed = change(&whole[range.clone()]);
        whole.splice(range, changed);
        Some(whole)
    }

    /// Where the signature's own text stands in `value`, of which the rest stays when it is broken.
    fn signature_range(&self, value: &str) -> Option<Range<usize>> {
        if let Some(http) = &self.http {
            return http.signature_range(value);
        }
        let range = self.grammar.signature_range(value).filter(|range| !range.is_empty())?;
        let dot = self.jws.as_ref().and_then(|_| value[range.clone()].rfind('.'));
        Some(range.start + dot.map_or(0, |dot| dot + 1)..range.end)
    }

    /// Whether it is over the body, or over all that stands in it.
    pub fn covers_body(&self) -> bool {
        self.content.covers_body() || self.digest.is_some() || *self.place() == Place::Whole
    }

    /// Where it is written.
    pub fn place(&self) -> &Place {
        &self.places[0]
    }

    /// The names of the headers that it may stand in.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        self.places.iter().filter_map(Place::header)
    }

    /// The text of a secret that signs, made of random bytes: decoded by the key's steps, and with the first prefix that
    /// they take away.
    pub fn new_secret(&self, random: [u8; 32]) -> Vec<u8> {
        let (prefixes, decoding): (Vec<&KeyStep>, Vec<&KeyStep>) =
            self.key.iter().partition(|step| matches!(step, KeyStep::Strip(_)));
        let mut text = self.kind.key(random);
        for step in decoding.into_iter().rev().chain(prefixes.into_iter().take(1)) {
            text = step.undo(text);
        }
        text
    }

    /// The MAC in a signature's text, where it is in an encoding that is read and as long as the MAC is.
    pub fn decode(&self, text: &str) -> Option<Vec<u8>> {
        if let Some(http) = &self.http {
            let tag = http.read(text).ok().map(|read| read.tag);
            return tag.filter(|tag| self.kind.fits(tag.len()));
        }
        if let Some(jws) = &self.jws {
            return jws
                .read(text)
                .ok()
                .map(|token| token.tag)
                .filter(|tag| self.kind.fits(tag.len()));
        }
        std::iter::once(&self.encoding)
            .chain(&self.accept)
            .find_map(|encoding| encoding.decode(text))
            .filter(|tag| self.kind.fits(tag.len()))
    }
}

/// `[timestamp]`: the signed time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimestampRule {
    /// Where it stands.
    pub from: Place,
    /// The unit that is written, and read.
    pub unit: Unit,
    /// Other units that are read.
    #[serde(default)]
    pub accept: Vec<Unit>,
    /// How far off it may be.
    #[serde(default)]
    pub tolerance: Tolerance,
}

impl TimestampRule {
    /// Every unit that is read, the written one first.
    pub fn units(&self) -> Vec<Unit> {
        std::iter::once(self.unit).chain(self.accept.iter().copied()).collect()
    }
}
