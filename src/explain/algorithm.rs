//! The table of algorithms: the scheme's own, other hash functions, plain hashes that are no MAC, and what is made of a
//! digest, of a MAC, or with the key and the content changed about.

use super::cause::Kind;
use crate::scheme::{self, HASHES, HashFunction, Hashing, Mac, Sink, Values};
use crate::secret::Key;

/// One way from a key and a content to a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// One that a scheme may name.
    Named(scheme::Kind),
    /// Any other.
    Made(Shape, &'static HashFunction),
}

impl From<scheme::Kind> for Algorithm {
    fn from(kind: scheme::Kind) -> Self {
        Self::Named(kind)
    }
}

/// What is done with the key and the content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// An HMAC.
    Hmac,
    /// hash(key ‖ text ‖ content)
    First(&'static str),
    /// hash(content ‖ text ‖ key)
    Last(&'static str),
    /// hash(key ‖ content ‖ key)
    Around,
    /// hash(content)
    Nowhere,
    /// An HMAC of key ‖ text ‖ content.
    Lead(&'static str),
    /// An HMAC of content ‖ text ‖ key.
    Tail(&'static str),
    /// An HMAC of the key under the content.
    Swapped,
    /// An HMAC of the content's hash.
    OfDigest(Form),
    /// An HMAC of the HMAC.
    OfMac(Form),
    /// The hash of the HMAC.
    HashOfMac(Form),
}

/// How a digest is written in what is hashed once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Raw,
    Hex,
    Base64,
}

impl Form {
    const ALL: [Self; 3] = [Self::Raw, Self::Hex, Self::Base64];

    fn write(self, tag: &[u8]) -> Vec<u8> {
        use base64::Engine as _;
        match self {
            Self::Raw => tag.to_vec(),
            Self::Hex => hex::encode(tag).into_bytes(),
            Self::Base64 => base64::engine::general_purpose::STANDARD.encode(tag).into_bytes(),
        }
    }

    fn says(self) -> &'static str {
        match self {
            Self::Raw => "bytes",
            Self::Hex => "hex text",
            Self::Base64 => "base64 text",
        }
    }
}

/// What stands between a key and a content in a plain hash. A line break can't be told from one of the secret's or the
/// body's own, which is likelier.
const BETWEEN: [&str; 6] = [".", ":", "|", "-", "_", "&"];

/// The likely ones, which are tried with other changes together.
fn likely() -> Vec<Algorithm> {
    let mut all = scheme::Kind::HMACS.map(Algorithm::Named).to_vec();
    for shape in [Shape::First(""), Shape::Last(""), Shape::Nowhere] {
        let common = HASHES.iter().filter(|hash| hash.is_common);
        all.extend(common.map(|hash| Algorithm::Made(shape, hash)));
    }
    all
}

/// The others, which are tried alone.
fn rare() -> Vec<Algorithm> {
    let mut all = Vec::new();
    for hash in HASHES.iter().filter(|hash| !hash.is_common) {
        for shape in [Shape::Hmac, Shape::First(""), Shape::Last(""), Shape::Nowhere] {
            all.push(Algorithm::Made(shape, hash));
        }
    }
    let mut shapes: Vec<Shape> = vec![Shape::Swapped, Shape::Around];
    shapes.extend(BETWEEN.map(Shape::First));
    shapes.extend(BETWEEN.map(Shape::Last));
    for between in ["", ";"].into_iter().chain(BETWEEN) {
        shapes.extend([Shape::Lead(between), Shape::Tail(between)]);
    }
    for form in Form::ALL {
        shapes.extend([Shape::OfDigest(form), Shape::OfMac(form), Shape::HashOfMac(form)]);
    }
    for shape in shapes {
        let hashes = HASHES.iter().filter(|hash| hash.is_common || hash.name == "md5");
        all.extend(hashes.map(|hash| Algorithm::Made(shape, hash)));
    }
    all
}

/// The other algorithms, by how likely they are.
pub(super) struct Algorithms {
    pub(super) likely: Vec<Algorithm>,
    pub(super) rare: Vec<Algorithm>,
}

impl Algorithms {
    /// Those beside `own` whose tags are as long as one of `lengths`, in bytes, or longer: a tag may have been cut.
    pub(super) fn beside(own: scheme::Kind, lengths: &[usize]) -> Self {
        let fits = |all: Vec<Algorithm>| -> Vec<Algorithm> {
            let mut all: Vec<Algorithm> = all
                .into_iter()
                .filter(|other| *other != Algorithm::Named(own) && lengths.iter().any(|length| *length <= other.len()))
                .collect();
            all.sort_by_key(|other| !lengths.contains(&other.len()));
            all
        };
        // Of a key pair, first what else the pair can sign.
        let pairs = scheme::Kind::all().filter(|other| own.is_by_pair() && other.is_by_pair());
        let pairs = pairs.map(Algorithm::Named);
        Self {
            likely: fits(pairs.chain(likely()).collect()),
            rare: fits(rare()),
        }
    }
}

impl Algorithm {
    /// A plain hash that was a provider's first signature.
    pub(super) fn sha256_of_key_and_content() -> Self {
        Self::Made(Shape::First(""), &HASHES[0])
    }

    /// The length of its tags, in bytes.
    pub(super) fn len(self) -> usize {
        match self {
            Self::Named(kind) => kind.longest(),
            Self::Made(_, hash) => hash.len,
        }
    }

    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Named(_) | Self::Made(Shape::Hmac, _) => Kind::SignatureAlgorithm,
            Self::Made(Shape::Swapped, _) => Kind::SecretSwapped,
            Self::Made(Shape::OfDigest(_) | Shape::OfMac(_), _) => Kind::ContentDigest,
            Self::Made(Shape::HashOfMac(_), _) => Kind::SignatureAlgorithm,
            Self::Made(Shape::Lead(_) | Shape::Tail(_), _) => Kind::ContentSeparator,
            Self::Made(..) => Kind::SignatureNotHmac,
        }
    }

    /// Whether the key has no part in it.
    pub(super) fn is_keyless(self) -> bool {
        matches!(self, Self::Made(Shape::Nowhere, _))
    }

    /// The name in a recipe.
    pub(super) fn name(self) -> String {
        let (shape, hash) = match self {
            Self::Named(kind) => return kind.name().to_owned(),
            Self::Made(shape, hash) => (shape, hash.name),
        };
        let text = |text: &str| {
            if text.is_empty() {
                String::new()
            } else {
                format!("{:?}, ", text)
            }
        };
        match shape {
            Shape::Hmac => format!("hmac-{hash}"),
            Shape::First(between) => format!("{hash}(key, {}content)", text(between)),
            Shape::Last(between) => format!("{hash}(content, {}key)", text(between)),
            Shape::Around => format!("{hash}(key, content, key)"),
            Shape::Lead(between) => format!("hmac-{hash} of key, {}content", text(between)),
            Shape::Tail(between) => format!("hmac-{hash} of content, {}key", text(between)),
            Shape::Nowhere => format!("{hash}(content)"),
            Shape::Swapped => format!("hmac-{hash} of the key under the content"),
            Shape::OfDigest(form) => format!("hmac-{hash} of {hash}(content) as {}", form.says()),
            Shape::OfMac(form) => format!("hmac-{hash} of hmac-{hash} as {}", form.says()),
            Shape::HashOfMac(form) => format!("{hash} of hmac-{hash} as {}", form.says()),
        }
    }

    /// What it is, in words.
    pub(super) fn says(self) -> String {
        let (shape, hash) = match self {
            Self::Named(kind) => return kind.to_string(),
            Self::Made(shape, hash) => (shape, hash.says),
        };
        let between = |text: &str| match text {
            "" => String::new(),
            text => format!(", with `{}` between them", text.escape_default()),
        };
        match shape {
            Shape::Hmac => format!("HMAC-{hash}"),
            Shape::First(text) => {
                format!(
                    "a plain {hash} of the secret followed by the content{}, which is no HMAC",
                    between(text)
                )
            }
            Shape::Last(text) => {
                format!(
                    "a plain {hash} of the content followed by the secret{}, which is no HMAC",
                    between(text)
                )
            }
            Shape::Around => format!("a plain {hash} of the content with the secret on both sides, which is no HMAC"),
            Shape::Nowhere => format!("a plain {hash} of the content, without any secret"),
            Shape::Lead(text) => {
                format!("HMAC-{hash} over the secret and the content behind it{}", between(text))
            }
            Shape::Tail(text) => {
                format!("HMAC-{hash} over the content and the secret behind it{}", between(text))
            }
            Shape::Swapped => {
                format!(
                    "HMAC-{hash} with the key and the content changed about: the content as the key, over the secret"
                )
            }
            Shape::OfDigest(form) => format!(
                "HMAC-{hash} over the content's {hash} as {}, and not over the content",
                form.says()
            ),
            Shape::OfMac(form) => format!(
                "HMAC-{hash} over the MAC itself as {}: it was computed twice",
                form.says()
            ),
            Shape::HashOfMac(form) => format!("the {hash} of the MAC as {}: it was hashed once more", form.says()),
        }
    }

    /// Begins a tag; `None` where `key` is no key of it.
    pub(super) fn begin(self, key: &Key) -> Option<Running> {
        let (shape, hash) = match self {
            Self::Named(kind) => return Mac::new(kind, key).ok().map(Running::Named),
            Self::Made(shape, hash) => (shape, hash),
        };
        let is_keyed = matches!(
            shape,
            Shape::Hmac | Shape::OfMac(_) | Shape::HashOfMac(_) | Shape::Lead(_) | Shape::Tail(_)
        );
        let mut hashing = if is_keyed {
            (hash.keyed)(key.expose())
        } else {
            (hash.plain)()
        };
        match shape {
            Shape::First(between) | Shape::Lead(between) => {
                hashing.update(key.expose());
                hashing.update(between.as_bytes());
            }
            Shape::Around => hashing.update(key.expose()),
            _ => {}
        }
        let beginning = matches!(shape, Shape::Swapped).then(Vec::new);
        Some(Running::Made(Box::new(Making {
            hash,
            shape,
            key: key.clone(),
            hashing,
            beginning,
        })))
    }
}

