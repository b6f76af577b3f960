//! The table of algorithms: the scheme's own, other hash functions, and plain hashes that are no MAC.

use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};
use subtle::ConstantTimeEq as _;

use super::cause::Kind;
use crate::scheme::{self, Mac};
use crate::secret::Key;

/// One way from a key and a content to a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    /// One that a scheme may name.
    Named(scheme::Kind),
    /// A hash, with the key somewhere in what is hashed.
    Plain(Hash, At),
}

/// Where the key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// hash(key ‖ content)
    First,
    /// hash(content ‖ key)
    Last,
    /// hash(content)
    Nowhere,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha1,
    Sha512,
}

impl Hash {
    const ALL: [Self; 3] = [Self::Sha256, Self::Sha1, Self::Sha512];

    fn len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }
}

impl Algorithm {
    /// Every other algorithm that gives a tag of one of these lengths, in bytes.
    pub(super) fn others(own: scheme::Kind, lengths: &[usize]) -> Vec<Self> {
        Self::beside(own, |length| lengths.contains(&length))
    }

    /// Every other algorithm that gives one of these lengths only where its tag was cut, in bytes.
    pub(super) fn longer(own: scheme::Kind, lengths: &[usize]) -> Vec<Self> {
        Self::beside(own, |length| {
            !lengths.contains(&length) && lengths.iter().any(|cut| *cut < length)
        })
    }

    fn beside(own: scheme::Kind, fits: impl Fn(usize) -> bool) -> Vec<Self> {
        let mut all = scheme::Kind::HMACS.map(Self::Named).to_vec();
        for at in [At::First, At::Last, At::Nowhere] {
            all.extend(Hash::ALL.map(|hash| Self::Plain(hash, at)));
        }
        all.retain(|other| *other != Self::Named(own) && fits(other.len()));
        all
    }

    /// The length of its tags, in bytes.
    pub(super) fn len(self) -> usize {
        match self {
            Self::Named(kind) => kind.len(),
            Self::Plain(hash, _) => hash.len(),
        }
    }

    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Named(_) => Kind::SignatureAlgorithm,
            Self::Plain(..) => Kind::SignatureNotHmac,
        }
    }

    /// Whether the key has no part in it.
    pub(super) fn is_keyless(self) -> bool {
        matches!(self, Self::Plain(_, At::Nowhere))
    }

    /// The name in a recipe.
    pub(super) fn name(self) -> String {
        match self {
            Self::Named(kind) => kind.name().to_owned(),
            Self::Plain(hash, At::First) => format!("{}(key, content)", hash.name()),
            Self::Plain(hash, At::Last) => format!("{}(content, key)", hash.name()),
            Self::Plain(hash, At::Nowhere) => format!("{}(content)", hash.name()),
        }
    }

    /// What it is, in words.
    pub(super) fn says(self) -> String {
        let (hash, at) = match self {
            Self::Named(kind) => return kind.to_string(),
            Self::Plain(hash, at) => (hash.name().to_uppercase().replace("SHA", "SHA-"), at),
        };
        match at {
            At::First => format!("a plain {hash} of the secret followed by the content, which is no HMAC"),
            At::Last => format!("a plain {hash} of the content followed by the secret, which is no HMAC"),
            At::Nowhere => format!("a plain {hash} of the content, without any secret"),
        }
    }

    /// Begins a tag; `None` where `key` is no key of it.
    pub(super) fn begin(self, key: &Key) -> Option<Running> {
        let (hash, at) = match self {
            Self::Named(kind) => return Mac::new(kind, key).ok().map(Running::Named),
            Self::Plain(hash, at) => (hash, at),
        };
        let mut digest = match hash {
            Hash::Sha1 => Plain::Sha1(Sha1::new()),
            Hash::Sha256 => Plain::Sha256(Sha256::new()),
            Hash::Sha512 => Plain::Sha512(Sha512::new()),
        };
        let mut last = None;
        match at {
            At::First => digest.update(key.expose()),
            At::Last => last = Some(key.clone()),
            At::Nowhere => {}
        }
        Some(Running::Plain(digest, last))
    }
}

/// A tag being computed.
#[derive(Clone)]
pub(super) enum Running {
    Named(Mac),
    Plain(Plain, Option<Key>),
}

#[derive(Clone)]
pub(super) enum Plain {
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Sha512),
}

impl Plain {
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(digest) => digest.update(bytes),
            Self::Sha256(digest) => digest.update(bytes),
            Self::Sha512(digest) => digest.update(bytes),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Self::Sha1(digest) => digest.finalize().to_vec(),
            Self::Sha256(digest) => digest.finalize().to_vec(),
            Self::Sha512(digest) => digest.finalize().to_vec(),
        }
    }
}

impl Running {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Named(mac) => mac.update(bytes),
            Self::Plain(digest, _) => digest.update(bytes),
        }
    }

    pub(super) fn finish(self) -> Finished {
        match self {
            Self::Named(mac) if mac.is_public() => Finished::Public(Box::new(mac)),
            Self::Named(mac) => Finished::Tag(mac.finish().unwrap_or_default()),
            Self::Plain(mut digest, key) => {
                if let Some(key) = key {
                    digest.update(key.expose());
                }
                Finished::Tag(digest.finish())
            }
        }
    }
}

/// What came out.
pub(super) enum Finished {
    Tag(Vec<u8>),
    /// Nothing: the key verifies, and makes none.
    Public(Box<Mac>),
}

impl Finished {
    /// Whether it begins with `tag`; where only a verification can tell, whether it is `tag`. The first 128 bits are
    /// compared as one number: they tell nearly always, and this is asked most.
    pub(super) fn begins_with(&self, tag: &[u8]) -> bool {
        let head = |tag: &[u8]| tag.first_chunk().copied().map_or(0, u128::from_ne_bytes);
        match self {
            Self::Tag(own) => {
                bool::from(head(own).ct_eq(&head(tag))) && own.get(..tag.len()).is_some_and(|own| own.ct_eq(tag).into())
            }
            Self::Public(mac) => Mac::clone(mac).verify(tag),
        }
    }
}