/// A tag being computed.
#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "the larger is what is nearly always computed")]
pub(super) enum Running {
    Named(Mac),
    Made(Box<Making>),
}

#[derive(Clone)]
pub(super) struct Making {
    hash: &'static HashFunction,
    shape: Shape,
    key: Key,
    hashing: Hashing,
    /// The content as long as it is short enough to be a key as it stands.
    beginning: Option<Vec<u8>>,
}

impl Making {
    fn update(&mut self, bytes: &[u8]) {
        self.hashing.update(bytes);
        if let Some(beginning) = &mut self.beginning {
            if beginning.len() + bytes.len() <= self.hash.block {
                beginning.extend_from_slice(bytes);
            } else {
                self.beginning = None;
            }
        }
    }

    fn finish(mut self) -> Vec<u8> {
        let once_more = |mut outer: Hashing, form: Form, tag: Vec<u8>| {
            outer.update(&form.write(&tag));
            outer.finish()
        };
        let key = self.key.expose();
        match self.shape {
            Shape::Hmac | Shape::First(_) | Shape::Lead(_) | Shape::Nowhere => self.hashing.finish(),
            Shape::Last(between) | Shape::Tail(between) => {
                self.hashing.update(between.as_bytes());
                self.hashing.update(key);
                self.hashing.finish()
            }
            Shape::Around => {
                self.hashing.update(key);
                self.hashing.finish()
            }
            Shape::Swapped => {
                // A key beyond the block is hashed first (RFC 2104, section 3).
                let content = self.beginning.unwrap_or_else(|| self.hashing.finish());
                let mut outer = (self.hash.keyed)(&content);
                outer.update(key);
                outer.finish()
            }
            Shape::OfDigest(form) | Shape::OfMac(form) => {
                once_more((self.hash.keyed)(key), form, self.hashing.finish())
            }
            Shape::HashOfMac(form) => once_more((self.hash.plain)(), form, self.hashing.finish()),
        }
    }
}

impl Running {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Named(mac) => mac.update(bytes),
            Self::Made(making) => making.update(bytes),
        }
    }

    pub(super) fn finish(self) -> Finished {
        match self {
            Self::Named(mac) if !mac.is_compared() => Finished::Public(Box::new(mac)),
            Self::Named(mac) => Finished::Tag(mac.finish().unwrap_or_default()),
            Self::Made(making) => Finished::Tag(making.finish()),
        }
    }
}

/// The secret is a part of a content where the scheme's own plain hash takes it; other algorithms have their own place
/// for it.
impl Sink for Running {
    fn take(&mut self, bytes: &[u8]) {
        self.update(bytes);
    }

    fn take_secret(&mut self) {
        if let Self::Named(mac) = self {
            mac.take_secret();
        }
    }

    fn take_values(&mut self, values: &Values<'_>) {
        match self {
            Self::Named(mac) => mac.take_values(values),
            Self::Made(_) => values.feed(b"", &mut |bytes| self.update(bytes)),
        }
    }
}

/// What came out.
pub(super) enum Finished {
    Tag(Vec<u8>),
    /// Nothing: the key verifies, and makes none.
    Public(Box<Mac>),
}
